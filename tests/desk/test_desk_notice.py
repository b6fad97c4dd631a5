"""The title of a notice of A4: lines of even length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from desk.notice import FONT, STOPS, WIDTH, _width, even_lines

pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@pytest.mark.parametrize("length", [1, 19, 20, 21, 22, 39, 41, 60])
def test_no_single_sign_is_left_on_the_last_line(length: int) -> None:
    lines = even_lines("公" * length)
    assert sum(map(len, lines)) == length
    assert max(map(len, lines)) - min(map(len, lines)) <= len(lines)
    assert all(_width(line) <= WIDTH for line in lines)


def test_a_year_is_not_broken_and_no_line_begins_with_a_stop() -> None:
    lines = even_lines("关于2020-2021学年第二学期本科生教材选用及征订工作情况（第1批）的公示，请各系（部）核对")
    assert any("2020-2021" in line for line in lines)
    assert not any(line[0] in STOPS for line in lines)


@given(st.text("公示学年2020（）《》，、A-", min_size=1, max_size=80))
def test_nothing_of_a_title_is_lost(text: str) -> None:
    assert "".join(even_lines(text)) == text
