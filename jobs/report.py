"""Report: the year's figures counted from the log, each with its word, and the equations they must satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection

from jobs import registers
from jobs.tallies import Cells, Channel, Pushed, Tally, cells
from rules.dates import SHANGHAI, Period, day_of
from rules.figures import AWAITED, CLASSES, DISCLOSED, STATES, Counted, Identity, Line, identities, months_of
from rules.school import School
from rules.seal import SHORT
from store import articles, due, figures, frozen, oddities, rollups, seals
from store.db import Db
from store.span import Span
from store.sums import Sums, from_rows, with_wholes

#: What is asked of every item (条); each sum is folded from groups over these.
_WHAT = (
    "state", "counted", "baseline", "category", "sub_item", "department", "month", "audience_class", "evidenced",
)  # fmt: skip
#: Disclosed, and counting (计入).
_OUT: dict[str, Any] = {"state": (DISCLOSED,), "counted": (True,)}


@dataclass(frozen=True, kw_only=True)
class SubItem:
    """A 小项: its disclosed items (条). `counts`: the school's 计入; `beside`: those of its items that do not count."""

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
    #: Approved before the first watch, so never pushed: those disclosed, and those that show no 公开日期.
    baseline: int
    baseline_awaited: int
    beside_registered: int
    beside_disclosed: int
    categories: tuple[Category, ...]
    departments: Mapping[str, int]
    months: Mapping[str, int]
    audiences: Mapping[str, int]
    #: The ministry's list: number → items; one may stand under several, so that these do not add up. What does not apply
    #: to the school (不适用) is here only if an item stands under it all the same.
    list_items: Mapping[int, int]
    #: Who answers for each of these, where the list says so.
    list_departments: Mapping[int, str]
    #: The numbers that do not apply to the school.
    list_waived: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Account:
    """What an account holds (篇), the bot's articles, others', and those of which nobody can tell (`unmatched`).

    `booked`: of the others, those that publish an item.

    `reads`: 人次, each article's latest figure, known of `read_known` of them. None is unknown: of an account that tells
    nothing, all of it. `listed`: False if its list was never read, so that there may be more.
    """

    name: str
    label: str
    articles: int | None = None
    sent: int | None = None
    by_hand: int | None = None
    unmatched: int | None = None
    booked: int | None = None
    gone: int | None = None
    reads: int | None = None
    read_known: int = 0
    listed: bool = False
    #: The day on which the account was last asked.
    as_of: date | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """The figures of a school year, or of any days, as known at the cut-off."""

    school: str
    #: 2020-2021学年, or the first day and the last.
    year: str
    first: date
    last: date
    cut_off: datetime
    items: Items
    #: 条次 by purpose (首发, 更正, 撤回), of the bot and booked.
    purposes: Mapping[str, int]
    channels: tuple[Channel, ...]
    #: Those that have been surveyed, also in vain.
    accounts: tuple[Account, ...]
    targets: tuple[Tally, ...]
    months: tuple[Tally, ...]
    audiences: tuple[Tally, ...]
    categories: tuple[Tally, ...]
    identities: tuple[Identity, ...]
    #: The log's last 封存号 of that time, empty if it was not sealed yet.
    seal: str = ""
    #: The day of the bot's first look at anything.
    began: date | None = None

    @property
    def checked(self) -> bool:
        """False: the report says 未核对."""
        return all(each.holds for each in self.identities)

    @property
    def has_rows(self) -> bool:
        """False: not one item was registered and nothing was pushed; the report says that it is no 0."""
        registered = self.items.registered or self.items.beside_registered
        return bool(registered or any(each.due for each in self.channels))

    def knows(self, month: str) -> bool:
        """False for a month (2020-09) of which nobody can know: still to come at the cut-off, or over before the bot's
        first look and without anything that was found of it since."""
        if month > f"{day_of(self.cut_off):%Y-%m}":
            return False
        if self.began is None or month >= f"{self.began:%Y-%m}":
            return True
        found = any(each.due or each.booked for each in self.months if each.name == month)
        return found or bool(self.items.months.get(month))

    def as_json(self) -> dict[str, Any]:
        """Plain values under the names of the fields, `checked`, and `holds` for each identity; of months that nobody
        knows null."""
        plain: dict[str, Any] = plain_of(asdict(self))
        unknown = {month for month in self.items.months if not self.knows(month)}
        plain["items"]["months"].update(dict.fromkeys(unknown))
        for tally in (each for each in plain["months"] if each["name"] in unknown):
            tally.update({name: None for name, value in tally.items() if isinstance(value, int)})
        for each, identity in zip(plain["identities"], self.identities, strict=True):
            each["holds"] = identity.holds
        return {**plain, "checked": self.checked}


def plain_of(value: Any) -> Any:
    """The same in what JSON has: days and moments as text, tuples as lists, keys as text."""
    if isinstance(value, dict):
        return {str(key): plain_of(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def report(db: Db, school: School, period: Period, *, cut_off: datetime, rolled: bool = True) -> Report:
    """Count everything in one reading transaction; the rows that break an equation are looked up one by one.

    Not `rolled`: every figure is asked of the rows, as if nothing had been counted before; so is a year that was handed in.
    """
    with db.snapshot() as conn:
        return report_in(conn, school, period, cut_off=cut_off, rolled=rolled)


def report_in(
    conn: Connection, school: School, period: Period, *, cut_off: datetime, rolled: bool = True, wholes: bool = False
) -> Report:
    """The same inside a transaction of the caller's, who reads the rows behind the figures in it too.

    `wholes`: what the parts are held against (应推送, the pieces of pushes) is asked of the rows in any case.
    """
    span, months = Span(period.start, period.end, cut_off), months_of(period)
    targets = school.targets.values()
    rolled = rolled and frozen.last(conn, period.start, period.end) is None
    sums = rollups.sums(conn, span) if rolled else from_rows(conn, span)
    sums = with_wholes(conn, span, sums) if rolled and wholes else sums
    pushed = Pushed(sums, figures.measured(conn, span), school)
    items = cells(figures.group_items, conn, span, *_WHAT)
    counted = _counted(conn, span, items, pushed, sums)
    return Report(
        school=school.name,
        year=period.label,
        first=period.start,
        last=period.end,
        cut_off=cut_off,
        items=_items(conn, span, school, items, counted),
        purposes=pushed.purposes,
        channels=tuple(pushed.channels(counted.due)),
        accounts=tuple(_accounts(conn, span, school)),
        targets=pushed.tallies("target", {each.number: each.name for each in targets}),
        months=pushed.tallies("month", dict.fromkeys(months, "")),
        audiences=pushed.tallies("audience", dict.fromkeys((each.audience for each in targets), "")),
        categories=pushed.tallies("category", dict.fromkeys((each.name for each in school.taxonomy.categories), "")),
        seal=seals.head(conn, by=cut_off)[:SHORT],
        began=due.began_on(conn),
        identities=(
            *_proved(conn, span, school, identities(counted, school.taxonomy, months)),
            *registers.figures(conn, school, span).identities,
        ),
    )


def _accounts(conn: Connection, span: Span, school: School) -> Iterable[Account]:
    for name, setting in school.channels.items():
        found = articles.counted(conn, span, name)
        if found is not None:
            many = {each: found.many(each) for each in articles.FIGURES}
            yield Account(name=name, label=setting.label, **many, reads=found.reads, listed=found.listed, as_of=found.as_of)
        elif articles.asked_in_vain(conn, name):
            yield Account(name=name, label=setting.label)


def _counted(conn: Connection, span: Span, items: Cells, pushed: Pushed, sums: Sums) -> Counted:
    """The parts, folded from their groups; the wholes, each by a question of its own."""
    pieces = sums.counts["pieces"]
    return Counted(
        disclosed=figures.count_items(conn, span, state=DISCLOSED),
        by_category=items.by("category", **_OUT),
        by_sub_item=items.by("category", "sub_item", **_OUT),
        by_department=items.by("department", **_OUT),
        by_month=items.by("month", **_OUT),
        by_class=items.by("audience_class", **_OUT),
        states=items.by("state", counted=(True,)),
        registered=figures.count_items(conn, span),
        evidenced=items.by("evidenced", **_OUT).get(1, 0),
        due=cast(Mapping[Line, int], sums.counts["due"]),
        results=pushed.results(),
        pieces=pieces["said",],
        carried=pieces["found",],
    )


def _items(conn: Connection, span: Span, school: School, items: Cells, counted: Counted) -> Items:
    beside = items.by("category", "sub_item", counted=(False,), state=(DISCLOSED,))
    listed = figures.list_items(conn, span)
    whole = school.taxonomy.list_items
    applying = {number for number, each in whole.items() if each.applies}
    old = items.by("state", counted=(True,), baseline=(True,))
    return Items(
        registered=counted.registered,
        disclosed=counted.disclosed,
        states={state: counted.states.get(state, 0) for state in STATES},
        baseline=old.get(DISCLOSED, 0),
        baseline_awaited=old.get(AWAITED, 0),
        beside_registered=sum(items.by("state", counted=(False,)).values()),
        beside_disclosed=sum(beside.values()),
        categories=tuple(_category(each.name, each.sub_items, counted, beside) for each in school.taxonomy.categories),
        departments=dict(sorted(counted.by_department.items(), key=lambda pair: (-pair[1], pair[0]))),
        months={month: counted.by_month.get(month, 0) for month in _months(span)},
        audiences={name: counted.by_class.get(name, 0) for name in CLASSES},
        list_items={number: listed.get(number, 0) for number in sorted({*applying, *listed})},
        list_departments={number: each.department for number, each in whole.items() if each.department},
        list_waived=tuple(sorted(whole.keys() - applying)),
    )


def _months(span: Span) -> list[str]:
    return [f"{month:%Y-%m}" for month in span.months()]


def _category(name: str, subs: Mapping[str, bool], counted: Counted, beside: Mapping[tuple[str, str], int]) -> Category:
    found = tuple(
        SubItem(
            name=sub, counts=counts, items=counted.by_sub_item.get((name, sub), 0), beside=beside.get((name, sub), 0)
        )
        for sub, counts in subs.items()
    )
    return Category(name=name, items=counted.by_category.get(name, 0), sub_items=found)


def _proved(conn: Connection, span: Span, school: School, found: tuple[Identity, ...]) -> tuple[Identity, ...]:
    """The same, with the rows of those that do not hold."""
    return tuple(each if each.holds else replace(each, rows=_rows(conn, span, school, each.key)) for each in found)


def _rows(conn: Connection, span: Span, school: School, key: tuple[str, ...]) -> tuple[str, ...]:
    what, *of = key
    if what == "results":
        return tuple(oddities.odd_placements(conn, span, *of))
    if what == "pieces":
        return tuple(oddities.odd_pushes(conn, span))
    if what == "sub_item":
        return tuple(oddities.odd_items(conn, span, what, list(school.taxonomy.sub_items_of(of[0])), of[0]))
    if what == "department":
        return tuple(oddities.empty_items(conn, span, what))
    known: dict[str, list[Any]] = {
        "category": [each.name for each in school.taxonomy.categories],
        "month": _months(span),
        "audience_class": list(CLASSES),
        "state": list(STATES),
        "evidenced": [1],
    }
    return tuple(oddities.odd_items(conn, span, what, known[what]))
