"""One title from two sources within a month, by when they came or what day they are of, is perhaps one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules.twins import TOGETHER, Titled, twin_of

MINE = Titled(2, "登记表", "关于评选（优秀）学生的公示", date(2020, 10, 1), date(2020, 9, 30), placed=False)
OTHER = Titled(1, "网站", "关于评选（优秀）学生的公示", date(2020, 9, 20), date(2020, 9, 20), placed=False)
DAY = timedelta(days=1)


@pytest.mark.parametrize("title", ["关于评选(优秀)学生的公示", " 关于评选 （优秀） 学生的公示 "])
def test_a_title_is_the_same_however_its_signs_are_written(title: str) -> None:
    assert twin_of(MINE, [replace(OTHER, title=title)]) is not None


def test_another_title_or_the_same_source_is_none() -> None:
    assert twin_of(MINE, [MINE, replace(OTHER, title="关于评选学生的通知"), replace(OTHER, watch="登记表")]) is None


def test_one_that_came_later_counts_only_if_it_has_gone_somewhere() -> None:
    later = replace(OTHER, item_id=3, came_on=MINE.came_on + DAY)
    assert twin_of(MINE, [later]) is None and twin_of(MINE, [replace(later, placed=True)]) is not None


@pytest.mark.parametrize("sign", [1, -1])
def test_more_than_a_month_apart_on_either_side_it_is_another_unless_both_are_of_one_day(sign: int) -> None:
    far = replace(OTHER, placed=True, came_on=MINE.came_on + sign * (TOGETHER + DAY), day=None)
    assert twin_of(MINE, [far]) is None
    assert twin_of(MINE, [replace(far, came_on=MINE.came_on + sign * TOGETHER)]) is not None
    assert twin_of(MINE, [replace(far, day=MINE.day)]) is not None
