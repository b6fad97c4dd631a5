"""Roll up (汇总): count every day that is over and not counted yet, add the days of whole months, and compare on request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from jobs.office import Office
from rules.dates import day_of, last_of_month
from store import facts, marks, rollups
from store.db import Db

_A_DAY = timedelta(days=1)


@dataclass
class Rolled:
    """How many days and months one run counted, and how many roll-ups it compared that are not what their rows say."""

    days: int = 0
    months: int = 0
    wrong: int = 0


#: Roll-ups compared with their rows in each run: every one of a year's in three days.
COMPARED = 6
#: What an alarm about roll-ups is about.
SUBJECT = "汇总不符"


def rollup(office: Office) -> Rolled:
    """Count what is over and has no roll-up, and look whether some of the others are still true: every hour."""
    done, now = roll(office.db, office.now), office.now()
    with office.db.read() as conn:
        kept = rollups.kept(conn)
    begins = int(now.timestamp()) // 3600 * COMPARED % max(len(kept), 1)
    found = compare(office.db, [*kept, *kept][begins : begins + min(COMPARED, len(kept))])
    done.wrong = len(found.wrong)
    if found.wrong:
        with office.db.write() as conn:
            facts.raise_alarm(conn, SUBJECT, _wrong_words(found.wrong[0]), now)
    return done


def _wrong_words(first: tuple[str, date]) -> str:
    return (
        f"{name_of(*first)}等处的汇总与推送日志的明细不符，数据库可能被人直接改动过。请核对封存：python bot.py log verify，"
        "再重新汇总：python bot.py rollup --rebuild"
    )


def name_of(level: str, first: date) -> str:
    """What a roll-up is of, in words."""
    return f"{first.year}年{first.month}月" if level == marks.MONTH else first.isoformat()


def roll(db: Db, clock: Callable[[], datetime]) -> Rolled:
    """What is marked first; then one day in each transaction, as on SQLite who sends waits for it; an empty month in one."""
    done = Rolled()
    clear(db)
    with db.read() as conn:
        kept = set(rollups.kept(conn))
        days = list(_days(rollups.first_moment(conn), day_of(clock())))
    kept |= set(_keep_empty(db, clock, days, kept, done))
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


def clear(db: Db) -> None:
    """Remove every roll-up that is marked."""
    more = True
    while more:
        with db.write() as conn:
            marks.take(conn)
            more = marks.clear(conn)


def _keep_empty(
    db: Db, clock: Callable[[], datetime], days: Sequence[date], kept: Collection[tuple[str, date]], done: Rolled
) -> Iterator[tuple[str, date]]:
    """Months of which nothing is kept and no row is there: one old date may open years of them. Yields what is kept then."""
    known = {first.replace(day=1) for _, first in kept}
    for month, found in groupby(days, lambda day: day.replace(day=1)):
        mine = list(found)
        if month in known or mine[-1] != last_of_month(month):
            continue
        with db.write() as conn:
            marks.take(conn)
            empty = rollups.keep_empty(conn, month, clock())
        if empty:
            done.days, done.months = done.days + len(mine), done.months + 1
            yield from ((marks.MONTH, month), *((marks.DAY, day) for day in mine))


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
        facts.clear_alarm(conn, SUBJECT, clock())
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
    return compare(db, kept)


def compare(db: Db, kept: Collection[tuple[str, date]]) -> Checked:
    """The same of these."""
    found = Checked(len(kept))
    for level, first in kept:
        with db.snapshot() as conn:
            if not rollups.is_true(conn, level, first):
                found.wrong.append((level, first))
    return found
