"""The calls of a channel, one by one, newest first: how many in a row went well or not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from rules.outcome import SENDING, Outcome
from rules.states import Status
from store import facts
from store import tables as t

#: Calls looked at: more in a row than this say nothing new.
LOOK_BACK = 200
#: The vendor took it, or it lies ready for a person.
GOOD = frozenset({Outcome.ACCEPTED, Outcome.HANDED, Outcome.DELIVERED})


@dataclass(frozen=True)
class Try:
    """One answered call: its push, and what was said of its addresses."""

    push_id: int
    target: str
    at: datetime
    outcomes: frozenset[Outcome]
    reason: str
    #: Every address of the call was answered.
    answered: bool
    #: Every address of the push failed for good.
    lost: bool
    resend: bool

    @property
    def good(self) -> bool:
        """True if at least one address was taken."""
        return bool(self.outcomes & GOOD)


def tries(conn: Connection, channel: str, *, since_resume: bool = False) -> list[Try]:
    """The last answered calls of a channel, newest first; with `since_resume` only those after a person's last resume."""
    a, u = t.attempts.c, t.pushes.c
    query = select(a.id, a.push_id, a.addresses, a.begun_at, u.target, u.resend_of).join(t.pushes, u.id == a.push_id)
    after = facts.resumed_after(conn, channel) if since_resume else 0
    begun = conn.execute(query.where(u.channel == channel, a.id > after).order_by(a.id.desc()).limit(LOOK_BACK)).all()
    said = _said(conn, [row.id for row in begun])
    lost = _lost(conn, {row.push_id for row in begun})
    return [
        Try(
            push_id=row.push_id,
            target=row.target,
            at=row.begun_at,
            outcomes=frozenset(Outcome(each.outcome) for each in said[row.id]),
            reason=said[row.id][0].reason,
            answered=sum(each.many for each in said[row.id]) == row.addresses,
            lost=row.push_id in lost,
            resend=row.resend_of is not None,
        )
        for row in begun
        if row.id in said
    ]


def _said(conn: Connection, attempt_ids: list[int]) -> dict[int, list[Any]]:
    """What was said of each of these calls, by outcome."""
    o = t.outcomes.c
    query = select(o.attempt_id, o.outcome, func.count().label("many"), func.max(o.reason).label("reason"))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in conn.execute(
        query.where(o.attempt_id.in_(attempt_ids), o.said_by == SENDING).group_by(o.attempt_id, o.outcome)
    ):
        found[row.attempt_id].append(row)
    return dict(found)


def _lost(conn: Connection, push_ids: set[int]) -> set[int]:
    """Those of these pushes of which every address has failed."""
    d = t.deliveries.c
    query = select(d.push_id).where(d.push_id.in_(sorted(push_ids)), d.status != Status.FAILED)
    return push_ids - set(conn.scalars(query.distinct()))
