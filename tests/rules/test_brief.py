"""Which month is told on which day, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.brief import (
    Figures,
    Span,
    Stands,
    brief,
    circular,
    is_known,
    month_due,
    month_of,
    quarter_due,
    quarter_of,
    untold,
)
from rules.workdays import Calendar

NOTHING = Figures(items=0, in_time=0, late=0, placements=0, pushes=0, booked=0, failed=0)
CALENDAR = Calendar({date(2020, 10, day): day == 10 for day in (1, 2, 3, 4, 5, 6, 7, 8, 10)}, frozenset({2020}))


def test_the_brief_goes_out_on_the_first_working_day_after_the_holidays() -> None:
    days = [day for n in range(31) if month_due(day := date(2020, 10, 1) + timedelta(days=n), CALENDAR)]
    assert days == [date(2020, 10, 9)]
    assert month_due(days[0], CALENDAR) == Span(date(2020, 9, 1), date(2020, 9, 30))


@given(st.dates(date(2019, 1, 1), date(2022, 12, 31)))
def test_every_month_and_every_quarter_is_told_once(day: date) -> None:
    month = [each for n in range(31) if (each := month_due(day.replace(day=1) + timedelta(days=n), Calendar()))]
    assert len({each.first for each in month}) == len(month)
    assert month[0] == month_of(day.replace(day=1) - timedelta(days=1))
    quarters = [q for n in range(31) if (q := quarter_due(day.replace(day=1) + timedelta(days=n), Calendar()))]
    assert bool(quarters) >= (day.month in (1, 4, 7, 10))


@pytest.mark.parametrize(
    ("day", "span", "label"),
    [
        (date(2020, 2, 11), (date(2020, 2, 1), date(2020, 2, 29)), "2020年2月"),
        (date(2020, 12, 31), (date(2020, 12, 1), date(2020, 12, 31)), "2020年12月"),
    ],
)
def test_a_month_is_whole(day: date, span: tuple[date, date], label: str) -> None:
    assert month_of(day) == Span(*span) and month_of(day).label == label


def test_a_quarter_is_whole_and_has_one_before_it() -> None:
    third = quarter_of(date(2020, 8, 15))
    assert (third.first, third.last, third.label) == (date(2020, 7, 1), date(2020, 9, 30), "2020年第3季度")
    assert third.before() == quarter_of(date(2020, 6, 1))
    assert month_of(date(2020, 1, 5)).before() == month_of(date(2019, 12, 5))


def test_the_brief_has_every_number_with_its_word_and_what_it_was() -> None:
    now = Figures(items=12, in_time=11, late=1, placements=40, pushes=9, booked=5, failed=2)
    before = Figures(items=10, in_time=10, late=0, placements=30, pushes=9, booked=0, failed=0)
    stands = Stands(overdue=1, held=3, unreviewed=4)
    text = brief("示例学院", month_of(date(2020, 9, 1)), now, before, stands)
    for words in (
        "公开 12 条（上期 10，增 2）",
        "逾期公开 1 条",
        "40 条次、9 次（与上期持平），另有人工补录、网站登载 5 条次",
        "编排的条次中失败或部分失败 2 条次（上期 0，增 2）",
        "待审 4 条",
    ):
        assert words in text
    nothing = brief("示例学院", month_of(date(2020, 9, 1)), NOTHING, before, Stands())
    assert "其中" not in nothing and "另有" not in nothing
    assert "没有逾期" in circular(quarter_of(date(2020, 9, 1)), "教务处", 3, 0, 0)


def test_a_department_is_asked_only_for_what_it_can_still_do() -> None:
    quarter = quarter_of(date(2020, 9, 1))
    assert "请尽快办理" in circular(quarter, "教务处", 3, 1, 1)
    past = circular(quarter, "教务处", 3, 1, 0)
    assert "请尽快办理" not in past and "没有逾期，" not in past and past.endswith("请今后按期公开")


def test_a_span_of_which_nothing_is_known_has_no_figure_and_none_to_compare_with() -> None:
    september, began = month_of(date(2020, 9, 1)), date(2020, 9, 30)
    assert is_known(september, NOTHING, began) and not is_known(september, NOTHING, date(2020, 10, 1))
    assert not is_known(september, NOTHING, None)
    for one in ("items", "placements", "booked", "failed"):
        assert is_known(september, replace(NOTHING, **{one: 1}), None)
    assert "条" not in untold("示例学院", september, None)
    assert "公开 0 条（上期没有记录）" in brief("示例学院", september, NOTHING, None, Stands())
