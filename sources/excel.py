"""Reading .xlsx and .xlsm within limits: values only, no macros, no entities, no links out.

Office Open XML: ECMA-376 part 1, 18.3.1 (worksheets), 18.3.1.55 (mergeCell), 18.3.1.40 (f).
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, range_boundaries
from openpyxl.utils.datetime import MAC_EPOCH

from sources.cells import Value
from sources.grids import Book, Grid, Merged, Refused, Unreadable, check_size, width_of

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
#: Sheets of text pack to about a twentieth; what packs to a five-hundredth was made to burst.
MOST_RATIO = 500
RATIO_FROM = 5 * 1024 * 1024

_SAVE_AGAIN = "请在 Excel 或 WPS 中打开，另存为新的 .xlsx 后重新放入"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']([A-Z]+\d+:[A-Z]+\d+)[\"']")
_NO_RESULT = re.compile(
    rb"<((?:\w+:)?)c\b([^>]*)>\s*<\1f\b(?:[^>]*/>|[^>]*>[^<]*</\1f>)\s*(?:<\1v\s*/>|<\1v>\s*</\1v>)?\s*</\1c>"
)
_SPOT = re.compile(rb"\br=[\"']([A-Z]+\d+)[\"']")


def read_excel(content: bytes) -> Book:
    """All visible sheets of a workbook; raises Unreadable (try again) or Refused (a clerk must act)."""
    if content.startswith(_OLE):
        raise Refused("文件加了密码，或实际是旧的 .xls 格式", "请取消密码，另存为 .xlsx 后重新放入")
    with readable(), zipfile.ZipFile(BytesIO(content)) as archive:
        check_archive(archive)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return Book(tuple(_grids(book, archive)), frozenset(book.sheetnames))
        finally:
            book.close()


@contextmanager
def readable() -> Iterator[None]:
    """Whatever a broken file makes its reader stumble over comes out as Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Refused, MemoryError):
        raise
    except Exception as error:  # openpyxl lets out whatever a broken part makes it stumble over
        if _is_forbidden(error):
            raise Refused("文件结构异常，含有外部引用", _SAVE_AGAIN) from error
        raise Unreadable(type(error).__name__) from error


def _is_forbidden(error: BaseException | None) -> bool:
    """True if defusedxml met an entity; openpyxl wraps that in an error of its own."""
    while error:
        if type(error).__module__.startswith("defusedxml"):
            return True
        error = error.__cause__
    return False


def check_archive(archive: zipfile.ZipFile) -> None:
    """Raise Refused for what was made to burst, or holds more than any register."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    burst = any(e.file_size > RATIO_FROM and e.file_size > MOST_RATIO * max(e.compress_size, 1) for e in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or burst:
        raise Refused("文件解压后过大，未读取", "请删除无用的工作表、图片和空行，另存为新的 .xlsx 后重新放入")


def _grids(book: Workbook, archive: zipfile.ZipFile) -> Iterator[Grid]:
    since_1904 = book.epoch == MAC_EPOCH
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            xml = archive.read(_part(sheet))
            rows = _rows(sheet)
            yield Grid(sheet.title, rows, _merged(xml), _without_result(xml), since_1904)


def _part(sheet: Any) -> str:
    """The sheet's file inside the workbook; openpyxl has no public name for it."""
    return str(sheet._worksheet_path)


def _rows(sheet: Any) -> list[tuple[Value, ...]]:
    """The rows up to the last one with content; the file's own word about its size is not believed."""
    sheet.reset_dimensions()
    rows: list[tuple[Value, ...]] = []
    last = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        width = width_of(row)
        if width:
            check_size(number, width, sheet.title)
            rows.extend(() for _ in range(number - 1 - last))
            rows.append(row[:width])
            last = number
    return rows


def _merged(xml: bytes) -> tuple[Merged, ...]:
    return tuple(_range(found.decode()) for found in _MERGED.findall(xml))


def _range(name: str) -> Merged:
    left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(name))
    return Merged(name, top, left - 1, bottom, right - 1)


def _without_result(xml: bytes) -> frozenset[tuple[int, int]]:
    """Cells whose formula was never reckoned; an empty text (t="str") is a result."""
    if b"<f" not in xml and b":f" not in xml:
        return frozenset()
    found = (_SPOT.search(attributes) for _, attributes in _NO_RESULT.findall(xml) if b'"str"' not in attributes)
    return frozenset(_spot(spot[1].decode()) for spot in found if spot)


def _spot(name: str) -> tuple[int, int]:
    letters, row = coordinate_from_string(name)
    return row, column_index_from_string(letters) - 1
