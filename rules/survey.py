"""Which publishing days of an account are asked for their figures, and when: as soon as each figure is true, and once.

Four figures of an article are kept: the cumulative ones at the end of its 1st, 3rd, 7th and 30th day, each of which can be
asked for on the morning after. One answer for a publishing day holds all of them up to then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta

from rules.dates import SHANGHAI, day_of

#: Asked so many days after the day of publishing.
STAGES = (1, 3, 7, 30)
#: Yesterday's figures are asked for from here on.
READY = time(8, 30)
#: Where the first survey begins, and how long a figure that does not come is asked for.
BACK, PATIENCE = 30, 7
#: Publishing days asked for in one run.
MOST = 40
#: An article has an item's title by chance if so many days lie between them.
TITLE_DAYS = 30

_DAY = timedelta(days=1)


def known_until(now: datetime) -> date:
    """The last day whose figures can be had."""
    ready = now.astimezone(SHANGHAI).time() >= READY
    return day_of(now) - _DAY * (1 if ready else 2)


def kept_day(published: date, stage: int) -> date:
    """The day at whose end the figure of a stage is true."""
    return published + _DAY * (stage - 1)


def is_kept(published: date, day: date) -> bool:
    """True if the figures at the end of this day are kept."""
    return any(kept_day(published, stage) == day for stage in STAGES)


def due(marks: Mapping[int, date], until: date) -> list[date]:
    """The publishing days to ask for, oldest first. `marks`: per stage, the last day up to which all was told."""
    found: set[date] = set()
    for stage in STAGES:
        day = _first(marks, stage, until)
        while kept_day(day, stage) <= until:
            found.add(day)
            day += _DAY
    return sorted(found)[:MOST]


def moved(marks: Mapping[int, date], told: Mapping[date, Collection[date]], until: date) -> dict[int, date]:
    """The marks after an answer; they do not move over a day that was not told."""
    found = dict(marks)
    for stage in STAGES:
        day = _first(marks, stage, until)
        while kept_day(day, stage) <= until and kept_day(day, stage) in told.get(day, ()):
            found[stage] = day
            day += _DAY
    return found


def _first(marks: Mapping[int, date], stage: int, until: date) -> date:
    """The oldest day still to be asked for; what did not come in its time is given up."""
    oldest = until - _DAY * (BACK - 1)
    if stage not in marks:
        return oldest
    return max(marks[stage] + _DAY, oldest - _DAY * PATIENCE)


def same_page(one: str, other: str) -> bool:
    """True if two addresses lead to one page: http or https, with or without a fragment or a last slash."""
    return bool(page_of(one)) and page_of(one) == page_of(other)


def page_of(address: str) -> str:
    """An address without what makes no other page of it."""
    host, slash, rest = address.strip().partition("#")[0].partition("://")[2].partition("/")
    return (host.lower() + slash + rest).rstrip("/")
