"""Roll up (汇总): count every day that is over and not counted yet, add the days of whole months, and compare on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from jobs.office import Office
from rules.dates import day_of
from store import marks, rollups
from store.db import Db

_A_DAY = timedelta(days=1)


@dataclass
class Rolled:
    """How many days and months one run counted."""

    days: int = 0
    months: int = 0


def rollup(office: Office) -> Rolled:
    """Count what is over and has no roll-up: every hour."""
    return roll(office.db, office.now)


def roll(db: Db, clock: Callable[[], datetime]) -> Rolled:
    """One day in each transaction, so that nobody who sends waits for long."""
    done = Rolled()
    with db.read() as conn:
        kept = set(rollups.kept(conn))
        days = list(_days(rollups.first_moment(conn), day_of(clock())))
    for day in days:
        if (marks.DAY, day) not in kept:
            with db.write() as conn:
                marks.take(conn)
                rollups.keep_day(conn, day, clock())
            done.days += 1
    for month in sorted({day.replace(day=1) for day in days}):
        if (marks.MONTH, month) not in kept:
            with db.write() as conn:
                marks.take(conn)
                done.months += rollups.keep_month(conn, month)
    return done


def _days(first: datetime | None, today: date) -> Iterator[date]:
    """Every day from the first row's month on up to yesterday."""
    day = today if first is None else day_of(first).replace(day=1)
    while day < today:
        yield day
        day += _A_DAY


def rebuild(db: Db, clock: Callable[[], datetime]) -> Rolled:
    """Forget every roll-up and count anew."""
    with db.write() as conn:
        marks.take(conn)
        rollups.forget(conn)
    return roll(db, clock)


@dataclass
class Checked:
    """How many roll-ups were compared with their rows, and which of them say something else."""

    compared: int = 0
    wrong: list[tuple[str, date]] = field(default_factory=list)


def check(db: Db) -> Checked:
    """Compare each with a recount; nothing is changed."""
    with db.read() as conn:
        kept = rollups.kept(conn)
    found = Checked(len(kept))
    for level, first in kept:
        with db.snapshot() as conn:
            if not rollups.is_true(conn, level, first):
                found.wrong.append((level, first))
    return found
