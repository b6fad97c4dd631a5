"""The number of items made public against what divides it: by audience or kind, in time or late."""

from __future__ import annotations

import pytest

from rules.checkup import Kind
from tests.rules.reading import found

RIGHT = (
    "本学年主动公开信息318条（上一学年120条），按受众范围分：社会169条、校内149条。按内容分为5个大类、18个小项：",
    "公开318条，按大类分，学校工作218条、经济工作100条；按受众分，社会169条、校内149条。",
    "公开318条，按受众分：社会169条、校内等140条。",
    "推送318条，按渠道分：网站318条、微信40条。",
    "公开318条，按受众分：社会169条。",
    "公开318条。收到意见49条，按来源分：网上20条、来信29条。",
    "按受众分：面向社会推送27条、31条次；面向教职工推送20条、24条次。",
    "本学年主动公开信息318条。在规定期限内（制作完成或获取后20个工作日）公开318条，没有逾期公开的条目。",
    "本学年主动公开信息318条。在规定期限内公开303条，逾期公开5条；没有形成日期、不能计算的10条。",
    "本学年主动公开信息318条，规定期限内公开303条、逾期5条，无法判断10条。",
    "本学年主动公开信息318条。财务信息在规定期限内公开20条，逾期1条。",
    "本学年主动公开信息318条。在规定期限内公开信息303条。",
    "本学年主动公开信息318条。在规定期限内公开303条，逾期5条，其中财务类2条。",
    "本学年主动公开信息318条。申请在规定期限内答复3件，逾期0件。",
    "在规定期限内公开303条，逾期公开5条。",
)

WRONG = (
    ("本学年主动公开信息418条（上一学年120条），按受众范围分：社会169条、校内149条。", "169＋149＝318条", "418条"),
    ("本学年主动公开信息318条，按受众范围分：社会169条、校内159条。按内容分为5个大类：", "169＋159＝328条", "318条"),
    ("公开318条，按大类分，甲218条、乙100条；按受众分，社会169条、校内159条。", "169＋159＝328条", "318条"),
    ("公开318条。收到意见49条，按来源分：网上20条、来信28条。", "20＋28＝48条", "49条"),
    ("本学年主动公开信息318条。在规定期限内（制作完成或获取后20个工作日）公开303条，逾期公开5条。", "303＋5＝308条", "318条"),
    ("本学年主动公开信息318条，规定期限内公开 303 条、逾期 5 条。", "303＋5＝308条", "318条"),
    ("本学年主动公开信息318条。在规定期限内公开303条，没有逾期公开的条目。", "303＋0＝303条", "318条"),
    ("本学年主动公开信息318条。在规定期限内公开303条，逾期5条；没有形成日期、不能计算的20条。", "303＋5＋20＝328条", "318条"),
    ("本学年共公开信息318条。制作后20个工作日内公开303条，逾期5条。", "303＋5＝308条", "318条"),
)  # fmt: skip


def _sums(text: str) -> list[tuple[str, str]]:
    said = found(f"二、主动公开情况\n{text}")
    return [(each.expected, each.found) for each in said if each.kind is Kind.SUM]


@pytest.mark.parametrize("text", RIGHT)
def test_a_division_that_is_right_or_may_be_of_something_else_raises_no_alarm(text: str) -> None:
    assert _sums(text) == []


@pytest.mark.parametrize(("text", "expected", "said"), WRONG)
def test_a_division_that_does_not_make_the_whole_is_told(text: str, expected: str, said: str) -> None:
    assert _sums(text) == [(expected, said)]


def test_the_terms_are_held_against_the_number_of_a_paragraph_before() -> None:
    lines = [
        "本学年主动公开信息318条：",
        "1.甲，共计218条。",
        "2.乙，共计100条。",
        "在规定期限内公开303条，逾期公开5条。",
    ]
    assert _sums("\n".join(lines)) == [("303＋5＝308条", "318条")]
