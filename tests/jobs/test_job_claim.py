"""Claim: what may leave is taken once, with its attempt and its allowances, and every question is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from channels.base import Rate
from jobs import orders
from jobs.claim import claim
from jobs.deliver import LEASE
from jobs.office import new_owner
from rules.dates import at
from rules.item import CLOSED
from rules.outcome import Outcome
from rules.routing import Route
from store import facts
from store import tables as t
from tests import factory as f
from tests.jobs.bench import (
    DAY,
    GROUPS,
    Bench,
    Recorder,
    Resolving,
    entry,
    to_staff,
    to_students,
)
from tests.jobs.test_job_plan import together


def many_groups(bench: Bench, number: int, **entries: object) -> None:
    """An item for each of many groups, planned."""
    for n in range(number):
        bench.target(f"S{n:02d}", audience="学生", address=f"s{n}")
    routes = (replace(bench.office.school.routes[0], target_audiences=("学生",)),)
    bench.office.school = replace(bench.office.school, routes=routes)
    bench.target("Q1", channel=None)
    bench.publish(to_students(**entries))


def test_two_processes_never_claim_the_same_delivery(bench3: Bench) -> None:
    many_groups(bench3, 24)
    offices = [bench3.colleague() for _ in range(2)]

    def take(office: Bench) -> list[int]:
        found: list[int] = []
        while True:
            batch, _ = claim(office.office, GROUPS, new_owner(), 3, LEASE)
            if not batch:
                return found
            found += [each.id for call in batch for each in call.deliveries]

    one, other = together([lambda: take(offices[0]), lambda: take(offices[1])])
    assert sorted(one + other) == [row.id for row in bench3.rows(t.deliveries)]
    assert len(bench3.rows(t.attempts)) == 24


def test_two_bots_on_one_store_send_each_push_once(bench3: Bench) -> None:
    many_groups(bench3, 30)
    offices = [bench3.colleague() for _ in range(2)]
    together([office.deliver for office in offices])
    assert len(bench3.vendor.keys()) == len(set(bench3.vendor.keys())) == 30
    assert set(bench3.statuses()) == {"delivered"}


def test_the_attempt_is_written_before_the_vendor_is_called(bench3: Bench) -> None:
    def look(_call: object) -> None:
        [row] = bench3.rows(t.deliveries)
        assert row.status == "sending"
        assert row.lease_until > bench3.clock.now
        assert [a.id for a in bench3.rows(t.attempts)] == [row.attempt_id]

    bench3.vendor.says(GROUPS, look)
    bench3.publish(to_students())
    bench3.deliver()
    assert bench3.statuses() == ["delivered"]


def test_no_database_session_is_open_during_a_call(bench: Bench) -> None:
    def look(_call: object) -> None:
        with bench.colleague().db.write() as conn:  # would wait for a writer, and fail after its time
            facts.set_meta(conn, "free", "yes")
        assert bench.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    bench.vendor.says(GROUPS, look)
    bench.publish(to_students())
    bench.deliver()
    assert bench.statuses() == ["delivered"]


def test_where_nothing_can_resolve_no_more_is_claimed_than_can_leave_at_once(bench: Bench) -> None:
    many_groups(bench, 12)
    bench.use(Recorder, senders=2)
    flying = []
    bench.vendor.usual = lambda _call: flying.append(bench.statuses().count("sending"))
    bench.deliver()
    assert max(flying) <= 2
    bench.vendor.usual = Outcome.DELIVERED


def test_a_sliding_allowance_is_shared_by_two_processes(bench3: Bench) -> None:
    rate = Rate(name="每分钟", most=5, per=timedelta(minutes=1), of="channel")
    bench3.use(Recorder, rates=(rate,))
    many_groups(bench3, 12)
    offices = [bench3.colleague() for _ in range(2)]
    together([office.deliver for office in offices])
    assert len(bench3.vendor.keys()) == 5
    assert "每分钟额度已用完" in next(row.reason for row in bench3.rows(t.deliveries) if row.status == "queued")
    bench3.clock.forward(seconds=59)
    bench3.deliver()
    assert len(bench3.vendor.keys()) == 5
    bench3.clock.forward(seconds=3)
    while bench3.deliver().claimed:
        pass
    assert len(bench3.vendor.keys()) == 10


def test_an_allowance_of_each_address_holds_up_no_other_address(bench: Bench) -> None:
    bench.use(Recorder, rates=(Rate(name="每群", most=1, per=timedelta(hours=1)),))
    for _ in range(2):
        bench.publish(to_students(), to_staff())
        for _ in range(3):
            bench.deliver()
    assert sorted(call.addresses for call in bench.vendor.calls) == [("g1",), ("q1",)]


def test_a_days_allowance_is_shared_by_two_processes_and_renewed_at_midnight(bench3: Bench) -> None:
    bench3.use(Recorder, rates=(Rate(name="每日", most=3, per="day", of="channel"),))
    many_groups(bench3, 7)
    together([office.deliver for office in (bench3.colleague(), bench3.colleague())])
    assert len(bench3.vendor.keys()) == 3
    bench3.clock.now = at(DAY, time(19, 59))
    bench3.deliver()
    assert len(bench3.vendor.keys()) == 3
    bench3.clock.now = at(date(2020, 9, 11), time(8))
    for _ in range(4):
        bench3.deliver()
    assert len(bench3.vendor.keys()) == 6


def test_a_months_allowance_comes_back_on_the_first(bench: Bench) -> None:
    bench.use(Recorder, rates=(Rate(name="每月", most=1, per="month", of="channel"),))
    many_groups(bench, 2)
    bench.clock.now = at(date(2020, 9, 30), time(19))
    for _ in range(2):
        bench.deliver()
    assert len(bench.vendor.keys()) == 1
    bench.clock.now = at(date(2020, 10, 1), time(8))
    bench.deliver()
    assert len(bench.vendor.keys()) == 2


def test_a_days_allowance_is_given_back_when_the_vendor_refuses(bench3: Bench) -> None:
    bench3.use(Recorder, rates=(Rate(name="每日", most=1, per="day", of="channel"),))
    bench3.vendor.says(GROUPS, Outcome.REFUSED)
    many_groups(bench3, 2)
    for _ in range(3):
        bench3.deliver()
    assert bench3.statuses() == ["failed", "delivered"]


def test_a_day_is_used_once_by_a_push_however_often_it_is_tried(bench: Bench) -> None:
    bench.use(Recorder, rates=(Rate(name="每日", most=1, per="day", of="channel"),))
    bench.vendor.says(GROUPS, Outcome.THROTTLED, Outcome.UNAVAILABLE)
    bench.publish(to_students())
    for _ in range(3):
        bench.deliver()
        bench.clock.forward(minutes=5)
    assert bench.statuses() == ["delivered"]


def test_a_push_left_over_from_yesterday_counts_today(bench: Bench) -> None:
    """At most so many a day, whenever a push was first tried."""
    bench.use(Recorder, rates=(Rate(name="每日", most=1, per="day"),))
    bench.vendor.says(GROUPS, Outcome.UNAVAILABLE)
    bench.publish(to_students(title="昨天的"))
    bench.deliver()
    bench.clock.now = at(date(2020, 9, 11), time(8))
    bench.deliver()
    bench.publish(to_students(title="今天的"))
    bench.deliver()
    assert bench.vendor.titles() == [("昨天的",), ("昨天的",)]


def test_the_allowance_of_a_push_that_was_taken_apart_is_free_again(bench: Bench) -> None:
    bench.use(Recorder, rates=(Rate(name="每月", most=1, per="month", of="channel"),))
    row = to_students(title="旧")
    bench.vendor.says(GROUPS, Outcome.THROTTLED)
    bench.publish(row)
    bench.deliver()
    bench.enter(replace(row, title="新"))
    bench.tick()
    assert bench.vendor.titles() == [("旧",), ("新",)]


# -- every question once more


def test_a_scope_narrowed_between_plan_and_delivery_stops_the_push(bench3: Bench) -> None:
    row = entry(audience=("校内",), title="校内")
    bench3.publish(row, to_students(title="学生"))
    # the register is corrected: the students' group has parents in it
    bench3.target("Q1", audience="社会")
    assert bench3.deliver().claimed == 1
    assert [call.addresses for call in bench3.vendor.calls] == [("g1",)]
    bench3.plan()
    assert [w.target for w in bench3.waiting()] == ["Q1", "Q1"]
    assert all("超出范围" in w.reason for w in bench3.waiting())


def test_a_target_whose_group_has_changed_gets_a_push_of_its_own(bench: Bench) -> None:
    """The fence was asked about the group that stands in the register now, not about the one queued for."""
    bench.publish(to_students())
    bench.target("Q1", address="q1-new")
    for _ in range(2):
        bench.tick()
    assert [call.addresses for call in bench.vendor.calls] == [("q1-new",)]


def test_a_push_for_a_target_that_is_gone_waits_for_a_person(bench: Bench) -> None:
    bench.publish(to_students())
    bench.target("Q1", channel=None)
    assert bench.deliver().claimed == 0
    [row] = bench.rows(t.deliveries)
    assert row.status == "queued"
    assert "登记册" in row.reason


def test_a_withdrawn_review_stops_a_planned_push(bench: Bench) -> None:
    bench.publish(to_students())
    with bench.db.write() as conn:
        conn.execute(t.reviews.update().values(conclusion="不予公开"))
    assert bench.deliver().claimed == 0
    bench.plan()
    assert "先审查、后公开" in bench.waiting()[0].reason


def test_hours_are_asked_again_when_a_push_leaves(bench: Bench) -> None:
    bench.clock.now = at(DAY, time(19, 59))
    bench.publish(to_students())
    bench.clock.forward(minutes=1)
    assert bench.deliver().claimed == 0
    [row] = bench.rows(t.deliveries)
    assert row.not_before == at(date(2020, 9, 11), time(8))
    assert "08:00—20:00" in row.reason


# -- persons


@pytest.mark.parametrize("urgent", [False, True])
def test_no_call_begins_after_the_hours_however_many_were_claimed_within_them(bench3: Bench, urgent: bool) -> None:
    many_groups(bench3, 6, urgent=urgent)
    bench3.use(Resolving)
    bench3.clock.now = at(DAY, time(19, 58, 50))
    bench3.vendor.usual = lambda _call: bench3.clock.forward(seconds=30) and None
    done = bench3.deliver()
    assert [call.at.strftime("%H:%M:%S") for call in bench3.vendor.calls] == ["19:58:50", "19:59:20", "19:59:50"]
    assert (done.claimed, done.released) == (6, 3)
    assert sorted(bench3.statuses()) == ["delivered"] * 3 + ["queued"] * 3
    waiting = bench3.rows(t.deliveries, status="queued")
    assert {row.reason for row in waiting} == {"不在 08:00—20:00 之间"}
    assert {row.not_before for row in waiting} == {at(DAY + timedelta(days=1), time(8))}
    bench3.vendor.usual = Outcome.DELIVERED
    bench3.clock.now = at(DAY + timedelta(days=1), time(8))
    bench3.deliver()
    assert bench3.statuses() == ["delivered"] * 6 and len(set(bench3.vendor.keys())) == 6


def test_what_was_prepared_until_after_the_hours_leaves_the_next_morning(bench3: Bench) -> None:
    bench3.use(Resolving, prepares=True)
    bench3.publish(to_students())
    bench3.clock.now = at(DAY, time(19, 59))
    bench3.vendor.prepares.append(lambda _key: bench3.clock.forward(minutes=2))
    bench3.deliver()
    [row] = bench3.rows(t.deliveries)
    assert not bench3.vendor.calls
    assert (row.status, row.reason) == ("queued", "不在 08:00—20:00 之间")
    assert row.not_before == at(DAY + timedelta(days=1), time(8))
    bench3.clock.now = row.not_before
    bench3.deliver()
    assert len(bench3.vendor.calls) == 1 and sum(bench3.vendor.prepared.values()) == 1


def test_a_paused_channel_sends_nothing_and_goes_on_when_resumed(bench3: Bench) -> None:
    bench3.publish(to_students())
    assert orders.pause(bench3.office, GROUPS, "王老师", "") == [GROUPS]
    assert orders.pause(bench3.office, GROUPS, "李老师", "") == []
    assert bench3.deliver().claimed == 0
    assert orders.resume(bench3.office, orders.ALL, "王老师") == [GROUPS]
    assert bench3.deliver().claimed == 1


def test_a_pause_takes_effect_before_the_next_call(bench3: Bench) -> None:
    many_groups(bench3, 12)
    bench3.use(Resolving)
    colleague = bench3.colleague()

    def stop(_call: object) -> None:
        orders.pause(colleague.office, orders.ALL, "王老师", "停")

    bench3.vendor.says(GROUPS, stop)
    done = bench3.deliver()
    assert len(bench3.vendor.calls) <= 2  # the one that was on the wire, and the one already handed to its sender
    assert done.released >= 10
    assert set(bench3.statuses()) == {"delivered", "queued"}
    calls = len(bench3.vendor.calls)
    bench3.clock.forward(minutes=10)
    bench3.deliver()
    assert len(bench3.vendor.calls) == calls


def test_a_cancel_takes_effect_before_the_next_call(bench: Bench) -> None:
    many_groups(bench, 12)
    bench.use(Resolving)
    [item] = bench.rows(t.items)
    bench.vendor.says(GROUPS, lambda _call: orders.cancel(bench.office, item.id, "王老师", "发错了") and None)
    bench.deliver()
    for _ in range(3):
        bench.clock.forward(minutes=5)
        bench.tick()
    assert len(bench.vendor.keys(GROUPS)) <= 2
    assert sum(p.ended == "cancelled" for p in bench.rows(t.placements)) >= 10


@pytest.mark.parametrize(
    "over",
    [
        {"disclosure": CLOSED},
        {"review": None},
        {"audience": ("教职工",), "inner_reason": "内部管理事项"},
        {"title": "改后"},
    ],
)
def test_a_row_edited_during_another_items_call_does_not_leave_as_it_was(
    bench3: Bench, over: dict[str, object]
) -> None:
    """Both pushes were claimed together; the second one's call had not begun."""
    bench3.use(Resolving)
    bench3.target("S1", audience="学生")
    one, two = to_students(title="甲", category=f.MONEY, sub_item="费用支出情况"), to_students(title="乙")
    routes = [Route(name=to, categories=(row.category,), targets=(to,)) for to, row in (("Q1", one), ("S1", two))]
    bench3.office.school = replace(bench3.office.school, routes=tuple(routes))
    bench3.publish(one, two)

    def edit(_call: object) -> Outcome:
        bench3.enter(replace(two, **over))  # type: ignore[arg-type]
        bench3.route()
        return Outcome.DELIVERED

    bench3.vendor.says(GROUPS, edit)
    bench3.deliver()
    bench3.tick()
    assert ("甲",) in bench3.vendor.titles(GROUPS)
    assert ("乙",) not in bench3.vendor.titles(GROUPS)


def test_orders_given_at_the_same_time_are_both_seen(bench3: Bench) -> None:
    """Each changes the stamp that running deliveries look at; none is lost behind the other."""
    with bench3.db.write() as conn:
        facts.bump_orders(conn)
    if bench3.db.dialect == "sqlite":
        return  # writers take turns
    one, other = bench3.colleague().db, bench3.colleague().db
    with one.engine.connect() as first, other.engine.connect() as second:
        begun, also = first.begin(), second.begin()
        before = facts.get_meta(first, facts.ORDERS)
        facts.get_meta(second, facts.ORDERS)
        facts.bump_orders(first)
        mine = facts.get_meta(first, facts.ORDERS)
        begun.commit()
        facts.bump_orders(second)
        also.commit()
    with bench3.db.read() as conn:
        assert len({before, mine, facts.get_meta(conn, facts.ORDERS)}) == 3
