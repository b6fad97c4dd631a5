"""What a QQ side tells us by itself: that our message stands in the group, that we were muted, removed or cut off.

https://github.com/botuniverse/onebot-11/blob/master/communication/http-post.md (X-Signature: HMAC-SHA1 of the body),
event/notice.md, event/meta.md; `message_sent` is an extension (NapCat: 上报自身消息). NapCat signs with the access token.
What members write comes along too: it is neither stored nor logged.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from channels.base import Finding, Receipt, Word
from channels.onebot.answers import text
from channels.onebot.client import Bot
from channels.onebot.evidence import vendor_id
from channels.onebot.history import sender, words
from rules.bundle import head_of
from rules.outcome import Outcome
from rules.states import Basis

Event = Mapping[str, Any]

ECHO, REMOVED, MUTED, BEAT = "message_sent", "group_decrease", "group_ban", "heartbeat"
#: An answer in JSON would be taken for an order.
ANSWER = ""


class Door:
    """The callback address, one for all accounts; each signs with its own token."""

    def __init__(self, bots: Sequence[Bot]) -> None:
        self._bots = bots
        #: What each account's last beat said, and its hour: beats come every few seconds, and few are news.
        self._told: dict[str, tuple[bool, int]] = {}

    def open(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """The answer and what is to be stored; raises PermissionError for a call that no account of ours signed."""
        given = query.get("x-signature", "")
        tokens = [bot.token for bot in self._bots if bot.token]
        if method != "POST" or not any(hmac.compare_digest(given.encode(), sign(each, body)) for each in tokens):
            raise PermissionError("签名不符，请核对QQ端 HTTP 上报的 token 与 .env 中的是否一致")
        try:
            event = json.loads(body)
        except ValueError:
            return ANSWER, ()
        found = self._receipt(event) if isinstance(event, dict) else None
        return ANSWER, () if found is None else (found,)

    def _receipt(self, event: Event) -> Receipt | None:
        """What is kept of an event; None for all that is none of ours."""
        me, kind = text(event.get("self_id")), kind_of(event)
        if not me or not kind:
            return None
        if kind == BEAT and not self._is_news(me, event):
            return None
        told = {ECHO: ("message_id",), BEAT: ("time", "status")}.get(kind, ("time", "group_id", "sub_type"))
        dedup = ":".join((kind, me, *(text(event.get(name)) for name in told)))
        id = vendor_id(me, text(event.get("message_id"))) if kind == ECHO else ""
        kept = {name: value for name, value in event.items() if name != "operator_id"}  # who muted us is nobody's business
        return Receipt(kind=kind, dedup=dedup[:100], vendor_id=id, raw=json.dumps(kept, ensure_ascii=False))

    def _is_news(self, me: str, event: Event) -> bool:
        """True of a change, of the first beat, and of one an hour: a beat that could not be stored does not come again."""
        time = event.get("time")
        now = (_online(event), int(time) // 3600 if isinstance(time, (int, float)) else 0)
        before, self._told[me] = self._told.get(me), now
        return before != now


def sign(token: str, body: bytes) -> bytes:
    """The signature of a body."""
    return b"sha1=" + hmac.new(token.encode(), body, hashlib.sha1).hexdigest().encode()


def kind_of(event: Event) -> str:
    """Which of the kinds above an event is, empty if none."""
    me, post = text(event.get("self_id")), event.get("post_type")
    if post == "meta_event":
        return BEAT if event.get("meta_event_type") == "heartbeat" else ""
    if post in ("message_sent", "message"):
        return ECHO if sender(event) == me and "group_id" in event and head_of(words(event)) else ""
    kind, about_us = text(event.get("notice_type")), text(event.get("user_id")) == me
    if kind == REMOVED and event.get("sub_type") == "kick_me":
        return kind
    return kind if kind == MUTED and about_us else ""


def word_of(receipt: Receipt) -> Word | Finding | None:
    """What it means: our message stands there; or something about the channel that people should hear."""
    event: Event = json.loads(receipt.raw)
    me, group = text(event.get("self_id")), text(event.get("group_id"))
    if receipt.kind == ECHO:
        return Word(
            outcome=Outcome.DELIVERED,
            reason="QQ端回报群内已出现此条",
            vendor_id=receipt.vendor_id,
            key_head=head_of(words(event)),
            address=group,
            basis=Basis.POSTED,
        )
    if receipt.kind == BEAT:
        return Finding(key=f"QQ {me}", ok=_online(event), text=f"账号{me}已离线", fix="请重新登录QQ端")
    key = f"QQ {me} 群 {group}"
    if receipt.kind == REMOVED:
        return Finding(key=key, ok=False, text=f"账号{me}被移出群{group}", fix="请群主把机器人重新拉入群")
    lifted = event.get("sub_type") == "lift_ban"
    return Finding(key=key, ok=lifted, text=f"账号{me}在群{group}被禁言", fix="请群主解除禁言")


def _online(event: Event) -> bool:
    status = event.get("status")
    return isinstance(status, dict) and status.get("online") is True
