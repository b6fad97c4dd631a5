"""旧报告体检: every fault of the faulty report is found, nothing is found in the clean ones, one break gives one finding."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.checkup import Finding, Kind
from tests.rules.old_reports import (
    BARE,
    BY_NUMBERS,
    CALENDAR_YEAR,
    CLEAN,
    FAULTY,
    MIXED_UP,
    RUN_IN,
    VOCATIONAL,
    WITH_TABLE,
)
from tests.rules.reading import found, kinds


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_report_raises_no_alarm(name: str) -> None:
    assert found(CLEAN[name]) == []


def test_the_faults_of_the_faulty_report_are_all_named_and_nothing_else() -> None:
    said = [(each.kind, each.expected, each.found) for each in found(FAULTY)]
    assert sorted(said) == sorted(
        [
            (Kind.SUM, "147＋19＋15＋18＋114＝313条", "268条"),
            (Kind.LISTED, "列出21个小项", "写26个小项"),
            (Kind.NO_HEADING, "先有（二）", "直接到（三）"),
            (Kind.NO_PART, "附有“清单事项公开情况表”，逐项附链接", "没有附表"),
            (Kind.NO_FIGURE, "各公开形式附统计数据（条数、次数、覆盖人数）", "没有一个渠道有数字"),
            (Kind.UNANSWERED, "写明举报的件数", "这一部分没有写"),
            (Kind.UNANSWERED, "写明诉讼的件数", "写的是“申诉”，不是“诉讼”"),
            (Kind.UNANSWERED, "写明评议的方式和数量", "这一部分没有数字"),
            (Kind.WAYS, "在公开途径中说明QQ群、短信", "前面提到，公开途径中没有"),
            (Kind.WAYS, "前面也提到手册", "公开途径中有，前面没有提到"),
        ]
    )


def test_a_report_in_which_everything_is_mixed_up_is_taken_apart() -> None:
    said = {(each.kind, each.part[:2], each.expected) for each in found(MIXED_UP)}
    assert said == {
        (Kind.MIXED, "", "2020-2021学年度"),
        (Kind.WAYS, "一、", "在公开途径中说明短信、广播、报刊、会议纪要、简报、热线"),
        (Kind.WAYS, "三、", "前面也提到会议、手册"),
        (Kind.SUM, "二、", "147＋19＋15＋18＋114＝313条"),
        (Kind.LISTED, "二、", "列出21个小项"),
        (Kind.NO_FIGURE, "三、", "各公开形式附统计数据（条数、次数、覆盖人数）"),
        (Kind.UNANSWERED, "四、", "写明收费、减免情况"),
        (Kind.UNANSWERED, "四、", "写明不予公开的数量"),
        (Kind.UNANSWERED, "五、", "写明评议的方式和数量"),
        (Kind.UNANSWERED, "六、", "写明举报的件数"),
        (Kind.UNANSWERED, "六、", "写明诉讼的件数"),
        (Kind.NO_HEADING, "七、", "先有（二）"),
        (Kind.MIXED, "七、", "2021-2022学年度"),
        (Kind.NO_PART, "", "附有“清单事项公开情况表”，逐项附链接"),
    }


def test_a_finding_says_where_it_stands_in_the_text() -> None:
    lines = FAULTY.split("\n")
    for each in found(FAULTY):
        assert each.fix and len(each.quoted) <= 60
        assert each.quoted.rstrip("…") in lines[each.paragraph - 1]
    [wrong] = [each for each in found(FAULTY) if each.kind is Kind.SUM]
    assert (wrong.part, wrong.paragraph) == ("二、主动公开情况", 6)
    long = f"{'甲' * 80}共计公开9条（通知2条、公示3条）。"
    assert [each.quoted for each in found(FAULTY + "\n" + long) if each.found == "9条"] == [f"{'甲' * 59}…"]


def test_empty_lines_between_paragraphs_change_nothing() -> None:
    assert found(FAULTY.replace("\n", "\n\n \n")) == found(FAULTY)


#: A clean report, one thing broken in it, and the finding that must come of it, alone.
BREAKS = [
    (VOCATIONAL, "共计66条", "共计67条", Kind.SUM, "66条"),
    (VOCATIONAL, "制度20条", "制度21条", Kind.SUM, "10＋21＋17＝48条"),
    (VOCATIONAL, "5个小项", "6个小项", Kind.LISTED, "列出5个小项"),
    (VOCATIONAL, "2大类", "3大类", Kind.LISTED, "列出2个大类"),
    (VOCATIONAL, "2021年8月31日", "2021年9月1日", Kind.DAY_OFF, "2021-08-31"),
    (VOCATIONAL, "2020年9月1日至", "2020年8月31日至", Kind.DAY_OFF, "2020-09-01"),
    (VOCATIONAL, "2021年8月31日", "2021年8月32日", Kind.NO_DAY, "日历上有的日期"),
    (VOCATIONAL, "2020-2021学年", "2021-2022学年", Kind.YEAR, "2020-2021学年（按统计期限）"),
    (VOCATIONAL, "2020-2021学年", "2020-2022学年", Kind.YEAR, "2020-2021学年"),
    (VOCATIONAL, "（二）存在的问题\n", "", Kind.NO_HEADING, "先有（二）"),
    (VOCATIONAL, "（三）改进措施", "（二）改进措施", Kind.TWICE, "编号依次"),
    (VOCATIONAL, "四、对信息", "五、对信息", Kind.NO_HEADING, "先有四、"),
    (VOCATIONAL, "举报0件，", "", Kind.UNANSWERED, "举报"),
    (VOCATIONAL, "行政复议0件，", "", Kind.UNANSWERED, "复议"),
    (VOCATIONAL, "行政诉讼0件", "申诉0件", Kind.UNANSWERED, "诉讼"),
    (VOCATIONAL, "没有收取费用，没有减免。", "", Kind.UNANSWERED, "收费"),
    (VOCATIONAL, "，均为招生类", "", Kind.UNANSWERED, "分类"),
    (VOCATIONAL, "，已全部答复", "", Kind.UNANSWERED, "答复"),
    (VOCATIONAL, "不予公开的0件。", "", Kind.UNANSWERED, "不予公开"),
    (VOCATIONAL, "，学生QQ群推送18次", "", Kind.WAYS, "QQ群"),
    (VOCATIONAL, "、微信公众号和QQ群", "和QQ群", Kind.WAYS, "前面也提到微信"),
    (VOCATIONAL, "附件：清单事项公开情况表", "", Kind.NO_PART, "清单"),
    (VOCATIONAL, "七、其他需要报告的事项\n无。\n", "", Kind.NO_PART, "其他"),
    (VOCATIONAL, "无。\n附件", "附件", Kind.EMPTY, "标题下有内容"),
    (VOCATIONAL, "收到意见建议12条，满意率96.5%。", "反映良好。", Kind.UNANSWERED, "评议"),
    (BY_NUMBERS, "要闻701", "要闻700", Kind.SUM, "701"[:2]),
    (BY_NUMBERS, "同意公开2件", "同意公开9件", Kind.SUM, "其中各数不大于3件"),
    (BY_NUMBERS, "不属于本校掌握1件", "不属于本校掌握3件", Kind.SUM, "2＋3＝5件"),
    (CALENDAR_YEAR, "2022年12月31日", "2023年1月1日", Kind.DAY_OFF, "2022-12-31"),
    (CALENDAR_YEAR, "通报10条，", "通报11条，", Kind.SUM, "115＋48＋35＋11＝209条"),
    (CALENDAR_YEAR, "微信353条", "微信352条", Kind.SUM, "352＋3527＋158＋325＝4362条"),
    (WITH_TABLE, "1,203条", "1,230条", Kind.SUM, "401＋302＋100＋300＋100＝1203条"),
    (WITH_TABLE, "共计401条", "共计402条", Kind.SUM, "402＋302＋100＋300＋100＝1204条"),
    (WITH_TABLE, "十二个小项", "十三个小项", Kind.LISTED, "列出12个小项"),
    (WITH_TABLE, "有三个方面：", "有四个方面：", Kind.LISTED, "列出3个方面"),
    (WITH_TABLE, "合计\u30001486", "合计\u30001468", Kind.SUM, "1203＋240＋12＋31＝1486"),
    (WITH_TABLE, "本学年未发生此类情况。", "本学年没有收到举报，没有诉讼。", Kind.UNANSWERED, "复议"),
    (WITH_TABLE, "招生类3件", "招生类4件", Kind.SUM, "4＋1＝5件"),
    (RUN_IN, "2019.9.1—2020.8.31", "2019.8.31—2020.9.1", Kind.DAY_OFF, "2019-09-01至2020-08-31"),
    (RUN_IN, "2019-2020学年度共", "2019-2020年度共", Kind.MIXED, "2019-2020学年度"),
    (RUN_IN, "；不予公开一件", "", Kind.UNANSWERED, "不予公开"),
    (RUN_IN, "收到师生意见二十一条，问政平台答复49条", "未收到负面评价", Kind.UNANSWERED, "评议"),
    (BARE, "1月1日至12月31日", "1月1日至12月30日", Kind.DAY_OFF, "2021-12-31"),
    (BARE, "无行政诉讼", "无其他案件", Kind.UNANSWERED, "诉讼"),
]


@pytest.mark.parametrize(("report", "old", "new", "kind", "says"), BREAKS)
def test_one_break_gives_that_one_finding(report: str, old: str, new: str, kind: Kind, says: str) -> None:
    assert old in report
    [only] = [each for each in found(report.replace(old, new, 1)) if not _follows(each, kind)]
    assert only.kind is kind and says in only.expected


def _follows(each: Finding, kind: Kind) -> bool:
    """Two fives leave a four out, and a five stands twice."""
    return kind is Kind.NO_HEADING and each.kind is Kind.TWICE


def test_a_period_a_day_off_at_both_ends_is_told_with_the_right_one() -> None:
    off = RUN_IN.replace("2019.9.1—2020.8.31", "2019年8月31日至2020年9月1日")
    [only] = found(off)
    assert (only.found, only.fix) == ("2019-08-31至2020-09-01", "请写2019年9月1日至2020年8月31日")


def test_none_answers_only_what_its_heading_names_and_is_no_figure_of_another_part() -> None:
    heading, body = "五、因学校信息公开工作受到举报、复议、诉讼的情况", "举报0件，行政复议0件，行政诉讼0件。"
    assert heading in VOCATIONAL and body in VOCATIONAL
    all_three = VOCATIONAL.replace(body, "无。")
    assert found(all_three) == []
    only_one = all_three.replace("举报、复议、诉讼的情况", "举报的情况")
    assert [each.expected for each in found(only_one)] == ["写明复议的件数", "写明诉讼的件数"]
    unanswered = [each.found for each in found(all_three.replace("不予公开的0件。", ""))]
    assert unanswered == ["这一部分没有写"]


def test_a_sentence_that_stands_in_the_wrong_part_is_told_where_it_stands() -> None:
    moved = VOCATIONAL.replace("不予公开的0件。", "").replace("举报0件", "不予公开的信息0件。举报0件")
    [only] = found(moved)
    assert only.found == "写在了“五、因学校信息公开工作受到举报、复议、诉讼的情况”部分"


def test_a_list_of_items_without_addresses_is_told() -> None:
    bare = (
        WITH_TABLE.replace("\u3000网址", "\u3000时间")
        .replace("\u3000http://www.example.edu.cn/", "\u3000")
        .replace(".htm", "月")
    )
    assert [each.expected for each in found(bare)] == ["清单逐项附栏目链接"]


def test_a_report_without_a_figure_for_any_way_is_told_once() -> None:
    silent = BY_NUMBERS.replace("学校主页发布信息2765条", "共发布信息2765条")
    silent = silent.replace("单位网站1万余条。官方微信推送1500余条，校报出版11期。", "")
    assert kinds(silent) == [Kind.NO_FIGURE]


def test_an_empty_file_lacks_everything() -> None:
    assert kinds("") == [Kind.NO_PART] * 8


@given(st.text("一二三、（）()0123456789.年月日至共计条件；：，。包括其中大类小项\u3000是合 \n", max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    found(text)


WORDS = (
    "二、主动公开情况\n", "本学年主动公开信息", "按受众分：", "按内容分", "社会", "校内", "在规定期限内公开", "逾期公开", "没有形成日期的",
    "应推送", "条次", "（成功", "（", "）", "以上合计", "共计", "存在", "个问题：", "一是", "二是", "三是", "发放问卷", "收回", "其中满意", "份",
    "满意率", "%", "收到申请", "答复", "件", "上期结转", "各", "1.", "2.", "3", "20", "三", "两", "条", "、", "，", "；", "。", "\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_no_order_of_its_own_words_makes_it_fail(words: list[str]) -> None:
    found("".join(words))


#: What once took seconds or hours, repeated until it is as long as a report may be.
REPEATED = (
    "12 + ", "12+", "3大类", "3小项：甲；", "合计1条、", "合计1条", "共1条", "其中1条", "一是", "（一）", "（", "主动公开1条，", "1条（", "1，286条",
    "3个方面：一是", "按类分1条", "信息268条：\n", "网站共公开12条：\n网站3条。\n网站4条。\n",
)  # fmt: skip


@pytest.mark.parametrize("head", ["共公开信息268条", "1+1", "共5个小项：", "信息1，", "268条（"])
def test_no_run_of_blanks_makes_it_slow(head: str) -> None:
    started = time.monotonic()
    found(f"二、主动公开情况\n{head}{' ' * 100_000}其他")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("words", REPEATED)
def test_no_text_makes_it_slow(words: str) -> None:
    """A bound for a slow machine under load; it takes a second or two."""
    started = time.monotonic()
    found(f"二、主动公开情况\n共公开信息：{words * (100_000 // len(words))}其他\n1.甲\n2.乙")
    assert time.monotonic() - started < 15


@given(st.sampled_from(sorted(CLEAN)), st.data())
def test_a_report_cut_short_only_lacks_what_was_cut(name: str, data: st.DataObject) -> None:
    lines = CLEAN[name].split("\n")
    keep = data.draw(st.integers(3, len(lines) - 1))
    may = {Kind.NO_PART, Kind.EMPTY, Kind.NO_FIGURE, Kind.UNANSWERED, Kind.WAYS, Kind.LISTED, Kind.SUM}
    assert {each.kind for each in found("\n".join(lines[:keep]))} <= may
