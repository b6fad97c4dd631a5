"""The ledger (台账) as .xlsx: a summary whose sums are live formulas, every item, and a sheet for each channel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from desk.papers import chart
from desk.papers.rows import CHANNEL, LEDGER, channel_rows, ledger_rows
from jobs.report import Report
from rules.dates import SHANGHAI
from rules.deadlines import Clock
from store.ledger import Entry, Went

#: Row 1 the title, row 2 who, when and of what, row 3 the header.
HEAD = 3
ALL = "全部条目"
_SIDE = Side(style="thin", color="BFBFBF")
_LINE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_ILLEGAL_NAME = re.compile(r"[\[\]:*?/\\']")


def write(path: Path, report: Report, entries: Sequence[Entry], went: Sequence[Went], clock: Clock) -> None:
    """Write the workbook; raises OSError."""
    book = Workbook()
    summary = book.worksheets[0]
    summary.title = "汇总"
    rows = list(ledger_rows(report, entries, clock))
    _sheet(book.create_sheet(ALL), report, LEDGER, rows)
    names: dict[str, str] = {}
    for each in report.channels:
        if each.due and each.name not in names:
            names[each.name] = _name(each.label, names.values())
            _sheet(book.create_sheet(names[each.name]), report, CHANNEL, list(channel_rows(each.name, report, went)))
    _summary(summary, report, names)
    book.save(path)


def _name(label: str, taken: Iterable[str]) -> str:
    """A sheet's name: at most 31 signs, none of those that Excel refuses, and no other sheet's."""
    plain = _ILLEGAL_NAME.sub("", label)[:28] or "渠道"
    used = {"汇总", ALL, *taken}
    return next(name for n in range(1, 100) if (name := plain if n == 1 else f"{plain}{n}") not in used)


def _sheet(sheet: Worksheet, report: Report, columns: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> None:
    _head(sheet, report, list(columns))
    for number, width in enumerate(columns.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        for row, values in enumerate(rows, start=HEAD + 1):
            put(sheet, row, number, values[number - 1])
    sheet.freeze_panes = f"C{HEAD + 1}"
    sheet.auto_filter.ref = f"A{HEAD}:{get_column_letter(len(columns))}{max(HEAD + len(rows), HEAD + 1)}"
    _print(sheet)


def _head(sheet: Worksheet, report: Report, names: Sequence[str]) -> None:
    last = get_column_letter(len(names))
    for row in (1, 2):
        sheet.merge_cells(f"A{row}:{last}{row}")
    stamp = "" if report.checked else "　【未核对】"
    sheet["A1"] = f"{report.school}信息公开推送台账（{report.year}）{stamp}"
    sheet["A1"].font, sheet["A1"].alignment = Font(name="黑体", size=16), Alignment(horizontal="center")
    made = report.cut_off.astimezone(SHANGHAI).date()
    sheet["A2"] = f"制表单位：{report.school}　统计期限：{report.first} 至 {report.last}　数据截至：{made}"
    for number, name in enumerate(names, start=1):
        cell = sheet.cell(HEAD, number, name)
        cell.font, cell.alignment = Font(name="黑体"), Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill, cell.border = PatternFill("solid", fgColor="E7EEF7"), _LINE


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
        cell.value = str(value)
        cell.data_type, cell.number_format = "s", "@"
        cell.quotePrefix = str(value).startswith(("=", "+", "-", "@", "\t"))
    cell.border, cell.alignment = _LINE, Alignment(vertical="top", wrap_text=True)


def _print(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEAD}:{HEAD}"
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="第 &P 页 共 &N 页"))


def _summary(sheet: Worksheet, report: Report, names: Mapping[str, str]) -> None:
    """Counts by formulas over the other sheets: a clerk sees what is added up, and a change there changes them."""
    columns = ("项目", "数值", "单位", "说明")
    _head(sheet, report, columns)
    for letter, width in zip("ABCD", (44, 14, 8, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    row = HEAD + 1
    state, counted = _column(LEDGER, "状态"), _column(LEDGER, "计入")
    mine = f"'{ALL}'!{state},\"已公开\",'{ALL}'!{counted},\"是\""
    row = _line(sheet, row, "主动公开条目", f"=COUNTIFS({mine})", "条", "状态为已公开且计入的条目")
    first = row
    for category in report.items.categories:
        where = f"{mine},'{ALL}'!{_column(LEDGER, '大类')},A{row}"
        row = _line(sheet, row, category.name, f"=COUNTIFS({where})", "条", "该大类已公开且计入的条目")
    row = _line(sheet, row, "各大类合计", f"=SUM(B{first}:B{row - 1})", "条", "应与主动公开条目相等")
    row = _line(sheet, row, "核对", f'=IF(B{row - 1}=B{first - 1},"一致","不一致")', "", "")
    months = row
    for month in report.items.months:
        where = f"{mine},'{ALL}'!{_column(LEDGER, '公开月份')},A{row}"
        row = _line(sheet, row, month, f"=COUNTIFS({where})", "条", "该月公开且计入的条目")
    last = row - 1
    for title in names.values():
        result = _column(CHANNEL, "结果")
        row = _line(
            sheet, row, title, f"=COUNTA('{title}'!{_column(CHANNEL, '条目')})", "条次", "应推送的条次，不论结果"
        )
        row = _line(sheet, row, f"{title}·成功", f"=COUNTIFS('{title}'!{result},\"成功\")", "条次", "")
    drawn = chart.columns(
        "各月公开条目（条）", Reference(sheet, min_col=2, min_row=months, max_row=last),
        Reference(sheet, min_col=1, min_row=months, max_row=last),
    )  # fmt: skip
    drawn.width, drawn.height = 24, 9
    sheet.add_chart(drawn, "F4")
    sheet.freeze_panes = f"A{HEAD + 1}"
    _print(sheet)


def _line(sheet: Worksheet, row: int, name: str, formula: str, unit: str, note: str) -> int:
    put(sheet, row, 1, name)
    sheet.cell(row, 2, formula).border = _LINE
    put(sheet, row, 3, unit)
    put(sheet, row, 4, note)
    return row + 1


def _column(columns: Mapping[str, int], name: str) -> str:
    """The cells of a column below the header, as far as rows may ever go."""
    letter = get_column_letter(list(columns).index(name) + 1)
    return f"${letter}${HEAD + 1}:${letter}$20000"
