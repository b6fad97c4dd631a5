"""Working days with 调休: the published vectors, the packaged calendar as judge, and a year nobody has entered."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import places
from config.calendars import CalendarPart, read_calendar
from rules.workdays import Calendar, Reckoned, Vacation, not_entered

WRONG: list[str] = []
CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), WRONG)
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
INSIDE = st.dates(FIRST, LAST)

#: From, +15, +20, and what counting Monday to Friday would say (docs of the domain, 5.3).
VECTORS = [
    ("2020-09-01", "2020-09-22", "2020-09-28"),
    ("2020-09-22", "2020-10-19", "2020-10-26"),
    ("2021-01-25", "2021-02-19", "2021-02-25"),
    ("2021-04-12", "2021-04-30", "2021-05-11"),
    ("2021-08-31", "2021-09-22", "2021-09-28"),
    ("2026-02-06", "2026-03-05", "2026-03-12"),
    ("2026-04-28", "2026-05-21", "2026-05-28"),
    ("2026-09-10", "2026-10-08", "2026-10-14"),
    ("2026-09-21", "2026-10-19", "2026-10-26"),
    ("2026-12-01", "2026-12-22", "2026-12-29"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_the_calendar_that_comes_with_the_bot_is_read_whole() -> None:
    assert WRONG == []
    assert frozenset(range(2019, 2027)) <= CALENDAR.years


@pytest.mark.parametrize(("start", "fifteen", "twenty"), VECTORS)
def test_fifteen_and_twenty_working_days_after_the_start_day_end_where_they_must(
    start: str, fifteen: str, twenty: str
) -> None:
    assert CALENDAR.after(day(start), 15) == Reckoned(day(fifteen), False)
    assert CALENDAR.after(day(start), 20) == Reckoned(day(twenty), False)


@pytest.mark.parametrize(("first", "last", "many"), [("2020-09-01", "2021-08-31", 250), ("2025-09-01", "2026-08-31", 248)])
def test_a_school_year_has_its_working_days(first: str, last: str, many: int) -> None:
    assert CALENDAR.between(day(first) - timedelta(days=1), day(last)) == many


@given(INSIDE)
def test_inside_the_packaged_calendar_every_day_is_what_it_says(any_day: date) -> None:
    assert CALENDAR.is_workday(any_day) == chinese_calendar.is_workday(any_day)
    assert CALENDAR.known(any_day)


@given(st.dates(FIRST, date(2026, 6, 30)), st.integers(1, 40))
def test_so_many_working_days_after_is_a_working_day_with_so_many_between(start: date, n: int) -> None:
    end = CALENDAR.after(start, n)
    between = [start + timedelta(days=k) for k in range(1, (end.day - start).days + 1)]
    assert sum(map(chinese_calendar.is_workday, between)) == n
    assert chinese_calendar.is_workday(end.day) and not end.estimated
    assert CALENDAR.between(start, end.day) == n == -CALENDAR.between(end.day, start)


@given(INSIDE, st.integers(1, 60))
def test_a_term_of_natural_days_ends_on_a_working_day_and_is_never_shortened(start: date, n: int) -> None:
    end, plain = CALENDAR.after_natural(start, n), start + timedelta(days=n)
    assert end.day >= plain and CALENDAR.is_workday(end.day)
    assert not any(CALENDAR.is_workday(plain + timedelta(days=k)) for k in range((end.day - plain).days))


@given(st.dates(date(2027, 1, 1), date(2998, 12, 31)), st.integers(1, 250))
def test_a_year_without_its_notice_is_estimated_by_weekdays_and_never_a_crash(start: date, n: int) -> None:
    end = CALENDAR.after(start, n)
    assert end.estimated and end.day.weekday() < 5
    assert CALENDAR.after_natural(start, n).estimated


def test_a_term_that_reaches_into_a_year_without_its_notice_says_so_and_one_that_does_not_does_not() -> None:
    assert CALENDAR.after(day("2026-12-03"), 20) == Reckoned(day("2026-12-31"), False)
    assert CALENDAR.after(day("2026-12-04"), 20) == Reckoned(day("2027-01-01"), True)
    assert CALENDAR.unknown(day("2026-12-04"), day("2027-01-01")) == (2027,)
    assert not_entered(2027) == "2027年放假安排尚未录入，期限为估算"


def test_no_days_after_a_day_is_the_day_and_fewer_than_none_is_refused() -> None:
    sunday = day("2026-10-11")
    assert CALENDAR.after(sunday, 0) == CALENDAR.after_natural(sunday, 0) == Reckoned(sunday, False)
    for reckon in (CALENDAR.after, CALENDAR.after_natural):
        with pytest.raises(ValueError, match="期限不能是 -1 个"):
            reckon(sunday, -1)


@pytest.mark.parametrize(("year", "month", "last"), [
    (2026, 10, "2026-10-30"), (2021, 10, "2021-10-29"), (2024, 2, "2024-02-29"), (2020, 12, "2020-12-31"), (2022, 12, "2022-12-30"),
])  # fmt: skip
def test_the_last_working_day_of_a_month(year: int, month: int, last: str) -> None:
    assert CALENDAR.last_workday_of(year, month) == Reckoned(day(last), False)


def test_the_last_working_day_of_a_month_nobody_knows_is_an_estimate() -> None:
    assert CALENDAR.last_workday_of(2027, 10) == Reckoned(day("2027-10-29"), True)


def test_a_vacation_is_named_and_its_days_stay_working_days() -> None:
    winter = Vacation(day("2021-01-20"), day("2021-02-28"), "寒假")
    calendar = Calendar(CALENDAR.days, CALENDAR.years, (winter,))
    assert calendar.on_vacation(day("2021-01-20")) == calendar.on_vacation(day("2021-02-28")) == "寒假"
    assert calendar.on_vacation(day("2021-01-19")) == calendar.on_vacation(day("2021-03-01")) == ""
    assert calendar.is_workday(day("2021-01-20"))
    assert calendar.after(day("2021-01-25"), 20) == CALENDAR.after(day("2021-01-25"), 20)
