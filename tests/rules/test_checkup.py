"""旧报告体检: every fault of the faulty report is found, nothing is found in the clean ones, one break gives one finding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.checkup import Finding, check
from tests.rules.old_reports import CLEAN, FAULTY, VOCATIONAL


def found(text: str) -> list[Finding]:
    return check(text.split("\n"))


def kinds(text: str) -> list[str]:
    return [each.kind for each in found(text)]


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_report_raises_no_alarm(name: str) -> None:
    assert found(CLEAN[name]) == []


def test_the_faults_of_the_faulty_report_are_all_named() -> None:
    by_kind: dict[str, list[Finding]] = {}
    for each in found(FAULTY):
        by_kind.setdefault(each.kind, []).append(each)
    [wrong] = by_kind["合计不符"]
    assert (wrong.expected, wrong.found) == ("147＋19＋15＋18＋114＝313条", "268条")
    assert [(each.expected, each.found) for each in by_kind["数目不符"]] == [("列出21个小项", "写26个小项")]
    assert [each.expected for each in by_kind["缺少标题"]] == ["先有（二）"]
    assert "举报的件数" in "".join(each.expected for each in by_kind["没有答复"])
    assert "诉讼的件数" in "".join(each.expected for each in by_kind["没有答复"])
    assert "评议的方式和数量" in "".join(each.expected for each in by_kind["没有答复"])
    assert "渠道没有数字" in by_kind and "缺少部分" in by_kind
    ways = {each.expected for each in by_kind["途径不一致"]}
    assert {"在公开途径中说明QQ群", "在公开途径中说明短信", "前面也提到手册"} == ways
    assert all(1 <= each.paragraph <= 40 and each.fix for many in by_kind.values() for each in many)


BREAKS = [
    ("共计66条", "共计67条", "合计不符", "66条"),
    ("5个小项", "6个小项", "数目不符", "列出5个小项"),
    ("2大类", "3大类", "数目不符", "列出2个大类"),
    ("2021年8月31日", "2021年9月1日", "期限差一日", "2021-08-31"),
    ("2020年9月1日至", "2020年8月31日至", "期限差一日", "2020-09-01"),
    ("（二）存在的问题\n", "", "缺少标题", "先有（二）"),
    ("举报0件，", "", "没有答复", "举报"),
    ("没有收取费用，没有减免。", "", "没有答复", "收费"),
    ("，学生QQ群推送18次", "", "途径不一致", "QQ群"),
    ("附件：清单事项公开情况表", "", "缺少部分", "清单"),
    ("七、其他需要报告的事项\n无。\n", "", "缺少部分", "其他"),
    ("收到意见建议12条，满意率96.5%。", "反映良好。", "没有答复", "评议"),
]


@pytest.mark.parametrize(("old", "new", "kind", "says"), BREAKS)
def test_one_break_gives_that_one_finding(old: str, new: str, kind: str, says: str) -> None:
    assert VOCATIONAL.count(old) >= 1
    [only] = found(VOCATIONAL.replace(old, new, 1))
    assert only.kind == kind and says in only.expected


def test_parts_in_brackets_are_added_up_and_those_after_of_which_may_be_fewer() -> None:
    report = CLEAN["by numbers"]
    assert kinds(report.replace("要闻701", "要闻700")) == ["合计不符"]
    assert kinds(report.replace("同意公开2件", "同意公开1件")) == []
    assert kinds(report.replace("同意公开2件", "同意公开9件")) == ["合计不符"]


@given(st.lists(st.integers(1, 500), min_size=2, max_size=8), st.integers(-3, 3))
def test_a_total_is_told_exactly_when_it_is_not_the_sum(parts: list[int], off: int) -> None:
    lines = [f"本学年共计公开{sum(parts) + off}条。"]
    lines += [f"{n}. 第{'甲乙丙丁戊己庚辛'[n - 1]}类，共计{each}条。" for n, each in enumerate(parts, start=1)]
    assert ("合计不符" in [each.kind for each in check(lines)]) is (off != 0)


@given(st.text("一二三、（）()0123456789年月日至共计条；。包括其中大类小项\n ", max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    check(text.split("\n"))
