"""服务号模板消息: a service notice to each follower who has asked for it, one call a person; never a broadcast.

https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage and the platform's rules of
use (模板消息运营规范): a notice nobody has asked for is forbidden, so this channel is off until the school says where
the consents are kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from channels.base import (
    Attempt,
    Clock,
    Content,
    Finding,
    Limits,
    Prepared,
    Rate,
    Receipt,
    Resolution,
    SendError,
    Sent,
    Word,
)
from channels.wechat_oa.client import Client
from channels.wechat_oa.door import NOTICE_CHANNEL, NOTICE_DONE, Door, parsed, text_of
from channels.words import clean, purpose
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.states import Basis
from rules.text import cut_chars, size

#: The platform knows the same person and client_msg_id again for ten minutes; a resend must be there before. It leaves
#: within five minutes or not at all (jobs/claim.py, RESEND_WITHIN), and its call takes less than one.
REMEMBERED, MARGIN = timedelta(minutes=10), timedelta(minutes=6)
#: A call whose answer was lost may still be under way.
SETTLE = timedelta(seconds=30)
#: The event comes within seconds; after so long it will not come any more.
HORIZON = timedelta(hours=1)
#: How the secrets begin: of a 服务号 beside the account that publishes, or of the one account.
OWN, SHARED = "WECHAT_SERVICE", "WECHAT"
#: What a field of a template may take, and how many characters the platform shows of it (类目模板 thing).
TAKES, CHARACTERS = ("标题", "部门", "学校"), 20
_HOLE = re.compile(r"\{\{(\w+)\.DATA\}\}")

# https://developers.weixin.qq.com/doc/service/guide/product/template_message/Template_Message_Interface.html
# 事件推送 TEMPLATESENDJOBFINISH, Status
STATUS: dict[str, tuple[Outcome, str]] = {
    "success": (Outcome.DELIVERED, "已送达"),
    "failed:user block": (Outcome.REFUSED, "接收人拒收或已屏蔽"),
    "failed:system failed": (Outcome.REFUSED, "平台发送失败，可以补发"),
    "failed:freq limit": (Outcome.REFUSED, "超过平台的频率限制，可以稍后补发"),
}


@dataclass(frozen=True)
class Options:
    """The template and its fields: name -> what it takes (one of TAKES)."""

    template_id: str
    fields: Mapping[str, str]

    @classmethod
    def of(cls, setting: ChannelSetting) -> Options:
        """The options of a setting; raises ValueError naming the key and the fix."""
        given, where = setting.options, f"channels.{setting.name}"
        if not str(given.get("consent", "")).strip():
            what = "平台规则不允许群发模板消息，只能发给主动订阅的人。请在 consent 写明订阅人同意的依据存放在哪里"
            raise ValueError(f"{where}.consent 没有填写。{what}")
        if str(given.get("account", "")) not in ("service", "服务号"):
            raise ValueError(f"{where}.account 应为 service：只有认证的服务号可以发模板消息")
        fields = {str(name): str(takes) for name, takes in dict(given.get("fields", {})).items()}
        if wrong := [name for name, takes in fields.items() if takes not in TAKES]:
            raise ValueError(f"{where}.fields 的 {'、'.join(wrong)} 应取 {'、'.join(TAKES)} 之一")
        if not fields or not given.get("template_id"):
            raise ValueError(f'{where} 应写明 template_id 和 fields，如 fields = {{ thing1 = "标题" }}')
        return cls(str(given["template_id"]), fields)


class WechatNotice:
    """Service notices of one account; an address is a follower's OpenID, kept in a list (名单) of those who agreed."""

    name: ClassVar[str] = NOTICE_CHANNEL
    label: ClassVar[str] = "服务号模板消息"
    follow_after = HORIZON
    follow_until = HORIZON

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self.options = Options.of(setting)
        self._secrets = secrets
        self._clock = clock
        #: A school may have a 服务号 beside its 订阅号; that one then has a callback address of its own.
        self._own = OWN if secrets.get(f"{OWN}_APP_ID", "").strip() else SHARED
        app_id, secret = self._secret("APP_ID"), self._secret("APP_SECRET")
        self._client = Client(setting.api_base, app_id, secret, clock, service=True)
        self._door = Door(app_id, self._secret("TOKEN"), [self._secret("AES_KEY")], clock, safe_only=False)

    def _secret(self, name: str) -> str:
        return self._secrets.get(f"{self._own}_{name}", "").strip()

    @property
    def limits(self) -> Limits:
        rate = Rate(name="每日", most=100_000, per="day", of="delivery")
        return Limits(
            pieces=1, bytes=None, rates=(rate,), resolvable=True, receipts=True, person="OpenID", senders=8
        )  # fmt: skip

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The template's fields, each cut to what the platform shows; the link opens the item."""
        (piece,) = clean(bundle).pieces
        words = {"标题": purpose(piece) + piece.title, "部门": piece.department or bundle.school, "学校": bundle.school}
        whole = {name: words[takes] for name, takes in self.options.fields.items()}
        values = {name: cut_chars(text, CHARACTERS) for name, text in whole.items()}
        payload: dict[str, Any] = {
            "template_id": self.options.template_id,
            "data": {name: {"value": text} for name, text in values.items()},
        }
        if piece.url:
            payload["url"] = piece.url
        text = "\n".join([*values.values(), *filter(None, [piece.url])])
        return Content(text=text, payload=payload, bytes=size(text), shortened=values != whole)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One notice to one person; the same push and person make the same bytes, which the platform takes once."""
        (openid,) = addresses
        body = {"touser": openid, **prepared.payload, "client_msg_id": client_msg_id(key, openid)}
        answer = self._client.commit("message/template/send", body)
        number = str(answer.get("msgid") or "")
        reason = "平台已受理，等待送达结果"
        return [Sent(address=openid, outcome=Outcome.ACCEPTED, vendor_id=number, code="0", reason=reason)]

    def resolve(self, attempt: Attempt) -> Resolution:
        """The platform cannot be asked; within ten minutes it takes the same notice once, afterwards a person decides."""
        settling = SETTLE - (self._clock() - attempt.called_at)
        if settling > timedelta():
            return Resolution(outcome=Outcome.UNCERTAIN, reason="等待首次调用结束", ask_again=settling)
        if self._clock() - attempt.begun_at < REMEMBERED - MARGIN:
            reason = "以同一编号再发一次：平台十分钟内不会重复下发"
            return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, resend=True)
        reason = "已超过平台的查重时间，再发可能重复，请向接收人核对后登记"
        return Resolution(outcome=Outcome.UNCERTAIN, reason=reason)

    def follow(self, attempt: Attempt) -> Resolution:
        """The result comes as an event alone: one that has not come by now will not."""
        return Resolution(outcome=Outcome.UNCERTAIN, reason="已提交（无回执）")

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """Of an account of its own; one that it shares has one address, that of the account's channel. Raises PermissionError."""
        if self._own == SHARED:
            raise PermissionError("模板消息的结果由公众号的回调地址接收")
        return self._door.open(method, query, body)

    def word(self, receipt: Receipt, received_at: Any) -> Word | None:
        """How a notice ended for one person; None for whatever else comes to an address of its own."""
        if receipt.kind != NOTICE_DONE:
            return None
        event = parsed(receipt.raw)
        status = re.sub(r":\s+", ":", text_of(event, "Status").strip().lower())
        outcome, reason = STATUS.get(status, (Outcome.REFUSED, "平台未说明原因"))
        basis = Basis.PERSON if outcome is Outcome.DELIVERED else None
        return Word(outcome=outcome, reason=reason, vendor_id=receipt.vendor_id, basis=basis)

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The account's id and secret."""
        fix = "请在 .env 中填写（公众平台 → 设置与开发 → 基本配置）"
        lacking = [name for name in ("APP_ID", "APP_SECRET") if not self._secret(name)]
        return [Finding(key=f"{self._own}_{name}", ok=False, text="没有填写", fix=fix) for name in lacking]

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """The token, and whether the account has the template with these fields; sends nothing."""
        if missing := self.missing(targets):
            return missing
        key = f"channels.{self.name}.template_id"
        try:
            answer = self._client.read("template/get_all_private_template")
        except SendError as error:
            return [Finding(key=key, ok=False, text=str(error), fix=error.advice or "请稍后再试")]
        known = {str(each.get("template_id")): each for each in answer.get("template_list") or ()}
        found = known.get(self.options.template_id)
        if found is None:
            fix = "请在公众平台“模板消息—我的模板”中复制模板ID"
            return [Finding(key=key, ok=False, text="账号里没有这个模板", fix=fix)]
        return [self._fields(key, str(found.get("content", "")))]

    def _fields(self, key: str, content: str) -> Finding:
        wanted, given = set(_HOLE.findall(content)), set(self.options.fields)
        if wanted == given:
            return Finding(key=key, ok=True, text="模板可用，只发给名单中已同意订阅的关注者")
        text = f"模板的字段是 {'、'.join(sorted(wanted))}，设置里写的是 {'、'.join(sorted(given))}"
        return Finding(key=key, ok=False, text=text, fix=f"请改正 channels.{self.name}.fields")


def client_msg_id(key: str, openid: str) -> str:
    """By which the platform knows a notice again: 32 characters of push and person."""
    return hashlib.sha256(f"{key}:{openid}".encode()).hexdigest()[:32]
