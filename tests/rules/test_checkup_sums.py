"""Sums of old reports: those that are right raise no alarm however they are written, those that are wrong do."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.checkup import Kind
from tests.rules.old_reports import VOCATIONAL
from tests.rules.reading import found, kinds

RIGHT = (
    "第一批公开10+5条，第二批公开3条，共18条。",
    "学校全年发布信息3609条，其中门户网站2765条，信息公开网301条，各单位网站543条。",
    "全年公开信息66条，其中网站66条，微信40条，QQ群18条。",
    "主页发布信息2765条（要闻701条、校园传真1562条、学术197条、媒体173条、通知公告132条）。",
    "主页发布信息2765条（其中要闻701条、通知132条）。",
    "主页发布信息2765条（要闻701条、通知132条等）。",
    "推送推文353篇（阅读量26000次，点赞300次）。",
    "发布微信353条（较上年增加53条，上年300条）。",
    "全校主动公开4363条（微信353条＋微博3527条＋抖音158条＋政务专栏325条）。",
    "全年共召开党委会20次、校长办公会18次，审议议题130项。",
    "全年受理信访20件，其中来信5件、来访8件、网络7件。",
    "2020年公开120条，2021年公开130条，合计250条。",
    "共收到意见建议49条，分为教学、后勤、管理三类，分别为20条、19条、10条。",
    "公开财务信息19条，占总数的28.8%。",
    "落实清单10大类50条事项，其中33条与学校相关。",
    "信息公开专栏设10个一级栏目、50个二级栏目，共发布301条。",
    "全年共发布信息1万余条，其中通知2500条，新闻6000条。",
    "公开信息共计208条，包括通知公告115条、文件48件、公告公示35条、通报10条。",
    "公开信息900条，内容涉及：招生30条、财务20条等。",
    "印发校字文件100件、党字文件24件，共124件。",
    "第29号令第七条规定的12类信息均已公开，共计300条。",
    "招生信息30条；财务信息20条；其他信息16条；以上三项合计66条。",
    "共计66条，其中：按大类分，学校工作47条、经济工作19条；按受众分，校内20条、社会46条。",
    "公开66条，其中社会46条、校内20条，逾期2条。",
    "新生手册发放2,300份，教职工手册发放500份，共计2,800份。",
    "共计公开信息66条。其中，校内公开20条，社会公开46条。",
    "本学年共公开二十条，包括：招生十二条；财务八条。",
    "共计47条，包括专业设置、教学改革、学科建设30条、招生17条。",
    "共计47条，包括发展规划、改革举措、规章制度等。",
    "共计47条，包括发展规划、改革举措，规章制度20条，招生17条。",
    "共计45条，包括章程、制度各20条、计划5条。",
    "主动公开信息886条，其中：要闻229条，动态202条，通知66条。",
    "共计公开信息886条，其中：要闻229条、动态202条、通知66条。",
    "通过门户网站主动公开信息320条：通知169条、公示100条。",
    "应推送600条次（成功590条次、失败10条次），推送16次。",
    "应公开50条（已公开33条）。",
    "推送信息40条次（应推送60条次）。",
    "公开66条（截至2021）。",
    "招生40条、财务26条。合计66条。",
    "全年编发简报24期、通知186条、会议纪要32份，总计242条。",
    "主动公开信息1，286条。其中：网站812条，微信300条。",
    "主动公开信息1 286条。其中：网站812条，微信300条。",
    "主动公开信息 1 286 条。其中：网站812条，微信300条。",
    "主动公开信息１，４２０条（要闻1，120条、通知300条）。",
    "发放问卷300份，教师、学生收回分别为100，110份。",
    "共公开500条，其中列入附件1，286条有更新。",
    f"{'很长的名称' * 30}30条，招生20条、财务20条，{'没有逗号' * 30}，合计40条。",
)


@pytest.mark.parametrize("sentence", RIGHT)
def test_a_sum_that_is_right_or_may_be_meant_otherwise_raises_no_alarm(sentence: str) -> None:
    assert found(_with(sentence)) == []


WRONG = (
    ("全年公开信息66条，其中社会46条、校内30条。", "46＋30＝76条"),
    ("招生信息30条；财务信息20条；其他信息16条；以上三项合计67条。", "30＋20＋16＝66条"),
    ("共计公开信息66条。其中，校内公开20条，社会公开56条。", "20＋56＝76条"),
    ("公开信息共计208条，包括通知公告115条、文件48件、公告公示36条、通报10条。", "115＋48＋36＋10＝209条"),
    ("印发校字文件100件、党字文件24件，共125件。", "100＋24＝124件"),
    ("共收到意见建议49条，分为教学、后勤、管理三类，分别为20条、19条、11条。", "20＋19＋11＝50条"),
    ("全年受理信访20件，其中来信5件、来访8件、网络8件。", "5＋8＋8＝21件"),
    ("发布文件48件（校字30件、党字19件）。", "30＋19＝49件"),
    ("全年共公开信息66条：校内公开20条，社会公开36条。", "20＋36＝56条"),
    ("新生手册发放2,300份，教职工手册发放500份，共计2,900份。", "2300＋500＝2800份"),
    ("本学年共公开二十条，包括：招生十二条；财务九条。", "12＋9＝21条"),
    ("共计57条，包括专业设置、教学改革、学科建设30条、招生17条。", "30＋17＝47条"),
    ("规划、计划10条、制度20条，合计40条。", "10＋20＝30条"),
    ("本学年主动公开信息320条：社会169条、校内149条。", "169＋149＝318条"),
    ("社会169条、校内149条，合计320条。", "169＋149＝318条"),
    ("社会169条、校内149条。合计320条。", "169＋149＝318条"),
    ("应推送600条次（成功608条次），推送16次。", "608条次"),
    ("应推送600条次（成功598条次）。", "598条次"),
    ("应推送600条次（成功608条次、失败6条次）。", "608＋6＝614条次"),
    ("应推送600条次（成功、部分594条次、失败5条次）。", "594＋5＝599条次"),
    ("公开方案5份（1+X证书方案2份、英文版4份）。", "2＋4＝6份"),
    ("主动公开信息1，286条。其中：网站1，812条，微信300条。", "其中各数不大于1286条"),
    ("主动公开信息1，420条（要闻1，120条、通知301条）。", "1120＋301＝1421条"),
)


@pytest.mark.parametrize(("sentence", "expected"), WRONG)
def test_a_sum_that_is_wrong_is_told_with_its_parts(sentence: str, expected: str) -> None:
    [only] = found(_with(sentence))
    assert (only.kind, only.expected) == (Kind.SUM, expected)
    assert only.quoted == sentence.replace("1，", "1,")  # a thousand is quoted as it was read


def test_an_enumeration_of_any_length_is_added_up_whole() -> None:
    parts = "、".join(f"第{n}种很长很长很长很长的名称1条" for n in range(1, 41))
    assert Kind.SUM not in kinds(f"共计40条，包括：{parts}。")
    assert Kind.SUM in kinds(f"共计41条，包括：{parts}。")


HEADS = (
    ("本学年主动公开信息{}条。", ""),
    ("本学年主动公开信息{}条（上一学年120条），按内容分为2个大类、5个小项，其中3个小项有公开条目：", ""),
    ("公开内容如下：", "以上合计{}条。"),
    ("公开内容如下：", "两大类合计{}条。"),
)


@pytest.mark.parametrize(("head", "foot"), HEADS)
def test_the_number_of_the_year_is_held_against_the_list_however_it_is_announced(head: str, foot: str) -> None:
    entries = ("1.学校工作的重大事项，共计169条，包括：规划169条。", "2.重大经济工作事项，共计149条。")
    right, wrong = (
        found("\n".join(["二、主动公开情况", head.format(n), *entries, foot.format(n)])) for n in (318, 320)
    )
    assert [each for each in right if each.kind is Kind.SUM] == []
    assert [(each.expected, each.found) for each in wrong if each.kind is Kind.SUM] == [("169＋149＝318条", "320条")]


SOME = (
    "本学年主动公开信息4363条，其中重点领域：",
    "本学年共公开信息4363条，其中重点领域：",
    "本学年主动公开信息4363条，主要有：",
    "通过门户网站主动公开信息4363条。",
    "其中主动公开信息4363条。",
)


@pytest.mark.parametrize("head", SOME)
def test_a_list_of_some_of_the_items_is_not_added_up_to_all_of_them(head: str) -> None:
    assert Kind.SUM not in kinds("\n".join(["二、主动公开情况", head, "1. 招生共353条。", "2. 财务共158条。"]))


def _with(sentence: str) -> str:
    """The clean report with one more sentence."""
    return VOCATIONAL.replace("（一）公开途径\n", f"{sentence}\n（一）公开途径\n")


@given(st.lists(st.integers(1, 500), min_size=2, max_size=8), st.integers(-3, 3))
def test_a_total_over_a_list_is_told_exactly_when_it_is_not_the_sum(parts: list[int], off: int) -> None:
    assume(sum(parts) + off >= 0)
    lines = [f"本学年共计公开{sum(parts) + off}条。"]
    lines += [f"{n}. 第{'甲乙丙丁戊己庚辛'[n - 1]}类，共计{each}条。" for n, each in enumerate(parts, start=1)]
    assert (Kind.SUM in kinds("\n".join(lines))) is (off != 0)


@given(st.lists(st.integers(1, 500), min_size=2, max_size=8), st.integers(-3, 3), st.sampled_from("条件篇"))
def test_a_total_behind_its_parts_is_told_exactly_when_no_end_of_them_adds_up(
    parts: list[int], off: int, unit: str
) -> None:
    total = max(sum(parts) + off, 0)  # nobody announces -1条
    names = "甲乙丙丁戊己庚辛"
    text = "，".join(f"{name}{each}{unit}" for name, each in zip(names, parts, strict=False))
    ends = {sum(parts[k:]) for k in range(len(parts) - 1)}
    assert (Kind.SUM in kinds(f"{text}，合计{total}{unit}。")) is (total not in ends)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=30), st.integers(-2, 2))
def test_the_last_row_of_a_table_is_told_exactly_when_it_is_not_the_sum(parts: list[int], off: int) -> None:
    total = max(0, sum(parts) + off)
    rows = ["途径\u3000条次", *(f"第{n}种\u3000{each}" for n, each in enumerate(parts)), f"合计\u3000{total}"]
    assert (Kind.SUM in kinds("\n".join(rows))) is (total != sum(parts))


@pytest.mark.parametrize("row", ["小计\u300030", "甲", "甲\u3000丙\u300020"])
def test_a_table_with_sums_within_or_rows_of_another_form_is_left_alone(row: str) -> None:
    rows = ["途径\u3000条次", "甲\u300010", "乙\u300020", row, "丙\u30005", "合计\u300035"]
    assert Kind.SUM not in kinds("\n".join(rows))
