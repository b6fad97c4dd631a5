"""One row of a sheet, asked by the names of its columns; what cannot be read becomes a problem of that cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from openpyxl.utils.cell import get_column_letter

from rules.columns import SPAN
from rules.item import Place, Problem
from sources import cells
from sources.grids import Grid
from sources.headers import Header

T = TypeVar("T")

_DAY_FIX = "请改为 2020-09-08 这样的日期"
_URL_FIX = "请填写以 http:// 或 https:// 开头的完整网址"


class Row:
    """A data row while it is being read."""

    def __init__(self, file: str, grid: Grid, header: Header, number: int) -> None:
        self.place = Place(file, grid.sheet, number)
        self.problems: list[Problem] = []
        self._grid = grid
        self._header = header
        self._values = grid.rows[number - 1]
        self._note_broken()

    def text(self, name: str) -> str:
        """The cell as one line."""
        return cells.text_of(self._value(name))

    def every(self, name: str) -> list[str]:
        """The cells of all columns of this meaning, each as one line."""
        later = [index for each, index in self._header.later if each == name]
        return [self.text(name), *(cells.text_of(self._cell(index)) for index in later)]

    def prose(self, name: str) -> str:
        """The cell as text of several lines."""
        return cells.prose_of(self._value(name))

    def day(self, name: str) -> date | None:
        """The cell as a day."""
        return self.read(name, lambda value: cells.day_of_cell(value, self._grid.since_1904), None, _DAY_FIX)

    def span(self) -> tuple[date | None, date | None]:
        """公示起 and 公示止, from their own columns or from the one that holds both."""
        first, last = self.day("公示起"), self.day("公示止")
        if SPAN not in self._header.columns or first or last:
            return first, last
        return self.read(SPAN, cells.days_of_span, (first, last), "请写成 2021-06-23至2021-06-27 这样的起止日期")

    def numbers(self, name: str) -> tuple[int, ...]:
        """The cell as numbers of the 事项清单."""
        none: tuple[int, ...] = ()
        return self.read(name, cells.numbers_of, none, "请填写 1 至 50 之间的编号，没有对应事项的留空")

    def url(self, name: str) -> str:
        """The cell as an address."""
        return self.read(name, cells.url_of, "", _URL_FIX)

    def read(self, name: str, reader: Callable[[cells.Value], T], otherwise: T, fix: str) -> T:
        """What `reader` makes of the cell; if it cannot, the problem is noted and `otherwise` is returned."""
        try:
            return reader(self._value(name))
        except ValueError as error:
            self._note(name, str(error), fix)
            return otherwise

    def _value(self, name: str) -> cells.Value:
        value = self._cell(self._header.columns.get(name, -1))
        return None if isinstance(value, str) and value in cells.EXCEL_ERRORS else value

    def _cell(self, column: int) -> cells.Value:
        return self._values[column] if 0 <= column < len(self._values) else None

    def _note(self, name: str, text: str, fix: str) -> None:
        if all(problem.column != name for problem in self.problems):
            self.problems.append(Problem(self.place, name, text, fix))

    def _note_broken(self) -> None:
        """Cells that Excel has emptied, has not reckoned, or shows as an error: none of them may pass as blank."""
        for name, column in self._header.columns.items():
            spot = f"{get_column_letter(column + 1)}{self.place.row}"
            value = self._values[column] if column < len(self._values) else None
            merged = next((m for m in self._grid.merged if m.covers(self.place.row, column)), None)
            if merged:
                self._note(name, f"单元格{spot}在合并区域{merged.name}内，内容缺失", "请取消合并单元格，逐行填写")
            elif (self.place.row, column) in self._grid.uncounted:
                self._note(name, f"单元格{spot}是公式，没有计算结果", "请在 Excel 或 WPS 中打开并保存一次，或改为文字")
            elif isinstance(value, str) and value in cells.EXCEL_ERRORS:
                self._note(name, f"单元格{spot}的公式出错，显示为{value}", "请改正公式，或改为文字")
