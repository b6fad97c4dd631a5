"""Figures with their counting words as reports write them: 268条, 1,562篇, 二十六个小项. Years, days and shares are none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

#: Counting words; longer ones first.
UNITS = (
    "大类", "小项", "小类", "方面", "人次", "条次", "条", "篇", "件", "项", "份", "次", "期", "场", "处", "封", "则", "例",
    "起", "部", "块", "类", "群", "人",
)  # fmt: skip
_NUMERALS = "零〇一二两三四五六七八九"
_PLACES = {"十": 10, "百": 100, "千": 1000}
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|[{_NUMERALS}十百千]{{1,9}})"
_ABOUT = r"近|约|超过|超|逾|大约|不少于|至少"
_FIGURE = re.compile(
    rf"(?P<before>{_ABOUT}|第|[\d{_NUMERALS}]\s*[\-—–~～至到])?(?<![\d.,〔{_NUMERALS}十百千])(?P<number>{NUMBER})\s*"
    rf"(?P<about>[万亿余多几]*)\s*个?(?P<unit>{'|'.join(UNITS)})(?P<after>左右|以上)?"
)
#: Where a sentence's pieces part; not within 2,300.
_PIECES = re.compile(r"[、，；;]|,(?!\d{3}(?!\d))")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
#: Patterns with two blanks side by side take long over a thousand of them.
_BLANKS = re.compile(r"\s{4,}")
#: 招生、财务分别为20，110条: two numbers.
_SEVERAL = re.compile("分别|依次|各|[和与及、][^。；;]{0,12}$")
#: 信息1，286条, 1 286条: thousands, right behind a word. Behind 附件 and the like it is no number of items.
_THOUSANDS = re.compile(rf"(?:(?<=[一-鿿])(?<![附件表图第])|(?<=[息开共计为有达] ))(\d{{1,3}})[， ](\d{{3}})(?=\s*个?(?:{'|'.join(UNITS)}))")


@dataclass(frozen=True)
class Figure:
    """A number with its counting word, and where it stands; `about` if the text itself says it is not exact."""

    value: int
    unit: str
    start: int
    end: int
    about: bool = False


#: What one counts with 个 besides: 26个小项.
_SINGLE = ("大类", "小项", "小类", "方面")


def spoken(value: int, unit: str) -> str:
    """A number with its counting word, as one writes it: 268条, 26个小项."""
    return f"{value}{'个' if unit in _SINGLE else ''}{unit}"


def narrow(text: str) -> str:
    """The text with its full-width digits and its thousands as they are usually written, long blanks as one."""
    return _THOUSANDS.sub(_thousand, _BLANKS.sub(" ", text.translate(_WIDE)))


def _thousand(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 40) : found.start()]
    return found[0] if _SEVERAL.search(before) else f"{found[1]},{found[2]}"


@lru_cache(maxsize=4096)
def figures(text: str) -> tuple[Figure, ...]:
    """Every figure that counts something, in order; 第3次 and what stands in a date is none, one end of a range is not exact.

    Kept, for each check asks for those of the same paragraphs and clauses again.
    """
    found = []
    for each in _FIGURE.finditer(text):
        before, number = each["before"] or "", each["number"]
        value = value_of(number)
        if before == "第" or value is None:
            continue
        about = bool(before or each["about"] or each["after"]) or "." in number
        found.append(Figure(value, each["unit"], each.start("number"), each.end(), about))
    return tuple(found)


def pieces(text: str) -> list[str]:
    """The text by its commas and semicolons."""
    return _PIECES.split(text)


def value_of(number: str) -> int | None:
    """A number in digits or in Chinese numerals up to 9999; None if it is neither."""
    digits = number.replace(",", "")
    if re.fullmatch(r"\d+(\.\d+)?", digits):
        return int(float(digits)) if len(digits) <= 15 else None
    return _chinese(number)


def _chinese(number: str) -> int | None:
    total, digit = 0, None
    for sign in number:
        if sign in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[sign]
            digit = None
        elif sign in "零〇":
            digit = None
        elif digit is not None:
            return None
        else:
            digit = "零一二三四五六七八九".index("二" if sign == "两" else sign)
    return total + (digit or 0) if number else None
