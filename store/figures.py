"""The year's figures, each by a GROUP BY of its own, as they were known at the cut-off.

条 are dated by their 公开日期, those not yet disclosed by their approval; 条次 by the day they were taken, until then
by the day they were placed; 次 and 人次 by the day their push was made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from rules.amend import ENDED_BACK
from rules.dates import day_of
from rules.figures import AWAITED, DISCLOSED, RETURNED
from rules.item import CLOSED, ON_REQUEST, OPEN, REFUSALS, is_disclosed
from rules.origin import BOOKED
from rules.states import Status
from store import tables as t
from store.items import last_review
from store.span import Span, month_of
from store.standing import BITS, WAITING, bits_of_push, standing_in_push, standing_without_push

#: A span's placements are found by the indexes on both their moments up to here; of more days it is quicker to read all.
_SHORT = timedelta(days=31)
_DEAD = (Status.FAILED, Status.CANCELLED, Status.EXPIRED)


def status_at(cut_off: datetime) -> ColumnElement[str]:
    """A delivery's status as it was known then: the row's own, or where the last earlier outcome had put it."""
    d, o = t.deliveries.c, t.outcomes.c
    last = select(func.max(o.id)).where(o.delivery_id == d.id, o.at <= cut_off).correlate(t.deliveries)
    before = aliased(t.outcomes)
    then = select(before.c.status).where(before.c.id == last.scalar_subquery()).correlate(t.deliveries)
    return case((d.changed_at <= cut_off, d.status), else_=func.coalesce(then.scalar_subquery(), Status.QUEUED))


def items_in(span: Span, *more: str) -> Subquery:
    """The items (条) of the span, each with its one state. 主动公开 only, or pushed: a date alone discloses nothing.

    `month` and `evidenced` cost something: they are there only if asked for, in `more`.
    """
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    known = _disclosed(span)
    entered = and_(i.created_at >= span.start, i.created_at < span.end)
    approved = or_(v.approved_on.between(span.first, span.last), and_(v.approved_on.is_(None), entered))
    state = case(
        (known, DISCLOSED),
        (i.disclosure == ON_REQUEST, ON_REQUEST),
        (i.disclosure == CLOSED, CLOSED),
        (r.conclusion.in_(REFUSALS), RETURNED),
        (i.disclosure == OPEN, AWAITED),
        else_="",
    )
    within = case((known, i.disclosed_on.between(span.first, span.last)), else_=approved)
    columns: list[Any] = [
        i.id, i.number, i.title, i.counted, i.category, i.sub_item, i.department, i.audience_class, i.baseline,
        v.list_items, state.label("state"),
    ]  # fmt: skip
    if "month" in more:
        columns.append(month_of(i.disclosed_on, span).label("month"))
    if "evidenced" in more:
        columns.append(case((or_(v.published_on.is_not(None), _arrived()), 1), else_=0).label("evidenced"))
    return (
        select(*columns)
        .select_from(t.items)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reviews, last_review())
        .where(i.created_at <= span.cut_off, within)
        .subquery("the_items")
    )


def _disclosed(span: Span) -> ColumnElement[bool]:
    """True if the item was known to be disclosed at the cut-off."""
    i, v, p = t.items.c, t.versions.c, t.placements.c
    ever = exists().where(p.item_id == i.id, p.taken_at.is_not(None))
    taken = ever.where(~_written_later(span))
    by_then = taken.where(p.taken_at <= span.cut_off)
    return and_(
        is_disclosed(i.disclosed_on <= day_of(span.cut_off), i.disclosure == OPEN, taken.correlate(t.items)),
        or_(v.published_on.is_not(None), ~ever.correlate(t.items), by_then.correlate(t.items)),
    )


def _written_later(span: Span) -> ColumnElement[bool]:
    """True of a placement that a person did before the cut-off and wrote down after it: by then nobody knew of it."""
    p, d, h = t.placements.c, t.deliveries.c, t.handoffs.c
    done = exists().where(h.delivery_id == d.id, d.push_id == p.push_id, h.recorded_at > span.cut_off)
    return or_(and_(p.origin == BOOKED, p.created_at > span.cut_off), done.correlate(t.placements))


def _arrived() -> ColumnElement[bool]:
    """True if a placement of the item was taken and its push has not come to nothing since."""
    p, d = t.placements.c, t.deliveries.c
    alive = exists().where(d.push_id == p.push_id, d.status.not_in(_DEAD)).correlate(t.placements)
    mine = and_(p.item_id == t.items.c.id, p.taken_at.is_not(None), or_(p.origin == BOOKED, alive))
    return exists().where(mine).correlate(t.items)


def _counts(conn: Connection, rows: Subquery, by: Sequence[str], what: Any, *where: Any) -> dict[Any, int]:
    """A GROUP BY: key (a tuple where there are several columns) → count; without columns the one count under ()."""
    columns = [rows.c[name] for name in by]
    query = select(*columns, what).select_from(rows).where(*where).group_by(*columns)
    found = [(tuple(map(_plain, row[:-1])), int(row[-1])) for row in conn.execute(query)]
    return {key[0] if len(key) == 1 else key: n for key, n in found}


def _plain(value: Any) -> Any:
    """MariaDB sums to a Decimal."""
    return int(value) if isinstance(value, Decimal) else value


def group_items(conn: Connection, span: Span, *by: str) -> dict[Any, int]:
    """Items (条) by these columns, also those that do not count (计入)."""
    return _counts(conn, items_in(span, *by), by, func.count())


def count_items(conn: Connection, span: Span, *, state: str = "") -> int:
    """The items (条) that count (计入), all or those in one state."""
    rows = items_in(span)
    where = [rows.c.counted.is_(True), *([rows.c.state == state] if state else [])]
    return conn.scalar(select(func.count()).select_from(rows).where(*where)) or 0


def list_items(conn: Connection, span: Span) -> dict[int, int]:
    """Disclosed items by the numbers of the ministry's list; one item may stand under several."""
    rows = items_in(span)
    query = select(rows.c.list_items).where(rows.c.counted.is_(True), rows.c.state == DISCLOSED)
    found: dict[int, int] = {}
    for numbers in conn.scalars(query):
        for number in set(numbers):
            found[number] = found.get(number, 0) + 1
    return found


def placements_in(span: Span, *more: str) -> Subquery:
    """The placements (条次) of the span, each with its live push of that time and where it stood; `month` if asked for."""
    p, u = t.placements.c, t.pushes.c
    ended = and_(p.ended != "", or_(p.ended_at.is_(None), p.ended_at <= span.cut_off))
    alone = and_(u.id.is_not(None), p.ended == ENDED_BACK, p.ended_at <= span.cut_off)
    standing = case(
        (alone, BITS[Status.RETRACTED]),
        (u.id.is_not(None), standing_in_push(u.id, p.origin, status_at(span.cut_off))),
        (and_(p.push_id.is_(None), or_(ended, p.taken_at.is_not(None))), standing_without_push()),
        else_=_standing_before(span),
    )
    columns: list[Any] = [
        p.id, p.item_id, p.channel, p.target, p.origin, p.purpose, t.items.c.category, t.items.c.counted,
        func.coalesce(u.audience, "").label("audience"), standing.label("standing"),
    ]  # fmt: skip
    if "month" in more:
        columns.append(month_of(_when(span), span).label("month"))
    return (
        select(*columns)
        .select_from(t.placements)
        .join(t.items, t.items.c.id == p.item_id)
        .outerjoin(t.pushes, and_(u.id == p.push_id, u.created_at <= span.cut_off))
        .where(*_placed(span))
        .subquery("the_placements")
    )


def _standing_before(span: Span) -> ColumnElement[Any]:
    """Where a placement stood that was not in its present push yet, or had not ended yet: in an earlier push, or waiting.

    An earlier push that had come to nothing had set it free, unless that was left to a person, who sent it again later.
    """
    p, pp, old = t.placements.c, t.push_placements.c, aliased(t.pushes)
    earlier = (
        select(func.max(pp.push_id))
        .join(old, old.c.id == pp.push_id)
        .where(pp.placement_id == p.id, old.c.created_at <= span.cut_off)
        .correlate(t.placements)
        .scalar_subquery()
    )
    stood = func.coalesce(bits_of_push(earlier, status_at(span.cut_off)), WAITING)
    resent = exists().where(old.c.resend_of == earlier)
    cancelled, failed = BITS[Status.CANCELLED], BITS[Status.FAILED]
    return case((stood == cancelled, WAITING), (and_(stood == failed, ~resent), WAITING), else_=stood)


def _when(span: Span) -> ColumnElement[Any]:
    """The day of a placement: taken, until then placed."""
    p = t.placements.c
    return func.coalesce(case((p.taken_at <= span.cut_off, p.taken_at)), p.created_at)


def _placed(span: Span) -> list[ColumnElement[bool]]:
    p, when = t.placements.c, _when(span)
    mine: list[ColumnElement[bool]] = [p.created_at <= span.cut_off, when >= span.start, when < span.end]
    if span.last - span.first <= _SHORT:
        mine.append(or_(*(and_(each >= span.start, each < span.end) for each in (p.taken_at, p.created_at))))
    return mine


def count_placements(conn: Connection, span: Span, *by: str) -> dict[Any, int]:
    """条次 by these columns; `standing` is turned into a word by store.standing.result_from."""
    return _counts(conn, placements_in(span, *by), by, func.count())


def count_reached_items(
    conn: Connection, span: Span, standings: Collection[int], *names: str
) -> dict[str, dict[tuple[str, str], int]]:
    """条: distinct items that count (计入) and whose placements stand at one of these.

    For each of these columns: (origin, its word) → items. One walk over the placements answers for all columns.
    """
    reached = _reached(span, standings, names).cte("reached").c
    parts = [
        select(literal(name), reached.origin, reached[name], func.count(reached.item_id.distinct())).group_by(
            reached.origin, reached[name]
        )
        for name in names
    ]
    found: dict[str, dict[tuple[str, str], int]] = {name: {} for name in names}
    for name, origin, word, n in conn.execute(union_all(*parts)):
        found[name][origin, word] = n
    return found


def reached_items(conn: Connection, span: Span, standings: Collection[int], *names: str) -> Iterable[Any]:
    """The same items themselves: origin, id, and the word of each of these columns."""
    return conn.execute(_reached(span, standings, names))


def _reached(span: Span, standings: Collection[int], names: Sequence[str]) -> Select[Any]:
    rows = placements_in(span, *names)
    columns = (rows.c.origin, rows.c.item_id, *(rows.c[name] for name in names))
    return select(*columns).where(rows.c.standing.in_(standings), rows.c.counted.is_(True)).distinct()


def count_due(conn: Connection, span: Span) -> dict[Any, int]:
    """应推送 (条次) of each channel and origin, asked of the placements alone."""
    p = t.placements.c
    query = select(p.channel, p.origin, func.count()).where(*_placed(span)).group_by(p.channel, p.origin)
    return {(row[0], row[1]): row[2] for row in conn.execute(query)}


def made_in(span: Span) -> list[ColumnElement[bool]]:
    """Which pushes (次) are the span's."""
    u, p = t.pushes.c, t.placements.c
    later = exists().where(
        p.push_id == u.id, p.origin == BOOKED, p.created_at > span.cut_off
    )  # booked as of an earlier day
    known = (u.created_at <= span.cut_off, or_(u.origin != BOOKED, ~later.correlate(t.pushes)))
    return [u.created_at >= span.start, u.created_at < span.end, *known]


def pushes_in(span: Span) -> Subquery:
    """The pushes (次) of the span and where each stood."""
    u = t.pushes.c
    standing = standing_in_push(u.id, u.origin, status_at(span.cut_off))
    columns = (u.id, u.channel, u.target, u.audience, u.origin, month_of(u.created_at, span).label("month"))
    return select(*columns, standing.label("standing")).where(*made_in(span)).subquery("the_pushes")


def count_pushes(conn: Connection, span: Span, *by: str) -> dict[Any, int]:
    """次 by these columns."""
    return _counts(conn, pushes_in(span), by, func.count())


def count_carrying(conn: Connection, span: Span, standings: Collection[int]) -> dict[tuple[str, str], tuple[int, int]]:
    """For each origin and category: pushes (次) that carried it, and their deliveries (人次) that arrived.

    A push may carry several categories, so that these do not add up to all pushes.
    """
    rows, pp, d = pushes_in(span), t.push_placements.c, t.deliveries.c
    arrived = status_at(span.cut_off).in_((Status.ACCEPTED, Status.DELIVERED, Status.RETRACTED))
    query = (
        select(rows.c.origin, t.items.c.category, func.count(rows.c.id.distinct()), func.count(d.id.distinct()))
        .select_from(rows)
        .join(t.push_placements, pp.push_id == rows.c.id)
        .join(t.placements, t.placements.c.id == pp.placement_id)
        .join(t.items, t.items.c.id == t.placements.c.item_id)
        .outerjoin(t.deliveries, and_(d.push_id == rows.c.id, arrived))
        .where(rows.c.standing.in_(standings))
        .group_by(rows.c.origin, t.items.c.category)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in conn.execute(query)}


def deliveries_in(span: Span) -> Subquery:
    """The deliveries (人次) of the span's pushes, with their status of that time."""
    u, d = t.pushes.c, t.deliveries.c
    who = (u.channel, u.target, u.audience, u.origin, month_of(u.created_at, span).label("month"))
    query = select(d.id, d.push_id, *who, status_at(span.cut_off).label("status"), d.basis)
    return query.join(t.pushes, u.id == d.push_id).where(*made_in(span)).subquery("the_deliveries")


def count_deliveries(conn: Connection, span: Span, *by: str) -> dict[Any, int]:
    """人次 by these columns: those of the pushes, besides `status` and `basis`."""
    return _counts(conn, deliveries_in(span), by, func.count())


def count_pieces(conn: Connection, span: Span) -> tuple[int, int]:
    """The pieces the pushes say they carry, and the placements found in them."""
    u, pp = t.pushes.c, t.push_placements.c
    said = conn.scalar(select(func.sum(u.pieces)).where(*made_in(span)))
    query = select(func.count()).select_from(t.push_placements).join(t.pushes, u.id == pp.push_id)
    return int(said or 0), conn.scalar(query.where(*made_in(span))) or 0


@dataclass(frozen=True)
class Measured:
    """One sum of like figures of reach: of targets (each one's latest) or of pushes (each one's latest)."""

    channel: str
    metric: str
    of_pushes: bool
    basis: str
    value: int
    #: How many targets or pushes have such a figure.
    known: int
    true_from: datetime
    true_to: datetime


def measured(conn: Connection, span: Span) -> list[Measured]:
    """Reach known at the cut-off, of the span's pushes and of the targets they went to. Unlike bases stay apart.

    A push with several articles has each one's latest, added up; what stands for an article of no push is left to
    store.articles.
    """
    c = latest_in(span).c
    by = (c.channel, c.metric, case((c.push_id.is_(None), 0), else_=1).label("of_pushes"), c.basis)
    many = func.count(func.coalesce(c.push_id, -c.id).distinct())  # pushes, however many articles; or targets
    figures = (func.sum(c.value), many, func.min(c.true_at), func.max(c.true_at))
    query = select(*by, *figures).group_by(*by).order_by(*by)
    return [Measured(row[0], row[1], bool(row[2]), row[3], int(row[4]), *row[5:]) for row in conn.execute(query)]


def latest_in(span: Span) -> Subquery:
    """The figures of reach that are added up: of each push, article and target the latest that was known."""
    r, u = t.reach.c, t.pushes.c
    order = func.row_number().over(
        partition_by=(r.channel, r.target, r.push_id, r.subject, r.metric), order_by=(r.true_at.desc(), r.id.desc())
    )
    served = select(u.target).where(*made_in(span)).correlate(None)  # a duty group's people got no disclosure
    of_span = or_(and_(r.push_id.is_(None), r.subject == "", r.target.in_(served)), and_(*made_in(span)))
    known = [r.known_at <= span.cut_off, r.true_at <= span.cut_off, of_span]
    placed = select(t.reach, order.label("place")).outerjoin(t.pushes, u.id == r.push_id).where(*known).subquery()
    return select(placed).where(placed.c.place == 1).subquery("the_reach")
