"""The app's own chats: one message, no id, nothing to ask afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels import make
from channels.base import Calls, Expands, Follows, Measures, Recalls, Resolves, SendError
from channels.wecom import codes
from channels.wecom.chat import CODES, WecomChat
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import BUNDLES, KEY, NOW, Ticks, check_golden, setting, target
from tests.channels.servers import Vendor
from tests.channels.wecom.wecom_support import CHAT, OK, SECRET, SECRETS, TOKEN, chat, send, usual

GOLDEN = Path(__file__).parent / "golden"
MEMBERS = ["zhangsan", "lisi", "wangwu"]
INFO = {**OK, "chat_info": {"chatid": "xxgk01", "name": "信息公开", "owner": "lisi", "userlist": MEMBERS}}
GONE = {"errcode": 86003, "errmsg": "chatid not exist, from ip: 1.2.3.4"}


@pytest.fixture
def wecom(vendor: Vendor) -> Vendor:
    vendor = usual(vendor)
    vendor.at("appchat/get", INFO)
    vendor.at("appchat/create", {**OK, "chatid": "xxgk01"})
    return vendor


def failure(channel: WecomChat, address: str = "xxgk01") -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel, address)
    return caught.value


def test_the_registry_makes_it_and_it_claims_no_more_than_it_can() -> None:
    channel = make(setting("wecom_chat"), SECRETS, Ticks())
    assert (channel.name, channel.label) == ("wecom_chat", "企业微信应用群聊")
    assert isinstance(channel, Measures)
    assert not any(isinstance(channel, each) for each in (Resolves, Follows, Recalls, Calls, Expands))
    limits = channel.limits
    assert (limits.resolvable, limits.receipts, limits.recall, limits.addresses) == (False, False, None, 1)


def test_no_member_ever_gets_more_than_the_platform_lets_through_in_silence() -> None:
    (rate,) = chat("x").limits.rates
    assert (rate.most, rate.of) == (180, "channel")  # of 200 a minute, over all chats


def test_a_message_is_posted_in_the_chat_and_no_more_is_claimed(wecom: Vendor) -> None:
    (sent,) = send(chat(wecom.base), "xxgk01")
    assert (sent.address, sent.outcome, sent.basis, sent.vendor_id) == (
        "xxgk01",
        Outcome.DELIVERED,
        Basis.POSTED,
        "",
    )


def test_what_goes_on_the_wire_is_what_the_golden_file_says(wecom: Vendor) -> None:
    channel = chat(wecom.base)
    content = channel.render(BUNDLES["single"], CHAT)
    channel.send(channel.prepare(content.payload, KEY), ["xxgk01"], KEY)
    (body,) = wecom.calls("appchat/send")
    check_golden(GOLDEN / "single.chat.json", body)


@pytest.mark.parametrize("answer", [(502, b"<html>502</html>"), b"", {"ok": True}, {"errcode": -1, "errmsg": "busy"}])
def test_an_answer_that_proves_nothing_is_uncertain_and_left_to_a_person(wecom: Vendor, answer: object) -> None:
    wecom.at("appchat/send", answer)
    assert failure(chat(wecom.base)).outcome is Outcome.UNCERTAIN


@pytest.mark.parametrize("code", [86003, 40050, 49008])
def test_a_chat_that_is_gone_says_to_take_its_target_out(wecom: Vendor, code: int) -> None:
    wecom.at("appchat/send", {**GONE, "errcode": code})
    error = failure(chat(wecom.base))
    assert (error.outcome, error.code) == (Outcome.REFUSED, str(code))
    assert "停用此目标" in error.advice


@pytest.mark.parametrize("code", [48002, 60011])
def test_an_app_that_does_not_see_the_whole_company_stops_the_channel_with_the_fix(wecom: Vendor, code: int) -> None:
    wecom.at("appchat/send", {"errcode": code, "errmsg": "api forbidden"})
    error = failure(chat(wecom.base))
    assert error.outcome is Outcome.MISCONFIGURED
    assert "根部门" in error.advice


def test_the_table_of_the_chats_differs_only_in_what_a_chat_means() -> None:
    assert {code for code in CODES if CODES[code] != codes.CODES.get(code)} == {48002, 60011}


@pytest.mark.parametrize("address", ["", "xxgk-01", "群", "x" * 33, "a b"])
def test_an_address_that_is_no_chat_id_calls_nobody_and_stops_no_other(wecom: Vendor, address: str) -> None:
    error = failure(chat(wecom.base), address)
    assert error.outcome is Outcome.UNAVAILABLE
    assert "32位" in error.advice
    assert wecom.asked == []


def test_members_are_those_of_the_chat_now(wecom: Vendor) -> None:
    (sample,) = chat(wecom.base).measure(CHAT)
    assert (sample.metric, sample.value, sample.basis, sample.true_at) == ("应达", 3, "群成员数", NOW)
    wecom.at("appchat/get", {**OK, "chat_info": {"userlist": []}})
    assert chat(wecom.base).measure(CHAT) == []


def test_a_chat_that_is_gone_is_not_counted_as_empty(wecom: Vendor) -> None:
    for answer in (GONE, OK):
        wecom.at("appchat/get", answer)
        with pytest.raises(SendError):
            chat(wecom.base).measure(CHAT)


def test_a_chat_is_made_under_our_own_id_with_its_owner_among_its_members(wecom: Vendor) -> None:
    assert chat(wecom.base).create("xxgk01", "信息公开通知群" * 9, "lisi", ["zhangsan", "LiSi"]) == "xxgk01"
    (body,) = wecom.calls("appchat/create")
    assert (body["chatid"], body["owner"], body["userlist"]) == ("xxgk01", "lisi", ["lisi", "zhangsan"])
    assert len(body["name"]) == 50


def test_making_the_same_chat_again_is_harmless_if_it_is_ours(wecom: Vendor) -> None:
    wecom.at("appchat/create", {"errcode": 86215, "errmsg": "chatid has existed"})
    assert chat(wecom.base).create("xxgk01", "群", "lisi", MEMBERS) == "xxgk01"
    wecom.at("appchat/get", {"errcode": 86008, "errmsg": "chat is not created by this agent"})
    with pytest.raises(SendError) as caught:
        chat(wecom.base).create("xxgk01", "群", "lisi", MEMBERS)
    assert (caught.value.outcome, caught.value.code) == (Outcome.REFUSED, "86008")


@pytest.mark.parametrize("users", [[], ["LISI"], [f"u{n}" for n in range(2000)]])
def test_too_few_or_too_many_members_are_refused_before_anybody_is_asked(wecom: Vendor, users: list[str]) -> None:
    with pytest.raises(SendError) as caught:
        chat(wecom.base).create("xxgk01", "群", "lisi", users)
    assert caught.value.outcome is Outcome.REFUSED
    assert wecom.asked == []


def test_check_names_each_chat_and_says_how_a_missing_one_comes_to_be(wecom: Vendor) -> None:
    wecom.at("appchat/get", INFO, GONE, {"errcode": 48002, "errmsg": "api forbidden"})
    targets = [target("wecom_chat", f"xxgk0{n}", number=f"T0{n}") for n in (1, 2, 3)]
    token, here, gone, forbidden = chat(wecom.base).check([*targets])
    assert (token.ok, here.ok, gone.ok, forbidden.ok) == (True, True, False, False)
    assert "3人" in here.text
    assert gone.key == "targets.csv T02"
    assert "bot.py chat T02" in gone.fix
    assert "群主" in gone.fix
    assert "根部门" in forbidden.fix
    assert not wecom.calls("appchat/send")


def test_check_ends_where_there_is_no_token(wecom: Vendor) -> None:
    wecom.at("gettoken", {"errcode": 40001, "errmsg": "invalid credential"})
    (finding,) = chat(wecom.base).check([CHAT])
    assert (finding.key, finding.ok) == ("WECOM_APP_SECRET", False)
    assert "WECOM_APP_SECRET" in finding.fix


def test_no_secret_is_in_any_result_or_error(wecom: Vendor) -> None:
    told = repr(send(chat(wecom.base), "xxgk01"))
    wecom.at("appchat/send", (502, f"<html>/appchat/send?access_token={TOKEN}".encode()))
    error = failure(chat(wecom.base))
    told += f"{error!r}{error}{error.raw}{error.advice}"
    assert TOKEN not in told
    assert SECRET not in told
