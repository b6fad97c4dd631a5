"""What comes late or never: answers of dead processes, the sweep, receipts before and after our own answer."""

from __future__ import annotations

from typing import Any

import pytest

from channels.base import Resolution, SendError, Sent
from jobs.claim import claim
from jobs.deliver import LEASE
from jobs.settle import settle_call, settle_resolution
from rules.outcome import Outcome
from rules.states import Basis
from store import deliveries
from store import tables as t
from tests.jobs.bench import (
    GROUPS,
    RESEND,
    Bench,
    Resolving,
    Telling,
    to_staff,
    to_students,
)  # fmt: skip

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
    assert "无回执" in row.looked
    asked = len(bench.vendor.asked)
    bench.clock.forward(days=1)
    bench.track()
    assert len(bench.vendor.asked) == asked
