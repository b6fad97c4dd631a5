"""The push log (台账): one row is one placement (条次) in one push (次), or one that has no push yet.

Pages are asked for by key, never by offset, so that the last one costs what the first one costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, func, select

from rules.bundle import purpose_shown
from rules.origin import BOOKED
from rules.states import Result
from store import questions
from store import tables as t
from store.lots import lots
from store.questions import Filter, Key
from store.standing import DONE, Ending, endings_of, result_from

if TYPE_CHECKING:  # the log must come up at once
    from rules.routing import Target

__all__ = ["Filter", "Key", "Page", "Row", "occurs", "page", "rows", "words_of"]

PAGE = 50


class Row(NamedTuple):
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
    start = after or questions.NEWEST
    pushed = _in_pushes(conn, wanted, start, size + 1)
    oldest = pushed[-1]["at"] if len(pushed) > size else questions.OLDEST  # what is older comes on a later page
    waiting = _in_none(conn, wanted, start, size + 1, register or {}, oldest)
    newest = islice(merge(pushed, waiting, key=_key, reverse=True), size + 1)
    found = list(newest)
    shown = found[:size]
    said = _said(conn, [each["push_id"] for each in shown if each["push_id"] is not None], wanted.person)
    rows = tuple(_row(each, said.get(each["push_id"]), register or {}) for each in shown)
    return Page(rows, rows[-1].key if len(found) > size else None)


#: A row as a question answers it, by the names of its columns.
_Raw = dict[str, Any]


def _ask(conn: Connection, question: questions.Question) -> list[_Raw]:
    """Plain dicts: of a row of SQLAlchemy each name costs ten times as much."""
    found = conn.execute(*question)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def _in_pushes(conn: Connection, wanted: Filter, start: Key, most: int) -> Sequence[_Raw]:
    """The leg of the pushes, lot by lot, unless what is wanted names them or stands in no index of theirs."""
    told = wanted.person or wanted.push or wanted.items
    if told or (not wanted.results and (wanted.category or wanted.department or wanted.audience)):
        return _ask(conn, questions.in_pushes(wanted, start, most, conn.dialect.name))
    found: list[_Raw] = []
    until = min(start.at, wanted.until or start.at)
    last = start.push if until == start.at else questions.NO_ID
    first = most * 5 // 4 if wanted.results else most + 1  # nearly all arrive; of one push the page before may have had a part
    for lot in lots(conn, wanted.results, until, last, first, channel=wanted.channel, target=wanted.target):
        found += _ask(conn, questions.in_pushes(wanted, start, most, conn.dialect.name, lot))
        if len(found) >= most or (wanted.since is not None and _made(conn, lot[-1]) < wanted.since):
            break
    return found[:most]


def _in_none(
    conn: Connection, wanted: Filter, start: Key, most: int, register: Mapping[str, Target], oldest: datetime
) -> Sequence[_Raw]:
    """The leg of the placements that are in no push, unless none can be meant; a result is sought ending by ending."""
    if wanted.push or wanted.person:
        return ()
    endings: list[Ending | None] = [*endings_of(wanted.results)] if wanted.results else [None]
    found = [_ask(conn, questions.in_none(wanted, start, most, register, oldest, each)) for each in endings]
    return found[0] if len(found) == 1 else sorted(chain(*found), key=_key, reverse=True)


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


def _key(raw: _Raw) -> Key:
    return Key(raw["at"], raw["push_id"] or 0, raw["placement_id"])


def _said(conn: Connection, pushes: Sequence[int], person: tuple[str, ...]) -> dict[int | None, _Raw]:
    return {each["push_id"]: each for each in _ask(conn, questions.said_of(pushes, person, conn.dialect.name))}


def _row(raw: _Raw, said: _Raw | None, register: Mapping[str, Target]) -> Row:
    key = _key(raw)
    standing, reason, ended_at = raw.pop("standing", None), raw.pop("reason", ""), raw.pop("ended_at", None)
    back_at, back_reason = raw.pop("back_at", None), raw.pop("back_reason", "")
    known = register.get(raw["target"])
    raw.setdefault("target_name", known.name if known else "")
    raw.setdefault("audience", known.audience if known else "")
    if standing is None:
        standing = said["bits"] if said else DONE if raw["origin"] == BOOKED else 0
    status = result_from(standing) if back_at is None else Result.RETRACTED
    raw["purpose"] = purpose_shown(raw["purpose"], resent=raw.get("resend_of") is not None)
    reason, looked = _words(status, said) if said else (reason, "")
    if back_at is not None:
        reason, looked = back_reason, ""
    return Row(
        **raw,
        key=key,
        changed_at=back_at or (said["changed_at"] if said else raw["taken_at"] or ended_at or key.at),
        status=status,
        basis=said["basis"] if said else "",
        reason=reason,
        looked=looked,
        sent_at=_sent_at(raw, status, said),
        vendor_id=said["vendor_id"] if said and said["addresses"] == 1 else "",
    )


def _words(status: Result | None, said: _Raw) -> tuple[str, str]:
    """Why it stands where it stands, and apart from it what a later look said; what is open is told by its last look."""
    reason, looked = said["bad"] or said["reason"], said["looked"] or ""
    return (looked or reason, "") if status is Result.PENDING else (reason, looked)


def _sent_at(raw: _Raw, status: Result | None, said: _Raw | None) -> datetime | None:
    """The placement's own moment, unless an earlier push had it; of a resend the moment of its own news."""
    if status not in (Result.SUCCESS, Result.PARTIAL, Result.RETRACTED):
        return None
    found: datetime | None = raw["taken_at"]
    if found is None or (said is not None and found < raw["at"]):
        found = said["sent_at"] if said is not None else None
    return found
