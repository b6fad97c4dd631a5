"""Marks (标记): whoever changes a row behind a figure marks it in the same commit, and no roll-up (汇总) of its days counts.

So a roll-up is never wrong: it is true, or it is marked and its day is counted from the rows. Which days a mark concerns
is asked by those who read and count; on a server who changes rows waits for none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from store import tables as t
from store.db import AT_COMMIT, among, shanghai_day
from store.facts import swap_meta

DAY, MONTH = "day", "month"
#: The fact that whoever counts takes for himself.
LOCK = "rollup"
TOGETHER = 500  # ids in one question, and in one mark
#: Marks cleared in one transaction: on SQLite nobody else writes meanwhile.
CLEARED = 500

_TOUCHED = "xxgk_touched"
_NAMES = ("deliveries", "pushes", "placements", "items")
#: Beside these names a mark may hold days themselves.
_DAYS = "days"

#: A roll-up: its level and its first day.
Key = tuple[str, date]


@dataclass
class _Touched:
    deliveries: set[int] = field(default_factory=set)
    pushes: set[int] = field(default_factory=set)
    placements: set[int] = field(default_factory=set)
    items: set[int] = field(default_factory=set)
    #: Days that something stood on before it moved.
    days: set[date] = field(default_factory=set)


def touch(
    conn: Connection,
    *,
    deliveries: Iterable[int] = (),
    pushes: Iterable[int] = (),
    placements: Iterable[int] = (),
    items: Iterable[int] = (),
) -> None:
    """Something of these is changed by this transaction. Whoever moves it to another day later must `leave` this one."""
    given = dict(zip(_NAMES, map(set, (deliveries, pushes, placements, items)), strict=True))
    if any(given.values()):
        mine = _touched(conn)
        for name, ids in given.items():
            getattr(mine, name).update(ids)


def leave(conn: Connection, push_id: int) -> None:
    """The push's placements are about to move to another day: the days they stand on now are touched too."""
    _touched(conn).days.update(_asked(conn, "pushes", [push_id]))


def _touched(conn: Connection) -> _Touched:
    last = conn.info[AT_COMMIT]
    if _mark not in last:
        last.append(_mark)
        conn.info[_TOUCHED] = _Touched()
    mine: _Touched = conn.info[_TOUCHED]
    return mine


def _mark(conn: Connection) -> None:
    """What was touched, written down at the very end of the transaction."""
    mine = _touched(conn)
    rows: list[tuple[str, list[Any]]] = [(name, ids) for name in _NAMES for ids in _batches(sorted(getattr(mine, name)))]
    rows += [(_DAYS, sorted(mine.days))] if mine.days else []
    for name, those in rows:  # one by one: mostly there is one, and a driver's way for many costs more
        conn.execute(_insert(), {"of": name, "ids": ",".join(map(str, those))})


@cache
def _insert() -> Any:
    return insert(t.marks).inline()  # nobody asks for its id


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[n : n + TOGETHER] for n in range(0, len(ids), TOGETHER))


def marked(conn: Connection) -> set[Key]:
    """The roll-ups that count for nothing, whether there are such or not. To be asked before the roll-ups are read."""
    m = t.marks.c
    return _keys(conn, conn.execute(select(m.of, m.ids)).all())


def clear(conn: Connection) -> bool:
    """Remove roll-ups that are marked, and the marks that say so; True if there may be more. Only under `take`."""
    m, r = t.marks.c, t.rollups.c
    found = conn.execute(select(m.id, m.of, m.ids).order_by(m.id).limit(CLEARED)).all()
    for level, keys in groupby(sorted(_keys(conn, found)), lambda key: key[0]):
        conn.execute(delete(t.rollups).where(r.level == level, r.first.in_([first for _, first in keys])))
    for ids in _batches([row.id for row in found]):
        conn.execute(delete(t.marks).where(m.id.in_(ids)))  # and none that has come since
    return len(found) == CLEARED


def _keys(conn: Connection, found: Iterable[Any]) -> set[Key]:
    """No month is true without its days."""
    days, touched = set[date](), {name: set[int]() for name in _NAMES}
    for mark in found:
        if mark.of == _DAYS:
            days.update(map(date.fromisoformat, mark.ids.split(",")))
        else:
            touched[mark.of].update(map(int, mark.ids.split(",")))
    for name, ids in touched.items():
        for some in _batches(sorted(ids)):
            days |= _asked(conn, name, some)
    return {key for day in days for key in ((DAY, day), (MONTH, day.replace(day=1)))}


def _asked(conn: Connection, name: str, ids: list[int]) -> set[date]:
    found = conn.execute(_days(name, conn.dialect.name), {"ids": ids})
    return {day for days in found for day in days if day is not None}


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


def take(conn: Connection) -> None:
    """Until this transaction ends nobody else counts or clears marks; who changes rows goes on and marks them.

    Who does not find the lock makes it, or waits for the other who does. SQLite has one writer anyway.
    """
    if conn.dialect.name == "sqlite":
        return
    lock = select(t.meta.c.name).where(t.meta.c.name == LOCK).with_for_update()
    if conn.scalar(lock) is None and not swap_meta(conn, LOCK, None, "1"):
        conn.scalar(lock)
