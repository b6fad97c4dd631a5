"""Builds the sample registers and the list of their planted mistakes from year.tsv: `python -m demo.sample.build`.

year.tsv holds one line for every row of every register, in the order of the register. Its first four columns are
not written out: 文件 (which register), 类型 (`good`, `not_published`, or the kind of mistake), 问题列 (the column the mistake
stands in) and 说明. What is not an ISO date or a plain number there is text in the workbook too.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FOLDER = Path(__file__).resolve().parent
YEAR = "year.tsv"
REGISTER = "信息公开登记表.xlsx"
STUDENTS = "学生工作处报送.csv"
LIBRARY = "图书馆报送.csv"
MISTAKES = "mistakes.json"

TITLE = "示例职业技术学院信息公开登记表（2020—2021学年）"
SHEET = "登记表"
NOTES = {1: "制表单位：学校办公室", 5: "统计期限：2020年9月1日—2021年8月31日", 11: "填表说明：先审查、后公开，逐项登记"}
FIRST_REGISTER_ROW = 4

#: Every column of the workbook, with its width in characters.
WIDTHS = {
    "编号": 16, "标题": 46, "文号": 22, "责任部门": 14, "大类": 26, "小项": 32, "清单编号": 10, "公开属性": 11,
    "受众范围": 14, "校内公开理由": 34, "形成日期": 12, "审查人": 20, "审查结论": 10, "审查依据": 34, "批准日期": 14,
    "公开日期": 12, "公示起": 12, "公示止": 12, "紧急": 6, "链接": 54, "摘要": 70, "备注": 26,
}  # fmt: skip
#: How the student office calls the same columns.
STUDENT_HEADERS = {
    "编号": "报送编号", "标题": "信息标题", "文号": "发文字号", "责任部门": "报送部门", "大类": "类别", "小项": "子类",
    "清单编号": "清单序号", "公开属性": "属性", "受众范围": "公开范围", "校内公开理由": "不向社会公开理由", "形成日期": "成文日期",
    "审查人": "审查人", "审查结论": "审查结论", "审查依据": "审查依据", "批准日期": "批准日期", "公开日期": "发布日期",
    "公示起": "公示开始", "公示止": "公示结束", "紧急": "是否紧急", "链接": "网址", "摘要": "内容摘要", "备注": "备注",
}  # fmt: skip
#: The library sent a list of its own making: no column here says what an item needs.
LIBRARY_HEADERS = {"编号": "序号", "标题": "事由", "批准日期": "时间", "责任部门": "经办"}

CATEGORIES = (
    "学校工作的重大事项",
    "重大经济工作事项",
    "党风廉政工作事项",
    "涉及教职工切身利益的工作",
    "学生管理工作中的重要事项",
)
DATES = frozenset({"形成日期", "批准日期", "公开日期", "公示起", "公示止"})
CENTRED = DATES | {"编号", "清单编号", "公开属性", "受众范围", "审查结论", "紧急"}
#: Excel is told these moments, so that two builds give the same bytes.
MADE = datetime(2021, 9, 6, 9, 0)  # noqa: DTZ001 - document properties are written without a zone
ZIP_TIME = (2021, 9, 6, 9, 0, 0)

Cell = str | int | date | None


@dataclass(frozen=True)
class Line:
    """One row of one register."""

    file: str
    kind: str
    column: str
    note: str
    cells: dict[str, str]


def read_year(path: Path = FOLDER / YEAR) -> list[Line]:
    """Every line of year.tsv, in its order."""
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    if header[4:] != list(WIDTHS):
        raise ValueError(f"{path.name}: unexpected columns {header}")
    lines = []
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise ValueError(f"{path.name} line {number}: {len(row)} fields, {len(header)} expected")
        lines.append(Line(row[0], row[1], row[2], row[3], dict(zip(header[4:], row[4:], strict=True))))
    return lines


def typed(column: str, text: str) -> Cell:
    """The value Excel would hold after a clerk typed `text`: a real date, a number, or the text itself."""
    if not text:
        return None
    if column in DATES and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    if column == "清单编号" and text.isdigit():
        return int(text)
    return text


def parse_day(text: str) -> date:
    """The day meant by any of the ways in which the registers write one."""
    year, month, day = (int(part) for part in re.findall(r"\d+", text))
    return date(year, month, day)


def build_register(lines: Sequence[Line]) -> bytes:
    """The office's workbook: title, notes, header, rows; byte for byte the same each time."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has no sheet")
    sheet.title = SHEET
    _write_head(sheet)
    for number, line in enumerate(lines, FIRST_REGISTER_ROW):
        _write_row(sheet, number, line)
    _lay_out(sheet, FIRST_REGISTER_ROW + len(lines) - 1)
    book.properties.creator = "学校办公室"
    book.properties.created = MADE
    stream = io.BytesIO()
    book.save(stream)
    return _fixed_in_time(stream.getvalue())


def _write_head(sheet: Worksheet) -> None:
    sheet.cell(1, 1, TITLE).font = Font(name="宋体", size=18, bold=True)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(WIDTHS))
    for column, text in NOTES.items():
        sheet.cell(2, column, text).font = Font(name="宋体", size=11)
    for column, (name, width) in enumerate(WIDTHS.items(), 1):
        cell = sheet.cell(3, column, name)
        cell.font = Font(name="黑体", size=11)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.border = _BORDER
        sheet.column_dimensions[get_column_letter(column)].width = width


_SIDE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_FONT = Font(name="宋体", size=10)
_LEFT = Alignment(vertical="center", wrap_text=True)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _write_row(sheet: Worksheet, number: int, line: Line) -> None:
    for column, (name, text) in enumerate(line.cells.items(), 1):
        cell = sheet.cell(number, column, typed(name, text))
        cell.font = _FONT
        cell.border = _BORDER
        cell.alignment = _CENTRE if name in CENTRED else _LEFT
        if name in DATES:
            cell.number_format = "yyyy-mm-dd"
    if line.kind == "merged_cell":
        column = list(WIDTHS).index(line.column) + 1
        sheet.merge_cells(start_row=number - 1, end_row=number, start_column=column, end_column=column)


def _lay_out(sheet: Worksheet, last: int) -> None:
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "C4"
    sheet.auto_filter.ref = f"A3:{get_column_letter(len(WIDTHS))}{last}"
    sheet.print_title_rows = "1:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8  # A3
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("第 &P 页 共 &N 页"))


def _fixed_in_time(workbook: bytes) -> bytes:
    """The same workbook with every moment of its making replaced: openpyxl writes the present one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + f"{MADE:%Y-%m-%dT%H:%M:%SZ}".encode(), content
                )
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return stream.getvalue()


def build_csv(lines: Iterable[Line], headers: dict[str, str], encoding: str) -> bytes:
    """A department's list, as Excel saves a CSV on Chinese Windows."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headers.values())
    writer.writerows([line.cells[name] for name in headers] for line in lines)
    return stream.getvalue().encode(encoding)


def list_mistakes(lines: Sequence[Line]) -> dict[str, object]:
    """What the product must find: each planted mistake with its place, and the sums of the rows that are good."""
    mistakes: list[dict[str, object]] = []
    unpublished: list[dict[str, object]] = []
    rows: Counter[str] = Counter()
    for line in lines:
        rows[line.file] += 1
        if line.kind == "good" or (line.file == LIBRARY and rows[LIBRARY] > 1):
            continue
        found = unpublished if line.kind == "not_published" else mistakes
        found.append(_place(line, rows[line.file]))
    return {"mistakes": mistakes, "not_published": unpublished, "expected": _expected(lines, len(unpublished))}


def _place(line: Line, nth: int) -> dict[str, object]:
    column: str | None = line.column or None
    row = nth + 1
    if line.file == REGISTER:
        row = nth + FIRST_REGISTER_ROW - 1
    elif column:
        column = STUDENT_HEADERS[column]
    elif line.file == LIBRARY:
        row = 1
    place: dict[str, object] = {"file": line.file, "sheet": SHEET if line.file == REGISTER else None, "row": row}
    if line.kind == "not_published":
        return {**place, "number": line.cells["编号"], "disclosure": line.cells["公开属性"], "note": line.note}
    number = None if line.file == LIBRARY else line.cells["编号"]
    return {**place, "column": column, "kind": line.kind, "number": number, "note": line.note}


def _expected(lines: Sequence[Line], unpublished: int) -> dict[str, object]:
    good = [line.cells for line in lines if line.kind == "good"]

    def counted(column: str) -> dict[str, int]:
        return dict(Counter(cells[column] for cells in good).most_common())

    subs = {
        category: dict(Counter(cells["小项"] for cells in good if cells["大类"] == category).most_common())
        for category in CATEGORIES
    }
    months = Counter(f"{parse_day(cells['批准日期']):%Y-%m}" for cells in good)
    public = sum(cells["受众范围"] == "社会" for cells in good)
    return {
        "good": len(good),
        "not_published": unpublished,
        "per_file": dict(Counter(line.file for line in lines if line.kind == "good")),
        "per_category": {category: sum(found.values()) for category, found in subs.items()},
        "per_sub_item": subs,
        "per_audience": counted("受众范围"),
        "per_counting_class": {"社会": public, "校内": len(good) - public},
        "per_department": counted("责任部门"),
        "per_approval_month": dict(sorted(months.items())),
    }


def build(source: Path = FOLDER / YEAR) -> dict[str, bytes]:
    """Every file that is made from year.tsv, by name."""
    lines = read_year(source)

    def of(file: str) -> list[Line]:
        return [line for line in lines if line.file == file]

    return {
        REGISTER: build_register(of(REGISTER)),
        STUDENTS: build_csv(of(STUDENTS), STUDENT_HEADERS, "gbk"),
        LIBRARY: build_csv(of(LIBRARY), LIBRARY_HEADERS, "utf-8-sig"),
        MISTAKES: (json.dumps(list_mistakes(lines), ensure_ascii=False, indent=2) + "\n").encode(),
    }


def main() -> None:
    """Write the files beside year.tsv."""
    for name, content in build().items():
        (FOLDER / name).write_bytes(content)
        sys.stdout.write(f"{FOLDER / name}\n")


if __name__ == "__main__":
    main()
