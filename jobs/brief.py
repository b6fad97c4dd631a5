"""Brief (简报): on the month's first working day the last month to the leader, and of a quarter to each department.

Counted as the report counts the same days, so that twelve briefs agree with the year's annex.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from jobs.beside import Sides, sides_of, timely
from jobs.clock import clock_of
from jobs.office import Office
from jobs.report import report_in
from rules import brief as rule
from rules.brief import Figures, Span
from rules.dates import day_of, period_of
from rules.deadlines import Deadline, Kind, State
from rules.due import open_terms
from rules.origin import BOT
from rules.reminders import to_department
from rules.seal import SHORT
from rules.states import Result
from store import due, facts, items, reviews, seals, span

MINE = "简报:"


@dataclass(frozen=True)
class Told:
    """What a month's brief says; `known`: False if there is nothing of it to send to anybody."""

    text: str
    known: bool


def send_briefs(office: Office) -> int:
    """Raise what is due today, once. Returns how many are new."""
    today, calendar = day_of(office.now()), office.school.calendar
    month, quarter = rule.month_due(today, calendar), rule.quarter_due(today, calendar)
    said: list[tuple[str, str]] = []
    if month is not None and (told := monthly(office, month)).known:
        said.append((to_department(office.school.leader, f"{MINE}{month.first}"), told.text))
    if quarter is not None:
        said += [
            (to_department(office.school.departments.get(name, ""), f"{MINE}{quarter.first}:{name}")[:150], text)
            for name, text in quarterly(office, quarter)
            if name in office.school.departments
        ]
    with office.db.write() as conn:
        return sum(facts.raise_alarm(conn, subject, text, office.now()) for subject, text in said)


def monthly(office: Office, month: Span) -> Told:
    """The leader's page of a month or quarter, against the one before."""
    with office.db.snapshot() as conn:
        began = due.began_on(conn)
        now, before = _counted(conn, office, month), _counted(conn, office, month.before())
        overdue, held = sum(map(_overdue, _open(conn, office))), items.held(conn)
        stands = rule.Stands(overdue=overdue, held=held, unreviewed=len(reviews.waiting(conn)))
        head = seals.head(conn)
    if not rule.is_known(month, now, began):
        return Told(rule.untold(office.school.name, month, began), known=False)
    against = before if rule.is_known(month.before(), before, began) else None
    text = rule.brief(office.school.name, month, now, against, stands)
    return Told(text + (f"推送日志封存号 {head[:SHORT]}。" if head else ""), known=True)


def quarterly(office: Office, quarter: Span) -> list[tuple[str, str]]:
    """Each department with what it reads of its own quarter; those without anything are left out."""
    with office.db.snapshot() as conn:
        sides, terms, began = _sides(conn, office, quarter), _open(conn, office), due.began_on(conn)
    if not rule.is_known(quarter, _figures(sides), began):
        return []
    out = [each for each in sides.entries if each.counts]
    there = Counter(each.department for each in out)
    late = Counter(each.department for each in out if timely(each, sides.clock) is State.OPENED_LATE)
    overdue = Counter(each.department for each in terms if _overdue(each))
    return [
        (name, rule.circular(quarter, name, there[name], late[name], overdue[name]))
        for name in sorted({*there, *overdue})
    ]


def _open(conn: Connection, office: Office) -> Iterable[Deadline]:
    clock = clock_of(office)
    return open_terms(due.dated(conn, clock.today), clock, due.began_on(conn))


def _overdue(term: Deadline) -> bool:
    return term.kind is Kind.PUBLISH and term.state is State.LATE


def _counted(conn: Connection, office: Office, days: Span) -> Figures:
    return _figures(_sides(conn, office, days))


def _sides(conn: Connection, office: Office, days: Span) -> Sides:
    """The report of these days as known now, and the rows beside it."""
    period, now, school = period_of(days.first, days.last), office.now(), office.school
    report = report_in(conn, school, period, cut_off=now)
    within = span.Span(period.start, period.end, now)
    return sides_of(conn, within, report, school.taxonomy.list_items, clock_of(office))


def _figures(sides: Sides) -> Figures:
    report, beside = sides.report, sides.counted()
    results = Counter[str]()
    for each in report.channels:
        results.update(each.results if each.origin == BOT else {})
    return Figures(
        items=report.items.disclosed,
        in_time=beside.in_time,
        late=beside.late,
        placements=sum(each.placements for each in report.months),
        pushes=sum(each.pushes for each in report.months),
        booked=sum(each.booked for each in report.months),
        failed=results[Result.FAILURE] + results[Result.PARTIAL],
    )
