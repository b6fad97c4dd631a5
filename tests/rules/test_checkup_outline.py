"""Parts known by their headings however they are spelled; figures read as they are written; periods; lists."""

from __future__ import annotations

import pytest

from rules.checkup import Kind
from rules.checkup.numbers import Figure, figures, value_of
from rules.checkup.outline import Part, outlined
from tests.rules.old_reports import VOCATIONAL
from tests.rules.reading import found, kinds

SPELLINGS = (
    ("一、概述", "一、 概  述"),
    ("一、概述", "第一部分 概述"),
    ("一、概述", "一、信息公开工作基本情况"),
    ("二、主动公开情况", "二．主动公开情况"),
    ("二、主动公开情况", "二、主动公开信息及清单落实情况"),
    ("三、依申请公开和不予公开情况", "三、信息公开申请办理情况和不予公开情况"),
    ("四、对信息公开的评议情况", "四、师生员工和社会公众对信息公开的评价"),
    ("五、因学校信息公开工作受到举报、复议、诉讼的情况", "五、被举报、申请复议和提起诉讼的情况"),
    ("六、主要经验、问题和改进措施", "六、存在的不足及下一步打算"),
    ("七、其他需要报告的事项", "七、其它事项"),
    ("附件：清单事项公开情况表", "附件1：示例学院信息公开清单\n附件2：渠道统计表"),
    ("附件：清单事项公开情况表", "八、事项清单公开情况\n详见附表。"),
    ("统计期限为2020年9月1日至2021年8月31日", "统计期限为2020年9月至2021年8月"),
    ("统计期限为2020年9月1日至2021年8月31日", "统计期限为2020年9月1日—次年8月31日"),
    ("统计期限为2020年9月1日至2021年8月31日", "统计期限：2020/9/1-2021/8/31"),
    ("统计期限为2020年9月1日至2021年8月31日", "统计期限：２０２０-０９-０１至2021-08-31"),
    ("举报0件，行政复议0件，行政诉讼0件。", "本学年没有因信息公开工作受到举报、行政复议或行政诉讼。"),
    ("举报0件，行政复议0件，行政诉讼0件。", "本学年度，未发生上述情况。"),
    ("举报0件，行政复议0件，行政诉讼0件。", "无。"),
    ("收到意见建议12条，满意率96.5%。", "召开座谈会三次，师生代表八十人参加，普遍满意。"),
    ("坚持先审查、后公开。", "1. 坚持先审查。\n2. 坚持按月核对。"),
    ("个别栏目更新不够及时。", "公示期为2021年1月1日至2021年1月7日，《关于做好2020-2021年度预算公开的通知》已印发。"),
    ("组织培训1次", "召开专题会议2次，学习上级文件，组织培训1次"),
    ("学校网站公开66条", "学校网站信息公开专栏公开66条"),
)  # fmt: skip


@pytest.mark.parametrize(("usual", "other"), SPELLINGS)
def test_another_spelling_raises_no_alarm(usual: str, other: str) -> None:
    assert usual in VOCATIONAL
    assert found(VOCATIONAL.replace(usual, other, 1)) == []


def test_one_heading_may_be_that_of_two_parts() -> None:
    report = outlined(["四、评议、举报、复议、诉讼情况", "无。"])
    assert report.of(Part.JUDGED) == report.of(Part.COMPLAINED) != ()


def test_what_stands_below_a_list_of_attachments_is_of_no_part() -> None:
    date = "统计期限为2020年9月1日至2021年9月1日"
    several = f"附件：1.清单事项公开情况表\n2.渠道统计表\n示例学院\n{date}"
    [only] = found(VOCATIONAL.replace("附件：清单事项公开情况表", several))
    assert (only.kind, only.part, only.quoted) == (Kind.DAY_OFF, "", date)
    [only] = found(VOCATIONAL.replace("附件：清单事项公开情况表", f"附件：清单事项公开情况表\n{date}"))
    assert only.part == "附件：清单事项公开情况表"


def test_a_heading_and_its_text_may_stand_in_one_paragraph() -> None:
    [_, section] = outlined(["三、依申请公开情况：收到申请3件。已答复。"]).sections
    assert (section.heading.text, section.text) == ("三、依申请公开情况", "收到申请3件。已答复")


NUMBERS = (
    ("共计268条", [(268, "条", False)]),
    ("1,562篇", [(1562, "篇", False)]),
    ("5大类26个小项", [(5, "大类", False), (26, "小项", False)]),
    ("二十六个小项", [(26, "小项", False)]),
    ("一百零五条", [(105, "条", False)]),
    ("近1500条", [(1500, "条", True)]),
    ("1万余条", [(1, "条", True)]),
    ("3-5条", [(5, "条", True)]),
    ("第3次", []),
    ("2020年", []),
    ("〔2018〕80号", []),
    ("96.5%", []),
)


@pytest.mark.parametrize(("text", "wanted"), NUMBERS)
def test_figures_are_read_as_they_are_written(text: str, wanted: list[tuple[int, str, bool]]) -> None:
    assert [(each.value, each.unit, each.about) for each in figures(text)] == wanted


def test_a_figure_says_where_it_stands() -> None:
    assert figures("共 26 个小项。") == (Figure(26, "小项", 2, 8),)


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("二十", 20), ("三百零六", 306), ("两千", 2000), ("一九", None)]
)
def test_chinese_numerals_have_their_value(text: str, value: int | None) -> None:
    assert value_of(text) == value


LISTS = (
    ("公开信息分为3类：", ("1. 招生。", "2. 财务。"), "列出2类"),
    ("公开信息分为3类：", ("（1）招生。", "（2）财务。", "（3）人事。"), ""),
    ("主要有三项，包括：", ("1. 招生。", "2. 财务。", "3. 人事等。"), ""),
    ("分为四个方面：", ("①招生。", "②财务。", "③人事等。"), ""),
    ("公开2大类4个小项。", ("1. 招生，包括章程；计划。", "2. 财务，包括预算、决算。"), ""),
    ("公开2大类4个小项。", ("1. 招生，包括章程；计划。", "2. 财务，包括预算。"), "列出3个小项"),
    ("今年召开会议3次，办理了两类事项，部署如下工作。", ("1. 招生。", "2. 财务。", "3. 人事。"), ""),
)


@pytest.mark.parametrize(("head", "entries", "expected"), LISTS)
def test_what_is_announced_is_held_against_what_is_listed(head: str, entries: tuple[str, ...], expected: str) -> None:
    told = [
        each.expected for each in found("\n".join(["二、主动公开情况", head, *entries])) if each.kind is Kind.LISTED
    ]
    assert told == ([expected] if expected else [])


def test_a_list_within_its_paragraph_is_a_list() -> None:
    assert Kind.SUM in kinds("二、主动公开情况\n共计66条：1.学校工作47条；2.经济工作18条。")
    assert Kind.SUM not in kinds("二、主动公开情况\n共计66条：1.学校工作47条；2.经济工作19条。")


def test_a_year_is_a_day_off_up_to_three_days_and_another_period_beyond() -> None:
    line = "统计期限为2020年{}日至2021年8月31日"
    off = [day for day in ("8月28", "8月29", "8月31", "9月1", "9月2", "9月4", "9月5", "10月1")
           if Kind.DAY_OFF in kinds(line.format(day))]  # fmt: skip
    assert off == ["8月29", "8月31", "9月2", "9月4"]


def test_a_slot_that_nobody_has_written_in_is_named_and_answers_nothing() -> None:
    slot = "【待填写：举报、行政复议、行政诉讼的件数】"
    said = found(f"五、因学校信息公开工作受到举报、复议、诉讼的情况\n{slot}")
    assert [each.found for each in said if each.kind is Kind.UNFILLED] == [slot]
    assert len([each for each in said if each.kind is Kind.UNANSWERED]) >= 3
