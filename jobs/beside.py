"""What the papers say beside the report's own figures: each is the number of its rows, so that it opens by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from jobs.report import Report
from jobs.rows import ITEMS, PLACEMENTS, Found, NoFigure, Row
from rules.deadlines import Clock, Kind, State
from rules.item import REFUSALS, ListItem
from rules.review import BY_ITEM
from rules.states import Result
from store import ledger
from store.ledger import Entry, Reviewed, Went
from store.span import Span

#: The ministry's numbers that are 重点领域: 招生考试, 财务、资产及收费 (教办函〔2014〕23号).
ADMISSION, FINANCE = range(7, 15), range(15, 22)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The figures, each counted from the ledger's rows."""

    #: 条 reviewed in the span, by kind, and those of them returned or refused.
    one_by_one: int
    standing: int
    refused: int
    #: Of the disclosed items (条): no review is kept; made public within the term, after it, or nobody can tell.
    unreviewed: int
    in_time: int
    late: int
    undated: int
    #: 条 of the 重点领域.
    admission: int
    finance: int
    #: Items (项) of the ministry's list: apply, have something, have nothing, do not apply.
    list_applying: int
    list_there: int
    list_lacking: int
    list_waived: int
    #: 小项 of the school's, and those with something.
    sub_items: int
    sub_items_used: int
    #: 条次 of all channels and origins.
    failed: int
    partial: int


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What they are counted from, of one reading of the store."""

    report: Report
    entries: Sequence[Entry]
    went: Sequence[Went]
    reviewed: Sequence[Reviewed]
    list_items: Mapping[int, ListItem]
    clock: Clock

    def counted(self) -> Beside:
        """Every figure."""
        return Beside(**{name: len(self._rows(name)) for name in Beside.__dataclass_fields__})

    def of(self, name: str) -> Found:
        """The unit and the rows of one; raises NoFigure."""
        if name not in Beside.__dataclass_fields__:
            raise NoFigure(f"没有位置为“beside.{name}”的数字")
        return _unit(name), self._rows(name)

    def _rows(self, name: str) -> list[Row]:
        if name in _REVIEWED:
            by_item = {each.item_id: each for each in self.reviewed if _REVIEWED[name](each)}
            return [Row(n, n, None, f"{r.number} {r.title}，{r.conclusion}".strip()) for n, r in sorted(by_item.items())]
        if name in _WENT:
            return [_of_went(each) for each in self.went if each.result == _WENT[name]]
        if name.startswith("list_"):
            return [Row(n, None, None, f"清单第{n}项{self._named(n)}") for n in self._listed(name)]
        if name.startswith("sub_"):
            return self._sub_items(used=name == "sub_items_used")
        return [_of_entry(each) for each in self.entries if each.counts and self._holds(name, each)]

    def _holds(self, name: str, each: Entry) -> bool:
        if name in _TIMELY:
            return timely(each, self.clock) == _TIMELY[name]
        if name == "unreviewed":
            return not each.reviewer
        return bool(set(each.list_items) & set(ADMISSION if name == "admission" else FINANCE))

    def _listed(self, name: str) -> list[int]:
        listed, waived = self.report.items.list_items, self.report.items.list_waived
        if name == "list_waived":
            return list(waived)
        applying = [number for number in listed if number not in waived]
        if name == "list_applying":
            return applying
        return [number for number in applying if bool(listed[number]) is (name == "list_there")]

    def _named(self, number: int) -> str:
        known = self.list_items.get(number)
        return f" {known.name}" if known else ""

    def _sub_items(self, *, used: bool) -> list[Row]:
        found = [(cat.name, each) for cat in self.report.items.categories for each in cat.sub_items]
        words = [f"{name} {each.name}，{each.items} 条" for name, each in found if each.items or not used]
        return [Row(n, None, None, said) for n, said in enumerate(words, start=1)]


def _unit(name: str) -> str:
    if name in _WENT:
        return PLACEMENTS
    return next((unit for head, unit in (("list_", "项"), ("sub_", "个")) if name.startswith(head)), ITEMS)


_REVIEWED: Mapping[str, Callable[[Reviewed], bool]] = {
    "one_by_one": lambda each: each.kind == BY_ITEM,
    "standing": lambda each: each.kind != BY_ITEM,
    "refused": lambda each: each.conclusion in REFUSALS,
}
_WENT = {"failed": Result.FAILURE, "partial": Result.PARTIAL}
_TIMELY = {"in_time": State.IN_TIME, "late": State.OPENED_LATE, "undated": None}


def sides_of(
    conn: Connection, span: Span, report: Report, list_items: Mapping[int, ListItem], clock: Clock
) -> Sides:  # fmt: skip
    """Read the rows behind them, in the caller's transaction."""
    placed = ledger.went(conn, span)
    return Sides(
        report=report,
        entries=ledger.entries(conn, span, placed),
        went=sorted((each for many in placed.values() for each in many), key=lambda each: each.id),
        reviewed=ledger.reviewed(conn, span),
        list_items=list_items,
        clock=clock,
    )


def timely(each: Entry, clock: Clock) -> State | None:
    """Whether a disclosed item was made public within the term; None: it does not show when it was made."""
    begun = each.formed_on or each.approved_on
    if begun is None or each.disclosed_on is None:
        return None
    return clock.twenty(Kind.PUBLISH, begun, each.disclosed_on).state


def _of_entry(each: Entry) -> Row:
    return Row(each.id, each.id, None, f"{each.number} {each.title}".strip())


def _of_went(each: Went) -> Row:
    return Row(each.id, each.item_id, None, f"{each.title} → {each.target}，{each.result}")
