"""Settle and track: what an answer, a resolver or a person makes of a delivery."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from channels.base import Resolution, SendError, Sent
from jobs import orders
from jobs.deliver import LEASE
from jobs.judge import in_doubt, judge
from jobs.settle import settle_call
from rules.outcome import Outcome
from store import claims, deliveries, placements
from store import tables as t
from tests.jobs.bench import (
    ABSENT,
    DELIVERED,
    GROUPS,
    LATER,
    PERSON,
    RESEND,
    Bench,
    Recorder,
    Resolving,
    Telling,
    to_staff,
    to_students,
)  # fmt: skip

# -- each outcome


@pytest.mark.parametrize(
    ("outcome", "status", "alarm"),
    [
        (Outcome.ACCEPTED, "accepted", ""),
        (Outcome.DELIVERED, "delivered", ""),
        (Outcome.REFUSED, "failed", "失败"),
        (Outcome.UNKNOWN_CODE, "failed", "失败"),
        (Outcome.THROTTLED, "queued", ""),
        (Outcome.UNAVAILABLE, "queued", ""),
        (Outcome.MISCONFIGURED, "queued", "渠道"),
        (Outcome.UNCERTAIN, "uncertain", "待定"),
    ],
)
def test_each_outcome_of_a_call_puts_its_delivery_where_it_belongs(
    bench3: Bench, outcome: Outcome, status: str, alarm: str
) -> None:
    bench3.vendor.says(GROUPS, outcome)
    bench3.publish(to_students())
    done = bench3.deliver()
    assert done.outcomes == {outcome: 1}
    [row] = bench3.rows(t.deliveries)
    assert row.status == status
    assert bench3.subjects() == ([alarm] if alarm else [])
    assert (bench3.rows(t.channels, name=GROUPS)[0].paused_at is not None) == (outcome is Outcome.MISCONFIGURED)
    assert (row.not_before is not None) == (status == "queued")
    [said] = bench3.rows(t.outcomes)
    assert (said.outcome, said.status, said.attempt_id) == (outcome, status, row.attempt_id)
    assert (row.owner, row.lease_until) == ("", None)
    taken = status in ("accepted", "delivered")
    assert (bench3.rows(t.placements)[0].taken_at is not None) == taken
    assert (bench3.rows(t.items)[0].disclosed_on is not None) == taken


def test_an_unknown_code_keeps_the_vendors_raw_answer(bench: Bench) -> None:
    bench.vendor.says(GROUPS, SendError(Outcome.UNKNOWN_CODE, "不认识的答复", code="99999", raw='{"errcode":99999}'))
    bench.publish(to_students())
    bench.deliver()
    [said] = bench.rows(t.outcomes)
    assert (said.code, said.raw) == ("99999", '{"errcode":99999}')


def test_a_wrong_key_stops_the_channel_and_a_person_hears_of_it_through_another(bench3: Bench) -> None:
    bench3.vendor.says(GROUPS, SendError(Outcome.MISCONFIGURED, "密钥无效", advice="请核对 .env"))
    bench3.publish(to_students(), to_staff())
    bench3.deliver()
    assert bench3.sweep().told == 1
    [notice] = [call for call in bench3.vendor.calls if call.channel == "duty"]
    assert "密钥无效" in notice.titles[0]
    assert len(bench3.vendor.keys(GROUPS)) <= 2
    assert bench3.sweep().told == 0
    orders.resume(bench3.office, GROUPS, "王老师")
    bench3.clock.forward(hours=1)
    bench3.deliver()
    assert bench3.statuses() == ["delivered", "delivered"]
    assert all(row.cleared_at for row in bench3.rows(t.alarms, subject=f"渠道:{GROUPS}"))


def test_a_bug_of_ours_loses_no_row_and_sends_nothing_twice(bench: Bench) -> None:
    bench.vendor.says(GROUPS, ZeroDivisionError())
    bench.publish(to_students())
    bench.deliver()
    bench.clock.forward(hours=1)
    bench.deliver()
    assert bench.statuses() == ["uncertain"]
    assert len(bench.vendor.calls) == 1


def test_an_address_the_answer_forgot_is_uncertain(bench: Bench) -> None:
    bench.vendor.says(GROUPS, [])
    bench.publish(to_students())
    bench.deliver()
    assert bench.statuses() == ["uncertain"]


def test_what_is_refused_again_and_again_is_tried_on_and_told(bench: Bench) -> None:
    bench.vendor.usual = Outcome.UNAVAILABLE
    bench.publish(to_students())
    for _ in range(7):
        bench.deliver()
        bench.clock.forward(hours=1, minutes=1)
        bench.clock.now = bench.clock.now.replace(hour=12) if bench.clock.now.hour > 18 else bench.clock.now
    assert bench.subjects() == ["受阻"]
    bench.vendor.usual = Outcome.DELIVERED
    bench.clock.forward(hours=2)
    bench.deliver()
    assert bench.statuses() == ["delivered"]


# -- bundles


def test_a_refused_bundle_is_split_and_one_bad_piece_does_not_hold_the_others(bench3: Bench) -> None:
    def judge(call: Any) -> Outcome:
        return Outcome.REFUSED if "坏" in call.titles else Outcome.DELIVERED

    bench3.vendor.usual = judge
    bench3.enter(*(to_students(title=title) for title in ("一", "坏", "三")))
    for _ in range(6):
        bench3.tick()
    assert bench3.vendor.titles(GROUPS) == [("一", "坏", "三"), ("一",), ("坏",), ("三",)]
    assert len(set(bench3.vendor.keys(GROUPS))) == 4
    assert bench3.statuses() == ["failed", "delivered", "failed", "delivered"]
    assert all(p.push_id for p in bench3.rows(t.placements))


def test_an_address_refused_does_not_send_the_bundle_again_to_those_who_have_it(bench: Bench) -> None:
    bench.use(Recorder, addresses=2)
    bench.enter(to_students(title="一"), to_students(title="二"))
    bench.route()
    with bench.db.write() as conn:
        dues = placements.waiting(conn, bench.clock.now)
        orders.make_push(conn, bench.office, bench.office.school.targets["Q1"], dues, bench.clock.now, ["甲", "乙"])
        _, due = conn, deliveries.queued(conn, GROUPS, bench.clock.now, 9)
        [attempt] = claims.claim(conn, [due], "我", bench.clock.now + LEASE, bench.clock.now)
    sent = [Sent(address="甲", outcome=Outcome.DELIVERED), Sent(address="乙", outcome=Outcome.REFUSED)]
    settle_call(bench.office, GROUPS, [(due, attempt, sent, None)])
    assert bench.statuses() == ["delivered", "failed"]
    assert bench.waiting() == []


# -- uncertain


@pytest.mark.parametrize(
    ("found", "status", "calls", "alarms"),
    [
        (DELIVERED, "delivered", 1, []),
        (ABSENT, "delivered", 2, []),
        (RESEND, "delivered", 2, []),
        (PERSON, "uncertain", 1, ["待定"]),
        (Resolution(outcome=Outcome.REFUSED, reason="平台拒绝"), "failed", 1, ["失败"]),
        (SendError(Outcome.UNAVAILABLE, "平台连不上"), "uncertain", 1, []),
        (LATER, "uncertain", 1, []),
    ],
)
def test_an_uncertain_send_is_cleared_up_the_channels_own_way(
    bench3: Bench, found: Any, status: str, calls: int, alarms: list[str]
) -> None:
    bench3.use(Resolving)
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench3.vendor.resolutions.append(found)
    bench3.publish(to_students())
    bench3.deliver()
    bench3.track()
    bench3.deliver()
    assert bench3.statuses() == [status]
    assert len(bench3.vendor.calls) == calls
    assert len(set(bench3.vendor.keys())) == 1
    assert bench3.subjects() == alarms


def test_a_resolver_that_says_later_is_asked_later(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.vendor.resolutions.extend([LATER, DELIVERED])
    bench.publish(to_students())
    bench.deliver()
    for _ in range(3):
        bench.track()
    assert len(bench.vendor.asked) == 1
    bench.clock.forward(minutes=3)
    bench.track()
    assert bench.statuses() == ["delivered"]
    assert len(bench.rows(t.outcomes)) == 2  # no row for every look


def test_a_resolver_is_told_when_the_first_call_began(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN, Outcome.UNCERTAIN)
    bench.vendor.resolutions.extend([RESEND, DELIVERED])
    bench.publish(to_students())
    begun = bench.clock.now
    bench.deliver()
    bench.track()
    bench.clock.forward(minutes=1)
    bench.deliver()
    bench.track()
    assert [attempt.begun_at for attempt in bench.vendor.asked] == [begun, begun]
    assert bench.vendor.asked[0].mark.startswith("【公开#")


def test_a_no_to_a_resend_proves_nothing_about_the_first_call(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN, Outcome.REFUSED)
    bench.vendor.resolutions.append(RESEND)
    bench.publish(to_students())
    bench.deliver()
    bench.track()
    bench.deliver()
    assert bench.statuses() == ["uncertain"]


@pytest.mark.parametrize(
    ("judgment", "status", "calls"), [("delivered", "delivered", 1), ("resend", "delivered", 2), ("drop", "failed", 1)]
)
def test_where_nothing_can_tell_a_person_decides(bench3: Bench, judgment: str, status: str, calls: int) -> None:
    bench3.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench3.publish(to_students())
    bench3.deliver()
    [doubt] = in_doubt(bench3.office)
    assert judge(bench3.office, doubt.push_id, judgment, "王老师").judged == 1
    bench3.deliver()
    assert bench3.statuses() == [status]
    assert len(bench3.vendor.keys(GROUPS)) == calls
    assert all(row.cleared_at for row in bench3.rows(t.alarms) if row.subject.startswith("待定"))
    assert [act.person for act in bench3.rows(t.acts)] == ["王老师"]
    assert [act.digest for act in bench3.rows(t.acts)] == [doubt.digest]
    assert judge(bench3.office, doubt.push_id, judgment, "李老师").why_not


@pytest.mark.parametrize("found", [ABSENT, RESEND])
def test_what_the_vendor_has_taken_is_never_queued_again(bench: Bench, found: Resolution) -> None:
    """`accepted` goes to delivered or failed: a follower that finds nothing has not proved that nothing was sent."""
    bench.use(Telling)
    bench.vendor.says(GROUPS, Outcome.ACCEPTED)
    bench.vendor.resolutions.append(found)
    bench.publish(to_students())
    bench.deliver()
    bench.clock.forward(minutes=3)
    bench.track()
    bench.deliver()
    assert len(bench.vendor.keys(GROUPS)) == 1
    assert bench.statuses() == ["accepted"]


def test_outcomes_are_only_ever_added(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.THROTTLED, Outcome.UNCERTAIN)
    bench.vendor.resolutions.append(DELIVERED)
    bench.publish(to_students())
    bench.deliver()
    bench.clock.forward(minutes=1)
    bench.deliver()
    bench.track()
    assert [(o.said_by, o.status) for o in bench.rows(t.outcomes)] == [
        ("发送", "queued"),
        ("发送", "uncertain"),
        ("核实", "delivered"),
    ]
    assert len(bench.rows(t.attempts)) == 2
    assert timedelta(0) < bench.rows(t.attempts)[1].begun_at - bench.rows(t.attempts)[0].begun_at
