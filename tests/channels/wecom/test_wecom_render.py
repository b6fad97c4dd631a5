"""What a person or an app's chat will see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Content, SendError
from channels.wecom import cards
from channels.wecom.app import message
from channels.words import link
from rules.bundle import Bundle, Piece
from rules.outcome import Outcome
from rules.text import size
from tests.channels.samples import BUNDLES, KEY, bundle, check_golden, piece
from tests.channels.wecom.wecom_support import CHAT, TARGET, app, chat

GOLDEN = Path(__file__).parent / "golden"
FORMS = ("textcard", "markdown", "text", "template_card")

urls = st.text(alphabet="abc/?=&()[]<>@ 公", max_size=24).map(lambda tail: f"https://e.cn/{tail}")
pieces = st.builds(
    Piece,
    placement=st.integers(1, 9),
    title=st.text(min_size=1, max_size=300),
    summary=st.text(max_size=1000),
    url=st.one_of(st.just(""), urls),
    department=st.text(max_size=60),
    purpose=st.sampled_from(["首发", "更正", "撤回"]),
    notice=st.booleans(),
)
bundles = st.builds(
    Bundle,
    key=st.just("ab12ef" + "0" * 26),
    school=st.text(max_size=80),
    pieces=st.lists(pieces, min_size=1, max_size=6).map(tuple),
)


def render(of: Bundle, form: str) -> Content:
    return app("http://x", **({"ack": True} if form == "template_card" else {"format": form})).render(of, TARGET)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", BUNDLES)
def test_what_goes_on_the_wire_is_what_the_golden_file_says(name: str, form: str) -> None:
    body = message(render(BUNDLES[name], form).payload, ["zhangsan", "lisi"], KEY, 1000002)
    check_golden(GOLDEN / f"{name}.{form}.json", body)


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("form", ["textcard", "markdown", "text"])
def test_a_chat_is_shown_what_a_person_is_shown(name: str, form: str) -> None:
    assert chat("http://x", format=form).render(BUNDLES[name], CHAT) == render(BUNDLES[name], form)


@given(of=bundles)
def test_no_form_exceeds_its_limits_and_each_keeps_every_link_and_the_mark(of: Bundle) -> None:
    for form in FORMS:
        payload: Any = render(of, form).payload
        told = str(payload)
        assert of.mark in told
        assert all(repr(link(one.url))[1:-1] in told for one in of.pieces)
        within(payload)


def within(payload: Any) -> None:
    """Every limit of the document, in bytes or in characters as it counts them."""
    content = payload[payload["msgtype"]]
    match payload["msgtype"]:
        case "text" | "markdown":
            assert 0 < size(content["content"]) <= 2048
        case "textcard":
            assert 0 < size(content["title"]) <= 128
            assert 0 < size(content["description"]) <= 512
        case "news":
            assert 1 <= len(content["articles"]) <= 8
            assert all(size(a["title"]) <= 128 and size(a["description"]) <= 512 for a in content["articles"])
        case _:
            assert 0 < len(content["main_title"]["title"]) <= 36
            assert len(content["main_title"]["desc"]) <= 44
            assert len(content["horizontal_content_list"]) <= 6
            assert all(len(line["keyname"]) <= 5 for line in content["horizontal_content_list"])
            assert all(0 < len(line["value"]) <= 30 for line in content["horizontal_content_list"])


@given(of=bundles)
def test_no_title_can_mention_anybody_or_write_a_tag_of_its_own(of: Bundle) -> None:
    of = Bundle(key=of.key, school=of.school, pieces=of.pieces[:1])
    description: Any = render(of, "textcard").payload
    if description["msgtype"] == "textcard":
        tags = set(re.findall(r"<[^>]*>", description["textcard"]["description"]))
        assert tags <= {'<div class="gray">', '<div class="normal">', "</div>"}
    for form in ("text", "markdown"):
        assert "<@" not in str(render(of, form).payload)


@pytest.mark.parametrize("form", FORMS)
def test_a_notice_never_shows_its_list(form: str) -> None:
    secret = piece(summary="张三13800000000", notice=True)
    for of in (bundle(secret), bundle(secret, piece(2))):
        content = render(of, form)
        assert "13800000000" not in f"{content.payload}{content.text}"


def test_a_piece_with_a_link_is_a_card_and_several_are_news() -> None:
    assert render(bundle(), "textcard").payload["msgtype"] == "textcard"
    assert render(bundle(piece(1), piece(2)), "textcard").payload["msgtype"] == "news"


@pytest.mark.parametrize("url", ["", "ftp://e.cn/1", "/1.htm"])
def test_a_piece_that_no_card_can_open_is_text_with_its_address_whole(url: str) -> None:
    for of in (bundle(piece(url=url)), bundle(piece(1), piece(2, url=url))):
        content = render(of, "textcard")
        assert content.payload["msgtype"] == "text"
        assert url in content.text


def test_a_card_with_a_button_keeps_a_link_it_cannot_carry_as_text() -> None:
    assert render(bundle(piece(url="")), "template_card").payload["msgtype"] == "template_card"
    assert render(bundle(piece(url="ftp://e.cn/1")), "template_card").payload["msgtype"] == "text"


def test_a_card_with_a_button_takes_six_pieces_and_the_others_eight() -> None:
    assert app("http://x", ack=True).limits.pieces == cards.CARD_LINES == 6
    assert app("http://x").limits.pieces == chat("http://x").limits.pieces == 8


@pytest.mark.parametrize("form", ["textcard", "template_card"])
@pytest.mark.parametrize(("title", "summary"), [("长" * 43, ""), ("短", "长" * 300)])
def test_a_cut_card_is_called_shortened(form: str, title: str, summary: str) -> None:
    assert render(bundle(piece(title=title, summary=summary)), form).shortened


@pytest.mark.parametrize("form", FORMS)
def test_what_fits_is_not_called_shortened_and_reads_whole(form: str) -> None:
    short = piece(title="关于放假的通知")
    content = render(bundle(short), form)
    assert not content.shortened
    assert all(part in content.text for part in (short.title, short.summary, short.url, short.department))


def test_a_cut_line_of_a_card_is_called_shortened() -> None:
    long = piece(1, title="长" * 31)
    assert render(bundle(long, piece(2, title="短")), "template_card").shortened
    assert not render(bundle(piece(1, title="短"), piece(2, title="短")), "template_card").shortened


def test_a_department_too_long_for_a_card_is_left_out_and_said() -> None:
    content = render(bundle(piece(department="处" * 160)), "textcard")
    assert content.shortened
    within(content.payload)


def test_links_that_cannot_fit_are_refused_and_never_cut() -> None:
    with pytest.raises(SendError) as caught:
        render(bundle(piece(url="https://e.cn/" + "a" * 2100)), "textcard")
    assert caught.value.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "options",
    [
        {"format": "html"},
        {"format": "template_card", "ack": False},
        {"format": "text", "ack": True},
        {"ack": "yes"},
    ],
)
def test_an_option_nobody_knows_is_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"channels\.wecom_app"):
        app("http://x", **options)


def test_a_chat_knows_no_button() -> None:
    with pytest.raises(ValueError, match=r"channels\.wecom_chat\.format"):
        chat("http://x", format="template_card")
