"""Callbacks: signed, encrypted, tried three times; wechatpy's own code is the judge."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import xmltodict
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from sandbox.wechat_crypto import encrypt, sign

VECTOR_XML = "<xml><ToUserName><![CDATA[gh_test]]></ToUserName><Event><![CDATA[MASSSENDJOBFINISH]]></Event></xml>"
VECTOR = (
    "Q3stYC6hdFzMh9T8HCvyDLSVl9UN/LKJ8zA55pGYLNhBNXVn4p7/q8u+5IKfgwDNRwACLEIUReppGrvIpJ4aXywsafCF5YAahBze6TVxmW7dGpPWa7pJD9d5Upxvd687EaOTA"
    "YCTklw2eBSynMx3+PpbGPCcv9JEjsrDM2OF8pooYX7j640bpnvKaLfK4NVxSB0Tl9NMbvUTt80CPxL9nA=="
)


@pytest.fixture
def oa(box, listener):
    box.account(callback_url=listener.url)
    return box


def query(call):
    return {key: values[0] for key, values in parse_qs(urlsplit(call["path"]).query).items()}


def test_our_encryption_makes_the_known_vector():
    made = encrypt("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx1234567890abcdef", VECTOR_XML, b"0123456789abcdef")
    assert made == VECTOR
    assert sign("testtoken", "1700000000", "nonce1", made) == "b433c458d044d00438d7fc323d409c1c74c5fba3"
    assert sign("testtoken", "1700000000", "nonce1") == "3e3be902b7c0c6d66ddf30e7f5f4bfc8f2e049af"


def test_a_finished_mass_send_is_called_back_with_its_counts(oa, listener):
    sent = oa.sendall(oa.draft())
    assert oa.admin("clock", advance=60)["fired"] == 2
    (call,) = listener.calls
    params = query(call)
    check_signature("testtoken", params["signature"], params["timestamp"], params["nonce"])
    event = parse_message(call["body"])
    assert (event.event, event.id, event.status) == ("masssendjobfinish", sent["msg_id"], "send success")
    assert (event.total_count, event.filter_count, event.sent_count, event.error_count) == (1000, 1000, 1000, 0)
    item = xmltodict.parse(call["body"])["xml"]["ArticleUrlResult"]["ResultList"]["item"]
    assert item["ArticleUrl"] == oa.books()["wechat"][0]["articles"][0]["short_url"]


def test_a_finished_publishing_is_called_back_in_both_shapes(oa, listener):
    good = oa.oa("freepublish/submit", {"media_id": oa.draft()})
    oa.admin("clock", advance=60)
    oa.admin("job", appid=oa.appid, next="publish", status=2, fail_idx=[1, 2])
    oa.oa("freepublish/submit", {"media_id": oa.draft()})
    oa.admin("clock", advance=60)
    first, second = (xmltodict.parse(call["body"])["xml"]["PublishEventInfo"] for call in listener.calls)
    assert (first["publish_id"], first["publish_status"], first["article_detail"]["count"]) == (
        good["publish_id"],
        "0",
        "1",
    )
    assert (second["publish_status"], second["fail_idx"]) == ("2", ["1", "2"])


def test_safe_mode_is_decrypted_by_wechatpy(oa, listener):
    oa.account(callback_mode="safe")
    oa.sendall(text="甲")
    oa.admin("clock", advance=60)
    params = query(listener.calls[0])
    assert params["encrypt_type"] == "aes"
    assert b"MASSSENDJOBFINISH" not in listener.calls[0]["body"]
    crypto = WeChatCrypto("testtoken", oa.aes_key, oa.appid)
    xml = crypto.decrypt_message(
        listener.calls[0]["body"], params["msg_signature"], params["timestamp"], params["nonce"]
    )
    assert parse_message(xml).event == "masssendjobfinish"


def test_compatible_mode_carries_both_forms(oa, listener):
    oa.account(callback_mode="compat")
    oa.sendall(text="甲")
    oa.admin("clock", advance=60)
    body, params = listener.calls[0]["body"], query(listener.calls[0])
    assert parse_message(body).event == "masssendjobfinish"
    crypto = WeChatCrypto("testtoken", oa.aes_key, oa.appid)
    assert "MASSSENDJOBFINISH" in crypto.decrypt_message(
        body, params["msg_signature"], params["timestamp"], params["nonce"]
    )


def test_a_callback_that_is_not_taken_comes_three_times_with_one_body(oa, listener):
    listener.answers = [(500, b""), (200, b"fail"), (500, b"")]
    oa.sendall(text="甲")
    oa.admin("clock", advance=60)
    assert len(listener.calls) == 1
    oa.admin("clock", advance=60)
    assert len(listener.calls) == 3
    assert len({call["body"] for call in listener.calls}) == 1
    assert [note["try"] for note in oa.books()["callbacks"]] == [1, 2, 3]


def test_a_server_that_is_down_costs_no_more_than_its_three_tries(box):
    box.account(callback_url="http://127.0.0.1:9/callback")
    box.sendall(text="甲")
    assert box.admin("clock", advance=600)["fired"] == 4
    assert {note["answer"] for note in box.books()["callbacks"]} == {"ConnectionError"}


def test_planned_callback_faults_double_delay_and_swallow(oa, listener):
    oa.admin("faults", call="wechat.message.mass.sendall", kind="callback_dup")
    oa.sendall(text="一")
    oa.admin("clock", advance=60)
    assert len(listener.calls) == 2
    assert listener.calls[0]["body"] == listener.calls[1]["body"]
    oa.admin("faults", call="wechat.callback.MASSSENDJOBFINISH", kind="callback_late", seconds=3600)
    oa.sendall(text="二")
    oa.admin("clock", advance=3600)
    assert len(listener.calls) == 2
    oa.admin("clock", advance=60)
    assert len(listener.calls) == 3
    oa.admin("faults", call="wechat.*", kind="callback_never")
    oa.sendall(text="三")
    oa.admin("clock", advance=7200)
    assert len(listener.calls) == 3


def test_a_forged_callback_does_not_pass_its_check(oa, listener):
    oa.account(callback_mode="safe")
    oa.admin("faults", call="wechat.callback", kind="callback_bad_signature")
    oa.sendall(text="甲")
    oa.admin("clock", advance=60)
    params = query(listener.calls[0])
    crypto = WeChatCrypto("testtoken", oa.aes_key, oa.appid)
    with pytest.raises(InvalidSignatureException):
        crypto.decrypt_message(listener.calls[0]["body"], params["msg_signature"], params["timestamp"], params["nonce"])


def test_the_callback_can_come_before_the_answer_of_its_call(oa, listener):
    oa.account(callback_order="before")
    sent = oa.sendall(text="甲")
    assert parse_message(listener.calls[0]["body"]).id == sent["msg_id"]


def test_the_address_is_checked_with_an_echo(oa):
    assert oa.admin("verify_url", appid=oa.appid)["ok"] is True


def test_a_server_that_answers_too_late_is_called_again(oa, listener, monkeypatch):
    monkeypatch.setattr("sandbox.wechat_callbacks.ANSWER_WITHIN", 0.2)
    listener.delays = [0.5]
    oa.sendall(text="甲")
    oa.admin("clock", advance=120)
    assert [note["answer"] for note in oa.books()["callbacks"]] == ["ReadTimeout", "success"]
