"""Leases, preparation and resends: what a process may still do with what it once claimed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.base import SendError
from jobs import orders
from jobs.deliver import LEASE
from rules.outcome import Outcome
from rules.states import Status
from store import claims, deliveries
from store import tables as t
from store.marks import touch
from tests.jobs.bench import (
    ABSENT,
    DELIVERED,
    GROUPS,
    RESEND,
    Bench,
    Resolving,
    to_students,
)
from tests.jobs.test_job_claim import many_groups

# -- leases


def test_a_lease_is_longer_than_a_call_and_renewed_while_the_claim_lives(bench: Bench) -> None:
    many_groups(bench, 20)
    bench.use(Resolving)
    leases = []

    def slow(_call: object) -> None:
        bench.clock.forward(seconds=30)
        leases.append(min(r.lease_until - bench.clock.now for r in bench.rows(t.deliveries) if r.status == "sending"))

    bench.vendor.usual = slow
    bench.deliver()
    assert min(leases) > timedelta(0)
    assert set(bench.statuses()) == {"delivered"}


def test_a_process_that_slept_past_its_lease_makes_no_more_calls(bench: Bench) -> None:
    """Another has swept, resolved and sent meanwhile: whatever it still held is not its own any more."""
    many_groups(bench, 8)
    bench.use(Resolving)
    awake = bench.colleague()

    def sleep(_call: object) -> None:
        bench.clock.forward(minutes=30)
        bench.vendor.resolutions.append(DELIVERED)  # of this call
        bench.vendor.resolutions.extend([ABSENT] * 7)
        awake.sweep()
        awake.track()
        awake.deliver()

    bench.vendor.says(GROUPS, sleep)
    bench.deliver()
    keys = bench.vendor.keys(GROUPS)
    assert len(keys) == len(set(keys)) == 8


def test_a_push_whose_claim_was_swept_during_preparation_is_not_sent(bench: Bench) -> None:
    bench.use(Resolving, prepares=True)
    bench.publish(to_students())

    def slow(_key: str) -> None:
        bench.clock.forward(minutes=10)
        bench.sweep()

    bench.vendor.prepares.append(slow)
    bench.deliver()
    for _ in range(3):
        bench.clock.forward(minutes=5)
        bench.deliver()
    assert len(bench.vendor.keys(GROUPS)) == 1
    assert bench.statuses() == ["delivered"]


def test_what_preparation_brought_is_kept_and_not_made_twice(bench3: Bench) -> None:
    bench3.use(Resolving, prepares=True)
    bench3.vendor.says(GROUPS, Outcome.THROTTLED)
    bench3.publish(to_students())
    bench3.deliver()
    bench3.clock.forward(minutes=5)
    bench3.deliver()
    [key] = set(bench3.vendor.keys())
    assert bench3.vendor.prepared[key] == 1
    assert bench3.rows(t.pushes)[0].prepared == {"draft": key}


def test_a_preparation_of_unknown_end_is_simply_made_again(bench: Bench) -> None:
    bench.use(Resolving, prepares=True)
    bench.vendor.prepares.append(SendError(Outcome.UNCERTAIN, "上传时断线"))
    bench.publish(to_students())
    bench.deliver()
    assert bench.statuses() == ["queued"]
    assert bench.vendor.calls == []
    bench.clock.forward(minutes=1)
    bench.deliver()
    assert bench.statuses() == ["delivered"]


# -- a resend leans on the vendor's memory


def test_a_resend_that_could_not_leave_at_once_is_asked_about_again(bench: Bench) -> None:
    """The vendor's own check against doubles lasts minutes or hours: its resolver must judge anew after a pause."""
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN)
    bench.vendor.resolutions.append(RESEND)
    bench.publish(to_students())
    bench.deliver()
    orders.pause(bench.office, GROUPS, "王老师", "")
    bench.track()
    bench.clock.forward(days=2)
    orders.resume(bench.office, GROUPS, "王老师")
    bench.vendor.resolutions.append(DELIVERED)
    for _ in range(2):
        bench.deliver()
        bench.track()
    assert len(bench.vendor.keys(GROUPS)) == 1
    assert bench.statuses() == ["delivered"]


def test_a_resend_that_was_put_off_is_asked_about_again(bench: Bench) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, Outcome.UNCERTAIN, SendError(Outcome.THROTTLED, "太快", retry_after=timedelta(days=1)))
    bench.vendor.resolutions.extend([RESEND, DELIVERED])
    bench.publish(to_students())
    bench.deliver()
    bench.track()
    bench.deliver()
    bench.clock.forward(days=1, minutes=1)
    for _ in range(2):
        bench.deliver()
        bench.track()
    assert len(bench.vendor.keys(GROUPS)) == 2
    assert bench.statuses() == ["delivered"]


def test_a_claim_that_loses_its_row_to_an_order_takes_the_rest(bench: Bench) -> None:
    """`queued` is read, then a person cancels, then the rows are moved: nothing is claimed that was not queued."""
    many_groups(bench, 2)
    with bench.db.read() as conn:
        due = deliveries.queued(conn, GROUPS, bench.clock.now, 10)
    with bench.db.write() as conn:
        conn.execute(t.deliveries.update().where(t.deliveries.c.id == due[0].id).values(status=Status.CANCELLED))
        touch(conn, deliveries=[due[0].id])
    try:
        with bench.db.write() as conn:
            claims.claim(conn, [[each] for each in due], "我", bench.clock.now + LEASE, bench.clock.now)
    except claims.Lost:
        pass
    assert bench.statuses() in (["cancelled", "queued"], ["cancelled", "sending"])


def test_a_claim_that_loses_a_row_to_an_order_is_a_quiet_no(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person cancels between the reading of the queue and the claim of it: no error, and the rest leaves next time."""
    many_groups(bench, 2)

    def lost(*_args: object) -> None:
        raise claims.Lost

    monkeypatch.setattr("jobs.deliver.claim", lost)
    assert bench.deliver().claimed == 0
    monkeypatch.undo()
    assert bench.deliver().claimed == 2
