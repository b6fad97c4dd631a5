"""Working days (工作日) with 调休: the one way in which a term is counted.

Sources: 民法典 第二百零一条 (the day it begins is not counted), 第二百零三条 (a term that ends on a rest day ends on the
next working day); the State Council's yearly notice (放假安排) says which days are 休 and which are 班.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Reckoned:
    """The last day of a term; `estimated`: a year that it touches has no 放假安排 yet."""

    day: date
    estimated: bool


@dataclass(frozen=True)
class Vacation:
    """The school's own 寒假 or 暑假, both days included; in law its days are 工作日 like any other."""

    first: date
    last: date
    name: str


@dataclass(frozen=True)
class Calendar:
    """Which days are working days: `days` where the year's notice says so (True 班, False 休), else Monday to Friday.

    A year that is not in `years` has not been entered: its days are an estimate, and every answer says so.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    vacations: tuple[Vacation, ...] = ()

    def is_workday(self, day: date) -> bool:
        """True for a 工作日, 调休 included."""
        return self.days.get(day, day.weekday() < _SATURDAY)

    def known(self, day: date) -> bool:
        """True if the day's year has been entered."""
        return day.year in self.years

    def on_vacation(self, day: date) -> str:
        """The name of the school's vacation that the day lies in; empty if in none."""
        return next((each.name for each in self.vacations if each.first <= day <= each.last), "")

    def after(self, start: date, n: int) -> Reckoned:
        """The n-th working day after `start`, which is not counted itself; raises ValueError for a negative n."""
        if n < 0:
            raise ValueError(f"期限不能是 {n} 个工作日")
        day, left = start, n
        while left:
            day += _DAY
            left -= self.is_workday(day)
        return Reckoned(day, self._estimated(start, day))

    def after_natural(self, start: date, n: int) -> Reckoned:
        """The n-th day (自然日) after `start`; a term that would end on a rest day ends on the next working day."""
        if n < 0:
            raise ValueError(f"期限不能是 {n} 个自然日")
        ends = day = start + n * _DAY
        while n and not self.is_workday(day):
            day += _DAY
        return Reckoned(day, bool(n) and self._estimated(ends - _DAY, day))

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative if `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(map(self.is_workday, _days(start + _DAY, end)))

    def in_session(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end` that lie in none of the school's vacations; 0 if `end` is earlier."""
        return sum(self.is_workday(day) and not self.on_vacation(day) for day in _days(start + _DAY, end))

    def last_workday_of(self, year: int, month: int) -> Reckoned:
        """The month's last working day: by when a thing must be done that is due in it."""
        return self.on_or_before((date(year, month, 28) + 4 * _DAY).replace(day=1) - _DAY)

    def on_or_before(self, ends: date) -> Reckoned:
        """That day, or the last working day before it."""
        day = ends
        while not self.is_workday(day):
            day -= _DAY
        return Reckoned(day, not (self.known(day) and self.known(ends)))

    def unknown(self, start: date, end: date) -> tuple[int, ...]:
        """The years from `start` to `end` that have not been entered."""
        return tuple(year for year in range(start.year, end.year + 1) if year not in self.years)

    def _estimated(self, start: date, end: date) -> bool:
        return end > start and bool(self.unknown(start + _DAY, end))


def not_entered(year: int) -> str:
    """What is said of whatever has been reckoned without the year's notice."""
    return f"{year}年放假安排尚未录入，期限为估算"


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
