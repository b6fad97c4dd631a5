"""公示期 as the text of a 公示 states it: a web page has no column 公示起 and 公示止, its text says both."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from datetime import date, timedelta

from rules.item import Entry

_GAP = r"[ \t\u3000]*"
_DAY = rf"(?:(\d{{4}}){_GAP}[年./-]{_GAP})?(?:(\d{{1,2}}){_GAP}[月./-]{_GAP})?(\d{{1,2}}){_GAP}日?"
#: Between a day and what follows it: its weekday, a time of day, 起.
_CLOCK = rf"(?:[上下中]午)?{_GAP}(?:\d{{1,2}}:\d{{2}}|\d{{1,2}}[时点](?:\d{{1,2}}分|整)?)"
_AFTER = rf"(?:{_GAP}\([^()\n]{{1,8}}\))?(?:{_GAP}{_CLOCK})?{_GAP}(?:起|开始)?{_GAP},?{_GAP}"
#: How long it stands, before the days themselves: 5个工作日（…, 5天，自….
_LONG = r"(?:[^。;\n\d]{0,6}\d{1,2}个?(?:工作日|自然日|天|日)[,(:自从为即]{0,4})?"
_SPAN = re.compile(
    rf"(?:公示{_GAP}(?:期间?|期限|时间|日期|起止)|公示(?:的|公告|起止)?,?(?:时间|期)|公示(?=[自从])){_LONG}[^。;\n\d]{{0,12}}"
    rf"{_DAY}{_AFTER}(?:至|到|[-~—–]+){_GAP}{_DAY}(?![\d年月./])"
)
#: What tells of a 公示 and is none.
_AFTERWARDS = re.compile("公示(?:的?结果|情况|无异议|期满|工作|结束|异议|制度|办法|规定)|异议")
#: A 公示 that would stand longer is misread.
LONGEST = timedelta(days=92)
#: Days of something else than the 公示 itself.
_OTHERWISE = re.compile("结束|期满|后|报到|体检|考试|面试|领取|缴费|报名|提交|提出|复核|请")


def span_in(text: str, published: date | None) -> tuple[date, date] | None:
    """公示起 and 公示止 as a text states them, both included; None if it states none, several, or one that cannot be.

    `published`: the page's own day, from which a day written without its year takes it.
    """
    stated = (match for match in _SPAN.finditer(_flat(text)) if not _OTHERWISE.search(match[0]))
    found = {_span(match, published) for match in stated}
    return found.pop() if len(found) == 1 else None


def _flat(text: str) -> str:
    """Without markup, which may stand between any two figures; a paragraph's end stays an end."""
    lines = re.sub(r"<(?:br|/p|/div|/li|/tr|/t[dh])\b[^>]*>", "\n", text, flags=re.IGNORECASE)
    return unicodedata.normalize("NFKC", html.unescape(re.sub(r"<[^>]*>", "", lines)))


def _span(match: re.Match[str], published: date | None) -> tuple[date, date] | None:
    year, month, day, year_2, month_2, day_2 = (int(each) if each else None for each in match.groups())
    try:
        first = _day(year, month, day, published)
        last = _day(year_2 or first.year, month_2 or first.month, day_2, published)
        if last < first and year_2 is None:  # over the turn of the year
            last = last.replace(year=last.year + 1)
    except ValueError:
        return None
    return (first, last) if timedelta(0) <= last - first <= LONGEST else None


def _day(year: int | None, month: int | None, day: int | None, published: date | None) -> date:
    """Raises ValueError if there is no such day, or nothing tells its month or year."""
    if month is None or day is None or (year is None and published is None):
        raise ValueError("日期不完整")
    if year is not None:
        return date(year, month, day)
    assert published is not None
    near = [date(published.year + n, month, day) for n in (-1, 0, 1)]
    return min(near, key=lambda each: abs(each - published))


def with_span(entry: Entry) -> Entry:
    """The entry, a 公示 without 公示止 with the term that its own text states."""
    if entry.notice_to is not None or not entry.is_notice or _AFTERWARDS.search(entry.title):
        return entry
    day = entry.published_on or entry.approved_on
    found = span_in(f"{entry.summary}\n{entry.body}", day)
    if found is not None and day is not None and found[1] <= day:  # of an earlier 公示, whose outcome this tells
        return entry
    return entry if found is None else replace(entry, notice_from=found[0], notice_to=found[1], term_read=True)
