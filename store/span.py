"""The time a report is about, and its months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, case

from rules.dates import at


@dataclass(frozen=True)
class Span:
    """The days a report is about, both included, and the instant up to which things were known."""

    first: date
    last: date
    cut_off: datetime

    @property
    def start(self) -> datetime:
        return at(self.first, time.min)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return at(self.last + timedelta(days=1), time.min)

    def months(self) -> list[date]:
        """The first day of each month it touches."""
        found = [self.first.replace(day=1)]
        while (following := (found[-1] + timedelta(days=32)).replace(day=1)) <= self.last:
            found.append(following)
        return found


def month_of(moment: ColumnElement[Any], span: Span) -> ColumnElement[str]:
    """2020-09 for a day or an instant, by the months' ends in Asia/Shanghai: no two databases cut a date alike."""
    months = span.months()
    ends: list[Any] = [(month + timedelta(days=32)).replace(day=1) for month in months]
    if not isinstance(moment.type, Date):
        ends = [at(end, time.min) for end in ends]
    return case(*((moment < end, f"{month:%Y-%m}") for month, end in zip(months, ends, strict=True)), else_="")
