"""群发: to all followers or those of one tag, with a key by which the platform itself refuses a double.

developers.weixin.qq.com, 根据标签进行群发 sendall: the platform remembers a clientmsgid for 24 hours. The same one
again is answered 45066 within a minute, later 45065 with the msg_id of the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.base import Attempt, Prepared, Resolution, SendError, Sent
from channels.wechat_oa import codes
from channels.wechat_oa.account import Account, a_person_decides, ask_again, backoff, raw_of
from channels.wechat_oa.modes import drafted
from channels.wechat_oa.options import Mode, Options
from rules.outcome import Outcome
from rules.states import Basis

_TOO_FAST = timedelta(seconds=65)
#: The platform forgets a clientmsgid after 24 hours; from here on a person decides.
_REMEMBERED = timedelta(hours=23)
#: mass/get may not know a fresh job yet.
_FRESH = timedelta(hours=1)

# https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html
_JOB_FAILED = {"SEND_FAIL": "群发失败", "DELETE": "群发已被删除"}


class Massing:
    """One mass send: draft, sendall, then the platform's event or mass/get."""

    def __init__(self, account: Account) -> None:
        self._account = account
        #: Keys for which the platform said that it has neither the draft nor a job: asking once more tells nothing new.
        self._lost: set[str] = set()

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        return drafted(self._account, content, Mode.MASS)

    def send(self, prepared: Prepared, address: str, key: str) -> Sent:
        media_id = prepared.handles.get("media_id") or self._account.add_draft(prepared, final=False)
        body = mass_body(media_id, key, self._account.options)
        try:
            answer = self._account.client.commit("message/mass/sendall", body, accept={codes.ALREADY_TAKEN})
        except SendError as error:
            if error.code == str(codes.NO_MEDIA):
                self._lost.add(key)
            raise
        return _sent(address, media_id, answer)

    def resolve(self, attempt: Attempt) -> Resolution:
        """Sending again is the question itself, as long as the platform remembers the key."""
        age = self._account.age(attempt)
        if age < _TOO_FAST:
            return ask_again("同一编号须间隔一分钟再问", _TOO_FAST - age)
        if attempt.push_key not in self._lost and self._since_drafted(attempt) < _REMEMBERED:
            reason = "以同一编号再发一次：平台会拒绝重复，并告知首次结果"
            return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, resend=True)
        media_id = attempt.handles.get("media_id")
        if media_id and self._account.draft_is_gone(media_id):
            return a_person_decides("草稿已不在草稿箱，可能已经群发")
        return a_person_decides("超过平台记忆期限，再发可能重复")

    def follow(self, attempt: Attempt) -> Resolution:
        wait = backoff(self._account.age(attempt))
        try:
            answer = self._account.client.ask("message/mass/get", {"msg_id": _number(attempt.vendor_id)})
        except SendError as error:
            if error.code == str(codes.NO_JOB) and self._account.age(attempt) < _FRESH:
                return ask_again("平台暂时查不到这次群发", timedelta(minutes=2), error.raw)
            raise
        status, raw = str(answer.get("msg_status", "")), raw_of(answer)
        if status == "SEND_SUCCESS":
            return Resolution(outcome=Outcome.DELIVERED, reason="群发完成", basis=Basis.MASS_SENT, raw=raw)
        if status in _JOB_FAILED:
            return Resolution(outcome=Outcome.REFUSED, reason=_JOB_FAILED[status], raw=raw)
        return ask_again("平台正在群发", wait, raw)

    def retract(self, attempt: Attempt, piece: int) -> Sent:
        """The article's page goes; the card already in a follower's chat stays."""
        body = {"msg_id": _number(attempt.vendor_id), "article_idx": piece}
        answer = self._account.client.ask("message/mass/delete", body)
        reason = "文章页面已删除（粉丝会话中的卡片仍在，点开显示已删除）"
        return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason=reason, raw=raw_of(answer))

    def _since_drafted(self, attempt: Attempt) -> timedelta:
        """Counted from the draft, which is older than any call of this push."""
        drafted_at = attempt.handles.get("drafted_at")
        first = min(attempt.begun_at, datetime.fromisoformat(drafted_at)) if drafted_at else attempt.begun_at
        return self._account.clock() - first


def mass_body(media_id: str, key: str, options: Options) -> dict[str, Any]:
    """What goes on the wire for sendall."""
    everyone = options.tag_id is None
    whom = {"is_to_all": True} if everyone else {"is_to_all": False, "tag_id": options.tag_id}
    return {
        "filter": whom,
        "mpnews": {"media_id": media_id},
        "msgtype": "mpnews",
        "send_ignore_reprint": 0,
        "clientmsgid": key[:32],
    }


def _sent(address: str, media_id: str, answer: Mapping[str, Any]) -> Sent:
    before = codes.errcode(answer) == codes.ALREADY_TAKEN
    data_id = answer.get("msg_data_id")
    evidence = {"mode": Mode.MASS.value, "media_id": media_id, **({"msg_data_id": str(data_id)} if data_id else {})}
    return Sent(
        address=address,
        outcome=Outcome.ACCEPTED,
        vendor_id=str(answer.get("msg_id", "")),
        code=str(codes.ALREADY_TAKEN) if before else "",
        reason=codes.CODES[codes.ALREADY_TAKEN].reason if before else "平台已受理群发",
        raw=raw_of(answer),
        evidence=evidence,
    )


def _number(vendor_id: str) -> int | str:
    return int(vendor_id) if vendor_id.isdigit() else vendor_id
