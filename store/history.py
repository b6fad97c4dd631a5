"""What stands and what happened, item (条) by item: for the list a clerk reads and for `why`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, func, or_, select

from rules.amend import ENDED_BACK
from rules.item import CLOSED, CONSENTS, ON_REQUEST, OPEN, REFUSALS, Review, is_disclosed
from rules.origin import BOOKED
from rules.review import RETURNED
from rules.states import Status
from store import tables as t
from store.items import last_review, review_of

_OUT = (Status.ACCEPTED, Status.DELIVERED, Status.RETRACTED)
#: 状态 of an item, the first that fits: a person's order before the machine's hold before what was reached.
STOPPED, HELD, CHANGED, DISCLOSED, UNREVIEWED, AWAITED = "停止", "暂停", "已变更", "已公开", "待审", "待公开"
STATES = (STOPPED, HELD, CHANGED, DISCLOSED, ON_REQUEST, CLOSED, RETURNED, UNREVIEWED, AWAITED)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One item of the list; `reached` of `due` targets have it."""

    id: int
    number: str
    title: str
    category: str
    sub_item: str
    department: str
    audience: tuple[str, ...]
    disclosure: str
    disclosed_on: date | None
    approved_on: date | None
    baseline: bool
    counted: bool
    hold: str
    state: str
    due: int = 0
    reached: int = 0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which items; an empty field asks nothing. `text` is looked for in title, 编号 and 文号."""

    state: str = ""
    category: str = ""
    department: str = ""
    audience_class: str = ""
    text: str = ""


def _held() -> ColumnElement[str]:
    """Why nothing of an item leaves: a person's order, what its source says, or what the guard found; empty if nothing."""
    i, v = t.items.c, t.versions.c
    return case((i.stopped != "", i.stopped), (i.hold != "", i.hold), else_=func.coalesce(v.guard, ""))


def _state() -> ColumnElement[str]:
    i, v, p, r = t.items.c, t.versions.c, t.placements.c, t.reviews.c
    taken = exists().where(p.item_id == i.id, p.taken_at.is_not(None)).correlate(t.items)
    return case(
        (i.stopped != "", STOPPED),
        (or_(i.hold != "", v.guard != ""), HELD),
        (i.changed_at.is_not(None), CHANGED),
        (is_disclosed(i.disclosed_on.is_not(None), i.disclosure == OPEN, taken), DISCLOSED),
        (i.disclosure == ON_REQUEST, ON_REQUEST),
        (i.disclosure == CLOSED, CLOSED),
        (r.conclusion.in_(REFUSALS), RETURNED),
        (or_(r.id.is_(None), r.conclusion.not_in(CONSENTS)), UNREVIEWED),
        else_=AWAITED,
    )


def items(conn: Connection, wanted: Wanted, *, before: int | None = None, size: int = 50) -> list[Listed]:
    """Newest first, by key: those with an id below `before`."""
    i, v = t.items.c, t.versions.c
    query = (
        select(
            t.reviews.c.basis, i.id, i.number, v.title, i.category, i.sub_item, i.department, v.audience, i.disclosure, i.disclosed_on,
            v.approved_on, i.baseline, i.counted, _held().label("hold"),
            _state().label("state"),
        )
        .select_from(t.items)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reviews, last_review())
        .where(*_asked(wanted), *([] if before is None else [i.id < before]))
        .order_by(i.id.desc())
        .limit(size)
    )  # fmt: skip
    found = [_listed(**row._mapping) for row in conn.execute(query)]
    spread = _spread(conn, [each.id for each in found])
    return [Listed(**{**each.__dict__, **spread.get(each.id, {})}) for each in found]


def _listed(basis: str | None, **facts: Any) -> Listed:
    """What a 退回 gives as its reason is why nothing of the item leaves."""
    why = facts["hold"] or (basis or "" if facts["state"] == RETURNED else "")
    return Listed(**{**facts, "audience": tuple(facts["audience"]), "hold": why})


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    i, v = t.items.c, t.versions.c
    plain = (
        (_state(), wanted.state), (i.category, wanted.category), (i.department, wanted.department),
        (i.audience_class, wanted.audience_class),
    )  # fmt: skip
    clauses: list[ColumnElement[bool]] = [column == value for column, value in plain if value]
    if wanted.text:
        places = (v.title, i.number, v.doc_no)
        clauses.append(or_(*(place.contains(wanted.text, autoescape=True) for place in places)))
    return clauses


def _spread(conn: Connection, item_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many targets each item is due at, and how many it has reached."""
    p, d = t.placements.c, t.deliveries.c
    out = or_(d.id.is_not(None), and_(p.origin == BOOKED, p.taken_at.is_not(None)))
    query = (
        select(p.item_id, func.count(p.target.distinct()), func.count(case((out, p.target)).distinct()))
        .outerjoin(t.deliveries, and_(d.push_id == p.push_id, d.status.in_(_OUT)))
        .where(p.item_id.in_(item_ids), p.ended.in_(("", ENDED_BACK)))
        .group_by(p.item_id)
    )
    return {row[0]: {"due": row[1], "reached": row[2]} for row in conn.execute(query)}


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item with its current version and review."""

    id: int
    number: str
    doc_no: str
    title: str
    category: str
    sub_item: str
    department: str
    audience: tuple[str, ...]
    inner_reason: str
    disclosure: str
    disclosed_on: date | None
    approved_on: date | None
    place: str
    version: int
    routed_at: datetime | None
    baseline: bool
    hold: str
    stopped: str
    changed_at: datetime | None
    missing_since: datetime | None
    state: str
    review: Review | None
    is_notice: bool
    notice_to: date | None


def item(conn: Connection, item_id: int) -> Item | None:
    """None if there is no such item."""
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    plain = (
        i.id, i.number, v.doc_no, v.title, i.category, i.sub_item, i.department, v.audience, v.inner_reason, i.disclosure,
        i.disclosed_on, v.approved_on, v.place, v.number.label("version"), v.routed_at, i.baseline,
        case((i.hold != "", i.hold), else_=func.coalesce(v.guard, "")).label("hold"), i.stopped, i.changed_at, i.missing_since, v.is_notice, v.notice_to, _state().label("state"),
    )  # fmt: skip
    query = (
        select(*plain, r.reviewer, r.conclusion, r.concluded_on, r.basis, r.kind)
        .select_from(t.items)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reviews, last_review())
        .where(i.id == item_id)
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    facts = {column.name: getattr(row, column.name) for column in plain}
    return Item(**{**facts, "audience": tuple(row.audience), "review": review_of(row)})


@dataclass(frozen=True)
class Decided:
    """The latest decision on an item and a target, and of which version."""

    target: str
    granted: bool
    reason: str
    at: datetime
    version: int


def decisions(conn: Connection, item_id: int) -> dict[str, Decided]:
    """For each target anybody has decided on."""
    d, v = t.decisions.c, t.versions.c
    query = (
        select(d.target, d.granted, d.reason, d.decided_at, v.number)
        .join(t.versions, v.id == d.version_id)
        .where(v.item_id == item_id)
        .order_by(v.number)
    )
    return {row.target: Decided(*row) for row in conn.execute(query)}


def said(conn: Connection, push_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """What was said of each push, in its order: at, last_at, said_by, outcome, status, code, reason, times.

    Like words are one row with their number: a push with thousands of addresses stays a few lines, and names nobody.
    """
    o, d = t.outcomes.c, t.deliveries.c
    words = (d.push_id, o.said_by, o.outcome, o.status, o.code, o.reason)
    query = (
        select(*words, func.min(o.at).label("at"), func.max(o.at).label("last_at"), func.count().label("times"))
        .join(t.deliveries, d.id == o.delivery_id)
        .where(d.push_id.in_(push_ids))
        .group_by(*words)
        .order_by(func.min(o.at), func.min(o.id))
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in conn.execute(query):
        found.setdefault(row.push_id, []).append(row)
    return found


def waiting_for(conn: Connection, push_ids: Sequence[int]) -> dict[int, datetime]:
    """When each push that is not finished is looked at next."""
    d = t.deliveries.c
    open_states = (Status.QUEUED, Status.UNCERTAIN, Status.ACCEPTED)
    query = select(d.push_id, func.min(d.not_before)).where(d.push_id.in_(push_ids), d.status.in_(open_states))
    return {row[0]: row[1] for row in conn.execute(query.group_by(d.push_id)) if row[1] is not None}
