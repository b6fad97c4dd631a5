"""What a QQ group will see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Content, SendError
from channels.onebot import OneBot
from channels.words import link
from rules.bundle import Bundle, Piece
from rules.outcome import Outcome
from tests.channels.samples import BUNDLES, Ticks, bundle, check_golden, piece, setting, target

GOLDEN = Path(__file__).parent / "golden"
pieces = st.builds(
    Piece,
    placement=st.integers(1, 9),
    title=st.text(min_size=1, max_size=400),
    summary=st.text(max_size=3000),
    url=st.text(alphabet="abc/?=&()[]<>@ 公", max_size=60).map(lambda tail: f"https://e.cn/{tail}"),
    department=st.text(max_size=60),
    purpose=st.sampled_from(["首发", "更正", "撤回"]),
    notice=st.booleans(),
)
bundles = st.builds(
    Bundle,
    key=st.just("ab12ef" + "0" * 26),
    school=st.text(max_size=80),
    pieces=st.lists(pieces, min_size=1, max_size=8).map(tuple),
)


def render(of: Bundle) -> Content:
    return OneBot(setting("onebot"), {}, Ticks()).render(of, target("onebot", "700000001"))


def text_of(content: Content) -> str:
    payload: Any = content.payload
    ((segment,),) = (payload["message"],)
    assert segment["type"] == "text"
    return str(segment["data"]["text"])


@pytest.mark.parametrize("name", BUNDLES)
def test_what_goes_on_the_wire_is_what_the_golden_file_says(name: str) -> None:
    check_golden(GOLDEN / f"{name}.json", render(BUNDLES[name]).payload)


@given(of=bundles)
def test_no_bundle_exceeds_two_thousand_characters_and_links_and_mark_are_kept(of: Bundle) -> None:
    text = text_of(render(of))
    assert len(text) <= 2000
    assert text.endswith("\n" + of.mark)
    assert all(link(one.url) in text.splitlines() for one in of.pieces)


@given(of=bundles)
def test_each_piece_has_its_title_on_one_line_of_its_own(of: Bundle) -> None:
    lines = text_of(render(of)).splitlines()
    most = 2 + 4 * len(of.pieces)
    assert len(lines) <= most
    if len(of.pieces) > 1:
        assert sum(line.startswith(f"{n}. ") for n in range(1, len(of.pieces) + 1) for line in lines) >= len(of.pieces)


def test_a_message_is_an_array_so_that_no_title_is_read_as_a_cq_code() -> None:
    content = render(BUNDLES["hostile"])
    assert isinstance(content.payload["message"], list)
    assert "[CQ:at,qq=all] 全体成员" in text_of(content)


def test_a_long_summary_is_shortened_and_the_title_is_not() -> None:
    content = render(BUNDLES["shortened_summary"])
    assert content.shortened
    assert piece().title in content.text


def test_what_fits_is_not_called_shortened() -> None:
    assert not render(bundle()).shortened


def test_a_notice_shows_no_list() -> None:
    text = text_of(render(BUNDLES["notice"]))
    assert "张某某" not in text
    assert "公示通知" in text


def test_links_that_cannot_fit_are_refused_and_never_cut() -> None:
    with pytest.raises(SendError) as caught:
        render(bundle(*(piece(n, url="https://e.cn/" + "a" * 400) for n in range(8))))
    assert caught.value.outcome is Outcome.REFUSED
