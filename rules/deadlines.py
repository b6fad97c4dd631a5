"""The statutory clock: by when an item must be public, how long a 公示 and a 征求意见 stand, when the year's report is due.

Sources: 教办函〔2014〕23号 二 (20 working days to publish and, after a change, to update); 《高等学校信息公开办法》(教育部令第29号)
(征求意见 of at least 10 working days; the report by the end of October); how terms are counted: rules/workdays.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rules.dates import SchoolYear
from rules.workdays import Calendar, Reckoned


class Kind(StrEnum):
    """What is due."""

    PUBLISH = "公开"
    UPDATE = "更新"
    NOTICE = "公示"
    CONSULT = "征求意见"
    OUTCOME = "征求意见结果"
    REPORT = "年度报告"
    FILING = "年度报告备案"


class State(StrEnum):
    """Where a term stands."""

    #: There is time.
    NORMAL = "正常"
    #: Amber: day 15 of 20 has come.
    NEAR = "临近"
    #: Red: day 18 of 20 has come.
    URGENT = "紧迫"
    #: The last day has passed and it is not done.
    LATE = "逾期"
    #: Of a 公示: its term is over, it comes down.
    OVER = "期满"
    #: Done on the last day or before.
    IN_TIME = "按期"
    #: Done, after the last day.
    OPENED_LATE = "逾期公开"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A school's terms in working days; the defaults are the law's."""

    publish: int = 20
    near: int = 15
    urgent: int = 18
    consult: int = 10
    #: 依申请公开 is answered within so many; the application's own clock is in rules/answers.py.
    answer: int = 15
    #: A 公示 stands so many days, in working days or 自然日.
    notice: int = 5
    notice_working: bool = True
    #: Month and day by which the province wants the report filed; None: it does not.
    filing: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One term that runs, or has run out."""

    kind: Kind
    #: Not counted itself.
    begins_on: date
    due: Reckoned
    #: Working days until it is due; negative: so many too late.
    left: int
    state: State
    item: int | None = None
    title: str = ""
    department: str = ""
    #: What the office has written of the term and the rules do not allow; empty: nothing.
    wrong: str = ""
    #: False of a 公示 whose last day nobody has written: it is reckoned, and the bot takes nothing down by it.
    stated: bool = True
    #: Why it is not done yet, where the bot knows.
    waits: str = ""
    #: Its last day is reckoned anew each day: no reminder is told apart by it.
    moves: bool = False
    #: Weeks that people have been told of it in vain: each is told once more.
    weeks: int = 0


@dataclass(frozen=True)
class Clock:
    """The day, and what terms are counted by."""

    today: date
    calendar: Calendar
    terms: Terms = Terms()

    def state(self, begins_on: date, due: date, done_on: date | None) -> State:
        """Where a term of 20 working days stands that began then; amber and red by the days that have passed."""
        if done_on is not None:
            return State.IN_TIME if done_on <= due else State.OPENED_LATE
        if self.today > due:
            return State.LATE
        passed = self.calendar.between(begins_on, self.today)
        if passed >= self.terms.urgent:
            return State.URGENT
        return State.NEAR if passed >= self.terms.near else State.NORMAL

    def left(self, due: date) -> int:
        """Working days from today until then."""
        return self.calendar.between(self.today, due)

    def twenty(self, kind: Kind, begins_on: date, done_on: date | None = None) -> Deadline:
        """公开 and 更新: 20 working days after 制作完成或获取, or after the change."""
        due = self.calendar.after(begins_on, self.terms.publish)
        state = self.state(begins_on, due.day, done_on)
        return Deadline(kind=kind, begins_on=begins_on, due=due, left=self.left(due.day), state=state)


# -- 公示


def notice_term(published: date, days: int, working: bool, calendar: Calendar) -> Reckoned:
    """The last day of a 公示 that was published then: it runs from the next day."""
    return calendar.after(published, days) if working else calendar.after_natural(published, days)


@dataclass(frozen=True)
class Span:
    """A 公示 as it is written: how many days it stands, counted both ways."""

    first: date
    last: date
    working: int
    natural: int

    @property
    def words(self) -> str:
        return f"公示期从 {self.first} 算到 {self.last}，{self.natural} 个自然日，其中 {self.working} 个工作日"

    def fits(self, days: int, working: bool) -> bool:
        """True if it stands so many days by this way of counting (口径)."""
        return (self.working if working else self.natural) >= days


def notice_span(begins: date, ends: date, published: date | None, calendar: Calendar) -> Span:
    """The days of a 公示 from 公示起 to 公示止. The day it was published is not counted; unknown, it was the first."""
    eve = max(begins - timedelta(days=1), published or begins)
    return Span(eve + timedelta(days=1), ends, max(calendar.between(eve, ends), 0), max((ends - eve).days, 0))


def notice_wrong(span: Span, terms: Terms) -> str:
    """Why a 公示 as it is written is too short; empty if it is not. Says so if only 自然日 would do."""
    if span.fits(terms.notice, terms.notice_working):
        return ""
    needed = f"{terms.notice} 个{'工作日' if terms.notice_working else '自然日'}"
    natural = "，只按自然日才够" if terms.notice_working and span.fits(terms.notice, working=False) else ""
    return f"{span.words}，不足 {needed}{natural}"


# -- 征求意见


def consult_wrong(published: date, ends: date | None, calendar: Calendar, terms: Terms) -> str:
    """Why a 征求意见 that is open from the day after `published` is too short; empty if it is not."""
    if ends is None:
        return "没有写截止日期"
    earliest, many = calendar.after(published, terms.consult), max(calendar.between(published, ends), 0)
    if many >= terms.consult:
        return ""
    return (
        f"{published} 公布、{ends} 截止，只有 {many} 个工作日，不足 {terms.consult} 个，截止日期应不早于 {earliest.day}"
    )


# -- the year's report

#: Working days before the report is due at which a reminder goes out.
COUNTDOWN = (30, 10, 5, 1)


def countdown(left: int) -> int | None:
    """The step of the countdown that has come: 30, 10, 5 or 1 working days; None before the first."""
    return min((step for step in COUNTDOWN if left <= step), default=None)


def report_terms(clock: Clock, reported_on: date | None, began_on: date | None) -> Iterator[Deadline]:
    """The report on the school year that has ended, until it is out or the next one has ended; the province's date once set.

    A school that began with the bot after the report was due (`began_on`; None: not yet) is not told of its past.
    """
    year, calendar = SchoolYear.of(clock.today).first, clock.calendar
    due = calendar.last_workday_of(year, 10)
    if reported_on is None and (clock.today <= due.day or (began_on is not None and began_on <= due.day)):
        yield _yearly(clock, Kind.REPORT, due)
    if clock.terms.filing is not None:
        due = calendar.on_or_before(date(year, *clock.terms.filing))
        if clock.today <= due.day:
            yield _yearly(clock, Kind.FILING, due)


def _yearly(clock: Clock, kind: Kind, due: Reckoned) -> Deadline:
    left, step = clock.left(due.day), countdown(clock.left(due.day))
    state = {None: State.NORMAL, 30: State.NORMAL, 10: State.NEAR}.get(step, State.URGENT)
    title = f"{due.day.year - 1}-{due.day.year}学年信息公开工作年度报告"
    return Deadline(
        kind=kind, begins_on=date(due.day.year, 8, 31), due=due, left=left, title=title,
        state=State.LATE if clock.today > due.day else state, weeks=max((clock.today - due.day).days - 1, 0) // 7,
    )  # fmt: skip
