"""What a OneBot implementation's answers mean, in both dialects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import make
from channels.base import SendError, Sent
from channels.onebot import OneBot
from channels.onebot.answers import judge
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import Ticks, bundle, setting, target
from tests.channels.servers import Vendor

GROUP = "700000001"
TOKEN = "s3cret-token"
CHECKER = "EventChecker Failed: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg EventRet:\n"
TIMEOUT = (
    "Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg ListenerName:NodeIKernelMsgListener/"
    'onMsgInfoListUpdate EventRet:\n{"result":0,"errMsg":""}\n'
)


ME = {"status": "ok", "retcode": 0, "data": {"user_id": 3889001234, "nickname": "信息公开"}}


def bot(vendor: Vendor, **options: Any) -> OneBot:
    vendor.at("/get_login_info", ME)
    return OneBot(setting("onebot", vendor.base, **options), {"ONEBOT_TOKEN": TOKEN}, Ticks())


def send(channel: OneBot, group: str = GROUP) -> Sent:
    content = channel.render(bundle(), target("onebot", group))
    (sent,) = channel.send(channel.prepare(content.payload, "k"), [group], "k")
    return sent


def failure(vendor: Vendor) -> SendError:
    with pytest.raises(SendError) as caught:
        send(bot(vendor))
    return caught.value


def failed(words: str, retcode: int = 200) -> dict[str, Any]:
    return {"status": "failed", "retcode": retcode, "data": None, "message": words, "wording": words}


ANSWERS = [
    (failed(TIMEOUT), Outcome.UNCERTAIN),
    (failed(TIMEOUT, 1200), Outcome.UNCERTAIN),
    (failed("发送超时"), Outcome.UNCERTAIN),
    ({"status": "failed", "retcode": 200, "data": None, "wording": "发送超时"}, Outcome.UNCERTAIN),
    (failed(CHECKER + '{"result":120,"errMsg":"发送失败，你已被禁言"}'), Outcome.THROTTLED),
    (failed(CHECKER + '{ "result": 120, "errMsg": "" }'), Outcome.THROTTLED),
    (failed(CHECKER + '{"result":110,"errMsg":"发送失败，你已被移出该群，请重新加群。"}'), Outcome.UNAVAILABLE),
    (failed(CHECKER + '{"result":-1,"errMsg":"网络连接异常，机器人已离线"}'), Outcome.UNAVAILABLE),
    (failed(CHECKER + '{"result":79,"errMsg":"?"}'), Outcome.UNKNOWN_CODE),
    (failed("群聊 700000001 不存在或机器人不在群内"), Outcome.UNAVAILABLE),
    (failed("不支持的Api send_group_msg"), Outcome.MISCONFIGURED),
    (failed("Unexpected token < in JSON"), Outcome.UNKNOWN_CODE),
    (failed("rich media transfer failed"), Outcome.UNKNOWN_CODE),
    (failed("", 100), Outcome.UNKNOWN_CODE),
    ({"status": "async", "retcode": 1, "data": None}, Outcome.UNCERTAIN),
    ({"status": "ok", "retcode": 1, "data": None}, Outcome.UNCERTAIN),
    ({"status": "ok"}, Outcome.UNCERTAIN),
    ({}, Outcome.UNCERTAIN),
]


@pytest.mark.parametrize(("answer", "outcome"), ANSWERS)
def test_an_answer_becomes_an_outcome_whatever_its_retcode(
    vendor: Vendor, answer: dict[str, Any], outcome: Outcome
) -> None:
    vendor.says(answer)
    error = failure(vendor)
    assert error.outcome is outcome
    assert error.reason


STATUSES = [
    (400, Outcome.REFUSED),
    (401, Outcome.MISCONFIGURED),
    (403, Outcome.MISCONFIGURED),
    (404, Outcome.MISCONFIGURED),
    (406, Outcome.REFUSED),
    (500, Outcome.UNCERTAIN),
    (502, Outcome.UNCERTAIN),
]


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"message":"token verify failed!"}'])
@pytest.mark.parametrize(("status", "outcome"), STATUSES)
def test_a_status_of_the_door_becomes_an_outcome(vendor: Vendor, status: int, outcome: Outcome, body: bytes) -> None:
    vendor.says(body, status)
    error = failure(vendor)
    assert (error.outcome, error.code) == (outcome, f"HTTP {status}")


@pytest.mark.parametrize("body", [b"", b"NapCat4 Is Running", b"[]"])
def test_two_hundred_without_an_object_proves_nothing(vendor: Vendor, body: bytes) -> None:
    vendor.says(body)
    assert failure(vendor).outcome is Outcome.UNCERTAIN


def test_ok_and_zero_together_are_posted(vendor: Vendor) -> None:
    vendor.says({"status": "ok", "retcode": 0, "data": {"message_id": -123}, "message": "", "wording": ""})
    sent = send(bot(vendor))
    assert (sent.outcome, sent.basis, sent.vendor_id) == (Outcome.DELIVERED, Basis.POSTED, "3889001234:-123")


@given(
    status=st.sampled_from(["ok", "async", "failed", None, 0]),
    retcode=st.one_of(st.integers(), st.none(), st.text()),
    words=st.text(),
)
def test_no_other_answer_is_ever_a_success(status: object, retcode: object, words: str) -> None:
    answer = {"status": status, "retcode": retcode, "message": words}
    try:
        judge(answer, "")
    except SendError:
        return
    assert (status, retcode) == ("ok", 0)


@given(result=st.integers(-(2**31), 2**31).filter(bool), words=st.text())
def test_a_timeout_in_the_words_is_never_a_definite_no(result: int, words: str) -> None:
    answer = failed(f'{words} Timeout EventChecker "result":{result}')
    with pytest.raises(SendError) as caught:
        judge(answer, "")
    assert caught.value.outcome is Outcome.UNCERTAIN


def test_the_call_carries_a_number_an_array_and_the_token(vendor: Vendor) -> None:
    vendor.says({"status": "ok", "retcode": 0, "data": {"message_id": 1}})
    send(bot(vendor))
    _, (path, headers, body) = vendor.asked
    assert path == "/send_group_msg"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "application/json"
    assert body["group_id"] == 700000001
    assert isinstance(body["message"], list)
    assert body["timeout"] == 25_000  # the QQ side gives up before we do, and says so


def test_a_mute_waits_ten_minutes_and_a_bad_token_names_its_variable(vendor: Vendor) -> None:
    vendor.says(failed(CHECKER + '{"result":120,"errMsg":""}'))
    assert failure(vendor).retry_after == timedelta(minutes=10)
    vendor.says(b"", 403)
    assert "ONEBOT_TOKEN" in str(failure(vendor))


def test_the_token_is_in_no_error(vendor: Vendor) -> None:
    vendor.says(failed(f"you sent {TOKEN}"))
    error = failure(vendor)
    assert TOKEN not in f"{error!r}{error}{error.raw}"


def test_nobody_listening_means_surely_not_sent() -> None:
    channel = OneBot(setting("onebot", "http://127.0.0.1:1"), {}, Ticks())
    with pytest.raises(SendError) as caught:
        send(channel)
    assert caught.value.outcome is Outcome.UNAVAILABLE


def test_the_qq_side_gives_up_before_we_do(vendor: Vendor) -> None:
    vendor.says({"status": "ok", "retcode": 0, "data": {"message_id": 1}})
    send(bot(vendor, timeout=90))
    assert vendor.calls("/send_group_msg")[0]["timeout"] == 85_000


def test_an_unknown_number_of_members_is_nothing_and_never_zero(vendor: Vendor) -> None:
    vendor.says({"status": "ok", "retcode": 0, "data": {"group_id": 700000001, "member_count": 0}})
    assert bot(vendor).measure(target("onebot", GROUP)) == []


def test_the_registry_makes_it() -> None:
    assert make(setting("onebot"), {}, Ticks()).name == "onebot"
