"""What must be true of an item before it may leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.item import (
    CLOSED,
    CONSENTS,
    MAY_OPEN,
    ON_REQUEST,
    OPEN,
    Attachment,
    Place,
    Problem,
    Review,
    conclusion_of,
    disclosed_on,
    examine,
    gate,
    is_disclosed,
)
from tests.factory import a_school, an_entry

SCHOOL = a_school()
DAY = date(2020, 9, 10)
REVIEW = Review("学校办公室主任", MAY_OPEN, DAY)


def problems(**over: Any) -> list[tuple[str, str]]:
    found = examine(an_entry(**over), SCHOOL.taxonomy, SCHOOL.audiences.parents, DAY)
    assert all(p.fix and p.text for p in found)
    return [(p.column, p.text) for p in found]


def test_a_row_with_everything_in_it_has_no_problem() -> None:
    assert problems() == []
    assert problems(audience=("教职工",), inner_reason="内部管理事项") == []
    assert problems(audience=("学生", "社会")) == []


@pytest.mark.parametrize(
    ("over", "column", "words"),
    [
        ({"title": ""}, "标题", "标题为空"),
        ({"title": "=HYPERLINK(1)"}, "标题", "公式"),
        ({"title": "@SUM(A1)"}, "标题", "公式"),
        ({"category": ""}, "大类", "未填写"),
        ({"category": "别的"}, "大类", "没有“别的”这一大类"),
        ({"sub_item": ""}, "小项", "未填写"),
        ({"sub_item": "费用支出情况"}, "小项", "不属于大类"),
        ({"list_items": (1, 77)}, "清单编号", "第77项"),
        ({"disclosure": ""}, "公开属性", "未填写"),
        ({"disclosure": "公开"}, "公开属性", "没有“公开”"),
        ({"audience": ()}, "受众范围", "不按社会公开处理"),
        ({"audience": ("家长",)}, "受众范围", "没有“家长”"),
        ({"audience": ("校内",)}, "校内公开理由", "应说明理由"),
        ({"approved_on": None}, "批准日期", "未填写"),
        ({"formed_on": date(2020, 9, 11)}, "批准日期", "早于形成日期"),
        ({"notice_from": DAY, "notice_to": date(2020, 9, 9)}, "公示止", "早于公示起"),
        ({"review": replace(REVIEW, conclusion="")}, "审查结论", "没有审查结论"),
        ({"review": replace(REVIEW, conclusion="不予公开")}, "审查结论", "不得主动公开"),
        ({"review": replace(REVIEW, reviewer="")}, "审查人", "没有审查人"),
        ({"review": replace(REVIEW, on=None)}, "批准日期", "没有审查时间"),
    ],
)
def test_each_mistake_is_named_with_its_column_and_its_fix(over: dict[str, Any], column: str, words: str) -> None:
    [(where, text)] = problems(**over)
    assert where == column
    assert words in text


@pytest.mark.parametrize(
    "said", ["同意", "同意公开", "准予公开", "通过", "可公开", "审核通过", " 同 意 公 开。", "“可以公开”"]
)
def test_plain_consent_is_consent_however_the_reviewer_writes_it(said: str) -> None:
    review = replace(REVIEW, conclusion=conclusion_of(said))
    assert problems(review=review) == []
    assert gate(OPEN, ["社会"], review, "", DAY).open


@pytest.mark.parametrize("said", ["不同意", "不宜公开", "暂缓", "退回。", "不予公开", "审核不通过", "暂不公开"])
def test_a_refusal_stays_one(said: str) -> None:
    review = replace(REVIEW, conclusion=conclusion_of(said))
    assert [text for _, text in problems(review=review)] == [f"审查结论为“{review.conclusion}”，不得主动公开"]
    assert not gate(OPEN, ["社会"], review, "", DAY).open


@pytest.mark.parametrize(
    "said",
    [
        "部分公开",
        "修改后公开",
        "拟同意",
        "同意，但须隐去姓名",
        "同意(校内)",
        "原则同意",
        "已审查",
        "不涉密，可以公开",
        "同意不公开",
        "同意?",
    ],
)
def test_a_conclusion_that_may_mean_either_is_held_and_asks_for_a_plain_one(said: str) -> None:
    review = replace(REVIEW, conclusion=conclusion_of(said))
    [found] = examine(an_entry(review=review), SCHOOL.taxonomy, SCHOOL.audiences.parents, DAY)
    assert found.text == f"审查结论“{said}”看不出是否同意公开，先拦下"
    assert found.fix == "请由审查人明确，写“可以公开”或“不予公开”"
    assert not gate(OPEN, ["社会"], review, "", DAY).open


@given(st.sampled_from(CONSENTS), st.text("但不暂拟部分须先后改，、（）校内前提条件如无", min_size=1, max_size=8))
def test_no_condition_beside_a_consent_ever_opens_the_gate(consent: str, condition: str) -> None:
    for said in (consent + condition, condition + consent):
        if conclusion_of(said) not in CONSENTS:
            assert not gate(OPEN, ["社会"], replace(REVIEW, conclusion=said), "", DAY).open
        else:
            assert said in CONSENTS


TOMORROW = date(2020, 9, 11)


@pytest.mark.parametrize("disclosure", [OPEN, CLOSED])
@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"review": replace(REVIEW, on=TOMORROW)}, "审查日期2020-09-11晚于今天，先拦下"),
        ({"approved_on": TOMORROW}, "批准日期2020-09-11晚于今天，先拦下"),
        ({"approved_on": TOMORROW, "review": replace(REVIEW, on=TOMORROW)}, "审查日期2020-09-11晚于今天，先拦下"),
    ],
)
def test_what_is_dated_tomorrow_has_not_been_reviewed_yet_and_is_told_once(
    over: dict[str, Any], word: str, disclosure: str
) -> None:
    assert problems(**{"review": REVIEW, "disclosure": disclosure, **over}) == [("批准日期", word)]


@given(st.integers(-400, 400))
def test_the_gate_opens_for_no_review_of_a_day_to_come(days: int) -> None:
    found = gate(OPEN, ["社会"], replace(REVIEW, on=DAY + timedelta(days=days)), "", DAY)
    assert found.open == (days <= 0)
    assert found.open or "晚于今天" in found.reason


def test_all_mistakes_of_a_row_are_told_at_once() -> None:
    found = dict(problems(title="", category="", disclosure="", review=None))
    assert set(found) == {"标题", "大类", "公开属性"}
    assert set(dict(problems(audience=(), review=replace(REVIEW, conclusion="")))) == {"受众范围", "审查结论"}


def test_no_review_at_all_is_no_mistake_it_waits_for_one_and_the_gate_stays_shut() -> None:
    assert problems(review=None, approved_on=None) == []
    assert not gate(OPEN, ["社会"], None, "", DAY).open


def test_what_a_source_could_not_read_is_told_once() -> None:
    unread = Problem(Place("登记表.xlsx", "2020", 3), "批准日期", "“明天”无法识别为日期", "请改为 2020-09-01")
    found = examine(an_entry(approved_on=None, problems=(unread,)), SCHOOL.taxonomy, SCHOOL.audiences.parents, DAY)
    assert found == (unread,)


@pytest.mark.parametrize("disclosure", [ON_REQUEST, CLOSED])
def test_what_is_not_disclosed_needs_no_review_and_no_audience(disclosure: str) -> None:
    assert problems(disclosure=disclosure, review=None, audience=(), approved_on=None) == []


@pytest.mark.parametrize(
    ("column", "over"),
    [
        ("责任部门", {"department": "处" * 101}),
        ("文号", {"doc_no": "某政〔2020〕" + "1" * 100}),
        ("编号", {"number": "A" * 101}),
        ("链接", {"url": "https://www.example.edu.cn/" + "a" * 1000}),
        ("标题", {"title": "长" * 40_000}),
        ("摘要", {"summary": "长" * 40_000}),
        ("校内公开理由", {"audience": ("校内",), "inner_reason": "长" * 40_000}),
        ("审查依据", {"review": replace(REVIEW, basis="长" * 40_000)}),
    ],
)
def test_a_cell_longer_than_the_store_keeps_is_a_problem_of_its_row(column: str, over: dict[str, Any]) -> None:
    """PostgreSQL and MariaDB refuse it, and with it the whole look: one row would stop the column for good."""
    assert [where for where, _ in problems(**over)] == [column]


@pytest.mark.parametrize(
    "over",
    [
        {"category": "长" * 40_000},
        {"sub_item": "长" * 40_000},
        {"disclosure": "长" * 40_000},
        {"audience": ("长" * 40_000,)},
        {"review": replace(REVIEW, conclusion="长" * 40_000)},
    ],
)
def test_a_problem_quotes_no_more_of_a_cell_than_finds_it(over: dict[str, Any]) -> None:
    found = problems(**over)
    assert found
    assert all(len(text) < 200 for _, text in found)


# -- versions


@pytest.mark.parametrize(
    "over",
    [
        {"title": "改"}, {"body": "<p>改</p>"}, {"summary": "改"}, {"audience": ("校内",)}, {"attachments": (Attachment("表"),)},
        {"review": replace(REVIEW, reviewer="别人")}, {"disclosure": CLOSED}, {"urgent": True}, {"notice_to": DAY},
    ],
)  # fmt: skip
def test_whatever_a_reader_or_reviewer_would_see_makes_a_new_version(over: dict[str, Any]) -> None:
    entry = an_entry()
    assert replace(entry, **over).digest() != entry.digest()


def test_where_an_item_stands_is_no_part_of_it() -> None:
    entry = an_entry()
    unread = Problem(entry.place, "备注", "看不清", "请核对")
    moved = replace(entry, source="乙", place=Place("b.xlsx", "t", 99), problems=(unread,))
    assert moved.digest() == entry.digest()


# -- the gate


@pytest.mark.parametrize("disclosure", [OPEN, ON_REQUEST, CLOSED, ""])
@pytest.mark.parametrize("audience", [(), ("社会",)])
@pytest.mark.parametrize("hold", ["", "有人叫停"])
@pytest.mark.parametrize(
    "review",
    [
        None,
        REVIEW,
        replace(REVIEW, reviewer=""),
        replace(REVIEW, on=None),
        replace(REVIEW, conclusion="不予公开"),
        replace(REVIEW, conclusion=""),
    ],
)
def test_the_gate_opens_only_for_what_is_reviewed_open_addressed_and_not_held(
    disclosure: str, audience: tuple[str, ...], hold: str, review: Review | None
) -> None:
    found = gate(disclosure, audience, review, hold, DAY)
    assert found.open == (disclosure == OPEN and audience == ("社会",) and not hold and review == REVIEW)
    assert found.reason
    if hold:
        assert found.reason == hold


def test_a_columns_standing_review_is_never_printed_as_one_of_this_item() -> None:
    assert gate(OPEN, ["社会"], replace(REVIEW, kind="栏目审核"), "", DAY).reason.startswith("栏目审核")
    assert gate(OPEN, ["社会"], REVIEW, "", DAY).reason.startswith("逐项审查")


def test_the_day_of_disclosure_is_the_sources_own_else_that_of_the_first_push() -> None:
    late = datetime(2021, 8, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert disclosed_on(DAY, late) == DAY
    assert disclosed_on(None, late) == date(2021, 8, 31)
    assert disclosed_on(None, None) is None


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("taken", [True, False])
def test_a_date_alone_discloses_nothing_that_is_not_open_and_was_not_pushed(
    dated: bool, is_open: bool, taken: bool
) -> None:
    assert is_disclosed(dated, is_open, taken) is (dated and (is_open or taken))


@pytest.mark.parametrize(
    ("title", "to", "notice"), [("拟录取名单公示", None, True), ("通知", DAY, True), ("通知", None, False)]
)
def test_a_public_notice_is_known_by_its_title_or_its_end(title: str, to: date | None, notice: bool) -> None:
    assert an_entry(title=title, notice_to=to).is_notice is notice
