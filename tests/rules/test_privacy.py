"""A person's number after its receipts have closed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.privacy import is_sealed, masked, sealed, without_accounts

ADDRESS = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True) | st.from_regex(r"[g-z][a-z0-9]{9,30}", fullmatch=True)


@given(ADDRESS, st.text(min_size=16, max_size=64))
def test_a_sealed_number_shows_its_last_two_digits_and_no_more(address: str, key: str) -> None:
    found = sealed(address, key)
    assert found.endswith(address[-2:])
    assert address[:-2] not in found
    assert is_sealed(found)
    assert sealed(found, key) == found
    assert len(found) <= 100


@given(ADDRESS, ADDRESS)
def test_the_same_number_is_found_again_with_the_key_and_not_with_another(one: str, two: str) -> None:
    assert (sealed(one, "k" * 16) == sealed(two, "k" * 16)) == (one == two)
    assert sealed(one, "k" * 16) != sealed(one, "x" * 16)


def test_a_plain_number_is_not_sealed() -> None:
    assert not is_sealed("13800000001")
    assert masked("13800000001") == "…01"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<FromUserName><![CDATA[o33dc0f817dadbd15348808fc210]]></FromUserName>", "<FromUserName><![CDATA[…10]]></FromUserName>"),
        ("<FromUserName>t013</FromUserName>", "<FromUserName>…13</FromUserName>"),
        ('{"user_id": 12345678, "message_id": 7}', '{"user_id": "…78", "message_id": 7}'),
        ('{"touser":["oA11","oB22"], "openid": null}', '{"touser": ["…11", "…22"], "openid": null}'),
        ('{"sender": {"nickname": "张三丰", "role": "member"}}', '{"sender": {"nickname": "…", "role": "member"}}'),
        ('{"raw": "{\\"openId\\": \\"o33dc0f817\\"}"}', '{"raw": "{\\"openId\\": \\"…17\\"}"}'),
        ("7", "7"),
        ('HTTP 200 {"data": {"group_id": 77, "user_id": 987654321, "nickname": "李四同学", "text"', 'HTTP 200 {"data": {"group_id": 77, "user_id": …21, "nickname": "…", "text"'),
        ('{"openid":"oA11', '{"openid":"…11'),
        ('[{"user_id": null, "touser": ["oA11", "oB2', '[{"user_id": null, "touser": ["…11", "…B2'),
        ('{"message": "\\ud83d", "user_id": 11}', '{"message": "?", "user_id": "…11"}'),
        ("<ToUserName><![CDATA[gh_demo]]></ToUserName>", "<ToUserName><![CDATA[gh_demo]]></ToUserName>"),
    ],
)
def test_a_vendors_words_keep_two_signs_of_the_account_they_tell_of(said: str, kept: str) -> None:
    assert without_accounts(said) == without_accounts(kept) == kept
