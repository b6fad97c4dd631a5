"""The month's brief to the leader and the quarter's circular by department: which months, what is said, in one line each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rules.dates import last_of_month
from rules.workdays import Calendar


@dataclass(frozen=True)
class Span:
    """Whole months, both days included."""

    first: date
    last: date

    @property
    def label(self) -> str:
        """2020年9月, or 2020年第3季度."""
        if (self.last - self.first).days > 31:
            return f"{self.first.year}年第{(self.first.month + 2) // 3}季度"
        return f"{self.first.year}年{self.first.month}月"

    def before(self) -> Span:
        """The span of the same kind that ended the day before."""
        last = self.first - timedelta(days=1)
        return quarter_of(last) if (self.last - self.first).days > 31 else month_of(last)


def month_of(day: date) -> Span:
    """The calendar month a day lies in."""
    first = day.replace(day=1)
    return Span(first, last_of_month(first))


def quarter_of(day: date) -> Span:
    """The quarter of the calendar year a day lies in."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Span(first, month_of(first + timedelta(days=64)).last)


def month_due(today: date, calendar: Calendar) -> Span | None:
    """The month whose brief goes out today: the last one, on this month's first working day; None on other days."""
    first = today.replace(day=1)
    if not calendar.is_workday(today) or calendar.between(first - timedelta(days=1), today) != 1:
        return None
    return month_of(first - timedelta(days=1))


def quarter_due(today: date, calendar: Calendar) -> Span | None:
    """The quarter whose circular goes out today; None on other days."""
    month = month_due(today, calendar)
    return quarter_of(month.last) if month is not None and month.last.month % 3 == 0 else None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a brief says of a span. 条: disclosed, in time and late; 条次 and 次 that the bot pushed, and 条次 that persons
    booked or a site shows, beside; 条次 that failed or reached only some."""

    items: int
    in_time: int
    late: int
    placements: int
    pushes: int
    booked: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class Stands:
    """How things stand now (条): overdue and not public yet, held by a person or the guard, waiting for a review."""

    overdue: int = 0
    held: int = 0
    unreviewed: int = 0


def is_known(span: Span, figures: Figures, began: date | None) -> bool:
    """False if the span ended before anything was watched and nothing was entered of it since: its 0 is no figure."""
    there = figures.items or figures.placements or figures.booked or figures.failed
    return bool(there) or (began is not None and span.last >= began)


def untold(school: str, span: Span, began: date | None) -> str:
    """What is said of a span that is not known, in place of its figures."""
    since = f"，公开达从 {began} 起才有记录" if began else ""
    return f"{school}信息公开简报（{span.label}）：没有这一期的记录{since}。没有数不等于零，请不要引用。"


def brief(school: str, span: Span, now: Figures, before: Figures | None, stands: Stands) -> str:
    """One page in one paragraph: each number with its word, and what it was before (None: not known)."""
    booked = f"，另有人工补录、网站登载 {now.booked} 条次" if now.booked else ""
    parts = [
        f"{school}信息公开简报（{span.label}）：公开 {now.items} 条{_against(now.items, before.items if before else None)}",
        f"其中按期 {now.in_time} 条、逾期公开 {now.late} 条" if now.items else "",
        f"推送 {now.placements} 条次、{now.pushes} 次{_against(now.pushes, before.pushes if before else None)}{booked}",
        f"编排的条次中失败或部分失败 {now.failed} 条次{_against(now.failed, before.failed if before else None)}",
        f"目前逾期未公开 {stands.overdue} 条，暂停 {stands.held} 条，待审 {stands.unreviewed} 条",
    ]
    return "；".join(part for part in parts if part) + "。"


def _against(now: int, before: int | None) -> str:
    if before is None:
        return "（上期没有记录）"
    if now == before:
        return "（与上期持平）"
    return f"（上期 {before}，{'增' if now > before else '减'} {abs(now - before)}）"


def circular(span: Span, department: str, items: int, late: int, overdue: int) -> str:
    """What a department reads of its own quarter."""
    asks = "没有逾期，请继续保持"
    if overdue:
        asks = "请尽快办理逾期的事项，名单见 python bot.py due"
    elif late:
        asks = "目前没有逾期的事项，请今后按期公开"
    return f"{span.label}信息公开情况（{department}）：公开 {items} 条，逾期公开 {late} 条，目前逾期未公开 {overdue} 条。{asks}"
