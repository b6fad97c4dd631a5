"""What the briefs ask: how many placements, pushes and failures a span had, and how things stand now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from rules.dates import day_of
from rules.item import OPEN
from rules.states import Result
from store import log
from store import tables as t


def pushed(conn: Connection, since: datetime, until: datetime) -> tuple[int, int, int]:
    """条次 and 次 of the span, and the 条次 that failed or reached only some."""
    placements, pushes, failed = 0, set(), 0
    for row in log.rows(conn, log.Filter(since=since, until=until)):
        if row.push_id is None:
            continue
        placements += 1
        pushes.add(row.push_id)
        failed += row.status in (Result.FAILURE, Result.PARTIAL)
    return placements, len(pushes), failed


def disclosed(conn: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Items that count, by department, with a 公开日期 in the span (its end excluded)."""
    i = t.items.c
    mine = (i.disclosure == OPEN, i.counted.is_(True), i.disclosed_on >= day_of(since), i.disclosed_on < day_of(until))
    query = select(i.department, func.count()).where(*mine).group_by(i.department)
    return {row[0]: row[1] for row in conn.execute(query)}


def held(conn: Connection) -> int:
    """Items that somebody or the guard holds now."""
    i, v = t.items.c, t.versions.c
    query = select(func.count()).select_from(t.items).join(t.versions, v.id == i.version_id)
    return conn.scalar(query.where(i.stopped == "", or_(i.hold != "", v.guard != ""))) or 0
