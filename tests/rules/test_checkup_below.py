"""A total and the paragraphs below it, one a category without a number of its own."""

from __future__ import annotations

import pytest

from rules.checkup import Kind
from tests.rules.reading import found

HEADS = (
    "主动公开5大类26个小项信息268条：",
    "本学年共公开5大类26个小项信息268条：",
    "本学年共公开268条：",
    "公开信息共268条，具体如下：",
    "本学年共公开信息２６８条:",
    "主动公开信息268条（上一学年120条），分为五大类：",
    "全年主动公开信息268条。按内容分类如下：",
    "信息共计268条，各类分布如下。",
    "共公开信息268条，分类如下：",
    "共公开信息268条，分类情况如下：",
    "共公开信息268条。具体如下：",
    "共公开信息268条。具体分布如下：",
    "共公开信息268条。其分布为：",
    "共公开信息268条，具体包括以下内容：",
)
SHAPES = (
    "{name}{figure}条：规划12条、改革30条等。",
    "{name}{figure}条:规划12条。",
    "{name}（{figure}条）：规划12条。",
    "{name}({figure}条):规划12条。",
    "{name}，共计{figure}条，包括规划12条。",
    "{name}：{figure}条。",
    "{name}，{figure}条；",
    "{name}{figure}条。",
)
NAMES = ("学校工作的重大事项", "重大经济工作", "党风廉政类", "教职工切身利益", "学生管理类")


def _sums(text: str) -> list[tuple[str, str]]:
    return [(each.expected, each.found) for each in found(f"二、主动公开情况\n{text}") if each.kind is Kind.SUM]


def _below(head: str, shape: str, *figures: int) -> str:
    lines = [shape.format(name=name, figure=figure) for name, figure in zip(NAMES, figures, strict=True)]
    return "\n".join([head, *lines])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("head", HEADS)
def test_categories_in_paragraphs_of_their_own_are_held_against_the_total_however_it_is_announced(
    head: str, shape: str
) -> None:
    assert _sums(_below(head, shape, 147, 19, 15, 18, 114)) == [("147＋19＋15＋18＋114＝313条", "268条")]
    assert _sums(_below(head, shape, 102, 19, 15, 18, 114)) == []


NUMBERED = ("{}.{}{}条：规划12条，改革3条。", "（{}）{}{}条：规划12条，改革3条。", "{}、{}（{}条）：规划12条，改革3条。")


@pytest.mark.parametrize("entry", NUMBERED)
@pytest.mark.parametrize("between", ["\n", ""])
def test_a_numbered_category_may_have_its_figure_behind_its_name_and_more_figures_behind_the_colon(
    entry: str, between: str
) -> None:
    head = "共公开信息268条："
    for figures, said in (((147, 19, 114), [("147＋19＋114＝280条", "268条")]), ((135, 19, 114), [])):
        entries = [entry.format(n, NAMES[n], figure) for n, figure in enumerate(figures, start=1)]
        assert _sums(head + between + between.join(entries)) == said


CLEAN = (
    "共公开信息268条，其中：\n学校工作147条：略。\n经济19条：略。",
    "共公开信息268条，重点领域如下：\n招生47条：略。\n财务19条：略。",
    "共公开信息268条：\n网站公开268条：略。\n微信公众号公开147条：略。",
    "共公开信息268条：\n学校工作149条：略。\n经济19条：略。\n此外，党风廉政、教职工、学生共100条。",
    "共公开信息268条：\n学校工作149条：略。\n经济类信息若干。\n学生类119条：略。",
    "共公开信息268条：\n学校工作149条：\n规划100条：略。\n改革49条：略。\n经济119条：略。",
    "共公开信息268条：\n学校工作149条：略。\n规划100条：略。\n改革49条：略。\n经济119条：略。",
    "共公开信息268条：\n学校工作149条：略。\n另有制度119条：略。",
    "共公开信息268条：\n校内公开168条：略。\n校外公开100条：略。\n文字200条：略。\n视频68条：略。",
    "共公开信息约268条：\n学校工作149条：略。\n经济19条：略。",
    "共公开信息268条：\n学校工作149条：略。\n经济100余条：略。",
    "共公开5大类信息268条：\n学校工作149条：略。\n经济19条：略。",
    "共公开信息268条。存在的不足如下：\n学校工作149条：略。\n经济19条：略。",
    "共公开信息268条：\n学校工作168条：略。\n经济100条：略。\n门户网站公开268条，微信推送40条。",
    "共公开信息268条：\n学校工作168条：略。\n经济100条：略。\n以上合计268条。",
    "共公开信息268条：\n学校工作168篇：略。\n经济100条：略。\n学生168条：略。",
    "共公开信息320条，公开量居前的部门：\n教务处120条。\n学生处80条。",
    "共公开信息320条，公开较多的部门如下：\n教务处120条。\n学生处80条。",
    "共公开信息320条，部门排名前三位是：\n教务处120条。\n学生处80条。\n后勤处60条。",
    "共收到意见20条，已采纳意见如下：\n教学类3条：略。\n后勤类2条：略。",
    "共收到意见20条，已采纳意见如下：\n1.教学类3条：略。\n2.后勤类2条：略。",
    "共制定制度12项，新制定的有：\n教学类3项：略。\n后勤类2项：略。",
    "共制定制度12项，新制定的有：\n1.教学类3项：略。\n2.后勤类2项：略。",
    "共公开信息320条，覆盖：\n教学类公开课件120条。\n科研类公开项目80条。",
    "共公开信息268条：\n1.学校工作147条：其中规划共计12条。\n2.经济121条：略。",
    "共公开信息268条：\n1.学校工作12条：上半年略，共计147条。\n2.经济121条：略。",
    "共公开信息268条：\n学校工作147条：略。\n①规划100条：略。\n②改革40条：略。\n经济121条：略。",
    "共公开信息268条：\n学校工作147条信息已在网站发布。\n经济19条信息已在网站发布。",
    "共公开268条（学校工作、经济等）：\n学校工作168条\n经济90条",
    "共公开招生信息10条、财务信息20条，具体为：\n普通招生5条\n单独招生5条",
    "共公开信息268条，具体如下：\n一级类目168条\n二级类目268条",
    *(
        f"共公开信息268条，包括：\n学校工作168条。\n经济50条。\n{rest}"
        for rest in (
            "其余见附表。", "（其他类别略）", "……", "其余为校内公开信息。", "等", "学生类若干。", "其余各类已在信息公开专栏逐条列出，不再重复。",
        )
    ),
)
SOME = ("其中规划", "此外制度", "另有制度", "比去年多", "较去年多", "上年", "增加", "减少", "推送", "应当公开", "以上")


@pytest.mark.parametrize("text", CLEAN)
def test_paragraphs_that_add_up_or_may_not_be_all_there_are_raise_no_alarm(text: str) -> None:
    assert _sums(text) == []


@pytest.mark.parametrize("name", SOME)
def test_what_is_compared_or_of_another_kind_is_no_category(name: str) -> None:
    assert _sums(f"共公开信息268条：\n学校工作147条：略。\n{name}19条。") == []


def test_a_heading_behind_the_categories_ends_them_and_any_other_text_may_go_on() -> None:
    lines = "共公开信息268条，包括：\n学校工作168条。\n经济50条。\n"
    assert _sums(f"{lines}（二）公开途径") == [("168＋50＝218条", "268条")]
    for more in (
        "规章制度类50件，包括学校章程、教学管理办法、学生管理规定、财务制度等。",
        "教职工切身利益：公开了职称评审、岗位聘任、评优评先等信息若干，详见专栏。",
        "后附学生管理、教学科研、后勤保障等其他各类信息公开情况的详细清单。",
        "学校通过门户网站、信息公开专栏和微信公众号及时发布上述信息。",
    ):
        assert _sums(lines + more) == []


def test_more_than_the_total_is_too_much_whatever_stands_behind() -> None:
    lines = "共公开信息268条：\n学校工作{}条：略。\n经济100条：略。\n另有制度119条，均已公开。"
    assert _sums(lines.format(200)) == [("200＋100＝300条", "268条")]
    assert _sums(lines.format(100)) == []


def test_the_list_ends_at_what_sums_it_up() -> None:
    text = "共公开信息290条，具体为：\n管理制度85条\n教育教学120条\n财务后勤65条\n合计270条"
    assert _sums(text) == [("85＋120＋65＝270条", "290条")]
