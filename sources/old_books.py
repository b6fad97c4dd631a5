"""Reading what WPS and old Excel save: .xls, .et, .ett, .xlsb, .ods; values only, in a process of its own.

Of .xls merged ranges are told, of the others not; a formula shows its stored result, one that went wrong an empty cell.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import get_column_letter

from sources import grids
from sources.cells import Value
from sources.excel import check_archive, read_excel, readable
from sources.grids import Book, Grid, Merged, Refused, Unreadable, check_size, width_of

#: Reading takes a fraction of a second.
SECONDS = 60
_CHILD = Path(__file__).with_name("old_child.py")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_old(content: bytes) -> Book:
    """All visible sheets; raises Unreadable (try again) or Refused (a clerk must act)."""
    if content.startswith(b"PK"):
        with readable(), zipfile.ZipFile(BytesIO(content)) as archive:
            check_archive(archive)
            if "xl/workbook.xml" in archive.namelist():  # an .xlsx under another name, as WPS may save an .et
                return read_excel(content)
    elif not content.startswith(_OLE):
        raise Unreadable("neither an old nor a zipped workbook")
    found = _asked(content)
    if found.get("locked"):
        raise Refused("文件加了密码", "请取消密码后重新放入")
    return Book(tuple(_grid(each) for each in found["sheets"]), frozenset(found["names"]))


def _asked(content: bytes) -> dict[str, Any]:
    """What the child says of the file; raises Unreadable if it died of it."""
    command = [sys.executable, "-I", str(_CHILD), str(grids.MOST_ROWS)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS)  # noqa: S603 - our own script
    except subprocess.TimeoutExpired:
        raise Unreadable("timeout") from None
    if done.returncode != 0:
        raise Unreadable(f"reader ended with {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _grid(found: dict[str, Any]) -> Grid:
    check_size(found["height"], 0, found["name"])
    rows: list[list[Value]] = []
    for number, cells in enumerate(found["rows"], start=1):
        row = [_value(each) for each in cells]
        width = width_of(row)
        check_size(number if width else 0, width, found["name"])
        rows.append(row[:width])
    return Grid(found["name"], rows, tuple(_merged(*each) for each in found["merged"]))


def _value(found: Any) -> Value:
    if isinstance(found, dict):
        return datetime.fromisoformat(found["instant"]) if "instant" in found else date.fromisoformat(found["day"])
    return None if found == "" else found


def _merged(first: tuple[int, int], last: tuple[int, int]) -> Merged:
    """Both corners counted from 0, row and column."""
    (top, left), (bottom, right) = first, last
    name = f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"
    return Merged(name, top + 1, left, bottom + 1, right)
