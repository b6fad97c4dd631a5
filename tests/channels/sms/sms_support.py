"""Both vendors of short messages as a school would set them, with invented numbers only."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from channels.base import Attempt, Prepared, SendError, Sent
from channels.sms.aliyun import Aliyun
from channels.sms.channel import Sms
from channels.sms.tencent import Tencent
from rules.bundle import Bundle
from tests.channels.samples import KEY, NOW, Ticks, bundle, setting, target

NUMBERS = [f"1380000{n:04d}" for n in range(1, 6)]
ONE = NUMBERS[0]
CALLBACK = "callback-secret-0123456789-abcdef"
SECRETS = {
    "ALIYUN_SMS_KEY_ID": "test-key-id",
    "ALIYUN_SMS_KEY_SECRET": "test-key-secret",
    "TENCENT_SMS_SECRET_ID": "test-secret-id",
    "TENCENT_SMS_SECRET_KEY": "test-secret-key",
    "SMS_CALLBACK_SECRET": CALLBACK,
}
SIGN = "示例职院"
ALIYUN: dict[str, Any] = {
    "sign": SIGN,
    "template": "SMS_100000001",
    "text": "${school}发布信息：${title}（${dept}），详见学校信息公开网。",
    "variables": {"school": "学校", "title": "标题", "dept": {"takes": "部门", "most": 12}},
}
TENCENT: dict[str, Any] = {
    "sign": SIGN,
    "template": "1000001",
    "text": "{1}发布信息：{2}（{3}），详见学校信息公开网。",
    "variables": {"1": "学校", "2": "标题", "3": {"takes": "部门", "most": 12}},
    "app_id": "1400000001",
}
TARGETS = {name: target(name, "LIST_A") for name in ("sms_aliyun", "sms_tencent")}


def aliyun(base: str = "http://127.0.0.1:1", clock: Ticks | None = None, **options: Any) -> Aliyun:
    """The Aliyun channel, its nonce always the same."""
    return Aliyun(setting("sms_aliyun", base, **{**ALIYUN, **options}), SECRETS, clock or Ticks(), lambda: "nonce")


def tencent(base: str = "http://127.0.0.1:1", clock: Ticks | None = None, **options: Any) -> Tencent:
    """The Tencent channel."""
    return Tencent(setting("sms_tencent", base, **{**TENCENT, **options}), SECRETS, clock or Ticks())


MAKE = {"sms_aliyun": aliyun, "sms_tencent": tencent}


def send(channel: Sms, numbers: list[str] | None = None, of: Bundle | None = None) -> list[Sent]:
    """Render, store and send, as the jobs do."""
    content = channel.render(of or bundle(), TARGETS[channel.name])
    payload = json.loads(json.dumps(content.payload))
    return channel.send(Prepared(payload=payload), numbers or [ONE], KEY)


def failure(channel: Sms, numbers: list[str] | None = None) -> SendError:
    """The error of a send that fails for all."""
    try:
        sent = send(channel, numbers)
    except SendError as error:
        return error
    raise AssertionError(f"sent: {sent}")


def attempt(**changes: Any) -> Attempt:
    """A call whose end is not known, begun ten minutes ago."""
    facts: dict[str, Any] = {
        "address": ONE, "push_key": KEY, "mark": "", "text": "", "begun_at": NOW - timedelta(minutes=10),
        "payload": {}, "handles": {}, "evidence": {},
    }  # fmt: skip
    return Attempt(**{**facts, **changes})


def query_of(path: str) -> dict[str, str]:
    """The parameters of a call that carries them in its address."""
    return dict(parse_qsl(urlsplit(path).query))


def everything(told: Sent | SendError) -> str:
    """All that may be stored or shown of an answer, the address itself left out."""
    if isinstance(told, SendError):
        return f"{told!r}{told}{told.reason}{told.advice}{told.raw}{told.code}"
    return f"{told.reason}{told.raw}{told.code}{told.vendor_id}{dict(told.evidence)}"
