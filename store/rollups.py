"""Roll-ups (汇总): the sums of days and whole months as they were last counted; store.marks says which are no longer true."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, or_, select

from rules.dates import day_of, last_of_month
from store import tables as t
from store.db import Instant
from store.marks import DAY, MONTH, Key, marked
from store.span import Span
from store.sums import Part, Sums, from_rows, merged, part_from_rows

#: How a roll-up is counted and written; another number, and those of before are counted anew.
FORM = 2
#: With more days to count than these, the rows are asked once for all: their sets of items would not stay small.
FEW = 62
_A_DAY = timedelta(days=1)
_ALWAYS = datetime(9000, 1, 1, tzinfo=UTC)


def sums(conn: Connection, span: Span) -> Sums:
    """What the span came to by its cut-off: from the roll-ups where they are as new as that, else from the rows."""
    kept = _kept(conn, span)
    gaps, today = list(_gaps(span, kept)), day_of(span.cut_off)
    begun = day_of(first_moment(conn) or span.cut_off)
    unkept = sum(
        (min(last, today) - max(first, begun)).days + 1 for first, last in gaps if first <= today and last >= begun
    )
    if not kept or unkept > FEW:
        return from_rows(conn, span)
    parts = [part for _, part in kept.values()]
    parts += [part_from_rows(conn, Span(first, last, span.cut_off)) for first, last in gaps]
    return merged(parts).sums()


def _kept(conn: Connection, span: Span) -> dict[date, tuple[date, Part]]:
    """First day → last day and sums: of every month that is whole in the span, and of the days of the others."""
    found: dict[date, tuple[date, Part]] = {}
    if not _has_any(conn):
        return found
    gone = marked(conn)
    for row in _rows(conn, MONTH, span, gone):
        if (last := last_of_month(row.first)) <= span.last:
            found[row.first] = (last, Part.from_json(row.sums))
    whole = set(found)
    for row in _rows(conn, DAY, span, gone, without=whole):
        found[row.first] = (row.first, Part.from_json(row.sums))
    return found


def _has_any(conn: Connection) -> bool:
    """False spares those who read the question what is marked."""
    return conn.scalar(select(t.rollups.c.first).limit(1)) is not None


def _rows(
    conn: Connection, level: str, span: Span, gone: Collection[Key], without: Iterable[date] = ()
) -> list[Row[Any]]:
    """All but what is marked: `gone`."""
    r = t.rollups.c
    mine = [r.level == level, r.form == FORM, r.made_at <= span.cut_off, r.first.between(span.first, span.last)]
    mine += [~r.first.between(month, last_of_month(month)) for month in sorted(without)]
    found: Iterable[Row[Any]] = conn.execute(select(r.first, r.made_at, r.sums).where(*mine).order_by(r.first))
    return [row for row in found if (level, row.first) not in gone]


def _gaps(span: Span, kept: Mapping[date, tuple[date, Part]]) -> Iterator[tuple[date, date]]:
    """The runs of days of the span that no roll-up covers."""
    day = span.first
    for first, (last, _) in sorted(kept.items()):
        if day < first:
            yield day, first - _A_DAY
        day = last + _A_DAY
    if day <= span.last:
        yield day, span.last


def first_moment(conn: Connection) -> datetime | None:
    """When the oldest row that any sum counts was made; None: there is none."""
    u, p = t.pushes.c, t.placements.c
    found = [conn.scalar(select(func.min(each))) for each in (u.created_at, p.created_at, p.taken_at)]
    return min((each for each in found if each is not None), default=None)


def keep_day(conn: Connection, day: date, now: datetime) -> None:
    """Count a day that is over, as its rows are, and keep what it came to. Only under `marks.take`, with `now` read after it.

    What was written by a clock that is ahead of ours is in it too.
    """
    _keep(conn, DAY, day, now, _counted(conn, Span(day, day, _ALWAYS)))


def keep_empty(conn: Connection, month: date, now: datetime) -> bool:
    """Keep a month and its days as empty; False if there is a row of it. Only under `marks.take`, with `now` read after it."""
    span = Span(month, last_of_month(month), _ALWAYS)
    if _is_any(conn, span):
        return False
    for day in range(span.last.day):
        _keep(conn, DAY, month + day * _A_DAY, now, Part())
    _keep(conn, MONTH, month, now, Part())
    return True


def _counted(conn: Connection, span: Span) -> Part:
    """What the rows come to: on most days of a year there is none."""
    return part_from_rows(conn, span) if _is_any(conn, span) else Part()


def _is_any(conn: Connection, span: Span) -> bool:
    """True if any row that a sum counts stands in the span."""
    return bool(conn.scalar(_any_row(), {"start": span.start, "end": span.end}))


@cache
def _any_row() -> Any:
    start, end = bindparam("start", type_=Instant), bindparam("end", type_=Instant)
    moments = (t.pushes.c.created_at, t.placements.c.created_at, t.placements.c.taken_at)
    return select(or_(*(exists().where(each >= start, each < end) for each in moments)))


def keep_month(conn: Connection, month: date) -> bool:
    """Add up the days of a month; False if one of them is not kept. Only under `marks.take`."""
    last = last_of_month(month)
    days = _rows(conn, DAY, Span(month, last, _ALWAYS), ())  # where one of them is marked the month is too
    if len(days) < last.day:
        return False
    part = merged(Part.from_json(row.sums) for row in days)
    _keep(conn, MONTH, month, max(row.made_at for row in days), part)
    return True


def _keep(conn: Connection, level: str, first: date, now: datetime, part: Part) -> None:
    r = t.rollups.c
    conn.execute(delete(t.rollups).where(r.level == level, r.first == first))
    conn.execute(insert(t.rollups).values(level=level, first=first, form=FORM, made_at=now, sums=part.to_json()))


def forget(conn: Connection) -> int:
    """Remove them all, and every mark; returns how many roll-ups there were. Only under `marks.take`."""
    many = conn.execute(delete(t.rollups)).rowcount
    conn.execute(delete(t.marks))
    return many


def kept(conn: Connection) -> list[Key]:
    """Level and first day of each that counts."""
    r, gone = t.rollups.c, marked(conn) if _has_any(conn) else ()
    query = select(r.level, r.first).where(r.form == FORM).order_by(r.level, r.first)
    return [key for row in conn.execute(query) if (key := (row.level, row.first)) not in gone]


def is_true(conn: Connection, level: str, first: date) -> bool:
    """True if a roll-up says what its rows say, or counts no more. In one snapshot, as marks and rows change together."""
    span = Span(first, first if level == DAY else last_of_month(first), _ALWAYS)
    mine = [row for row in _rows(conn, level, span, ()) if row.first == first]
    counted = _counted(conn, span)
    return all(Part.from_json(row.sums) == counted for row in mine) or (level, first) in marked(conn)
