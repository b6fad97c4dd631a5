"""The queue of versions that wait for a review (待审), and the reviews that were made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select, update

from rules.item import OPEN, Review
from rules.review import STEPS
from store import tables as t
from store.items import last_review, review_of


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A version that waits for a review, with what a reviewer looks at."""

    item_id: int
    version_id: int
    #: The hash of what is seen.
    digest: str
    title: str
    doc_no: str
    department: str
    category: str
    sub_item: str
    audience: tuple[str, ...]
    summary: str
    body: str
    url: str
    attachments: tuple[str, ...]
    place: str
    #: The last step that was made of it, None before the first.
    last: Review | None

    @property
    def mark(self) -> str:
        """A short sign of what was seen, as it stands in the sheet."""
        return self.digest[:8]


def waiting(conn: Connection, item_id: int | None = None) -> list[Waiting]:
    """Every current version to be disclosed that still wants a review, oldest first; or of one item."""
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    plain = (v.digest, v.title, v.doc_no, v.department, v.category, v.sub_item, v.summary, v.body, v.url, v.place)
    lists = (v.audience, v.attachments)
    query = (
        select(v.item_id, v.id.label("version_id"), *plain, *lists, *_review())
        .join(t.items, i.version_id == v.id)
        .outerjoin(t.reviews, last_review())
        .where(v.disclosure == OPEN, i.stopped == "", i.missing_since.is_(None), i.baseline.is_(False))
        .where(or_(r.id.is_(None), r.conclusion.in_(STEPS)))
        .order_by(v.id)
    )
    rows = conn.execute(query if item_id is None else query.where(i.id == item_id))
    return [_waiting(row) for row in rows]


def _review() -> Sequence[Any]:
    r = t.reviews.c
    return (r.reviewer, r.conclusion, r.concluded_on, r.basis, r.kind)


def _waiting(row: Any) -> Waiting:
    facts = {name: value for name, value in row._mapping.items() if name in Waiting.__dataclass_fields__}
    names = tuple(each["name"] for each in row.attachments)
    return Waiting(**{**facts, "audience": tuple(row.audience), "attachments": names, "last": review_of(row)})


def of_version(conn: Connection, version_id: int) -> list[Review]:
    """Every review of a version, in order."""
    r = t.reviews.c
    rows = conn.execute(select(*_review()).where(r.version_id == version_id).order_by(r.id))
    return [each for row in rows if (each := review_of(row)) is not None]


def approved_on(conn: Connection, version_id: int, day: date) -> None:
    """The day from which the version is approved, where its source names none."""
    v = t.versions.c
    conn.execute(update(t.versions).where(v.id == version_id, v.approved_on.is_(None)).values(approved_on=day))
