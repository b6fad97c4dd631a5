"""Items (条), their versions, keys, reviews and routing decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from rules.identity import own_number
from rules.item import OPEN, Entry, Review, disclosed_on
from rules.routing import Decision, Subject
from rules.text import row_number
from store import tables as t
from store.marks import touch

#: How a review says that it stood in the source itself.
FROM_SOURCE = "来源："


@dataclass(frozen=True)
class Known:
    """An item that a key points at, and the file or page that held it under this key."""

    id: int
    watch: str
    digest: str
    hold: str
    missed: int
    file: str
    number: str
    doc_no: str
    title: str
    department: str
    formed_on: date | None


def _known_columns() -> tuple[ColumnElement[Any], ...]:
    i, k, v = t.items.c, t.item_keys.c, t.versions.c
    about = (i.number, v.doc_no, i.title, i.department, v.formed_on)
    return (i.id, i.watch, v.digest, i.hold, i.missed, k.file, *about)


def by_keys(conn: Connection, keys: Iterable[str]) -> dict[str, Known]:
    """For each of these keys that is known: its item. One query for a whole file of rows."""
    i, k = t.items.c, t.item_keys.c
    query = (
        select(k.name, *_known_columns())
        .join(t.items, i.id == k.item_id)
        .join(t.versions, t.versions.c.id == i.version_id)
    )
    wanted = sorted(set(keys))
    found: dict[str, Known] = {}
    for start in range(0, len(wanted), 500):
        for row in conn.execute(query.where(k.name.in_(wanted[start : start + 500]))):
            found[row[0]] = Known(*row[1:])
    return found


def add(conn: Connection, entry: Entry, facts: dict[str, Any], now: datetime) -> int:
    """A new item with its first version; `facts`: counted, audience_class, baseline. Returns the item's id."""
    values = {
        **_item_values(entry),
        **facts,
        "watch": entry.source,
        "created_at": now,
        "disclosed_on": entry.published_on,
    }
    item_id = _inserted(conn, insert(t.items).values(**values))
    add_version(conn, item_id, entry, 1, now, entry.review)
    return item_id


def add_version(
    conn: Connection, item_id: int, entry: Entry, number: int, now: datetime, review: Review | None
) -> int:
    """A version with the review that is good for it, made the item's current one. Returns the version's id."""
    values = _version_values(entry, now)
    values["approved_on"] = entry.approved_on or (review.on if review else None)
    version_id = _inserted(conn, insert(t.versions).values(item_id=item_id, number=number, **values))
    if review is not None:
        add_review(conn, version_id, review, entry.digest(), by=f"{FROM_SOURCE}{entry.source}", now=now)
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(version_id=version_id))
    return version_id


def renew(
    conn: Connection, item_id: int, entry: Entry, facts: dict[str, Any], now: datetime, review: Review | None
) -> int:
    """An edited item: a new version, and the item's own columns follow it. Returns the version's id.

    `review`: the one that is good for the new text, None if it must be reviewed (again).
    An approval since the first look ends its baseline; nothing puts it back.
    A 公开日期 that the source has cleared is no longer its own: the first push's day takes its place, or none.
    """
    last = conn.scalar(select(func.max(t.versions.c.number)).where(t.versions.c.item_id == item_id)) or 0
    values = {**_item_values(entry), **{k: facts[k] for k in ("counted", "audience_class")}, "hold": ""}
    if entry.approved_on is not None and not facts["baseline"]:
        values["baseline"] = False
    first = conn.scalar(select(func.min(t.placements.c.taken_at)).where(t.placements.c.item_id == item_id))
    values["disclosed_on"] = disclosed_on(entry.published_on, first)
    touch(conn, items=[item_id])
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(**values))
    return add_version(conn, item_id, entry, last + 1, now, review)


@dataclass(frozen=True)
class Reviewed:
    """What the last reviewer of an item saw, and her review."""

    title: str
    doc_no: str
    summary: str
    body: str
    disclosure: str
    inner_reason: str
    notice_from: date | None
    notice_to: date | None
    url: str
    audience: tuple[str, ...]
    attachments: Sequence[Any]
    version_id: int
    review: Review | None
    #: The review stood in the source itself; where it stands there no longer it has been taken back.
    from_source: bool


def reviewed(conn: Connection, item_id: int) -> Reviewed:
    """Of the item's current version."""
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    seen = [getattr(v, each.name) for each in fields(Reviewed) if each.name not in ("version_id", "review", "from_source")]
    query = (
        select(*seen, i.version_id, r.reviewer, r.conclusion, r.concluded_on, r.basis, r.kind, r.recorded_by)
        .join(t.items, i.version_id == v.id)
        .outerjoin(t.reviews, last_review())
        .where(i.id == item_id)
    )
    row = conn.execute(query).one()
    plain = {"version_id": row.version_id, **{each.name: getattr(row, each.name) for each in seen}}
    return Reviewed(**plain, review=review_of(row), from_source=(row.recorded_by or "").startswith(FROM_SOURCE))


def _inserted(conn: Connection, statement: Any) -> int:
    key = conn.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])


def _item_values(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "title": entry.title[:500],
        "category": entry.category,
        "sub_item": entry.sub_item,
        "department": entry.department,
        "disclosure": entry.disclosure,
    }


def _version_values(entry: Entry, now: datetime) -> dict[str, Any]:
    plain = (
        "doc_no", "summary", "body", "url", "department", "category", "sub_item", "disclosure", "inner_reason",
        "formed_on", "approved_on", "published_on", "notice_from", "notice_to", "ends_on", "is_notice", "urgent",
    )  # fmt: skip
    return {
        **{name: getattr(entry, name) for name in plain},
        "title": entry.title[:500],
        "digest": entry.digest(),
        "attachments": [{"name": a.name, "url": a.url} for a in entry.attachments],
        "departments_beside": list(entry.departments_beside),
        "list_items": list(entry.list_items),
        "audience": list(entry.audience),
        "place": str(entry.place),
        "seen_at": now,
    }


def add_review(conn: Connection, version_id: int, review: Review, digest: str, *, by: str, now: datetime) -> None:
    """A review of one version, with the hash of what was seen."""
    values = {
        "version_id": version_id, "kind": review.kind, "reviewer": review.reviewer, "conclusion": review.conclusion,
        "basis": review.basis, "concluded_on": review.on, "digest": digest, "recorded_by": by, "recorded_at": now,
    }  # fmt: skip
    conn.execute(insert(t.reviews).values(**values))


def carry_reviews(conn: Connection, old: int, new: int) -> None:
    """Every review of the old version stands at the new one as it was made: by whom, who wrote it down, of what text."""
    r, v = t.reviews.c, t.versions.c
    approved = select(v.approved_on).where(v.id == old)
    conn.execute(update(t.versions).where(v.id == new, v.approved_on.is_(None)).values(approved_on=conn.scalar(approved)))
    kept = [each for each in t.reviews.columns if each.name not in ("id", "version_id")]
    for row in conn.execute(select(*kept).where(r.version_id == old).order_by(r.id)).mappings().all():
        conn.execute(insert(t.reviews).values(**row, version_id=new))  # one by one: the last made is the last read


def keep_keys(conn: Connection, item_id: int, keys: Sequence[str], watch: str, file: str) -> None:
    """These keys point at the item, and this file or page held it last.

    A key that another process has just given to an item of its own is an IntegrityError: the look is void and the
    next one knows the item. Were it passed over, the item would be there twice and be pushed twice.
    """
    k = t.item_keys.c
    known = set(conn.scalars(select(k.name).where(k.name.in_(keys), k.item_id == item_id)))
    if known:
        conn.execute(update(t.item_keys).where(k.name.in_(known), k.watch == watch).values(file=file))
    fresh = [{"name": key, "item_id": item_id, "watch": watch, "file": file} for key in keys if key not in known]
    if fresh:
        conn.execute(insert(t.item_keys), fresh)


def set_hold(conn: Connection, item_id: int, reason: str) -> None:
    """Nothing of the item leaves while `reason` is not empty."""
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(hold=reason))


def stop(conn: Connection, item_id: int, reason: str) -> None:
    """A person's order: nothing more of the item leaves."""
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(stopped=reason))


def set_changed(conn: Connection, item_id: int, now: datetime | None) -> None:
    """已变更: an older version has left already; a person decides what becomes of it. None: that has been done."""
    conn.execute(update(t.items).where(t.items.c.id == item_id).values(changed_at=now))


def held_by_file(conn: Connection, watch: str, files: Iterable[str]) -> dict[str, dict[int, Known]]:
    """For each file or page: the items it held when it was last read whole."""
    i, k = t.items.c, t.item_keys.c
    query = (
        select(k.file, *_known_columns())
        .join(t.items, i.id == k.item_id)
        .join(t.versions, t.versions.c.id == i.version_id)
        .where(k.watch == watch, k.file.in_(list(files)))
    )
    found: dict[str, dict[int, Known]] = {}
    for row in conn.execute(query):
        found.setdefault(row[0], {})[row[1]] = Known(*row[1:])
    return found


def miss(conn: Connection, item_id: int, now: datetime) -> int:
    """The item was not where it had been; returns how many looks in a row."""
    i = t.items.c
    conn.execute(update(t.items).where(i.id == item_id).values(missed=i.missed + 1))
    conn.execute(update(t.items).where(i.id == item_id, i.missing_since.is_(None)).values(missing_since=now))
    return conn.scalar(select(i.missed).where(i.id == item_id)) or 0


def found_again(conn: Connection, item_id: int) -> None:
    """It is there."""
    i = t.items.c
    conn.execute(update(t.items).where(i.id == item_id, i.missed > 0).values(missed=0, missing_since=None))


@dataclass(frozen=True)
class Unrouted:
    """A version nobody has decided on yet."""

    version_id: int
    item_id: int
    title: str
    disclosure: str
    hold: str
    subject: Subject
    review: Review | None
    approved_on: date | None


def unrouted(conn: Connection) -> list[Unrouted]:
    """Current versions that wait for routing, in the order in which they were seen.

    Baseline items never do, and none that the guard has not looked at.
    """
    i, v, r = t.items.c, t.versions.c, t.reviews.c
    query = (
        select(t.versions, i.hold, i.stopped, r.reviewer, r.conclusion, r.concluded_on, r.basis, r.kind)
        .join(t.items, i.version_id == v.id)
        .outerjoin(t.reviews, last_review())
        .where(v.routed_at.is_(None), i.baseline.is_(False), v.guard.is_not(None) | (v.disclosure != OPEN))
        .order_by(v.id)
    )
    return [_unrouted(row) for row in conn.execute(query)]


def last_review() -> ColumnElement[bool]:
    """Joins a version to its latest review."""
    r, later = t.reviews.c, t.reviews.alias("later_reviews").c
    latest = select(func.max(later.id)).where(later.version_id == t.versions.c.id).scalar_subquery()
    return and_(r.version_id == t.versions.c.id, r.id == latest)


def _unrouted(row: Any) -> Unrouted:
    subject = Subject(
        audience=tuple(row.audience),
        category=row.category,
        sub_item=row.sub_item,
        department=row.department,
        urgent=row.urgent,
    )
    return Unrouted(row.id, row.item_id, row.title, row.disclosure, row.stopped or row.hold or row.guard or "", subject, review_of(row), row.approved_on)


def review_of(row: Any) -> Review | None:
    """The review in a joined row, None if there is none."""
    if row.reviewer is None:
        return None
    return Review(row.reviewer, row.conclusion, row.concluded_on, row.basis, row.kind)


def routed(conn: Connection, version_id: int, decisions: Iterable[Decision], now: datetime) -> bool:
    """Mark a version as routed with its decisions; False if another process was first."""
    v = t.versions.c
    statement = update(t.versions).where(v.id == version_id, v.routed_at.is_(None)).values(routed_at=now)
    if conn.execute(statement).rowcount != 1:
        return False
    rows = [
        {"version_id": version_id, "target": d.target, "granted": d.granted, "reason": d.reason, "decided_at": now}
        for d in decisions
    ]
    if rows:
        conn.execute(insert(t.decisions), rows)
    return True


def title_of(conn: Connection, item_id: int) -> str:
    """Its current title."""
    return conn.scalar(select(t.items.c.title).where(t.items.c.id == item_id)) or ""


def audiences_of(conn: Connection, item_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """受众范围 of each of these items as it is now."""
    i, v = t.items.c, t.versions.c
    query = select(i.id, v.audience).join(t.versions, v.id == i.version_id).where(i.id.in_(list(item_ids)))
    return {row.id: tuple(row.audience) for row in conn.execute(query)}


def set_disclosed(conn: Connection, item_ids: Sequence[int], day: date) -> None:
    """公开日期 of items that have none yet: the day of the first accepted or booked placement."""
    i = t.items.c
    conn.execute(update(t.items).where(i.id.in_(item_ids), i.disclosed_on.is_(None)).values(disclosed_on=day))


def held(conn: Connection) -> int:
    """How many somebody or the guard holds now (条)."""
    i, v = t.items.c, t.versions.c
    query = select(func.count()).select_from(t.items).join(t.versions, v.id == i.version_id)
    return conn.scalar(query.where(i.stopped == "", or_(i.hold != "", v.guard != ""))) or 0


def find(conn: Connection, text: str) -> list[int]:
    """Items by id, 编号, 文号 or part of the title: what a person types.

    A short figure is an id before it is a running number: the bot's own advice names ids.
    """
    i, v = t.items.c, t.versions.c
    exact = [i.number == text, v.doc_no == text]
    number = row_number(text)
    if number is not None:
        exact.insert(len(exact) if own_number(text) else 0, i.id == number)
    base = select(i.id).join(t.versions, v.id == i.version_id).order_by(i.id)
    for clause in (*exact, i.title == text, i.title.contains(text, autoescape=True)):
        found = list(conn.scalars(base.where(clause)))
        if found:
            return found
    return []


def newest_names(conn: Connection, most: int = 500) -> list[str]:
    """编号 and titles of the newest items: what a person who mistyped one may have meant."""
    i = t.items.c
    rows = conn.execute(select(i.number, i.title).order_by(i.id.desc()).limit(most))
    return [name for row in rows for name in row if name]
