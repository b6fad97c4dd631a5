"""What both vendors' 自检 have in common: keys that are not filled in, and which setting an error points at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from channels.base import Finding, SendError
from channels.sms.receipts import SECRET, SECRET_LENGTH

Call = Callable[[str, Mapping[str, Any]], tuple[dict[str, Any], str]]
#: .env variable -> where its value is found.
Keys = Mapping[str, str]


def missing(keys: Keys, secrets: Mapping[str, str]) -> list[Finding]:
    """The keys that are not filled in; without one of them nothing further can be asked."""
    return [
        Finding(key=name, ok=False, text="没有填写", fix=f"请在 .env 中填写 {name}（{where}）")
        for name, where in keys.items()
        if not secrets.get(name, "").strip()
    ]


def callback(secrets: Mapping[str, str], channel: str) -> Iterator[Finding]:
    """Whether receipts can come in."""
    if len(secrets.get(SECRET, "").strip()) < SECRET_LENGTH:
        yield Finding(
            key=SECRET,
            ok=False,
            text=f"没有填写，或不足{SECRET_LENGTH}个字符，收不到手机回执",
            fix=f"请填写{SECRET_LENGTH}个以上随机字符，并在短信控制台把回执地址设为 …/callbacks/{channel}?key=该值",
        )


def trouble(error: SendError, keys: Keys, channel: str) -> Finding:
    """An error as a finding: under the variable or the setting that its advice names."""
    settings = [f"channels.{channel}.{name}" for name in ("sign", "template", "app_id", "region")]
    key = next((name for name in (*keys, *settings) if name in error.advice), f"channels.{channel}.api_base")
    text = str(error).split("。")[0]
    return Finding(key=key, ok=False, text=text, fix=error.advice or "请稍后再试")


def approved(key: str, state: object, passed: object, reason: str, where: str) -> Finding:
    """Whether the vendor has approved a signature or a template."""
    if str(state) == str(passed):
        return Finding(key=key, ok=True, text="已通过审核")
    why = f"：{reason}" if reason else ""
    return Finding(key=key, ok=False, text=f"没有通过审核或不可用{why}", fix=f"请在短信控制台“{where}”中处理")


def same_text(key: str, ours: str, theirs: object) -> Iterator[Finding]:
    """Whether school.toml holds the template's approved text: from it the segments are counted and the log is written."""
    if isinstance(theirs, str) and theirs and theirs != ours:
        fix = f"请改为：{theirs}"
        yield Finding(key=key, ok=False, text="与审核通过的模板内容不一致", fix=fix)


def untold(error: SendError, key: str, where: str, no_such_call: Collection[str]) -> Finding:
    """The vendor does not say whether it has approved; where it has no such call, nothing is wrong as far as is known."""
    if error.code in no_such_call:
        text = f"无法自动核对，请在短信控制台“{where}”中确认已通过审核"
        return Finding(key=key, ok=True, text=text)
    fix = error.advice or f"请在短信控制台“{where}”中核对"
    return Finding(key=key, ok=False, text=str(error).split("。")[0], fix=fix)
