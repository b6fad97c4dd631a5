"""一是…；二是…: counted against the number said right before them."""

from __future__ import annotations

import pytest

from rules.checkup import Kind
from tests.rules.reading import found

RIGHT = (
    "存在三个方面的问题：一是意识不强；二是渠道不多，原因有两点：一是人少，二是钱少；三是内容不全。",
    "存在以下三个问题：一是甲；二是乙；三是丙。",
    "存在三个突出问题：一是甲；二是乙；三是丙。改进措施有两个方面：一是甲；二是乙。",
    "主要表现在以下几个方面：一是甲。二是乙。",
    "存在十余个问题：一是甲；二是乙。",
    "存在2-3个问题：一是甲；二是乙。",
    "制定制度3项，一是甲，二是乙。",
    "公开信息300条，一是甲，二是乙。",
    "2个学院、3个部门存在问题：一是甲；二是乙。",
    "第三个方面：一是甲；二是乙。",
    "抓好三项工作，取得成效：一是甲；二是乙。",
    "存在三个问题：统一是前提，二是乙。",
    "将从三方面着手：一是甲；二是乙；三是丙。",
    "存在以下三个问题：\n一是甲。\n二是乙。\n三是丙。\n采取两条措施：\n一是甲。\n二是乙。",
)

WRONG = (
    ("存在以下三个问题：一是甲；二是乙。", "列出2个问题", "写3个问题"),
    ("存在以下三个问题：一是甲。二是乙。", "列出2个问题", "写3个问题"),
    ("存在以下三个问题：\n一是甲。\n二是乙。", "列出2个问题", "写3个问题"),
    ("主要存在三个问题，一是甲，二是乙。", "列出2个问题", "写3个问题"),
    ("存在三方面问题：一是甲；二是乙。", "列出2个方面", "写3个方面"),
    ("主要有2点不足：一是甲；二是乙；三是丙。", "列出3点不足", "写2点不足"),
    ("存在三个比较突出的问题：一是甲；二是乙。", "列出2个", "写3个"),
    ("采取以下四条措施：一是甲；二是乙；三是丙。", "列出3条措施", "写4条措施"),
    ("主要有三项：一是甲；二是乙。", "列出2项", "写3项"),
    ("将从四方面着手：一是甲；二是乙；三是丙。", "列出3个方面", "写4个方面"),
    ("下一步将从四个方面改进：一是甲；二是乙；三是丙。", "列出3个方面", "写4个方面"),
    ("存在三个问题：一是甲；二是乙；三是丙。采取三项措施：一是甲；二是乙。", "列出2项措施", "写3项措施"),
)


def _said(text: str) -> list[tuple[str, str]]:
    told = [each for each in found(f"六、主要经验、问题和改进措施\n{text}") if each.kind is Kind.LISTED]
    return [(each.expected, each.found) for each in told]


@pytest.mark.parametrize("text", RIGHT)
def test_points_that_are_as_many_as_said_or_of_which_none_is_said_raise_no_alarm(text: str) -> None:
    assert _said(text) == []


@pytest.mark.parametrize(("text", "expected", "said"), WRONG)
def test_points_that_are_not_as_many_as_said_are_told(text: str, expected: str, said: str) -> None:
    assert _said(text) == [(expected, said)]
