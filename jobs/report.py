"""Report: the year's figures counted from the log, each with its word, and the equations they must satisfy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from rules.dates import SHANGHAI, SchoolYear
from rules.figures import ARRIVED, CLASSES, RESULTS, STATES, Counted, Identity, Line, identities, months_of
from rules.school import School
from rules.states import TAKEN, Basis, Result, Status
from store import figures, oddities
from store.db import Db
from store.figures import Measured, Span
from store.log import result_from, standings_of
from store.placements import BOOKED, BOT

#: Statuses of a delivery that reached its address, even if it was taken back later.
REACHED = TAKEN | {Status.RETRACTED}
#: What is asked of every channel: metric, of pushes or of targets. Where nobody knows, the figure is None, never 0.
ASKED = {"应达": False, "关注": False, "送达": True, "阅读": True}


@dataclass(frozen=True, kw_only=True)
class SubItem:
    """A 小项: its disclosed items (条); `counts` is the school's 计入, `beside` those that do not count."""

    name: str
    counts: bool
    items: int
    beside: int


@dataclass(frozen=True, kw_only=True)
class Category:
    """A 大类 with all its configured 小项; 0 is counted, not unknown."""

    name: str
    items: int
    sub_items: tuple[SubItem, ...]


@dataclass(frozen=True, kw_only=True)
class Items:
    """条. All of them count (计入), besides the two `beside` figures."""

    registered: int
    disclosed: int
    states: Mapping[str, int]
    #: Of the disclosed: approved before the first watch, counted and never pushed.
    baseline: int
    beside_registered: int
    beside_disclosed: int
    categories: tuple[Category, ...]
    departments: Mapping[str, int]
    months: Mapping[str, int]
    audiences: Mapping[str, int]
    #: The ministry's list: number → items; an item may stand under several, so that these do not add up.
    list_items: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A figure of reach with how it is known; None is unknown. `known` of `asked` targets or pushes have it."""

    metric: str
    of_pushes: bool
    value: int | None
    basis: str = ""
    known: int = 0
    asked: int = 0
    true_from: datetime | None = None
    true_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One channel's figures of one origin (bot | booked): 应推送 by results, what arrived, and its reach."""

    name: str
    label: str
    origin: str
    #: 条: distinct items that arrived.
    items: int
    #: 条次: 应推送, and what they came to.
    due: int
    results: Mapping[str, int]
    #: 次: pushes made, and what they came to.
    pushes: int
    push_results: Mapping[str, int]
    #: 人次: addresses of these pushes, and those that were reached.
    deliveries: int
    delivered: int
    reach: tuple[Reach, ...]


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What a target, month, audience or category got from the bot: `due` 应推送条次, the others what arrived.

    `booked`: 条次 that persons booked, beside.
    """

    name: str
    label: str
    due: int
    items: int
    placements: int
    pushes: int
    deliveries: int
    booked: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """A school year's figures as known at the cut-off."""

    school: str
    year: str
    first: date
    last: date
    cut_off: datetime
    items: Items
    #: 条次 by purpose (首发, 更正, 撤回), of both origins.
    purposes: Mapping[str, int]
    channels: tuple[Channel, ...]
    targets: tuple[Tally, ...]
    months: tuple[Tally, ...]
    audiences: tuple[Tally, ...]
    categories: tuple[Tally, ...]
    identities: tuple[Identity, ...]

    @property
    def checked(self) -> bool:
        """False: the report says 未核对."""
        return all(each.holds for each in self.identities)

    def as_json(self) -> dict[str, Any]:
        """Plain values under the field names above, `checked`, and `holds` for each identity."""
        plain: dict[str, Any] = _plain(asdict(self))
        for each, identity in zip(plain["identities"], self.identities, strict=True):
            each["holds"] = identity.holds
        return {**plain, "checked": self.checked}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def report(db: Db, school: School, year: SchoolYear, *, cut_off: datetime) -> Report:
    """Count everything in one reading transaction; what breaks an equation is looked up row by row."""
    span, months = Span(year.start, year.end, cut_off), months_of(year)
    with db.read() as conn:
        counted = _counted(conn, span)
        pushed = _Pushed(conn, span, school)
        return Report(
            school=school.name,
            year=year.label,
            first=year.start,
            last=year.end,
            cut_off=cut_off,
            items=_items(conn, span, school, counted, months),
            purposes=pushed.folded(pushed.placements, _PURPOSE),
            channels=tuple(pushed.channels(counted)),
            targets=pushed.tallies("target", {n: each.name for n, each in school.targets.items()}),
            months=pushed.tallies("month", dict.fromkeys(months, "")),
            audiences=pushed.tallies("audience", dict.fromkeys(sorted({t.audience for t in school.targets.values()}), "")),
            categories=pushed.tallies("category", dict.fromkeys((c.name for c in school.taxonomy.categories), "")),
            identities=_proved(conn, span, school, identities(counted, school.taxonomy, months)),
        )
