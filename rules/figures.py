"""The identities a report asserts before it is printed. Pure: counts in, equations out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rules.audience import PUBLIC, SCHOOL
from rules.dates import Period
from rules.item import CLOSED, ON_REQUEST, Taxonomy
from rules.origin import origin_shown
from rules.states import Result

DISCLOSED = "已公开"
AWAITED = "待公开"
RETURNED = "退回"
#: What a registered item came to; each has exactly one.
STATES = (DISCLOSED, AWAITED, ON_REQUEST, CLOSED, RETURNED)
CLASSES = (PUBLIC, SCHOOL)
RESULTS = tuple(Result)
#: Reached somebody, even if it was taken back later.
ARRIVED = frozenset({Result.SUCCESS, Result.PARTIAL, Result.RETRACTED})

#: A channel and where its figures come from: bot | booked.
Line = tuple[str, str]


@dataclass(frozen=True)
class Identity:
    """One equation over counted figures: what it says, both sides, and the rows that break it."""

    name: str
    left: int
    right: int
    rows: tuple[str, ...] = ()
    #: What was summed, and of what: a broken one's rows are asked for by it.
    key: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.left == self.right and not self.rows


def sums_to(name: str, parts: Mapping[str, int], total: int, key: tuple[str, ...] = ()) -> Identity:
    """Σ parts = total."""
    return Identity(name, sum(parts.values()), total, key=key)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was counted: the wholes by a question of their own, so that the parts can contradict them.

    Items (条) are those that count (计入) and are disclosed, besides `states` and `registered`.
    """

    disclosed: int = 0
    by_sub_item: Mapping[tuple[str, str], int] = field(default_factory=dict)
    by_category: Mapping[str, int] = field(default_factory=dict)
    by_department: Mapping[str, int] = field(default_factory=dict)
    by_month: Mapping[str, int] = field(default_factory=dict)
    by_class: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    registered: int = 0
    #: Disclosed items that show why: the source's own date, or a placement that arrived.
    evidenced: int = 0
    #: 应推送 (条次) of each line, and the same placements by their results.
    due: Mapping[Line, int] = field(default_factory=dict)
    results: Mapping[Line, Mapping[str, int]] = field(default_factory=dict)
    #: Pieces the pushes say they carry, and the placements found in them.
    pieces: int = 0
    carried: int = 0


def months_of(period: Period) -> tuple[str, ...]:
    """Every month that a period touches: of a school year twelve, 2020-09 to 2021-08."""
    first, last = (day.year * 12 + day.month - 1 for day in (period.start, period.end))
    return tuple(f"{n // 12}-{n % 12 + 1:02d}" for n in range(first, last + 1))


def identities(counted: Counted, taxonomy: Taxonomy, months: Iterable[str]) -> tuple[Identity, ...]:
    """Every equation of the report. Only what has a place in the report is summed: what has none breaks the sum."""
    return (*_of_items(counted, taxonomy, tuple(months)), *_of_pushes(counted))


def _of_items(counted: Counted, taxonomy: Taxonomy, months: tuple[str, ...]) -> list[Identity]:
    total = counted.disclosed
    names = [category.name for category in taxonomy.categories]
    filled = {name: n for name, n in counted.by_department.items() if name}
    return [
        sums_to("各大类之和＝已公开条数", _only(counted.by_category, names), total, ("category",)),
        *(_sub_items(counted, name, list(taxonomy.sub_items_of(name))) for name in names),
        sums_to("各责任部门之和＝已公开条数", filled, total, ("department",)),
        sums_to("各月份之和＝已公开条数", _only(counted.by_month, months), total, ("month",)),
        sums_to("校内、社会两类受众之和＝已公开条数", _only(counted.by_class, CLASSES), total, ("audience_class",)),
        sums_to(f"{'＋'.join(STATES)}＝登记条数", _only(counted.states, STATES), counted.registered, ("state",)),
        Identity("有公开依据的条目＝已公开条数", counted.evidenced, total, key=("evidenced",)),
    ]


def _sub_items(counted: Counted, category: str, known: list[str]) -> Identity:
    parts = {sub: counted.by_sub_item.get((category, sub), 0) for sub in known}
    total = counted.by_category.get(category, 0)
    return sums_to(f"“{category}”各小项之和＝该大类条数", parts, total, ("sub_item", category))


def _of_pushes(counted: Counted) -> list[Identity]:
    found = []
    for line in sorted(counted.due.keys() | counted.results.keys()):
        parts = _only(counted.results.get(line, {}), RESULTS)
        name = f"渠道 {line[0]}（{origin_shown(line[1], line[0])}）各结果之和＝应推送条次"
        found.append(sums_to(name, parts, counted.due.get(line, 0), ("results", *line)))
    carried = Identity("推送中找到的条次＝各次推送所记条次之和", counted.carried, counted.pieces, key=("pieces",))
    return [*found, carried]


def _only(parts: Mapping[str, int], known: Iterable[str]) -> dict[str, int]:
    return {name: parts.get(name, 0) for name in known}
