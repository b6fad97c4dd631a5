"""Persons: what they send again, and how they hear of trouble."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from channels.words import plain
from jobs import orders
from jobs.sweep import REMINDER
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.states import Status
from store import placements
from store import tables as t
from tests.jobs.bench import (
    ACCOUNT,
    DAY,
    GROUPS,
    Bench,
    Recorder,
    entry,
    failed_pushes,
    sheet,
    to_staff,
    to_students,
)  # fmt: skip

# -- persons


def test_a_resend_goes_only_to_those_who_did_not_get_it_under_a_new_key(bench3: Bench) -> None:
    bench3.vendor.says(GROUPS, Outcome.DELIVERED, Outcome.UNKNOWN_CODE)
    bench3.publish(to_staff(), to_students())
    bench3.deliver()
    bench3.deliver()
    [failed] = failed_pushes(bench3.office)
    again = orders.send_again(bench3.office, failed, "王老师")
    bench3.deliver()
    assert [call.addresses for call in bench3.vendor.calls] == [("g1",), ("q1",), ("q1",)]
    assert len(set(bench3.vendor.keys())) == 3
    [new] = bench3.rows(t.pushes, id=again)
    assert (new.resend_of, new.made_by) == (failed, "王老师")
    assert failed_pushes(bench3.office) == []
    assert orders.send_again(bench3.office, failed, "王老师") is None
    assert [act.act for act in bench3.rows(t.acts)] == ["补推"]


def test_a_resend_to_several_addresses_names_only_the_failed_ones(bench: Bench) -> None:
    bench.enter(to_students())
    bench.route()
    with bench.db.write() as conn:
        dues = placements.waiting(conn, bench.clock.now)
        to = bench.office.school.targets["Q1"]
        push_id = orders.make_push(conn, bench.office, to, dues, bench.clock.now, ["甲", "乙", "丙"])
        d = t.deliveries
        for address, status in (("甲", Status.DELIVERED), ("乙", Status.FAILED), ("丙", Status.FAILED)):
            conn.execute(d.update().where(d.c.address == address).values(status=status))
    assert push_id is not None
    assert failed_pushes(bench.office) == [push_id]
    again = orders.send_again(bench.office, push_id, "王老师")
    assert [row.address for row in bench.rows(t.deliveries, push_id=again)] == ["乙", "丙"]


def test_a_resend_of_a_held_item_does_not_leave(bench: Bench) -> None:
    row = to_students()
    bench.vendor.says(GROUPS, Outcome.UNKNOWN_CODE)
    bench.publish(row)
    bench.deliver()
    [item] = bench.rows(t.items)
    orders.cancel(bench.office, item.id, "王老师", "")
    for failed in failed_pushes(bench.office):
        orders.send_again(bench.office, failed, "王老师")
    bench.tick()
    assert len(bench.vendor.keys(GROUPS)) == 1


# -- telling people


def test_alarms_beyond_what_one_notice_shows_are_told_in_the_next(bench: Bench) -> None:
    bench.vendor.usual = lambda call: Outcome.REFUSED if call.channel == GROUPS else Outcome.DELIVERED
    for _ in range(11):
        bench.publish(to_students())
        bench.deliver()
    told = [bench.sweep().told for _ in range(3)]
    assert told == [8, 3, 0]
    assert sum(len(titles) for titles in bench.vendor.titles("duty")) == 11


def test_an_alarm_of_the_people_on_duty_themselves_goes_through_the_next_target(bench: Bench) -> None:
    bench.office.school = _with_alarms(bench, ("D1", "G1"))
    orders.pause(bench.office, "duty", "王老师", "")
    bench.vendor.says(ACCOUNT, Outcome.REFUSED)
    bench.publish(entry())
    bench.deliver(ACCOUNT)
    assert bench.sweep().told == 1
    assert [call.addresses for call in bench.vendor.calls][-1] == ("g1",)


def test_nobody_is_told_at_night_and_everybody_in_the_morning(bench: Bench) -> None:
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_students())
    bench.deliver()
    bench.clock.forward(hours=12)
    assert bench.sweep().told == 0
    bench.clock.forward(hours=12)
    assert bench.sweep().told == 1


def test_a_notice_that_did_not_get_through_is_told_again(bench: Bench) -> None:
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.vendor.says("duty", Outcome.UNAVAILABLE)
    bench.publish(to_students())
    bench.deliver()
    assert [bench.sweep().told for _ in range(3)] == [0, 1, 0]


def test_a_reminder_names_what_was_pushed_and_where_and_carries_no_mark_of_a_push(bench: Bench) -> None:
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_students(title="关于评奖的公示"), to_students(title="第二件"))
    bench.deliver()
    [text] = bench.alarms()
    assert text.startswith("条目 1“关于评奖的公示”等 2 条发往学生群，失败：")
    assert Bundle(key="0" * 32, school="某校", pieces=(), kind=REMINDER).mark == ""
    assert plain(Bundle(key="0" * 32, school="某校", pieces=(), kind=REMINDER)) == f"【某校 {REMINDER}】"


def test_an_item_that_has_gone_from_its_file_is_named_by_its_title(bench: Bench) -> None:
    bench.watch(sheet(to_students(title="关于评奖的公示")))
    bench.watch(sheet())
    [told] = bench.alarms()
    assert told.startswith("条目 1“关于评奖的公示”已从 登记表.xlsx 中消失")


SAID = {"失败": Outcome.REFUSED, "待定": Outcome.UNCERTAIN, "受阻": Outcome.UNAVAILABLE}
SECRET = "关于教职工张某“违规”处分的内部通报" + "，附情况说明" * 10


@pytest.mark.parametrize("trouble", ["失败", "受阻", "待定", "消失", "无目标", "无法编排", "过期"])
@pytest.mark.parametrize(("duty", "permitted"), [("教职工", True), ("学生", False), ("校内", False)])
def test_a_reminder_names_an_item_by_its_title_only_to_whom_it_may_be_shown(
    bench: Bench, trouble: str, duty: str, permitted: bool
) -> None:
    bench.target("D1", audience=duty)
    _get_into(bench, trouble)
    assert trouble in bench.subjects() and bench.sweep().told
    told = "".join(title for titles in bench.vendor.titles("duty") for title in titles)
    assert ("张某" in told, "内部通报" in told) == (permitted, permitted)
    assert told.startswith("条目 1" + ("“关于教职工张某‘违规’处分" if permitted else " "))
    assert permitted or "说明" not in told


def _get_into(bench: Bench, trouble: str) -> None:
    """A staff item in this kind of trouble."""
    bench.vendor.usual = lambda call: SAID.get(trouble, Outcome.DELIVERED) if call.channel == GROUPS else None
    if trouble == "无目标":
        bench.office.school = replace(bench.office.school, routes=())
    if trouble == "无法编排":
        bench.use(Recorder).room = 10
    bench.watch(sheet(to_staff(title=SECRET, ends_on=DAY if trouble == "过期" else None)))
    bench.route()
    bench.clock.forward(days=trouble == "过期")
    bench.plan()
    if trouble == "消失":
        bench.watch(sheet())
    for _ in range(8):
        bench.clock.forward(minutes=20)
        bench.deliver()


def test_an_alarm_goes_to_the_next_on_duty_when_the_first_has_left_the_register_or_its_channel_is_off(bench: Bench) -> None:
    bench.office.school = _with_alarms(bench, ("X9", "D1", "G1"))
    bench.office.channels = {n: each for n, each in bench.office.channels.items() if n != "duty"}
    bench.vendor.says(ACCOUNT, Outcome.REFUSED)
    bench.publish(entry())
    bench.deliver(ACCOUNT)
    assert bench.sweep().told == 1
    assert [call.addresses for call in bench.vendor.calls][-1] == ("g1",)


def test_an_alarm_that_nobody_can_be_told_of_lapses_after_a_week_with_a_line_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.office.school = _with_alarms(bench, ("X9",))
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_students(title="关于评奖的公示"))
    bench.deliver()
    bench.clock.forward(days=7)
    bench.sweep()
    assert [alarm.told_at for alarm in bench.rows(t.alarms)] == [None]
    bench.clock.forward(minutes=1)
    with caplog.at_level(logging.ERROR):
        bench.sweep()
    assert "关于评奖的公示" in caplog.text and "没有值班目标可发" in caplog.text
    [alarm] = bench.rows(t.alarms)
    assert (alarm.told_at, alarm.told_by) == (bench.clock.now, "无人可告")


def _with_alarms(bench: Bench, numbers: tuple[str, ...]) -> Any:
    return replace(bench.office.school, alarm_targets=numbers)
