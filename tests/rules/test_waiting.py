"""Why something may not leave yet: each reason in its turn, and none where nothing hinders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from rules.audience import Audiences
from rules.dates import Window, at
from rules.item import Review
from rules.routing import Target
from rules.school import ChannelSetting
from rules.waiting import Line, why_held, why_wait

DAY = date(2020, 9, 10)
REVIEWED = Review("主任", "可以公开", DAY)
NOON = at(DAY, time(12))
AUDIENCES = Audiences({"社会": (), "校内": ("社会",), "学生": ("校内",), "教职工": ("校内",)})
GROUP = Target(number="Q1", name="学生群", channel="groups", address="q1", audience="学生")
SETTING = ChannelSetting(name="groups", label="学生群", api_base="", window=Window(time(8), time(20)), pushes_a_day=2)
EMPTY = Line(0, None, False)


@dataclass(frozen=True, kw_only=True)
class Item:
    disclosure: str = "主动公开"
    audience: tuple[str, ...] = ("学生",)
    review: Review | None = REVIEWED
    hold: str = ""
    current: bool = True
    ends_on: date | None = None
    confirmed: bool = True


def held(item: Item, **over: Any) -> str:
    return why_held(item, GROUP, AUDIENCES, **{"exposure": None, "confirm": True, "today": DAY, **over})


def test_nothing_holds_a_reviewed_item_inside_its_audience() -> None:
    assert held(Item()) == "" and held(Item(ends_on=DAY)) == ""


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"hold": "王老师 取消"}, "王老师 取消"),
        ({"disclosure": "依申请公开"}, "公开属性为依申请公开"),
        ({"review": None}, "先审查、后公开"),
        ({"audience": ()}, "受众范围未填写"),
        ({"audience": ("教职工",)}, "超出范围"),
        ({"current": False}, "已有新版本"),
        ({"ends_on": DAY - timedelta(days=1)}, "期限 2020-09-09 已过"),
        ({"confirmed": False}, "确认模式：等待确认"),
    ],
)
def test_each_hold_is_named(over: dict[str, Any], words: str) -> None:
    assert words in held(replace(Item(), **over))


def test_a_channel_that_anybody_reads_is_held_whatever_its_target() -> None:
    assert "均可阅读，超出范围" in held(Item(), exposure="社会")


def test_outside_confirm_mode_nobody_is_asked() -> None:
    assert held(Item(confirmed=False), confirm=False) == ""


@pytest.mark.parametrize(
    ("line", "slots", "now", "urgent", "words"),
    [
        (EMPTY, (), NOON, False, ""),
        (Line(1, NOON, True), (), NOON, False, "上一条推送尚未发出"),
        (Line(2, NOON, False), (), NOON, True, "今日已达每天 2 次"),
        (EMPTY, (), at(DAY, time(20)), True, "不在 08:00—20:00 之间"),
        (EMPTY, (time(18),), NOON, False, "等待 09-10 18:00 合并推送"),
        (EMPTY, (time(18),), NOON, True, ""),
        (Line(1, at(DAY, time(12, 1)), False), (time(12), time(18)), at(DAY, time(13)), False, "等待 09-10 18:00"),
        (Line(1, at(DAY, time(11)), False), (time(12), time(18)), at(DAY, time(13)), False, ""),
    ],
)
def test_a_targets_next_push_waits_for_what_is_named_and_else_for_nothing(
    line: Line, slots: tuple[time, ...], now: Any, urgent: bool, words: str
) -> None:
    closed = "" if SETTING.window.holds(now) else SETTING.window.outside
    found = why_wait(replace(SETTING, slots=slots), line, now, closed=closed, urgent=urgent)
    assert words in found and bool(found) == bool(words)


def test_what_a_person_ordered_waits_only_for_the_push_before_it() -> None:
    night = at(DAY, time(23))
    facts = {"closed": "不在时段内", "urgent": True, "ordered": True}
    assert why_wait(SETTING, Line(5, None, False), night, **facts) == ""
    assert why_wait(SETTING, Line(0, None, True), night, **facts) != ""
