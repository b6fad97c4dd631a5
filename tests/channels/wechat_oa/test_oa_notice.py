"""Service notices: only for those who have asked, one call a person, known again for ten minutes, told by an event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import Receipt, SendError
from channels.wechat_oa.door import receipt_of
from channels.wechat_oa.notice import WechatNotice, client_msg_id
from rules.dates import Window
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.states import Basis
from tests.channels.servers import Sandbox, running_sandbox
from tests.channels.wechat_oa.oa_support import KEY, SECRETS, Time, Vendor, account, attempt, bundle, piece

TARGET = Target(number="M1", name="订阅的家长", channel="wechat_notice", address="名单:订阅的家长", audience="社会")
OPENID = "o" + hashlib.sha256(SECRETS["WECHAT_APP_ID"].encode()).hexdigest()[:15] + f"{7:012d}"
OPTIONS: dict[str, Any] = {
    "account": "service", "consent": "订阅确认书，校办档案柜三层", "template_id": "TPL-1",
    "fields": {"thing1": "标题", "thing2": "部门"},
}  # fmt: skip
CONTENT = "信息公开提醒\n{{thing1.DATA}}\n部门：{{thing2.DATA}}"
GOLDEN = Path(__file__).parent / "golden" / "template_send.json"


def notice(base: str, clock: Time, **options: Any) -> WechatNotice:
    setting = ChannelSetting(
        name="wechat_notice", label="模板消息", api_base=base, window=Window(), options={**OPTIONS, **options}
    )
    return WechatNotice(setting, SECRETS, clock)


def send(channel: WechatNotice, openid: str = OPENID) -> Any:
    content = channel.render(bundle(), TARGET)
    return channel.send(channel.prepare(content.payload, KEY), [openid], KEY)[0]


def event(status: str, number: str = "200163840") -> str:
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>"
        f"<FromUserName><![CDATA[{OPENID}]]></FromUserName><CreateTime>1395658920</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
        f"<MsgID>{number}</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    )


def test_without_a_note_of_the_consents_the_channel_does_not_start(clock: Time) -> None:
    with pytest.raises(ValueError, match="订阅人同意的依据"):
        notice("http://127.0.0.1:9", clock, consent=" ")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account": "subscription"}, "只有认证的服务号"),
        ({"fields": {"thing1": "正文"}}, "标题、部门、学校"),
        ({"fields": {}}, "template_id 和 fields"),
        ({"template_id": ""}, "template_id 和 fields"),
    ],
)
def test_what_the_platform_would_refuse_is_told_before_anything_starts(
    clock: Time, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        notice("http://127.0.0.1:9", clock, **wrong)


def test_a_notice_leaves_as_the_golden_file_says(vendor: Vendor, clock: Time) -> None:
    vendor.answers["message/template/send"] = {"errcode": 0, "errmsg": "ok", "msgid": 200228332}
    sent = send(notice(vendor.base, clock))
    assert vendor.bodies("message/template/send") == [json.loads(GOLDEN.read_text("utf-8"))]
    assert (sent.outcome, sent.vendor_id) == (Outcome.ACCEPTED, "200228332")


def test_a_long_title_is_cut_to_what_the_platform_shows_and_said_to_be_shortened(clock: Time) -> None:
    channel = notice("http://127.0.0.1:9", clock)
    content = channel.render(bundle(piece(title="关于" + "很" * 30 + "长的通知")), TARGET)
    value = content.payload["data"]["thing1"]["value"]
    assert len(value) <= 20 and content.shortened
    assert channel.render(bundle(piece(url="")), TARGET).payload.keys() == {"template_id", "data"}


def test_each_person_and_push_has_a_number_of_its_own_that_the_platform_takes() -> None:
    numbers = {client_msg_id(key, who) for key in (KEY, KEY[::-1]) for who in (OPENID, OPENID[::-1])}
    assert len(numbers) == 4 and all(len(number) == 32 and number.isascii() for number in numbers)


@pytest.mark.parametrize(
    ("code", "outcome", "said"),
    [
        (40003, Outcome.REFUSED, "接收人标识无效"),
        (43004, Outcome.REFUSED, "没有关注"),
        (43019, Outcome.REFUSED, "拉黑"),
        (47003, Outcome.REFUSED, "字段"),
        (40037, Outcome.MISCONFIGURED, "模板编号无效"),
        (48001, Outcome.MISCONFIGURED, "没有这项接口权限"),
        (45009, Outcome.THROTTLED, "今日的接口调用次数已用完"),
        (-1, Outcome.UNCERTAIN, "繁忙"),
        (99999, Outcome.UNKNOWN_CODE, "未登记的错误码"),
    ],
)
def test_every_no_of_the_platform_is_told_in_plain_words(
    vendor: Vendor, clock: Time, code: int, outcome: Outcome, said: str
) -> None:
    vendor.answers["message/template/send"] = {"errcode": code, "errmsg": "no"}
    with pytest.raises(SendError, match=said) as caught:
        send(notice(vendor.base, clock))
    assert (caught.value.outcome, caught.value.code) == (outcome, str(code))


@pytest.mark.parametrize("answer", [(502, b"<html>Bad Gateway</html>"), (200, b"not json"), "hang up"])
def test_an_answer_that_is_none_may_hide_a_notice_that_went(vendor: Vendor, clock: Time, answer: Any) -> None:
    vendor.answers["message/template/send"] = answer
    with pytest.raises(SendError) as caught:
        send(notice(vendor.base, clock))
    assert caught.value.outcome is Outcome.UNCERTAIN


@pytest.mark.parametrize(
    ("ago", "resend", "again"),
    [(10, False, True), (60, True, False), (3 * 60, True, False), (4 * 60 + 1, False, False)],
)
def test_an_uncertain_notice_is_sent_again_only_while_the_platform_knows_it(
    clock: Time, ago: int, resend: bool, again: bool
) -> None:
    found = notice("http://127.0.0.1:9", clock).resolve(attempt(clock, ago=timedelta(seconds=ago)))
    assert (found.outcome, found.resend, found.ask_again is not None) == (Outcome.UNCERTAIN, resend, again)


@pytest.mark.parametrize(
    ("status", "outcome", "said"),
    [
        ("success", Outcome.DELIVERED, "已送达"),
        ("failed:user block", Outcome.REFUSED, "拒收"),
        ("failed: system failed", Outcome.REFUSED, "平台发送失败"),
        ("failed:freq limit", Outcome.REFUSED, "频率"),
        ("failed: something new", Outcome.REFUSED, "未说明"),
    ],
)
def test_the_event_says_how_it_ended_for_one_person(clock: Time, status: str, outcome: Outcome, said: str) -> None:
    receipt = receipt_of(event(status))
    assert receipt is not None and receipt.channel == "wechat_notice"
    word = notice("http://127.0.0.1:9", clock).word(receipt, clock())
    assert word is not None and word.vendor_id == "200163840" and said in word.reason
    assert (word.outcome, word.basis) == (outcome, Basis.PERSON if outcome is Outcome.DELIVERED else None)


@pytest.mark.parametrize("kind", ["MASSSENDJOBFINISH", "PUBLISHJOBFINISH", "UNREADABLE"])
def test_what_else_comes_to_the_notices_own_address_says_nothing_of_a_notice(clock: Time, kind: str) -> None:
    other = Receipt(kind=kind, dedup="1", vendor_id="200163840", raw=event("send success"))
    assert notice("http://127.0.0.1:9", clock).word(other, clock()) is None


def test_an_account_has_one_address_and_the_notices_have_none(clock: Time) -> None:
    with pytest.raises(PermissionError):
        notice("http://127.0.0.1:9", clock).door("GET", {}, b"")


def test_a_service_account_beside_the_publishing_one_has_its_own_secrets_and_address(clock: Time) -> None:
    own = {"WECHAT_SERVICE_APP_ID": "wx-service", "WECHAT_SERVICE_TOKEN": SECRETS["WECHAT_TOKEN"]}
    setting = ChannelSetting(
        name="wechat_notice", label="", api_base="http://127.0.0.1:9", window=Window(), options=OPTIONS
    )
    channel = WechatNotice(setting, {**SECRETS, **own}, clock)
    assert [each.channel for each in _told(event("success"), channel, clock)] == ["wechat_notice"]
    assert [each.key for each in channel.missing([TARGET])] == ["WECHAT_SERVICE_APP_SECRET"]


# -- against the sandbox


@pytest.fixture(scope="module")
def vendors() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def live(vendors: Sandbox, clock: Time) -> WechatNotice:
    vendors.admin("reset", {})
    template = {"template_id": "TPL-1", "title": "信息公开提醒", "content": CONTENT}
    vendors.setup(accounts=[_account(templates=[template])])
    return notice(f"{vendors.base}/wechat", clock)


def _account(**fields: Any) -> dict[str, Any]:
    given = {
        "appid": SECRETS["WECHAT_APP_ID"],
        "secret": SECRETS["WECHAT_APP_SECRET"],
        "token": SECRETS["WECHAT_TOKEN"],
    }
    return {**given, "aes_key": SECRETS["WECHAT_AES_KEY"], "fans": 100, "kind": "service", **fields}


def test_the_strict_platform_takes_it_and_the_check_finds_the_template(vendors: Sandbox, live: WechatNotice) -> None:
    assert [each.ok for each in live.check([TARGET])] == [True]
    sent = send(live)
    [book] = vendors.books()["wechat_notices"]
    assert (str(book["msgid"]), book["openid"]) == (sent.vendor_id, OPENID)
    assert "关于公布2020年预算的通知" in book["text"] and "财务处" in book["text"]


def test_a_lost_answer_and_a_second_call_are_one_notice(vendors: Sandbox, live: WechatNotice) -> None:
    vendors.fault("wechat.message.template.send", "after")
    with pytest.raises(SendError) as caught:
        send(live)
    assert caught.value.outcome is Outcome.UNCERTAIN
    vendors.forward(timedelta(minutes=2))
    again = send(live)
    [book] = vendors.books()["wechat_notices"]
    assert str(book["msgid"]) == again.vendor_id


def test_who_does_not_follow_is_refused_alone(vendors: Sandbox, live: WechatNotice) -> None:
    stranger = OPENID[:-12] + f"{10**6:012d}"
    with pytest.raises(SendError, match="没有关注") as caught:
        send(live, stranger)
    assert caught.value.outcome is Outcome.REFUSED and vendors.books()["wechat_notices"] == []


def test_a_subscription_account_may_not_and_the_check_says_so(vendors: Sandbox, live: WechatNotice) -> None:
    vendors.setup(accounts=[_account(kind="subscription")])
    [found] = live.check([TARGET])
    assert not found.ok and "没有这项接口权限" in found.text
    with pytest.raises(SendError) as caught:
        send(live)
    assert caught.value.outcome is Outcome.MISCONFIGURED


def test_a_field_that_the_template_has_not_is_named_by_the_check(vendors: Sandbox, live: WechatNotice) -> None:
    wrong = notice(f"{vendors.base}/wechat", Time(), fields={"thing1": "标题"})
    [found] = wrong.check([TARGET])
    assert not found.ok and "thing2" in found.text and "fields" in found.fix
    with pytest.raises(SendError, match="字段"):
        send(wrong)


def test_the_accounts_own_door_hands_the_event_to_the_notices(
    vendors: Sandbox, live: WechatNotice, clock: Time
) -> None:
    found = _told(event("success"), account("http://127.0.0.1:9", clock), clock)
    assert [each.channel for each in found] == ["wechat_notice"]
    word = live.word(found[0], clock())
    assert word is not None and word.outcome is Outcome.DELIVERED


def _told(xml: str, channel: Any, clock: Time) -> list[Receipt]:
    stamp, nonce = str(int(clock().timestamp())), "n1"
    signed = "".join(sorted([SECRETS["WECHAT_TOKEN"], stamp, nonce])).encode()
    query = {"timestamp": stamp, "nonce": nonce, "signature": hashlib.sha1(signed).hexdigest()}
    return list(channel.door("POST", query, xml.encode())[1])
