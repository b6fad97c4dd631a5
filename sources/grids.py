"""A sheet as rows of cells, whatever file it came from, and what may keep a file from becoming one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sources.cells import Value, is_blank

MOST_BYTES = 30 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200


class Unreadable(Exception):
    """The file cannot be opened now; it may be half-written and is tried again next round."""


class Refused(Exception):
    """The file is whole but the bot will not read it; carries what a clerk should do."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.text = text
        self.fix = fix


@dataclass(frozen=True)
class Merged:
    """A merged range; rows from 1, columns from 0."""

    name: str
    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """True for every cell that the merge has emptied: all but the top left one."""
        inside = self.top <= row <= self.bottom and self.left <= column <= self.right
        return inside and (row, column) != (self.top, self.left)


@dataclass(frozen=True)
class Grid:
    """One visible sheet: `rows[0]` is row 1 as Excel shows it."""

    sheet: str
    rows: Sequence[Sequence[Value]]
    merged: tuple[Merged, ...] = ()
    #: Cells (row from 1, column from 0) whose formula has no stored result.
    uncounted: frozenset[tuple[int, int]] = field(default=frozenset())
    since_1904: bool = False


@dataclass(frozen=True)
class Book:
    """A file's visible sheets, and the names of all it has."""

    grids: tuple[Grid, ...]
    sheets: frozenset[str]


def width_of(row: Sequence[Value]) -> int:
    """The number of cells up to the last one with content; 0 for an empty row."""
    for width in range(len(row), 0, -1):
        if not is_blank(row[width - 1]):
            return width
    return 0


def check_size(row: int, width: int, sheet: str) -> None:
    """Raise Refused if a cell with content lies beyond the limits."""
    where = f"工作表“{sheet}”" if sheet else "文件"
    if row > MOST_ROWS:
        raise Refused(f"{where}超过{MOST_ROWS}行", "请按学年分成几个文件；如下方有无用的行，请整行删除")
    if width > MOST_COLUMNS:
        raise Refused(f"{where}超过{MOST_COLUMNS}列", "请删除右侧无用的列")
