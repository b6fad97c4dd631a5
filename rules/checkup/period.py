"""The period of a report: a day off at either end, days that no calendar has, years and names that differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from rules.checkup.finding import Finding, Kind
from rules.checkup.outline import Paragraph, Report

_DAY = r"(\d{4})\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})\s*日?"
_SPAN = re.compile(
    rf"{_DAY}\s*(?:至|到|起至|—|–|―|-|－|~|～)+\s*(?:次年|(\d{{4}})\s*[年.\-/])?\s*(\d{{1,2}})\s*[月.\-/]\s*(\d{{1,2}})\s*日?"
)
#: 2020-2021学年: both years, and what the text calls them.
_LABEL = re.compile(r"(\d{4})\s*(?:年?\s*[—–―\-－~～至]+)\s*(\d{4})\s*(学年度|学年|年度)")
_QUOTED = re.compile(r"《[^《》]{0,100}》")
#: How far beside a whole year a period is still taken for it.
_NEAR = timedelta(days=3)


def check(report: Report) -> Iterator[Finding]:
    """What is wrong with days and years."""
    for each in report.paragraphs:
        for found in _SPAN.finditer(each.text):
            yield from _span(each, found)
    yield from _labels(report)


def _span(at: Paragraph, found: re.Match[str]) -> Iterator[Finding]:
    year = int(found[1])
    try:
        first = date(year, int(found[2]), int(found[3]))
        last = date(int(found[4] or year), int(found[5]), int(found[6]))
        if not found[4] and last <= first:
            last = date(year + 1, last.month, last.day)
    except ValueError:
        fix = "请改正日期"
        yield at.finding(Kind.NO_DAY, expected="日历上有的日期", found=found[0], fix=fix)
        return
    wanted = whole_year(first, last)
    if wanted is not None and wanted != (first, last):
        fix = f"请写{_spoken(wanted[0])}至{_spoken(wanted[1])}"
        yield at.finding(Kind.DAY_OFF, expected=f"{wanted[0]}至{wanted[1]}", found=f"{first}至{last}", fix=fix)


def whole_year(first: date, last: date) -> tuple[date, date] | None:
    """The school or calendar year that a span of days means, if it begins and ends within three days of one."""
    for year in (first.year, first.year + 1):
        for month in (9, 1):
            begins = _day(year, month)
            ends = _day(year + 1, month)
            if begins and ends and abs(begins - first) <= _NEAR and abs(ends - timedelta(1) - last) <= _NEAR:
                return begins, ends - timedelta(1)
    return None


def _day(year: int, month: int) -> date | None:
    return date(year, month, 1) if 1 <= year <= 9999 else None


def _labels(report: Report) -> Iterator[Finding]:
    """School years are two years that follow each other, those of the title and of the period, and called one way."""
    named = [
        (each, int(one[1]), int(one[2]), one[3])
        for each in report.paragraphs
        for one in _LABEL.finditer(_QUOTED.sub("", each.text))
    ]
    for at, first, last, word in named:
        if last != first + 1:
            fix = "请改正年份"
            yield at.finding(Kind.YEAR, expected=f"{first}-{first + 1}{word}", found=f"{first}-{last}{word}", fix=fix)
    yield from _against_period(report, named)
    yield from _called(named)


_Named = list[tuple[Paragraph, int, int, str]]


def _against_period(report: Report, named: _Named) -> Iterator[Finding]:
    """The year of the title is the year of the period."""
    period = next(filter(None, (_year_of(each) for each in report.paragraphs)), None)
    if period is None or not named or period == named[0][1]:
        return
    at, first, last, word = named[0]
    if last == first + 1 and at.number <= 3:
        fix = "请核对标题和统计期限，改正其中有误的"
        yield at.finding(
            Kind.YEAR, expected=f"{period}-{period + 1}{word}（按统计期限）", found=f"{first}-{last}{word}", fix=fix
        )


def _year_of(paragraph: Paragraph) -> int | None:
    """The first year of the school year that a paragraph gives as the period."""
    for found in _SPAN.finditer(paragraph.text):
        try:
            first = date(int(found[1]), int(found[2]), int(found[3]))
            last = date(int(found[4] or int(found[1]) + 1), int(found[5]), int(found[6]))
        except ValueError:
            continue
        wanted = whole_year(first, last)
        if wanted is not None and wanted[0].month == 9:
            return wanted[0].year
    return None


def _called(named: _Named) -> Iterator[Finding]:
    """学年, 学年度 or 年度: the rarer ones are told, each once; 年度 between two years is none of a school year's names."""
    words = Counter(word for *_, word in named)
    if len(words) < 2:
        return
    usual = max((word for word in words if word != "年度"), key=lambda word: words[word])
    for word in words:
        if word != usual:
            at, first, last, _ = next(each for each in named if each[3] == word)
            wanted, found = (f"{first}-{last}{each}" for each in (usual, word))
            yield at.finding(Kind.MIXED, expected=wanted, found=found, fix=f"请全文统一写“{usual}”")


def _spoken(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
