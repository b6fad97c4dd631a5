"""When a target may be written to: hours, class hours, rest days, vacations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.dates import Window, at
from rules.hours import Hours, hours_of
from rules.routing import Target
from rules.school import Lessons
from rules.workdays import Calendar, Vacation
from tests.factory import a_school

CALENDAR = Calendar(
    {date(2020, 9, 27): True, date(2020, 10, 1): False, date(2020, 10, 2): False},
    frozenset({2020}),
    (Vacation(date(2021, 1, 20), date(2021, 2, 28), "寒假"),),
)
CLASSES = (Window(time(8), time(11, 40)), Window(time(14), time(17, 30)))
HOURS = Hours(Window(time(8), time(20)), CLASSES, CALENDAR, holidays=False, vacations=False)


def moment(day: date, clock: time) -> datetime:
    return at(day, clock)


MONDAY = date(2020, 9, 14)


def test_nothing_leaves_while_students_sit_in_class_and_the_break_lets_it_go() -> None:
    assert HOURS.why_closed(moment(MONDAY, time(9))) == "上课时间 08:00—11:40 不推送"
    assert HOURS.why_closed(moment(MONDAY, time(12))) == ""
    assert HOURS.next_open(moment(MONDAY, time(8))) == moment(MONDAY, time(11, 40))


def test_a_saturday_that_is_worked_for_a_holiday_is_a_day_of_classes_and_a_free_one_is_not() -> None:
    free = replace(HOURS, holidays=True)
    assert free.why_closed(moment(date(2020, 9, 27), time(9))) != ""
    assert free.why_closed(moment(date(2020, 9, 26), time(9))) == ""
    assert HOURS.why_closed(moment(date(2020, 9, 26), time(12))) == "休息日和节假日不推送"


def test_a_holiday_and_a_vacation_are_waited_for_to_their_end() -> None:
    assert HOURS.next_open(moment(date(2020, 10, 1), time(12))) == moment(date(2020, 10, 5), time(11, 40))
    assert HOURS.why_closed(moment(date(2021, 2, 1), time(12))) == "寒假期间不推送"
    assert HOURS.next_open(moment(date(2021, 1, 20), time(12))) == moment(date(2021, 3, 1), time(11, 40))


def test_a_chance_is_the_next_opening_or_the_first_fixed_time_of_a_day_that_is_open() -> None:
    friday, slots = date(2020, 9, 18), (time(12), time(18))
    assert HOURS.next_chance(moment(MONDAY, time(8)), ()) == moment(MONDAY, time(11, 40))
    assert HOURS.next_chance(moment(MONDAY, time(8)), slots) == moment(MONDAY, time(12))
    assert HOURS.next_chance(moment(friday, time(18)), slots, moment(friday, time(18))) == moment(date(2020, 9, 21), time(12))
    assert HOURS.next_chance(moment(friday, time(13)), (time(15), time(19))) == moment(friday, time(17, 30))


def test_a_fixed_time_that_has_passed_is_a_chance_until_something_has_left_after_it() -> None:
    noon, slots = moment(MONDAY, time(12)), (time(12), time(18))
    late = moment(MONDAY, time(13))
    assert HOURS.next_chance(late, slots) == HOURS.next_chance(late, slots, last=noon - timedelta(minutes=1)) == late
    assert HOURS.next_chance(late, slots, last=noon) == moment(MONDAY, time(18))


def test_a_fixed_time_at_which_nothing_may_ever_leave_ends_the_search() -> None:
    assert HOURS.next_chance(moment(MONDAY, time(12)), (time(21),)) > moment(MONDAY, time(12))


def test_in_the_vacation_nobody_sits_in_class() -> None:
    open_then = replace(HOURS, vacations=True)
    assert open_then.why_closed(moment(date(2021, 2, 1), time(9))) == ""


@given(st.datetimes(datetime(2020, 9, 1), datetime(2021, 6, 30)), st.booleans(), st.booleans())
def test_the_next_opening_is_open_and_no_minute_before_it_is(now: datetime, holidays: bool, vacations: bool) -> None:
    hours = replace(HOURS, holidays=holidays, vacations=vacations)
    start = at(now.date(), now.time().replace(second=0, microsecond=0))
    opens = hours.next_open(start)
    assert hours.why_closed(opens) == ""
    assert opens == start or hours.why_closed(opens - timedelta(minutes=1)) != ""
    assert opens == start or hours.why_closed(start) != ""


def test_class_hours_are_kept_for_the_groups_of_those_who_sit_in_class_and_no_others() -> None:
    school = replace(a_school(), lessons=(Lessons("学生", CLASSES),))
    some = next(iter(school.targets.values()))
    students, staff = replace(some, audience="学生"), replace(some, audience="教职工")
    assert hours_of(school, students).lessons == CLASSES and hours_of(school, staff).lessons == ()
    quiet = {name: replace(each, lessons=False) for name, each in school.channels.items()}
    assert hours_of(replace(school, channels=quiet), students).lessons == ()
    assert isinstance(some, Target)


@pytest.mark.parametrize(("audience", "exposure", "kept"), [
    ("学生", None, True), ("校内", None, True), ("社会", None, True), ("教职工", None, False),
    ("社会", "社会", False), ("校内", "校内", False), ("学生", "校内", True),
])  # fmt: skip
def test_a_group_of_staff_and_students_counts_as_students_and_an_open_page_does_not(
    audience: str, exposure: str | None, kept: bool
) -> None:
    school = replace(a_school(), lessons=(Lessons("学生", CLASSES),))
    mixed = replace(next(iter(school.targets.values())), audience=audience)
    assert hours_of(school, mixed, exposure).lessons == (CLASSES if kept else ())
