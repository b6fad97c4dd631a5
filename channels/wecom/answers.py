"""What the answer to a message says of each of its receivers.

https://developer.work.weixin.qq.com/document/path/90236: what is no good is listed, userids in lower case; the others
have been taken. Nothing later tells of delivery or reading, but for the press of a card's button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels.base import Sent
from channels.wecom import codes
from channels.wecom.whom import Whom, parse
from rules.outcome import Outcome

_TAKEN = "已提交企业微信（无送达回执）"
_WHOLE = "已按{what}整体提交，逐人结果企业微信不提供，此处按一个{what}计"
_UNLICENSED = "，其中{n}人因没有接口许可未获发"
_LISTS = {
    "invaliduser": "账号不存在，或不在应用可见范围内",
    "unlicenseduser": "账号在可见范围内，但没有企业微信的接口许可（基础账号）",
    "invalidparty": "部门不存在，或不在应用可见范围内",
    "invalidtag": "标签不存在、没有成员，或不在应用可见范围内",
}


def sent(addresses: Sequence[str], answer: Mapping[str, Any]) -> list[Sent]:
    """One Sent for each address: REFUSED for what the platform lists, ACCEPTED for the others."""
    listed = {name: _names(answer, name) for name in _LISTS}
    return [_one(address, parse(address), answer, listed) for address in addresses]


def _one(address: str, whom: Whom, answer: Mapping[str, Any], listed: Mapping[str, set[str]]) -> Sent:
    code, raw = str(codes.errcode(answer)), codes.raw_of(_without_lists(answer))
    why = _refused(whom, listed)
    if not why and code == str(codes.ALL_INVALID):
        why = codes.CODES[codes.ALL_INVALID].reason
    if why:
        return Sent(address=address, outcome=Outcome.REFUSED, code=code, reason=why, raw=raw)
    reason = codes.CODES[codes.TASK_KNOWN].reason if code == str(codes.TASK_KNOWN) else _taken(whom, listed)
    response_code = answer.get("response_code")
    return Sent(
        address=address,
        outcome=Outcome.ACCEPTED,
        vendor_id=str(answer.get("msgid") or ""),
        code=code,
        reason=reason,
        raw=raw,
        evidence={"response_code": str(response_code)} if response_code else {},
    )


def _refused(whom: Whom, listed: Mapping[str, set[str]]) -> str:
    for name, why in _LISTS.items():
        mine = {"invalidparty": whom.parties, "invalidtag": whom.tags}.get(name, whom.users)
        if mine and {str(each).lower() for each in mine} <= listed[name]:
            return why
    return ""


def _taken(whom: Whom, listed: Mapping[str, set[str]]) -> str:
    if whom.users:
        return _TAKEN
    what = "全体" if whom.everybody else "部门" if whom.parties else "标签"
    without = _UNLICENSED.format(n=len(listed["unlicenseduser"])) if listed["unlicenseduser"] else ""
    return _WHOLE.format(what=what) + without


def _names(answer: Mapping[str, Any], name: str) -> set[str]:
    value = answer.get(name)
    return {part.strip().lower() for part in value.split("|") if part.strip()} if isinstance(value, str) else set()


def _without_lists(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer is kept with each of up to a thousand rows: of the others' lists their length is enough."""
    return {name: len(_names(answer, name)) if name in _LISTS else value for name, value in answer.items()}
