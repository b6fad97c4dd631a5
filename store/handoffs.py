"""Hand-offs (交办): pushes that a person carries out, what is open of them, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from rules.item import disclosed_on
from rules.states import Status
from store import tables as t
from store.marks import leave, touch

#: What an alarm about late hand-offs is about.
LATE = "交办逾期:"


@dataclass(frozen=True, kw_only=True)
class HandOff:
    """One push of a channel that works by hand, with the item it carries."""

    push_id: int
    delivery_id: int
    target: str
    target_name: str
    made_at: datetime
    status: Status
    reason: str
    purpose: str
    title: str
    text: str
    payload: Mapping[str, Any]
    #: Of the item as it was handed over.
    formed_on: date | None
    approved_on: date | None
    published_on: date | None
    notice_from: date | None
    notice_to: date | None

    @property
    def is_open(self) -> bool:
        """True while the person has not said what became of it."""
        return self.status is Status.HANDED


def find(conn: Connection, channel: str, *, push_id: int | None = None) -> list[HandOff]:
    """The open ones of a channel, oldest first; or the one with this number, whatever became of it."""
    d, u, p, pp, v = t.deliveries.c, t.pushes.c, t.placements.c, t.push_placements.c, t.versions.c
    which = d.status == Status.HANDED if push_id is None else u.id == push_id
    query = (
        select(
            u.id.label("push_id"), d.id.label("delivery_id"), u.target, u.target_name, u.created_at.label("made_at"),
            d.status, d.reason, p.purpose, v.title, u.text, u.payload, v.formed_on, v.approved_on, v.published_on,
            v.notice_from, v.notice_to,
        )
        .select_from(t.deliveries)
        .join(t.pushes, u.id == d.push_id)
        .join(t.push_placements, pp.push_id == u.id)
        .join(t.placements, p.id == pp.placement_id)
        .join(t.versions, v.id == p.version_id)
        .where(d.channel == channel, which)
        .order_by(u.id)
    )  # fmt: skip
    return [HandOff(**{**row._mapping, "status": Status(row.status)}) for row in conn.execute(query)]


def record(conn: Connection, facts: Mapping[str, Any]) -> None:
    """What a person did with one delivery: the columns of `handoffs`. One row a delivery."""
    conn.execute(insert(t.handoffs).values(**facts))


def done_by(conn: Connection, push_id: int) -> tuple[str, datetime] | None:
    """Who did a push by hand, and when; None if nobody has said so."""
    h, d = t.handoffs.c, t.deliveries.c
    query = select(h.done_by, h.done_at).join(t.deliveries, d.id == h.delivery_id).where(d.push_id == push_id)
    row = conn.execute(query).first()
    return None if row is None else (row.done_by, row.done_at)


def date_back(conn: Connection, push_id: int, done_at: datetime) -> None:
    """It was out when the person did it, not when it was written down: its placements, and its items' 公开日期."""
    p, i, v = t.placements.c, t.items.c, t.versions.c
    leave(conn, push_id)
    touch(conn, pushes=[push_id])
    conn.execute(update(t.placements).where(p.push_id == push_id, p.taken_at > done_at).values(taken_at=done_at))
    for item_id in sorted(set(conn.scalars(select(p.item_id).where(p.push_id == push_id)))):
        own = conn.scalar(select(v.published_on).join(t.items, i.version_id == v.id).where(i.id == item_id))
        first = conn.scalar(select(func.min(p.taken_at)).where(p.item_id == item_id))
        conn.execute(update(t.items).where(i.id == item_id).values(disclosed_on=disclosed_on(own, first)))


def clear_late(conn: Connection, subjects: Collection[str], now: datetime) -> None:
    """They are over: of another day, or done meanwhile."""
    a = t.alarms.c
    statement = update(t.alarms).where(a.subject.in_(list(subjects)), a.cleared_at.is_(None))
    conn.execute(statement.values(cleared_at=now))
