"""Every channel on one screen, with what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.base import SendError
from desk import channels as desk
from rules.dates import SHANGHAI
from rules.outcome import Outcome
from store import facts
from store import tables as t
from store.db import Db
from tests.jobs.bench import ACCOUNT, DUTY, GROUPS, Bench, entry, make_bench, to_staff, to_students


@pytest.fixture
def bench(db: Db) -> Iterator[Bench]:
    made = make_bench(db)
    yield made
    made.close()


def line(bench: Bench, capsys: pytest.CaptureFixture[str], name: str = GROUPS) -> dict[str, Any]:
    desk.show(bench.office, as_json=True)
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["channels"]}
    mine: dict[str, Any] = found[name]
    return mine


def test_a_channel_that_has_done_nothing_yet_has_nothing_to_be_done(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    said = line(bench, capsys)
    assert (said["state"], said["successes"], said["failures"], said["last_success"]) == ("在用", 0, 0, None)
    assert (said["targets"], said["next"]) == (2, ["无需处理"])


def test_successes_and_failures_are_counted_in_pushes_up_to_the_newest(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.publish(to_staff(), to_students())
    bench.deliver()
    assert (line(bench, capsys)["successes"], line(bench, capsys)["failures"]) == (2, 0)
    good = bench.clock.now
    bench.clock.forward(hours=1)
    bench.vendor.usual = SendError(Outcome.UNKNOWN_CODE, "答复不明")
    bench.publish(to_staff(title="第二条"))
    bench.deliver()
    said = line(bench, capsys)
    assert (said["successes"], said["failures"], said["failed"]) == (0, 1, 1)
    assert said["last_success"] == good.astimezone(SHANGHAI).isoformat()
    assert (
        said["last_failure"] == bench.clock.now.astimezone(SHANGHAI).isoformat() and said["last_reason"] == "答复不明"
    )
    assert said["next"] == [
        "最近一次没有发成（2020-09-10 10:00）：答复不明",
        f"今日失败 1 个。看原因：python bot.py log --failed --channel {GROUPS}；补推再加 --retry",
    ]
    bench.clock.forward(days=1)
    assert line(bench, capsys)["failed"] == 0


def test_a_draft_counts_as_a_success_and_waits_for_a_person(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.vendor.usual = Outcome.HANDED
    bench.vendor.says(ACCOUNT, lambda call: _handed(call))
    bench.publish(entry())
    bench.deliver(ACCOUNT)
    said = line(bench, capsys, ACCOUNT)
    assert (said["successes"], said["handed"]) == (1, 1) and said["last_success"] is not None
    assert said["next"] == ["1 个等人办理：草稿请到平台后台发出或删除，交办事项见  python bot.py hand-off"]


def _handed(call: Any) -> Any:
    from channels.base import Sent

    return [Sent(address=each, outcome=Outcome.HANDED) for each in call.addresses]


def test_what_is_uncertain_or_waits_says_what_to_do(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN, Outcome.THROTTLED)
    bench.publish(to_staff(), to_students())
    bench.deliver()
    said = line(bench, capsys)
    assert (said["uncertain"], said["queued"], said["failures"]) == (1, 1, 1)
    assert said["next"] == [
        "最近一次没有发成（2020-09-10 09:00）：对方答复throttled",
        "1 个结果待定，请核对后登记：python bot.py uncertain",
        "等待中，不用处理：对方答复throttled",
    ]


def test_a_paused_channel_says_since_when_by_whom_why_and_how_it_goes_on(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    with bench.db.write() as conn:
        facts.pause(conn, GROUPS, by="张三", reason="群主投诉", now=bench.clock.now)
    said = line(bench, capsys)
    assert (said["state"], said["paused_by"], said["reason"]) == ("已暂停", "张三", "群主投诉")
    assert said["paused_at"] == "2020-09-10T09:00:00+08:00"
    assert said["next"] == [f"2020-09-10 09:00 起，张三，原因：群主投诉。查明后恢复：python bot.py resume {GROUPS}"]


def test_a_channel_that_is_switched_off_is_still_listed_with_its_targets(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.office.channels = {name: each for name, each in bench.office.channels.items() if name != DUTY}
    settings = {name: each for name, each in bench.office.school.channels.items() if name != DUTY}
    bench.office.school = replace(bench.office.school, channels=settings)
    said = line(bench, capsys, DUTY)
    assert (said["state"], said["label"], said["targets"]) == ("停用", DUTY, 1)
    assert said["next"] == [
        "没有启用，1 个目标收不到推送。需要时删去 school.toml 中 [channels.duty] 的 enabled = false"
    ]


def test_a_channel_that_pushes_no_item_last_did_well_when_it_told_a_person_or_read_a_figure(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    first, then = bench.clock.now, bench.clock.now + timedelta(hours=2)
    told = {"text": "故障", "raised_at": first, "told_by": "D1", "told_at": first}
    read = {"target": "Q1", "metric": "阅读", "value": 1, "basis": "平台统计", "true_at": then, "known_at": then}
    with bench.db.write() as conn:
        conn.execute(t.alarms.insert().values(subject="自检:1", **told))
    assert line(bench, capsys, DUTY)["last_success"] == first.astimezone(SHANGHAI).isoformat()
    with bench.db.write() as conn:
        conn.execute(t.reach.insert().values(channel=GROUPS, **read))
    assert line(bench, capsys)["last_success"] == then.astimezone(SHANGHAI).isoformat()


def test_the_screen_explains_its_numbers(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.publish(to_staff())
    bench.deliver()
    desk.show(bench.office, as_json=False)
    out = capsys.readouterr().out
    assert "连成 1" in out and "20-09-10 09:00" in out and f"渠道groups（{GROUPS}）：无需处理" in out
    assert "待编排：还没有编入推送的条次" in out


def test_what_the_audit_found_and_what_must_be_taken_back_by_hand_is_told(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    from jobs import amend

    with bench.db.write() as conn:
        facts.raise_alarm(conn, f"自检:{GROUPS}:KEY", "例行自检：密钥失效。请更换", bench.clock.now, channel=GROUPS)
        facts.raise_alarm(conn, f"自检:{DUTY}:KEY", "别的渠道的", bench.clock.now, channel=DUTY)
    bench.publish(to_students())
    bench.deliver()
    bench.target("Q1", address="改了地址")
    amend.retract(bench.office, bench.rows(t.items)[0].id, "王老师", "有误")
    assert line(bench, capsys)["next"] == ["例行自检：密钥失效。请更换", "1 处须由人撤回或撤下：python bot.py recalls"]
    with bench.db.write() as conn:
        facts.clear_alarm(conn, f"自检:{GROUPS}:KEY", bench.clock.now)
    assert line(bench, capsys)["next"] == ["1 处须由人撤回或撤下：python bot.py recalls"]
