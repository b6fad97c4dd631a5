"""企业微信应用群聊: chats that our own app has made; a message there has no id, cannot be taken back and is not remembered.

https://developer.work.weixin.qq.com/document/path/90245 (创建), 90247 (获取), 90248 (推送消息).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from channels.base import Clock, Content, Finding, Limits, Prepared, Rate, Sample, SendError, Sent
from channels.wecom import cards, checkup, codes
from channels.wecom.client import Client
from channels.wecom.options import form_of
from channels.wecom.whom import UNREADABLE, once
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.states import Basis
from rules.text import cut_chars

_ROOT = "建群和群消息要求应用的可见范围是根部门（全公司），请在管理后台“应用管理—本应用—可见范围”中修改"
#: What the same codes mean for a chat.
CODES = {
    **codes.CODES,
    48002: replace(codes.CODES[48002], advice=_ROOT),
    60011: replace(codes.CODES[60011], outcome=Outcome.MISCONFIGURED, reason="应用的可见范围不是根部门", advice=_ROOT),
}
CHAT_ID = re.compile(r"[0-9A-Za-z]{1,32}")
#: Members of a chat; the company's own limit in the console may be lower.
FEWEST, MOST = 2, 2000
NAME = 50
#: What a member gets beyond 200 a minute, over all chats, is dropped by the platform without an error.
A_MINUTE = 180


class WecomChat:
    """Pushes to the app's own chats; a target's address is the chat's id, chosen by us when it was made."""

    name: ClassVar[str] = "wecom_chat"
    label: ClassVar[str] = "企业微信应用群聊"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self._form = form_of(setting)
        self._secrets = secrets
        self._clock = clock
        corp_id, secret = (secrets.get(name, "").strip() for name in ("WECOM_CORP_ID", "WECOM_APP_SECRET"))
        self._client = Client(setting.api_base, corp_id, secret, clock, CODES)

    @property
    def limits(self) -> Limits:
        """Not resolvable: the platform keeps no key and no history that an app may read."""
        rate = Rate(name="每分钟", most=A_MINUTE, per=timedelta(seconds=60), of="channel")
        return Limits(pieces=8, bytes=None if self._form == "textcard" else cards.CONTENT, rates=(rate,), senders=4)

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The bundle in the form that is set; several pieces are one message."""
        return cards.shown(bundle, self._form)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare: a chat cannot be made here, for only a person knows its members."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One message into one chat."""
        (address,) = addresses
        answer = self._client.commit("appchat/send", {"chatid": _chat_id(address), **prepared.payload, "safe": 0})
        raw = codes.raw_of(answer)
        return [Sent(address=address, outcome=Outcome.DELIVERED, code="0", basis=Basis.POSTED, raw=raw)]

    def measure(self, target: Target) -> list[Sample]:
        """The chat's members; raises SendError."""
        count = len(self._chat(target.address).get("userlist") or [])
        return [Sample(metric="应达", value=count, basis="群成员数", true_at=self._clock())] if count else []

    def create(self, chatid: str, name: str, owner: str, users: Sequence[str]) -> str:
        """Make a chat under an id of our own; returns the id. Harmless to repeat; raises SendError.

        `users` are the members' userids, 2 to 2000 with the owner, who is put in if he is missing.
        """
        members = list(once([owner, *users]))
        if not FEWEST <= len(members) <= MOST:
            what = f"群成员应为{FEWEST}至{MOST}人，现有{len(members)}人"
            raise SendError(Outcome.REFUSED, what, advice="请核对群成员的账号")
        body = {"chatid": _chat_id(chatid), "name": cut_chars(name, NAME), "owner": owner, "userlist": members}
        try:
            self._client.ask("appchat/create", body)
        except SendError as error:
            if error.code != str(codes.CHAT_EXISTS):
                raise
            self._chat(chatid)  # ours from an earlier call, or else this says whose it is
        return chatid

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The company's id and the app's secret."""
        return checkup.missing(self._secrets)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Secrets, token, and whether each chat is there; sends nothing."""
        found = checkup.credentials(self._client, self._secrets)
        if any(not each.ok for each in found):
            return found
        return [*found, *map(self._finding, targets)]

    def _finding(self, target: Target) -> Finding:
        key = f"targets.csv {target.number}"
        try:
            chat = self._chat(target.address)
        except SendError as error:
            if error.code in (str(codes.NO_CHAT), "40050"):
                fix = f"请建群：python bot.py chat {target.number} --owner 群主账号 --member 成员账号；或停用此目标"
                return Finding(key=key, ok=False, text=f"{target.name}：群聊还没有建立，或已解散", fix=fix)
            found = checkup.finding_of(error, key)
            return replace(found, text=f"{target.name}：{found.text}")
        text = f"{target.name}：群聊“{chat.get('name', '')}”，{len(chat.get('userlist') or [])}人"
        return Finding(key=key, ok=True, text=text)

    def _chat(self, address: str) -> Mapping[str, Any]:
        chat = self._client.ask("appchat/get", chatid=_chat_id(address)).get("chat_info")
        if not isinstance(chat, dict):
            raise SendError(Outcome.UNAVAILABLE, "企业微信没有给出群聊的信息")
        return chat


def _chat_id(address: str) -> str:
    if CHAT_ID.fullmatch(address):
        return address
    advice = "请填写由本应用建立的群聊编号：最多32位数字和字母"
    raise SendError(Outcome.UNAVAILABLE, "目标的地址不是群聊编号", advice=advice, retry_after=UNREADABLE)
