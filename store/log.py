"""The push log (台账): one row is one placement (条次) in one push (次), or one that has no push yet.

Pages are asked for by key, never by offset, so that the last one costs what the first one costs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from rules.amend import ENDED_BACK
from rules.bundle import purpose_shown
from rules.origin import BOOKED
from rules.states import TAKEN, Result, Status
from store import tables as t
from store.lots import lots
from store.standing import BITS, DONE, of_person, result_from, standing_in_push, standing_without_push, standings_of

if TYPE_CHECKING:  # the log must come up at once
    from rules.routing import Target

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the reader wants to see; an empty field asks nothing. `since` is included, `until` is not.

    `audience` is that of the target, as it was when the push was made; `items` are ids.
    """

    since: datetime | None = None
    until: datetime | None = None
    channel: str = ""
    target: str = ""
    audience: str = ""
    category: str = ""
    department: str = ""
    results: tuple[Result, ...] = ()
    items: tuple[int, ...] = ()
    #: One push (次); 0: all, and what is in none.
    push: int = 0
    #: One person, as his address may be spelt: only what went to him, and how it ended for him; empty: nobody in particular.
    person: tuple[str, ...] = ()


class Key(NamedTuple):
    """Where a row stands in the log: time, push (0: none), placement. `str` and `parse` go to and from a page's key."""

    at: datetime
    push: int
    placement: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.push}-{self.placement}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises ValueError with words for the reader."""
        found = re.fullmatch(r"(\d{8}T\d{6}\.\d{6})-(\d+)-(\d+)", text.strip())
        if not found:
            raise ValueError(f"“{text}”不是翻页标记，请照抄上一页末尾给出的 --after 内容")
        at = datetime.strptime(found[1], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        return cls(at, int(found[2]), int(found[3]))


#: The first page starts after the end of time: with a bound on it, every database walks the index on the time.
_NEWEST = Key(datetime(9999, 12, 31, tzinfo=UTC), 0, 0)
_NO_PUSH = 2**63 - 1  # no push has this id, and none a greater one


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the log. `at`: the push was made, or the placement when it has none; `changed_at`: the last news."""

    key: Key
    at: datetime
    changed_at: datetime
    origin: str
    purpose: str
    channel: str
    target: str
    target_name: str
    audience: str
    item_id: int
    number: str
    title: str
    category: str
    sub_item: str
    department: str
    audience_class: str
    placement_id: int
    push_id: int | None
    status: Result | None
    basis: str
    reason: str
    taken_at: datetime | None
    #: When this push arrived; None if it has not.
    sent_at: datetime | None
    vendor_id: str
    #: What the last look said that moved nothing, of a push that has its end; of one that has none it is the reason.
    looked: str = ""
    resend_of: int | None = None
    #: Of a 更正 or 撤回: the first push's placement (条次).
    follows_id: int | None = None
    #: How many the target holds, as last known; None: nobody knows.
    people: int | None = None


@dataclass(frozen=True)
class Page:
    """Rows, newest first, and the key that the next page starts after; None on the last one."""

    rows: tuple[Row, ...]
    next: Key | None


#: Where the words of each filter stand.
_NAMED = {
    "channel": t.placements.c.channel, "target": t.placements.c.target, "audience": t.pushes.c.audience,
    "category": t.items.c.category, "department": t.items.c.department,
}  # fmt: skip


def occurs(conn: Connection, name: str, value: str) -> bool:
    """True if a filter's word stands in any row."""
    column = _NAMED[name]
    return conn.scalar(select(column).where(column == value).limit(1)) is not None


def words_of(conn: Connection, name: str) -> dict[str, str]:
    """Every word a filter may ask for, with the name beside it where there is one (a target's)."""
    u = t.pushes.c
    found = {word: "" for word in conn.scalars(select(_NAMED[name]).distinct()) if word}
    if name == "target":
        found |= {row[0]: row[1] for row in conn.execute(select(u.target, func.max(u.target_name)).group_by(u.target))}
    return dict(sorted(found.items()))


def page(
    conn: Connection,
    wanted: Filter,
    *,
    after: Key | None = None,
    size: int = PAGE,
    register: Mapping[str, Target] | None = None,
) -> Page:
    """One page. `register` tells name and audience of a target that nothing has been pushed to yet."""
    start = after or _NEWEST
    found = (_in_pushes(conn, wanted, start, size + 1), _in_none(conn, wanted, start, size + 1, register or {}))
    newest = islice(merge(*found, key=_key, reverse=True), size + 1)
    raw = list(newest)
    said = _said(conn, [r.push_id for r in raw[:size] if r.push_id is not None], wanted.person)
    rows = tuple(_row(r, said.get(r.push_id), register or {}) for r in raw[:size])
    return Page(rows, rows[-1].key if len(raw) > size else None)


def _in_pushes(conn: Connection, wanted: Filter, start: Key, most: int) -> Sequence[Any]:
    """The leg of the pushes; a result is sought lot by lot."""
    query = _pushed(wanted, start)
    if not wanted.results or wanted.person or wanted.push or wanted.items:
        return conn.execute(query.limit(most)).all()
    found: list[Any] = []
    until = min(start.at, wanted.until or start.at)
    last = start.push if until == start.at else _NO_PUSH
    for lot in lots(conn, wanted.results, until, last, channel=wanted.channel, target=wanted.target):
        found += conn.execute(query.where(t.pushes.c.id.in_(lot)).limit(most - len(found))).all()
        if len(found) >= most or (wanted.since is not None and _made(conn, lot[-1]) < wanted.since):
            break
    return found


def _in_none(conn: Connection, wanted: Filter, start: Key, most: int, register: Mapping[str, Target]) -> Sequence[Any]:
    """The leg of the placements that are in no push, unless none can be meant."""
    if wanted.push or wanted.person or (wanted.results and not _unpushed_standings(wanted.results)):
        return ()
    return conn.execute(_unpushed(wanted, start, register).limit(most)).all()


def _unpushed_standings(results: Iterable[Result]) -> list[int]:
    return [n for n in standings_of(results) if n < 0]


def _made(conn: Connection, push_id: int) -> datetime:
    made: datetime = conn.execute(select(t.pushes.c.created_at).where(t.pushes.c.id == push_id)).scalar_one()
    return made


def rows(
    conn: Connection, wanted: Filter, *, register: Mapping[str, Target] | None = None, size: int = 500
) -> Iterator[Row]:
    """Every row, page by page: memory stays flat."""
    after: Key | None = None
    while True:
        found = page(conn, wanted, after=after, size=size, register=register)
        yield from found.rows
        after = found.next
        if after is None:
            return


_COMMON = (
    t.placements.c.id.label("placement_id"), t.placements.c.purpose, t.placements.c.taken_at, t.placements.c.item_id,
    t.items.c.number, t.versions.c.title, t.items.c.category, t.items.c.sub_item, t.items.c.department,
    t.items.c.audience_class, t.placements.c.follows_id,
)  # fmt: skip


def _alone() -> ColumnElement[bool]:
    """True if the placement alone was taken back, while the rest of its push stays."""
    p = t.placements.c
    return and_(p.ended == ENDED_BACK, p.push_id == t.pushes.c.id)


def _pushed(wanted: Filter, after: Key) -> Select[Any]:
    """Placements in pushes, newest first."""
    u, pp, p = t.pushes.c, t.push_placements.c, t.placements.c
    columns = (
        u.created_at.label("at"), u.id.label("push_id"), u.origin, u.channel, u.target, u.target_name, u.audience,
        u.resend_of, case((_alone(), p.ended_at)).label("back_at"), p.reason.label("back_reason"),
    )  # fmt: skip
    query = (
        select(*columns, *_COMMON)
        .select_from(t.pushes)
        .join(t.push_placements, pp.push_id == u.id)
        .join(t.placements, p.id == pp.placement_id)
        .join(t.items, t.items.c.id == p.item_id)
        .join(t.versions, t.versions.c.id == p.version_id)
        .where(*_asked(wanted, u.created_at, u.channel, u.target))
    )
    if wanted.audience:
        query = query.where(u.audience == wanted.audience)
    if wanted.push:
        query = query.where(u.id == wanted.push)
    if wanted.person:
        query = query.where(u.id.in_(select(t.deliveries.c.push_id).where(*of_person(wanted.person))))
    if wanted.results:
        standing = standing_in_push(u.id, u.origin, person=wanted.person)
        standing = case((_alone(), BITS[Status.RETRACTED]), else_=standing)
        query = query.where(standing.in_(standings_of(wanted.results)))
    earlier = or_(u.id < after.push, and_(u.id == after.push, pp.placement_id < after.placement))
    query = query.where(_before(u.created_at, after.at, earlier))
    return query.order_by(u.created_at.desc(), u.id.desc(), pp.placement_id.desc())


def _unpushed(wanted: Filter, after: Key, register: Mapping[str, Target]) -> Select[Any]:
    """Placements that are in no push, newest first."""
    p = t.placements.c
    columns = (p.created_at.label("at"), p.push_id, p.origin, p.channel, p.target, p.reason, p.ended_at)
    query = (
        select(*columns, standing_without_push().label("standing"), *_COMMON)
        .select_from(t.placements)
        .join(t.items, t.items.c.id == p.item_id)
        .join(t.versions, t.versions.c.id == p.version_id)
        .where(p.push_id.is_(None), *_asked(wanted, p.created_at, p.channel, p.target))
    )
    if wanted.audience:
        query = query.where(p.target.in_([n for n, each in register.items() if each.audience == wanted.audience]))
    if wanted.results:
        query = query.where(standing_without_push().in_(_unpushed_standings(wanted.results)))
    earlier = p.id < after.placement if after.push == 0 else p.id > 0
    query = query.where(_before(p.created_at, after.at, earlier))
    return query.order_by(p.created_at.desc(), p.id.desc())


def _asked(
    wanted: Filter, at: ColumnElement[Any], channel: ColumnElement[str], target: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    i = t.items.c
    plain = (
        (channel, wanted.channel), (target, wanted.target), (i.category, wanted.category),
        (i.department, wanted.department),
    )  # fmt: skip
    clauses = [column == value for column, value in plain if value]
    if wanted.items:
        clauses.append(t.placements.c.item_id.in_(wanted.items))
    if wanted.since is not None:
        clauses.append(at >= wanted.since)
    if wanted.until is not None:
        clauses.append(at < wanted.until)
    return clauses


def _before(column: ColumnElement[Any], at: datetime, earlier: ColumnElement[bool]) -> ColumnElement[bool]:
    """Older than the key; the first clause is what an index on the time can use."""
    return and_(column <= at, or_(column < at, earlier))


def _key(raw: Any) -> Key:
    return Key(raw.at, raw.push_id or 0, raw.placement_id)


def _said(conn: Connection, push_ids: Sequence[int], person: Collection[str] = ()) -> dict[int | None, Any]:
    """How each of these pushes stands (with one person), what put it there, what a later look said; one query a page."""
    mine = _said_query().where(t.deliveries.c.push_id.in_(set(push_ids)), *of_person(person))
    return {row.push_id: row for row in conn.execute(mine)}


@cache
def _said_query() -> Select[Any]:
    """Built once: building it costs more than asking it."""
    d = t.deliveries.c
    bits = func.sum(case(*((d.status == name, bit) for name, bit in BITS.items()), else_=0).distinct())
    bad = case((d.status.in_((Status.FAILED, Status.UNCERTAIN)), d.reason), else_="")
    return select(
        d.push_id, bits.label("bits"), func.max(d.changed_at).label("changed_at"), func.max(d.basis).label("basis"),
        func.max(bad).label("bad"), func.max(d.reason).label("reason"), func.max(d.vendor_id).label("vendor_id"),
        func.max(d.looked).label("looked"), func.min(case((d.status.in_(TAKEN), d.changed_at))).label("sent_at"),
        func.count().label("addresses"),
    ).group_by(d.push_id)  # fmt: skip


def _row(raw: Any, said: Any, register: Mapping[str, Target]) -> Row:
    facts = dict(raw._mapping)
    standing, reason, ended_at = facts.pop("standing", None), facts.pop("reason", ""), facts.pop("ended_at", None)
    back_at, back_reason = facts.pop("back_at", None), facts.pop("back_reason", "")
    known = register.get(raw.target)
    facts.setdefault("target_name", known.name if known else "")
    facts.setdefault("audience", known.audience if known else "")
    if standing is None:
        standing = int(said.bits) if said else DONE if raw.origin == BOOKED else 0
    status = result_from(standing) if back_at is None else Result.RETRACTED
    facts["purpose"] = purpose_shown(raw.purpose, resent=facts.get("resend_of") is not None)
    reason, looked = _words(status, said) if said else (reason, "")
    if back_at is not None:
        reason, looked = back_reason, ""
    return Row(
        **facts,
        key=_key(raw),
        changed_at=back_at or (said.changed_at if said else raw.taken_at or ended_at or raw.at),
        status=status,
        basis=said.basis if said else "",
        reason=reason,
        looked=looked,
        sent_at=_sent_at(raw, status, said),
        vendor_id=said.vendor_id if said and said.addresses == 1 else "",
    )


def _words(status: Result | None, said: Any) -> tuple[str, str]:
    """Why it stands where it stands, and apart from it what a later look said; what is open is told by its last look."""
    reason, looked = said.bad or said.reason, said.looked or ""
    return (looked or reason, "") if status is Result.PENDING else (reason, looked)


def _sent_at(raw: Any, status: Result | None, said: Any) -> datetime | None:
    """The placement's own moment, unless an earlier push had it; of a resend the moment of its own news."""
    if status not in (Result.SUCCESS, Result.PARTIAL, Result.RETRACTED):
        return None
    found: datetime | None = raw.taken_at
    if found is None or (said is not None and found < raw.at):
        found = said.sent_at if said is not None else None
    return found
