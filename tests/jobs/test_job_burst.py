"""A channel that fails in a burst stops by itself; nothing is lost, and one bad group stops nobody else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.base import SendError
from jobs import deliver, orders
from jobs.claim import claim
from jobs.deliver import LEASE
from jobs.office import new_owner
from jobs.settle import NotCalled, settle_call
from rules.burst import REFUSED_PUSHES, TRIES
from rules.outcome import HELD, Outcome
from rules.routing import Route
from rules.states import Status
from store import facts, streaks
from store import tables as t
from tests.jobs.bench import DUTY, GROUPS, Bench, Call, Resolving, to_students

RUBBISH = SendError(Outcome.UNKNOWN_CODE, "答复不明", code="99999")
MANY = 12
TO_ONE = Route(name="学生", audiences=("学生",), targets=("Q1",))


def widen(bench: Bench, many: int = MANY) -> list[str]:
    """So many student groups, each taking every item of students."""
    numbers = [f"S{n:02}" for n in range(many)]
    for number in numbers:
        bench.target(number, audience="学生")
    route = Route(name="学生群", audiences=("学生",), targets=tuple(numbers))
    bench.office.school = replace(bench.office.school, routes=(route,))
    return numbers


@pytest.fixture
def rubbish(bench: Bench) -> Iterator[Bench]:
    """A channel of many groups whose vendor answers rubbish to everything."""
    widen(bench)
    bench.vendor.usual = RUBBISH
    bench.publish(to_students(title="奖学金公示"))
    yield bench


def paused(bench: Bench, name: str = GROUPS) -> facts.ChannelState:
    with bench.db.read() as conn:
        return facts.channel_state(conn, name)


def test_a_robot_that_answers_rubbish_to_everything_stops_after_a_few_pushes_and_the_rest_wait(rubbish: Bench) -> None:
    rubbish.deliver()
    state = paused(rubbish)
    assert state.paused_at is not None and state.paused_by == "自动" and "连续 5 次推送被平台拒绝" in state.reason
    assert len(rubbish.vendor.calls) == REFUSED_PUSHES
    assert rubbish.statuses().count(Status.FAILED) == REFUSED_PUSHES
    assert rubbish.statuses().count(Status.QUEUED) == MANY - REFUSED_PUSHES
    rubbish.deliver()
    assert len(rubbish.vendor.calls) == REFUSED_PUSHES


def test_people_hear_of_it_through_another_channel(rubbish: Bench) -> None:
    rubbish.deliver()
    rubbish.vendor.usual = Outcome.DELIVERED
    rubbish.sweep()
    [told] = [call for call in rubbish.vendor.calls if call.channel == DUTY]
    assert any("渠道groups已自动暂停" in title and "resume groups" in title for title in told.titles)


def test_after_a_resume_it_goes_on_and_what_failed_is_sent_again_once(rubbish: Bench) -> None:
    rubbish.deliver()
    rubbish.vendor.usual = Outcome.DELIVERED
    assert orders.resume(rubbish.office, GROUPS, "张三") == [GROUPS]
    rubbish.deliver()
    for failed in [row.push_id for row in rubbish.rows(t.deliveries, status="failed")]:
        orders.send_again(rubbish.office, failed, "张三")
    rubbish.deliver()
    assert paused(rubbish).paused_at is None
    good = [row.address for row in rubbish.rows(t.deliveries, status="delivered")]
    assert sorted(good) == sorted(set(good)) and len(good) == MANY


def test_after_a_resume_the_old_failures_count_no_more(rubbish: Bench) -> None:
    rubbish.deliver()
    orders.resume(rubbish.office, GROUPS, "张三")
    rubbish.deliver()
    assert len(rubbish.vendor.calls) == 2 * REFUSED_PUSHES and paused(rubbish).paused_at is not None


def test_a_batch_on_its_way_hears_of_the_pause_and_gives_back_what_it_has_not_called(bench: Bench) -> None:
    numbers = widen(bench, 60)
    bench.use(Resolving, senders=1)

    def slow(call: Call) -> None:
        time.sleep(0.05)
        raise RUBBISH

    bench.vendor.usual = slow
    bench.publish(to_students(title="奖学金公示"))
    bench.deliver()
    assert REFUSED_PUSHES <= len(bench.vendor.calls) < len(numbers) / 2
    assert bench.statuses().count(Status.FAILED) == len(bench.vendor.calls)
    assert bench.statuses().count(Status.QUEUED) == len(numbers) - len(bench.vendor.calls)


def test_a_single_bad_group_never_stops_the_others(bench: Bench) -> None:
    numbers = widen(bench, 4)

    def answer(call: Call) -> None:
        if call.addresses == (numbers[0].lower(),):
            raise RUBBISH

    bench.vendor.usual = answer
    for n in range(8):
        bench.publish(to_students(title=f"公示 {n}"))
        bench.deliver()
        bench.clock.forward(minutes=1)
    assert paused(bench).paused_at is None
    assert [row.address for row in bench.rows(t.deliveries, status="failed")] == [numbers[0].lower()] * 8


def test_a_bad_group_that_alone_gets_pushes_stops_nobody(bench: Bench) -> None:
    widen(bench, 4)
    bench.office.school = replace(bench.office.school, routes=(TO_ONE,))
    bench.vendor.usual = RUBBISH
    for n in range(8):
        bench.publish(to_students(title=f"公示 {n}"))
        bench.deliver()
    assert len(bench.vendor.calls) == 8 and paused(bench).paused_at is None


def test_resends_to_the_failed_persons_of_lists_say_nothing_of_the_channel(bench: Bench) -> None:
    bench.use(Resolving, person="手机号")
    numbers = widen(bench, 6)
    bench.publish(to_students(title="奖学金公示"))
    with bench.db.write() as conn:
        conn.execute(t.pushes.update().values(resend_of=1))
    bench.vendor.usual = RUBBISH
    bench.deliver()
    assert len(bench.vendor.calls) == len(numbers) and paused(bench).paused_at is None


def test_pushes_that_reach_some_of_their_persons_are_no_failures_of_the_channel(bench: Bench) -> None:
    """The persons refused come last, so that the row of failures is as long as it can be."""
    widen(bench, 6)
    bench.publish(to_students(title="奖学金公示"))
    with bench.db.write() as conn:
        for row in conn.execute(t.deliveries.select()).all():
            reached = {"push_id": row.push_id, "channel": GROUPS, "changed_at": bench.clock.now, "address": "已收到的人"}
            conn.execute(t.deliveries.insert().values(**reached, status=Status.DELIVERED))
    bench.vendor.usual = RUBBISH
    bench.deliver()
    assert bench.statuses().count(Status.FAILED) == 6 and paused(bench).paused_at is None


def test_a_long_outage_stops_the_channel_and_loses_nothing(bench: Bench) -> None:
    widen(bench, 6)
    bench.vendor.usual = Outcome.UNAVAILABLE
    bench.publish(to_students(title="奖学金公示"))
    for _ in range(20):
        bench.deliver()
        bench.clock.forward(minutes=1)
    assert paused(bench).paused_by == "自动" and "没有发成（限流或连不上）" in paused(bench).reason
    assert set(bench.statuses()) == {Status.QUEUED}
    bench.vendor.usual = Outcome.DELIVERED
    orders.resume(bench.office, GROUPS, "张三")
    bench.clock.forward(hours=1)
    bench.deliver()
    assert set(bench.statuses()) == {Status.DELIVERED}


def test_what_was_given_back_before_its_call_is_no_failure_of_the_vendor_whatever_its_words(bench: Bench) -> None:
    widen(bench, 6)
    bench.publish(to_students(title="奖学金公示"))
    for _ in range(TRIES + 1):
        batch, _ = claim(bench.office, GROUPS, new_owner(), 100, LEASE)
        given_back = [(each.deliveries, each.attempt_id, (), NotCalled("随便什么话", timedelta(0))) for each in batch]
        assert len(settle_call(bench.office, GROUPS, given_back)) == 6
        bench.clock.forward(minutes=1)
    assert paused(bench).paused_at is None and paused(bench).failures == 0
    assert {row.said_by for row in bench.rows(t.outcomes)} == {HELD}
    with bench.db.read() as conn:
        assert streaks.tries(conn, GROUPS) == []


def test_a_claim_that_an_order_breaks_off_is_marked_as_given_back(bench: Bench) -> None:
    bench.use(Resolving, senders=1)
    widen(bench, 6)
    bench.publish(to_students(title="奖学金公示"))

    def order(call: Call) -> None:
        with bench.db.write() as conn:
            facts.bump_orders(conn)

    bench.vendor.says(GROUPS, order)
    bench.deliver()
    held = [row for row in bench.rows(t.outcomes) if row.said_by == HELD]
    assert held and {row.reason for row in held} == {deliver.ORDERED} and {row.status for row in held} == {Status.QUEUED}
