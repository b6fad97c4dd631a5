"""What nobody sees by looking at a list: what cannot reach anybody, what ought to have come and has not, who is silent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from rules.item import ListItem
from rules.place import WEBSITE
from rules.routing import Route, Subject, Target, decide
from rules.school import School
from rules.workdays import Calendar

#: What is said of who can read at a target.
Exposure = Callable[[Target], str | None]
#: In working days outside the vacations. A source that brings something every other day is not silent after a week.
LEAST_SILENCE = 10
HABIT = 3
#: Gaps between two days with something new, below which there is no habit yet and nothing is judged.
FEWEST = 4
#: Working days that what nobody has got may wait before it is told.
DAYS = 3
#: The month in which a 清单 item is asked for that names none: before the school year ends.
ASKED_IN = 6


def subjects(school: School, route: Route | None = None) -> Iterator[Subject]:
    """Every kind of item that a route asks for, or any."""
    audiences = route.audiences if route and route.audiences else tuple(school.audiences.parents)
    departments = route.departments if route and route.departments else ("",)
    for category in school.taxonomy.categories:
        if route and route.categories and category.name not in route.categories:
            continue
        for sub_item in category.sub_items:
            if route and route.sub_items and sub_item not in route.sub_items:
                continue
            for audience in audiences:
                yield from (_subject(audience, category.name, sub_item, each) for each in departments)


def _subject(audience: str, category: str, sub_item: str, department: str) -> Subject:
    return Subject(audience=(audience,), category=category, sub_item=sub_item, department=department, urgent=True)


def dead_routes(school: School, exposure: Exposure) -> list[str]:
    """The routes by which nothing can ever get anywhere."""
    targets = [each for each in school.targets.values() if each.channel in school.channels]
    return [route.name for route in school.routes if not _carries(school, route, targets, exposure)]


def _carries(school: School, route: Route, targets: Sequence[Target], exposure: Exposure) -> bool:
    return any(
        _granted(school, each, target, [route], exposure) for each in subjects(school, route) for target in targets
    )


def _granted(school: School, subject: Subject, target: Target, routes: Sequence[Route], exposure: Exposure) -> bool:
    return decide(subject, target, routes, school.audiences, exposure(target)).granted


def dead_targets(school: School, exposure: Exposure) -> list[Target]:
    """The targets that nothing can ever reach; without those that only hear reminders, and the school's own pages."""
    hearing = {*school.alarm_targets, *school.departments.values()}
    return [
        target
        for target in school.targets.values()
        if target.channel in school.channels
        and target.channel != WEBSITE
        and target.number not in hearing
        and not _reached(school, target, exposure)
    ]


def _reached(school: School, target: Target, exposure: Exposure) -> bool:
    asked = (each for route in school.routes for each in subjects(school, route))
    every = subjects(school)
    return any(_granted(school, each, target, school.routes, exposure) for found in (asked, every) for each in found)


def silence(days: Iterable[date], today: date, calendar: Calendar) -> int | None:
    """Working days since a source last brought something new, if that is longer than its habit; None if it is not.

    Its habit: three times the longest gap but one, and never less than two weeks. Days off and the school's vacations
    count on neither side: nobody publishes then.
    """
    known = sorted(set(days))
    gaps = sorted(calendar.in_session(earlier, later) for earlier, later in pairwise(known))
    if len(gaps) < FEWEST:
        return None
    silent = calendar.in_session(known[-1], today)
    return silent if silent > max(LEAST_SILENCE, HABIT * gaps[-2]) else None


def waits_long(placed_on: date, today: date, calendar: Calendar) -> bool:
    """True of what nobody has got and has waited for more working days than one need not ask about."""
    return calendar.between(placed_on, today) > DAYS


def bare_reason(reason: str) -> str:
    """Why something waits, without its days and hours: tomorrow's is the same reason."""
    return re.sub(r"[\d:—-]+", "", reason)


@dataclass(frozen=True)
class Owed:
    """A 清单 item of which nothing has been disclosed in this school year."""

    number: int
    name: str
    department: str


def owed(items: Iterable[tuple[int, ListItem]], disclosed: Iterable[int], today: date) -> list[Owed]:
    """Those that are asked for in this month."""
    there = set(disclosed)
    return [
        Owed(number, each.name, each.department)
        for number, each in items
        if each.applies and number not in there and today.month in (each.months or (ASKED_IN,))
    ]


#: A circular's term is called near so many days before its end.
NEAR = timedelta(days=3)


def stage(due_on: date, today: date) -> str:
    """Where a 限期整改 stands: 临近, 逾期, or nothing to say."""
    if today > due_on:
        return "逾期"
    return "临近" if due_on - today <= NEAR else ""
