"""The lines of the ledger's summaries: formulas over the rows, the report's own figure beside each, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from desk.papers.facts import Facts
from desk.report import name_of
from rules.figures import DISCLOSED
from rules.origin import origin_shown


@dataclass(frozen=True)
class Formula:
    """A formula of ours; no text of anybody else's ever becomes one."""

    text: str


class Columns(Protocol):
    """Where the cells of a column are."""

    def of(self, column: str) -> str: ...


Line = tuple[Any, ...]


class _Lines:
    """Lines of 项目, 数值, 单位, 报告所印, 核对, 说明."""

    def __init__(self, items: Columns, first: int) -> None:
        self.lines: list[Line] = []
        self._first = first
        self._mine = f'{items.of("状态")},"{DISCLOSED}",{items.of("计入")},"是"'

    @property
    def row(self) -> int:
        """The row of the next line."""
        return self._first + len(self.lines)

    def heading(self, text: str) -> None:
        self.lines.append((text,))

    def count(self, name: str, printed: int, where: str = "", note: str = "") -> None:
        """Disclosed items that count, under a further condition."""
        row = self.row
        formula = Formula(f"=COUNTIFS({self._mine}{where})")
        self.lines.append((name, formula, "条", printed, Formula(f'=IF(B{row}=D{row},"一致","不一致")'), note))

    def total(self, rows: Sequence[int], whole: int) -> None:
        """The sum of these rows is the whole's."""
        row, cells = self.row, ",".join(f"B{n}" for n in rows) or "0"
        if rows and rows == list(range(rows[0], rows[-1] + 1)):
            cells = f"B{rows[0]}:B{rows[-1]}"
        check = Formula(f'=IF(B{row}=B{whole},"一致","不一致")')
        self.lines.append(("合计", Formula(f"=SUM({cells})"), "条", None, check, "应等于主动公开条目"))

    def group(self, title: str, parts: Sequence[tuple[str, int, str]], whole: int) -> tuple[int, int]:
        """A heading, a line for each part (name, printed, further condition with {row}), their sum; returns first and last."""
        self.heading(title)
        first = self.row
        for name, printed, where in parts:
            self.count(name, printed, where.format(row=self.row))
        last = self.row - 1
        self.total(list(range(first, last + 1)), whole)
        return first, last


def of_items(facts: Facts, items: Columns, first: int) -> tuple[list[Line], tuple[int, int]]:
    """The summary's lines from row `first` on, and the rows of the months."""
    made, figures = _Lines(items, first), facts.report.items
    made.count("主动公开条目", figures.disclosed, note="状态为已公开且计入的条目")
    whole = made.row - 1

    def same(column: str) -> str:
        return f',{items.of(column)},"="&A{{row}}'

    made.group("按大类", [(each.name, each.items, same("大类")) for each in figures.categories], whole)
    for category in figures.categories:
        parts = [
            (each.name, each.items, f"{same('小项')},{items.of('大类')},{quoted(category.name)}")
            for each in category.sub_items
        ]
        _under(made, category.name, category.items, parts)
    made.group("按责任部门", [(name, n, same("责任部门")) for name, n in figures.departments.items()], whole)
    made.group("按受众类别", [(name, n, same("受众类别")) for name, n in figures.audiences.items()], whole)
    months = [(month, n, _month(items.of("公开日期"), month)) for month, n in figures.months.items() if facts.report.knows(month)]
    return made.lines, made.group("按月份（公开日期）", months, whole)


def _under(made: _Lines, category: str, printed: int, parts: Sequence[tuple[str, int, str]]) -> None:
    """The sub-items of a category, whose sum is the category's."""
    made.heading(f"“{category}”各小项")
    first = made.row
    for name, n, where in parts:
        made.count(name, n, where.format(row=made.row))
    row, last = made.row, made.row - 1
    check = Formula(f'=IF(B{row}=D{row},"一致","不一致")')
    made.lines.append(("合计", Formula(f"=SUM(B{first}:B{last})"), "条", printed, check, "应等于该大类"))


def quoted(text: str) -> str:
    """A criterion of a formula: this text and no other."""
    return '"=' + text.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


def _month(cells: str, month: str) -> str:
    """Dates from the first of the month to before the first of the next."""
    begins = date.fromisoformat(f"{month}-01")
    ends = (begins + timedelta(days=32)).replace(day=1)
    return f',{cells},">="&{_date(begins)},{cells},"<"&{_date(ends)}'


def _date(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


def of_channels(facts: Facts, areas: Mapping[str, Columns], words: Sequence[str], first: int) -> list[Line]:
    """A line for each channel and source that has placements, and their sum."""
    lines: list[Line] = []
    for each in facts.report.channels:
        if each.due:
            lines.append(_channel(each, areas[each.name], words, first + len(lines)))
    if lines:
        last = first + len(lines) - 1
        columns = "DEFGHIJKLMNOPQRSTUVWXYZ"[: len(words) + 3]
        sums = [Formula(f"=SUM({letter}{first}:{letter}{last})") for letter in columns]
        lines.append(("合计（条次）", "", "", *sums))
    return lines


def _channel(each: Any, area: Columns, words: Sequence[str], row: int) -> Line:
    origin, sources, results = origin_shown(each.origin, each.name), area.of("来源"), area.of("结果")
    mine = f'{sources},"={origin}"'
    counts = [Formula(f'=COUNTIFS({mine},{results},"={word}")') for word in words]
    ends = chr(ord("E") + len(words) - 1)
    total, printed = chr(ord(ends) + 1), chr(ord(ends) + 2)
    check = Formula(f'=IF(AND(D{row}={total}{row},D{row}={printed}{row}),"一致","不一致")')
    items, due = Formula(f"=SUMIFS({area.of('计条')},{mine})"), Formula(f"=COUNTIFS({mine})")
    return (name_of(each), origin, items, due, *counts, Formula(f"=SUM(E{row}:{ends}{row})"), each.due, check)
