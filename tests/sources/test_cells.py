from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.item import Attachment
from sources import cells

DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_a_day_is_read_however_an_office_writes_it(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    written = (
        day, datetime(y, m, d, 15, 25), (day - date(1899, 12, 30)).days, float((day - date(1899, 12, 30)).days) + 0.5,
        f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f" {y}－{m}－{d} ", f"{y}{m:02}{d:02}",
        int(f"{y}{m:02}{d:02}"), f"{y}-{m}-{d} 15:25:01", f"{y}年{m}月{d}日 15时25分", f"{y}-{m:02}-{d:02}T15:25:00",
        f"{y}年{m}月{d}日（星期三）", str((day - date(1899, 12, 30)).days),
    )  # fmt: skip
    assert {cells.day_of_cell(value) for value in written} == {day}


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_reading_a_day_gives_a_day_or_none_or_says_what_is_wrong(value: object) -> None:
    try:
        day = cells.day_of_cell(value)
    except ValueError as error:
        assert "“" in str(error)
    else:
        assert (day is None) == cells.is_blank(value)


@pytest.mark.parametrize(
    "text", ["九月下旬", "2020年9月", "2020-13-01", "2021-02-29", "20.9.8", "9月8日", "1020-09-08", "2020", "待定"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        cells.day_of_cell(text)


def test_a_workbook_from_a_mac_counts_days_from_1904() -> None:
    assert cells.day_of_cell(42620, since_1904=True) == date(2020, 9, 8)


@given(st.text())
def test_text_is_one_clean_line_and_cleaning_it_again_changes_nothing(raw: str) -> None:
    text = cells.text_of(raw)
    assert cells.text_of(text) == text == text.strip()
    assert not any(ord(char) < 32 or char in "\u200b\ufeff\x7f" for char in text)
    assert cells.is_blank(raw) == (text == "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (12, "12"),
        (0.5, "0.5"),
        (True, "是"),
        (20200908001.0, "20200908001"),
        ("关于\n公布\u3000名单\x00的\u200b通知 ", "关于 公布 名单的通知"),
        ("一行_x000D_", "一行"),
        (datetime(2020, 9, 8), "2020-09-08"),
        (None, ""),
    ],
)
def test_a_cell_reads_as_a_person_sees_it(value: object, text: str) -> None:
    assert cells.text_of(value) == text


def test_a_body_keeps_its_lines() -> None:
    assert cells.prose_of("第一段 \r\n\r\n\r\n\r\n第二段\x0b") == "第一段\n\n第二段"


@pytest.mark.parametrize(
    "text", ["教职工、学生", "教职工，学生", "教职工;学生", "教职工 / 学生", "教职工\n学生", "教职工、学生、教职工"]
)
def test_a_list_is_split_on_whatever_stands_between(text: str) -> None:
    assert cells.parts_of(text) == ("教职工", "学生")


def test_numbers_of_the_list_are_read_with_their_words() -> None:
    assert cells.numbers_of("9、10，第19项") == (9, 10, 19)
    assert cells.numbers_of(28) == (28,)
    assert cells.numbers_of(None) == ()
    with pytest.raises(ValueError, match="不是清单编号"):
        cells.numbers_of(datetime(2021, 1, 5))


@pytest.mark.parametrize(
    ("value", "urgent"),
    [("是", True), ("√", True), (1, True), ("特急", True), ("否", False), (None, False), (0, False)],
)
def test_urgent_is_a_yes_or_a_no(value: object, urgent: bool) -> None:
    assert cells.yes_of(value) is urgent


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(ValueError, match="看不出"):
        cells.yes_of("尽快")


@pytest.mark.parametrize("text", ["校办〔2020〕12号", "校办[2020]12号", "校办（2020） 12号", "校办【2020】12号"])
def test_one_document_has_one_number_whatever_its_brackets(text: str) -> None:
    assert cells.doc_no_of(text) == "校办〔2020〕12号"


@pytest.mark.parametrize(
    "text",
    [
        "2021-06-23至2021-06-27",
        "2021年6月23日—27日",
        "2021.6.23-6.27",
        "2021/6/23～2021/6/27",
        "2021年6月23日至6月27日",
    ],
)
def test_both_ends_of_a_notice_are_read_from_one_cell(text: str) -> None:
    assert cells.days_of_span(text) == (date(2021, 6, 23), date(2021, 6, 27))


@pytest.mark.parametrize("text", ["5个工作日", "2021-06-23", "2021-06-23至长期"])
def test_a_span_without_two_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        cells.days_of_span(text)


def test_an_address_must_be_one() -> None:
    assert cells.url_of("www.example.edu.cn/a.htm") == "http://www.example.edu.cn/a.htm"
    assert cells.url_of(None) == ""
    for text in ("点击查看", "javascript:alert(1)", "ftp://a.b", "http://a.cn/1 http://a.cn/2"):
        with pytest.raises(ValueError, match="不是网址"):
            cells.url_of(text)


def test_attachments_have_names_addresses_or_both() -> None:
    assert cells.attachments_of("名单.xlsx https://a.edu.cn/1\n办法.pdf；https://a.edu.cn/表.docx") == (
        Attachment("名单.xlsx", "https://a.edu.cn/1"),
        Attachment("办法.pdf"),
        Attachment("表.docx", "https://a.edu.cn/表.docx"),
    )
