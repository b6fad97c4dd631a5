"""Whose number it is nobody can read from what we keep or show."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.numbers import ending, fingerprint, is_mobile, masked, mobile_of

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
prefixes = st.sampled_from(["", "+86", "86", "0086", "%2B86", "%20", "%2C"])


@given(before=st.text(), prefix=prefixes, number=mobiles, after=st.text())
def test_no_whole_number_is_left_wherever_it_stood(before: str, prefix: str, number: str, after: str) -> None:
    hidden = masked(f"{before}{prefix}{number}{after}")
    assert number not in hidden
    assert re.search(r"\d{11}", hidden) is None


@given(numbers=st.lists(mobiles, min_size=1), glue=st.sampled_from(["", ",", "%2C", '","', " "]))
def test_a_whole_list_of_numbers_is_hidden(numbers: list[str], glue: str) -> None:
    hidden = masked(glue.join(numbers))
    assert not any(number in hidden for number in numbers)


@given(number=mobiles)
def test_the_last_two_digits_stay_and_nothing_else_of_it(number: str) -> None:
    assert masked(f"a{number}b") == f"a{'*' * 9}{number[-2:]}b"


@given(text=st.text(alphabet=st.characters(exclude_categories=["Nd"])))
def test_what_holds_no_digits_is_not_touched(text: str) -> None:
    assert masked(text) == text


@given(text=st.text())
def test_hiding_twice_hides_no_more(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize("address", [
    "", "1380000000", "138000000001", "23800000000", "12800000000", "+8613800000000", "138 0000 0000",
    "13800000000\n", "１３８００００００００", "全体教职工", "0571-88880000",
])  # fmt: skip
def test_only_eleven_digits_of_a_mobile_are_sent_to(address: str) -> None:
    assert not is_mobile(address)


@given(number=mobiles)
def test_every_mobile_number_is_sent_to_and_known_again_in_a_vendors_form(number: str) -> None:
    assert is_mobile(number)
    assert {mobile_of(f"{form}{number}") for form in ("", "+86", "86", "0086")} == {number}


@pytest.mark.parametrize("text", ["", "None", "+85212345678", "138****0001", "+86138000000011"])
def test_what_is_no_mainland_number_is_none(text: str) -> None:
    assert mobile_of(text) == ""


def test_a_wrong_row_is_named_by_its_last_two_digits_or_not_at_all() -> None:
    assert ending("138-0000-00121") == "尾号21"
    assert ending("张三") == "没有数字"


@given(number=mobiles, key=st.text(min_size=1))
def test_a_fingerprint_tells_numbers_and_keys_apart_and_fits_the_store(number: str, key: str) -> None:
    print_ = fingerprint(number, key)
    assert re.fullmatch(r"[0-9a-f]{32}", print_)
    assert print_ != fingerprint(number, key + "x")
    assert number not in print_
