"""The tables of a .pdf, which knows no tables: lines of a page below a row of headings, set under the nearest one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rules.guard import has_headings

#: Points by which the words of one line may stand apart in height.
_SAME_LINE = 3.0
_FEWEST = 2


@dataclass(frozen=True)
class _Word:
    """A piece of text and where it stands, in points; `middle` is reckoned from its signs."""

    middle: float
    height: float
    text: str


def table_rows(page: Any) -> tuple[tuple[str, ...], ...]:
    """The page's rows of headings and what stands below them, column by column; empty if there are none."""
    words: list[_Word] = []

    def see(text: str, outer: list[float], inner: list[float], _font: object, size: float) -> None:
        if text.strip():
            words.append(_placed(text.strip(), outer, inner, size))

    page.extract_text(visitor_text=see)
    return tuple(_under_headings(words))


def _placed(text: str, outer: list[float], inner: list[float], size: float) -> _Word:
    left = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
    height = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
    width = sum(1.0 if ord(sign) > 0x2E80 else 0.5 for sign in text) * size * abs(inner[0] * outer[0] or 1)
    return _Word(left + width / 2, height, text)


def _under_headings(words: list[_Word]) -> Iterator[tuple[str, ...]]:
    middles: list[float] = []
    for line in _lines(words):
        if sum(has_headings(word.text) for word in line) >= _FEWEST:
            middles = [word.middle for word in line]
        if middles:
            yield _row(line, middles)


def _row(line: list[_Word], middles: list[float]) -> tuple[str, ...]:
    cells = [""] * len(middles)
    for word in line:
        nearest = min(range(len(middles)), key=lambda column: abs(middles[column] - word.middle))
        cells[nearest] += word.text
    return tuple(cells)


def _lines(words: list[_Word]) -> Iterator[list[_Word]]:
    """The words line by line from the top, each from the left."""
    ordered = sorted(words, key=lambda word: -word.height)
    ends = [
        at for at, (above, below) in enumerate(pairwise(ordered), start=1) if above.height - below.height > _SAME_LINE
    ]
    for start, end in zip([0, *ends], [*ends, len(ordered)], strict=True):
        yield sorted(ordered[start:end], key=lambda word: word.middle)
