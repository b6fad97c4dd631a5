"""学年封存: the figures of a period as they were handed in, kept for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from store import tables as t


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What was handed in: the report as JSON, the fingerprint of the rows behind it, who froze it and when."""

    first: date
    last: date
    cut_off: datetime
    figures: str
    fingerprint: str
    frozen_by: str
    frozen_at: datetime


def add(conn: Connection, frozen: Frozen) -> None:
    """Keep one; those of the same days that are there already stay."""
    conn.execute(insert(t.frozen).values(**frozen.__dict__))


def of(conn: Connection, first: date, end: date) -> list[Frozen]:
    """All that was handed in of just these days, the oldest first."""
    f = t.frozen.c
    names = [f[name] for name in Frozen.__dataclass_fields__]
    query = select(*names).where(f.first == first, f.last == end).order_by(f.id)
    return [Frozen(**row) for row in conn.execute(query).mappings()]


def last(conn: Connection, first: date, end: date) -> Frozen | None:
    """The newest of just these days; None if nothing of them was ever handed in."""
    return next(reversed(of(conn, first, end)), None)
