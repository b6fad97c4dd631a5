"""Columns line up whatever the script; nothing in a cell is taken for a formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import words
from tests import factory as f


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("abc", 3),
        ("条次", 4),
        ("A01 公众号", 10),
        ("（）", 4),
        ("e\u0301", 1),
        ("ｱ", 1),
        ("Ａ", 2),
        ("\u200b", 0),
        ("", 0),
    ],
)
def test_a_width_is_counted_in_cells(text: str, cells: int) -> None:
    assert words.width(text) == cells


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_cut_text_never_takes_more_cells_than_it_may(text: str, most: int) -> None:
    assert words.width(words.cut(text, most)) <= most


def test_columns_start_at_the_same_cell_on_every_line() -> None:
    lines = words.table(("目标", "条次", "说明"), [("Q01 学生群", 7, "甲"), ("A", 1200, "乙"), ("公众号", None, "丙")])
    assert (
        len(
            {
                words.width(line[: line.rindex(last)])
                for line, last in zip(lines, ("说明", "甲", "乙", "丙"), strict=True)
            }
        )
        == 1
    )
    assert lines[3].split() == ["公众号", "—", "丙"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_excel_would_compute_is_kept_as_text(text: str) -> None:
    assert words.cell(text) == f"'{text}"


def test_a_cell_without_a_value_is_empty_and_an_instant_is_in_shanghai() -> None:
    assert words.cell(None) == "" and words.cell("条=次") == "条=次"
    assert words.cell(f.moment("2020-09-01", "00:30")) == "2020-09-01 00:30:00"


def test_what_somebody_wrote_down_of_a_day_alone_shows_no_hour() -> None:
    assert words.written(f.moment("2020-09-01", "00:00")) == "2020-09-01"
    assert words.written(f.moment("2020-09-01", "00:01")) == "2020-09-01 00:01"
