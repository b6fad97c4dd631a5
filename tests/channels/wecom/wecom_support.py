"""An app and a chat channel for the tests, and the answers the platform usually gives."""

from __future__ import annotations

from typing import Any

from channels.base import Attempt, Receipt
from channels.wecom.app import WecomApp
from channels.wecom.chat import WecomChat
from tests.channels.samples import KEY, NOW, Ticks, bundle, setting, target
from tests.channels.servers import Vendor

TOKEN = "TOKEN-that-nobody-may-see"
SECRET = "SECRET-that-nobody-may-see"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CORP = "ww0123456789abcdef"
SECRETS = {
    "WECOM_CORP_ID": CORP,
    "WECOM_APP_SECRET": SECRET,
    "WECOM_APP_AGENT_ID": "1000002",
    "WECOM_APP_TOKEN": "calltoken",
    "WECOM_APP_AES_KEY": AES_KEY,
}
TARGET = target("wecom_app", "部门:2", name="全体教职工")
CHAT = target("wecom_chat", "xxgk01", name="信息公开通知群")
OK = {"errcode": 0, "errmsg": "ok"}
SENT = {**OK, "msgid": "MSG1"}
CLOSED = {"errcode": 48002, "errmsg": "api forbidden, hint: [1], from ip: 1.2.3.4"}


def usual(vendor: Vendor) -> Vendor:
    """The vendor with a token to be had and a message taken."""
    vendor.at("gettoken", {**OK, "access_token": TOKEN, "expires_in": 7200})
    vendor.at("message/send", SENT)
    vendor.at("appchat/send", OK)
    return vendor


def app(base: str, clock: Ticks | None = None, secrets: dict[str, str] | None = None, **options: Any) -> WecomApp:
    return WecomApp(setting("wecom_app", base, **options), SECRETS if secrets is None else secrets, clock or Ticks())


def chat(base: str, secrets: dict[str, str] | None = None, **options: Any) -> WecomChat:
    return WecomChat(setting("wecom_chat", base, **options), SECRETS if secrets is None else secrets, Ticks())


def send(channel: WecomApp | WecomChat, *addresses: str, key: str = KEY) -> list[Any]:
    content = channel.render(bundle(key=key), TARGET)
    return channel.send(channel.prepare(content.payload, key), addresses, key)


def attempt(**facts: Any) -> Attempt:
    """A call of one person's delivery that began now."""
    usual = {"address": "zhangsan", "push_key": KEY, "mark": bundle().mark, "text": "", "begun_at": NOW}
    empty: dict[str, Any] = {"payload": {}, "handles": {}, "evidence": {}}
    return Attempt(**{**usual, **empty, **facts})


def pressed(user: str = "ZhangSan", key: str = KEY, **changes: str) -> str:
    """The event of a press, as it reads once it is decrypted."""
    fields = {
        "ToUserName": CORP,
        "FromUserName": user,
        "CreateTime": "1614560400",
        "MsgType": "event",
        "Event": "template_card_event",
        "EventKey": "ack",
        "TaskId": f"{key}-0123456789ab",
        "CardType": "button_interaction",
        "ResponseCode": "RC",
        "AgentID": "1000002",
    }
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in {**fields, **changes}.items())
    return f"<xml>{inner}</xml>"


def receipt(xml: str = "", key: str = KEY) -> Receipt:
    return Receipt(kind="template_card_event", dedup="d", vendor_id=f"{key}-0123456789ab", raw=xml or pressed(key=key))
