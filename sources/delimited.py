"""Reading .csv as offices export it: UTF-8 or GBK, comma, tab or semicolon."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from sources.grids import Book, Grid, Refused, check_size, width_of
from sources.headers import DEEPEST, nearly_header

_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = (",", "\t", ";", "，")
#: Excel keeps the noughts of 007 in a .csv as ="007".
_QUOTED = re.compile(r'^="(.*)"$', re.DOTALL)


def read_csv(content: bytes) -> Book:
    """The one sheet of a .csv; raises Refused."""
    text = _decoded(content)
    delimiter = max(_DELIMITERS, key=lambda mark: _weight(_head(text, mark)))
    rows: list[list[str]] = []
    try:
        for row in _reader(text, delimiter):
            width = width_of(row)
            if width:
                check_size(len(rows) + 1, width, "")
            rows.append([_QUOTED.sub(r"\1", cell) for cell in row])
    except csv.Error as error:
        raise Refused("文件不是完整的 CSV", "请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新放入") from error
    return Book((Grid("", rows),), frozenset(("",)))


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else _ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Refused("文字编码无法识别", "请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新放入")


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter)


def _weight(head: list[list[str]]) -> int:
    """How much these rows look like a register's: split at the wrong mark, they have no header."""
    header = nearly_header(head)
    return header.weight if header else 0


def _head(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(islice(_reader(text, delimiter), DEEPEST))
    except csv.Error:
        return []
