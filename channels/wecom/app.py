"""企业微信应用消息: one call for up to a thousand persons, refused or taken one by one, never confirmed as delivered.

https://developer.work.weixin.qq.com/document/path/90236 (发送应用消息), 94867 (撤回应用消息).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
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
    Sample,
    SendError,
    Sent,
    Word,
)
from channels.wecom import answers, cards, checkup, codes, door
from channels.wecom.directory import Directory
from channels.wecom.options import Options, client_of
from channels.wecom.whom import UNREADABLE, parse, together
from rules.bundle import Bundle
from rules.dates import at
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting

#: How long the platform remembers a request's bytes, at its longest (duplicate_check_interval, seconds).
REMEMBERED = timedelta(hours=4)
#: From here on a person decides: a resend must be at the platform before it forgets.
MARGIN = timedelta(minutes=15)
#: A call whose answer was lost may still be under way.
SETTLE = timedelta(seconds=60)
RECALL = timedelta(hours=24)
INSTEAD = "请推送一条更正或撤回说明"
#: What a member gets beyond 30 a minute is dropped by the platform with errcode 0.
A_MINUTE = 25


class WecomApp:
    """Pushes to persons through the school's own app; an address is a userid."""

    name: ClassVar[str] = "wecom_app"
    label: ClassVar[str] = "企业微信应用消息"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self.options = Options.of(setting, secrets)
        self._clock = clock
        self._secrets = secrets
        self._client = client_of(setting, secrets, clock, "WECOM_APP_SECRET")
        own = "WECOM_CONTACT_SECRET" if secrets.get("WECOM_CONTACT_SECRET", "").strip() else "WECOM_APP_SECRET"
        contacts = self._client if own == "WECOM_APP_SECRET" else client_of(setting, secrets, clock, own)
        self._directory = Directory(self._client, contacts, self.options.agent_id)
        key, token = secrets.get("WECOM_APP_AES_KEY", ""), secrets.get("WECOM_APP_TOKEN", "")
        self._door = door.Door(secrets.get("WECOM_CORP_ID", "").strip(), token, key)

    @property
    def limits(self) -> Limits:
        rate = Rate(name="每人每分钟", most=A_MINUTE, per=timedelta(seconds=60), of="address")
        return Limits(
            pieces=cards.CARD_LINES if self.options.ack else 8,
            bytes=None if self.options.form in ("textcard", "template_card") else cards.CONTENT,
            addresses=1000,
            rates=(rate,),
            resolvable=True,
            receipts=self.options.ack,
            recall=RECALL,
            person="账号",
            senders=4,
            look="问一两位接收人：{time} 之后，企业微信里有没有本应用发来的、带标记{mark}的“{title}”",
        )

    def expand(self, target: Target) -> Sequence[str]:
        """The userids a target means; where the directory is closed, its departments and tags themselves."""
        whom = parse(target.address)
        persons = self._directory.persons(whom)
        if persons is None:
            return whom.addresses
        if not persons:
            advice = "请核对目标的地址和应用的可见范围"
            raise SendError(Outcome.UNAVAILABLE, "目标里没有应用可见的成员", advice=advice, retry_after=UNREADABLE)
        return sorted(persons)

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The bundle in the form that is set; several pieces are one message."""
        return cards.shown(bundle, self.options.form)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One message to all of them; the same push and addresses make the same bytes, which the platform takes once."""
        if self.options.agent_id is None:
            advice = "请在 .env 中填写 WECOM_APP_AGENT_ID（管理后台“应用管理—本应用—AgentId”）"
            raise SendError(Outcome.MISCONFIGURED, "没有填写应用编号", advice=advice)
        body = message(prepared.payload, addresses, key, self.options.agent_id)
        answer = self._client.commit("message/send", body, accept={codes.ALL_INVALID, codes.TASK_KNOWN})
        return answers.sent(addresses, answer)

    def resolve(self, attempt: Attempt) -> Resolution:
        """The platform cannot be asked, but it drops the same bytes within four hours: sending again is harmless."""
        now = self._clock()
        settling = SETTLE - (now - attempt.called_at)
        if settling > timedelta():
            return Resolution(outcome=Outcome.UNCERTAIN, reason="等待首次调用结束", ask_again=settling)
        if now - attempt.begun_at < REMEMBERED - MARGIN:
            reason = "以完全相同的内容再发一次：企业微信四小时内不会重复下发"
            return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, resend=True)
        reason = "已超过企业微信的查重时间，再发可能重复，请向接收人核对有无此条后登记"
        return Resolution(outcome=Outcome.UNCERTAIN, reason=reason)

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        """Take a message back from all who got it in the same call, within 24 hours; raises SendError."""
        if not attempt.vendor_id:
            raise SendError(Outcome.REFUSED, "没有企业微信的消息编号，无法撤回", advice=INSTEAD)
        if self._clock() - attempt.called_at > RECALL:
            raise codes.CODES[codes.TOO_OLD].error(str(codes.TOO_OLD), "")
        try:
            answer = self._client.ask("message/recall", {"msgid": attempt.vendor_id})
        except SendError as error:
            if error.code != str(codes.BAD_PARAMETER):
                raise
            # A resend that was held back as a double is answered with an id of its own, of a message nobody got.
            reason = "企业微信不认这个消息编号（不是本应用所发，或首次发送的编号没有收到），无法撤回"
            raise SendError(Outcome.REFUSED, reason, code=error.code, advice=INSTEAD, raw=error.raw) from None
        reason = "应用消息已撤回（微信插件里已看到的除外）"
        return Sent(
            address=attempt.address, outcome=Outcome.DELIVERED, code="0", reason=reason, raw=codes.raw_of(answer)
        )

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        return self._door.open(method, query, body)

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        return door.word_of(receipt)

    def measure(self, target: Target) -> list[Sample]:
        """How many persons a target holds by the directory; else the number in the register; raises SendError."""
        whom = parse(target.address)
        persons = self._directory.persons(whom)
        if persons is not None:
            basis = "人工填报" if whom.users else "平台统计"
            return [Sample(metric="应达", value=len(persons), basis=basis, true_at=self._clock())]
        if target.members is None:
            return []
        true_at = self._clock() if target.checked_on is None else at(target.checked_on, time())
        return [Sample(metric="应达", value=target.members, basis="人工填报", true_at=true_at)]

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The company's id and the app's secret."""
        return checkup.missing(self._secrets)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Secrets, token, trusted IP, agent, visible scope and directory, and each target's persons; sends nothing."""
        return list(checkup.app(self._client, self._directory, self.options, self._secrets, targets))


def message(payload: Mapping[str, Any], addresses: Sequence[str], key: str, agent_id: int) -> dict[str, Any]:
    """What goes on the wire: nothing in it depends on the time or on the order of the addresses."""
    whom = together(parse(address) for address in addresses)
    content = dict(payload)
    if "template_card" in content:
        content["template_card"] = {**content["template_card"], "task_id": task_id(key, whom.addresses)}
    return {
        **whom.fields(),
        "agentid": agent_id,
        **content,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": int(REMEMBERED.total_seconds()),
    }


def task_id(key: str, addresses: Sequence[str]) -> str:
    """A card's number, to be used once by an app: the push's key, and which of its calls it is."""
    return f"{key}-{hashlib.sha256('|'.join(addresses).encode()).hexdigest()[:12]}"
