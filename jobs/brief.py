"""Brief (简报): on the month's first working day the last month to the leader, and of a quarter to each department."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from datetime import time as clock_time

from sqlalchemy import Connection

from jobs.clock import clock_of
from jobs.office import Office
from rules import brief as rule
from rules.brief import Figures, Span
from rules.dates import at, day_of
from rules.deadlines import Deadline, Kind, State
from rules.due import open_terms
from rules.reminders import to_department
from rules.seal import SHORT
from store import brief as asked
from store import due, facts, reviews, seals

MINE = "简报:"


def send_briefs(office: Office) -> int:
    """Raise what is due today, once. Returns how many are new."""
    today, calendar = day_of(office.now()), office.school.calendar
    month, quarter = rule.month_due(today, calendar), rule.quarter_due(today, calendar)
    said: list[tuple[str, str]] = []
    if month is not None and _told(office, month):
        said.append((to_department(office.school.leader, f"{MINE}{month.first}"), monthly(office, month)))
    if quarter is not None:
        said += [
            (to_department(office.school.departments.get(name, ""), f"{MINE}{quarter.first}:{name}")[:150], text)
            for name, text in quarterly(office, quarter)
            if name in office.school.departments
        ]
    with office.db.write() as conn:
        return sum(facts.raise_alarm(conn, subject, text, office.now()) for subject, text in said)


def monthly(office: Office, span: Span) -> str:
    """The leader's page of a month or quarter, against the one before."""
    with office.db.read() as conn:
        terms, began = _open(conn, office), due.began_on(conn)
        now = _figures(conn, office, span, terms, held=asked.held(conn), unreviewed=len(reviews.waiting(conn)))
        before = _figures(conn, office, span.before(), ())
        head = seals.head(conn)
    if not rule.known(span, now, began):
        return rule.untold(office.school.name, span, began)
    against = before if rule.known(span.before(), before, began) else None
    return rule.brief(office.school.name, span, now, against) + (f"推送日志封存号 {head[:SHORT]}。" if head else "")


def quarterly(office: Office, span: Span) -> list[tuple[str, str]]:
    """Each department with what it reads of its own quarter; those without anything are left out."""
    since, until = _instants(span)
    with office.db.read() as conn:
        items, terms = asked.disclosed(conn, since, until), _open(conn, office)
        found = []
        for name in sorted({*items, *(each.department for each in terms if _overdue(each))}):
            _, late = _kept(conn, office, span, name)
            overdue = sum(_overdue(each) and each.department == name for each in terms)
            found.append((name, rule.circular(span, name, items.get(name, 0), late, overdue)))
    return found


def _told(office: Office, span: Span) -> bool:
    """A month before the bot's first day is not sent to the leader as zeros."""
    with office.db.read() as conn:
        return rule.known(span, _figures(conn, office, span, ()), due.began_on(conn))


def _instants(span: Span) -> tuple[datetime, datetime]:
    return at(span.first, clock_time.min), at(span.last + timedelta(days=1), clock_time.min)


def _open(conn: Connection, office: Office) -> list[Deadline]:
    clock = clock_of(office)
    return open_terms(due.dated(conn, clock.today), clock, due.began_on(conn))


def _overdue(term: Deadline) -> bool:
    return term.kind is Kind.PUBLISH and term.state is State.LATE


def _kept(conn: Connection, office: Office, span: Span, department: str = "") -> tuple[int, int]:
    """Of the items disclosed in the span: those in time, and those after their 20 working days."""
    clock = clock_of(office)
    found = due.disclosed(conn, span.first, span.last, department)
    states = [clock.twenty(Kind.PUBLISH, begun, done).state for begun, done in found]
    return states.count(State.IN_TIME), len(states) - states.count(State.IN_TIME)


def _figures(
    conn: Connection, office: Office, span: Span, terms: Iterable[Deadline], *, held: int = 0, unreviewed: int = 0
) -> Figures:
    since, until = _instants(span)
    in_time, late = _kept(conn, office, span)
    placements, pushes, failed = asked.pushed(conn, since, until)
    return Figures(
        items=sum(asked.disclosed(conn, since, until).values()), in_time=in_time, late=late, placements=placements,
        pushes=pushes, failed=failed, overdue=sum(map(_overdue, terms)), held=held, unreviewed=unreviewed,
    )  # fmt: skip
