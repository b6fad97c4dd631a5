"""A title is shown to whom the fence permits it; to anybody else the item's number stands for it."""

from __future__ import annotations

import pytest

from rules.naming import items_in, named, told


@pytest.mark.parametrize("title", ["关于评奖的公示", "关于“十四五”规划”的通知", "字" * 300, "条目 9“甲”", ""])
def test_nothing_of_a_title_is_left_where_it_may_not_be_shown(title: str) -> None:
    text = f"{named(12, title)}等 3 条发往“学生群”，失败：群已解散"
    assert items_in(text) >= {12}
    assert told(text, lambda item: item != 12) == "条目 12 等 3 条发往“学生群”，失败：群已解散"
    assert told(text, lambda _item: True) == text


def test_quotation_marks_inside_a_title_become_single_ones() -> None:
    assert named(3, "关于“十四五”规划的通知") == "条目 3“关于‘十四五’规划的通知”"


def test_a_text_that_names_no_item_stays_as_it_is() -> None:
    assert told("监看“登记表”读取失败", lambda _item: False) == "监看“登记表”读取失败"
