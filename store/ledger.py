"""The ledger (台账): every item of a span with its review, its dates, and where it went when with what result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from rules.amend import DONE, TAKEN_DOWN
from rules.figures import DISCLOSED
from store import figures, reach
from store import tables as t
from store.items import last_review
from store.span import Span
from store.standing import result_from


@dataclass(frozen=True, kw_only=True)
class Went:
    """One placement (条次), as it stood at the cut-off."""

    id: int
    item_id: int
    title: str
    department: str
    category: str
    counted: bool
    channel: str
    target: str
    target_name: str
    origin: str
    purpose: str
    at: datetime | None
    result: str
    #: Each figure with how it is known.
    reach: str
    #: 撤下 after its term; of what was hung up by hand too.
    taken_down: datetime | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item (条) of the span."""

    id: int
    number: str
    title: str
    doc_no: str
    department: str
    category: str
    sub_item: str
    list_items: tuple[int, ...]
    disclosure: str
    state: str
    counted: bool
    audience: tuple[str, ...]
    audience_class: str
    inner_reason: str
    #: 逐项审查 or 栏目审核; empty: no review is kept.
    review_kind: str
    reviewer: str
    conclusion: str
    reviewed_on: date | None
    formed_on: date | None
    approved_on: date | None
    disclosed_on: date | None
    notice_from: date | None
    notice_to: date | None
    url: str
    went: tuple[Went, ...] = field(default=())

    @property
    def counts(self) -> bool:
        """Disclosed and counting (计入): the items whose number the report gives."""
        return self.counted and self.state == DISCLOSED


def entries(conn: Connection, span: Span, placed: Mapping[int, Sequence[Went]]) -> list[Entry]:
    """Every item of the span, by its 公开日期 (those without one last), then by number; `placed` as `went` found it."""
    rows, i, v, r = figures.items_in(span), t.items.c, t.versions.c, t.reviews.c
    plain = (
        i.id, i.number, v.title, v.doc_no, i.department, i.category, i.sub_item, v.list_items, i.disclosure, rows.c.state,
        i.counted, v.audience, i.audience_class, v.inner_reason, func.coalesce(r.kind, "").label("review_kind"),
        func.coalesce(r.reviewer, "").label("reviewer"), func.coalesce(r.conclusion, "").label("conclusion"),
        r.concluded_on.label("reviewed_on"), v.formed_on, v.approved_on, i.disclosed_on, v.notice_from, v.notice_to, v.url,
    )  # fmt: skip
    query = (
        select(*plain)
        .select_from(rows)
        .join(t.items, i.id == rows.c.id)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reviews, last_review())
        .order_by(i.disclosed_on.is_(None), i.disclosed_on, i.id)
    )
    return [_entry(dict(row._mapping), placed.get(row.id, ())) for row in conn.execute(query)]


def _entry(row: Mapping[str, Any], placed: Iterable[Went]) -> Entry:
    """A day that is not yet known at the cut-off is none."""
    return Entry(
        **{
            **row,
            "list_items": tuple(row["list_items"]),
            "audience": tuple(row["audience"]),
            "disclosed_on": row["disclosed_on"] if row["state"] == DISCLOSED else None,
            "went": tuple(placed),
        }
    )


def went(conn: Connection, span: Span) -> dict[int, list[Went]]:
    """The placements of the span by item: the very rows that the report counts as 应推送."""
    rows, i, p, u = figures.placements_in(span), t.items.c, t.placements.c, t.pushes.c
    columns = (
        p.id, p.item_id, i.title, i.department, i.category, i.counted, p.channel, p.target,
        func.coalesce(u.target_name, "").label("target_name"), p.origin, p.purpose, p.taken_at, p.push_id, rows.c.standing,
    )  # fmt: skip
    query = select(*columns).select_from(rows).join(t.placements, p.id == rows.c.id).join(t.items, i.id == p.item_id)
    found = conn.execute(query.outerjoin(t.pushes, u.id == p.push_id).order_by(p.id)).all()
    known = _reach(conn, {(row.push_id, row.item_id) for row in found if row.push_id is not None}, span.cut_off)
    down = _taken_down(conn, span.cut_off)
    by_item: dict[int, list[Went]] = {}
    for row in found:
        one = _went(dict(row._mapping), span.cut_off, known.get((row.push_id, row.item_id), ""), down.get(row.id))
        by_item.setdefault(row.item_id, []).append(one)
    return by_item


def _went(row: Mapping[str, Any], cut_off: datetime, reached: str, down: datetime | None) -> Went:
    plain = {**row}
    at, standing = plain.pop("taken_at"), int(plain.pop("standing"))
    del plain["push_id"]
    return Went(
        **plain,
        at=at if at and at <= cut_off else None,
        result=str(result_from(standing) or "不明"),
        reach=reached,
        taken_down=down,
    )


def _reach(conn: Connection, placed: set[tuple[int, int]], cut_off: datetime) -> dict[tuple[int, int], str]:
    """What was known of each item in each push at the cut-off, each figure with how it is known."""
    found: dict[tuple[int, int], str] = {}
    wanted = sorted(placed)
    for start in range(0, len(wanted), 500):
        for pair, known in reach.of_items(conn, wanted[start : start + 500], cut_off).items():
            found[pair] = "；".join(f"{each.words}（{each.basis}）" for each in known)
    return found


def _taken_down(conn: Connection, cut_off: datetime) -> dict[int, datetime]:
    """When each placement was taken down (撤下) after its term, the last of its pushes."""
    r = t.recalls.c
    query = select(r.placement_id, func.max(r.ended_at)).where(
        r.kind == TAKEN_DOWN, r.status == DONE, r.ended_at <= cut_off
    )
    return {row[0]: row[1] for row in conn.execute(query.group_by(r.placement_id))}


@dataclass(frozen=True)
class Reviewed:
    """One conclusion on an item, by 逐项审查 or 栏目审核."""

    item_id: int
    number: str
    title: str
    kind: str
    conclusion: str


def reviewed(conn: Connection, span: Span) -> list[Reviewed]:
    """What was reviewed in the span, as known at the cut-off; an item stands there as often as somebody concluded on it."""
    r, v, i = t.reviews.c, t.versions.c, t.items.c
    mine = (r.recorded_at >= span.start, r.recorded_at < span.end, r.recorded_at <= span.cut_off)
    query = (
        select(v.item_id, i.number, i.title, r.kind, r.conclusion)
        .join(t.versions, v.id == r.version_id)
        .join(t.items, i.id == v.item_id)
        .where(*mine)
        .order_by(r.id)
    )
    return [Reviewed(*row) for row in conn.execute(query)]
