"""How a person reads it: columns that line up whatever the script, cells safe in Excel, the house's words in Chinese."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from functools import lru_cache

from rules.dates import SHANGHAI

#: What nobody knows; never 0.
UNKNOWN = "—"


def width(text: str) -> int:
    """How many cells a text takes on a terminal: 汉字 and full-width signs two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_cells, text))


@lru_cache(4096)
def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, most: int) -> str:
    """At most `most` cells, on one line; what was cut ends in …"""
    line = " ".join(text.split())
    if width(line) <= most:
        return line
    kept, used = "", 1
    for char in line:
        used += _cells(char)
        if used > most:
            break
        kept += char
    return f"{kept}…"


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Filled with blanks to `cells`, at the left for numbers."""
    blanks = " " * max(cells - width(text), 0)
    return blanks + text if right else text + blanks


def table(header: Sequence[str], rows: Iterable[Sequence[object]], *, indent: str = "") -> list[str]:
    """Aligned lines, numbers to the right; None is unknown. The last column is never padded."""
    body = [[shown(value) for value in row] for row in rows]
    raw = [list(header), *body]
    numeric = [all(_is_number(row[n]) for row in body) and bool(body) for n in range(len(header))]
    widths = [max(width(row[n]) for row in raw) for n in range(len(header))]
    return [
        (indent + "  ".join(pad(cell, widths[n], right=numeric[n]) for n, cell in enumerate(row))).rstrip()
        for row in raw
    ]


def _is_number(text: str) -> bool:
    return text == UNKNOWN or text.lstrip("-").isdigit()


def shown(value: object) -> str:
    """A value as it is printed: instants in Shanghai, None as —."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        return clock(value)
    return str(value)


def clock(instant: datetime) -> str:
    """2020-09-01 12:00 in Shanghai."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def written(instant: datetime) -> str:
    """The same of what a person or a site has written down: of midnight itself only the day was known."""
    text = clock(instant)
    return text.removesuffix(" 00:00") if instant.astimezone(SHANGHAI).time() == time.min else text


def people(number: int | None) -> str:
    """How many people a target holds: 286 人, or —."""
    return UNKNOWN if number is None else f"{number} 人"


def iso(value: object) -> str:
    """A date or an instant as JSON has it: ISO 8601, instants in UTC+8."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} 不能写成 JSON")


def cell(value: object) -> str:
    """A value for a .csv that Excel opens: nothing in it is taken for a formula."""
    text = (
        ""
        if value is None
        else f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        if isinstance(value, datetime)
        else str(value)
    )
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
