"""Marks: whoever changes a row behind a figure removes the roll-ups (汇总) of its days, in the same commit.

So a roll-up is never wrong: it is there and true, or it is gone and its day is counted from the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, bindparam, delete, select, text, true, update

from store import tables as t
from store.db import AT_COMMIT, among, shanghai_day
from store.facts import swap_meta

DAY, MONTH = "day", "month"
#: The fact that writers share and the one who counts takes for himself; it says another thing after each count.
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
    mine = _touched(conn)
    gone, batches = mine.gone, list(_batches(mine))
    if not batches:
        _share(conn)
    for n, (name, ids) in enumerate(batches):
        gone |= _look(conn, name, ids) if n else _share_and_look(conn, name, ids)
    if gone:
        keys = {key for day in gone for key in ((DAY, day), (MONTH, day.replace(day=1)))}
        conn.execute(_delete(), [{"of": level, "day": first} for level, first in sorted(keys)])


def _batches(mine: _Touched) -> Iterator[tuple[str, list[int]]]:
    for name in _NAMES:
        wanted = sorted(getattr(mine, name))
        yield from ((name, wanted[n : n + TOGETHER]) for n in range(0, len(wanted), TOGETHER))


@cache
def _delete() -> Any:
    r = t.rollups.c
    return delete(t.rollups).where(r.level == bindparam("of"), r.first == bindparam("day"))


def _share_and_look(conn: Connection, name: str, ids: list[int]) -> set[date]:
    """On PostgreSQL in one question, and once more if somebody has counted meanwhile.

    Of the lock's row it sees the latest, of all others what stood there before it waited for the lock.
    """
    if conn.dialect.name == "postgresql":
        found = conn.execute(_lock_and_rolled(name), {"ids": ids}).all()
        if found and found[0].held == found[0].seen:
            return {row.first for row in found if row.first is not None}
    _share(conn)
    return _look(conn, name, ids)


def _look(conn: Connection, name: str, ids: list[int]) -> set[date]:
    """The days of these that have a roll-up: most changes are of today, which has none yet. No month has one without its days."""
    return set(conn.scalars(_rolled(name, conn.dialect.name), {"ids": ids}))


@cache
def _lock_and_rolled(name: str) -> Any:
    lock, rolled = t.meta.alias(), _rolled(name, "postgresql").subquery()
    seen = select(t.meta.c.value).where(t.meta.c.name == LOCK).scalar_subquery()
    query = select(lock.c.value.label("held"), seen.label("seen"), rolled.c.first)
    query = query.select_from(lock.outerjoin(rolled, true())).where(lock.c.name == LOCK)
    return query.with_for_update(read=True, of=lock)


@cache
def _rolled(name: str, dialect: str) -> Any:
    r, mine = t.rollups.c, _days(name, dialect).subquery()
    # The level as it is: a parameter would be written and read each time.
    of_day = and_(r.level == text(f"'{DAY}'"), r.first.in_(list(mine.c)))
    return select(r.first).distinct().join_from(t.rollups, mine, of_day)


@cache
def _days(name: str, dialect: str) -> Any:
    """The days of these: pushes stand on when they were made, placements on when they were placed and taken."""
    d, u, pp, p = t.deliveries.c, t.pushes.c, t.push_placements.c, t.placements.c
    sent = t.deliveries.outerjoin(t.push_placements, pp.push_id == d.push_id).outerjoin(t.placements, p.id == pp.placement_id)
    pushed = t.pushes.outerjoin(t.push_placements, pp.push_id == u.id).outerjoin(t.placements, p.id == pp.placement_id)
    placed = t.placements.outerjoin(t.push_placements, pp.placement_id == p.id).outerjoin(t.pushes, u.id == pp.push_id)
    source, key, made = {
        "deliveries": (sent, d.id, d.pushed_at),
        "pushes": (pushed, u.id, u.created_at),
        "placements": (placed, p.id, u.created_at),
        "items": (placed, p.item_id, u.created_at),
    }[name]
    moments = (made, p.created_at, p.taken_at)
    days = [shanghai_day(each, dialect).label(f"d{n}") for n, each in enumerate(moments)]
    return select(*days).distinct().select_from(source).where(among(key, "ids", dialect))


def _share(conn: Connection) -> None:
    """Until this transaction ends nobody counts; others may change rows at the same time."""
    _hold(conn, shared=True)


def take(conn: Connection) -> None:
    """Until this transaction ends nobody removes a roll-up, and all who did have ended: what is counted now is whole."""
    _hold(conn, shared=False)
    conn.execute(update(t.meta).where(t.meta.c.name == LOCK).values(value=uuid4().hex))  # who waited sees that we counted


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
