"""School years, windows and slots at their edges, in Shanghai whatever zone an instant was written in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.dates import SHANGHAI, SchoolYear, Window, at, day_of, last_slot, next_slot, parse_day, parse_time

SLOTS = (time(12), time(18))
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("instant", "first"),
    [
        ("2021-08-31T23:59:59", 2020),
        ("2021-09-01T00:00:00", 2021),
        ("2020-09-01T00:00:00", 2020),
        ("2020-02-29T12:00:00", 2019),
        ("2024-02-29T23:59:59", 2023),
        ("2020-12-31T23:59:59", 2020),
        ("2021-01-01T00:00:00", 2020),
    ],
)
def test_an_instant_belongs_to_the_school_year_of_its_day_in_shanghai(instant: str, first: int) -> None:
    for zone in (UTC, timezone(timedelta(hours=-11)), SHANGHAI):
        assert SchoolYear.of(day_of(shanghai(instant).astimezone(zone))) == SchoolYear(first)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_day_lies_in_exactly_one_school_year(day: date) -> None:
    year = SchoolYear.of(day)
    assert year.holds(day)
    assert not SchoolYear(year.first - 1).holds(day)
    assert not SchoolYear(year.first + 1).holds(day)
    assert year.end + timedelta(days=1) == SchoolYear(year.first + 1).start
    assert SchoolYear.parse(year.label) == year


@pytest.mark.parametrize("text", ["2020-2021", "2020—2021学年", "2020–2021", " 2020 - 2021 ", "2020至2021学年"])
def test_a_school_year_is_read_as_people_write_it(text: str) -> None:
    assert SchoolYear.parse(text) == SchoolYear(2020)


@pytest.mark.parametrize("text", ["2020", "2020-2022", "2021-2020", "20-21", "", "2020-2021-2022", "0000-0001", "9998-9999"])
def test_what_is_no_school_year_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="应写成 2020-2021"):
        SchoolYear.parse(text)


def test_a_naive_instant_has_no_day() -> None:
    with pytest.raises(ValueError, match="时区"):
        day_of(datetime(2020, 9, 1))


def test_a_window_opens_with_its_first_minute_and_closes_before_its_last() -> None:
    window = Window(time(8), time(20))
    assert window.holds(shanghai("2020-09-10T08:00"))
    assert window.holds(shanghai("2020-09-10T19:59:59.999999"))
    assert not window.holds(shanghai("2020-09-10T20:00"))
    assert not window.holds(shanghai("2020-09-10T00:00"))
    assert window.next_open(shanghai("2020-02-28T20:00")) == shanghai("2020-02-29T08:00")
    assert window.next_open(shanghai("2020-02-29T00:00")) == shanghai("2020-02-29T08:00")


@given(INSTANTS, st.times(), st.times())
def test_the_next_opening_is_open_and_not_past(now: datetime, one: time, other: time) -> None:
    opens, closes = sorted((one.replace(tzinfo=None), other.replace(tzinfo=None)))
    if opens == closes:
        return
    window = Window(opens, closes)
    opening = window.next_open(now)
    assert window.holds(opening)
    assert now <= opening <= now + timedelta(days=1)
    assert (opening == now) == window.holds(now)


def test_slots_at_their_very_minute_and_over_midnight() -> None:
    assert last_slot(shanghai("2020-09-10T11:59:59"), SLOTS) is None
    assert last_slot(shanghai("2020-09-10T12:00"), SLOTS) == shanghai("2020-09-10T12:00")
    assert last_slot(shanghai("2020-09-10T23:59"), SLOTS) == shanghai("2020-09-10T18:00")
    assert next_slot(shanghai("2020-09-10T12:00"), SLOTS) == shanghai("2020-09-10T18:00")
    assert next_slot(shanghai("2020-09-10T18:00"), SLOTS) == shanghai("2020-09-11T12:00")


@given(INSTANTS, st.lists(st.times(), min_size=1, max_size=4))
def test_now_lies_between_the_last_slot_and_the_next(now: datetime, clocks: list[time]) -> None:
    slots = tuple(clock.replace(tzinfo=None) for clock in clocks)
    before, following = last_slot(now, slots), next_slot(now, slots)
    assert following > now
    assert before is None or before <= now
    assert following <= now + timedelta(days=1)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.times())
def test_a_wall_clock_time_stays_on_its_day(day: date, clock: time) -> None:
    assert day_of(at(day, clock.replace(tzinfo=None)).astimezone(UTC)) == day


@pytest.mark.parametrize(("text", "clock"), [("8:00", time(8)), ("20:30", time(20, 30)), (" 08：05 ", time(8, 5))])
def test_a_time_is_read_with_either_colon(text: str, clock: time) -> None:
    assert parse_time(text) == clock


@pytest.mark.parametrize("text", ["8点", "8", "08:0", "", "24:00", "8:60", "99:99"])
def test_what_is_no_time_is_refused_in_the_clerks_language(text: str) -> None:
    with pytest.raises(ValueError, match="应写成 8:00 这样的形式"):
        parse_time(text)


@pytest.mark.parametrize("text", ["2021-6", "21-06-01", "2021-13-01", "2021-02-30", "2021061", "六月", "2021-06-01T08:00", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=f"“{text}”"):
        parse_day(text)
