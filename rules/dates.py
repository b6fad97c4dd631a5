"""School years, windows and days. Instants are aware; days and months are those of Asia/Shanghai."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

#: 北京时间 as it is today, for every day: a page dated in a summer of 1988 begins its day at this midnight in every database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def day_of(instant: datetime) -> date:
    """The calendar day of an aware instant in Shanghai; raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("时间缺少时区")
    return instant.astimezone(SHANGHAI).date()


def at(day: date, clock: time) -> datetime:
    """The instant of a wall-clock time in Shanghai."""
    return datetime.combine(day, clock, SHANGHAI)


def last_of_month(first: date) -> date:
    """The last day of the month that begins with this one."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


#: The years a date may lie in: beyond them it is a slip of the pen, and at the ends no instant can be moved to UTC.
YEARS = range(1900, 3000)
_DAY = re.compile(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{2})(\d{2}))")


class NoSuchDay(ValueError):
    """It is written as a day is, and stands in no calendar."""


def parse_day(text: str) -> date:
    """`2021-06-01`, `2021/6/1`, `2021.6.1`, `20210601` or `2021年6月1日` as a day; raises ValueError, NoSuchDay."""
    found = _DAY.fullmatch(text.strip())
    if not found or int(found[1]) not in YEARS:
        raise ValueError(f"日期“{text}”应写成 2021-06-01")
    try:
        return date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        raise NoSuchDay(f"没有“{text}”这一天") from None


def parse_time(text: str) -> time:
    """`8:00` or `20:30` as a time; raises ValueError."""
    found = re.fullmatch(r"(\d{1,2})[:：](\d{2})", text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"时间“{text}”应写成 8:00 这样的形式")
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Window:
    """The hours in which a group may be written to (8:00–20:00 by the house rules of real schools)."""

    opens: time = time(8)
    closes: time = time(20)

    def holds(self, now: datetime) -> bool:
        """True from the opening minute up to, not including, the closing one."""
        return self.opens <= now.astimezone(SHANGHAI).time() < self.closes

    @property
    def outside(self) -> str:
        """What is said of whatever waits because it does not hold."""
        return f"不在 {self.opens:%H:%M}—{self.closes:%H:%M} 之间"

    def next_open(self, now: datetime) -> datetime:
        """`now` if the window is open, else the next opening."""
        if self.holds(now):
            return now
        today = at(day_of(now), self.opens)
        return today if now < today else at(day_of(now) + timedelta(days=1), self.opens)


def last_slot(now: datetime, slots: tuple[time, ...]) -> datetime | None:
    """The latest of today's fixed times that has come, None before the first."""
    passed = [at(day_of(now), slot) for slot in slots if at(day_of(now), slot) <= now]
    return max(passed, default=None)


def next_slot(now: datetime, slots: tuple[time, ...]) -> datetime:
    """The first fixed time after `now`, today or tomorrow."""
    days = (day_of(now), day_of(now) + timedelta(days=1))
    return min(at(day, slot) for day in days for slot in slots if at(day, slot) > now)


@dataclass(frozen=True, order=True)
class SchoolYear:
    """学年: 9月1日 to 次年8月31日, both included."""

    first: int

    @classmethod
    def parse(cls, text: str) -> SchoolYear:
        """`2020-2021` (also with 一字线 or 学年); raises ValueError."""
        found = re.fullmatch(r"(\d{4})\s*[-—–－~至]+\s*(\d{4})(学年)?", text.strip())
        if not found or int(found[1]) not in YEARS or int(found[2]) != int(found[1]) + 1:
            raise ValueError(f"学年“{text}”应写成 2020-2021")
        return cls(int(found[1]))

    @classmethod
    def of(cls, day: date) -> SchoolYear:
        """The school year a day lies in."""
        return cls(day.year if day.month >= 9 else day.year - 1)

    @property
    def start(self) -> date:
        return date(self.first, 9, 1)

    @property
    def end(self) -> date:
        return date(self.first + 1, 8, 31)

    @property
    def label(self) -> str:
        return f"{self.first}-{self.first + 1}学年"

    def holds(self, day: date) -> bool:
        """True if the day lies in this year; 8月31日 belongs to it whatever the hour."""
        return self.start <= day <= self.end


def day_words(day: date) -> str:
    """2020年9月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Days:
    """Any other period that a report may be about, both days included."""

    start: date
    end: date

    @property
    def label(self) -> str:
        return f"{day_words(self.start)}至{day_words(self.end)}"


Period = SchoolYear | Days


def period_of(start: date, end: date) -> Period:
    """The school year of these days, or just the days; raises ValueError if they end before they begin."""
    if end < start:
        raise ValueError(f"期限的止日 {end} 早于起日 {start}")
    year = SchoolYear.of(start)
    return year if (year.start, year.end) == (start, end) else Days(start, end)


def year_before(period: Period) -> Period:
    """The school year before, or the same days a year earlier (of 29 February the 28th)."""
    if isinstance(period, SchoolYear):
        return SchoolYear(period.first - 1)
    return Days(_a_year_earlier(period.start), _a_year_earlier(period.end))


def _a_year_earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
