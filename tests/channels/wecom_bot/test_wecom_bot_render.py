"""What a WeCom robot's group will see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Content, SendError
from channels.wecom_bot import WecomBot
from channels.words import link, one_line, purpose
from rules.bundle import Bundle, Piece
from rules.outcome import Outcome
from rules.text import size
from tests.channels.samples import BUNDLES, Ticks, bundle, check_golden, piece, setting, target

GOLDEN = Path(__file__).parent / "golden"
TARGET = target("wecom_bot", "WECOM_ROBOT_T01")
LIMITS = {"markdown": 4096, "text": 2048}

titles = st.text(min_size=1, max_size=300)
urls = st.text(alphabet="abc/?=&()[]<>@ 公", max_size=24).map(lambda tail: f"https://e.cn/{tail}")
pieces = st.builds(
    Piece,
    placement=st.integers(1, 9),
    title=titles,
    summary=st.text(max_size=2000),
    url=urls,
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


def render(of: Bundle, form: str = "markdown") -> Content:
    return WecomBot(setting("wecom_bot", format=form), {}, Ticks()).render(of, TARGET)


def body(content: Content) -> str:
    payload: Any = content.payload
    return str(payload[payload["msgtype"]]["content"])


@pytest.mark.parametrize("form", ["markdown", "text", "news"])
@pytest.mark.parametrize("name", BUNDLES)
def test_what_goes_on_the_wire_is_what_the_golden_file_says(name: str, form: str) -> None:
    check_golden(GOLDEN / f"{name}.{form}.json", render(BUNDLES[name], form).payload)


@pytest.mark.parametrize("form", LIMITS)
@given(of=bundles)
def test_no_bundle_exceeds_the_byte_limit_and_the_bytes_are_counted_as_sent(form: str, of: Bundle) -> None:
    content = render(of, form)
    assert size(body(content)) == content.bytes <= LIMITS[form]


@pytest.mark.parametrize("form", LIMITS)
@given(of=bundles)
def test_every_link_the_mark_and_a_part_of_every_title_are_kept(form: str, of: Bundle) -> None:
    text = body(render(of, form))
    assert of.mark in text
    for one in of.pieces:
        assert link(one.url) in text
    if len(of.pieces) > 1:
        assert all(f"\n{n}. " in text for n in range(1, len(of.pieces) + 1))


@given(of=bundles)
def test_a_cut_title_is_a_beginning_of_the_title_in_whole_characters(of: Bundle) -> None:
    lines = body(render(of, "text")).splitlines()
    for number, one in enumerate(of.pieces, 1):
        start = (f"{number}. " if len(of.pieces) > 1 else "") + purpose(one)
        shown = [line.removeprefix(start).removesuffix("…") for line in lines if line.startswith(start)]
        whole = (one_line(one.title) or "（无标题）").replace("<@", "＜@")
        assert any(len(text) >= min(len(whole), 6) and whole.startswith(text) for text in shown)


@given(of=bundles)
def test_no_title_can_mention_anybody_or_write_a_tag_of_its_own(of: Bundle) -> None:
    text = body(render(of))
    assert set(re.findall(r"<[^>]*>", text)) <= {'<font color="comment">', "</font>"}
    assert len(re.findall(r"\]\(", text)) == len(of.pieces)


@given(of=bundles)
def test_plain_text_cannot_mention_anybody(of: Bundle) -> None:
    assert "<@" not in body(render(of, "text"))


@given(of=bundles)
def test_cards_keep_the_vendors_limits_their_links_and_the_mark(of: Bundle) -> None:
    content = render(of, "news")
    payload: Any = content.payload
    articles = payload["news"]["articles"]
    assert [a["url"] for a in articles] == [link(p.url) for p in of.pieces]
    assert all(0 < size(a["title"]) <= 128 and size(a["description"]) <= 512 for a in articles)
    assert articles[-1]["description"].endswith(of.mark)


@given(of=bundles)
def test_a_notice_never_shows_its_list(of: Bundle) -> None:
    secret = Piece(placement=1, title="公示", summary="张三13800000000", url="https://e.cn/1", notice=True)
    with_notice = Bundle(key=of.key, school=of.school, pieces=(secret, *of.pieces[:7]))
    for form in ("markdown", "text", "news"):
        assert "张三13800000000" not in str(render(with_notice, form).payload)


def test_a_single_piece_shows_its_summary_and_several_do_not() -> None:
    assert piece().summary in body(render(bundle()))
    assert piece().summary not in body(render(bundle(piece(1), piece(2))))


def test_summaries_give_way_before_titles() -> None:
    content = render(BUNDLES["shortened_summary"])
    assert content.shortened
    assert piece().title in content.text
    assert content.bytes > 4096 * 0.6


def test_what_fits_is_not_called_shortened() -> None:
    assert not render(bundle()).shortened
    assert not render(bundle(), "news").shortened


@pytest.mark.parametrize(("title", "summary"), [("长" * 43, ""), ("短", "长" * 171)])
def test_a_cut_card_is_called_shortened(title: str, summary: str) -> None:
    assert render(bundle(piece(title=title, summary=summary)), "news").shortened


def test_cards_fall_back_to_markdown_when_a_piece_has_no_link() -> None:
    assert render(bundle(piece(1), piece(2, url="")), "news").payload["msgtype"] == "markdown"


def test_links_that_cannot_fit_are_refused_and_never_cut() -> None:
    of = bundle(*(piece(n, url="https://e.cn/" + "a" * 600) for n in range(8)))
    with pytest.raises(SendError) as caught:
        render(of)
    assert caught.value.outcome is Outcome.REFUSED


def test_a_format_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"channels\.wecom_bot\.format"):
        WecomBot(setting("wecom_bot", format="html"), {}, Ticks())


def test_two_of_the_vendors_twenty_a_minute_are_kept_back() -> None:
    (rate,) = WecomBot(setting("wecom_bot"), {}, Ticks()).limits.rates
    assert (rate.most, rate.per.total_seconds(), rate.of) == (18, 60, "address")  # type: ignore[union-attr]
