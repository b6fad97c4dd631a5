"""The platform calls us: the URL check, clear, compatible and safe mode, and what its events mean."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from channels.base import Calls, Receipt, Word
from channels.wechat_oa import WechatOA
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.wechat_oa.oa_support import SECRETS, Time, account

ENCRYPTED = (
    "Q3stYC6hdFzMh9T8HCvyDLSVl9UN/LKJ8zA55pGYLNhBNXVn4p7/q8u+5IKfgwDNRwACLEIUReppGrvIpJ4aXywsafCF5YAahBze6TVxmW7d"
    "GpPWa7pJD9d5Upxvd687EaOTAYCTklw2eBSynMx3+PpbGPCcv9JEjsrDM2OF8pooYX7j640bpnvKaLfK4NVxSB0Tl9NMbvUTt80CPxL9nA=="
)
INSIDE = "<xml><ToUserName><![CDATA[gh_test]]></ToUserName><Event><![CDATA[MASSSENDJOBFINISH]]></Event></xml>"
VECTOR = {
    "signature": "3e3be902b7c0c6d66ddf30e7f5f4bfc8f2e049af",
    "timestamp": "1700000000",
    "nonce": "nonce1",
    "encrypt_type": "aes",
    "msg_signature": "b433c458d044d00438d7fc323d409c1c74c5fba3",
}
THEN = datetime.fromtimestamp(1700000000, UTC)
HEAD = (
    "<xml><ToUserName><![CDATA[gh_test]]></ToUserName><FromUserName><![CDATA[o]]></FromUserName>"
    "<CreateTime>1699999990</CreateTime><MsgType><![CDATA[event]]></MsgType>"
)
MASS = HEAD + (
    "<Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>1000000338</MsgID><Status><![CDATA[{status}]]></Status>"
    "<TotalCount>296</TotalCount><FilterCount>295</FilterCount><SentCount>294</SentCount><ErrorCount>1</ErrorCount>"
    "<CopyrightCheckResult><Count>0</Count><ResultList></ResultList><CheckState>1</CheckState></CopyrightCheckResult>"
    "<ArticleUrlResult>{urls}</ArticleUrlResult></xml>"
)
TWO_URLS = (
    "<Count>2</Count><ResultList><item><ArticleIdx>1</ArticleIdx><ArticleUrl>http://mp.weixin.qq.com/s/a</ArticleUrl></item>"
    "<item><ArticleIdx>2</ArticleIdx><ArticleUrl>http://mp.weixin.qq.com/s/b</ArticleUrl></item></ResultList>"
)
PUBLISH = HEAD + (
    "<Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo><publish_id>1234567890</publish_id>"
    "<publish_status>{status}</publish_status>{rest}</PublishEventInfo></xml>"
)
PUBLISHED = (
    "<article_id><![CDATA[ART]]></article_id><article_detail><count>1</count><item><idx>1</idx>"
    "<article_url><![CDATA[http://mp.weixin.qq.com/s/a]]></article_url></item></article_detail>"
)


@pytest.fixture
def channel() -> WechatOA:
    return account("http://x", Time(THEN))


def signed(timestamp: int = 1700000000) -> dict[str, str]:
    parts = sorted([SECRETS["WECHAT_TOKEN"], str(timestamp), "n"])
    return {"signature": hashlib.sha1("".join(parts).encode()).hexdigest(), "timestamp": str(timestamp), "nonce": "n"}


def sealed(
    xml: str, key: str = SECRETS["WECHAT_AES_KEY"], app_id: str = SECRETS["WECHAT_APP_ID"]
) -> tuple[dict[str, str], bytes]:
    envelope = WeChatCrypto(SECRETS["WECHAT_TOKEN"], key, app_id).encrypt_message(xml, "n", "1700000000")
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    return {**signed(), "encrypt_type": "aes", "msg_signature": signature}, envelope.encode()


def event(status: str = "send success", urls: str = TWO_URLS) -> str:
    return MASS.format(status=status, urls=urls)


def test_the_channel_has_a_door(channel: WechatOA) -> None:
    assert isinstance(channel, Calls)


def test_the_url_check_is_answered_with_its_own_string(channel: WechatOA) -> None:
    assert channel.door("GET", {**signed(), "echostr": "12345"}, b"") == ("12345", ())


def test_the_published_vector_is_decrypted(channel: WechatOA) -> None:
    body = f"<xml><ToUserName>gh_test</ToUserName><Encrypt>{ENCRYPTED}</Encrypt></xml>"
    answer, [receipt] = channel.door("POST", VECTOR, body.encode())
    assert answer == "success"
    assert receipt.raw == INSIDE
    assert receipt.kind == "UNREADABLE"  # the vector's event has no MsgType: kept as it is, and it means nothing
    assert channel.word(receipt, THEN) is None


@pytest.mark.parametrize("wrong", ["signature", "timestamp", "nonce"])
def test_a_call_in_clear_with_a_wrong_signature_is_refused(channel: WechatOA, wrong: str) -> None:
    with pytest.raises(PermissionError):
        channel.door("POST", {**signed(), wrong: "1700000001"}, event().encode())
    with pytest.raises(PermissionError):
        channel.door("GET", {**signed(), wrong: "1700000001", "echostr": "1"}, b"")


@pytest.mark.parametrize("wrong", ["msg_signature", "timestamp", "nonce"])
def test_a_sealed_call_with_a_wrong_signature_is_refused(channel: WechatOA, wrong: str) -> None:
    query, body = sealed(event())
    with pytest.raises(PermissionError):
        channel.door("POST", {**query, wrong: "1700000001"}, body)


@pytest.mark.parametrize("body", [b"", b"<xml></xml>", b"<xml><Encrypt>!</Encrypt></xml>", b"\xff\xfe", b"<a/>", b"{}"])
def test_a_sealed_call_with_nothing_in_it_is_refused(channel: WechatOA, body: bytes) -> None:
    with pytest.raises(PermissionError):
        channel.door("POST", VECTOR, body)


def test_a_clear_call_is_taken_only_while_its_signature_is_fresh(channel: WechatOA) -> None:
    answer, [receipt] = channel.door("POST", signed(), event().encode())
    assert (answer, receipt.dedup) == ("success", "MASSSENDJOBFINISH:1000000338")
    for stale in (1700000000 - 601, 1700000000 + 601):
        with pytest.raises(PermissionError):
            channel.door("POST", signed(stale), event().encode())


def test_a_school_in_safe_mode_can_refuse_all_that_is_clear() -> None:
    channel = account("http://x", Time(THEN), callback="safe")
    with pytest.raises(PermissionError):
        channel.door("POST", signed(), event().encode())
    query, body = sealed(event())
    assert channel.door("POST", query, body)[1] is not None


def test_an_old_sealed_call_is_taken_and_known_by_its_event() -> None:
    channel = account("http://x", Time(THEN + timedelta(days=1)))
    query, body = sealed(event())
    _answer, [receipt] = channel.door("POST", query, body)
    assert receipt == Receipt(
        kind="MASSSENDJOBFINISH", dedup="MASSSENDJOBFINISH:1000000338", vendor_id="1000000338", raw=event()
    )


def compatible(query: dict[str, str], envelope: bytes, clear: str) -> tuple[dict[str, str], bytes]:
    """A clear part with the sealed part of another call beside it."""
    encrypted = envelope.decode().split("<Encrypt>")[1].split("</Encrypt>")[0]
    return query, clear.replace("</xml>", f"<Encrypt>{encrypted}</Encrypt></xml>").encode()


def test_the_compatible_mode_is_read_from_its_sealed_half(channel: WechatOA) -> None:
    _answer, [receipt] = channel.door("POST", *compatible(*sealed(event()), clear=event(status="send fail")))
    assert "send success" in receipt.raw


def test_a_compatible_call_that_is_not_said_to_be_sealed_is_read_from_its_sealed_half_too(channel: WechatOA) -> None:
    query, body = compatible(*sealed(event()), clear=event(status="send fail"))
    del query["encrypt_type"]
    assert "send success" in channel.door("POST", query, body)[1][0].raw


def test_a_compatible_call_without_the_signature_of_its_seal_is_refused(channel: WechatOA) -> None:
    query, body = compatible(*sealed(event()), clear=event(status="send fail"))
    with pytest.raises(PermissionError):
        channel.door("POST", {name: query[name] for name in ("signature", "timestamp", "nonce")}, body)


def test_the_previous_key_is_still_read_and_any_other_is_not() -> None:
    previous = "Z" * 42 + "A"
    channel = account("http://x", Time(THEN), secrets={**SECRETS, "WECHAT_AES_KEY_PREVIOUS": previous})
    assert channel.door("POST", *sealed(event(), key=previous))[1] is not None
    with pytest.raises(PermissionError, match="WECHAT_AES_KEY"):
        channel.door("POST", *sealed(event(), key="Y" * 42 + "A"))
    with pytest.raises(PermissionError):
        channel.door("POST", *sealed(event(), app_id="wx-another-account"))


def test_without_a_token_nobody_is_let_in() -> None:
    channel = account("http://x", Time(THEN), secrets={})
    with pytest.raises(PermissionError):
        channel.door("GET", {"echostr": "1"}, b"")


def test_what_followers_write_is_answered_and_not_kept(channel: WechatOA) -> None:
    text = HEAD.replace("event", "text") + "<Content>我的电话是…</Content><MsgId>1</MsgId></xml>"
    assert channel.door("POST", signed(), text.encode()) == ("success", ())


def test_an_entity_bomb_is_not_read(channel: WechatOA) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><MsgType>event</MsgType><Event>&b;</Event></xml>'
    _answer, [receipt] = channel.door("POST", signed(), bomb.encode())
    assert receipt.kind == "UNREADABLE"


def word(channel: WechatOA, xml: str) -> Word | None:
    _answer, [receipt] = channel.door("POST", signed(), xml.encode())
    return channel.word(receipt, THEN)


def test_the_end_of_a_mass_send_brings_its_figures_and_addresses(channel: WechatOA) -> None:
    said = word(channel, event())
    assert said is not None
    assert (said.outcome, said.basis, said.vendor_id) == (Outcome.DELIVERED, Basis.MASS_SENT, "1000000338")
    assert {(s.metric, s.value, s.basis) for s in said.samples} == {
        ("应达", 296, "平台统计"),
        ("提交", 295, "平台统计"),
        ("送达", 294, "平台统计"),
    }
    assert {s.true_at for s in said.samples} == {datetime.fromtimestamp(1699999990, UTC)}
    assert said.evidence == {
        "article_urls": ["http://mp.weixin.qq.com/s/a", "http://mp.weixin.qq.com/s/b"],
        "failed": 1,
    }


@pytest.mark.parametrize("urls", ["", "<Count>0</Count><ResultList></ResultList>"])
def test_a_mass_send_without_addresses_is_read_too(channel: WechatOA, urls: str) -> None:
    said = word(channel, event(urls=urls))
    assert said is not None
    assert said.evidence["article_urls"] == []


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        ("sendsuccess", "delivered", "群发完成"),
        ("send fail", "refused", "群发失败"),
        ("err(10001)", "refused", "涉嫌广告"),
        ("err(40002)", "refused", "管理员30分钟内没有确认"),
        ("err(20431)", "refused", "平台未说明原因（err(20431)）"),
        ("", "refused", "群发失败"),
    ],
)
def test_every_end_of_a_mass_send_is_said_in_plain_words(
    channel: WechatOA, status: str, outcome: str, reason: str
) -> None:
    said = word(channel, event(status))
    assert said is not None
    assert said.outcome == outcome
    assert reason in said.reason


def test_the_end_of_a_publication_brings_its_address(channel: WechatOA) -> None:
    said = word(channel, PUBLISH.format(status=0, rest=PUBLISHED))
    assert said is not None
    assert (said.outcome, said.basis, said.vendor_id) == (Outcome.DELIVERED, Basis.POSTED, "1234567890")
    assert said.evidence == {"article_id": "ART", "article_urls": ["http://mp.weixin.qq.com/s/a"]}


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("<fail_idx>1</fail_idx><fail_idx>2</fail_idx>", "平台审核未通过（第1、2篇）"),
        ("<fail_idx>1</fail_idx>", "平台审核未通过（第1篇）"),
        ("", "平台审核未通过"),
    ],
)
def test_a_refused_publication_says_which_articles(channel: WechatOA, rest: str, reason: str) -> None:
    said = word(channel, PUBLISH.format(status=4, rest=rest))
    assert said is not None
    assert (said.outcome, said.reason) == (Outcome.REFUSED, reason)


def test_a_publication_still_under_way_says_nothing_yet(channel: WechatOA) -> None:
    assert word(channel, PUBLISH.format(status=1, rest="")) is None


NAMES = [
    "MsgID",
    "Status",
    "ArticleUrlResult",
    "ResultList",
    "item",
    "PublishEventInfo",
    "publish_id",
    "publish_status",
]
NAMES += ["article_detail", "fail_idx", "article_url", "ArticleUrl", "SentCount", "CreateTime", "Event"]
INSIDES = st.recursive(
    st.sampled_from(["", "0", "4", "x", "err(1)", "9" * 5000, "-1", "１"]),
    lambda inside: st.lists(st.tuples(st.sampled_from(NAMES), inside), max_size=4).map(
        lambda parts: "".join(f"<{name}>{text}</{name}>" for name, text in parts)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(["MASSSENDJOBFINISH", "PUBLISHJOBFINISH", "subscribe"]), INSIDES)
def test_an_event_of_whatever_shape_is_kept_or_ignored_and_never_breaks_a_job(kind: str, inside: str) -> None:
    channel = account("http://x", Time(THEN))
    xml = HEAD + f"<Event>{kind}</Event>{inside}</xml>"
    answer, found = channel.door("POST", signed(), xml.encode())
    assert answer == "success"
    for receipt in found:
        assert 0 < len(receipt.dedup) <= 100
        channel.word(receipt, THEN)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*VECTOR, "echostr"]), st.text(max_size=50)), st.binary(max_size=200))
def test_whoever_does_not_know_the_token_is_always_refused(query: dict[str, str], body: bytes) -> None:
    channel = account("http://x", Time(THEN))
    for method in ("GET", "POST"):
        with pytest.raises(PermissionError):
            channel.door(method, query, body)
