"""What an outage made late: when the bot was last alive, and the placements (条次) that wait because of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from rules.backlog import Outage, Policy
from rules.bundle import FIRST
from rules.origin import BOT
from rules.states import Status
from store import facts
from store import tables as t

_ALIVE, _OUTAGE = "alive", "outage"


def beat(conn: Connection, now: datetime) -> None:
    """The bot is at work."""
    facts.set_meta(conn, _ALIVE, now.isoformat())


def alive(conn: Connection) -> datetime | None:
    """When it last was; None if it never ran."""
    kept = facts.get_meta(conn, _ALIVE)
    return datetime.fromisoformat(kept) if kept else None


def keep(conn: Connection, outage: Outage) -> None:
    """The last outage."""
    facts.set_meta(conn, _OUTAGE, json.dumps([outage.since.isoformat(), outage.until.isoformat()]))


def last(conn: Connection) -> Outage | None:
    """The last outage; None if there was none."""
    kept = facts.get_meta(conn, _OUTAGE)
    return Outage(*map(datetime.fromisoformat, json.loads(kept))) if kept else None


@dataclass(frozen=True)
class Late:
    """A placement that an outage made late."""

    id: int
    item_id: int
    title: str
    target: str
    approved_on: date | None
    late: str


def waiting(conn: Connection, item_ids: Sequence[int] = ()) -> list[Late]:
    """Those that have not left, in order; all, or of these items."""
    p, v = t.placements.c, t.versions.c
    query = select(p.id, p.item_id, v.title, p.target, v.approved_on, p.late).join(t.versions, v.id == p.version_id)
    query = query.where(p.late.is_not(None), p.push_id.is_(None), p.ended == "")
    query = query.where(p.item_id.in_(item_ids)) if item_ids else query
    return [Late(*row) for row in conn.execute(query.order_by(p.target, p.id))]


def going(conn: Connection, outage: Outage) -> int:
    """How many placements that this outage made late may go by themselves, or have gone since."""
    p, u = t.placements.c, t.pushes.c
    waits = and_(p.push_id.is_(None), p.ended == "")
    mine = or_(waits, p.created_at >= outage.since, u.created_at >= outage.until)
    query = select(func.count()).select_from(t.placements).outerjoin(t.pushes, u.id == p.push_id)
    return conn.scalar(query.where(p.late.in_((Policy.DIGEST, Policy.SEND)), mine)) or 0


def mark(conn: Connection, placement_ids: Sequence[int], how: Policy) -> None:
    """What becomes of them."""
    p = t.placements.c
    conn.execute(update(t.placements).where(p.id.in_(list(placement_ids))).values(late=how))


def first_of(conn: Connection, item_id: int, target: str) -> list[int]:
    """The 首发 of an item at a target."""
    p = t.placements.c
    return list(conn.scalars(select(p.id).where(p.item_id == item_id, p.target == target, p.slot == FIRST)))


@dataclass(frozen=True)
class Waited:
    """A placement that waits for its push, and from when on it could have got one."""

    id: int
    target: str
    since: datetime


def waited_since_before(conn: Connection, moment: datetime) -> list[Waited]:
    """首发 that were waiting for their push when the bot went away."""
    p, i = t.placements.c, t.items.c
    query = select(p.id, p.target, p.created_at, p.not_before, i.send_at).join(t.items, i.id == p.item_id)
    open_ = (p.push_id.is_(None), p.ended == "", p.purpose == FIRST, p.late.is_(None))
    rows = conn.execute(query.where(*open_, p.created_at <= moment).order_by(p.id))
    return [Waited(id_, target, max(each for each in moments if each)) for id_, target, *moments in rows]


def last_push(conn: Connection, target: str, moment: datetime) -> datetime | None:
    """When the last push to a target was made by then, as `placements.lines` has it; None: never."""
    u, d = t.pushes.c, t.deliveries.c
    alive = exists().where(d.push_id == u.id, d.status.not_in((Status.CANCELLED, Status.FAILED)))
    query = select(func.max(u.created_at)).where(u.target == target, u.created_at <= moment, u.origin == BOT, alive)
    found: datetime | None = conn.scalar(query)
    return found


def queued_since_before(conn: Connection, moment: datetime) -> list[tuple[int, str]]:
    """Pushes of 首发, with their targets, that were made when the bot went away and still wait to leave; no resend, which
    a person ordered."""
    p, u, d = t.placements.c, t.pushes.c, t.deliveries.c
    query = select(u.id, u.target).distinct().join(t.placements, p.push_id == u.id).join(t.deliveries, d.push_id == u.id)
    made = (u.created_at <= moment, u.origin == BOT, u.resend_of.is_(None))
    rows = conn.execute(query.where(*made, p.purpose == FIRST, d.status == Status.QUEUED).order_by(u.id))
    return [(push_id, target) for push_id, target in rows]
