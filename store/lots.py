"""Lots: which pushes the log looks through for a result, newest first, so that a rare one is not sought in all of them.

What a result is made of tells where to look: no push has failed without a delivery that did. A success may be anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select, union_all

from rules.amend import ENDED_BACK
from rules.states import TELLING, Result, Status
from store import tables as t

#: A first lot for a page of 50; each is four times the one before, up to the last.
FIRST, LAST = 64, 2048


def lots(
    conn: Connection, results: Collection[Result], until: datetime, push: int, *, channel: str = "", target: str = ""
) -> Iterator[Sequence[int]]:
    """The ids of pushes that may have one of these results, made at or before a moment and there up to this id."""
    at, last, many = until, push, FIRST
    while True:
        query = (
            _by_status(results, at, last, many, channel, target)
            if _tells(results)
            else _by_time(at, last, channel, target)
        )
        found = conn.execute(query.limit(many)).all()
        if found:
            yield [row.id for row in found]
        if len(found) < many:
            return
        at, last, many = found[-1].at, found[-1].id - 1, min(many * 4, LAST)


def _tells(results: Collection[Result]) -> bool:
    return all(each in TELLING for each in results)


def _up_to(at: ColumnElement[datetime], id_: ColumnElement[int], until: datetime, last: int) -> ColumnElement[bool]:
    """The first clause is what an index on the time can use."""
    return and_(at <= until, or_(at < until, id_ <= last))


def _by_time(until: datetime, last: int, channel: str, target: str) -> Select[tuple[datetime, int]]:
    u = t.pushes.c
    mine = [column == value for column, value in ((u.channel, channel), (u.target, target)) if value]
    query = select(u.created_at.label("at"), u.id.label("id")).where(*mine, _up_to(u.created_at, u.id, until, last))
    return query.order_by(u.created_at.desc(), u.id.desc())


def _by_status(
    results: Collection[Result], until: datetime, last: int, many: int, channel: str, target: str
) -> Select[tuple[datetime, int]]:
    """From the index of each status as many as are wanted; a piece taken back alone has left no trace in a status."""
    d, u, r = t.deliveries.c, t.pushes.c, t.recalls.c
    parts = []
    for status in sorted(frozenset[Status]().union(*(TELLING[each] for each in results))):
        mine = [d.status == status, _up_to(d.pushed_at, d.push_id, until, last)]
        mine += [d.channel == channel] if channel else []
        mine += [exists().where(u.id == d.push_id, u.target == target)] if target else []
        one = select(d.pushed_at.label("at"), d.push_id.label("id")).distinct().where(*mine)
        parts.append(one.order_by(d.pushed_at.desc(), d.push_id.desc()).limit(many).subquery())
    if Result.RETRACTED in results:
        p = t.placements.c
        back = select(p.push_id).where(p.id.in_(select(r.placement_id)), p.ended == ENDED_BACK)
        alone = select(u.created_at.label("at"), u.id.label("id")).where(u.id.in_(back))
        parts.append(alone.where(_up_to(u.created_at, u.id, until, last)).subquery())
    whole = union_all(*(select(part) for part in parts)).subquery()
    return select(whole.c.at, whole.c.id).distinct().order_by(whole.c.at.desc(), whole.c.id.desc())
