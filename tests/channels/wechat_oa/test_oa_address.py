"""Addresses of articles: seen in several places, one article all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat_oa.address import named, plain

FULL = "http://mp.weixin.qq.com/s?__biz=MzA3NTYzODYzMg==&mid=2653578065&idx=2&sn=25e64a8bb7b5934cf0ce2e49549a80d6"


@pytest.mark.parametrize("tail", ["", "#rd", "&chksm=84b3b156b3c4&scene=21#wechat_redirect", "&chksm=aaa&token=1"])
def test_what_differs_from_place_to_place_is_left_out(tail: str) -> None:
    assert plain(FULL + tail) == FULL and named(FULL + tail) == ("2653578065", 2)


@pytest.mark.parametrize(
    "short",
    [
        "http://mp.weixin.qq.com/s/CzrKotyupXbYY6EY2HP_dA",
        "http://mp.weixin.qq.com/s?__biz=B&mid=12&sn=x#rd",
        "http://mp.weixin.qq.com/s?mid=一&idx=1",
        "http://mp.weixin.qq.com/s?mid=1&idx=1000",
        "http://[broken",
        "",
    ],
)
def test_an_address_that_names_nothing_stays_as_it_is(short: str) -> None:
    assert plain(short) == short and named(short) is None


@given(st.text(max_size=60))
def test_whatever_the_platform_calls_an_address_breaks_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    named(text)
