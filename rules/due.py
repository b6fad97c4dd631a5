"""Which terms run for an item: 公开, 更新, 公示, 征求意见 and its outcome, told by its dates and its title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules.dates import SchoolYear
from rules.deadlines import (
    Clock,
    Deadline,
    Kind,
    State,
    consult_wrong,
    notice_span,
    notice_term,
    notice_wrong,
    report_terms,
)
from rules.workdays import Reckoned

#: A 公示 whose term ended longer ago has come down, or never will by a reminder; longer than a summer and an outage.
OVER_FOR = timedelta(days=92)
#: A 征求意见 that closes within so many working days closes soon.
CLOSES_SOON = 3
#: What ended or was owed longer ago is asked for no more: a school that starts late is not told of its past.
LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Dated:
    """What the clock needs to know of an item that is 主动公开."""

    item: int
    title: str
    department: str
    #: 制作完成或获取之日; where a register has no such column, 批准日期, at last the day it was registered.
    formed_on: date | None
    approved_on: date | None
    entered_on: date
    disclosed_on: date | None = None
    #: 已变更: a newer version was seen then, and nobody has corrected the one that left.
    changed_on: date | None = None
    is_notice: bool = False
    notice_from: date | None = None
    notice_to: date | None = None
    ends_on: date | None = None
    #: Approved before the bot's first look: counted only.
    baseline: bool = False
    waits: str = ""

    @property
    def begins_on(self) -> date:
        return self.formed_on or self.approved_on or self.entered_on

    @property
    def is_consultation(self) -> bool:
        """True for a 征求意见: the title asks for opinions, or names a 征求意见稿 and the row has a 截止日期."""
        if is_outcome(self.title):
            return False
        return asks_for_opinions(self.title, self.ends_on)


_ASKS = re.compile(r"(征求|征集).*意见")
_OUTCOME = re.compile(r"(征求|征集).*意见.*(结果|采纳|反馈|汇总|情况)")
_BOOK = re.compile(r"《([^》]*)》")
_PLAIN = re.compile(
    r"（.*?）|\(.*?\)|关于|对|就|向社会|公开|征求|征集|意见|建议|结果|采纳|反馈|汇总|情况|的|通知|公告|通告|公示|说明|\s"
)


def asks_for_opinions(title: str, ends_on: date | None) -> bool:
    """True for a 征求意见: the title asks for opinions, or names a 征求意见稿 and there is a 截止日期."""
    if ends_on is not None and "征求意见" in title:
        return True
    return _ASKS.search(title.replace("征求意见稿", "")) is not None and "座谈" not in title


def is_outcome(title: str) -> bool:
    """True for a title that tells what became of a 征求意见."""
    return _OUTCOME.search(title.replace("征求意见稿", "")) is not None


def subject_of(title: str) -> str:
    """What opinions are asked on: the 《…》 without 征求意见稿, else what is left of the title without its set phrases."""
    book = _BOOK.search(title)
    return _PLAIN.sub("", book[1] if book else title)


_TAIL = re.compile(r"(?:（[^（）]*）|\([^()]*\)|[》”\s])+$")
#: What a title says that speaks of the report, or is another report, or one that is not final.
_NO_REPORT = re.compile(
    "公示|报送|编制|撰写|征集|征求|自查|检查|督查|巡查|评议|评估|测评|整改|调研|培训|专项|模板|草案|讨论稿|送审"
)
#: It is made public by a 通知 or 公告 of its own.
_MADE_PUBLIC = re.compile(r"(?:公布|发布|印发).*(?=的(?:通知|公告|通告)$)")
_YEARS = re.compile(r"20\d\d\s*[-－—–~～至]+\s*(20\d\d|\d\d)\s*(?:学年|年度|年)")


def is_report(title: str, ended: int) -> bool:
    """True for the title of the yearly report on 信息公开 of the school year that ended then: it ends in 报告.

    One that names no school year is taken for it; one that names another is not.
    """
    bare = _TAIL.sub("", re.sub(r"\.(?:pdf|docx?|html?)$", "", title.strip(), flags=re.IGNORECASE))
    if published := _MADE_PUBLIC.search(bare):
        bare = _TAIL.sub("", bare[: published.end()])
    if "信息公开" not in title or _NO_REPORT.search(title) or not bare.endswith(("报告", "年报")):
        return False
    year = _YEARS.search(title)
    return year is None or int(year[1][-2:]) == ended % 100


def open_terms(items: Iterable[Dated], clock: Clock, began_on: date | None = None) -> list[Deadline]:
    """Every term that runs or has run out without the thing done, the earliest first; `began_on`: the bot's first look."""
    items = list(items)
    shown = [each for each in items if each.disclosed_on is not None]
    answered = {subject_of(each.title) for each in shown if is_outcome(each.title)}
    opened = SchoolYear.of(clock.today).start
    titled = [each.disclosed_on for each in shown if is_report(each.title, opened.year)]
    reports = [day for day in titled if day is not None and day >= opened]
    found = [*report_terms(clock, min(reports, default=None), began_on)]
    for each in items:
        found += [_of(each, term) for term in _terms(each, clock, answered)]
    return sorted(found, key=lambda term: (term.due.day, term.item or 0))


def _of(item: Dated, term: Deadline) -> Deadline:
    return replace(term, item=item.item, title=item.title, department=item.department, waits=item.waits)


def _terms(item: Dated, clock: Clock, answered: set[str]) -> Iterator[Deadline]:
    """A baseline item is counted only: whoever disclosed it did so before the bot; but a 公示 that still ran must come down."""
    if item.disclosed_on is not None and item.changed_on is not None:
        yield clock.twenty(Kind.UPDATE, item.changed_on)
    if item.baseline:
        yield from (term for term in _notice_of(item, clock) if term.due.day >= item.entered_on)
        return
    if item.disclosed_on is None:
        yield clock.twenty(Kind.PUBLISH, item.begins_on)
    if item.is_consultation:
        yield from _consultation(item, clock, answered)
    else:
        yield from _notice_of(item, clock)


def _notice_of(item: Dated, clock: Clock) -> Iterator[Deadline]:
    """The term of a 公示 that stands; nothing for whatever else."""
    if item.is_notice and item.disclosed_on is not None and not item.is_consultation:
        yield from _notice(item, item.disclosed_on, clock)


def _notice(item: Dated, published: date, clock: Clock) -> Iterator[Deadline]:
    terms, calendar = clock.terms, clock.calendar
    due = notice_term(published, terms.notice, terms.notice_working, calendar)
    wrong = "没有写公示止，正文中也读不到公示期，按规定的公示期估计，到期不会自动撤下"
    if item.notice_to is not None:
        span = notice_span(item.notice_from or published, item.notice_to, published, calendar)
        due, wrong = Reckoned(item.notice_to, False), notice_wrong(span, terms)
    if due.day + OVER_FOR >= clock.today:
        state = State.OVER if clock.today > due.day else State.NORMAL
        left = clock.left(due.day)
        stated = item.notice_to is not None
        yield Deadline(
            kind=Kind.NOTICE, begins_on=published, due=due, left=left, state=state, wrong=wrong, stated=stated
        )


def _consultation(item: Dated, clock: Clock, answered: set[str]) -> Iterator[Deadline]:
    """Until it closes; then its outcome is information like any other and due within 20 working days."""
    published, ends, today = item.disclosed_on or clock.today, item.ends_on, clock.today
    if ends is None or today <= ends:
        wrong = consult_wrong(published, ends, clock.calendar, clock.terms)
        due = clock.calendar.after(published, clock.terms.consult) if ends is None else Reckoned(ends, False)
        left = clock.left(due.day)
        state = State.NEAR if ends is not None and left <= CLOSES_SOON else State.NORMAL
        weeks = max((today - item.entered_on).days, 0) // 7 if ends is None else 0
        yield Deadline(
            kind=Kind.CONSULT, begins_on=published, due=due, left=left, state=state, wrong=wrong,
            moves=ends is None, weeks=weeks,
        )  # fmt: skip
    elif item.disclosed_on is not None and ends + LOOK_BACK >= today and subject_of(item.title) not in answered:
        yield clock.twenty(Kind.OUTCOME, ends)
