"""When the first call began that may have reached one address, whatever became of the push's other addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from jobs.track import attempt_of
from rules.outcome import Outcome
from rules.states import Status
from store import claims, deliveries
from store import tables as t
from store.db import Db
from store.deliveries import Settled
from tests.factory import add_item, moment, place, push

EVENING = moment("2020-09-10", "19:59")
MORNING = EVENING + timedelta(hours=12)
#: What a call came to, and where that leaves its address.
LEFT = {
    Outcome.UNCERTAIN: Status.UNCERTAIN,
    Outcome.THROTTLED: Status.QUEUED,
    Outcome.UNAVAILABLE: Status.QUEUED,
    Outcome.ACCEPTED: Status.ACCEPTED,
}


def two_persons(conn: Connection) -> None:
    push(conn, "Q01", [place(conn, add_item(conn, EVENING), "Q01", EVENING)], EVENING, addresses=["one", "two"])


def call(conn: Connection, address: str, at: datetime, outcome: Outcome) -> None:
    """One call to one address, and what it came to."""
    conn.execute(update(t.deliveries).where(t.deliveries.c.address == address).values(status=Status.QUEUED))
    [due] = [each for each in deliveries.queued(conn, "onebot", at, 10) if each.address == address]
    [attempt] = claims.claim(conn, [[due]], f"{address}:{at}", at + timedelta(minutes=5), at)
    sending = replace(due, status=Status.SENDING)
    said = Settled(delivery=sending, attempt_id=attempt, said_by="发送", outcome=outcome, status=LEFT[outcome])
    assert deliveries.settle(conn, "onebot", [said], at)


def begun(conn: Connection, address: str) -> datetime:
    id = conn.execute(t.deliveries.select().where(t.deliveries.c.address == address)).one().id
    delivery = deliveries.get(conn, id)
    assert delivery is not None
    return attempt_of(conn, delivery).begun_at


def test_a_person_called_in_the_morning_is_not_told_of_the_evening_before(db: Db) -> None:
    with db.write() as conn:
        two_persons(conn)
        call(conn, "one", EVENING, Outcome.UNCERTAIN)
        call(conn, "two", MORNING, Outcome.UNCERTAIN)
        assert (begun(conn, "one"), begun(conn, "two")) == (EVENING, MORNING)


@pytest.mark.parametrize(
    ("outcomes", "first"),
    [
        ((Outcome.UNCERTAIN, Outcome.UNCERTAIN), EVENING),  # the second is a resend of the first
        ((Outcome.UNCERTAIN, Outcome.THROTTLED), EVENING),  # a no to the resend says nothing of the first
        ((Outcome.THROTTLED, Outcome.UNCERTAIN), MORNING),  # what was surely not taken is no first call
        ((Outcome.UNAVAILABLE, Outcome.ACCEPTED), MORNING),
        ((Outcome.UNAVAILABLE, Outcome.THROTTLED), MORNING),  # none may have gone out: the last one
    ],
)
def test_only_a_call_that_may_have_gone_out_is_a_first_call(
    db: Db, outcomes: tuple[Outcome, Outcome], first: datetime
) -> None:
    with db.write() as conn:
        two_persons(conn)
        for at, outcome in zip((EVENING, MORNING), outcomes, strict=True):
            call(conn, "one", at, outcome)
        assert begun(conn, "one") == first


def test_before_any_call_it_is_the_moment_of_its_last_change(db: Db) -> None:
    with db.write() as conn:
        two_persons(conn)
        assert begun(conn, "one") == EVENING
