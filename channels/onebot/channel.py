"""The channel: one POST a message, and the group's history to tell what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from channels.base import Attempt, Clock, Content, Finding, Limits, Prepared, Rate, Resolution, Sample, SendError, Sent
from channels.http import json_of, post, utf8
from channels.onebot.answers import STATUS, data_of, dicts, judge, number, text
from channels.onebot.history import Message, search
from channels.words import fitted, plain
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.states import Basis
from rules.text import size

CONNECT = 5.0
#: QQ takes some 4500 characters; longer than this nobody reads in a group.
CHARACTERS = 2000
#: A message may be this late in the history, so its absence counts only after it.
SETTLE = timedelta(seconds=30)
#: The clocks of QQ's servers and ours may differ by this much.
SKEW = timedelta(minutes=10)
GIVE_UP = timedelta(hours=24)
#: QQ lets an ordinary member take its own message back for about two minutes; an admin's group is asked all the same.
RECALL = timedelta(minutes=2)
PAGE = 50


class OneBot:
    """Pushes to QQ groups; a target's address is the group's number."""

    name: ClassVar[str] = "onebot"
    label: ClassVar[str] = "QQ群"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self._api = setting.api_base.rstrip("/")
        self._token = secrets.get("ONEBOT_TOKEN", "").strip()
        self._clock = clock
        # The QQ side itself waits 10 s and more before it gives up: a shorter timeout would hide a definite answer.
        self._timeout = (CONNECT, float(setting.options.get("timeout", 30)))

    @property
    def limits(self) -> Limits:
        """QQ documents no limit; more than some 20 groups a minute invites its risk control (风控)."""
        rate = Rate(name="每分钟", most=20, per=timedelta(seconds=60), of="channel")
        return Limits(pieces=8, bytes=None, rates=(rate,), resolvable=True, recall=RECALL, senders=2)

    def render(self, bundle: Bundle, target: Target) -> Content:
        """Plain text as an array of segments: a string would be read for CQ codes."""
        shown, shortened = fitted(bundle, plain, lambda t: len(t) <= CHARACTERS)
        payload = {"message": [{"type": "text", "data": {"text": shown}}]}
        return Content(text=shown, payload=payload, bytes=size(shown), shortened=shortened)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One message to one group."""
        (address,) = addresses
        answer, raw = self._call("send_group_msg", group_id=number(address), **prepared.payload)
        vendor_id = text(data_of(answer).get("message_id"))
        posted = Outcome.DELIVERED
        return [Sent(address=address, outcome=posted, vendor_id=vendor_id, code="0", basis=Basis.POSTED, raw=raw)]

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        """Take a message back: QQ allows about two minutes, longer to a group's admin; raises SendError."""
        _, raw = self._call("delete_msg", message_id=number(attempt.vendor_id))
        return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason="群消息已撤回", raw=raw)

    def resolve(self, attempt: Attempt) -> Resolution:
        """Look for the mark in the group's history; absent counts only if the history reaches back far enough."""
        settling = SETTLE - (self._clock() - attempt.called_at)
        if settling > timedelta():
            return _unsure("等待群消息记录更新", settling)
        age = self._clock() - attempt.begun_at
        again = timedelta(minutes=1 if age < timedelta(minutes=10) else 10) if age < GIVE_UP else None
        try:
            if not self._read("get_status").get("online"):
                return _unsure("QQ端不在线，群消息记录不完整", again)
            found, complete = self._search(attempt)
        except SendError as error:
            return _unsure(f"暂时查不到群消息记录：{error.reason}", again, error.raw)
        if found is not None:
            return _found(found)
        if complete:
            return Resolution(outcome=Outcome.UNAVAILABLE, reason="群消息记录中没有此条，确认未发出")
        return _unsure("群消息记录没有覆盖到发送时刻", again)

    def _search(self, attempt: Attempt) -> tuple[Message | None, bool]:
        group = number(attempt.address)

        def read(cursor: object) -> Sequence[Message]:
            further = {} if cursor is None else {"message_seq": cursor}
            return dicts(self._read("get_group_msg_history", group_id=group, count=PAGE, **further).get("messages"))

        since = (attempt.begun_at - SKEW).timestamp()
        return search(read, me=self._me(), mark=attempt.mark, since=since)

    def _me(self) -> str:
        return text(self._read("get_login_info").get("user_id"))

    def measure(self, target: Target) -> list[Sample]:
        """The group's members as QQ counts them now; nothing if it does not say; raises SendError."""
        count = self._read("get_group_info", group_id=number(target.address), no_cache=True).get("member_count")
        if not isinstance(count, int) or count <= 0:
            return []
        return [Sample(metric="应达", value=count, basis="群成员数", true_at=self._clock())]

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The token."""
        fix = "请在 .env 中填写 ONEBOT_TOKEN（QQ端 OneBot 网络配置中的访问令牌）"
        return [] if self._token else [Finding(key="ONEBOT_TOKEN", ok=False, text="没有填写", fix=fix)]

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """The connection, the account, and for each group whether we are in it and may speak."""
        if missing := self.missing(targets):
            return missing
        try:
            version, me = self._read("get_version_info"), self._me()
            online = bool(self._read("get_status").get("online"))
            groups = {text(group.get("group_id")) for group in dicts(self._call("get_group_list")[0].get("data"))}
        except SendError as error:
            key = "ONEBOT_TOKEN" if "ONEBOT_TOKEN" in error.advice else "channels.onebot.api_base"
            return [Finding(key=key, ok=False, text=str(error), fix=error.advice or "请检查QQ端是否在运行")]
        state, fix = ("QQ在线", "") if online else ("QQ不在线", "请重新登录QQ端")
        return [
            Finding(key="channels.onebot.api_base", ok=True, text=f"已连通{version.get('app_name', '')}，账号{me}"),
            Finding(key="channels.onebot", ok=online, text=state, fix=fix),
            *(self._group(target, me, groups) for target in targets),
        ]

    def _group(self, target: Target, me: str, groups: set[str]) -> Finding:
        key, name = f"targets.csv {target.number}", f"“{target.name}”群"
        if target.address not in groups:
            return Finding(key=key, ok=False, text=f"机器人不在{name}内", fix="请核对群号，并请群主把机器人拉入群")
        try:
            member = self._read(
                "get_group_member_info", group_id=number(target.address), user_id=number(me), no_cache=True
            )
        except SendError as error:
            return Finding(key=key, ok=False, text=f"{name}：{error}", fix=error.advice or "请稍后再试")
        until = member.get("shut_up_timestamp")
        if isinstance(until, int) and until > self._clock().timestamp():
            return Finding(key=key, ok=False, text=f"机器人在{name}内被禁言", fix="请群主解除禁言")
        return Finding(key=key, ok=True, text=f"{name}正常，机器人身份{member.get('role', '未知')}")

    def _read(self, action: str, **params: object) -> Mapping[str, Any]:
        return data_of(self._call(action, **params)[0])

    def _call(self, action: str, **params: object) -> tuple[dict[str, Any], str]:
        """The answer of an action that was done, and its raw text; raises SendError."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        response = post(f"{self._api}/{action}", timeout=self._timeout, data=utf8(params), headers=headers)
        raw = response.text[:500].replace(self._token or "\0", "***")
        if known := STATUS.get(response.status_code):
            raise known.error(f"HTTP {response.status_code}", raw)
        answer = json_of(response)
        judge(answer, raw)
        return answer, raw


def _unsure(reason: str, again: timedelta | None, raw: str = "") -> Resolution:
    return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, ask_again=again, raw=raw)


def _found(message: Message) -> Resolution:
    return Resolution(
        outcome=Outcome.DELIVERED,
        reason="在群消息记录中找到",
        vendor_id=text(message.get("message_id")),
        basis=Basis.POSTED,
        raw=utf8(message).decode()[:500],
    )
