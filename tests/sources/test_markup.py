from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from sources.markup import simple_html

BASE = "https://www.example.edu.cn/2020/1030/c21a39/page.htm"


def simple(html: str) -> str:
    return simple_html(BeautifulSoup(f"<body>{html}</body>", "html.parser").body, BASE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p style='x' onclick='y()'>正文<script>alert(1)</script></p>", "<p>正文</p>"),
        ("<div><div>一</div><div>二</div></div>", "<p>一</p><p>二</p>"),
        ("<p>a &lt;b&gt; <b>c</b> d</p><!-- x -->", "<p>a &lt;b&gt; <b>c</b> d</p>"),
        (
            "<table><tr><td colspan='2' bgcolor='red'>1</td></tr></table>",
            '<table><tr><td colspan="2">1</td></tr></table>',
        ),
        ("<img src='/_upload/a.jpg' onerror='x'>", '<img src="https://www.example.edu.cn/_upload/a.jpg">'),
        ("<img src='/_ueditor/icon_doc.gif'><img src='data:image/png;base64,xx'>", ""),
        ("<a href='http://evil'>见附件</a>", "见附件"),
        ("<p> \xa0 </p><p><span>二</span></p>", "<p>二</p>"),
        ("<iframe src='//x'></iframe><form><input value=1>表</form>", ""),
    ],
)
def test_structure_stays_and_the_rest_goes(html: str, clean: str) -> None:
    assert simple(html) == clean


@given(st.text(alphabet="<>/=\"' abpscriptonerrdivimg正", max_size=200))
def test_whatever_comes_in_nothing_active_comes_out(html: str) -> None:
    out = BeautifulSoup(simple(html), "html.parser")
    assert out.find(["script", "iframe", "style"]) is None
    assert all(set(tag.attrs) <= {"src", "colspan", "rowspan"} for tag in out.find_all(True))


def test_deep_nesting_breaks_nothing() -> None:
    assert "深" in simple("<div>" * 3000 + "深" + "</div>" * 3000)
