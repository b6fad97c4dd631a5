"""Items as they stand now, as if each were due: what a rehearsal asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from rules.bundle import FIRST
from rules.routing import Subject
from rules.urgent import ordered_until
from store import tables as t
from store.items import last_review, review_of
from store.placements import Due


def of_items(conn: Connection, item_ids: Sequence[int]) -> list[tuple[Due, Subject]]:
    """The current version of each, with what routing asks of it; in the order of their numbers."""
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    columns = (i.id.label("item"), i.hold, i.stopped, i.urgent_at, i.send_at, i.created_at)
    query = (
        select(t.versions, *columns, r.reviewer, r.conclusion, r.concluded_on, r.basis, r.kind)
        .join(t.items, i.version_id == v.id)
        .outerjoin(t.reviews, last_review())
        .where(i.id.in_(list(item_ids)))
        .order_by(i.id)
    )
    return [(_due(row), _subject(row)) for row in conn.execute(query)]


def _due(row: Any) -> Due:
    return Due(
        id=row.item, item_id=row.item, version_id=row.id, target="", purpose=FIRST, alone=False, since=row.created_at,
        confirmed=False, title=row.title, summary=row.summary, body=row.body, url=row.url, department=row.department,
        disclosure=row.disclosure, audience=tuple(row.audience), is_notice=row.is_notice,
        urgent=row.urgent or row.urgent_at is not None, late="", ordered_until=ordered_until(row.urgent_at, FIRST, row.created_at), send_at=row.send_at,
        ends_on=row.ends_on or row.notice_to, hold=row.stopped or row.hold or row.guard or "", reason="",
        follows_id=None, current=True, review=review_of(row),
    )  # fmt: skip


def _subject(row: Any) -> Subject:
    return Subject(
        audience=tuple(row.audience), category=row.category, sub_item=row.sub_item, department=row.department,
        urgent=row.urgent or row.urgent_at is not None,
    )  # fmt: skip
