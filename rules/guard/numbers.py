"""Identity numbers, mobile numbers and bank cards in a plain text, however their digits are set apart."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass

from rules.guard.checks import is_card, is_day, is_id15, is_id18, is_rounded_id
from rules.guard.names import BEGINS, NAME
from rules.guard.pieces import Kind
from rules.guard.plain import squeezed

#: What may stand between the digits of one number, up to three of them.
_APART = r"[ \t\n\-_·.,/|]{0,3}"
_RUN = re.compile(rf"[0-9](?:{_APART}[0-9Xx])*")
_GROUP = re.compile(r"[0-9]+[Xx]?|[Xx]")
_URL = re.compile(r"(?:https?://|www\.)[!-~]+")
#: A date set between two figures, such as 362300, 2021-09-01, 1234: one in eleven has the right check digit. Of these
#: years are the papers of an office, and nobody who studies or works there was born in them.
DATED = re.compile(r"[0-9]{6}\s+20(?:1[2-9]|[2-9][0-9])[-./][0-9]{2}[-./][0-9]{2}\s+[0-9]{3}[0-9X]", re.IGNORECASE)
_NAMED = re.compile(rf"(?:{BEGINS}{NAME}|身份证\S{{0,6}})[,:、( ]*$")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ABROAD = re.compile(r"(?:00|0)?86(?=1[3-9][0-9]{9}$)")
#: A row of four, four and three digits is a mobile number only behind one of these: rows of figures look the same.
_SOMEONES = re.compile(rf"(?:电话|手机|联系方式|号码|tel|phone|mobile)[:.]?$|{BEGINS}{NAME}[,:、(]?$", re.IGNORECASE)
ID_LABEL = re.compile(r"(?:身份证|公民身份|证件号)[^,。;0-9]{0,8}$")
CARD_LABEL = re.compile(r"(?:银行卡|卡号|[账帐]号|[账帐]户|储蓄卡)[^,。;0-9]{0,12}$")
#: Whatever its check digit: it may be mistyped.
BANK_LABEL = re.compile(r"(?:银行卡|储蓄卡)(?:卡?号码?)?[:为是(]{0,2}$")
#: A number beside one of these counts or names a thing.
_THING = re.compile(
    r"(?:学号|工号|编号|编码|代码|条码|单号|流水号?|合同号?|项目号|课程号|考号|考生号|准考证号?|证书号?|文号|书号|ISBN|ISSN|群号?|序列号|版本号?|时间戳)"
    r"[^,。;0-9]{0,4}$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r" ?(?:[元万亿%册人个吨]|美元|平方|m2|KB|字节)|\.[0-9]{1,2}(?![0-9])")
_LETTER = re.compile("[A-Za-z]")
_CALL = re.compile(r"(?:tel|phone|mobile|[^A-Za-z])$", re.IGNORECASE)
#: How people space a mobile number.
_MOBILE_SHAPES = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5)})
_LONG_FIRST = (4, 4, 3)
_OLD_ID_SHAPES = frozenset({(15,), (6, 6, 3), (6, 9)})
_CARD_SHAPES = frozenset(
    {(4, 4, 4, 4), (6, 10), (6, 13)} | {(n,) for n in (16, 17, 18, 19)} | {(4, 4, 4, 4, n) for n in (1, 2, 3)}
)


@dataclass(frozen=True)
class Number:
    """A number found: where it begins and ends in the plain text, and its bare digits."""

    kind: Kind
    start: int
    end: int
    digits: str

    @property
    def masked(self) -> str:
        """Its first and last digits, as they are masked in notices."""
        front, back = {Kind.ID: (6, 4), Kind.PHONE: (3, 4), Kind.CARD: (4, 4)}[self.kind]
        if self.kind is Kind.ID and len(self.digits) < 18:
            back = 3
        return f"{self.digits[:front]}{'*' * (len(self.digits) - front - back)}{self.digits[-back:]}"


@dataclass(frozen=True)
class _Window:
    """Neighbouring groups of digits that may be one number; `alone` if nothing else stands in their run.

    `single` if each digit stands by itself, and no other such digit beside them.
    """

    text: str
    start: int
    end: int
    digits: str
    shape: tuple[int, ...]
    between: str
    alone: bool
    single: bool

    @property
    def before(self) -> str:
        """The thirty signs before it, without blanks."""
        return squeezed(self.text[max(0, self.start - 30) : self.start])

    @property
    def bare(self) -> bool:
        """True if no letter, decimal point, amount or label makes it part of something else."""
        left = self.text[max(0, self.start - 6) : self.start]
        joined = (left and not _CALL.search(left)) or _LETTER.match(self.text, self.end)
        figure = left.endswith("0.") or _AMOUNT.match(self.text, self.end)
        return not joined and not figure and not _THING.search(self.before)


def numbers_in(text: str) -> list[Number]:
    """All numbers of persons in a plain text, in order; none overlaps another."""
    found: list[Number] = []
    urls = [url.span() for url in _URL.finditer(text)]
    for run in _RUN.finditer(text):
        if run.end() - run.start() >= 11:
            before = bisect(urls, (run.start(), len(text))) - 1
            in_url = before >= 0 and run.start() < urls[before][1]
            found.extend(_in_run(text, run.start(), run.end(), in_url))
    return found


def _in_run(text: str, start: int, end: int, in_url: bool) -> list[Number]:
    groups = [(each.start(), each.end()) for each in _GROUP.finditer(text, start, end)]
    identities, others = [*_glued(text, groups), *_run_together(text, groups)], []
    for reading in _readings(text, groups):
        for window in _windows(text, reading):
            if number := _identity(window):
                identities.append(number)
            elif not in_url and (number := _other(window)):
                others.append(number)
    return _apart([*identities, *sorted(others, key=lambda number: -len(number.digits))])


def _readings(text: str, groups: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The groups as they stand; and what stands before, between and behind every X: it may be no digit."""
    yield groups
    if not any(text[end - 1] in "Xx" for _, end in groups):
        return
    plainly: list[tuple[int, int]] = []
    for start, end in groups:
        ends_in_x = text[end - 1] in "Xx"
        if end - ends_in_x > start:
            plainly.append((start, end - ends_in_x))
        if ends_in_x:
            yield plainly
            plainly = []
    yield plainly


def _windows(text: str, groups: list[tuple[int, int]]) -> Iterator[_Window]:
    """Every sequence of whole groups that has 11 to 19 digits."""
    for first in range(len(groups)):
        digits, between = "", ""
        shape: tuple[int, ...] = ()
        for last in range(first, len(groups)):
            start, end = groups[last]
            between += text[groups[last - 1][1] : start] if last > first else ""
            digits += text[start:end].upper()
            shape = (*shape, end - start)
            if len(digits) > 19:
                break
            if len(digits) >= 11:
                alone = first == 0 and last == len(groups) - 1
                single = set(shape) == {1} and not (_joins(text, groups, first) or _joins(text, groups, last + 1))
                yield _Window(text, groups[first][0], end, digits, shape, between, alone, single)


def _joins(text: str, groups: list[tuple[int, int]], at: int) -> bool:
    """True if both the group there and the one before it are single digits with only a blank between."""
    if not 0 < at < len(groups):
        return False
    (left, left_end), (right, right_end) = groups[at - 1], groups[at]
    return left_end - left == right_end - right == 1 and text[left_end:right].isspace()


def _identity(window: _Window) -> Number | None:
    digits = window.digits
    sure = len(digits) == 18 and digits[:17].isdecimal() and (is_id18(digits) or is_rounded_id(digits))
    if sure and not is_dated(window.text, window.start, window.end):
        return Number(Kind.ID, window.start, window.end, digits)
    if (
        len(digits) in (15, 18)
        and digits[:-1].isdecimal()
        and window.shape[0] >= 6
        and window.alone
        and ID_LABEL.search(window.before)
    ):
        return Number(Kind.ID, window.start, window.end, digits)
    return None


def is_dated(text: str, start: int, end: int) -> bool:
    """True of a date between two figures, with nobody's name right before them."""
    return DATED.fullmatch(text, start, end) is not None and not _NAMED.search(text[max(0, start - 30) : start])


def _glued(text: str, groups: list[tuple[int, int]]) -> list[Number]:
    """Identity numbers inside a longer row of digits, as a .pdf's columns run together."""
    return [
        Number(Kind.ID, at, at + 18, text[at : at + 18].upper())
        for start, end in groups
        for at in range(start, end - 17)
        if end - start > 18 and text[at : at + 17].isdecimal() and is_id18(text[at : at + 18])
    ]


def _run_together(text: str, groups: list[tuple[int, int]]) -> list[Number]:
    """Identity numbers in groups whose last one goes on without a gap: a mobile number behind it, or whatever after its name."""
    found = []
    for first, (start, _) in enumerate(groups):
        for many in (3, 4):
            parts = groups[first : first + many]
            sizes = tuple(end - begin for begin, end in parts)
            if sizes[:-1] not in ((6, 8), (6, 4, 4)) or sizes[-1] <= 4:
                continue
            last, end = parts[-1]
            digits = "".join(text[begin:stop] for begin, stop in parts[:-1]) + text[last : last + 4]
            named = _MOBILE.fullmatch(text, last + 4, end) or ID_LABEL.search(squeezed(text[max(0, start - 30) : start]))
            if named and digits.isdecimal() and is_id18(digits):
                found.append(Number(Kind.ID, start, last + 4, digits))
    return found


def _other(window: _Window) -> Number | None:
    if not window.digits.isdecimal() or "\n" in window.between or "," in window.between or not window.bare:
        return None
    if code := _country_code(window):
        return Number(Kind.PHONE, window.start + code, window.end, window.digits[code:])
    for kind, fits in ((Kind.ID, _is_old_identity), (Kind.PHONE, _is_mobile), (Kind.CARD, _is_card)):
        if fits(window):
            return Number(kind, window.start, window.end, window.digits)
    return None


def _country_code(window: _Window) -> int:
    """How many digits before a mobile number are 86; in groups, only behind a + or 00. 0 if there are none."""
    found = _ABROAD.match(window.digits)
    if not found:
        return 0
    code, (first, *others) = found.end(), window.shape
    grouped = (first - code, *others) if first > code else tuple(others)
    plus = window.text[window.start - 1 : window.start] == "+" or window.digits.startswith("00")
    return code if not others or (plus and grouped in _MOBILE_SHAPES | {_LONG_FIRST}) else 0


def _is_old_identity(window: _Window) -> bool:
    usual = window.shape in _OLD_ID_SHAPES or window.single
    return len(window.digits) == 15 and usual and is_id15(window.digits)


def _is_mobile(window: _Window) -> bool:
    if not _MOBILE.fullmatch(window.digits):
        return False
    dashed = window.alone and window.shape[0] >= 3 and not any(sign.isspace() for sign in window.between)
    someones = window.shape == _LONG_FIRST and window.alone and bool(_SOMEONES.search(window.before))
    return window.shape in _MOBILE_SHAPES or window.single or dashed or someones


def _is_card(window: _Window) -> bool:
    """Only 62… is sure: rows of figures look like a spaced card, and an order's number like one without spaces."""
    digits = window.digits
    usual = window.shape in _CARD_SHAPES or (window.single and len(digits) >= 16)
    if usual and BANK_LABEL.search(window.before):
        return True
    if not usual or not is_card(digits):
        return False
    spaced = len(window.shape) > 1 and any(sign.isspace() for sign in window.between)
    return digits.startswith("62") or not (spaced or _is_stamp(digits)) or bool(CARD_LABEL.search(window.before))


def _is_stamp(digits: str) -> bool:
    """True for a moment written in one row of digits after a prefix of two or four, such as an order's number."""
    return any(digits[at : at + 2] == "20" and is_day(digits[at : at + 8]) for at in (2, 4))


def _apart(found: list[Number]) -> list[Number]:
    """Without those that overlap an earlier, surer one; in order."""
    kept: list[Number] = []
    for number in found:
        if all(number.end <= other.start or number.start >= other.end for other in kept):
            kept.append(number)
    return sorted(kept, key=lambda number: number.start)
