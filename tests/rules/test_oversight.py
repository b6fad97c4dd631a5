"""What nobody sees by looking at a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.item import ListItem
from rules.oversight import dead_routes, dead_targets, owed, silence, stage
from rules.routing import Route, Target
from rules.workdays import Calendar, Vacation
from tests.factory import a_school

DAY = date(2021, 3, 1)


def nothing(_target: Target) -> str | None:
    return None


def test_every_route_and_target_of_a_working_school_can_be_reached() -> None:
    school = a_school()
    assert dead_routes(school, nothing) == []


def test_a_route_that_crosses_the_fence_and_one_to_an_unknown_target_reach_nobody() -> None:
    school = a_school()
    students = next(n for n, each in school.targets.items() if each.audience == "学生")
    crossing = Route(name="教职工事项进学生群", audiences=("教职工",), targets=(students,))
    lost = Route(name="无此目标", targets=("X99",))
    assert dead_routes(replace(school, routes=(*school.routes, crossing, lost)), nothing) == [crossing.name, lost.name]


def test_a_target_without_any_route_is_named_and_one_that_only_hears_reminders_is_not() -> None:
    school = replace(a_school(), routes=(), alarm_targets=(), departments={})
    found = dead_targets(school, nothing)
    assert {each.number for each in found} == set(school.targets)
    first = found[0].number
    hearing = replace(school, alarm_targets=(first,))
    assert first not in {each.number for each in dead_targets(hearing, nothing)}


def test_a_target_that_takes_only_a_category_no_route_brings_is_named() -> None:
    school = a_school()
    number, target = next((n, each) for n, each in school.targets.items() if each.audience == "学生")
    odd = replace(school, targets={number: replace(target, categories=("没有的大类",))})
    assert [each.number for each in dead_targets(odd, nothing)] == [number]


def habit(every: int, times: int = 10) -> list[date]:
    return [DAY - timedelta(days=every * n) for n in range(times)]


PLAIN = Calendar()


@pytest.mark.parametrize(("every", "silent", "told"), [(1, 10, False), (1, 11, True), (7, 15, False), (7, 16, True)])
def test_a_source_is_silent_when_it_is_longer_than_its_habit(every: int, silent: int, told: bool) -> None:
    found = silence(habit(every), PLAIN.after(DAY, silent).day, PLAIN)
    assert found == (silent if told else None)


def test_one_long_pause_is_no_habit_and_a_new_source_has_none() -> None:
    summer = [day - timedelta(days=60) for day in habit(2)]
    assert silence([*habit(2), *summer], PLAIN.after(DAY, 14).day, PLAIN) == 14
    assert silence(habit(1, times=3), DAY + timedelta(days=300), PLAIN) is None


def test_vacations_and_days_off_are_no_silence() -> None:
    last = date(2021, 1, 15)
    winter = Calendar({}, frozenset({2020, 2021}), (Vacation(date(2021, 1, 16), date(2021, 2, 28), "寒假"),))
    week = {date(2021, 3, n): False for n in range(1, 6)}
    days = [last - timedelta(days=n) for n in range(10)]
    assert silence(days, date(2021, 2, 28), winter) is None, "the vacation"
    assert silence(days, date(2021, 3, 12), winter) is None, "ten working days after it"
    assert silence(days, date(2021, 3, 15), winter) == 11
    assert silence(days, date(2021, 3, 15), replace(winter, days=week)) is None, "a week of days off"
    assert silence(days, date(2021, 2, 28), PLAIN) is not None


@given(st.lists(st.dates(date(2020, 1, 1), date(2020, 12, 31)), max_size=30), st.integers(0, 400))
def test_silence_is_counted_from_the_last_day_and_never_below_two_weeks(days: list[date], later: int) -> None:
    last = max(days, default=DAY)
    today = last + timedelta(days=later)
    found = silence(days, today, PLAIN)
    assert found is None or (found == PLAIN.between(last, today) and found > 10)


@given(st.lists(st.dates(date(2020, 1, 1), date(2020, 6, 30)), max_size=30), st.integers(0, 180))
def test_nobody_is_called_silent_in_a_vacation_who_was_not_before_it(days: list[date], into: int) -> None:
    summer = Calendar(vacations=(Vacation(date(2020, 7, 1), date(2020, 12, 31), "暑假"),))
    eve = silence(days, date(2020, 6, 30), summer)
    assert silence(days, date(2020, 7, 1) + timedelta(days=into), summer) == eve


def test_a_list_item_is_asked_for_in_its_month_else_before_the_year_ends_and_not_once_it_is_there() -> None:
    items = [(1, ListItem("甲", "教务处", months=(10,))), (2, ListItem("乙")), (3, ListItem("丙", applies=False))]
    assert [each.number for each in owed(items, [], date(2020, 10, 9))] == [1]
    assert [each.number for each in owed(items, [], date(2021, 6, 9))] == [2]
    assert owed(items, [2], date(2021, 6, 9)) == []


def test_a_rectification_is_near_three_days_before_its_end_and_overdue_after_it() -> None:
    due = date(2021, 3, 10)
    said = [stage(due, due + timedelta(days=n)) for n in (-4, -3, 0, 1)]
    assert said == ["", "临近", "临近", "逾期"]
