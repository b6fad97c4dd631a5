"""企业微信群机器人 (消息推送): one POST a message; the vendor offers no message id, no recall, no query and no receipt.

Vendor's document: https://developer.work.weixin.qq.com/document/path/91770 (and path/99110).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any, ClassVar

from channels.base import Clock, Content, Finding, Limits, Prepared, Rate, Sample, SendError, Sent
from channels.http import get, json_of, kept, post, utf8
from channels.wecom import cards
from channels.words import Meaning
from rules.bundle import Bundle
from rules.dates import at
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.states import Basis

# urllib3 prints each path with its query at DEBUG level, and here the query is the key.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

TIMEOUT = (5.0, 15.0)
#: How long a group whose key is not filled in waits before it is asked again; the other groups go on.
UNSET = timedelta(minutes=10)
#: Bytes of the content of a message; https://developer.work.weixin.qq.com/document/path/99110 (文本类型, markdown类型).
BYTES = {"markdown": 4096, "text": 2048}
FORMATS = (*BYTES, "news")
KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")

#: https://developer.work.weixin.qq.com/document/path/90313 (全局错误码)
CODES: dict[int, Meaning] = {
    -1: Meaning(Outcome.UNCERTAIN, "企业微信系统繁忙，不能确定是否已发出", "请到群里核对有无此条"),
    40008: Meaning(Outcome.REFUSED, "消息类型不被接受", "请检查该渠道的 format 设置"),
    40058: Meaning(Outcome.REFUSED, "内容超过长度或格式不符", "请缩短标题和摘要后重新推送"),
    44004: Meaning(Outcome.REFUSED, "消息内容为空", "请补充标题后重新推送"),
    45002: Meaning(Outcome.REFUSED, "内容超过长度", "请缩短标题和摘要后重新推送"),
    45009: Meaning(Outcome.THROTTLED, "发送过快，机器人每分钟限20条", retry_after=timedelta(seconds=60)),
    45033: Meaning(Outcome.THROTTLED, "同时调用过多", retry_after=timedelta(seconds=5)),
    47001: Meaning(Outcome.REFUSED, "消息格式有误", "请将此条记录交系统管理员"),
    # Nothing of the content is wrong: it waits, and what comes after it is bundled with it.
    93000: Meaning(
        Outcome.UNAVAILABLE, "机器人已被移出群或地址失效", "请群主重新添加机器人，并把新的密钥填入 .env；之后自动补发", UNSET
    ),
}
UNKNOWN = Meaning(Outcome.UNKNOWN_CODE, "企业微信返回未收录的错误码", "请到群里核对，并将此条记录交系统管理员")


class WecomBot:
    """Pushes to groups through their robots; a target's address is the name of its robot's key in .env."""

    name: ClassVar[str] = "wecom_bot"
    label: ClassVar[str] = "企业微信群机器人"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self._api = setting.api_base.rstrip("/")
        self._secrets = secrets
        self._clock = clock
        self._format = str(setting.options.get("format", "markdown"))
        if self._format not in FORMATS:
            raise ValueError(f"channels.wecom_bot.format 不能是“{self._format}”，请改为 {'、'.join(FORMATS)} 之一")

    @property
    def limits(self) -> Limits:
        """The vendor allows 20 a minute; whether its window slides is not documented, so two are kept back."""
        rate = Rate(name="每分钟", most=18, per=timedelta(seconds=60), of="address")
        return Limits(pieces=8, bytes=BYTES.get(self._format), rates=(rate,), senders=8)

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The bundle in the set format; an article card needs a link, so pieces without one fall back to markdown."""
        if self._format == "news" and all(piece.url.strip() for piece in bundle.pieces):
            return cards.news(bundle)
        write = cards.text if self._format == "text" else cards.markdown
        return write(bundle, BYTES["text" if self._format == "text" else "markdown"])

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One message by one robot."""
        (address,) = addresses
        robot = self._robot(address)
        url = f"{self._api}/cgi-bin/webhook/send"
        response = post(
            url,
            timeout=TIMEOUT,
            params={"key": robot},
            data=utf8(prepared.payload),
            headers={"Content-Type": "application/json"},
        )
        return [_sent(address, json_of(response, (robot,)), kept(response, (robot,)))]

    def _robot(self, address: str) -> str:
        if not VARIABLE.fullmatch(address):
            # It may be the key itself, put into the wrong file: do not repeat it.
            advice = "请在目标表的地址列填写 .env 中的变量名（如 WECOM_ROBOT_T01），密钥写进 .env"
            raise SendError(Outcome.UNAVAILABLE, "目标地址不是变量名", advice=advice, retry_after=UNSET)
        robot = self._secrets.get(address, "").strip()
        if not KEY.fullmatch(robot):
            what = "没有填写" if not robot else "不是机器人密钥"
            advice = f"请在 .env 中填写 {address}=（机器人地址里 key= 后面的部分）"
            raise SendError(Outcome.UNAVAILABLE, f"{address} {what}", advice=advice, retry_after=UNSET)
        return robot

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """A key for each robot."""
        return [found for found in map(self._finding, targets) if not found.ok]

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Whether keys are filled in and the server answers; a key can only be proved by a real message."""
        return [self._reachable(), *(self._finding(target) for target in targets)]

    def _reachable(self) -> Finding:
        try:
            get(f"{self._api}/", timeout=TIMEOUT)
        except SendError as error:
            return Finding(
                key="channels.wecom_bot.api_base", ok=False, text=error.reason, fix=error.advice or "请检查 api_base"
            )
        return Finding(key="channels.wecom_bot.api_base", ok=True, text="可以连通")

    def _finding(self, target: Target) -> Finding:
        key = target.address if VARIABLE.fullmatch(target.address) else f"targets.csv {target.number}"
        try:
            self._robot(target.address)
        except SendError as error:
            return Finding(key=key, ok=False, text=f"{target.name}：{error.reason}", fix=error.advice)
        text = f"{target.name}：已填写（企业微信没有不发消息的检验办法，是否有效以第一次推送为准）"
        return Finding(key=key, ok=True, text=text)

    def measure(self, target: Target) -> list[Sample]:
        """The number in the group register, true on the day somebody checked it."""
        if target.members is None:
            return []
        day = target.checked_on
        true_at = self._clock() if day is None else at(day, time())
        return [Sample(metric="应达", value=target.members, basis="人工填报", true_at=true_at)]


def _sent(address: str, answer: Mapping[str, Any], raw: str) -> Sent:
    code = answer.get("errcode")
    if not isinstance(code, int):
        raise SendError(Outcome.UNCERTAIN, "答复不是企业微信的格式，不能确定是否已发出", raw=raw)
    # A body that cannot be parsed may be answered 0, "ok. Warning: wrong json format. ".
    if code == 0 and "warning" in str(answer.get("errmsg", "")).lower():
        raise SendError(Outcome.UNKNOWN_CODE, "企业微信称消息格式有误，未按成功计", code="0", raw=raw)
    if code == 0:
        return Sent(address=address, outcome=Outcome.DELIVERED, code="0", basis=Basis.POSTED, raw=raw)
    raise CODES.get(code, UNKNOWN).error(str(code), raw)
