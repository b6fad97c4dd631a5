"""The platform calls us, always encrypted; the press of a card's 已阅 is the only receipt among its events.

https://developer.work.weixin.qq.com/document/path/90930 (加解密方案), 90376 (模板卡片事件推送).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.exceptions import WeChatException
from wechatpy.work.crypto import WeChatCrypto

from channels.base import Receipt, Word
from channels.wecom.cards import ACK
from rules.outcome import Outcome
from rules.privacy import digest_of
from rules.states import Basis

PRESSED = "template_card_event"
#: An empty answer means: taken, nothing to say.
ANSWER = ""

#: What wechatpy raises for a wrong signature, another key, another company, or what was never encrypted.
_NOT_FOR_US = (
    WeChatException,
    AssertionError,
    AttributeError,
    ExpatError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)


class Door:
    """The callback address of one app."""

    def __init__(self, corp_id: str, token: str, aes_key: str) -> None:
        self._corp_id = corp_id
        self._token = token
        self._aes_key = aes_key

    def open(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """The answer and what is to be stored; raises PermissionError for a call that is not the platform's."""
        if not (self._token and self._aes_key and self._corp_id):
            raise PermissionError("没有设置 WECOM_APP_TOKEN、WECOM_APP_AES_KEY 或 WECOM_CORP_ID")
        given = [query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")]
        try:
            crypto = WeChatCrypto(self._token, self._aes_key, self._corp_id)
            if method == "GET":
                return str(crypto.check_signature(*given, query.get("echostr", ""))), ()
            found = receipt_of(str(crypto.decrypt_message(body, *given)), self._aes_key)
        except _NOT_FOR_US:
            raise PermissionError("签名不符或无法解密，请核对 WECOM_APP_TOKEN 和 WECOM_APP_AES_KEY") from None
        return ANSWER, () if found is None else (found,)


def receipt_of(text: str, key: str) -> Receipt | None:
    """What is kept of a call: one person's press of our button; other events and what members write are none of ours."""
    event = _fields(text)
    user, task = event.get("FromUserName", ""), event.get("TaskId", "")
    if event.get("Event") != PRESSED or event.get("EventKey") != ACK or not user or not task:
        return None
    # A second press, and the same event called in again, are the same receipt.
    who = digest_of(user.lower(), key)[:24]  # stays when the name is cut
    return Receipt(kind=PRESSED, dedup=f"{ACK}:{push_key_of(task)}:{who}"[:100], vendor_id=task[:100], raw=text)


def word_of(receipt: Receipt) -> Word | None:
    """What the press means for the push its task id names."""
    event = _fields(receipt.raw)
    if receipt.kind != PRESSED or not event.get("FromUserName"):
        return None
    return Word(
        outcome=Outcome.DELIVERED,
        reason="本人点了“已阅”",
        push_key=push_key_of(receipt.vendor_id),
        address=event["FromUserName"],
        basis=Basis.PERSON,
    )


def push_key_of(task_id: str) -> str:
    """The push's key at the head of a task id."""
    return task_id.partition("-")[0]


def _fields(text: str) -> dict[str, str]:
    """The texts of the platform's XML, one level deep; empty if it is none."""
    try:
        return {child.tag: (child.text or "").strip() for child in fromstring(text)}
    except (ParseError, DefusedXmlException, ValueError):
        return {}
