"""The ledger (台账) as .xlsx: sums that are live formulas beside the report's own figures, every item, each channel's placements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from desk.papers import sums
from desk.papers.blocks import clean
from desk.papers.chart import columns
from desk.papers.facts import Facts
from desk.papers.rows import CHANNEL, LEDGER, channel_rows, ledger_rows
from rules.dates import SHANGHAI, day_of
from rules.deadlines import Clock
from rules.figures import STATES
from rules.item import CLOSED, ON_REQUEST, OPEN

#: Row 1 the title, row 2 who, when and of what, row 3 the header.
HEAD = 3
SUMMARY, CHANNELS, ALL = "汇总", "渠道汇总", "全部条目"
#: Rows below the last one that the formulas also look at: what a clerk adds is counted.
ROOM = 200
#: What may be picked in a column.
PICKS = {"公开属性": (OPEN, ON_REQUEST, CLOSED), "状态": STATES, "计入": ("是", "否"), "是否逾期": ("是", "否")}
_SIDE = Side(style="thin", color="BFBFBF")
_LINE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_ILLEGAL_NAME = re.compile(r"[\[\]:*?/\\']")
#: What a cell holds at most, and what a link may be.
_LONGEST, _LONGEST_LINK = 32_767, 2_000


@dataclass(frozen=True)
class Area:
    """The rows of a sheet, to be named in formulas of another."""

    sheet: str
    columns: tuple[str, ...]
    last: int

    def of(self, column: str) -> str:
        """The cells of a column: '全部条目'!$I$4:$I$512."""
        letter = get_column_letter(self.columns.index(column) + 1)
        return f"'{self.sheet}'!${letter}${HEAD + 1}:${letter}${self.last}"


def write(path: Path, facts: Facts, clock: Clock) -> None:
    """Write the workbook; raises OSError."""
    book = Workbook()
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    summary, channels = book.worksheets[0], book.create_sheet(CHANNELS)
    summary.title = SUMMARY
    items = _sheet(book.create_sheet(ALL), facts, LEDGER, list(ledger_rows(facts, clock)))
    book[ALL].page_setup.paperSize = Worksheet.PAPERSIZE_A3  # too many columns for A4
    areas: dict[str, Area] = {}
    for each in facts.report.channels:
        if each.due and each.name not in areas:
            name = _name(each.label, (area.sheet for area in areas.values()))
            areas[each.name] = _sheet(book.create_sheet(name), facts, CHANNEL, list(channel_rows(each.name, facts)))
    _summary(summary, facts, items)
    _channels(channels, facts, areas)
    book.save(path)


def _name(label: str, taken: Iterable[str]) -> str:
    """A sheet's name: at most 31 signs, none of those that Excel refuses, and no other sheet's, whatever its case."""
    plain = _ILLEGAL_NAME.sub("", clean(label)).strip()[:28] or "渠道"
    used = {each.casefold() for each in (SUMMARY, CHANNELS, ALL, *taken)}
    names = (plain if n == 1 else f"{plain}{n}" for n in range(1, 100))
    return next(name for name in names if name.casefold() not in used)


def _sheet(sheet: Worksheet, facts: Facts, columns: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> Area:
    head(sheet, facts, columns)
    for row, values in enumerate(rows, start=HEAD + 1):
        for number, value in enumerate(values, start=1):
            put(sheet, row, number, value)
    last = HEAD + max(len(rows), 1)
    sheet.freeze_panes = f"C{HEAD + 1}"
    sheet.auto_filter.ref = f"A{HEAD}:{get_column_letter(len(columns))}{last}"
    names = tuple(columns)
    for name, words in PICKS.items():
        if name in names:
            picked = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
            letter = get_column_letter(names.index(name) + 1)
            picked.add(f"{letter}{HEAD + 1}:{letter}{last + ROOM}")
            sheet.add_data_validation(picked)
    return Area(sheet.title, names, last + ROOM)


def head(sheet: Worksheet, facts: Facts, columns: Mapping[str, int]) -> None:
    """Title, 制表单位 and header, and how it is printed."""
    report, last = facts.report, get_column_letter(len(columns))
    for row in (1, 2):
        sheet.merge_cells(f"A{row}:{last}{row}")
    put(sheet, 1, 1, f"{report.school}信息公开推送台账（{report.year}）{'' if facts.checked else '　【未核对】'}")
    sheet["A1"].font = Font(name="黑体", size=16, color="000000" if facts.checked else "C00000")
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    known = day_of(report.cut_off)
    parts = (
        f"制表单位：{report.school}",
        f"统计期限：{report.first} 至 {report.last}",
        f"数据截至：{known}",
        f"制表日期：{facts.made_on or known}",
    )
    put(sheet, 2, 1, "　".join(parts))
    for number, (name, width) in enumerate(columns.items(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        cell = sheet.cell(HEAD, number, name)
        cell.font, cell.alignment = Font(name="黑体"), Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill, cell.border = PatternFill("solid", fgColor="E7EEF7"), _LINE
    sheet.row_dimensions[1].height = 26
    _print(sheet)


def put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """A value as what it is: dates as dates, numbers as numbers, anything else as text that is never a formula."""
    cell = sheet.cell(row, column)
    if isinstance(value, datetime):
        cell.value = value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    elif isinstance(value, int):
        cell.value = value
    elif value not in (None, ""):
        _text(cell, clean(str(value))[:_LONGEST])
    cell.border, cell.alignment = _LINE, Alignment(vertical="top", wrap_text=True)


def _text(cell: Any, text: str) -> None:
    cell.value = text
    cell.data_type, cell.number_format = "s", "@"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@", "\t"))
    if text.startswith(("http://", "https://")) and len(text) < _LONGEST_LINK and " " not in text:
        cell.hyperlink = text
        cell.font = Font(color="0563C1", underline="single")


def _print(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="第 &P 页 共 &N 页"))


def _lines(sheet: Worksheet, lines: Sequence[Sequence[Any]]) -> None:
    """Rows of a summary; what is a sums.Formula is written as one."""
    for row, values in enumerate(lines, start=HEAD + 1):
        for number, value in enumerate(values, start=1):
            put(sheet, row, number, None if isinstance(value, sums.Formula) else value)
            if isinstance(value, sums.Formula):
                sheet.cell(row, number).value = value.text
    sheet.freeze_panes = f"B{HEAD + 1}"


def _summary(sheet: Worksheet, facts: Facts, items: Area) -> None:
    """条: by category, sub-item, department, audience and month, each sum checked against the whole and the report."""
    head(sheet, facts, {"项目": 48, "数值": 10, "单位": 7, "报告所印": 10, "核对": 9, "说明": 44})
    lines, months = sums.of_items(facts, items, HEAD + 1)
    _lines(sheet, lines)
    _chart(sheet, "各月主动公开条目（条）", 2, months, f"A{HEAD + len(lines) + 3}")


def _channels(sheet: Worksheet, facts: Facts, areas: Mapping[str, Area]) -> None:
    """条 and 条次 of each channel and source."""
    words = tuple(facts.report.channels[0].results) if facts.report.channels else ()
    widths = {
        "渠道": 30,
        "来源": 10,
        "条": 8,
        "应推送条次": 12,
        **dict.fromkeys(words, 8),
        "结果合计": 10,
        "报告所印": 10,
        "核对": 9,
    }
    head(sheet, facts, widths)
    lines = sums.of_channels(facts, areas, words, HEAD + 1)
    _lines(sheet, lines)
    if len(lines) > 1:
        last = HEAD + len(lines) - 1
        _chart(sheet, "各渠道公开条目（条）", 3, (HEAD + 1, last), f"A{last + 4}")


def _chart(sheet: Worksheet, title: str, column: int, rows: tuple[int, int], place: str) -> None:
    first, last = rows
    drawn = columns(
        title, Reference(sheet, min_col=column, min_row=first, max_row=last),
        Reference(sheet, min_col=1, min_row=first, max_row=last),
    )  # fmt: skip
    drawn.width, drawn.height = 24, 9
    sheet.add_chart(drawn, place)
