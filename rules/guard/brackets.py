"""Student numbers in brackets behind names: 张三(2023010234)、李四[2023010235]."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.guard.checks import is_day
from rules.guard.names import BEGINS, SOMEONE
from rules.guard.pieces import Hit, Kind

_OPEN, _CLOSE, _IN = r"[(\[【〔]", r"[)\]】〕]", r"[^()\[\]【】〔〕]"
#: Somebody with a number in brackets; a rare surname counts among usual ones. Beside the number may stand the class.
_ENTRY = re.compile(
    rf"(?!学生|同学)(?:(?P<known>(?P<student>(?<=学生)|(?<=同学))?(?:{BEGINS}|(?<=[彰扬予对和与及])){SOMEONE})|(?<![\u4e00-\u9fff])[\u4e00-\u9fff·]{{2,4}})(?P<mate>同学)? ?"
    rf"(?P<open>{_OPEN})(?:{_IN}{{0,14}}[,、;: ])?(?:学号)?[A-Z]?(?P<number>[0-9]{{6,14}})(?:[,、;: ]{_IN}{{0,14}})?{_CLOSE}"
)
_BRACKET = re.compile(rf"[0-9]{{6}}{_IN}{{0,24}}{_CLOSE}")
#: 张　三: a name of two signs is set as wide as one of three.
_WIDE = re.compile(rf"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \t]+([\u4e00-\u9fff])(?=[ \t]?{_OPEN}| )")
#: Whose numbers are no student numbers, or count things, right before a name; and what goes on with their list.
_NOT_STUDENTS = re.compile(
    r"(?:教师|评委|专家|裁判|教练|负责人|项目|课题|职工)(?:名单)?(?:(?!学生|同学|获奖|名单)[^,。;、()\n]){0,8}$"
)
_GOES_ON = re.compile(r"[ ,、;和及与\n]*")
#: Short numbers are student numbers if a year begins them; a mobile number, an amount or a number with area code is none.
_USUAL = re.compile(r"(?!1[3-9][0-9]{9}$)(?![0-9]*0000$)(?:20[0-4][0-9]{5}|[1-9][0-9]{8,13})")
#: Numbers that are called something else; two letters and a colon name an account.
_OTHERS = re.compile("准考|考[生籍]号|报名号|[编队票证考工尾][号码]|代码|课程|科目|金额|[账帐]号|[A-Za-z]{2}[:号]|群")
_DAY = 8


@dataclass(frozen=True)
class _Entry:
    where: str
    number: str
    known: bool
    student: bool
    called: bool


def bracketed(lines: Iterable[tuple[str, str]]) -> Iterator[Hit]:
    """One hit, where the first stands, if names have student numbers behind them; `lines` are (where, plain text).

    Two numbers alike make a list, of a 学生 or 同学 one is enough.
    """
    entries = [entry for where, text in lines if _BRACKET.search(text) for entry in _entries(where, text)]
    if first := next((entry for entry in entries if entry.student), None) or _first_of_list(entries):
        yield Hit(Kind.ROSTER, first.where, "学号与姓名写在一起")


def _entries(where: str, text: str) -> Iterator[_Entry]:
    called = "学号" in text
    if _OTHERS.search(text) and not called:
        return
    bare = _WIDE.sub(r"\1\2", text)
    end, others = 0, False
    for found in _ENTRY.finditer(bare):
        student = found["known"] is not None and (found["student"] is not None or found["mate"] is not None)
        goes_on = others and _GOES_ON.fullmatch(bare, end, found.start()) is not None
        end = found.end()
        others = goes_on or _NOT_STUDENTS.search(bare[max(0, found.start() - 12) : found.start("open")]) is not None
        if called or (_USUAL.fullmatch(found["number"]) and (student or not others)):
            yield _Entry(where, found["number"], found["known"] is not None, student, called)


def _first_of_list(entries: list[_Entry]) -> _Entry | None:
    """The first of the numbers that are as long as most, if there are two, half of the names are usual, and not all days."""
    sizes = Counter(len(number) for number in {entry.number for entry in entries})
    for size, count in sizes.most_common():
        alike = [entry for entry in entries if len(entry.number) == size]
        if size == _DAY and all(is_day(entry.number) and not entry.called for entry in alike):
            continue
        return alike[0] if count >= 2 and 2 * sum(entry.known for entry in alike) >= len(alike) else None
    return None
