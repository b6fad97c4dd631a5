"""When an account's figures are asked for: on the morning after the day they speak of, once, and again only if not told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rules.dates import SHANGHAI
from rules.survey import BACK, MOST, STAGES, due, is_kept, kept_day, known_until, moved, same_page

DAY = date(2021, 3, 1)
EVERY = frozenset(DAY + timedelta(days=n) for n in range(-60, 90))


def told_all(days: list[date]) -> dict[date, frozenset[date]]:
    return dict.fromkeys(days, EVERY)


@pytest.mark.parametrize(("clock", "day"), [("08:29", "2021-02-27"), ("08:30", "2021-02-28"), ("23:59", "2021-02-28")])
def test_yesterday_is_known_from_half_past_eight_on(clock: str, day: str) -> None:
    now = datetime.fromisoformat(f"2021-03-01T{clock}").replace(tzinfo=SHANGHAI)
    assert known_until(now) == date.fromisoformat(day)


def test_a_day_is_asked_for_on_the_1st_3rd_7th_and_30th_morning_after_it_and_never_else() -> None:
    marks = moved({}, told_all(due({}, DAY - timedelta(days=1))), DAY - timedelta(days=1))
    asked = []
    for n in range(40):
        until = DAY + timedelta(days=n)
        days = due(marks, until)
        assert len(days) == len(STAGES)
        asked += [n + 1] * (DAY in days)
        marks = moved(marks, told_all(days), until)
    assert tuple(asked) == STAGES


def test_the_first_survey_asks_for_every_day_of_the_window_once() -> None:
    assert due({}, DAY) == [DAY - timedelta(days=n) for n in reversed(range(BACK))]


def test_what_was_not_told_is_asked_again_and_what_was_told_is_not() -> None:
    before = dict.fromkeys(STAGES, DAY - timedelta(days=40)) | {1: DAY - timedelta(days=2)}
    before |= {stage: kept_day(DAY, 1) - timedelta(days=stage) for stage in (3, 7, 30)}
    days = due(before, DAY)
    after = moved(before, {day: EVERY for day in days if day != DAY}, DAY)
    assert due(after, DAY) == [DAY]


def test_an_answer_that_does_not_reach_up_to_the_day_does_not_count_for_it() -> None:
    marks = {stage: DAY - timedelta(days=stage) for stage in STAGES}
    third = DAY - timedelta(days=2)
    told = told_all(due(marks, DAY)) | {third: frozenset({third})}
    assert due(moved(marks, told, DAY), DAY) == [third]


def test_one_answer_after_an_outage_serves_all_that_was_missed() -> None:
    marks = {stage: DAY - timedelta(days=stage) for stage in STAGES}
    until = DAY + timedelta(days=10)
    days = due(marks, until)
    assert len(days) == len(set(days)) <= MOST
    assert due(moved(marks, told_all(days), until), until) == []


def test_a_figure_that_never_comes_is_given_up() -> None:
    marks = {stage: DAY - timedelta(days=stage) for stage in STAGES}
    assert min(due(marks, DAY + timedelta(days=100))) > DAY


def test_four_figures_of_an_article_are_kept() -> None:
    assert [n for n in range(40) if is_kept(DAY, DAY + timedelta(days=n))] == [0, 2, 6, 29]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.example.edu.cn/a/1.htm", "https://www.example.edu.cn/a/1.htm#top", True),
        ("https://www.example.edu.cn/a/", "https://WWW.example.edu.cn/a", True),
        ("https://www.example.edu.cn/a?id=1", "https://www.example.edu.cn/a?id=2", False),
        ("https://www.example.edu.cn/a/1", "https://www.example.edu.cn/a/10", False),
        ("", "", False),
        ("没有网址", "没有网址", False),
    ],
)
def test_two_addresses_of_one_page_are_known(one: str, other: str, same: bool) -> None:
    assert same_page(one, other) is same
