"""Pushes whose end nobody knows, with all that is known of them: what was sent, to whom, when, and what was seen since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from rules.states import Status
from store import tables as t
from store.names import titles


@dataclass(frozen=True)
class Doubtful:
    """One address (人次) that may have got it."""

    delivery_id: int
    address: str
    #: What the last look said, or what put it here.
    why: str
    #: True if the bot itself will look again.
    looks_again: bool


@dataclass(frozen=True)
class Said:
    """One thing that a call, a resolver or a receipt said of these addresses, and of how many of them."""

    said_by: str
    outcome: str
    code: str
    reason: str
    #: The vendor's own words, one of them where there were several.
    raw: str
    at: datetime
    last_at: datetime
    times: int
    addresses: int


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One push."""

    push_id: int
    push_key: str
    channel: str
    target: str
    titles: tuple[str, ...]
    #: As its readers see it.
    text: str
    #: When the first call and the last one began, and how many there were.
    begun_at: datetime
    called_at: datetime
    calls: int
    #: How many addresses the push has in all.
    addresses: int
    persons: tuple[Doubtful, ...]
    said: tuple[Said, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all of this, as it stood at the moment of a judgment."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


def listed(conn: Connection, push_id: int | None = None) -> list[Doubt]:
    """Every push with somebody in doubt, or this one; oldest first."""
    persons = _persons(conn, push_id)
    return [_doubt(conn, push, tuple(many)) for push, many in persons.items()]


def any_on(conn: Connection, channel: str) -> bool:
    """True if a send on the channel is on its way, or nobody knows whether it left, or a person may send it."""
    d = t.deliveries.c
    open_states = (Status.SENDING, Status.UNCERTAIN, Status.HANDED)
    return conn.scalar(select(d.id).where(d.channel == channel, d.status.in_(open_states)).limit(1)) is not None


def in_doubt(conn: Connection, push_id: int) -> bool:
    """True if it is not known of somebody whether he got it."""
    d = t.deliveries.c
    return conn.scalar(select(d.id).where(d.push_id == push_id, d.status == Status.UNCERTAIN).limit(1)) is not None


def _persons(conn: Connection, push_id: int | None) -> dict[int, list[Doubtful]]:
    d = t.deliveries.c
    why = func.coalesce(d.looked, d.reason).label("why")
    query = select(d.push_id, d.id, d.address, why, d.not_before).where(d.status == Status.UNCERTAIN)
    query = query if push_id is None else query.where(d.push_id == push_id)
    found: dict[int, list[Doubtful]] = {}
    for row in conn.execute(query.order_by(d.push_id, d.id)):
        found.setdefault(row.push_id, []).append(Doubtful(row.id, row.address, row.why, row.not_before is not None))
    return found


def _doubt(conn: Connection, push_id: int, persons: tuple[Doubtful, ...]) -> Doubt:
    u, a, d = t.pushes.c, t.attempts.c, t.deliveries.c
    push = conn.execute(select(u.push_key, u.channel, u.target, u.text, u.created_at).where(u.id == push_id)).one()
    spread = (func.min(a.begun_at).label("first"), func.max(a.begun_at).label("last"), func.count().label("calls"))
    calls = conn.execute(select(*spread).where(a.push_id == push_id)).one()
    return Doubt(
        push_id=push_id,
        push_key=push.push_key,
        channel=push.channel,
        target=push.target,
        titles=titles(conn, push_id),
        text=push.text,
        begun_at=calls.first or push.created_at,
        called_at=calls.last or push.created_at,
        calls=calls.calls,
        addresses=conn.scalar(select(func.count()).where(d.push_id == push_id)) or 0,
        persons=persons,
        said=_said(conn, push_id),
    )


def _said(conn: Connection, push_id: int) -> tuple[Said, ...]:
    """Of those in doubt alone, in the order in which it was first said; what was said of many stands once."""
    o, d = t.outcomes.c, t.deliveries.c
    same = (o.said_by, o.outcome, o.code, o.reason)
    query = (
        select(
            *same, func.max(o.raw).label("raw"), func.min(o.at).label("at"), func.max(o.at).label("last_at"),
            func.count().label("times"), func.count(o.delivery_id.distinct()).label("addresses"),
        )
        .join(t.deliveries, d.id == o.delivery_id)
        .where(d.push_id == push_id, d.status == Status.UNCERTAIN)
        .group_by(*same)
        .order_by(func.min(o.id))
    )  # fmt: skip
    rows: Sequence[Said] = [Said(**row._mapping) for row in conn.execute(query)]
    return tuple(rows)
