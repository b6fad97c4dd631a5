"""Sheets that a clerk fills in: written with the office's own columns, read back cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from desk.errors import DeskError
from desk.words import cell as safe
from rules.dates import SHANGHAI, at
from rules.place import UNITS
from rules.text import row_number
from sources.cells import Value, day_of_cell, is_blank, prose_of, text_of
from sources.excel import read_excel
from sources.grids import MOST_BYTES, Grid, Refused, Unreadable

#: A day without an hour is meant as its noon.
NOON = time(12)
#: So many rows from the top are searched for the header.
HEAD = 6


class WrongCell(ValueError):
    """A cell that cannot be read: its column, what is wrong and what to write."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


@dataclass(frozen=True)
class Line:
    """One row of a sheet with its number as Excel shows it."""

    row: int
    cells: Mapping[str, Value]
    #: Columns whose cell is a formula without a saved value.
    formulas: frozenset[str] = frozenset()

    def text(self, column: str) -> str:
        return text_of(self.cells.get(column))

    def prose(self, column: str) -> str:
        return prose_of(self.cells.get(column))

    def needed(self, column: str) -> str:
        """The text; raises WrongCell if there is none."""
        if not self.text(column):
            raise WrongCell(column, "未填写，请补上")
        return self.text(column)

    def whole(self, column: str) -> int | None:
        """A whole number, None if the cell is empty; raises WrongCell."""
        text = self.text(column)
        if text and not (text.isascii() and text.isdigit()):
            raise WrongCell(column, f"“{text[:40]}”应为整数，如 3；没有统计可以留空")
        return int(text) if text else None

    def number(self, column: str) -> int | None:
        """The number (编号) of what the row is about, None if the cell is empty; raises WrongCell."""
        text = self.text(column)
        if text and (found := row_number(text)) is None:
            raise WrongCell(column, f"“{text[:40]}”不是编号；编号是数字，如 12，请照写出的表填写")
        return found if text else None

    def when(self, column: str) -> datetime:
        """A moment; raises WrongCell."""
        self.needed(column)
        try:
            return instant(self.cells.get(column))
        except ValueError as error:
            raise WrongCell(column, str(error)) from None

    def is_empty(self, columns: Iterable[str]) -> bool:
        return all(is_blank(self.cells.get(column)) and column not in self.formulas for column in columns)


def instant(value: Value) -> datetime:
    """2020-09-12, 2020-09-12 10:00 or Excel's own date as a moment in Shanghai; raises ValueError."""
    if isinstance(value, datetime):
        clock = value.time()
        return at(value.date(), clock if clock != time.min else NOON)
    if not isinstance(value, (date, int, float)):
        text = text_of(value).replace("：", ":").replace("T", " ")
        day, _, clock_text = text.partition(" ")
        if clock_text:
            try:
                found = datetime.fromisoformat(f"{day_of_cell(day)} {clock_text.strip().zfill(5)}")
            except ValueError:
                raise ValueError(f"时间“{text[:40]}”应写成 2020-09-12 或 2020-09-12 10:00") from None
            return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
        value = day
    try:
        found_day = day_of_cell(value)
    except ValueError:
        found_day = None
    if found_day is None:
        raise ValueError(f"时间“{text_of(value)[:40]}”应写成 2020-09-12 或 2020-09-12 10:00")
    return at(found_day, NOON)


def read(path: Path, columns: Sequence[str]) -> list[Line]:
    """The filled rows of the first sheet that has these columns; raises DeskError."""
    if path.stat().st_size > MOST_BYTES:
        raise DeskError(f"{path.name} 过大，没有读取。请只留需要登记的行")
    try:
        book = read_excel(path.read_bytes())
    except Refused as error:
        raise DeskError(f"{path.name}：{error.text}。{error.fix}") from None
    except Unreadable:
        raise DeskError(
            f"{path.name} 打不开：不是 .xlsx 文件，或还没有存完。请在 Excel 或 WPS 中另存为 .xlsx"
        ) from None
    for grid in book.grids:
        for top, row in enumerate(grid.rows[:HEAD], start=1):
            names = [text_of(each) for each in row]
            if set(columns) <= set(names):
                body = enumerate(grid.rows[top:], start=top + 1)
                blind = _formulas(grid, names, columns)
                lines = (Line(n, dict(zip(names, each, strict=False)), blind.get(n, frozenset())) for n, each in body)
                return [line for line in lines if not line.is_empty(columns)]
    raise DeskError(f"{path.name} 中没有找到表头。第一行应有这些列：{'、'.join(columns)}")


def _formulas(grid: Grid, names: Sequence[str], columns: Sequence[str]) -> Mapping[int, frozenset[str]]:
    """Of each row (as Excel shows it) the columns whose cell is a formula without a saved value."""
    found: dict[int, frozenset[str]] = {}
    for row, column in grid.uncounted:
        if column < len(names) and names[column] in columns:
            found[row] = found.get(row, frozenset()) | {names[column]}
    return found


def note_results(path: Path, to: Path, results: Mapping[int, str]) -> None:
    """A copy of a sheet with what came of each row beside it (Excel's row number → text)."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    column = sheet.max_column + 1
    sheet.cell(1, column, "处理结果").font = Font(bold=True)
    for row, text in results.items():
        sheet.cell(row, column, safe(text))
    sheet.column_dimensions[get_column_letter(column)].width = 50
    book.save(to)


def apply(path: Path, lines: Iterable[Line], one: Callable[[Line], str]) -> tuple[list[str], list[str]]:
    """Each row by itself: what was done, and what is wrong, each with file, row and column."""
    done, wrong = [], []
    for line in lines:
        try:
            _counted(line)
            done.append(f"第{line.row}行：{one(line)}")
        except WrongCell as error:
            column = f"“{error.column}”列" if error.column else ""
            wrong.append(f"{path.name} 第{line.row}行{column}：{error}")
    return done, wrong


def _counted(line: Line) -> None:
    """Raises WrongCell for a cell that shows a value nobody has saved: it would read as empty."""
    if line.formulas:
        first, *rest = sorted(line.formulas)
        more = f"（还有“{'”“'.join(rest)}”列）" if rest else ""
        raise WrongCell(first, f"是公式，没有保存计算结果{more}，请粘贴为数值")


def write(
    path: Path, title: str, columns: Mapping[str, int], fill: Sequence[str], rows: Iterable[Sequence[object]],
    *, choices: Mapping[str, Sequence[str]] | None = None,
) -> int:  # fmt: skip
    """A sheet with these columns (and their widths), those to fill in coloured; returns how many rows.

    `choices`: what may be picked in a column.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    names = list(columns)
    for number, (name, width) in enumerate(columns.items(), start=1):
        head = sheet.cell(1, number, name)
        head.font = Font(bold=True)
        if name in fill:
            head.fill = PatternFill("solid", fgColor="FFF2CC")
        sheet.column_dimensions[head.column_letter].width = width
    written = 0
    for row, values in enumerate(rows, start=2):
        written += 1
        for number, value in enumerate(values, start=1):
            spot = sheet.cell(row, number, value if isinstance(value, int) else safe(value) or None)
            spot.alignment = Alignment(vertical="top", wrap_text=True)
    for name, words in {"单位": UNITS, **(choices or {})}.items():
        if name in names:
            picked = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
            letter = get_column_letter(names.index(name) + 1)
            picked.add(f"{letter}2:{letter}{max(written + 1, 200)}")
            sheet.add_data_validation(picked)
    sheet.freeze_panes = "A2"
    book.save(path)
    return written
