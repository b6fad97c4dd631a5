"""What the guard (隐私与保密检查) found in each version, and what a person released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from rules.dates import day_of
from rules.item import OPEN, Attachment
from rules.twins import Titled
from store import tables as t

#: Characters of a reason that the version's row keeps; all of it stands in the scan.
SHORT = 500
#: Findings that are kept one by one: a list of thousands of persons says the same thousands of times.
MOST = 20


@dataclass(frozen=True)
class Unscanned:
    """A version that the guard has not looked at, with all that its readers would see."""

    version_id: int
    item_id: int
    watch: str
    place: str
    texts: Mapping[str, str]
    #: 截止日期, by which a 征求意见 is told.
    ends_on: date | None
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True)
class Found:
    """One thing the guard found: its kind, where, and the value masked."""

    kind: str
    where: str
    shown: str

    def __str__(self) -> str:
        return f"{self.where}：{self.kind}" + (f"（{self.shown}）" if self.shown else "")


#: What is read of a version, and what each part is called.
_TEXTS = {"title": "标题", "summary": "摘要", "body": "正文", "inner_reason": "校内公开理由"}


def unscanned(conn: Connection, again_before: datetime, most: int) -> list[Unscanned]:
    """Current versions to be disclosed that were never looked at, or could not be looked at whole before that moment."""
    i, v, s = t.items.c, t.versions.c, t.scans.c
    texts = [getattr(v, name) for name in _TEXTS]
    due = or_(s.id.is_(None), s.again.is_(True) & (s.scanned_at < again_before) & s.released_at.is_(None))
    query = (
        select(v.id, v.item_id, i.watch, v.place, v.attachments, v.ends_on, *texts)
        .join(t.items, i.version_id == v.id)
        .outerjoin(t.scans, s.version_id == v.id)
        .where(due, v.routed_at.is_(None), i.baseline.is_(False), v.disclosure == OPEN)
        .order_by(v.id)
        .limit(most)
    )
    return [_unscanned(row) for row in conn.execute(query)]


def _unscanned(row: Any) -> Unscanned:
    texts = {word: getattr(row, name) for name, word in _TEXTS.items()}
    attachments = tuple(Attachment(**each) for each in row.attachments)
    return Unscanned(row.id, row.item_id, row.watch, row.place, texts, row.ends_on, attachments)


def titled(conn: Connection, since: datetime) -> list[Titled]:
    """Every item that came in since then and was not stopped."""
    i, v, p = t.items.c, t.versions.c, t.placements.c
    day = func.coalesce(i.disclosed_on, v.approved_on, v.formed_on)
    placed = exists().where(p.item_id == i.id, p.ended == "")
    query = select(i.id, i.watch, i.title, i.created_at, day, placed).join(t.versions, v.id == i.version_id)
    rows = conn.execute(query.where(i.created_at >= since, i.stopped == "").order_by(i.id))
    return [Titled(row[0], row[1], row[2], day_of(row[3]), row[4], bool(row[5])) for row in rows]


def keep(conn: Connection, version_id: int, found: Sequence[Found], now: datetime, *, again: bool = False) -> None:
    """What a look found; the version is held by it, or free if it found nothing."""
    s = t.scans.c
    more = [Found("其余", f"另有 {len(found) - MOST} 处", "")] if len(found) > MOST else []
    kept = [*found[:MOST], *more]
    values = {
        "hits": [{"kind": each.kind, "where": each.where, "shown": each.shown} for each in kept],
        "again": again, "scanned_at": now,
    }  # fmt: skip
    lock = select(t.versions.c.id).where(t.versions.c.id == version_id).with_for_update()
    conn.execute(lock)  # whoever else looks at it waits
    mine = s.version_id == version_id
    before = conn.execute(select(s.again, s.released_at).where(mine).with_for_update()).first()
    if before is None:
        conn.execute(insert(t.scans).values(version_id=version_id, **values))
    elif before.again and before.released_at is None:
        conn.execute(update(t.scans).where(mine).values(**values))
    else:  # another process was first, and a person may have released it
        return
    _set(conn, version_id, reason_of(found))


def reason_of(found: Sequence[Found]) -> str:
    """Why a version is held, in one line; empty if nothing was found."""
    if not found:
        return ""
    more = f"等{len(found)}处" if len(found) > 1 else ""
    return f"隐私与保密检查：{found[0]}{more}"[:SHORT]


def _set(conn: Connection, version_id: int, reason: str) -> None:
    conn.execute(update(t.versions).where(t.versions.c.id == version_id).values(guard=reason))


@dataclass(frozen=True)
class Scan:
    """What is known of one version: everything found, and the release."""

    version_id: int
    item_id: int
    title: str
    department: str
    found: tuple[Found, ...]
    scanned_at: datetime
    released_by: str
    released_why: str
    released_at: datetime | None


    @property
    def words(self) -> str:
        """What is said of it to whoever decides."""
        if self.released_at is not None:
            return f"已由{self.released_by}放行：{self.released_why}"
        return "；".join(map(str, self.found)) or "未发现问题"


#: What is said of a version that was not looked at.
UNSEEN = "尚未检查"


def _query() -> Any:
    i, v, s = t.items.c, t.versions.c, t.scans.c
    columns = (
        s.version_id, v.item_id, v.title, v.department, s.hits, s.scanned_at, s.released_by, s.released_why, s.released_at,
    )  # fmt: skip
    return select(*columns).join(t.versions, v.id == s.version_id).join(t.items, i.version_id == v.id)


def _scan(row: Any) -> Scan:
    plain = {**row._mapping}
    found = tuple(Found(**each) for each in plain.pop("hits"))
    return Scan(**plain, found=found)


def held(conn: Connection) -> list[Scan]:
    """The current versions that the guard holds, oldest first."""
    guard = t.versions.c.guard
    return [
        _scan(row) for row in conn.execute(_query().where(guard.is_not(None), guard != "").order_by(t.versions.c.id))
    ]


def of_versions(conn: Connection, version_ids: Sequence[int]) -> dict[int, Scan]:
    """What was found in these, where they were looked at."""
    rows = conn.execute(_query().where(t.scans.c.version_id.in_(list(version_ids))))
    return {row.version_id: _scan(row) for row in rows}


def release(conn: Connection, version_id: int, person: str, why: str, now: datetime) -> bool:
    """A person has looked at what was found and lets it pass; False if there was nothing to release."""
    s = t.scans.c
    values = {"released_by": person, "released_why": why, "released_at": now}
    open_ = (s.version_id == version_id, s.released_at.is_(None))
    if conn.execute(update(t.scans).where(*open_).values(**values)).rowcount == 0:
        return False
    _set(conn, version_id, "")
    return True


def carry_release(conn: Connection, old: int, new: int) -> None:
    """What a person released of the old version is released in the new one, which shows the very same."""
    s = t.scans.c
    kept = [each for each in t.scans.columns if each.name not in ("id", "version_id")]
    row = conn.execute(select(*kept).where(s.version_id == old, s.released_at.is_not(None))).mappings().first()
    if row is not None:
        conn.execute(insert(t.scans).values(**row, version_id=new))
        _set(conn, new, "")
