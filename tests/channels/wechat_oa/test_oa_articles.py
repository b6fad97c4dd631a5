"""What readers see: limits never exceeded, nothing unsafe, nothing dropped in silence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import http
from channels.base import Content
from channels.wechat_oa import markup
from channels.wechat_oa.articles import carries, marked, render
from channels.wechat_oa.options import Mode, Options
from rules.bundle import CORRECTION, RETRACTION, Piece
from tests.channels.wechat_oa.oa_support import KEY, TARGET, Time, account, bundle, piece

OPTIONS = Options(home="https://xxgk.example.edu.cn/", image_hosts=frozenset({"img.example.edu.cn"}))


def article(options: Options = OPTIONS, **parts: object) -> dict[str, str]:
    made: dict[str, str] = render(bundle(piece(**parts)), options).payload["articles"][0]
    return made


TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="关于公示<>&\"'\n 字", max_size=4000),
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<table><tr><td>",
                "</table>",
                "<div>",
                "<b>",
                "<img src='http://img.example.edu.cn/a.png'>",
                "<script>",
                "</script>",
                "甲" * 900,
                "&amp;" * 300,
            ]
        ),
        max_size=60,
    ).map("".join),
)
PIECES = st.builds(
    Piece,
    placement=st.just(1),
    title=TEXTS,
    summary=TEXTS,
    url=st.one_of(st.just(""), TEXTS, st.text(max_size=1500).map("https://xxgk.example.edu.cn/{}".format)),
    department=TEXTS,
    purpose=st.sampled_from(["首发", "更正", "撤回"]),
    body=TEXTS,
    notice=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=8), st.sampled_from(["", "https://xxgk.example.edu.cn/"]))
def test_no_piece_whatever_it_holds_makes_an_article_beyond_the_limits(pieces: list[Piece], home: str) -> None:
    content = render(bundle(*pieces), Options(home=home))
    for made in content.payload["articles"]:
        assert 1 <= len(made["title"]) <= 32
        assert len(made["author"]) <= 16
        assert len(made.get("digest", "")) <= 128
        assert 1 <= len(made["content"]) < 20_000
        assert len(made["content"].encode()) < 1024 * 1024
        assert len(made["content_source_url"].encode()) <= 1024
        assert "<script" not in made["content"]
        assert markup.plain(made["content"])
        assert ("digest" in made) == (len(pieces) == 1)
    assert content.bytes == len(http.utf8(content.payload))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_safe_markup_is_always_balanced(body: str) -> None:
    for block in markup.blocks(body, lambda src: None):
        opened = [tag for tag in re.findall(r"<(/?\w+)", block) if tag not in ("br", "img")]
        stack: list[str] = []
        for tag in opened:
            if tag.startswith("/"):
                assert stack.pop() == tag[1:]
            else:
                stack.append(tag)
        assert stack == []


def test_a_long_title_is_cut_and_stands_whole_at_the_head_of_the_article() -> None:
    title = "关于公布示例职业技术学院二〇二〇至二〇二一学年奖助学金评审工作实施办法的通知"
    made = article(title=title)
    assert made["title"] == title[:31] + "…"
    assert made["content"].startswith(f"<p><strong>{title}</strong></p>")


def test_a_correction_says_so_before_its_title() -> None:
    assert article(purpose=CORRECTION)["title"].startswith("【更正】")


def test_a_retraction_does_not_repeat_what_it_retracts() -> None:
    made = article(purpose=RETRACTION, body="<p>错误内容</p>", summary="错误摘要")
    assert made["title"].startswith("【撤回】")
    assert "错误" not in made["content"] + made["digest"]
    assert "/info/1001/2002.htm" not in made["content"] + made["content_source_url"]


def test_a_public_notice_carries_its_link_and_never_its_list() -> None:
    made = article(
        title="国家奖学金名单公示", notice=True, body="<table><tr><td>张三</td></tr></table>", summary="张三等"
    )
    assert "张三" not in made["content"] + made["digest"]
    assert "https://xxgk.example.edu.cn/info/1001/2002.htm" in made["content"]


def test_scripts_are_dropped_and_their_neighbours_kept() -> None:
    body = '<div onclick="x()"><p style="color:red">甲<script>bad()</script>乙</p><iframe src="//x"></iframe><a href="javascript:1">丙</a></div>'
    assert markup.blocks(body, lambda src: None) == ["<p>甲乙</p>", "<p>丙</p>"]


def test_a_table_keeps_its_spans_and_nothing_else() -> None:
    body = '<table border=1><tr><td colspan="2" onmouseover="x">甲</td></tr></table>'
    assert markup.blocks(body, lambda src: None) == ['<table><tr><td colspan="2">甲</td></tr></table>']


def test_plain_text_becomes_paragraphs_and_is_escaped() -> None:
    assert markup.blocks("甲 < 乙\n\n丙 & 丁", lambda src: None) == ["<p>甲 &lt; 乙</p>", "<p>丙 &amp; 丁</p>"]


def test_markup_nested_ten_thousand_deep_is_read_without_falling() -> None:
    [block] = markup.blocks("<b>" * 10_000 + "甲" + "</b>" * 10_000, lambda src: None)
    assert markup.plain(block) == "甲"


@pytest.mark.parametrize(
    ("src", "shown"),
    [
        ("http://img.example.edu.cn/a.png", True),
        ("//img.example.edu.cn/a.png", True),
        ("http://other.example.com/a.png", False),
        ("http://127.0.0.1/a.png", False),
        ("http://img.example.edu.cn@10.0.0.1/a.png", False),
        ("http://x@img.example.edu.cn/a.png", False),
        ("file:///etc/passwd", False),
        ("data:image/png;base64,AAAA", False),
        ("http://[bad/a.png", False),
        ("", False),
    ],
)
def test_only_images_of_named_hosts_stay_and_the_others_leave_a_line(src: str, shown: bool) -> None:
    content = article(body=f'<p>见图<img src="{src}"></p>')["content"]
    assert ("<img " in content, markup.NO_IMAGE in content) == (shown, not shown)


def test_a_text_that_is_too_long_is_cut_between_paragraphs_and_says_so_and_keeps_its_link() -> None:
    content: Content = render(bundle(piece(body="<p>" + "甲" * 5000 + "</p>", summary="")), OPTIONS)
    assert not content.shortened
    content = render(bundle(piece(body=("<p>" + "甲" * 5000 + "</p>") * 5)), OPTIONS)
    made = content.payload["articles"][0]["content"]
    assert content.shortened
    assert made.count("甲") == 15_000
    assert "内容较长，此处从略" in made
    assert "https://xxgk.example.edu.cn/info/1001/2002.htm" in made


def test_one_paragraph_that_is_too_long_by_itself_keeps_its_beginning() -> None:
    content = render(bundle(piece(body="甲" * 30_000)), OPTIONS)
    assert content.shortened
    assert content.payload["articles"][0]["content"].count("甲") == 1999


def test_the_logged_text_is_what_a_reader_reads() -> None:
    content = account("http://x", Time()).render(bundle(piece(), piece(title="第二篇")), TARGET)
    assert content.text == (
        "关于公布2020年预算的通知\n经学校研究决定，现予公布。\n责任部门：财务处\n"
        "原文：https://xxgk.example.edu.cn/info/1001/2002.htm（点击文末“阅读原文”查看）\n\n"
        "第二篇\n经学校研究决定，现予公布。\n责任部门：财务处\n"
        "原文：https://xxgk.example.edu.cn/info/1001/2002.htm（点击文末“阅读原文”查看）"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.cn/x", f"https://a.cn/x#xxgk={KEY}"),
        ("https://a.cn/x?id=1", f"https://a.cn/x?id=1#xxgk={KEY}"),
        ("https://a.cn/#/page/1", f"https://a.cn/?xxgk={KEY}#/page/1"),
        ("https://a.cn/?id=1#/page/1", f"https://a.cn/?id=1&xxgk={KEY}#/page/1"),
    ],
)
def test_the_mark_does_not_change_which_page_opens(url: str, expected: str) -> None:
    assert marked(url, KEY) == expected


@pytest.mark.parametrize("home", ["https://xxgk.example.edu.cn/", ""])
@pytest.mark.parametrize(
    "url", ["https://a.cn/x", "", "javascript:alert(1)", "https://a.cn/a b", "https://a.cn/" + "x" * 1000]
)
def test_every_draft_carries_a_mark_by_which_it_is_found_again(home: str, url: str) -> None:
    made = bundle(piece(url=url))
    item = {"content": {"news_item": render(made, Options(home=home)).payload["articles"]}}
    assert carries(item, KEY, made.mark)
    assert not carries(item, "f" * 32, "【公开#FFFFFF】")


@pytest.mark.parametrize(
    ("option", "value"), [("mode", "broadcast"), ("account", "personal"), ("tag_id", "all"), ("callback", "none")]
)
def test_a_wrong_option_is_named_with_its_fix(option: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"channels\.wechat_oa\.{option}.*请填写"):
        account("http://x", Time(), **{option: value})


def test_a_new_account_starts_with_drafts_and_an_article_counts_as_open_to_all() -> None:
    channel = account("http://x", Time())
    assert (channel.options.mode, channel.limits.exposure, channel.limits.rates) == (Mode.DRAFT, "社会", ())


@pytest.mark.parametrize(("kind", "most", "per"), [("订阅号", 1, "day"), ("服务号", 4, "month")])
def test_a_mass_send_takes_the_allowance_of_its_kind_of_account(kind: str, most: int, per: str) -> None:
    [rate] = account("http://x", Time(), mode="群发", account=kind).limits.rates
    assert (rate.most, rate.per, rate.of) == (most, per, "channel")


def test_even_the_worst_case_of_escaping_stays_within_the_limit() -> None:
    worst = piece(title="&" * 500, url="https://a.cn/" + "&" * 980, department="&" * 200, body="<table>" + "&" * 30_000)
    assert len(render(bundle(worst), Options()).payload["articles"][0]["content"]) < 20_000
