"""A person's number after its receipts have closed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.privacy import is_sealed, masked, sealed

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
