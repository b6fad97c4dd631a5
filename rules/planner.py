"""How a channel's scarce sends (a few a day or a month, whoever uses them) are spent: the next bundle, its cover, its way.

A bundle either spends one of them, or goes the channel's other way (as often as one likes, nobody is notified), or waits;
each piece that waits has a reason. Pure: the time is passed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from rules.allowance import frees_at
from rules.dates import day_of
from rules.workdays import Calendar

#: What closes within so many working days closes soon: it spends a scarce send even if it is the only piece.
SOON = 3
FULL = "本次已满，等待下一次编排"


class Other(StrEnum):
    """What becomes of what no scarce send is spent on."""

    PUBLISH = "publish"
    WAIT = "wait"


@dataclass(frozen=True, kw_only=True)
class Thrift:
    """How a school wants a channel's scarce sends spent."""

    #: Sends of the month that are kept for what is urgent.
    reserve: int = 1
    #: Fewer pieces wait for company, and a piece for a send to free up, at most so many days (自然日) in all.
    min_pieces: int = 1
    max_wait_days: int = 5
    other: Other = Other.PUBLISH
    #: What the other way is called (发布).
    other_word: str = "发布"


@dataclass(frozen=True, kw_only=True)
class Scarce:
    """One allowance of the whole channel as it stands, everybody's sends counted."""

    #: What a send that takes of it is called (群发).
    name: str
    most: int
    #: "day" or "month".
    per: str
    used: int = 0

    @property
    def left(self) -> int:
        return max(self.most - self.used, 0)

    @property
    def period(self) -> str:
        return "今日" if self.per == "day" else "本月"


@dataclass(frozen=True, kw_only=True)
class Ripe:
    """A placement (条次) that may leave now."""

    placement: int
    since: datetime
    urgent: bool = False
    #: A refused bundle's article goes alone.
    alone: bool = False
    category: str = ""
    department: str = ""
    #: The earliest of 公示止, 截止日期 and the end of its 20 working days; None: it has no such day.
    closes_on: date | None = None
    #: A 公示: the notice and the link, never the list.
    notice: bool = False
    #: It has a picture of its own.
    picture: bool = False


@dataclass(frozen=True, kw_only=True)
class Stand:
    """The moment, the channel and what is left of its scarce sends."""

    now: datetime
    most: int
    thrift: Thrift
    scarce: tuple[Scarce, ...]
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def today(self) -> date:
        return day_of(self.now)

    def soon(self, piece: Ripe) -> bool:
        """True if it closes within a few working days, or should have gone already."""
        return piece.closes_on is not None and self.calendar.between(self.today, piece.closes_on) <= SOON

    def rank(self, piece: Ripe) -> tuple[bool, bool, date, datetime, int]:
        """Urgent first, then what closes soon by its day, then the oldest."""
        soon = piece.closes_on if self.soon(piece) else None
        return (not piece.urgent, soon is None, soon or date.max, piece.since, piece.placement)


@dataclass(frozen=True)
class Next:
    """The next bundle, its cover first; empty: nothing leaves now. `waits`: for every other placement, why."""

    bundle: tuple[Ripe, ...] = ()
    #: Why no scarce send is spent on the bundle; empty: one is.
    spared: str = ""
    waits: Mapping[int, str] = field(default_factory=dict)


def plan_next(ripe: Sequence[Ripe], stand: Stand) -> Next:
    """What leaves next, which way, and why the rest waits."""
    waits = dict.fromkeys((piece.placement for piece in ripe), FULL)
    for pieces in _bundles(sorted(ripe, key=stand.rank)):
        found = _decide(pieces, stand)
        waits |= found.waits
        if found.bundle:
            left = {piece.placement for piece in found.bundle}
            rest = {number: why for number, why in waits.items() if number not in left}
            return Next(arranged(found.bundle, stand), found.spared, rest)
    return Next(waits=waits)


def _bundles(ranked: Sequence[Ripe]) -> list[list[Ripe]]:
    """What may travel together: one that must go alone by itself, and nothing plain in front of an urgent one."""
    held = any(piece.alone and piece.urgent for piece in ranked)
    group = [piece for piece in ranked if not piece.alone and (piece.urgent or not held)]
    found = [[piece] for piece in ranked if piece.alone] + ([group] if group else [])
    return sorted(found, key=lambda pieces: ranked.index(pieces[0]))


def _decide(pieces: Sequence[Ripe], stand: Stand) -> Next:
    """The way these go, those of them that do."""
    thrift, bundle = stand.thrift, tuple(pieces[: stand.most])
    hindered = _hindered(bundle, stand)
    if hindered is None:
        few = _too_few(bundle, stand)
        return Next(waits=_each(pieces, few)) if few else Next(bundle)
    why, until = hindered
    waits = _each(pieces, f"{why}，等待 {until:%m-%d} 起的{_word(stand)}")
    if thrift.other is Other.WAIT:
        return Next(waits=waits)
    late = [piece for piece in pieces if not _can_wait(piece, until, stand)]
    waits |= _each(late, FULL)
    return Next(tuple(late[: stand.most]), f"{why}；本条改为{thrift.other_word}", waits)


def _each(pieces: Sequence[Ripe], why: str) -> dict[int, str]:
    return dict.fromkeys((piece.placement for piece in pieces), why)


def _hindered(bundle: Sequence[Ripe], stand: Stand) -> tuple[str, date] | None:
    """Why no scarce send can be spent on it, and the day from which one can; of several the one that lasts longest."""
    urgent = any(piece.urgent for piece in bundle)
    found: list[tuple[date, str]] = []
    for each in stand.scarce:
        kept = stand.thrift.reserve if each.per == "month" and not urgent else 0
        if each.left > kept:
            continue
        why = f"{each.period}{each.name}已用完"
        if each.left:
            why = f"{each.period}{each.name}还剩 {each.left} 次，留给紧急事项"
        found.append((day_of(frees_at(each.per, stand.now, stand.now)), why))
    until, why = max(found, default=(None, ""))
    return (why, until) if until is not None else None


def _too_few(bundle: Sequence[Ripe], stand: Stand) -> str:
    """Why a scarce send would be wasted on so little; empty if it would not."""
    thrift, oldest = stand.thrift, min(day_of(piece.since) for piece in bundle)
    last = oldest + timedelta(days=thrift.max_wait_days)
    if len(bundle) >= thrift.min_pieces or stand.today >= last:
        return ""
    if any(piece.urgent or piece.alone or stand.soon(piece) for piece in bundle):
        return ""
    return f"不足 {thrift.min_pieces} 条，等待合并，最迟 {last:%m-%d} {_word(stand)}"


def _can_wait(piece: Ripe, until: date, stand: Stand) -> bool:
    """True if nothing is lost by waiting until then: not urgent, not closed by then, and not too long in all.

    Counted from its first day, so that nothing waits for ever where others use up every day's send.
    """
    closed = piece.closes_on is not None and piece.closes_on <= until
    last = day_of(piece.since) + timedelta(days=stand.thrift.max_wait_days)
    return not piece.urgent and not closed and until <= last


def _word(stand: Stand) -> str:
    return stand.scarce[0].name if stand.scarce else ""


# -- how a bundle is laid out


def arranged(bundle: Sequence[Ripe], stand: Stand) -> tuple[Ripe, ...]:
    """The cover, then what is urgent, then the rest: a category together, the cover's first, in it a department together."""
    ranked = sorted(bundle, key=stand.rank)
    first = cover(ranked, stand)
    rest = [piece for piece in ranked if piece != first]
    plain = [first, *(piece for piece in rest if not piece.urgent)]
    plain = _together(_together(plain, lambda piece: piece.department), lambda piece: piece.category)
    return (first, *(piece for piece in rest if piece.urgent), *(piece for piece in plain if piece != first))


def cover(ranked: Sequence[Ripe], stand: Stand) -> Ripe:
    """The most urgent, else what closes soonest, else of the biggest category one with a picture; a 公示 only among 公示."""
    able = [piece for piece in ranked if not piece.notice] or ranked
    if able[0].urgent or stand.soon(able[0]):
        return able[0]
    many = Counter(piece.category for piece in able)
    biggest = max(many.values())
    return min(
        (piece for piece in able if many[piece.category] == biggest),
        key=lambda piece: (not piece.picture, stand.rank(piece)),
    )


def _together(pieces: Sequence[Ripe], group: Callable[[Ripe], str]) -> list[Ripe]:
    """Those of a group beside each other, the groups in the order of their first."""
    order = list(dict.fromkeys(map(group, pieces)))
    return sorted(pieces, key=lambda piece: order.index(group(piece)))
