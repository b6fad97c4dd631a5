"""`bot.py once`: each line names its channel, and what waits says why and how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from desk import rounds
from desk.errors import DeskError
from rules.outcome import Outcome
from store import facts, stand
from store.db import Db
from tests import factory as f
from tests.desk.conftest import Front
from tests.jobs.bench import GROUPS, Bench, entry, make_bench


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


def once(bench: Bench, kind: str) -> list[str]:
    return list(rounds._once(bench.office, kind))


def test_every_line_of_a_channel_names_it_by_its_label(bench: Bench) -> None:
    for kind, title in (("deliver", "发送"), ("track", "核实"), ("measure", "人数")):
        assert once(bench, kind) == [f"{title} 渠道{name}：没有新的" for name in bench.office.channels]


def test_plan_says_why_placements_wait_and_how_many(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.enter(entry(audience=("学生",)), entry(audience=("学生",)), entry(audience=("教职工",)))
    bench.route()
    assert once(bench, "plan") == ["编排：等待 3 条次", "  等待 3 条次：确认模式：等待确认（python bot.py confirm）"]
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.clock.forward(hours=12)
    assert once(bench, "plan") == ["编排：等待 3 条次", "  等待 3 条次：不在 08:00—20:00 之间"]


def test_deliver_says_why_queued_ones_have_not_left(bench: Bench) -> None:
    bench.publish(entry(audience=("学生",)))
    bench.vendor.usual = Outcome.UNAVAILABLE
    lines = once(bench, "deliver")
    assert f"发送 渠道{GROUPS}：发送 1 个地址，平台暂不可用 1" in lines
    assert any(line.startswith("  等待 1 个地址：") for line in lines)


def test_a_paused_channel_is_told_with_its_time_its_reason_and_the_way_on(bench: Bench) -> None:
    assert list(rounds.paused(bench.office)) == []
    with bench.db.write() as conn:
        facts.pause(conn, GROUPS, by="张三", reason="群在整顿", now=bench.clock.now)
    assert list(rounds.paused(bench.office)) == [
        "渠道groups已暂停：2020-09-10 09:00 起，张三，原因：群在整顿。恢复：python bot.py resume groups"
    ]


def test_an_unknown_job_is_refused_with_those_that_are_there(bench: Bench) -> None:
    with pytest.raises(DeskError, match="watch、scan、review、route、plan"):
        rounds.run_once(bench.office, "wach")


def test_a_workbook_that_cannot_be_opened_is_told_at_its_first_look(front: Front) -> None:
    register = front.home / "var" / "登记表"
    register.mkdir(parents=True)
    (register / "坏的.xlsx").write_bytes(b"PK\x03\x04 cut off")
    told = "坏的.xlsx打不开（文件不完整或已损坏）"
    for _ in range(2):
        assert told in front("once", "watch").output
    found = front("check").output
    [line] = [line for line in found.splitlines() if "watch.信息公开登记表" in line]
    assert line.startswith("✗") and told in line


def test_check_lists_a_paused_channel_and_an_untold_reminder_as_findings(front: Front) -> None:
    assert front("once", "sweep").exit_code == 0
    assert "已暂停" not in front("check").output
    assert front("pause", "onebot", "--reason", "群在整顿").exit_code == 0
    db = front.db()
    with db.write() as conn:
        facts.raise_alarm(conn, "试", "推送 7（Q01）失败：群已解散", f.moment("2020-09-10"))
    db.close()
    lines = front("check").output.splitlines()
    [paused] = [n for n, line in enumerate(lines) if "已暂停" in line]
    assert lines[paused].startswith("✗ channels.onebot：学生工作QQ群已暂停：") and "原因：群在整顿" in lines[paused]
    assert "python bot.py resume onebot" in lines[paused + 1]
    assert "✗ 提醒：推送 7（Q01）失败：群已解散" in lines
    assert "已暂停：" in front("once", "sweep").output


def test_check_says_who_hears_of_trouble_and_what_of_an_item_they_hear(front: Front) -> None:
    [line] = [line for line in front("check").output.splitlines() if "school.alarm_targets" in line]
    assert line.startswith("✓ school.alarm_targets：故障提醒发往信息公开值班群（G09）、信息公开值班QQ群（Q09）")
    assert line.endswith("提醒中只写编号，不写标题")


def test_check_looks_at_a_folder_without_keeping_anything(front: Front) -> None:
    register = front.home / "var" / "登记表"
    register.mkdir(parents=True)
    (register / "登记表.csv").write_text("标题,批准日期\n通知,2020-09-01\n", encoding="utf-8")
    for _ in range(2):
        assert "文件夹" in front("check").output
    assert not (front.home / "data" / "xxgk.sqlite3").exists() or "新增" not in front("items").output


def test_check_says_of_a_folder_whose_files_have_gone_what_the_watch_says(front: Front) -> None:
    register = front.home / "var" / "登记表"
    register.mkdir(parents=True)
    assert "文件夹还是空的，请放入登记表" in front("check").output
    (register / "登记表.csv").write_text("标题,批准日期\n通知,2020-09-01\n", encoding="utf-8")
    assert front("once", "watch").exit_code == 0
    (register / "登记表.csv").unlink()
    assert front("once", "watch").exit_code == 1, "a source that was not read"
    assert front("once", "route").exit_code == 0
    [line] = [line for line in front("check").output.splitlines() if "watch.信息公开登记表" in line]
    assert line.startswith("✗") and line.endswith("中没有文件了")


@pytest.mark.parametrize("url", ["oracle://a:b@c/d", "postgresql://a:b@127.0.0.1:1/d"])
def test_check_explains_a_database_that_cannot_be_had(front: Front, url: str) -> None:
    front.env["XXGK_DATABASE_URL"] = url
    lines = front("check").output.splitlines()
    [n] = [n for n, line in enumerate(lines) if "XXGK_DATABASE_URL" in line and line.startswith("✗")]
    assert lines[n + 1].strip().startswith("→ ")


def test_how_things_stand_is_counted_on_every_database(db: Db) -> None:
    now = f.moment("2020-09-10")
    with db.write() as conn:
        for _ in range(2):
            f.place(conn, f.add_item(conn, now), "G01", now)
        f.push(conn, "Q01", [f.place(conn, f.add_item(conn, now), "Q01", now)], now)
        f.publish(conn, "A01", now)
    with db.read() as conn:
        assert [n for _, n in stand.waiting(conn)] == [2]
        assert [n for _, n in stand.held_back(conn, "onebot")] == [1]
        assert stand.held_back(conn, "wecom_bot") == []
        assert {str(status): n for status, n in stand.statuses(conn).items()} == {"queued": 1, "delivered": 1}
