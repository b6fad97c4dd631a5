"""Text is cut to a vendor's limit on whole characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.text import ELLIPSIS, cut, cut_chars, size

TEXTS = st.text(st.sampled_from("ab 中文字符—𠮷👍é\n…"), max_size=60) | st.text(max_size=60)


@given(TEXTS, st.integers(0, 200))
def test_a_cut_text_fits_and_is_the_beginning_of_the_whole(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert size(short) <= limit
    if size(text) <= limit:
        assert short == text
    elif short:
        assert short.endswith(ELLIPSIS)
        assert text.startswith(short.removesuffix(ELLIPSIS))


@given(TEXTS, st.integers(3, 200))
def test_no_more_is_left_out_than_must_be(text: str, limit: int) -> None:
    short = cut(text, limit)
    if short != text:
        kept = short.removesuffix(ELLIPSIS)
        rest = text[len(kept) :].lstrip()
        assert rest == "" or size(kept) + size(text[len(kept) :][: len(text[len(kept) :]) - len(rest) + 1]) > limit - 3


@given(TEXTS, st.integers(0, 80))
def test_a_text_cut_by_characters_fits_too(text: str, limit: int) -> None:
    short = cut_chars(text, limit)
    assert len(short) <= limit
    assert text.startswith(short.removesuffix(ELLIPSIS)) or short == text
