"""The platform calls us: who it is, in clear or encrypted, and which of its calls are kept.

developers.weixin.qq.com: 接入指南 (signature, echostr), 消息加解密说明 (msg_signature, AES), 接收事件推送 (5 seconds, 3 tries).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException, WeChatException
from wechatpy.utils import check_signature

from channels.base import Clock, Receipt

MASS_DONE, PUBLISH_DONE, NOTICE_DONE = "MASSSENDJOBFINISH", "PUBLISHJOBFINISH", "TEMPLATESENDJOBFINISH"
#: The channel that sends service notices: their events come to the account's one address too.
NOTICE_CHANNEL = "wechat_notice"
ANSWER = "success"
UNREADABLE = "UNREADABLE"

#: A call in clear is signed without its body, so a captured signature would cover any body: only a fresh one counts.
#: An encrypted call is signed with its body, and a repeated one is known by its event.
_FRESH = timedelta(minutes=10)

#: What wechatpy raises for another key, another account, or what was never encrypted.
_NOT_THIS_KEY = (
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
    """The callback address of one account."""

    def __init__(self, app_id: str, token: str, aes_keys: Sequence[str], clock: Clock, *, safe_only: bool) -> None:
        self._app_id = app_id
        self._token = token
        self._aes_keys = [key for key in aes_keys if key]
        self._clock = clock
        self._safe_only = safe_only

    def open(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """The answer and what is to be stored; raises PermissionError for a call that is not the platform's."""
        if not self._token:
            raise PermissionError("没有设置 WECHAT_TOKEN")
        if method == "GET":
            self._signed(query)
            return query.get("echostr", ""), ()
        text = self._sealed(query, body) if _is_sealed(query, body) else self._clear(query, body)
        found = receipt_of(text)
        return ANSWER, () if found is None else (found,)

    def _signed(self, query: Mapping[str, str]) -> None:
        try:
            check_signature(self._token, *(query.get(name, "") for name in ("signature", "timestamp", "nonce")))
        except WeChatException:
            raise PermissionError("签名不符") from None

    def _clear(self, query: Mapping[str, str], body: bytes) -> str:
        if self._safe_only:
            raise PermissionError("只接受加密的回调")
        self._signed(query)
        if not self._is_fresh(query.get("timestamp", "")):
            raise PermissionError("明文回调的时间戳已过期")
        return body.decode("utf-8", errors="replace")

    def _is_fresh(self, timestamp: str) -> bool:
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            return False
        return abs(self._clock() - datetime.fromtimestamp(int(timestamp), UTC)) <= _FRESH

    def _sealed(self, query: Mapping[str, str], body: bytes) -> str:
        """The body decrypted with the current key or the one before it; its signature covers what is encrypted."""
        given = [query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")]
        for key in self._aes_keys:
            try:
                return str(WeChatCrypto(self._token, key, self._app_id).decrypt_message(body, *given))
            except InvalidSignatureException:
                raise PermissionError("签名不符") from None
            except _NOT_THIS_KEY:
                continue
        raise PermissionError("无法解密，请核对 WECHAT_AES_KEY")


def _is_sealed(query: Mapping[str, str], body: bytes) -> bool:
    """True if the call says so, or carries a sealed part beside its clear one (兼容模式): then that alone is believed."""
    return query.get("encrypt_type") == "aes" or b"<Encrypt>" in body


def receipt_of(text: str) -> Receipt | None:
    """What is kept of a call: the end of a mass send, a publication or a notice; what a follower writes is none of ours."""
    event = parsed(text)
    if not event:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Receipt(kind=UNREADABLE, dedup=f"{UNREADABLE}:{digest}", vendor_id="", raw=text[:2000])
    kind = text_of(event, "Event").upper()
    if kind == MASS_DONE:
        number = text_of(event, "MsgID") or text_of(event, "MsgId")
    elif kind == PUBLISH_DONE:
        number = text_of(fields(event, "PublishEventInfo"), "publish_id")
    elif kind == NOTICE_DONE:
        number = text_of(event, "MsgID") or text_of(event, "MsgId")
        return Receipt(kind=kind, dedup=f"{kind}:{number}"[:100], vendor_id=number, raw=text, channel=NOTICE_CHANNEL)
    else:
        return None
    return Receipt(kind=kind, dedup=f"{kind}:{number}"[:100], vendor_id=number[:100], raw=text)


def parsed(text: str) -> dict[str, Any]:
    """The fields of the platform's XML; empty if it is none. wechatpy has no class for a publication's event."""
    try:
        return dict(parse_message(text)._data)
    except (ExpatError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def fields(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The fields inside an element; none if it is empty, missing, or only text."""
    inside = parent.get(name)
    return inside if isinstance(inside, Mapping) else {}


def text_of(parent: Mapping[str, Any], name: str) -> str:
    """The text of an element; empty if it is missing or no text."""
    inside = parent.get(name)
    return inside if isinstance(inside, str) else ""


def listed(parent: Mapping[str, Any], name: str) -> list[Any]:
    """All elements of a name: XML knows no list of one."""
    inside = parent.get(name)
    return inside if isinstance(inside, list) else [] if inside is None else [inside]
