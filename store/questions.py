"""What a reader of the log asks, as questions of the store: built once for each form, as building costs more than asking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, func, or_, select

from rules.amend import ENDED_BACK
from rules.states import TAKEN, Result, Status
from store import tables as t
from store.db import among, figure
from store.standing import BITS, Ending, is_wanted, of_person, standing_in_push, standing_without_push, wanted_standings

if TYPE_CHECKING:  # the log must come up at once
    from rules.routing import Target


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
NEWEST = Key(datetime(9999, 12, 31, tzinfo=UTC), 0, 0)
#: Nothing was made before.
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
#: No push or placement has this id, and none a greater one.
NO_ID = 2**63 - 1

Question = tuple[Select[Any], Mapping[str, Any]]


def in_pushes(wanted: Filter, after: Key, most: int, dialect: str, lot: Sequence[int] | None = None) -> Question:
    """Placements in pushes, newest first; of a `lot` of pushes only."""
    given = _values(wanted) | {"at": after.at, "push": after.push, "placement": after.placement}
    query = _in_pushes(_form(wanted), dialect, most, of_lot=lot is not None)
    return query, given if lot is None else given | {"lot": lot}


def in_none(
    wanted: Filter, after: Key, most: int, register: Mapping[str, Target], oldest: datetime, ending: Ending | None = None
) -> Question:
    """Placements that are in no push, newest first, down to the oldest; of those with this ending only."""
    facing = [number for number, each in register.items() if each.audience == wanted.audience]
    upto = after.placement if after.push == 0 else NO_ID
    given = _values(wanted) | {"at": after.at, "placement": upto, "facing": facing, "oldest": oldest}
    return _in_none(_form(wanted), most, ending), given


def said_of(pushes: Iterable[int], person: tuple[str, ...], dialect: str) -> Question:
    """How each of these pushes stands (with one person), what put it there, what a later look said; one query a page."""
    return _said(person, dialect), {"ids": sorted(set(pushes))}


#: What stands in a form for any moment.
_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


def _form(wanted: Filter) -> Filter:
    """The same for all that ask for the same kinds of things; a person's address is part of the question."""
    return Filter(
        since=wanted.since and _ONCE, until=wanted.until and _ONCE, items=wanted.items and (0,), push=bool(wanted.push),
        results=wanted.results and (Result.SUCCESS,), person=wanted.person,
        **{name: "…" if getattr(wanted, name) else "" for name in _WORDS},
    )  # fmt: skip


_WORDS = ("channel", "target", "audience", "category", "department")


def _values(wanted: Filter) -> dict[str, Any]:
    """What is filled into the form."""
    names = (*_WORDS, "since", "until", "push")
    found = {f"the_{name}": value for name in names if (value := getattr(wanted, name))}
    found |= {"items": list(wanted.items)} if wanted.items else {}
    return found | ({"standings": wanted_standings(wanted.results)} if wanted.results else {})


def _many(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


_COMMON = (
    t.placements.c.id.label("placement_id"), t.placements.c.purpose, t.placements.c.taken_at, t.placements.c.item_id,
    t.items.c.number, t.versions.c.title, t.items.c.category, t.items.c.sub_item, t.items.c.department,
    t.items.c.audience_class, t.placements.c.follows_id,
)  # fmt: skip


def _alone() -> ColumnElement[bool]:
    """True if the placement alone was taken back, while the rest of its push stays."""
    p = t.placements.c
    return and_(p.ended == ENDED_BACK, p.push_id == t.pushes.c.id)


@lru_cache(256)
def _in_pushes(form: Filter, dialect: str, most: int, *, of_lot: bool) -> Select[Any]:
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
        .where(*_asked(form, u.created_at, u.channel, u.target))
    )
    if form.audience:
        query = query.where(u.audience == bindparam("the_audience"))
    if form.push:
        query = query.where(u.id == bindparam("the_push"))
    if form.person:
        query = query.where(u.id.in_(select(t.deliveries.c.push_id).where(*of_person(form.person))))
    if form.results:
        standing = standing_in_push(u.id, u.origin, person=form.person)
        standing = case((_alone(), BITS[Status.RETRACTED]), else_=standing)
        query = query.where(is_wanted(standing, "standings"))
    if of_lot:
        query = query.where(among(u.id, "lot", dialect))
    earlier = or_(u.id < bindparam("push"), and_(u.id == bindparam("push"), pp.placement_id < bindparam("placement")))
    query = query.where(_before(u.created_at, earlier))
    return query.order_by(u.created_at.desc(), u.id.desc(), pp.placement_id.desc()).limit(figure(most))


@lru_cache(256)
def _in_none(form: Filter, most: int, ending: Ending | None) -> Select[Any]:
    p = t.placements.c
    columns = (p.created_at.label("at"), p.push_id, p.origin, p.channel, p.target, p.reason, p.ended_at)
    # Of an item or a target there are few: SQLite must not walk all that wait, in their order, to find them.
    at = func.coalesce(p.created_at, p.created_at) if form.items or form.target else p.created_at
    in_none = func.coalesce(p.push_id, 0) == 0 if form.items else p.push_id.is_(None)
    query = (
        select(*columns, standing_without_push().label("standing"), *_COMMON)
        .select_from(t.placements)
        .join(t.items, t.items.c.id == p.item_id)
        .join(t.versions, t.versions.c.id == p.version_id)
        .where(in_none, *_asked(form, at, p.channel, p.target))
    )
    if form.audience:
        query = query.where(p.target.in_(_many("facing")))
    if ending is not None:
        query = query.where(ending.stands())
    query = query.where(at >= bindparam("oldest"), _before(at, p.id < bindparam("placement")))
    # The first is the same in all of them; PostgreSQL does not see that an index that begins with a NULL is in order.
    return query.order_by(p.push_id.desc(), at.desc(), p.id.desc()).limit(figure(most))


def _asked(
    form: Filter, at: ColumnElement[Any], channel: ColumnElement[str], target: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    i = t.items.c
    columns = {"channel": channel, "target": target, "category": i.category, "department": i.department}
    clauses = [column == bindparam(f"the_{name}") for name, column in columns.items() if getattr(form, name)]
    if form.items:
        clauses.append(t.placements.c.item_id.in_(_many("items")))
    if form.since is not None:
        clauses.append(at >= bindparam("the_since"))
    if form.until is not None:
        clauses.append(at < bindparam("the_until"))
    return clauses


def _before(column: ColumnElement[Any], earlier: ColumnElement[bool]) -> ColumnElement[bool]:
    """Older than the key; the first clause is what an index on the time can use."""
    return and_(column <= bindparam("at"), or_(column < bindparam("at"), earlier))


@lru_cache(16)
def _said(person: tuple[str, ...], dialect: str) -> Select[Any]:
    d = t.deliveries.c
    bits = func.sum(case(*((d.status == name, bit) for name, bit in BITS.items()), else_=0).distinct())
    bad = case((d.status.in_((Status.FAILED, Status.UNCERTAIN)), d.reason), else_="")
    query = select(
        d.push_id, bits.label("bits"), func.max(d.changed_at).label("changed_at"), func.max(d.basis).label("basis"),
        func.max(bad).label("bad"), func.max(d.reason).label("reason"), func.max(d.vendor_id).label("vendor_id"),
        func.max(d.looked).label("looked"), func.min(case((d.status.in_(TAKEN), d.changed_at))).label("sent_at"),
        func.count().label("addresses"),
    )  # fmt: skip
    return query.where(among(d.push_id, "ids", dialect), *of_person(person)).group_by(d.push_id)
