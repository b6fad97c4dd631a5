"""/healthz: 503 only when the bot cannot work; what waits for a person is said in plain words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from desk.health import SILENCE, Pulse, health
from jobs.settle import STUBBORN
from rules.outcome import Outcome
from sources.base import Fetched, Health
from store import facts
from store.db import Db
from tests.jobs.bench import COLUMN, GROUPS, Bench, entry, make_bench, sheet
from web.app import create_app
from web.server import running


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


@pytest.fixture
def pulse(bench: Bench) -> Pulse:
    return Pulse(bench.clock.now)


def ask(bench: Bench, pulse: Pulse) -> requests.Response:
    app = create_app(bench.db, {}, bench.clock, lambda: health(bench.office, pulse))
    with running(app) as base, requests.Session() as session:
        session.trust_env = False
        return session.get(f"{base}/healthz", timeout=10)


def test_a_bot_that_is_well_says_so(bench: Bench, pulse: Pulse) -> None:
    bench.watch(sheet(entry()))
    answer = ask(bench, pulse)
    said = answer.json()
    assert (answer.status_code, said["ok"], said["reason"]) == (200, True, "正常")
    assert said["channels"][GROUPS] == {"state": "ok", "since": None}
    assert said["watches"][COLUMN.name]["state"] == "ok"
    columns = (*bench.office.school.columns, replace(COLUMN, name="新栏目"))
    bench.office.school = replace(bench.office.school, columns=columns)
    assert ask(bench, pulse).json()["watches"]["新栏目"] == {"state": "new", "since": None}


def test_a_paused_channel_is_named_with_its_time_and_is_no_reason_to_restart_the_bot(
    bench: Bench, pulse: Pulse
) -> None:
    with bench.db.write() as conn:
        facts.pause(conn, GROUPS, by="张三", reason="某人投诉", now=bench.clock.now)
    answer = ask(bench, pulse)
    assert answer.status_code == 200 and answer.json()["ok"]
    assert "渠道groups自 2020-09-10 09:00 起暂停" in answer.text, "not as \\u…"
    assert answer.json()["channels"][GROUPS] == {"state": "paused", "since": "2020-09-10T09:00:00+08:00"}
    assert "张三" not in answer.text and "投诉" not in answer.text


def test_a_channel_that_fails_again_and_again_is_named(bench: Bench, pulse: Pulse) -> None:
    bench.publish(entry(audience=("学生",)))
    bench.vendor.usual = Outcome.UNAVAILABLE
    for _ in range(STUBBORN):
        assert ask(bench, pulse).json()["channels"][GROUPS]["state"] == "ok"
        bench.deliver()
        pulse.beat(bench.clock.forward(hours=1))
    said = ask(bench, pulse).json()
    assert said["channels"][GROUPS]["state"] == "failing"
    assert f"渠道groups连续 {STUBBORN} 次没有发成" in said["reason"]


def test_a_watch_that_cannot_read_is_named_since_when(bench: Bench, pulse: Pulse) -> None:
    bench.watch(sheet(entry()))
    bench.clock.forward(minutes=10)
    bench.watch(Fetched(health=Health.BAD, note="打不开"))
    said = ask(bench, pulse).json()
    assert said["watches"][COLUMN.name] == {"state": "failing", "since": "2020-09-10T09:00:00+08:00"}
    assert f"监看“{COLUMN.name}”自 2020-09-10 09:00 起读取失败" in said["reason"]


def test_a_file_that_is_open_for_an_hour_is_nobodys_trouble_but_after_a_day_it_is(bench: Bench, pulse: Pulse) -> None:
    bench.watch(sheet(entry()))
    pulse.beat(bench.clock.forward(hours=1))
    bench.watch(Fetched(health=Health.PARTIAL, note="正被打开"))
    said = ask(bench, pulse).json()
    assert said["watches"][COLUMN.name]["state"] == "partial" and said["reason"] == "正常"
    pulse.beat(bench.clock.forward(hours=24))
    assert "没有读全" in ask(bench, pulse).json()["reason"]


def test_a_scheduler_that_stands_still_is_a_503(bench: Bench, pulse: Pulse) -> None:
    bench.clock.now += SILENCE - timedelta(seconds=1)
    assert ask(bench, pulse).status_code == 200
    bench.clock.now += timedelta(seconds=1)
    answer = ask(bench, pulse)
    assert answer.status_code == 503
    assert answer.json()["scheduler"]["state"] == "failing" and "定时任务停止" in answer.json()["reason"]


def test_a_database_that_does_not_answer_is_a_503_that_says_so(bench: Bench, pulse: Pulse) -> None:
    with bench.db.write() as conn:
        conn.exec_driver_sql("DROP TABLE watches")
    answer = ask(bench, pulse)
    assert answer.status_code == 503
    assert answer.json()["ok"] is False and "数据库读不到" in answer.text


def test_no_title_and_no_note_leaves_by_this_door(bench: Bench, pulse: Pulse) -> None:
    bench.publish(entry(title="一份通知"))
    bench.watch(Fetched(health=Health.BAD, note="某某名单.xlsx 打不开"))
    said = json.dumps(ask(bench, pulse).json(), ensure_ascii=False)
    assert "一份通知" not in said and "名单" not in said
