"""What the handset will show, what it costs, and what no template can carry."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Content, SendError
from channels.sms.channel import Sms
from channels.sms.text import segments
from rules.bundle import Bundle, Piece
from rules.outcome import Outcome
from tests.channels.samples import BUNDLES, SCHOOL, bundle, check_golden, piece
from tests.channels.sms.sms_support import MAKE, TARGETS, aliyun, tencent

GOLDEN = Path(__file__).parent / "golden"
SINGLE = [name for name, each in BUNDLES.items() if len(each.pieces) == 1]
ADDRESS = "https://www.example.edu.cn/"

titles = st.text(min_size=1, max_size=300)
pieces = st.builds(
    Piece,
    placement=st.integers(1, 9),
    title=titles,
    summary=st.text(max_size=200),
    url=st.just("https://www.example.edu.cn/1.htm"),
    department=st.text(max_size=60),
    purpose=st.sampled_from(["首发", "更正", "撤回"]),
    notice=st.booleans(),
)


def show(channel: Sms, of: Bundle | None = None) -> Content:
    return channel.render(of or bundle(), TARGETS[channel.name])


def refusal(channel: Sms, of: Bundle) -> SendError:
    with pytest.raises(SendError) as caught:
        show(channel, of)
    assert caught.value.outcome is Outcome.REFUSED
    return caught.value


@pytest.mark.parametrize("vendor", MAKE)
@pytest.mark.parametrize("name", SINGLE)
def test_what_goes_on_the_wire_is_what_the_golden_file_says(name: str, vendor: str) -> None:
    content = show(MAKE[vendor](), BUNDLES[name])
    check_golden(GOLDEN / f"{name}.{vendor}.json", {"text": content.text, **content.payload})


@pytest.mark.parametrize(
    ("length", "expected"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (500, 8)]
)
def test_seventy_characters_are_one_segment_and_each_further_sixty_seven_one_more(length: int, expected: int) -> None:
    assert segments("字" * length) == expected


@given(of=pieces)
def test_the_payload_says_what_the_text_costs_with_its_signature_counted(of: Piece) -> None:
    for make in MAKE.values():
        try:
            content = show(make(), bundle(of))
        except SendError as error:
            assert "网址" in error.reason
            continue
        assert content.text.startswith("【示例职院】")
        assert content.payload["segments"] == segments(content.text)
        assert len(content.text) <= 500


@given(of=pieces)
def test_each_variable_keeps_its_length_is_never_empty_and_makes_no_second_signature(of: Piece) -> None:
    try:
        payload: Any = show(tencent(), bundle(of)).payload
    except SendError:
        return
    values = payload["TemplateParamSet"]
    assert [0 < len(value) <= most for value, most in zip(values, (35, 35, 12), strict=True)] == [True] * 3
    assert not re.search("[【】]", "".join(values))


def test_both_vendors_show_the_same_text() -> None:
    assert show(aliyun()).text == show(tencent()).text
    assert show(aliyun()).text == (
        f"【示例职院】{SCHOOL}发布信息：关于印发《学校财务报销管理办法（第1次修订）》的通知（计划财务处），详见学校信息公开网。"
    )


def test_a_long_title_is_cut_on_a_whole_character_and_said_to_be_shortened() -> None:
    content = show(aliyun(), bundle(piece(title="🏫" * 60)))
    assert json.loads(content.payload["TemplateParam"])["title"] == "🏫" * 34 + "…"
    assert content.shortened
    assert not show(aliyun()).shortened


def test_a_correction_says_so_before_its_title() -> None:
    assert "信息：更正：关于印发" in show(aliyun(), bundle(piece(purpose="更正"))).text


def test_brackets_in_a_title_make_no_second_signature() -> None:
    assert "〔通知〕放假" in show(aliyun(), bundle(piece(title="【通知】放假"))).text


def test_a_notice_shows_its_title_and_never_its_list() -> None:
    of = bundle(piece(title="国家奖学金初审名单公示", summary="张某某 13800000000", notice=True))
    for make in MAKE.values():
        content = show(make(), of)
        assert "名单公示" in content.text
        assert "张某某" not in f"{content.text}{content.payload}"


def test_a_piece_without_a_department_is_the_schools() -> None:
    assert f"（{SCHOOL[:12]}" in show(aliyun(), bundle(piece(department=""))).text


@pytest.mark.parametrize(
    "title", ["登录 https://e.cn/1 查看", "WWW.example 改版", "请见xxgk.example.edu.cn", "关于a-b.com的说明"]
)
def test_an_address_in_a_title_is_refused_before_the_vendor_does(title: str) -> None:
    error = refusal(aliyun(), bundle(piece(title=title)))
    assert "标题" in error.reason
    assert error.advice


def test_several_pieces_are_refused_and_none_is_left_out_in_silence() -> None:
    assert "一条" in refusal(aliyun(), bundle(piece(1), piece(2))).reason


def test_more_than_five_hundred_characters_are_refused() -> None:
    roomy = {"title": {"takes": "标题", "most": 600}, "school": "学校", "dept": "部门"}
    assert len(show(aliyun(variables=roomy), bundle(piece(title="字" * 440))).text) <= 500
    assert "500" in refusal(aliyun(variables=roomy), bundle(piece(title="字" * 500))).reason


def linked(most: int = 35) -> Sms:
    variables = {"1": "标题", "2": {"takes": "路径", "most": most}}
    return tencent(text=f"{{1}}，详见{ADDRESS}{{2}} 。", variables=variables)


def test_a_link_stands_only_where_the_approved_text_has_its_address() -> None:
    content = show(linked())
    assert f"详见{piece().url} 。" in content.text
    assert content.payload["TemplateParamSet"][1] == "2021/0301/c21a1/page.htm"


@pytest.mark.parametrize(
    "url", ["", "https://other.example.com/1.htm", ADDRESS, "https://www.example.edu.cn.evil.cn/1"]
)
def test_a_link_elsewhere_is_refused(url: str) -> None:
    assert "链接" in refusal(linked(), bundle(piece(url=url))).reason


def test_a_link_is_never_cut() -> None:
    assert "不能截断" in refusal(linked(most=10), bundle()).reason


@pytest.mark.parametrize(("change", "names"), [
    ({"sign": ""}, "channels.sms_aliyun.sign"),
    ({"template": " "}, "channels.sms_aliyun.template"),
    ({"text": ""}, "channels.sms_aliyun.text"),
    ({"text": "${title}和${other}"}, "other"),
    ({"text": "只有${title}"}, "school"),
    ({"variables": ["标题"]}, "variables"),
    ({"variables": {"title": "正文"}}, "正文"),
    ({"variables": {"title": {"takes": "标题", "most": 0}}}, "most"),
    ({"variables": {"title": {"takes": "标题", "most": True}}}, "most"),
    ({"text": "见${path}", "variables": {"path": "路径"}}, "网址"),
    ({"budget": "多"}, "channels.sms_aliyun.budget"),
    ({"budget": 0}, "channels.sms_aliyun.budget"),
])  # fmt: skip
def test_a_wrong_setting_is_named_when_the_bot_starts(change: dict[str, Any], names: str) -> None:
    with pytest.raises(ValueError, match=r"^channels\.sms_aliyun\.") as caught:
        aliyun(**change)
    assert names in str(caught.value)


@pytest.mark.parametrize("change", [{"app_id": ""}, {"text": "{2}", "variables": {"2": "标题"}}])
def test_a_tencent_template_needs_its_application_and_numbers_from_one(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"channels\.sms_tencent\."):
        tencent(**change)


def test_brackets_copied_along_with_the_signature_are_not_doubled() -> None:
    assert show(aliyun(sign="【示例职院】")).text.startswith("【示例职院】示例")


def test_the_limits_say_what_the_vendors_allow_and_the_school_pays() -> None:
    limits = aliyun(budget=20000).limits
    assert (limits.addresses, limits.pieces, limits.person) == (1000, 1, "手机号")
    assert (limits.receipts, limits.resolvable, limits.recall, limits.prepares) == (True, True, None, False)
    assert [(r.name, r.most, r.of) for r in limits.rates] == [
        ("每号24小时", 50, "address"),
        ("每月预算", 20000, "delivery"),
    ]
    assert limits.rates[1].per == "month"
    assert tencent().limits.addresses == 200
    assert [(r.most, str(r.per), r.of) for r in tencent().limits.rates] == [(1, "0:00:30", "address"), (10, "day", "address")]
