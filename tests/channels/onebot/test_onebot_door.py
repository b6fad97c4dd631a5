"""What a QQ side tells us by itself: signed, or refused; our own message is a receipt, a mute and a removal are news."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Calls, Finding, Receipt, Word
from channels.onebot import OneBot
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.onebot.qq_support import GROUP, ONE, SECOND, SECRETS, TOKEN, TWO
from tests.channels.samples import NOW, Ticks, bundle, setting

BOTS = [{"name": "备用账号", "api_base": "http://127.0.0.1:2", "token": "ONEBOT_TOKEN_2"}]


def channel(**secrets: str) -> OneBot:
    return OneBot(setting("onebot", bots=BOTS), secrets or SECRETS, Ticks())


def signed(body: bytes, token: str = TOKEN) -> dict[str, str]:
    return {"x-signature": "sha1=" + hmac.new(token.encode(), body, hashlib.sha1).hexdigest(), "x-self-id": ONE}


def event(**facts: Any) -> bytes:
    return json.dumps({"time": 1614560400, "self_id": int(ONE), **facts}, ensure_ascii=False).encode()


def echo(**facts: Any) -> bytes:
    text = [{"type": "text", "data": {"text": f"通知\n{bundle().mark}"}}]
    usual = {"post_type": "message_sent", "message_type": "group", "group_id": int(GROUP), "user_id": int(ONE)}
    sender = {"user_id": facts.get("user_id", int(ONE))}
    return event(**{**usual, "message_id": 77, "message": text, "sender": sender, **facts})


def taken(body: bytes, of: OneBot | None = None, token: str = TOKEN) -> list[Receipt]:
    answer, found = (of or channel()).door("POST", signed(body, token), body)
    assert answer == ""  # JSON would be taken for an order
    return list(found)


def meaning(body: bytes) -> Word | Finding | None:
    (receipt,) = taken(body)
    return channel().word(receipt, NOW)


def test_it_is_a_channel_that_is_called() -> None:
    assert isinstance(channel(), Calls)


@pytest.mark.parametrize("token", [TOKEN, SECOND])
def test_every_account_signs_with_its_own_token(token: str) -> None:
    assert len(taken(echo(), token=token)) == 1


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"x-signature": ""},
        {"x-signature": "sha1="},
        {"x-signature": signed(echo(), "wrong")["x-signature"]},
        {"x-signature": signed(echo(), "")["x-signature"]},
        {"x-signature": signed(echo() + b" ")["x-signature"]},
        {"x-signature": signed(echo())["x-signature"].removeprefix("sha1=")},
        {"x-signature": "sha1=密" + "0" * 39},
        {"x-self-id": ONE, "access_token": TOKEN},
    ],
)
def test_without_the_signature_nobody_is_let_in(query: dict[str, str]) -> None:
    with pytest.raises(PermissionError, match="签名不符"):
        channel().door("POST", query, echo())


def test_an_account_without_a_token_lets_nobody_in() -> None:
    with pytest.raises(PermissionError):
        channel(ONEBOT_TOKEN="").door("POST", signed(echo(), ""), echo())


def test_looking_is_no_event() -> None:
    with pytest.raises(PermissionError):
        channel().door("GET", signed(b""), b"")


def test_our_own_message_is_a_receipt_for_its_push() -> None:
    (receipt,) = taken(echo())
    assert (receipt.kind, receipt.vendor_id) == ("message_sent", f"{ONE}:77")
    word = channel().word(receipt, NOW)
    assert isinstance(word, Word)
    assert (word.outcome, word.basis, word.address) == (Outcome.DELIVERED, Basis.POSTED, GROUP)
    assert (word.key_head, word.vendor_id) == (bundle().key[:6], f"{ONE}:77")


def test_the_same_message_told_twice_is_one_receipt() -> None:
    assert taken(echo())[0].dedup == taken(echo(time=1614560999))[0].dedup


def test_a_message_of_ours_told_as_an_ordinary_one_is_a_receipt_too() -> None:
    assert len(taken(echo(post_type="message"))) == 1


@pytest.mark.parametrize(
    "body",
    [
        echo(user_id=20002),
        echo(post_type="message", user_id=20002),
        echo(message=[{"type": "text", "data": {"text": "值班提醒"}}]),
        echo(message="你好"),
        event(post_type="message_sent", user_id=int(ONE), message=f"私聊 {bundle().mark}"),
        event(post_type="notice", notice_type="group_decrease", sub_type="leave", user_id=20002, group_id=7),
        event(post_type="notice", notice_type="group_ban", sub_type="ban", user_id=20002, group_id=7),
        event(post_type="notice", notice_type="group_ban", sub_type="ban", user_id=0, group_id=7),
        event(post_type="meta_event", meta_event_type="lifecycle"),
        event(post_type="request"),
        event(),
        b"[]",
        b"null",
        b"{",
        b"",
        b"\xff",
    ],
)
def test_what_members_write_and_what_is_none_of_ours_is_not_kept(body: bytes) -> None:
    assert taken(body) == []


def test_a_removal_and_a_mute_are_news_of_the_channel_and_a_lifted_mute_ends_it() -> None:
    mine = {"post_type": "notice", "group_id": int(GROUP), "user_id": int(ONE)}
    kicked = meaning(event(**mine, notice_type="group_decrease", sub_type="kick_me"))
    muted = meaning(event(**mine, notice_type="group_ban", sub_type="ban", duration=600))
    lifted = meaning(event(**mine, notice_type="group_ban", sub_type="lift_ban", duration=0))
    assert isinstance(kicked, Finding) and isinstance(muted, Finding) and isinstance(lifted, Finding)
    assert [each.ok for each in (kicked, muted, lifted)] == [False, False, True]
    assert "被移出" in kicked.text and "被禁言" in muted.text and kicked.fix and muted.fix
    assert muted.key == lifted.key


def beat(online: bool, self_id: str = ONE, **more: Any) -> bytes:
    status = {"online": online, "good": True}
    return event(post_type="meta_event", meta_event_type="heartbeat", status=status, self_id=int(self_id), **more)


def test_of_the_beats_the_first_a_change_and_one_an_hour_are_kept() -> None:
    it = channel()
    kept = [len(taken(beat(online), it)) for online in (True, True, False, False, True, True)]
    assert kept == [1, 0, 1, 0, 1, 0]
    assert len(taken(beat(False, TWO), it)) == 1
    assert [len(taken(beat(True, time=hour * 3600), it)) for hour in (500000, 500000, 500001)] == [1, 0, 1]
    away, back = channel().word(taken(beat(False))[0], NOW), None
    it = channel()
    taken(beat(False), it)
    back = it.word(taken(beat(True), it)[0], NOW)
    assert isinstance(away, Finding) and isinstance(back, Finding)
    assert (away.ok, back.ok, away.key) == (False, True, back.key)


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just(f"x{bundle().mark}"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "text", "type", "user_id"]), inner)
    ),
    max_leaves=6,
)
events = st.fixed_dictionaries(
    {
        "self_id": st.just(int(ONE)),
        "post_type": st.sampled_from(["message", "message_sent", "notice", "meta_event"]),
        "notice_type": st.sampled_from(["group_ban", "group_decrease"]) | odd,
        "meta_event_type": st.just("heartbeat"),
        "user_id": st.just(int(ONE)) | odd,
    },
    optional=dict.fromkeys(("message", "sender", "status", "sub_type", "group_id", "message_id", "time"), odd),
)


@given(events)
def test_no_event_however_odd_breaks_the_door(found: dict[str, Any]) -> None:
    for receipt in taken(json.dumps(found).encode()):
        assert len(receipt.dedup) <= 100 and channel().word(receipt, NOW) is not None
