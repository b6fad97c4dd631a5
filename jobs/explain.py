"""Explain: a printed figure opened down to its rows. A figure is named by its place in 统计数据.json: channels.0.results.失败."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from jobs import registers
from jobs.beside import Sides, sides_of
from jobs.compare import Year, was_counted
from jobs.metrics import by_receipt, metric_of
from jobs.report import Account, Report, report_in
from jobs.rows import ITEMS, PERSONS, PLACEMENTS, PUSHES, TARGETS, Found, NoFigure, Row, bookmark
from jobs.tallies import REACHED, Channel, Reach
from rules import registry
from rules.dates import Period, day_of, year_before
from rules.deadlines import Clock
from rules.figures import ARRIVED, AWAITED, DISCLOSED
from rules.origin import BOOKED, BOT
from rules.school import School
from rules.states import WORDS, Status
from rules.text import cut_chars
from store import articles, behind
from store import registers as store
from store.db import Db
from store.span import Span
from store.standing import result_from

#: The places of what is a mean of its rows.
MEANS = frozenset({"registers.score"})
#: How the places of the year before begin.
BEFORE = "before."


@dataclass(frozen=True)
class Explained:
    """A figure, its unit (条, 条次, 次, 人次, 人 …), and the rows it was counted from.

    `mean`: the rows' values are not added up, the figure is their mean.
    """

    place: str
    value: float | None
    unit: str
    rows: tuple[Row, ...]
    mean: bool = False

    @property
    def came_to(self) -> float:
        """What the rows come to: their sum, or their mean; 0 of none."""
        total = sum(each.adds for each in self.rows)
        return total / len(self.rows) if self.mean and self.rows else total

    @property
    def holds(self) -> bool:
        """True if the rows come to the figure; what nobody knows has none."""
        return round(self.came_to, 2) == round(self.value or 0, 2)


def explain(db: Db, school: School, period: Period, place: str, *, cut_off: datetime) -> Explained:
    """The figure at this place of a report and its rows, from one reading of the store. Raises NoFigure.

    What begins with `before.` is a figure of the year before.
    """
    if place.startswith(BEFORE):
        found = _explain(db, school, year_before(period), place.removeprefix(BEFORE), cut_off, earlier=True)
        return replace(found, place=place)
    return _explain(db, school, period, place, cut_off, earlier=False)


def _explain(db: Db, school: School, period: Period, place: str, cut_off: datetime, *, earlier: bool) -> Explained:
    span = Span(period.start, period.end, cut_off)
    with db.snapshot() as conn:
        report = report_in(conn, school, period, cut_off=cut_off, rolled=False)
        if earlier and not was_counted(report):
            raise NoFigure("上一年同期没有任何登记和推送，没有数字")
        behind = Behind(conn, school, span, report)
        plain = behind.plain
        place = place if "." in place else _of_bookmark(plain, place)
        value = _value(plain, place)
        unit, rows = behind.of(place.split("."))
    return Explained(place, value, unit, tuple(rows), mean=place in MEANS)


def _of_bookmark(plain: Any, name: str) -> str:
    """The place that Word shows as this bookmark; as it came, if none is."""
    return next((place for place in _places(plain) if bookmark(place) == bookmark(name)), name)


def _places(plain: Any, place: str = "") -> Iterator[str]:
    pairs = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    for key, each in pairs:
        inner = f"{place}.{key}" if place else str(key)
        yield inner
        yield from _places(each, inner)


def _value(plain: Any, place: str) -> float | None:
    for part in place.split("."):
        if plain is None:
            break
        try:
            plain = plain[int(part)] if isinstance(plain, list | tuple) else plain[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise NoFigure(f"没有位置为“{place}”的数字") from None
    if plain is None and place == "registers.score":
        raise NoFigure(f"“{place}”没有数字：评议登记簿没有启用，或没有一条登记有评分")
    if plain is None and place.startswith("registers."):
        raise NoFigure(f"“{place}”没有数字：登记簿没有这一期的登记")
    if plain is not None and (isinstance(plain, bool) or not isinstance(plain, int | float)):
        raise NoFigure(f"“{place}”不是数字")
    return plain


Wanted = Callable[[Mapping[str, Any]], bool]


class Behind:
    """The rows of one report, read once and filtered as the figure asks."""

    def __init__(self, conn: Connection, school: School, span: Span, report: Report) -> None:
        self._conn, self._school, self._span, self._report = conn, school, span, report

    @property
    def plain(self) -> dict[str, Any]:
        """Every figure under its place: the report's, those beside it, and the registers'."""
        registered = registers.figures(self._conn, self._school, self._span).registers
        return Year(report=self._report, beside=self._sides.counted(), registers=registered).as_json()

    @cached_property
    def _sides(self) -> Sides:
        clock = Clock(day_of(self._span.cut_off), self._school.calendar, self._school.terms)
        return sides_of(self._conn, self._span, self._report, self._school.taxonomy.list_items, clock)

    def of(self, parts: list[str]) -> Found:
        """The unit and the rows of a figure; raises NoFigure."""
        match parts:
            case ["beside", name]:
                return self._sides.of(name)
            case ["registers", "by_hand", kind, unit]:
                return unit, self._by_hand(kind, unit)
            case ["registers", *rest]:
                return self._register(rest)
            case ["accounts", number, name]:
                return self._account(self._report.accounts[int(number)], name)
            case ["items", *rest]:
                return ITEMS, self._items(_of_items(self._report, rest))
            case ["purposes", word]:
                return PLACEMENTS, self._placements(lambda row: row["purpose"] == word)
            case ["channels", number, "reach", nth, "value" | "known" | "asked" as what]:
                channel = self._report.channels[int(number)]
                return self._reach(channel.name, channel.reach[int(nth)], what)
            case ["channels", number, *rest]:
                return self._channel(self._report.channels[int(number)], rest)
            case ["targets" | "months" | "audiences" | "categories" as group, number, what]:
                name = getattr(self._report, group)[int(number)].name
                return self._tally(_DIMENSIONS[group], name, what)
        raise NoFigure(f"“{'.'.join(parts)}”没有自己的明细，请看它由哪些数字得出")

    def _register(self, parts: list[str]) -> Found:
        try:
            unit, found = registers.behind(self._conn, self._school, self._span, parts)
        except (KeyError, IndexError, ValueError, TypeError):
            raise NoFigure(f"没有位置为“registers.{'.'.join(parts)}”的数字") from None
        return unit, [Row(row.id, None, None, _of_register(row), adds) for row, adds in found]

    def _by_hand(self, kind: str, unit: str) -> list[Row]:
        rows = store.by_hand_rows(self._conn, self._span)
        mine = [row for row in rows if (row.kind, row.unit) == (kind, unit)]
        return [Row(row.push_id, None, row.push_id, f"{row.place}（{kind}）", row.amount) for row in mine]

    def _account(self, account: Account, name: str) -> Found:
        found = articles.counted(self._conn, self._span, account.name)
        if found is None or name not in (*articles.FIGURES, "reads"):
            raise NoFigure(f"“accounts.{name}”没有自己的明细")
        mine = found.of("read_known" if name == "reads" else name)
        adds = {each.id: each.reads or 0 for each in mine} if name == "reads" else {}
        rows = [
            Row(each.id, None, each.push_id, f"文章 {each.id}：{each.title or '没有标题'}", adds.get(each.id, 1))
            for each in mine
        ]
        return ("人次" if adds else "篇"), rows

    @cached_property
    def _all_placements(self) -> list[dict[str, Any]]:
        return [self._named(row) for row in behind.placements(self._conn, self._span)]

    @cached_property
    def _all_pushes(self) -> list[dict[str, Any]]:
        return [self._named(row) for row in behind.pushes(self._conn, self._span)]

    @cached_property
    def _all_deliveries(self) -> list[dict[str, Any]]:
        return [self._named(row) for row in behind.deliveries(self._conn, self._span)]

    def _named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """As the report has it: a standing as a result, the audience of the register where no push has one."""
        plain = dict(row)
        if "standing" in plain:
            plain["result"] = result_from(int(plain["standing"])) or ""
        known = self._school.targets.get(plain["target"])
        return plain | {"audience": plain["audience"] or (known.audience if known else "")}

    def _items(self, wanted: Wanted) -> list[Row]:
        rows = behind.items(self._conn, self._span)
        return [Row(r["id"], r["id"], None, f"{r['number']} {r['title']}".strip()) for r in rows if wanted(r)]

    def _placements(self, wanted: Wanted) -> list[Row]:
        return [_placement(row) for row in self._all_placements if wanted(row)]

    def _reached_items(self, wanted: Wanted) -> list[Row]:
        """Each item once, however many placements brought it."""
        rows = [r for r in self._all_placements if r["counted"] and r["result"] in ARRIVED and wanted(r)]
        once = {row["item_id"]: row for row in rows}
        return [Row(n, n, None, f"{r['number']} {r['title']}".strip()) for n, r in sorted(once.items())]

    def _pushes(self, wanted: Wanted) -> list[Row]:
        return [_push(row["id"], row, row["result"]) for row in self._all_pushes if wanted(row)]

    def _deliveries(self, wanted: Wanted) -> list[Row]:
        rows = [row for row in self._all_deliveries if wanted(row)]
        return [Row(row["id"], None, row["push_id"], f"投递 {row['id']}：{_push(0, row, WORDS[row['status']]).words}") for row in rows]

    def _channel(self, channel: Channel, rest: list[str]) -> Found:
        def mine(row: Mapping[str, Any]) -> bool:
            return bool(row["channel"] == channel.name and row["origin"] == channel.origin)

        match rest:
            case ["items"]:
                return ITEMS, self._reached_items(mine)
            case ["due"]:
                return PLACEMENTS, self._placements(mine)
            case ["results", word]:
                return PLACEMENTS, self._placements(lambda row: mine(row) and row["result"] == word)
            case ["pushes"]:
                return PUSHES, self._pushes(mine)
            case ["push_results", word]:
                return PUSHES, self._pushes(lambda row: mine(row) and row["result"] == word)
            case ["deliveries"]:
                return PERSONS, self._deliveries(mine)
            case ["reached"]:
                return PERSONS, self._deliveries(lambda row: mine(row) and row["status"] in REACHED)
        raise NoFigure(f"“{'.'.join(rest)}”没有自己的明细")

    def _tally(self, dimension: str, name: str, what: str) -> Found:
        def of_bot(row: Mapping[str, Any]) -> bool:
            return bool(row["origin"] == BOT and row[dimension] == name)

        match what:
            case "due":
                return PLACEMENTS, self._placements(of_bot)
            case "items":
                return ITEMS, self._reached_items(of_bot)
            case "placements":
                return PLACEMENTS, self._placements(lambda row: of_bot(row) and row["result"] in ARRIVED)
            case "booked":
                return PLACEMENTS, self._placements(lambda row: row["origin"] == BOOKED and row[dimension] == name)
            case "pushes" | "deliveries" if dimension == "category":
                return self._carrying(name, what)
            case "pushes":
                return PUSHES, self._pushes(lambda row: of_bot(row) and row["result"] in ARRIVED)
            case "deliveries":
                return PERSONS, self._deliveries(lambda row: of_bot(row) and row["status"] in REACHED)
        raise NoFigure(f"“{what}”没有自己的明细")

    def _carrying(self, category: str, what: str) -> Found:
        """Of a category: the pushes that arrived and carried it; one push may carry several."""
        carried = behind.carried(self._conn, self._span)
        arrived = {
            row["id"]
            for row in self._all_pushes
            if row["origin"] == BOT and row["result"] in ARRIVED and (row["id"], category) in carried
        }
        if what == "pushes":
            return PUSHES, self._pushes(lambda row: row["id"] in arrived)
        return PERSONS, self._deliveries(lambda row: row["push_id"] in arrived and row["status"] in REACHED)

    def _reach(self, channel: str, figure: Reach, what: str) -> Found:
        """A sum of reach (`value`), and the pushes or targets that have one (`known`), of all that should (`asked`)."""
        if what == "value":
            receipts = by_receipt(figure)
            rows = self._receipts(channel, figure) if receipts else self._measured(channel, figure)
            return metric_of(figure, channel)[1] or figure.metric, rows
        rows = self._asked(channel, figure)
        read = what == "known" and not by_receipt(figure)
        if read or len(rows) < figure.asked:  # what has a figure should have one, whatever became of it
            once = {row.push_id or -row.id: replace(row, adds=1) for row in self._measured(channel, figure)}
            rows = list(once.values())
        return PUSHES if figure.of_pushes else TARGETS, rows

    def _receipts(self, channel: str, figure: Reach) -> list[Row]:
        mine = {"channel": channel, "status": Status.DELIVERED, "basis": figure.basis}
        return self._deliveries(lambda row: mine.items() <= row.items())

    def _measured(self, channel: str, figure: Reach) -> list[Row]:
        """What was read or entered of a push or target; an unknown figure has none."""
        mine = {"channel": channel, "metric": figure.metric, "basis": figure.basis}
        rows = [row for row in behind.reach(self._conn, self._span) if mine.items() <= row.items()]
        return [
            Row(each["id"], None, each["push_id"], _measure(each), each["value"])
            for each in rows
            if (each["push_id"] is not None) is figure.of_pushes
        ]

    def _asked(self, channel: str, figure: Reach) -> list[Row]:
        """Every push that arrived, or every target that something was pushed to."""
        if figure.of_pushes:
            return self._pushes(lambda row: row["channel"] == channel and row["result"] in ARRIVED)
        targets = sorted({row["target"] for row in self._all_pushes if row["channel"] == channel})
        return [Row(n, None, None, f"目标 {each}") for n, each in enumerate(targets, start=1)]


_DIMENSIONS = {"targets": "target", "months": "month", "audiences": "audience", "categories": "category"}


def _measure(row: Mapping[str, Any]) -> str:
    return f"触达数据 {row['id']}：{row['target']} {row['metric']}（{row['basis']}）"


def _of_register(row: registry.Row) -> str:
    """A register's row in words: its day and its columns, without who wrote it down."""
    said = "，".join(f"{name}{value}" for name, value in row.fields.items() if str(value) != str(row.on_day))
    return f"登记 {row.id}：{row.on_day} {cut_chars(said, 80)}"


def _placement(row: Mapping[str, Any]) -> Row:
    words = f"{row['number']} {row['title']} → {row['target']}，{row['result'] or '不明'}".strip()
    return Row(row["id"], row["item_id"], None, words)


def _push(push_id: int, row: Mapping[str, Any], state: str) -> Row:
    return Row(push_id, None, push_id or None, f"{row['month']} {row['target']}（面向{row['audience']}），{state}")


def _out(row: Mapping[str, Any]) -> bool:
    """An item whose number the report gives."""
    return bool(row["counted"] and row["state"] == DISCLOSED)


#: Which items (条) a figure of `items` counts.
_ITEMS: Mapping[str, Wanted] = {
    "registered": lambda row: row["counted"],
    "disclosed": _out,
    "baseline": lambda row: _out(row) and row["baseline"],
    "baseline_awaited": lambda row: row["counted"] and row["baseline"] and row["state"] == AWAITED,
    "beside_registered": lambda row: not row["counted"],
    "beside_disclosed": lambda row: not row["counted"] and row["state"] == DISCLOSED,
}
_PARTS = {"departments": "department", "months": "month", "audiences": "audience_class"}


def _of_items(report: Report, rest: list[str]) -> Wanted:
    """The same for any figure of `items`; raises NoFigure."""
    match rest:
        case [word] if word in _ITEMS:
            return _ITEMS[word]
        case [group, word] if group in _PARTS:
            return lambda row: _out(row) and row[_PARTS[group]] == word
        case ["states", word]:
            return lambda row: row["counted"] and row["state"] == word
        case ["list_items", number]:
            return lambda row: _out(row) and int(number) in row["list_items"]
        case ["categories", number, *inner]:
            return _of_category(report, int(number), inner)
    raise NoFigure(f"“items.{'.'.join(rest)}”没有自己的明细")


def _of_category(report: Report, number: int, inner: list[str]) -> Wanted:
    category = report.items.categories[number]

    def mine(row: Mapping[str, Any], counted: bool) -> bool:
        return bool(row["counted"] is counted and row["state"] == DISCLOSED and row["category"] == category.name)

    match inner:
        case ["items"]:
            return lambda row: mine(row, True)
        case ["sub_items", nth, "items" | "beside" as what]:
            sub = category.sub_items[int(nth)].name
            return lambda row: mine(row, what == "items") and row["sub_item"] == sub
    raise NoFigure(f"“{'.'.join(inner)}”没有自己的明细")
