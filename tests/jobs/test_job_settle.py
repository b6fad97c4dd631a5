"""Settle, track and sweep: what an answer, a resolver, a receipt or a crash makes of a delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from channels.base import Resolution, SendError, Sent
from jobs import orders
from jobs.claim import claim
from jobs.deliver import LEASE
from jobs.settle import settle_call, settle_resolution
from rules.outcome import Outcome
from rules.states import Basis, Status
from store import deliveries, placements
from store import tables as t
from tests.jobs.bench import (
    ABSENT, ACCOUNT, DELIVERED, GROUPS, LATER, PERSON, RESEND, Bench, Recorder, Resolving, Telling, entry, to_staff, to_students,
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
        orders.make_push(conn, bench.office, bench.office.school.targets["Q1"], dues, bench.clock.now, addresses=["甲", "乙"])
        _, due = conn, deliveries.queued(conn, GROUPS, bench.clock.now, 9)
        attempts = deliveries.claim(conn, due, "我", bench.clock.now + LEASE, bench.clock.now)
    sent = [Sent(address="甲", outcome=Outcome.DELIVERED), Sent(address="乙", outcome=Outcome.REFUSED)]
    settle_call(bench.office, GROUPS, [(due, attempts[due[0].id], sent, None)])
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
    [unclear] = orders.unclear(bench3.office)
    orders.judge(bench3.office, unclear.delivery.id, judgment, "王老师")
    bench3.deliver()
    assert bench3.statuses() == [status]
    assert len(bench3.vendor.keys(GROUPS)) == calls
    assert all(row.cleared_at for row in bench3.rows(t.alarms) if row.subject.startswith("待定"))
    assert [act.person for act in bench3.rows(t.acts)] == ["王老师"]
    assert orders.judge(bench3.office, unclear.delivery.id, judgment, "李老师") is None


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


# -- crashes and late answers


def crash(bench: Bench) -> tuple[Any, int]:
    """A process claims and dies; what it held and its attempt."""
    [call], _ = claim(bench.office, GROUPS, "死者", 1, LEASE)
    return call.deliveries, call.attempt_id


def test_a_live_claim_is_not_swept(bench: Bench) -> None:
    bench.publish(to_students())
    crash(bench)
    bench.clock.forward(minutes=5)
    bench.sweep()
    assert bench.statuses() == ["sending"]


def test_what_a_dead_process_held_is_uncertain_and_in_front_of_a_person(bench3: Bench) -> None:
    bench3.publish(to_students())
    crash(bench3)
    bench3.clock.forward(minutes=6)
    assert bench3.sweep().uncertain == 1
    assert bench3.statuses() == ["uncertain"]
    assert bench3.subjects() == ["待定"]
    bench3.clock.forward(hours=1)
    bench3.tick()
    assert bench3.vendor.keys(GROUPS) == []


def test_what_was_not_even_prepared_goes_back_to_the_queue(bench3: Bench) -> None:
    bench3.use(Resolving, prepares=True)
    bench3.publish(to_students())
    crash(bench3)
    bench3.clock.forward(minutes=6)
    assert bench3.sweep().requeued == 1
    bench3.deliver()
    assert bench3.statuses() == ["delivered"]
    assert len(bench3.vendor.keys(GROUPS)) == 1


@pytest.mark.parametrize(("outcome", "status"), [(Outcome.DELIVERED, "delivered"), (Outcome.REFUSED, "failed"), (Outcome.UNAVAILABLE, "queued")])
def test_an_answer_that_comes_after_the_sweep_settles_the_row(bench3: Bench, outcome: Outcome, status: str) -> None:
    bench3.publish(to_students())
    many, attempt = crash(bench3)
    bench3.clock.forward(minutes=6)
    bench3.sweep()
    answer(bench3, many, attempt, outcome)
    assert bench3.statuses() == [status]


def answer(bench: Bench, many: Any, attempt: int, outcome: Outcome) -> None:
    if outcome in (Outcome.DELIVERED, Outcome.ACCEPTED):
        sent = [Sent(address=each.address, outcome=outcome, basis=Basis.POSTED) for each in many]
        settle_call(bench.office, GROUPS, [(many, attempt, sent, None)])
    else:
        settle_call(bench.office, GROUPS, [(many, attempt, (), SendError(outcome, "晚到的答复"))])


def test_a_yes_that_comes_after_sweep_and_requeue_leads_to_no_second_send(bench3: Bench) -> None:
    bench3.use(Resolving)
    bench3.publish(to_students(), to_staff())
    batch, _ = claim(bench3.office, GROUPS, "睡着的", 2, LEASE)
    bench3.clock.forward(minutes=6)
    bench3.sweep()
    bench3.track()  # the resolver finds nothing yet: the call is still on its way
    assert bench3.statuses() == ["queued", "queued"]
    sent = [(c.deliveries, c.attempt_id, [Sent(address=c.deliveries[0].address, outcome=Outcome.DELIVERED)], None) for c in batch]
    settle_call(bench3.office, GROUPS, sent)
    assert bench3.statuses() == ["delivered", "delivered"]
    bench3.deliver()
    assert bench3.vendor.keys(GROUPS) == []


def test_an_old_calls_no_does_not_touch_the_call_that_followed_it(bench3: Bench) -> None:
    bench3.use(Resolving)
    bench3.publish(to_students())
    many, attempt = crash(bench3)
    bench3.clock.forward(minutes=6)
    bench3.sweep()
    bench3.track()
    crash(bench3)
    answer(bench3, many, attempt, Outcome.REFUSED)
    assert bench3.statuses() == ["sending"]
    assert len(bench3.rows(t.outcomes, attempt_id=attempt)) == 2  # kept all the same


def test_a_sweep_that_read_an_old_claim_leaves_a_new_one_alone(bench: Bench) -> None:
    bench.use(Resolving, prepares=True)
    bench.publish(to_students())
    many, attempt = crash(bench)
    bench.clock.forward(minutes=6)
    with bench.db.read() as conn:
        [(_, lost)] = deliveries.expired(conn, bench.clock.now)
    answer(bench, many, attempt, Outcome.UNAVAILABLE)
    bench.clock.forward(minutes=2)
    crash(bench)
    unsent = Resolution(outcome=Outcome.UNAVAILABLE, reason="进程中断，尚未发出")
    settle_resolution(bench.office, GROUPS, lost, unsent)
    assert bench.statuses() == ["sending"]


# -- receipts


@pytest.fixture
def calling(bench3: Bench) -> Bench:
    bench3.use(Telling)
    bench3.vendor.says(GROUPS, Outcome.ACCEPTED)
    return bench3


def test_a_receipt_gives_the_vendors_last_word(calling: Bench) -> None:
    calling.publish(to_students())
    calling.deliver()
    [row] = calling.rows(t.deliveries)
    assert row.status == "accepted"
    calling.receive("good", row.vendor_id)
    assert calling.track().receipts == 1
    [row] = calling.rows(t.deliveries)
    assert (row.status, row.basis) == ("delivered", "群发完成")


def test_a_receipt_that_comes_before_our_own_answer_waits_for_it(calling: Bench) -> None:
    def early(call: Any) -> Outcome:
        calling.receive("by key", call.key)
        calling.track()
        assert calling.statuses() == ["sending"]
        return Outcome.ACCEPTED

    calling.vendor.script[GROUPS].clear()
    calling.vendor.says(GROUPS, early)
    calling.publish(to_students())
    calling.deliver()
    assert calling.statuses() == ["accepted"]
    calling.track()
    assert calling.statuses() == ["delivered"]


def test_a_receipt_that_comes_twice_is_stored_and_applied_once(calling: Bench) -> None:
    calling.publish(to_students())
    calling.deliver()
    [row] = calling.rows(t.deliveries)
    assert [calling.receive("good", row.vendor_id) for _ in range(3)] == [True, False, False]
    for _ in range(3):
        calling.track()
    assert len(calling.rows(t.outcomes)) == 2


def test_receipts_out_of_order_do_not_undo_the_last_word(calling: Bench) -> None:
    calling.publish(to_students())
    calling.deliver()
    [row] = calling.rows(t.deliveries)
    calling.receive("good", row.vendor_id, "1")
    calling.receive("bad", row.vendor_id, "2")
    calling.track()
    assert calling.statuses() == ["delivered"]
    assert all(each.applied_at for each in calling.rows(t.receipts))


def test_a_receipt_for_nobody_is_patient_and_then_forgotten(calling: Bench) -> None:
    calling.receive("good", "v-unknown", "1")
    calling.receive("none of ours", "x", "2")
    calling.track()
    assert [row.applied_at is None for row in calling.rows(t.receipts)] == [True, False]
    calling.clock.forward(days=3, minutes=1)
    calling.track()
    assert all(row.applied_at for row in calling.rows(t.receipts))


def test_a_receipt_for_a_push_that_was_queued_again_stops_the_second_send(calling: Bench) -> None:
    calling.vendor.script[GROUPS].clear()
    calling.vendor.says(GROUPS, Outcome.UNCERTAIN)
    calling.vendor.resolutions.append(RESEND)
    calling.publish(to_students())
    calling.deliver()
    calling.track()
    assert calling.statuses() == ["queued"]
    calling.receive("by key", calling.rows(t.pushes)[0].push_key)
    calling.track()
    calling.deliver()
    assert calling.statuses() == ["delivered"]
    assert len(calling.vendor.keys(GROUPS)) == 1


def test_what_was_accepted_and_never_confirmed_is_final_after_its_time(bench: Bench) -> None:
    bench.use(Telling)
    bench.vendor.says(GROUPS, Outcome.ACCEPTED)
    bench.publish(to_students())
    bench.deliver()
    for _ in range(5):
        bench.clock.forward(days=1)
        bench.track()
    [row] = bench.rows(t.deliveries)
    assert (row.status, row.not_before) == ("accepted", None)
    assert "无回执" in row.reason
    asked = len(bench.vendor.asked)
    bench.clock.forward(days=1)
    bench.track()
    assert len(bench.vendor.asked) == asked


# -- persons


def test_a_resend_goes_only_to_those_who_did_not_get_it_under_a_new_key(bench3: Bench) -> None:
    bench3.vendor.says(GROUPS, Outcome.DELIVERED, Outcome.UNKNOWN_CODE)
    bench3.publish(to_staff(), to_students())
    bench3.deliver()
    bench3.deliver()
    [failed] = orders.failed_pushes(bench3.office)
    again = orders.send_again(bench3.office, failed, "王老师")
    bench3.deliver()
    assert [call.addresses for call in bench3.vendor.calls] == [("g1",), ("q1",), ("q1",)]
    assert len(set(bench3.vendor.keys())) == 3
    [new] = bench3.rows(t.pushes, id=again)
    assert (new.resend_of, new.made_by) == (failed, "王老师")
    assert orders.failed_pushes(bench3.office) == []
    assert orders.send_again(bench3.office, failed, "王老师") is None
    assert [act.act for act in bench3.rows(t.acts)] == ["补推"]


def test_a_resend_to_several_addresses_names_only_the_failed_ones(bench: Bench) -> None:
    bench.enter(to_students())
    bench.route()
    with bench.db.write() as conn:
        dues = placements.waiting(conn, bench.clock.now)
        to = bench.office.school.targets["Q1"]
        push_id = orders.make_push(conn, bench.office, to, dues, bench.clock.now, addresses=["甲", "乙", "丙"])
        d = t.deliveries
        for address, status in (("甲", Status.DELIVERED), ("乙", Status.FAILED), ("丙", Status.FAILED)):
            conn.execute(d.update().where(d.c.address == address).values(status=status))
    assert push_id is not None
    assert orders.failed_pushes(bench.office) == [push_id]
    again = orders.send_again(bench.office, push_id, "王老师")
    assert [row.address for row in bench.rows(t.deliveries, push_id=again)] == ["乙", "丙"]


def test_a_resend_of_a_held_item_does_not_leave(bench: Bench) -> None:
    row = to_students()
    bench.vendor.says(GROUPS, Outcome.UNKNOWN_CODE)
    bench.publish(row)
    bench.deliver()
    [item] = bench.rows(t.items)
    orders.cancel(bench.office, item.id, "王老师", "")
    for failed in orders.failed_pushes(bench.office):
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


def _with_alarms(bench: Bench, numbers: tuple[str, ...]) -> Any:
    from dataclasses import replace

    return replace(bench.office.school, alarm_targets=numbers)


# -- unspoken


Script = Callable[[Any], Outcome]


def test_outcomes_are_only_ever_added(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.THROTTLED, Outcome.UNCERTAIN)
    bench.vendor.resolutions.append(DELIVERED)
    bench.publish(to_students())
    bench.deliver()
    bench.clock.forward(minutes=1)
    bench.deliver()
    bench.track()
    assert [(o.said_by, o.status) for o in bench.rows(t.outcomes)] == [("发送", "queued"), ("发送", "uncertain"), ("核实", "delivered")]
    assert len(bench.rows(t.attempts)) == 2
    assert timedelta(0) < bench.rows(t.attempts)[1].begun_at - bench.rows(t.attempts)[0].begun_at
