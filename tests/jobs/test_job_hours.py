"""Class hours, urgency by a person's order, and a time to send: kept when planned and again in the claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from jobs import amend, orders
from rules.dates import Window, at, day_of
from rules.school import Lessons
from store import tables as t
from tests.jobs.bench import GROUPS, Bench, entry, to_students


@pytest.fixture
def classes(bench: Bench) -> Bench:
    """A student group with classes from nine to eleven."""
    lessons = (Lessons("学生", (Window(time(9), time(11)),)),)
    bench.office.school = replace(bench.office.school, lessons=lessons, confirm=False)
    return bench


def at_clock(bench: Bench, hour: int, minute: int = 0) -> None:
    bench.clock.now = at(day_of(bench.clock.now), time(hour, minute))


def sent(bench: Bench) -> list[str]:
    return [title for call in bench.vendor.calls if call.channel == GROUPS for title in call.titles if title in "甲乙"]


def test_an_item_waits_for_the_end_of_the_class_and_says_so(classes: Bench) -> None:
    at_clock(classes, 10)
    classes.publish(to_students(title="甲"))
    classes.tick()
    assert sent(classes) == []
    assert [row.reason for row in classes.rows(t.placements)] == ["上课时间 09:00—11:00 不推送"]
    at_clock(classes, 11)
    classes.tick()
    assert sent(classes) == ["甲"]


def test_a_group_of_staff_and_students_waits_too_and_the_account_that_anyone_reads_does_not(classes: Bench) -> None:
    classes.target("Q1", audience="校内")
    at_clock(classes, 10)
    classes.publish(entry(title="甲", audience=("校内",)), entry(title="丙", number="2"))
    classes.tick()
    heard = {address: call.titles for call in classes.vendor.calls for address in call.addresses}
    assert heard == {"g1": ("甲",), "全体": ("丙",)}, "the staff's own group and the account, not the mixed group"
    at_clock(classes, 11)
    classes.tick()
    assert ("q1",) in [call.addresses for call in classes.vendor.calls]


def test_a_push_made_before_the_class_is_held_in_the_claim(classes: Bench) -> None:
    at_clock(classes, 8, 59)
    classes.publish(to_students(title="甲"))
    at_clock(classes, 9)
    classes.deliver()
    assert sent(classes) == []
    [row] = classes.rows(t.deliveries)
    assert (row.status, row.not_before) == ("queued", at(day_of(classes.clock.now), time(11)))


def test_what_a_person_calls_urgent_goes_in_class_hours_and_at_night_alone_and_her_name_is_kept(classes: Bench) -> None:
    at_clock(classes, 22)
    classes.publish(to_students(title="甲"), to_students(title="乙", number="2"))
    orders.hurry(classes.office, 1, "王老师", "台风停课")
    classes.tick()
    assert sent(classes) == ["甲"]
    item = classes.rows(t.items)[0]
    assert (item.urgent_by, item.urgent_why) == ("王老师", "台风停课")
    [act] = classes.rows(t.acts)
    assert (act.act, act.person, act.reason) == ("紧急", "王老师", "台风停课")
    classes.tick()
    assert sent(classes) == ["甲"]


def test_urgency_crosses_no_fence_and_no_review(classes: Bench) -> None:
    at_clock(classes, 22)
    classes.publish(to_students(title="甲", review=None, approved_on=None))
    orders.hurry(classes.office, 1, "王老师", "台风停课")
    classes.tick()
    assert sent(classes) == [] and classes.rows(t.pushes) == []


def test_what_waits_in_a_bundle_goes_alone_once_it_is_urgent(classes: Bench) -> None:
    at_clock(classes, 8, 59)
    classes.publish(to_students(title="甲"), to_students(title="乙", number="2"))
    assert len(classes.rows(t.pushes)) == 1
    at_clock(classes, 10)
    orders.hurry(classes.office, 2, "王老师", "考试改期")
    classes.tick()
    assert sent(classes) == ["乙"]


def test_urgency_that_is_taken_back_waits_again(classes: Bench) -> None:
    at_clock(classes, 22)
    classes.publish(to_students(title="甲"))
    orders.hurry(classes.office, 1, "王老师", "台风停课")
    orders.hurry(classes.office, 1, "王老师", "")
    classes.tick()
    assert sent(classes) == []


def test_an_urgent_order_takes_the_place_of_a_time_that_was_set_before(classes: Bench) -> None:
    classes.publish(to_students(title="甲"))
    orders.schedule(classes.office, 1, "王老师", classes.clock.now + timedelta(days=2))
    orders.hurry(classes.office, 1, "王老师", "急")
    classes.tick()
    assert len(classes.vendor.calls) == 1


def test_a_scheduled_item_goes_at_its_time_and_waits_for_no_slot(classes: Bench) -> None:
    classes.set(slots=(time(18),))
    at_clock(classes, 12)
    classes.publish(to_students(title="甲"))
    orders.schedule(classes.office, 1, "王老师", classes.clock.now + timedelta(hours=2))
    classes.tick()
    assert sent(classes) == []
    assert "推送" in classes.rows(t.placements)[0].reason and "定于" in classes.rows(t.placements)[0].reason
    at_clock(classes, 14)
    classes.tick()
    assert sent(classes) == ["甲"]


def test_a_time_to_send_takes_apart_the_push_that_waits_already(classes: Bench) -> None:
    at_clock(classes, 12)
    classes.publish(to_students(title="甲"))
    orders.schedule(classes.office, 1, "王老师", classes.clock.now + timedelta(days=1))
    classes.tick()
    assert sent(classes) == []
    assert classes.statuses() == ["cancelled"]
    classes.clock.forward(days=1)
    classes.tick()
    assert sent(classes) == ["甲"]


def test_at_night_a_push_made_by_day_lets_only_what_is_urgent_out(classes: Bench) -> None:
    at_clock(classes, 12)
    classes.enter(to_students(title="甲"), to_students(title="乙", number="2"))
    classes.route()
    orders.hurry(classes.office, 1, "王老师", "台风停课")
    classes.plan()
    assert len(classes.rows(t.pushes)) == 1  # by day both may go, and travel together
    at_clock(classes, 22)
    classes.deliver()
    assert sent(classes) == []
    classes.tick()
    assert sent(classes) == ["甲"]
    at_clock(classes, 22, 30)
    classes.tick()
    assert sent(classes) == ["甲"]
    classes.clock.now = at(day_of(classes.clock.now) + timedelta(days=1), time(12))
    classes.tick()
    assert sent(classes) == ["甲", "乙"]


def test_a_correction_of_what_was_urgent_once_waits_for_the_morning(classes: Bench) -> None:
    at_clock(classes, 22)
    classes.publish(to_students(title="甲", number="1"))
    orders.hurry(classes.office, 1, "王老师", "台风停课")
    classes.tick()
    assert sent(classes) == ["甲"]
    classes.clock.forward(days=3)
    classes.enter(to_students(title="甲", number="1", summary="改过的摘要"))
    classes.route()
    classes.clock.forward(minutes=1)
    assert list(amend.correct(classes.office, 1, "王老师", "摘要有误").targets) == ["Q1"]
    classes.tick()
    assert len(classes.vendor.calls) == 1
    orders.hurry(classes.office, 1, "王老师", "停课时间有误")
    classes.tick()
    assert len(classes.vendor.calls) == 2


def test_an_item_that_was_urgent_a_month_ago_and_is_taken_up_again_waits_for_the_morning(classes: Bench) -> None:
    at_clock(classes, 21)
    classes.publish(to_students(title="甲", number="1"))
    orders.hurry(classes.office, 1, "王老师", "台风停课")
    orders.cancel(classes.office, 1, "王老师", "不用了")
    classes.clock.forward(days=30)
    assert orders.take_up(classes.office, 1, "王老师") is not None
    classes.tick()
    assert sent(classes) == []
