"""The items (条) that a term runs for, with their dates: one query."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from rules.dates import day_of
from rules.due import LOOK_BACK, Dated
from rules.item import CONSENTS, OPEN, REFUSALS
from rules.review import RETURNED
from store import tables as t
from store.items import last_review


def dated(conn: Connection, today: date) -> list[Dated]:
    """Items that are 主动公开 and not disclosed yet or changed since, and of the last year's disclosed ones those that go on:

    公示, 征求意见 and what tells of its outcome, the yearly report. Without those that a review has closed, and those
    that were gone from their source before they were disclosed, of which people have been told.
    """
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    query = (
        select(
            i.id.label("item"), i.title, i.department, v.formed_on, v.approved_on, i.created_at, i.disclosed_on, i.changed_at,
            v.is_notice, v.notice_from, v.notice_to, v.ends_on, i.baseline, i.stopped, i.hold, v.guard,
            r.conclusion,
        )
        .select_from(t.items)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reviews, last_review())
        .where(*_owed(), or_(i.disclosed_on.is_(None), i.changed_at.is_not(None), _goes_on(today)))
        .order_by(i.id)
    )  # fmt: skip
    return [_dated(row) for row in conn.execute(query)]


#: Reviews that end an item's clock: what is merely sent back is still owed.
_CLOSING = tuple(word for word in REFUSALS if word != RETURNED)


def _owed() -> tuple[ColumnElement[bool], ...]:
    i, r = t.items.c, t.reviews.c
    there = or_(i.missing_since.is_(None), i.hold == "", i.disclosed_on.is_not(None))
    return i.disclosure == OPEN, there, or_(r.conclusion.is_(None), r.conclusion.not_in(_CLOSING))


def _goes_on(today: date) -> ColumnElement[bool]:
    i = t.items.c
    asks = or_(i.title.contains("征求"), i.title.contains("征集"))
    report = and_(i.title.contains("信息公开"), i.title.contains("报告"))
    return and_(i.disclosed_on >= today - LOOK_BACK, or_(t.versions.c.is_notice.is_(True), asks, report))


def _dated(row: Any) -> Dated:
    plain = (
        "item", "title", "department", "formed_on", "approved_on", "disclosed_on", "is_notice", "notice_from", "notice_to",
        "ends_on", "baseline",
    )  # fmt: skip
    return Dated(
        **{name: getattr(row, name) for name in plain},
        entered_on=day_of(row.created_at),
        changed_on=day_of(row.changed_at) if row.changed_at else None,
        waits=row.stopped or row.hold or row.guard or _review(row),
    )


def _review(row: Any) -> str:
    """Why an item that is not public yet waits for its reviewers; empty if it does not."""
    if row.disclosed_on is not None or row.conclusion in CONSENTS:
        return ""
    return "审查退回，改好后重新报审" if row.conclusion == RETURNED else "等待保密审查"


def began_on(conn: Connection) -> date | None:
    """The day of the bot's first look at anything; None before it."""
    found: date | None = conn.scalar(select(func.min(t.watches.c.since)))
    return found


def disclosed(conn: Connection, first: date, last: date, department: str = "") -> list[tuple[date, date]]:
    """形成日期 (else 批准日期) and 公开日期 of each item disclosed in these days, both included, of all departments or one.

    Without those that have neither.
    """
    i, v = t.items.c, t.versions.c
    query = (
        select(v.formed_on, v.approved_on, i.disclosed_on)
        .select_from(t.items)
        .join(t.versions, v.id == i.version_id)
        .where(
            i.disclosure == OPEN,
            i.counted.is_(True),
            i.disclosed_on.between(first, last),
            *([i.department == department] if department else []),
        )
    )
    found = [(row.formed_on or row.approved_on, row.disclosed_on) for row in conn.execute(query)]
    return [(begun, done) for begun, done in found if begun is not None]
