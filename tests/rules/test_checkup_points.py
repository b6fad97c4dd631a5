"""26个小项：1.规划；2.改革；…: a list of the 小项 themselves, counted against their number."""

from __future__ import annotations

import pytest

from rules.checkup import Kind
from tests.rules.reading import found

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖"
HEADS = (
    "共公开26个小项：",
    "共公开26个小项:",
    "共公开２６个小项，具体如下：",
    "主动公开5大类26个小项信息268条：",
    "共公开二十六个小项，共计268条，包括：",
)
NUMBERS = ("{}.", "{}．", "{}、", "（{}）", "({})", "{}）", "{} . ")


def _said(text: str) -> list[tuple[str, str]]:
    return [(each.expected, each.found) for each in found(f"二、主动公开情况\n{text}") if each.kind is Kind.LISTED]


def _marks(number: str, many: int) -> list[str]:
    return [f"{number.format(n)}第{'甲乙丙丁'[n % 4]}种事项" for n in range(1, many + 1)]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("lines", "between"), [("", "；"), ("", ";"), ("", "。"), ("\n", "；"), ("\n", "；\n"), ("\n", "\n")])
def test_a_numbered_list_of_the_points_themselves_is_counted_in_a_paragraph_or_over_several(
    number: str, between: str, lines: str
) -> None:
    head = f"共公开26个小项：{lines}"
    assert _said(head + between.join(_marks(number, 21))) == [("列出21个小项", "写26个小项")]
    assert _said(head + between.join(_marks(number, 26))) == []


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("between", ["；", "\n"])
def test_the_number_of_points_may_be_announced_with_that_of_kinds_and_of_items(head: str, between: str) -> None:
    for many, said in ((21, [("列出21个小项", "写26个小项")]), (26, [])):
        lines = head + between.strip("；")
        assert _said(lines + between.join(_marks("（{}）", many))) == said
        assert _said(lines + between.join(f"{CIRCLED[n]}事项" for n in range(many))) == said


def test_a_list_without_numbers_is_counted_by_its_semicolons() -> None:
    assert _said("共公开5个小项：规划；改革；招生。") == [("列出3个小项", "写5个小项")]
    assert _said("共公开5个小项，包括：规划；改革；招生；收费;奖助。") == []


RIGHT = (
    "公开信息涉及5大类，做好以下工作：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类，有以下特点：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类，具体举措：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类，通过以下渠道公开：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类，通过以下平台公开：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类，公开载体如下：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类26个小项，具体流程如下：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "公开信息涉及5大类26个小项，责任分工如下：\n1.公开甲乙丙。\n2.公开丁戊己。",
    "共5个小项：学校规划；改革；招生；收费；奖助；具体见专栏。",
    "共5个小项：学校规划；改革；招生；收费；奖助；网址略。",
    "共5个小项：学校规划；改革；招生；收费；奖助；按时更新。",
    "共公开5个小项：1.规划、计划、总结；2.制度、办法。",
    "共公开5个小项：规划、计划、总结；制度、办法。",
    "共公开26个小项：1.规划；2.改革；3.社团等。",
    "共公开26个小项：1.规划；2.改革；3.社团等内容。",
    "共公开26个小项：规划；改革；社团等。",
    "共公开26个小项，涉及3个部门：1.教务处；2.学生处；3.人事处。",
    "共公开26个小项，主要有：1.教务；2.学生；3.人事。",
    "共公开26个小项，其中：1.教务；2.学生；3.人事。",
    "共公开26个小项，主要包括：教务；学生；人事。",
    "近26个小项：1.规划；2.改革。",
    "共公开4个小项：1.教务；2.学生，3.人事；4.财务。",
    "共公开5大类26个小项：1.学校；2.经济；3.党风；4.教职工；5.学生。",
    "上年公开2个小项，今年公开3个小项：1.规划；2.改革；3.招生。",
    "共公开3个小项：规划；改革；招生；各项均已公开。",
    "共公开5个小项：学校工作：规划；改革。",
    "共公开3个小项：\n1.规划\n2.改革\n3.招生\n以上内容均已在网站、微信公开。",
    "共公开3个小项：1.规划。已公开；2.改革；3.招生。",
    "共公开4个小项：\n1.学校\n（1）规划\n（2）改革\n2.学生\n（1）招生\n（2）奖助",
    "公开信息共3类12项：（1）基本信息：章程、制度；（2）招生信息：计划；（3）财务信息：预算、决算。",
    "公开信息涉及5大类。工作中坚持以下三个原则：\n1.先审查。\n2.后公开。\n3.严考核。",
    "公开5大类信息，做到三个坚持：\n1.先审查。\n2.后公开。\n3.严考核。",
    "公开2个大类、5个小项，其中3个小项有公开条目：\n1.学校工作：规划；制度。\n2.经济：收费。",
    "共5个小项：规划；改革；招生；收费；奖助；详见附件。",
    "共5个小项：规划；改革；招生；收费；奖助；并逐项附链接。",
    "共5个小项：规划；改革；招生；收费；奖助；其余内容见附件。",
    "共3个小项：规划；改革；已出台的制度。",
    "公开信息涉及5大类26个小项，共268条，主要措施如下：\n1.审查：先审；后发。\n2.公开：网站。\n3.考核：年度。",
    "公开信息涉及5大类，主要途径如下：\n1.网站。\n2.微信。",
    "公开信息涉及5大类，主要做法有：\n1.先审查。\n2.后公开。",
    "全年公开5大类信息。统筹推进：\n1.抓审查。\n2.抓公开。\n3.抓考核。",
    "公开信息分为5类：\n1.招生。\n2.财务。\n3.人事等。",
    "共公开5个小项：\n1.规划\n2.改革\n5.招生",
    "共公开3个小项：1.教务；2.学生 3.人事。",
    "共公开4个小项：\n1.学校：规划；改革\n2.经济：收费；招生",
    f"共公开30个小项：{'；'.join(['很长的名称' * 10] * 30)}",
    f"共公开40个小项：{'；'.join(f'{chr(sign)}事项' for sign in (*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32B6)))}",
)

WRONG = (
    ("共7个小项：规划；改革；招生；收费；奖助；详见附件。", "列出5个小项", "写7个小项"),
    ("公开信息涉及5大类：\n1.学校。\n2.经济。", "列出2个大类", "写5个大类"),
    ("公开信息涉及5大类，共268条，内容如下：\n1.学校。\n2.经济。", "列出2个大类", "写5个大类"),
    ("主要措施有3个方面：\n1.先审查。\n2.后公开。", "列出2个方面", "写3个方面"),
    ("公开信息分为2类：\n1.招生。\n2.财务。\n3.人事等。", "列出3类", "写2类"),
    ("共公开5个小项：\n1.规划\n2.改革\n3.招生", "列出3个小项", "写5个小项"),
    (f"共公开26个小项：{'；'.join(f'{chr(sign)}事项' for sign in range(0x2460, 0x2474))}", "列出20个小项", "写26个小项"),
)


@pytest.mark.parametrize(("text", "expected", "said"), WRONG)
def test_a_list_that_is_shorter_or_longer_than_said_is_told(text: str, expected: str, said: str) -> None:
    assert _said(text) == [(expected, said)]


@pytest.mark.parametrize("text", RIGHT)
def test_a_list_that_is_right_open_or_of_something_else_raises_no_alarm(text: str) -> None:
    assert _said(text) == []
