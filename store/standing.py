"""Standing: where a push or a placement stands, as one number: the statuses of its deliveries as bits, or why it has none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Text, and_, bindparam, case, cast, func, select

from rules.amend import ENDED_BACK
from rules.origin import BOOKED
from rules.states import Result, Status, result_of
from store import tables as t

#: One bit for each status a delivery may stand in; a push's bits say which of them are present.
BITS = {status: 1 << n for n, status in enumerate(Status)}
#: Where a placement without a push stands; below zero, so that no push's bits can meet it.
WAITING, EXPIRED, CANCELLED, DONE, ODD = -1, -2, -3, -4, -9
_PLAIN = {
    WAITING: Result.WAITING, EXPIRED: Result.EXPIRED, CANCELLED: Result.CANCELLED, DONE: Result.SUCCESS, ODD: None,
}  # fmt: skip


@cache
def result_from(standing: int) -> Result | None:
    """The word for a standing as the queries below return it; None for what the house does not know."""
    number = int(standing)  # MariaDB sums to a Decimal
    if number < 0:
        return _PLAIN[number]
    return result_of({status: 1 for status, bit in BITS.items() if number & bit})


def standings_of(wanted: Iterable[Result]) -> list[int]:
    """Every standing that comes to one of these results."""
    return _standings_of(frozenset(wanted))


@cache
def _standings_of(wanted: frozenset[Result]) -> list[int]:
    return [n for n in (*_PLAIN, *range(1 << len(BITS))) if result_from(n) in wanted]


@cache
def wanted_standings(results: tuple[Result, ...]) -> str:
    """A sign for each standing there can be, 1 where it comes to one of these results: what `is_wanted` is given."""
    wanted = set(standings_of(results))
    return "".join("1" if n in wanted else "0" for n in range(ODD, 1 << len(BITS)))


def is_wanted(standing: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """True if its sign is 1: looked up by its place, as there are hundreds of them."""
    return func.substr(bindparam(name, type_=Text), cast(standing, Integer) - (ODD - 1), 1) == "1"


class Ending(NamedTuple):
    """What a placement without a push has in `ended`; whether it is taken, where that makes a difference."""

    ended: str
    taken: bool | None = None

    def stands(self) -> ColumnElement[bool]:
        """True of a placement without a push that has it."""
        p = t.placements.c
        mine = p.ended == self.ended
        return mine if self.taken is None else and_(mine, p.taken_at.is_not(None) if self.taken else p.taken_at.is_(None))


#: What was taken back and is in no push had come to nothing: cancelled too. All else is ODD.
_ENDINGS = {
    WAITING: (Ending("", taken=False),),
    DONE: (Ending("", taken=True),),
    EXPIRED: (Ending("expired"),),
    CANCELLED: (Ending("cancelled"), Ending(ENDED_BACK)),
}


def endings_of(wanted: Iterable[Result]) -> list[Ending]:
    """The endings of placements without a push that come to these results: an index leads to each, not to the results."""
    return [ending for n in standings_of(wanted) for ending in _ENDINGS.get(n, ())]


def bits_of_push(
    push_id: ColumnElement[Any], status: ColumnElement[str] | None = None, person: Collection[str] = ()
) -> ColumnElement[Any]:
    """The statuses present among a push's deliveries (those of one person), as bits: of any number of addresses, one number."""
    d = t.deliveries.c
    one = case(*(((d.status if status is None else status) == name, bit) for name, bit in BITS.items()), else_=0)
    query = select(func.sum(one.distinct())).where(d.push_id == push_id, *of_person(person))
    return query.correlate_except(t.deliveries).scalar_subquery()


def of_person(person: Collection[str]) -> list[ColumnElement[bool]]:
    """Only this person's deliveries; userids and e-mail addresses know no capitals."""
    return [func.lower(t.deliveries.c.address).in_(sorted(person))] if person else []


def standing_in_push(
    push_id: ColumnElement[Any],
    origin: ColumnElement[str],
    status: ColumnElement[str] | None = None,
    person: Collection[str] = (),
) -> ColumnElement[Any]:
    """Where a push stands (with one person). One that somebody booked may have no deliveries: it is done."""
    return func.coalesce(bits_of_push(push_id, status, person), case((origin == BOOKED, DONE), else_=0))


def standing_without_push() -> ColumnElement[Any]:
    """Where a placement stands that is in no push."""
    return case(*((ending.stands(), n) for n, mine in _ENDINGS.items() for ending in mine), else_=ODD)
