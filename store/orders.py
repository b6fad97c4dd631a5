"""What the orders of persons ask of the store: what an item's cancelling can still stop, who missed a push, what is unclear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, or_, select, update

from rules.bundle import FIRST
from rules.states import Status
from rules.urgent import is_ordered
from store import tables as t
from store.placements import Due, place_first


@dataclass(frozen=True)
class Stoppable:
    """What an order to cancel an item meets: the order that stopped it already, and whether it will be routed yet."""

    stopped: str
    #: Its current version waits for routing: placements may still come of it.
    unrouted: bool


def stoppable(conn: Connection, item_id: int) -> Stoppable:
    """How the item itself stands."""
    i, v = t.items.c, t.versions.c
    query = select(i.stopped, i.baseline, v.routed_at).join(t.versions, v.id == i.version_id).where(i.id == item_id)
    row = conn.execute(query).one()
    return Stoppable(row.stopped, row.routed_at is None and not row.baseline)


def current_version(conn: Connection, item_id: int) -> int:
    """The item's current version."""
    return int(conn.scalars(select(t.items.c.version_id).where(t.items.c.id == item_id)).one())


def last_day(conn: Connection, item_id: int) -> date | None:
    """The day after which the item's current version is not pushed any more (截止日期, 公示止); None: it has none."""
    i, v = t.items.c, t.versions.c
    query = select(func.coalesce(v.ends_on, v.notice_to)).join(t.items, i.version_id == v.id).where(i.id == item_id)
    found: date | None = conn.scalar(query)
    return found


@dataclass(frozen=True)
class Left:
    """A target that has an item, may have it, or surely did not get it: the statuses of the push, and when."""

    target: str
    statuses: frozenset[Status]
    at: datetime | None


def carried(conn: Connection, item_id: int) -> list[Left]:
    """The item's placements that are in a push, or were booked by a person, as they stand."""
    p, d = t.placements.c, t.deliveries.c
    query = (
        select(p.id, p.target, d.status, func.max(d.changed_at).label("at"), p.taken_at)
        .outerjoin(t.deliveries, d.push_id == p.push_id)
        .where(p.item_id == item_id, p.push_id.is_not(None) | p.taken_at.is_not(None))
        .group_by(p.id, p.target, d.status, p.taken_at)
        .order_by(p.id)
    )
    found: dict[int, Left] = {}
    for row in conn.execute(query):
        before = found.get(row.id, Left(row.target, frozenset(), row.taken_at))
        status = frozenset() if row.status is None else frozenset({Status(row.status)})
        found[row.id] = Left(row.target, before.statuses | status, row.taken_at or row.at)
    return list(found.values())


def missed(conn: Connection, push_id: int) -> list[str]:
    """The addresses of a push that surely did not get it."""
    d = t.deliveries.c
    failed = (d.push_id == push_id, d.status == Status.FAILED, d.maybe_sent.is_(False))
    return list(conn.scalars(select(d.address).where(*failed).order_by(d.id)))


def nobody_got(conn: Connection, push_id: int) -> bool:
    """True if every address of the push surely did not get it: only then does another target double nothing."""
    d = t.deliveries.c
    perhaps = or_(d.status != Status.FAILED, d.maybe_sent.is_(True))
    return conn.scalar(select(d.id).where(d.push_id == push_id, perhaps).limit(1)) is None


def stand_in(conn: Connection, due: Due, target: str, channel: str, person: str, now: datetime) -> bool:
    """Place the item of a 首发 at another target too, as a person ordered; False if it waits there, is out or may be."""
    p = t.placements.c
    mine = (p.item_id == due.item_id, p.target == target, p.slot == FIRST)
    if conn.scalar(select(p.id).where(*mine, p.push_id.is_(None), p.ended == "")) is not None:
        return False
    if place_first(conn, due.item_id, due.version_id, target, channel, now) == "sent":
        return False
    confirmed = {"confirmed_at": now, "confirmed_by": person, "not_before": None}
    conn.execute(update(t.placements).where(*mine).values(**confirmed))
    return True


def ordered(conn: Connection, push_ids: Sequence[int], now: datetime) -> dict[int, bool]:
    """Those of these pushes that carry what a person has ordered to go at any hour (紧急); True: they carry nothing else."""
    p, pp, i = t.placements.c, t.push_placements.c, t.items.c
    query = (
        select(pp.push_id, i.urgent_at, p.purpose, p.created_at)
        .join(t.placements, p.id == pp.placement_id)
        .join(t.items, i.id == p.item_id)
        .where(pp.push_id.in_(push_ids))
    )
    found: dict[int, set[bool]] = {}
    for row in conn.execute(query) if push_ids else ():
        found.setdefault(row.push_id, set()).add(is_ordered(row.urgent_at, row.purpose, row.created_at, now))
    return {push_id: all(said) for push_id, said in found.items() if any(said)}


def hurry(conn: Connection, item_id: int, person: str, why: str, now: datetime | None) -> None:
    """The item goes at any hour by this person's order (紧急); None: no longer."""
    values = {"urgent_at": now, "urgent_by": person if now else None, "urgent_why": why if now else None}
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(**values))


def schedule(conn: Connection, item_id: int, when: datetime | None) -> None:
    """The item does not go before this moment (定时); None: as the hours and slots allow."""
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(send_at=when))


def live_push(conn: Connection, placement_id: int) -> int | None:
    """The push a placement travels in now."""
    return conn.scalar(select(t.placements.c.push_id).where(t.placements.c.id == placement_id))


def carries_only(conn: Connection, push_id: int, item_id: int) -> bool:
    """True if a push carries this item and no other."""
    p, pp = t.placements.c, t.push_placements.c
    query = (
        select(p.id).join(t.push_placements, pp.placement_id == p.id).where(pp.push_id == push_id, p.item_id != item_id)
    )
    return conn.scalar(query.limit(1)) is None
