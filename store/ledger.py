"""The ledger (台账): every item of a span with its review, its dates, and where it went when with what result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from rules.figures import DISCLOSED
from rules.item import REFUSALS
from store import figures, reach
from store import tables as t
from store.items import last_review
from store.log import result_from
from store.span import Span


@dataclass(frozen=True, kw_only=True)
class Went:
    """One placement (条次) of an item, as it stood at the cut-off."""

    item_id: int
    title: str
    department: str
    category: str
    channel: str
    target: str
    target_name: str
    origin: str
    purpose: str
    at: datetime | None
    result: str
    reach: str


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
    inner_reason: str
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


def entries(conn: Connection, span: Span, placed: Mapping[int, Sequence[Went]]) -> list[Entry]:
    """Every item of the span, by its 公开日期 (those without one last), then by number; `placed` as `went` found it."""
    rows, i, v, r = figures.items_in(span), t.items.c, t.versions.c, t.reviews.c
    plain = (
        i.id, i.number, v.title, v.doc_no, i.department, i.category, i.sub_item, v.list_items, i.disclosure, rows.c.state,
        i.counted, v.audience, v.inner_reason, r.reviewer, r.conclusion, r.concluded_on, v.formed_on, v.approved_on,
        i.disclosed_on, v.notice_from, v.notice_to, v.url,
    )  # fmt: skip
    query = (
        select(*plain)
        .select_from(rows)
        .join(t.items, i.id == rows.c.id)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reviews, last_review())
        .order_by(i.disclosed_on.is_(None), i.disclosed_on, i.id)
    )
    return [_entry(row, placed.get(row.id, ())) for row in conn.execute(query)]


def _entry(row: Any, placed: Iterable[Went]) -> Entry:
    plain = {**row._mapping}
    reviewed_on = plain.pop("concluded_on")
    known = plain["state"] == DISCLOSED
    return Entry(
        **{
            **plain,
            "list_items": tuple(plain["list_items"]),
            "audience": tuple(plain["audience"]),
            "reviewer": plain["reviewer"] or "",
            "conclusion": plain["conclusion"] or "",
            "disclosed_on": plain["disclosed_on"] if known else None,
            "reviewed_on": reviewed_on,
            "went": tuple(placed),
        }
    )


def went(conn: Connection, span: Span) -> dict[int, list[Went]]:
    """The placements of the span by item: the very rows that the report counts as 应推送."""
    rows, p, u = figures.placements_in(span), t.placements.c, t.pushes.c
    columns = (
        p.item_id, t.items.c.title, t.items.c.department, t.items.c.category, p.channel, p.target, func.coalesce(u.target_name, "").label("target_name"), p.origin, p.purpose,
        p.taken_at, p.push_id, rows.c.standing,
    )  # fmt: skip
    query = select(*columns).select_from(rows).join(t.placements, p.id == rows.c.id)
    query = query.join(t.items, t.items.c.id == p.item_id)
    found = list(conn.execute(query.outerjoin(t.pushes, u.id == p.push_id).order_by(p.id)))
    known = _reach(conn, {row.push_id for row in found if row.push_id is not None})
    by_item: dict[int, list[Went]] = {}
    for row in found:
        by_item.setdefault(row.item_id, []).append(
            Went(
                item_id=row.item_id,
                title=row.title,
                department=row.department,
                category=row.category,
                channel=row.channel,
                target=row.target,
                target_name=row.target_name,
                origin=row.origin,
                purpose=row.purpose,
                at=row.taken_at if row.taken_at and row.taken_at <= span.cut_off else None,
                result=str(result_from(int(row.standing)) or "不明"),
                reach=known.get(row.push_id, ""),
            )
        )
    return by_item


def _reach(conn: Connection, pushes: set[int]) -> dict[int, str]:
    """What is known of each push, each figure with how it is known."""
    found: dict[int, str] = {}
    wanted = sorted(pushes)
    for start in range(0, len(wanted), 500):
        for push_id, known in reach.of_pushes(conn, wanted[start : start + 500]).items():
            found[push_id] = "；".join(f"{each.metric} {each.value}（{each.basis}）" for each in known)
    return found


def reviewed(conn: Connection, span: Span) -> tuple[int, int]:
    """Reviews made in the span (条), and those of them that returned or refused the item."""
    r = t.reviews.c
    mine = (r.recorded_at >= span.start, r.recorded_at < span.end, r.recorded_at <= span.cut_off)
    all_of_them = conn.scalar(select(func.count(r.version_id.distinct())).where(*mine)) or 0
    back = conn.scalar(select(func.count(r.version_id.distinct())).where(*mine, r.conclusion.in_(REFUSALS))) or 0
    return all_of_them, back
