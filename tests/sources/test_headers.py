from __future__ import annotations

import re

import pytest

from config.places import HOME
from rules.columns import ALIASES, CHANNELS, HINTS, NEEDED, SPAN, UNREAD
from sources.headers import header_of, name_of, nearly_header, own_headers


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("信息编号", "编号"),
        ("登记编号", "编号"),
        ("受众范围（必填）", "受众范围"),
        ("受众范围\n(社会/校内)", "受众范围"),
        ("* 标 题", "标题"),
        ("公　开　事　项", "标题"),
        ("发文字号", "文号"),
        ("报送部门：", "责任部门"),
        ("保密审查人", "审查人"),
        ("审批日期", "批准日期"),
        ("公示期（起）", "公示起"),
        ("公示期", SPAN),
        ("原文链接（ＵＲＬ）", "链接"),
        ("url", "链接"),
        ("是否紧急?", "紧急"),
        ("具体事项", "标题"),
        ("科室", "责任部门"),
        ("处室（部门）", "责任部门"),
        ("生成日期", "形成日期"),
        ("审核结果", "审查结论"),
        ("知悉范围", "受众范围"),
        ("不予公开依据", "不公开理由"),
        ("公开形式", ""),
        ("序号", ""),
        ("是否逾期", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_header_is_known_by_what_offices_write(written: object, name: str) -> None:
    assert name_of(written) == name


def test_no_word_stands_for_two_columns() -> None:
    words = [word for name, others in ALIASES.items() for word in (name, *others.split())]
    words += [*UNREAD.split(), *CHANNELS.split()]
    assert len(words) == len(set(words))


def test_every_column_that_is_needed_or_suggested_exists() -> None:
    assert {*NEEDED, *(name for _, name in HINTS)} <= ALIASES.keys()


def test_the_schools_own_header_goes_before_ours() -> None:
    own = own_headers({"议 定 事 项（全称）": "标题", "公开范围": "备注", "序号": "编号"})
    assert [name_of(text, own) for text in ("议定事项(全称)", "公开范围", "序号", "部门")] == [
        "标题",
        "备注",
        "编号",
        "责任部门",
    ]


@pytest.mark.parametrize(
    ("unknown", "near"),
    [
        ("事由", "标题"),
        ("具体事项情况", "标题"),
        ("主管领导签发", "审查人"),
        ("面向哪些人", "受众范围"),
        ("责任部门", ""),
        ("甲", ""),
    ],
)
def test_the_nearest_column_is_one_that_the_sheet_has_not_yet(unknown: str, near: str) -> None:
    header = nearly_header([["部门", "类别", "文号", unknown]])
    assert header
    assert header.nearest(unknown) == near


def test_rows_of_text_look_like_no_header() -> None:
    assert nearly_header([["填表说明"], ["请各单位、各部门逐项填写，审核后报送"], ["甲", "乙", "丙"]]) is None


def test_the_header_is_found_below_a_title_and_who_made_the_sheet() -> None:
    rows = [
        ["示例学院信息公开登记表"],
        [],
        ["填表人", "张某"],
        ["序号", "信息名称", "部门", "类别"],
        [1, "标题", "办公室", "x"],
    ]
    header = header_of(rows)
    assert header
    assert (header.row, header.columns) == (4, {"标题": 1, "责任部门": 2, "大类": 3})


def test_without_a_title_column_or_too_deep_there_is_no_header() -> None:
    assert header_of([["部门", "类别", "文号", "备注"]]) is None
    assert header_of([[]] * 15 + [["标题", "部门", "类别"]]) is None


def test_the_first_of_two_columns_that_mean_the_same_wins() -> None:
    header = header_of([["标题", "部门", "类别", "报送部门"]])
    assert header
    assert header.columns["责任部门"] == 1
    assert header.twice == (("责任部门", "部门", "报送部门"),)


def test_the_offices_guide_names_only_columns_there_are_and_both_readmes_lead_to_it() -> None:
    guide = "docs/登记表填写说明.md"
    rows = re.findall(r"^\| ([^|]+) \| ", (HOME / guide).read_text(encoding="utf-8"), re.MULTILINE)
    named = [name for row in rows[1:] for name in row.split("、")]
    assert len(named) > 20
    assert [name for name in named if name_of(name) != name] == []
    assert set(NEEDED) <= set(named)
    for readme in ("README.md", "README.zh-CN.md"):
        text = (HOME / readme).read_text(encoding="utf-8")
        assert f"]({guide})" in text
        assert "[headers]" in text
