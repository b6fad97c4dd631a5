"""Lots: which pushes the log looks through, newest first: an index alone tells them, and their rows are read by number.

What a result is made of tells where to look: no push has failed without a delivery that did. A success may be anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
    union_all,
)

from rules.amend import ENDED_BACK
from rules.states import TELLING, Result, Status
from store import tables as t
from store.db import figure

#: Each lot is four times the one before, up to the last.
LAST = 2048


def lots(
    conn: Connection, results: Collection[Result], until: datetime, push: int, first: int, *, channel: str = "", target: str = ""
) -> Iterator[Sequence[int]]:
    """The ids of pushes that may have one of these results (none given: any), made at or before a moment and there up to this id.

    `first`: how many there are in the first lot.
    """
    form, told = (bool(channel), bool(target)), frozenset(results)
    by_status, many = bool(told) and all(each in TELLING for each in told), first
    given: dict[str, Any] = {"until": until, "last": push, "channel": channel, "target": target}
    while True:
        query = _by_status(told, *form, many) if by_status else _by_time(*form, many)
        found = conn.execute(query, given).all()
        if found:
            yield [row.id for row in found]
        if len(found) < many:
            return
        given |= {"until": found[-1].at, "last": found[-1].id - 1}
        many = min(many * 4, LAST)


def _up_to(at: ColumnElement[datetime], id_: ColumnElement[int]) -> ColumnElement[bool]:
    """The first clause is what an index on the time can use."""
    until: BindParameter[datetime] = bindparam("until")
    return and_(at <= until, or_(at < until, id_ <= bindparam("last")))


@lru_cache(256)
def _by_time(of_channel: bool, of_target: bool, many: int) -> Select[tuple[datetime, int]]:
    u = t.pushes.c
    mine = [u.channel == bindparam("channel")] * of_channel + [u.target == bindparam("target")] * of_target
    query = select(u.created_at.label("at"), u.id.label("id")).where(*mine, _up_to(u.created_at, u.id))
    return query.order_by(u.created_at.desc(), u.id.desc()).limit(figure(many))


@lru_cache(256)
def _by_status(results: frozenset[Result], of_channel: bool, of_target: bool, many: int) -> Select[tuple[datetime, int]]:
    """From the index of each status as many as are wanted; a piece taken back alone has left no trace in a status.

    In part arrives only what has several addresses.
    """
    d, u, r = t.deliveries.c, t.pushes.c, t.recalls.c
    made = d.shared_at if results == {Result.PARTIAL} else d.pushed_at
    parts = []
    for status in sorted(frozenset[Status]().union(*(TELLING[each] for each in results))):
        mine = [d.status == status, _up_to(made, d.push_id)]
        mine += [d.channel == bindparam("channel")] if of_channel else []
        mine += [exists().where(u.id == d.push_id, u.target == bindparam("target"))] if of_target else []
        one = select(made.label("at"), d.push_id.label("id")).distinct().where(*mine)
        parts.append(one.order_by(made.desc(), d.push_id.desc()).limit(figure(many)).subquery())
    if Result.RETRACTED in results:
        p = t.placements.c
        back = select(p.push_id).where(p.id.in_(select(r.placement_id)), p.ended == ENDED_BACK)
        alone = select(u.created_at.label("at"), u.id.label("id")).where(u.id.in_(back))
        parts.append(alone.where(_up_to(u.created_at, u.id)).subquery())
    whole = union_all(*(select(part) for part in parts)).subquery()
    return select(whole.c.at, whole.c.id).distinct().order_by(whole.c.at.desc(), whole.c.id.desc()).limit(figure(many))
