"""Sums written with signs: 268条（147+19+15+18+114）, 147条＋19条＝166条.

3+2 of a course of study, 1+X of a certificate and 3+1+2 of an examination are names; a slogan in quotation marks is none, either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.checkup.adding import MIXED, unequal
from rules.checkup.finding import Finding
from rules.checkup.numbers import UNITS, Figure, figures, value_of
from rules.checkup.outline import Paragraph

#: No telephone number: it is longer, or begins with 0.
_NUMBER = r"(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,6})(?![.,]?\d)"
#: Each space belongs to one place only, and no sum is taken apart again: 12 + 12 + … once took 2**n steps.
_TERM = rf"{_NUMBER}(?:\s*个?(?:{'|'.join(UNITS)}))?"
_PLUS = r"\s*[+＋]\s*"
#: What stands before is no number, no letter, no other sign of reckoning, no quotation mark.
_BEGINS = r"(?<![\dA-Za-z.,+＋×*/÷\-－“‘\"'「])"
_SUM = rf"{_BEGINS}(?P<parts>{_TERM}(?:{_PLUS}{_TERM}){{1,60}}+)(?!\s*[+＋×*/÷\-－%％\d万亿])"
_NO_MORE = r"(?!\s*[+＋×*/÷\-－%％万亿])"
_EQUALS = re.compile(
    rf"(?<![=＝]){_SUM}\s*(?:[=＝]|等于|[，,]?\s*(?P<said>合计|共计|总计|总数|共)(?:为|是)?)\s*(?P<total>{_TERM}){_NO_MORE}"
)
#: 每月10+20条，合计360条: a total behind such a sum is of something else.
_OF_ELSE = re.compile("每|各|均|新增|分别在|两|逐|批|季|依次|设置")
#: What may stand before numbers without counting words that a total sums up; after any other word they may count anything.
_COUNTING = re.compile(r"(?:^|[。；;]|公开|信息|条目|分别为)\s*$")
#: A sum that goes on before it: 200 × 2 + 30 + 20.
_GOES_ON = re.compile(r"[+＋×*/÷\-－]\s*$")
_BACKWARDS = re.compile(rf"{_BEGINS}(?P<total>{_TERM})\s*[=＝]\s*{_SUM}(?!\s*[=＝])")
#: Between a figure and the sum that it is made of.
_BEHIND = re.compile(
    rf"\s*(?:(?P<bracket>[（(])|[：:]|[，,]?\s*(?=即|分|其))\s*(?:即|分别为|分别是|(?P<some>其中)[：:，,]?)?\s*{_SUM}(?:\s*[=＝]\s*{_TERM})?"
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
        before, total = at.text[: found.start()].rpartition("。")[2], _figure(found["total"])
        if not _GOES_ON.search(before) and (not found["said"] or _summed_up(before, found, total)):
            yield from _differs(at, found["parts"], total)
    for total in figures(at.text):
        behind = None if total.about else _BEHIND.match(at.text, total.end)
        if behind and _is_of(behind, total):
            yield from _differs(at, behind["parts"], total)


def _is_of(behind: re.Match[str], total: Figure) -> bool:
    """True if a sum behind a figure may be what it is made of; 其中 is of some, and only too much is wrong."""
    terms = _terms(behind["parts"])
    some_only = behind["some"] and sum(each.value for each in terms) <= total.value
    return not some_only and (total.unit in _COUNTED or bool(_units(terms)))


def _summed_up(before: str, found: re.Match[str], total: Figure) -> bool:
    """True if a total said behind a sum is that of the sum: both count the same, or nothing else can be meant."""
    if _OF_ELSE.search(before):
        return False
    terms = _terms(found["parts"])
    if units := _units(terms):
        return total.unit in units
    certain = found["said"] != "共" or len(terms) > 2  # 12+1，共25条: a name
    return certain and total.unit in _COUNTED and _COUNTING.search(before) is not None


def _differs(at: Paragraph, told: str, total: Figure) -> Iterator[Finding]:
    terms = _terms(told)
    parts, units = [each.value for each in terms], _units([*terms, total])
    named = not _units(terms) and len(parts) <= _NAMES and max(parts) < 10
    if sum(parts) != total.value and not named and (len(units) < 2 or units <= MIXED):
        yield unequal(at, parts, total)


def _terms(told: str) -> list[Figure]:
    return [_figure(each) for each in re.split("[+＋]", told)]


def _units(terms: Sequence[Figure]) -> set[str]:
    return {each.unit for each in terms if each.unit}


def _figure(term: str) -> Figure:
    found = re.fullmatch(r"\s*([\d,]+)\s*个?(\D*?)\s*", term)
    value = value_of(found[1]) if found else None
    return Figure(value or 0, found[2] if found else "", 0, 0)
