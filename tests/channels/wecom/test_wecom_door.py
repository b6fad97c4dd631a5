"""The platform calls us: the URL check, encrypted events, and the one press that is a receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.crypto import WeChatCrypto

from channels.base import Calls, Receipt
from channels.wecom.app import WecomApp
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import KEY
from tests.channels.wecom.wecom_support import AES_KEY, CORP, SECRETS, app, pressed, receipt

NOW = datetime.fromtimestamp(1700000000, UTC)
STAMP, NONCE = "1700000000", "nonce1"


@pytest.fixture
def channel() -> WecomApp:
    return app("http://x", ack=True)


def sealed(xml: str, token: str = "calltoken", key: str = AES_KEY, corp: str = CORP) -> tuple[dict[str, str], bytes]:
    envelope = WeChatCrypto(token, key, corp).encrypt_message(xml, NONCE, STAMP)
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    return {"msg_signature": signature, "timestamp": STAMP, "nonce": NONCE}, envelope.encode()


def taken(channel: WecomApp, xml: str) -> list[Receipt]:
    answer, found = channel.door("POST", *sealed(xml))
    assert answer == ""
    return list(found)


def test_the_channel_has_a_door(channel: WecomApp) -> None:
    assert isinstance(channel, Calls)


def test_the_url_check_is_answered_with_what_was_encrypted(channel: WecomApp) -> None:
    query, body = sealed("8211929203192837465")
    echo = body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert channel.door("GET", {**query, "echostr": echo}, b"") == ("8211929203192837465", ())


@pytest.mark.parametrize("wrong", ["msg_signature", "timestamp", "nonce"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_with_a_wrong_or_no_signature_is_refused(channel: WecomApp, wrong: str, method: str) -> None:
    query, body = sealed(pressed())
    query["echostr"] = body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    for spoiled in ({**query, wrong: "1"}, {k: v for k, v in query.items() if k != wrong}):
        with pytest.raises(PermissionError):
            channel.door(method, spoiled, body)


@pytest.mark.parametrize("other", [{"token": "othertoken"}, {"key": AES_KEY[::-1]}, {"corp": "ww-another-company"}])
def test_another_token_key_or_company_is_refused(channel: WecomApp, other: dict[str, str]) -> None:
    with pytest.raises(PermissionError):
        channel.door("POST", *sealed(pressed(), **other))


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"<xml><Encrypt>!</Encrypt></xml>", b"\xff\xfe", b"{}", b"<a"])
def test_a_call_with_nothing_in_it_is_refused(channel: WecomApp, body: bytes) -> None:
    with pytest.raises(PermissionError):
        channel.door("POST", {"msg_signature": "x", "timestamp": "1", "nonce": "n"}, body)


def test_a_call_in_clear_is_refused(channel: WecomApp) -> None:
    with pytest.raises(PermissionError):
        channel.door("POST", sealed(pressed())[0], pressed().encode())


@pytest.mark.parametrize("missing", ["WECOM_APP_TOKEN", "WECOM_APP_AES_KEY", "WECOM_CORP_ID"])
def test_without_its_secrets_the_door_stays_shut(missing: str) -> None:
    channel = app("http://x", secrets={**SECRETS, missing: ""}, ack=True)
    with pytest.raises(PermissionError, match=missing):
        channel.door("POST", *sealed(pressed()))


def test_a_press_is_kept_as_it_came_and_says_who_has_read(channel: WecomApp) -> None:
    (kept,) = taken(channel, pressed("ZhangSan"))
    assert (kept.kind, kept.raw) == ("template_card_event", pressed("ZhangSan"))
    word = channel.word(kept, NOW)
    assert word is not None
    assert (word.outcome, word.basis) == (Outcome.DELIVERED, Basis.PERSON)
    assert (word.push_key, word.address, word.vendor_id) == (KEY, "ZhangSan", "")


def test_a_second_press_is_the_same_receipt_and_another_persons_is_not(channel: WecomApp) -> None:
    (first,) = taken(channel, pressed("ZhangSan"))
    (again,) = taken(channel, pressed("zhangsan", CreateTime="1614560999", ResponseCode="RC2"))
    (other,) = taken(channel, pressed("LiSi"))
    (later,) = taken(channel, pressed("ZhangSan", key="f" * 32))
    assert first.dedup == again.dedup
    assert len({first.dedup, other.dedup, later.dedup}) == 3


@given(users=st.lists(st.text("abcdefgh", min_size=60, max_size=64), min_size=2, max_size=2, unique=True))
def test_long_ids_that_begin_alike_are_not_taken_for_each_other(users: list[str]) -> None:
    dedups = {taken(app("http://x", ack=True), pressed("x" * 50 + user[50:]))[0].dedup for user in users}
    assert len(dedups) == len({user[50:] for user in users})
    assert all(len(each) <= 100 for each in dedups)


@pytest.mark.parametrize(
    "changes",
    [
        {"Event": "enter_agent"},
        {"EventKey": "another_button"},
        {"Event": "template_card_menu_event"},
        {"TaskId": ""},
        {"FromUserName": ""},
        {"MsgType": "text", "Event": ""},
    ],
)
def test_other_events_give_no_receipt(channel: WecomApp, changes: dict[str, str]) -> None:
    assert taken(channel, pressed(**changes)) == []


@pytest.mark.parametrize("xml", ["", "not xml", "<xml>", '<!DOCTYPE x [<!ENTITY a "b">]><xml><Event>&a;</Event></xml>'])
def test_what_is_no_plain_xml_is_answered_and_gives_no_receipt(channel: WecomApp, xml: str) -> None:
    assert taken(channel, xml or " ") == []


def test_a_receipt_that_cannot_be_read_says_nothing(channel: WecomApp) -> None:
    assert channel.word(receipt("<xml>"), NOW) is None
    assert channel.word(Receipt(kind="other", dedup="d", vendor_id="", raw=pressed()), NOW) is None
