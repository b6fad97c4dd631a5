"""How things stand at this moment: what the watches last saw, what waits and why, how many are in each status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from rules.states import Status
from store import tables as t


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


def waiting(conn: Connection) -> list[tuple[str, int]]:
    """Why placements (条次) wait for their push, and how many for each reason, the most first."""
    p = t.placements.c
    many = func.count()
    query = select(p.reason, many).where(p.push_id.is_(None), p.ended == "").group_by(p.reason)
    return [(r[0], r[1]) for r in conn.execute(query.order_by(many.desc(), p.reason))]


def held_back(conn: Connection, channel: str) -> list[tuple[str, int]]:
    """Why queued deliveries (人次) of a channel have not left, and how many for each reason, the most first."""
    d = t.deliveries.c
    many = func.count()
    query = select(d.reason, many).where(d.channel == channel, d.status == Status.QUEUED).group_by(d.reason)
    return [(r[0], r[1]) for r in conn.execute(query.order_by(many.desc(), d.reason))]
