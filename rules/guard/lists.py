"""Student numbers beside names, without heading or brackets: 2023010234 张三, 李四/2023010235, a table of both."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import starmap

from rules.guard.checks import is_day
from rules.guard.names import BEGINS, SOMEONE
from rules.guard.pieces import Grid, Hit, Kind
from rules.guard.plain import plain

#: A year begins it, or it is of nine or ten digits: with less around it than a heading, less may be a student number.
_NUMBER = r"(?P<number>(?![0-9]*0000(?![0-9]))(?:20[0-4][0-9]{5,9}|[12][0-9]{8,9}))(?![0-9])"
_NAME = r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff·]{2,4}"
_NAME_FIRST = re.compile(rf"(?:(?P<known>{BEGINS}{SOMEONE})|{_NAME})(?: {{1,8}}|/|-){_NUMBER}(?![A-Za-z./-])")
_NUMBER_FIRST = re.compile(
    rf"(?<![0-9A-Za-z./-]){_NUMBER}[)\]】]?(?: {{0,8}}|[/-])(?:(?P<known>{SOMEONE})|{_NAME})(?![\u4e00-\u9fff])"
)
_LONG = re.compile("[0-9]{8}")
#: 张　三: a name of two signs is set as wide as one of three.
_WIDE = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]) {1,2}([\u4e00-\u9fff])(?![\u4e00-\u9fff])")
#: What a heading calls numbers that are no student numbers: 准考证号, 项目编号.
_OTHERS = re.compile("[^0-9]{0,5}(?:(?<!学)号码?|代码|编码)|准考证")
_WORDS = re.compile(r"[ 、,;:/|()]+")
_NOT_STUDENTS = re.compile(
    "[^0-9]{0,8}(?:教师|评委|专家|裁判员?|教练员?|负责人|项目|课题|职工)(?:名单|名称|姓名|人员|组成员)?"
)
#: A label with its own number behind it is no heading.
_FILLED = re.compile("[0-9]{4}")
_ABOVE = 5
_DAY = 8
_FEWEST, _FEWEST_ROWS = 3, 2

#: Place of a line, number, and whether the name begins with a usual surname.
_Entry = tuple[int, str, bool]


def listed(lines: Iterable[tuple[str, str]], fewest: int = _FEWEST) -> Iterator[Hit]:
    """One hit, where the first stands, if numbers alike stand beside names; `lines` are (where, plain text)."""
    lines = list(lines)
    if not any(_LONG.search(text) for _, text in lines):
        return
    told = [(where, line) for where, text in lines for line in text.split("\n")]
    long = [(place, _WIDE.sub(r"\1\2", line)) for place, (_, line) in enumerate(told) if _LONG.search(line)]
    for order in (_NUMBER_FIRST, _NAME_FIRST):
        first = _first([(at, m["number"], bool(m["known"])) for at, line in long for m in order.finditer(line)], fewest)
        if first is not None and not _called_otherwise([line for _, line in told], first):
            yield Hit(Kind.ROSTER, told[first][0], "学号与姓名写在一起")
            return


def listed_in(grid: Grid) -> Iterator[Hit]:
    """The same of a table without headings, one row a line, at its first number."""
    rows = [[" ".join(plain(cell).split()) for cell in row] for row in grid.rows]
    places = (next((at for at, cell in enumerate(row) if _LONG.search(cell)), 0) for row in rows)
    where = starmap(grid.cell, enumerate(places))
    yield from listed(zip(where, map(" ".join, rows), strict=True), _FEWEST_ROWS)


def _first(entries: list[_Entry], fewest: int) -> int | None:
    """Where a list begins whose numbers are as long and begin alike, are no days, and mostly stand beside usual names."""
    alike: dict[tuple[int, str], list[_Entry]] = defaultdict(list)
    for entry in entries:
        alike[len(entry[1]), entry[1][:2]].append(entry)
    for (size, _), each in alike.items():
        numbers = {number for _, number, _ in each}
        usual = 3 * sum(known for _, _, known in each) >= 2 * len(each)
        if len(numbers) >= fewest and usual and not (size == _DAY and all(map(is_day, numbers))):
            return each[0][0]
    return None


def _called_otherwise(lines: list[str], first: int) -> bool:
    """True if a heading above the list calls its numbers something else, or if it or the line its names no students."""
    above = [line for line in lines[max(0, first - _ABOVE) : first] if not _FILLED.search(line)]
    if any(_OTHERS.fullmatch(word) for line in above for word in _WORDS.split(line)):
        return True
    beside = (word for line in (*above[-1:], lines[first]) for word in _WORDS.split(line))
    return any(_NOT_STUDENTS.fullmatch(word) and "学生" not in word for word in beside)
