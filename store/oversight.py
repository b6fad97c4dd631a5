"""What the checks ask of the store: who brought what when, what reached nobody, what a circular asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, or_, select, update

from rules.bundle import FIRST
from rules.dates import day_of
from rules.item import OPEN
from rules.place import WEBSITE
from rules.states import Status
from store import tables as t


def new_days(conn: Connection, since: datetime) -> Mapping[str, list[date]]:
    """For each watched place the days on which it brought something new."""
    i = t.items.c
    found: dict[str, list[date]] = {}
    for row in conn.execute(select(i.watch, i.created_at).where(i.created_at >= since).order_by(i.id)):
        found.setdefault(row.watch, []).append(day_of(row.created_at))
    return found


@dataclass(frozen=True)
class Unreached:
    """An approved item that nobody has got and that is on its way to nobody."""

    item_id: int
    title: str
    watch: str
    routed_at: datetime


#: A delivery in one of these may still come to something.
_OPEN = (Status.QUEUED, Status.SENDING, Status.UNCERTAIN, Status.HANDED)


def unreached(conn: Connection, since: datetime, before: datetime) -> list[Unreached]:
    """Routed in this time; nothing holds them, nothing waits, nothing was taken.

    Without those that had no target at all: that is told when they are routed.
    """
    i, v, p, d = t.items.c, t.versions.c, t.placements.c, t.deliveries.c
    mine = exists().where(p.item_id == i.id, p.channel != WEBSITE)
    waits = mine.where(p.push_id.is_(None), p.ended == "")
    taken = mine.where(p.taken_at.is_not(None))
    under_way = exists().where(p.item_id == i.id, d.push_id == p.push_id, d.status.in_(_OPEN))
    free = (i.stopped == "", i.hold == "", i.missing_since.is_(None), i.baseline.is_(False), v.disclosure == OPEN)
    query = (
        select(i.id, i.title, i.watch, v.routed_at)
        .join(t.versions, v.id == i.version_id)
        .where(*free, or_(v.guard.is_(None), v.guard == ""), v.routed_at >= since, v.routed_at < before)
        .where(mine, ~waits, ~taken, ~under_way)
        .order_by(i.id)
    )
    return [Unreached(*row) for row in conn.execute(query)]


@dataclass(frozen=True)
class Waits:
    """A 首发 that waits for its push, of an item nobody has got yet."""

    item_id: int
    title: str
    placed_at: datetime
    reason: str
    confirmed: bool


def waits(conn: Connection, before: datetime, now: datetime) -> list[Waits]:
    """Placed before then, oldest first; without what a person holds, and what she has set a later time for (定时)."""
    i, v, p = t.items.c, t.versions.c, t.placements.c
    other = t.placements.alias("elsewhere").c
    taken = exists().where(other.item_id == i.id, other.channel != WEBSITE, other.taken_at.is_not(None))
    free = (i.stopped == "", i.hold == "", or_(v.guard.is_(None), v.guard == ""), or_(i.send_at.is_(None), i.send_at <= now))
    mine = (p.purpose == FIRST, p.channel != WEBSITE, p.push_id.is_(None), p.ended == "", p.created_at < before)
    query = (
        select(i.id, i.title, p.created_at, p.reason, p.confirmed_at.is_not(None))
        .join(t.items, i.id == p.item_id)
        .join(t.versions, v.id == i.version_id)
        .where(*free, *mine, ~taken)
        .order_by(p.created_at, p.id)
    )
    return [Waits(*row) for row in conn.execute(query)]


def listed(conn: Connection, first: date, last: date) -> set[int]:
    """The 清单 numbers of what was disclosed in these days, both included."""
    i, v = t.items.c, t.versions.c
    query = select(v.list_items).join(t.items, i.version_id == v.id)
    rows = conn.scalars(query.where(i.disclosed_on >= first, i.disclosed_on <= last))
    return {number for numbers in rows for number in numbers}


@dataclass(frozen=True)
class Rectification:
    """限期整改: what a circular asks of a department, by when, and its end."""

    id: int
    department: str
    text: str
    circular: str
    item_id: int | None
    asked_on: date
    due_on: date
    done_on: date | None
    note: str


def rectifications(conn: Connection, *, only_open: bool = True) -> list[Rectification]:
    """Those still to be done, or all of them."""
    r = t.rectifications.c
    names = [getattr(r, name) for name in Rectification.__dataclass_fields__]
    query = select(*names).order_by(r.due_on, r.id)
    return [Rectification(*row) for row in conn.execute(query.where(r.done_on.is_(None)) if only_open else query)]


def ask(conn: Connection, facts: Mapping[str, Any]) -> int:
    """A new one: department, text, circular, item_id, asked_on, due_on, recorded_by, recorded_at. Returns its number."""
    key = conn.execute(insert(t.rectifications).values(**facts)).inserted_primary_key
    assert key is not None
    return int(key[0])


def done(conn: Connection, number: int, day: date, note: str) -> bool:
    """It has been done; False if there is none of this number or it was done already."""
    r = t.rectifications.c
    statement = update(t.rectifications).where(r.id == number, r.done_on.is_(None))
    return conn.execute(statement.values(done_on=day, note=note)).rowcount == 1
