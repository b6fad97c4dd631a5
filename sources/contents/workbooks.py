"""Workbooks: every sheet, row and column, hidden or not; headings, formulas, links, lists to choose from."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from rules.guard import Grid, Part, Piece
from sources.contents.calls import Shown, without_shown
from sources.contents.limits import (
    DAMAGED,
    ENCRYPTED,
    MOST_CELLS,
    MOST_XML,
    TOO_LARGE,
    Unreadable,
    read,
)

if TYPE_CHECKING:
    from python_calamine import SheetMetadata

Cell = int | float | str | bool | time | date | datetime | timedelta

#: Record 0x0200 of a .xls: a sheet's first and last row and column ([MS-XLS] 2.4.90).
_DIMENSIONS = re.compile(rb"\x00\x02\x0e\x00.{4}(.{4})..(..)\x00\x00", re.DOTALL)
_SPOT = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]+)(\d+)[\"']")
_HEADING = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]+)<")
#: A formula with a text or a long number in it; a list to choose from is one too.
_FORMULA = re.compile(rb"[<:](?:f|formula[12]?)\b[^>]*>([^<]*(?:\"|&quot;|[0-9]{11})[^<]*)<")
_HINT = re.compile(rb"\b(?:tooltip|display|location|prompt|promptTitle|error|errorTitle|comment|val)=\"([^\"]+)\"")
_HEADING_CODE = re.compile(r'&"[^"]*"|&[A-Z]|&\d{1,2}')
#: Not those without content: empty ones fill every sheet of .ods to its end.
_ROWS = re.compile(rb"number-rows-repeated=\"(\d+)\"[^>/]*>(?!\s*<table:table-cell[^>]*/>\s*</table:table-row>)")
_COLUMNS = re.compile(rb"number-columns-repeated=\"(\d+)\"[^>]*(?<!/)>")


def in_workbook(label: str, content: bytes) -> Iterator[Piece]:
    """The sheets of .xls, .et, .xlsx, .xlsm, .ods as Grids; raises Unreadable."""
    try:
        book = CalamineWorkbook.from_object(BytesIO(content))
        for sheet in book.sheets_metadata:
            if sheet.typ in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet, SheetTypeEnum.DialogSheet):
                where = f"{label}工作表“{sheet.name}”{'' if sheet.visible is SheetVisibleEnum.Visible else '（隐藏）'}"
                yield Part(f"{label}工作表名", sheet.name)
                yield Grid(where, tuple(_rows(book, sheet)))
    except PasswordError as error:
        raise Unreadable(ENCRYPTED) from error
    except (Unreadable, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of calamine is no Exception
        raise Unreadable(DAMAGED) from error


def _rows(book: CalamineWorkbook, sheet: SheetMetadata) -> Iterator[tuple[str, ...]]:
    """From A1 on, so that rows and columns have the numbers that a person sees."""
    found = book.get_sheet_by_name(sheet.name)
    if found.total_height * found.total_width > MOST_CELLS:
        raise Unreadable(TOO_LARGE)
    for row in found.to_python(skip_empty_area=False):
        yield tuple(_text(value) for value in row)


def _text(value: Cell) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(Decimal(f"{value:.15g}")))  # Excel knows 15 digits, and 0 for the rest
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def check_area(archive: ZipFile) -> None:
    """Raise Unreadable if a sheet spans more than it may: one cell at its far end, and memory is gone.

    calamine keeps a sheet from its first to its last cell, and takes the whole process with it.
    """
    for name in archive.namelist():
        if re.fullmatch(r"xl/worksheets/[^/]*\.xml", name):
            spots = _SPOT.findall(read(archive, name, 5 * MOST_XML))
            if spots and max(int(row) for _, row in spots) * max(_column(letters) for letters, _ in spots) > MOST_CELLS:
                raise Unreadable(TOO_LARGE)


def check_dimensions(content: bytes) -> None:
    """The same for .xls, by what it says of itself."""
    for rows, columns in _DIMENSIONS.findall(content):
        height, width = int.from_bytes(rows, "little"), int.from_bytes(columns, "little")
        if height <= 65_536 and width <= 256 and height * width > MOST_CELLS:
            raise Unreadable(TOO_LARGE)


def check_repeats(archive: ZipFile) -> None:
    """The same for .ods, where a cell or row may be said to stand there a million times."""
    xml = read(archive, "content.xml", 5 * MOST_XML)
    rows, columns = (max((int(times) for times in each.findall(xml)), default=1) for each in (_ROWS, _COLUMNS))
    if rows * columns > MOST_CELLS:
        raise Unreadable(TOO_LARGE)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def around_cells(label: str, archive: ZipFile, shown: Shown) -> Iterator[Piece]:
    """What the sheets of an .xlsx say around their cells: formulas, headings, links, lists to choose from, hints.

    `shown` are the mobile numbers in their cells: a link that calls one of them says nothing more.
    """

    def linked(text: str) -> str:
        return without_shown(text, shown)

    for name in archive.namelist():
        if re.fullmatch(r"xl/worksheets/[^/]*\.xml", name):
            sheet = read(archive, name, 5 * MOST_XML)
            below = sheet.rpartition(b"sheetData>")[2]
            yield from _parts(f"{label}公式和下拉列表", map(linked, _shown(_FORMULA.findall(sheet))))
            yield from _parts(f"{label}超链接和输入提示", map(linked, _shown(_HINT.findall(below))))
            yield from _parts(
                f"{label}页眉页脚", (_HEADING_CODE.sub(" ", text) for text in _shown(_HEADING.findall(below)))
            )


def _shown(found: list[bytes]) -> Iterator[str]:
    return (html.unescape(text.decode(errors="replace")) for text in dict.fromkeys(found))


def _parts(where: str, texts: Iterable[str]) -> Iterator[Part]:
    return (Part(where, text) for text in texts if text.strip())
