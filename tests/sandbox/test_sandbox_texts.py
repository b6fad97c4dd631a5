"""What the vendors do to text holds for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.texts import clean_html, cut_bytes, plain

PIECES = st.sampled_from(
    [
        "<script>",
        "</script>",
        "<p onclick=x()>",
        "</p>",
        "<img src=https://x.cn/a.png>",
        "<iframe src=//x>",
        "<svg/onload=x()>",
        '<a href="javascript:x()">',
        "</a>",
        "<style>",
        "</style>",
        "&lt;script&gt;",
        "正文",
        "<embed src=x>",
        '<p style="background:url(x)">',
    ]
)


@given(st.lists(PIECES | st.text(max_size=5)).map("".join))
def test_cleaned_content_holds_no_script_no_handler_and_no_foreign_picture(content):
    cleaned, _ = clean_html(content, own_image=lambda src: False)
    for tag in re.findall(r"<[^>]*>", cleaned):
        assert not re.search(r"(?i)script|iframe|svg|embed|<img|\son\w+=|url\(", tag), tag


@given(st.text(), st.integers(0, 60))
def test_cutting_keeps_whole_characters_within_the_limit(text, limit):
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit
    assert text.startswith(cut)
    assert cut == text or len(text[: len(cut) + 1].encode()) > limit


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("<p>一<br/>二</p>", "<p>一<br>二</p>"),
        ("一<embed src=x>二", "一二"),
        ('<a href="https://x.cn/?a=1&amp;b=2">链</a>', '<a href="https://x.cn/?a=1&amp;b=2">链</a>'),
        ("<table><tr><td colspan=2>格</td></tr></table>", '<table><tr><td colspan="2">格</td></tr></table>'),
        ("&lt;b&gt; &amp; &quot;", '&lt;b&gt; &amp; "'),
        ("<section style='color:red'>红</section><custom>字</custom>", '<section style="color:red">红</section>字'),
    ],
)
def test_what_an_article_may_hold_stays_as_it_is(content, kept):
    assert clean_html(content, own_image=lambda src: False)[0] == kept


def test_the_readable_text_of_content_is_one_line():
    assert plain("<p>一 &amp;\n</p><p>二</p>") == "一 & 二"
