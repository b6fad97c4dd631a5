"""How things stand at this moment: what the watches last saw, what waits and why, how many are in each status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from rules.amend import HANDED
from rules.states import Status
from store import tables as t
from store.names import titles


@dataclass(frozen=True)
class Seen:
    """What the last look at a column came to."""

    health: str
    note: str
    looked_at: datetime
    #: When it was last read whole; None: never yet.
    good_at: datetime | None


def watches(conn: Connection) -> Mapping[str, Seen]:
    """By name; those never looked at are not in it."""
    w = t.watches.c
    query = select(w.name, w.health, w.note, w.looked_at, w.good_at)
    return {r.name: Seen(r.health, r.note, r.looked_at, r.good_at) for r in conn.execute(query)}


def statuses(conn: Connection) -> Mapping[Status, int]:
    """How many deliveries (人次) stand in each status."""
    d = t.deliveries.c
    return {Status(r[0]): r[1] for r in conn.execute(select(d.status, func.count()).group_by(d.status))}


def waiting(conn: Connection, channel: str = "") -> list[tuple[str, int]]:
    """Why placements (条次), of one channel or of all, wait for their push, and how many for each reason, the most first."""
    p = t.placements.c
    many = func.count()
    query = select(p.reason, many).where(p.push_id.is_(None), p.ended == "").group_by(p.reason)
    if channel:
        query = query.where(p.channel == channel)
    return [(r[0], r[1]) for r in conn.execute(query.order_by(many.desc(), p.reason))]


def held_back(conn: Connection, channel: str) -> list[tuple[str, int]]:
    """Why queued deliveries (人次) of a channel have not left, and how many for each reason, the most first."""
    d = t.deliveries.c
    many = func.count()
    query = select(d.reason, many).where(d.channel == channel, d.status == Status.QUEUED).group_by(d.reason)
    return [(r[0], r[1]) for r in conn.execute(query.order_by(many.desc(), d.reason))]


@dataclass(frozen=True)
class Work:
    """What a channel has in hand: placements (条次) not in a push yet, else deliveries (人次)."""

    waiting: int = 0
    queued: int = 0
    uncertain: int = 0
    handed: int = 0
    #: Failed since the day began; a draft that a person took back has failed too, but there is nothing to send again.
    failed: int = 0


def work(conn: Connection, channel: str, day_start: datetime) -> Work:
    """The channel's work as it stands; `day_start` begins the day whose failures are counted."""
    d, p = t.deliveries.c, t.placements.c
    open_states = (Status.QUEUED, Status.UNCERTAIN, Status.HANDED)
    counts = select(d.status, func.count()).where(d.channel == channel, d.status.in_(open_states)).group_by(d.status)
    found = {row[0]: row[1] for row in conn.execute(counts)}
    taken_back = exists().where(t.recalls.c.push_id == d.push_id)
    today = (d.channel == channel, d.status == Status.FAILED, d.changed_at >= day_start, ~taken_back)
    unplanned = (p.channel == channel, p.push_id.is_(None), p.ended == "")
    return Work(
        waiting=conn.scalar(select(func.count()).select_from(t.placements).where(*unplanned)) or 0,
        queued=found.get(Status.QUEUED, 0),
        uncertain=found.get(Status.UNCERTAIN, 0),
        handed=found.get(Status.HANDED, 0),
        failed=conn.scalar(select(func.count()).select_from(t.deliveries).where(*today)) or 0,
    )


def findings(conn: Connection, channel: str) -> list[str]:
    """What the last audit (例行自检) found wrong with a channel and is not mended yet, in its words."""
    a = t.alarms.c
    query = select(a.text).where(a.channel == channel, a.subject.like("自检:%"), a.cleared_at.is_(None))
    return list(conn.scalars(query.order_by(a.id)))


def by_hand(conn: Connection, channel: str) -> int:
    """How many orders to take something back wait for a person."""
    r, p = t.recalls.c, t.placements.c
    query = select(func.count()).select_from(t.recalls).join(t.placements, p.id == r.placement_id)
    return conn.scalar(query.where(p.channel == channel, r.status == HANDED)) or 0


def known_channels(conn: Connection) -> list[str]:
    """Every channel that was ever in use, by name."""
    return sorted(conn.scalars(select(t.channels.c.name)))


def heard(conn: Connection, channel: str, targets: Iterable[str]) -> list[datetime]:
    """When a channel that pushes no item last did its work: told a person on duty, read a figure. Empty: never yet."""
    a, r = t.alarms.c, t.reach.c
    told = select(func.max(a.told_at)).where(a.told_by.in_(list(targets)))
    read = select(func.max(r.known_at)).where(r.channel == channel)
    return [moment for moment in (conn.scalar(told), conn.scalar(read)) if moment is not None]


@dataclass(frozen=True)
class Unsent:
    """A push (次) that is made and has not left."""

    push_id: int
    target: str
    channel: str
    created_at: datetime
    not_before: datetime | None
    reason: str
    titles: tuple[str, ...]
    #: Why none of the channel's scarce sends is spent on it; empty: one is, or the channel has none.
    spared: str


def unsent(conn: Connection, channel: str = "") -> list[Unsent]:
    """Every push, of one channel or of all, with an address that it has not left for, the oldest first; of several addresses what the first waits for."""
    d, u = t.deliveries.c, t.pushes.c
    query = select(u.id, u.target, u.channel, u.created_at, u.payload, d.not_before, d.reason)
    rows = conn.execute(
        query.join(t.deliveries, d.push_id == u.id)
        .where(d.status == Status.QUEUED, *([d.channel == channel] if channel else []))
        .order_by(u.id, d.not_before, d.id)
    )
    first = {row.id: row for row in reversed(rows.all())}
    return [
        Unsent(r.id, r.target, r.channel, r.created_at, r.not_before, r.reason, titles(conn, r.id), spared_of(r.payload))
        for _, r in sorted(first.items())
    ]


def spared(conn: Connection, push_ids: Iterable[int]) -> dict[int, str]:
    """Of these pushes those that spend none of their channel's scarce sends, each with why."""
    u = t.pushes.c
    rows = conn.execute(select(u.id, u.payload).where(u.id.in_(list(push_ids))))
    return {row.id: why for row in rows if (why := spared_of(row.payload))}


def spared_of(payload: Mapping[str, Any]) -> str:
    """Why a push spends none of its channel's scarce sends, as it is kept in its payload."""
    return "；".join(dict.fromkeys((payload or {}).get("spares", {}).values()))


def put_off(conn: Connection) -> dict[int, datetime]:
    """The placements (条次) that are not looked at before a moment."""
    p = t.placements.c
    rows = conn.execute(select(p.id, p.not_before).where(p.not_before.is_not(None), p.push_id.is_(None), p.ended == ""))
    return {row.id: row.not_before for row in rows}
