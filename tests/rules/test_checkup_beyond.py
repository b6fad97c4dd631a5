"""Figures that cannot be: more back than given out, more answered than received, more than the whole."""

from __future__ import annotations

import pytest

from rules.checkup import Kind
from rules.checkup.numbers import narrow
from tests.rules.reading import found

MAY_BE = (
    "收到信息公开申请1件。各部门通过部门网站答复师生提问12件。",
    "主动公开覆盖率达到计划目标的120%。",
    "发放问卷200份、回收200份，有效190份，满意率95%。",
    "线上发放问卷100份，线下发放问卷100份，共回收180份。",
    "向学生发放问卷200份，收回190份；向教师发放问卷100份，收回95份，共收回285份。",
    "发放问卷约200份，收回210份。",
    "发放宣传册200份，收回问卷210份。",
    "发放问卷200份，回收率95%，收回190份，不满意3份。",
    "回收问卷190份。开展满意度调查200份。",
    "满意率达到100%，比上年提高105%。",
    "满意率由95%提高到99%。",
    "培训完成率120%，占上年的150%，增长率200%。",
    "收到申请3件，已答复3件。",
    "收到申请3件，上年结转1件，答复4件。",
    "上期结转1件，本学年新收3件；办结3件，结转下期1件，逾期答复0件。",
    "上年遗留申请1件。\n收到申请3件，答复4件。",
    "收到申请3件，已全部答复；另有咨询12件，答复12件。",
    "收到申请3件，答复3件，其中予以公开2件；受理投诉4件，办结4件。",
    "收到申请3件，出具答复书4份。",
    "收到意见12条、建议20条，采纳15条。",
)

CANNOT = (
    ("发放问卷200份、回收210份。", "不多于200份", "回收210份"),
    ("问卷发放200份，共计满意者众，收回210份。", "不多于200份", "收回210份"),
    ("发放问卷200份（其中学生150份、教师50份），回收210份，有效205份。", "不多于200份", "回收210份"),
    ("发放问卷200份，收回190份，有效195份。", "不多于190份", "有效195份"),
    ("向学生发放问卷200份，收回190份；向教师发放问卷100份，收回105份。", "不多于100份", "收回105份"),
    ("师生满意率105%。", "不超过100%", "满意率105%"),
    ("清单事项公开率达到100.5％。", "不超过100%", "公开率100.5%"),
    ("收到申请3件，答复4件。", "不多于3件", "答复4件"),
    ("受理信息公开申请3件，其中招生类2件、财务类1件；已办结4件。", "不多于3件", "已办结4件"),
    ("收到师生意见5条；公开征求意见2次，收到意见9条，采纳12条。", "不多于9条", "采纳12条"),
)


def _said(text: str, kind: Kind = Kind.BEYOND) -> list[tuple[str, str]]:
    return [(each.expected, each.found) for each in found(text) if each.kind is kind]


@pytest.mark.parametrize("text", MAY_BE)
def test_what_may_be_raises_no_alarm(text: str) -> None:
    assert _said(text) == [] == _said(text, Kind.SUM)


@pytest.mark.parametrize(("text", "expected", "said"), CANNOT)
def test_what_cannot_be_is_told_once(text: str, expected: str, said: str) -> None:
    assert _said(text) == [(expected, said)]


def test_more_satisfied_than_came_back_is_told_once() -> None:
    text = "发放问卷200份，收回190份，其中满意195份（满意率95%）。"
    assert len(_said(text) + _said(text, Kind.SUM)) == 1


def test_applications_that_came_over_are_in_the_balance() -> None:
    text = "上期结转1件，本学年新收3件；办结4件，结转下期1件，逾期答复0件。"
    assert _said(text, Kind.SUM) == [("结转和新收1＋3＝4件", "办结和结转下期4＋1＝5件")]
    assert _said(text) == []


def test_two_numbers_behind_one_comma_are_not_one_in_the_thousands() -> None:
    for words in ("发出和收回数为300，280份", "网站、微信依次为20，110条", "各为20，110条", "分别为20，110条"):
        assert "," not in narrow(words)
    assert narrow("主动公开信息1，286条") == "主动公开信息1,286条"
