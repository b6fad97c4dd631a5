"""What an item is recognised by, and what a clerk may have mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.addresses import plain_address
from rules.identity import (
    address_key,
    is_bare,
    keys_of,
    may_be,
    names,
    own_number,
    plain_doc_no,
)
from rules.item import Entry, Place

DAY = date(2020, 9, 10)


def bare(**over: Any) -> Entry:
    facts = {"source": "甲", "place": Place("a.xlsx", "s", 1), "title": "关于放假的通知", "department": "教务处"}
    return Entry(**{**facts, **over})


@given(st.from_regex(r"\A[0-9]{1,4}\Z"))
def test_a_running_number_identifies_nothing(number: str) -> None:
    assert keys_of(bare(number=number)) == keys_of(bare())
    assert keys_of(bare(number=number))[0].startswith("row:")


def test_a_row_is_its_number_else_its_document_number_else_title_day_and_department() -> None:
    assert keys_of(bare(number="XXGK-2020-001", doc_no="某政〔2020〕1号"))[0] == "no:XXGK-2020-001"
    assert keys_of(bare(doc_no="某政〔2020〕1号"))[0] == "doc:某政〔2020〕1号"
    plain = keys_of(bare(formed_on=DAY))
    assert plain == keys_of(bare(formed_on=DAY, place=Place("b.xlsx", "t", 9), note="x"))
    for other in ({"title": "别的"}, {"formed_on": date(2020, 9, 11)}, {"department": "财务处"}):
        assert keys_of(bare(**{"formed_on": DAY, **other})) != plain


def test_a_web_item_is_its_article_and_never_its_title() -> None:
    one, other = bare(own_key="21/c100"), bare(own_key="21/c101")
    assert not set(keys_of(one)) & set(keys_of(other))
    assert keys_of(replace(one, title="改了标题")) == keys_of(one)


def test_two_sources_meet_at_the_same_document_number_or_address() -> None:
    sheet = bare(number="XXGK-2020-001", doc_no="某政〔2020〕1号", url="https://www.example.edu.cn/1")
    web = bare(own_key="1", url="https://www.example.edu.cn/1")
    oa = bare(own_key="9", doc_no="某政〔2020〕1号")
    assert set(keys_of(sheet)) & set(keys_of(web))
    assert set(keys_of(sheet)) & set(keys_of(oa))


SPELLINGS = st.tuples(
    st.sampled_from(["http", "https", "HTTP", "Https"]),
    st.sampled_from(["www.example.edu.cn", "WWW.Example.EDU.cn", "Www.example.edu.CN"]),
    st.booleans(),  # whether its usual port is written
    st.sampled_from(["", " ", "\n"]),  # what a clerk copied with it
    st.sampled_from(["", "#"]),
)
#: Each of them is a page of its own.
PAGES = (
    "/", "/a/1.htm", "/a/2.htm", "/A/1.htm", "/a/1.htm/", "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=1",
    "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=2", "/info/1/1.htm", "/show?id=1", "/show?id=2", "/show",
    "/show?ID=1", "/index.html#/detail?id=1", "/index.html#/detail?id=2", "/index.html#/detail", "/index.html", "/%E9%80%9A",
    "/" + "栏目/" * 80 + "1.htm", "/" + "栏目/" * 80 + "2.htm",
)  # fmt: skip


def spelled(how: tuple[str, str, bool, str, str], page: str) -> str:
    scheme, host, ported, blank, mark = how
    port = (":443" if scheme.lower() == "https" else ":80") if ported else ""
    return f"{blank}{scheme}://{host}{port}{page}{'' if '#' in page else mark}{blank}"


@given(SPELLINGS, SPELLINGS, st.sampled_from(PAGES), st.sampled_from(PAGES))
def test_an_address_is_one_key_however_it_is_written_and_two_pages_are_two(
    one: tuple[str, str, bool, str, str], other: tuple[str, str, bool, str, str], page: str, another: str
) -> None:
    first, second = address_key(spelled(one, page)), address_key(spelled(other, another))
    assert (first == second) == (page == another)
    assert len(first) <= 190
    assert plain_address(plain_address(spelled(one, page))) == plain_address(spelled(one, page))


@pytest.mark.parametrize(("one", "other"), [
    ("http://www.example.edu.cn/1", "http://www.example.edu.cn:8080/1"),
    ("http://www.example.edu.cn/1", "http://jw.example.edu.cn/1"),
    ("http://www.example.edu.cn:443/1", "http://www.example.edu.cn/1"),
    ("http://[2001:DB8::1]/1", "http://[2001:db8::2]/1"),
    ("ftp://www.example.edu.cn/1", "http://www.example.edu.cn/1"),
    ("见公告栏", "见公告栏二"),
])  # fmt: skip
def test_another_place_is_another_key(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@given(st.text(max_size=300))
def test_whatever_stands_in_the_cell_is_some_key(text: str) -> None:
    assert address_key(text).startswith("url:") and len(address_key(text)) <= 190


def test_an_empty_path_is_the_root() -> None:
    whole = ["http://[2001:DB8::1]", "https://[2001:db8::1]:443/", "http://[2001:db8::1]/?"]
    assert {plain_address(each) for each in whole} == {"[2001:db8::1]/"}


def test_two_long_addresses_that_begin_alike_are_two_items() -> None:
    stem = "https://www.example.edu.cn/" + "栏目/" * 60
    one, other = (keys_of(bare(own_key=n, url=f"{stem}{n}.htm")) for n in ("1", "2"))
    assert not set(one) & set(other)
    assert all(len(key) <= 200 for key in (*one, *other))


@pytest.mark.parametrize(
    "written", ["示办[2020]5号", "示办（2020）5号", "示办【2020】 5号", "示办〔２０２０〕５号", "示办﹝2020﹞5 号", "示办\u3000［2020］5号"]
)
def test_a_document_number_is_one_however_it_is_typed(written: str) -> None:
    assert keys_of(bare(doc_no=written)) == keys_of(bare(doc_no="示办〔2020〕5号"))
    assert plain_doc_no(written) != plain_doc_no("示办〔2020〕15号")


@given(st.text("示办政〔〕[]【】（）()［］﹝﹞0１２5第号 \u3000", max_size=20))
def test_the_plain_form_of_a_document_number_is_its_own_plain_form(text: str) -> None:
    assert plain_doc_no(plain_doc_no(text)) == plain_doc_no(text)


@pytest.mark.parametrize(("one", "other"), [("3", "4"), ("3", "XXGK-1"), ("", "7")])
def test_a_document_number_names_its_item_whatever_running_number_stands_beside_it(one: str, other: str) -> None:
    assert names("doc:示办〔2020〕5号", one, other, same_source=True)
    assert not names("doc:示办〔2020〕5号", "XXGK-2", "XXGK-1", same_source=True)


# -- mended

NUMBERS = st.sampled_from(["", "3", "0012", "XXGK-1", "XXGK-2"])
DOCS = st.sampled_from(["", "示办〔2020〕5号", "示办[2020]5号", "示办〔2020〕6号"])
DAYS = st.sampled_from([None, DAY, date(2020, 9, 11)])
ROWS = st.builds(
    lambda **over: bare(**over), number=NUMBERS, doc_no=DOCS, formed_on=DAYS,
    title=st.sampled_from(["通知", "公告", "办法"]), department=st.sampled_from(["教务处", "财务处"]),
)  # fmt: skip


@given(ROWS, ROWS)
def test_of_two_rows_each_may_be_the_other_or_neither(one: Entry, other: Entry) -> None:
    assert may_be(one, other) == may_be(other, one)


@given(ROWS, NUMBERS, DOCS, DAYS, st.sampled_from(["学工处", "教务处"]))
def test_whatever_else_is_mended_a_row_that_keeps_its_title_is_in_doubt(
    row: Entry, number: str, doc_no: str, formed_on: date | None, department: str
) -> None:
    mended = replace(row, number=number, doc_no=doc_no, formed_on=formed_on, department=department)
    assert may_be(mended, row)


@given(ROWS.filter(lambda row: row.formed_on is not None), NUMBERS, DOCS, st.text(max_size=9))
def test_whatever_else_is_mended_a_row_that_keeps_department_and_formed_date_is_in_doubt(
    row: Entry, number: str, doc_no: str, title: str
) -> None:
    assert may_be(replace(row, number=number, doc_no=doc_no, title=title), row)


@given(ROWS, DAYS, st.text(max_size=9), DOCS)
def test_a_row_without_number_that_has_a_blank_date_is_in_doubt_within_its_department(
    row: Entry, formed_on: date | None, title: str, doc_no: str
) -> None:
    lost = replace(row, formed_on=None)
    mended = replace(row, title=title, formed_on=formed_on, doc_no=doc_no)
    assert may_be(mended, lost) or (own_number(row.number) and title != row.title)


@given(ROWS, ROWS)
def test_what_shares_neither_title_nor_document_nor_department_is_another_item(one: Entry, other: Entry) -> None:
    apart = replace(other, title="关于别的事", department="保卫处", doc_no="示保〔2020〕9号")
    assert not may_be(apart, one)
    assert not may_be(replace(apart, department=one.department, formed_on=date(2019, 1, 1)), replace(one, formed_on=DAY))


def test_two_numbered_rows_without_dates_are_two_though_one_department_keeps_both() -> None:
    one = bare(number="XXGK-1")
    assert not may_be(bare(number="XXGK-2", title="别的"), one)
    assert may_be(bare(number="XXGK-2", title="别的", formed_on=DAY), replace(one, formed_on=DAY))


def test_a_running_number_leaves_a_row_bare() -> None:
    assert is_bare(bare(number="5"))
    assert not is_bare(bare(number="XXGK-5"))
    assert not is_bare(bare(doc_no="示办〔2020〕5号"))
