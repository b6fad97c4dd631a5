"""Marks: whoever changes a row behind a figure removes the roll-ups (汇总) of its days, in the same commit.

So a roll-up is never wrong: it is there and true, or it is gone and its day is counted from the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, text

from store import tables as t
from store.db import AT_COMMIT, among, shanghai_day
from store.facts import swap_meta

DAY, MONTH = "day", "month"
#: The fact that writers share and the one who counts takes for himself; what it says means nothing.
LOCK = "rollup"
TOGETHER = 500  # ids in one question

_TOUCHED = "xxgk_touched"
_NAMES = ("deliveries", "pushes", "placements", "items")


@dataclass
class _Touched:
    deliveries: set[int] = field(default_factory=set)
    pushes: set[int] = field(default_factory=set)
    placements: set[int] = field(default_factory=set)
    items: set[int] = field(default_factory=set)
    #: Days whose roll-ups must go, whatever else is touched; there need not be one.
    gone: set[date] = field(default_factory=set)


def touch(
    conn: Connection,
    *,
    deliveries: Iterable[int] = (),
    pushes: Iterable[int] = (),
    placements: Iterable[int] = (),
    items: Iterable[int] = (),
) -> None:
    """Something of these is changed by this transaction; which days that concerns is asked at its end."""
    given = dict(zip(_NAMES, map(set, (deliveries, pushes, placements, items)), strict=True))
    if any(given.values()):
        mine = _touched(conn)
        for name, ids in given.items():
            getattr(mine, name).update(ids)


def leave(conn: Connection, push_id: int) -> None:
    """The push's placements are about to move to another day: the days they stand on now are touched too."""
    for days in conn.execute(_days("pushes", conn.dialect.name), {"ids": [push_id]}):
        _touched(conn).gone.update(day for day in days if day is not None)


def _touched(conn: Connection) -> _Touched:
    last = conn.info[AT_COMMIT]
    if _remove not in last:
        last.append(_remove)
        conn.info[_TOUCHED] = _Touched()
    mine: _Touched = conn.info[_TOUCHED]
    return mine


def _remove(conn: Connection) -> None:
    """The lock first: which days it is may change until nobody counts. In their order, so that no two wait for each other."""
    _share(conn)
    mine = _touched(conn)
    gone = mine.gone.union(*(_rolled_of(conn, name, getattr(mine, name)) for name in _NAMES))
    if gone:
        keys = {key for day in gone for key in ((DAY, day), (MONTH, day.replace(day=1)))}
        conn.execute(_delete(), [{"of": level, "day": first} for level, first in sorted(keys)])


@cache
def _delete() -> Any:
    r = t.rollups.c
    return delete(t.rollups).where(r.level == bindparam("of"), r.first == bindparam("day"))


def _rolled_of(conn: Connection, name: str, ids: Collection[int]) -> set[date]:
    """The days of these that have a roll-up: most changes are of today, which has none yet. No month has one without its days."""
    found: set[date] = set()
    wanted = sorted(ids)
    for n in range(0, len(wanted), TOGETHER):
        found.update(conn.scalars(_rolled(name, conn.dialect.name), {"ids": wanted[n : n + TOGETHER]}))
    return found


@cache
def _rolled(name: str, dialect: str) -> Any:
    r, mine = t.rollups.c, _days(name, dialect).subquery()
    of_day = and_(r.level == text(f"'{DAY}'"), r.first.in_(list(mine.c)))
    return select(r.first).distinct().join_from(t.rollups, mine, of_day)


@cache
def _days(name: str, dialect: str) -> Any:
    """The days of these: pushes stand on when they were made, placements on when they were placed and taken."""
    u, pp, p = t.pushes.c, t.push_placements.c, t.placements.c
    pushed = t.pushes.outerjoin(t.push_placements, pp.push_id == u.id).outerjoin(t.placements, p.id == pp.placement_id)
    placed = t.placements.outerjoin(t.push_placements, pp.placement_id == p.id).outerjoin(t.pushes, u.id == pp.push_id)
    source, key = {
        "deliveries": (pushed.join(t.deliveries, t.deliveries.c.push_id == u.id), t.deliveries.c.id),
        "pushes": (pushed, u.id),
        "placements": (placed, p.id),
        "items": (placed, p.item_id),
    }[name]
    moments = (u.created_at, p.created_at, p.taken_at)
    days = [shanghai_day(each, dialect).label(f"d{n}") for n, each in enumerate(moments)]
    return select(*days).distinct().select_from(source).where(among(key, "ids", dialect))


def _share(conn: Connection) -> None:
    """Until this transaction ends nobody counts; others may change rows at the same time."""
    _hold(conn, shared=True)


def take(conn: Connection) -> None:
    """Until this transaction ends nobody removes a roll-up, and all who did have ended: what is counted now is whole."""
    _hold(conn, shared=False)


def _hold(conn: Connection, *, shared: bool) -> None:
    """The lock; who does not find it makes it, or waits for the other who does. SQLite has one writer anyway."""
    if conn.dialect.name == "sqlite":
        return
    lock = _lock(shared)
    if conn.scalar(lock) is None and not swap_meta(conn, LOCK, None, "1"):
        conn.scalar(lock)


@cache
def _lock(shared: bool) -> Any:
    return select(t.meta.c.name).where(t.meta.c.name == LOCK).with_for_update(read=shared)
