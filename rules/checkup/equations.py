"""Sums written with signs: 268条（147+19+15+18+114）, 147条＋19条＝166条.

3+2 of a course of study, 1+X of a certificate and 3+1+2 of an examination are names; a slogan in quotation marks is none, either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.checkup.adding import MIXED, unequal
from rules.checkup.finding import Finding
from rules.checkup.numbers import UNITS, Figure, figures, value_of
from rules.checkup.outline import Paragraph

#: No telephone number: it is longer, or begins with 0.
_NUMBER = r"(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,6})(?![.,]?\d)"
_TERM = rf"{_NUMBER}\s*(?:个?(?:{'|'.join(UNITS)}))?"
_PLUS = r"\s*[+＋]\s*"
#: What stands before is no number, no letter, no other sign of reckoning, no quotation mark.
_SUM = rf"(?<![\dA-Za-z.,+＋×*/÷\-－“‘\"'「])(?P<parts>{_TERM}(?:{_PLUS}{_TERM})+)(?!\s*[+＋×*/÷\-－%％\d万亿])"
_NO_MORE = r"(?!\s*[+＋×*/÷\-－%％万亿])"
_EQUALS = re.compile(
    rf"(?<![=＝]){_SUM}\s*(?:[=＝]|[，,]?\s*(?P<said>合计|共计|总计)(?:为|是)?)\s*(?P<total>{_TERM}){_NO_MORE}"
)
_BACKWARDS = re.compile(rf"(?<![\dA-Za-z.+＋\-－])(?P<total>{_TERM})\s*[=＝]\s*{_SUM}(?!\s*[=＝])")
#: Between a figure and the sum that it is made of.
_BEHIND = re.compile(
    rf"\s*(?:(?P<bracket>[（(])|[：:]|[，,]?\s*(?:即|分别为|分别是))\s*{_SUM}(?:\s*[=＝]\s*{_TERM})?"
    r"\s*(?(bracket)[）)]|(?:[。；;]|$))"
)
#: What sums without counting words may count; 120人（3+1+2） are no people.
_COUNTED = MIXED | {"条次", "小项", "小类"}
#: Fewer and smaller numbers may be a name: 3+2, 3+1+2.
_NAMES = 3


def check(at: Paragraph) -> Iterator[Finding]:
    """Every sum that is not what is said beside it."""
    for found in _BACKWARDS.finditer(at.text):
        yield from _differs(at, found["parts"], _figure(found["total"]))
    for found in _EQUALS.finditer(at.text):
        total = _figure(found["total"])
        if not found["said"] or _counts(found["parts"], total):
            yield from _differs(at, found["parts"], total)
    for total in figures(at.text):
        behind = None if total.about else _BEHIND.match(at.text, total.end)
        if behind and _counts(behind["parts"], total):
            yield from _differs(at, behind["parts"], total)


def _counts(told: str, total: Figure) -> bool:
    """True if a sum may be what makes the total beside it."""
    return total.unit in _COUNTED or bool(_units(told))


def _differs(at: Paragraph, told: str, total: Figure) -> Iterator[Finding]:
    parts = [_figure(each).value for each in re.split("[+＋]", told)]
    units = _units(told) | ({total.unit} if total.unit else set())
    named = not _units(told) and len(parts) <= _NAMES and max(parts) < 10
    if sum(parts) != total.value and not named and (len(units) < 2 or units <= MIXED):
        yield unequal(at, parts, total)


def _units(told: str) -> set[str]:
    return {unit for each in re.split("[+＋]", told) if (unit := _figure(each).unit)}


def _figure(term: str) -> Figure:
    found = re.fullmatch(r"\s*([\d,]+)\s*个?(\D*?)\s*", term)
    value = value_of(found[1]) if found else None
    return Figure(value or 0, found[2] if found else "", 0, 0)
