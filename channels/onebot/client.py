"""One QQ account behind its OneBot address: a call is answered, or raises SendError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from channels.base import SendError
from channels.http import json_of, kept, post, utf8
from channels.onebot.answers import MUTED, OFFLINE, STATUS, TOKEN, data_of, dicts, judge, number, text
from channels.onebot.options import BotSetting
from rules.outcome import NOT_SENT, Outcome

CONNECT = 5.0
#: Seconds a question may take; a send may take what is set.
QUESTION = 10.0
#: The QQ side's own timeout ends before ours, so that its answer is heard.
SOONER = 5.0
CHIEFS = ("owner", "admin")


@dataclass(frozen=True)
class Seat:
    """How an account sits in a group."""

    role: str
    #: Seconds since 1970; 0: it may speak, unless the whole group may not.
    muted_until: int

    @property
    def chief(self) -> bool:
        """True for a group's owner and admins."""
        return self.role in CHIEFS


class Bot:
    """One account. `number` is its QQ number, learned once."""

    def __init__(self, setting: BotSetting, token: str, timeout: float) -> None:
        self.name = setting.name
        self.setting = setting
        self.token = token
        self._timeout = timeout
        self._number = ""

    @property
    def known_number(self) -> str:
        """Its number if it has been learned; asks nobody."""
        return self._number

    def number(self) -> str:
        """Its number; raises SendError."""
        if not self._number:
            self._number = text(self.ask("get_login_info").get("user_id"))
        if not self._number:
            raise SendError(Outcome.UNAVAILABLE, "QQ端没有给出登录账号", advice="请重新登录QQ端")
        return self._number

    def online(self) -> bool:
        """Whether QQ is connected; `good` says nothing, NapCat calls itself good in any case."""
        return self.ask("get_status").get("online") is True

    def seat(self, group: str) -> Seat:
        """How it sits in a group; raises SendError, also if it is not in it."""
        who = {"group_id": number(group), "user_id": number(self.number()), "no_cache": True}
        member = self.ask("get_group_member_info", **who)
        until = member.get("shut_up_timestamp")
        return Seat(text(member.get("role")) or "member", until if isinstance(until, int) else 0)

    def seat_to_speak(self, group: str, now: datetime) -> Seat:
        """The same for a bot that is online and not muted; raises SendError for any other."""
        if not self.online():
            raise OFFLINE.error("", "")
        seat = self.seat(group)
        if seat.muted_until > now.timestamp():
            raise MUTED.error("", "")
        return seat

    def history(self, group: str, count: int, before: object) -> Sequence[Mapping[str, Any]]:
        """A page of what was said in a group; `before` None: the newest. Raises SendError, also for an empty one."""
        further = {} if before is None else {"message_seq": before}
        found = self.ask("get_group_msg_history", group_id=number(group), count=count, **further)
        return dicts(found.get("messages"))

    def ask(self, action: str, **params: object) -> Mapping[str, Any]:
        """The answer to a question, which is harmless to repeat; raises SendError."""
        return data_of(self._call(action, params, QUESTION)[0])

    def listed(self, action: str, **params: object) -> list[Mapping[str, Any]]:
        """The same where the answer is a list."""
        return dicts(self._call(action, params, QUESTION)[0].get("data"))

    def commit(self, action: str, **params: object) -> tuple[Mapping[str, Any], str]:
        """The answer of a call that cannot be taken back, and its raw text; raises SendError."""
        answer, raw = self._call(action, params, self._timeout)
        return data_of(answer), raw

    def post(self, group: str, message: object) -> tuple[Mapping[str, Any], str]:
        """One message to one group, as `commit`; NapCat waits for QQ as long as `timeout` (ms) says."""
        wait = int((self._timeout - SOONER) * 1000)
        return self.commit("send_group_msg", group_id=number(group), message=message, timeout=wait)

    def _call(self, action: str, params: Mapping[str, object], timeout: float) -> tuple[dict[str, Any], str]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        url = f"{self.setting.api_base}/{action}"
        response = post(url, timeout=(CONNECT, timeout), data=utf8(params), headers=headers)
        raw = kept(response, (self.token,))
        if known := STATUS.get(response.status_code):
            if known is TOKEN:
                known = replace(known, advice=known.advice.replace("ONEBOT_TOKEN", self.setting.token))
            raise known.error(f"HTTP {response.status_code}", raw)
        answer = json_of(response, (self.token,))
        judge(answer, raw)
        return answer, raw


@contextmanager
def before_sending() -> Iterator[None]:
    """Whatever becomes of a question asked here, nothing has been sent yet: raises SendError that says so."""
    try:
        yield
    except SendError as error:
        if error.outcome in NOT_SENT:
            raise
        raise SendError(
            Outcome.UNAVAILABLE, error.reason, code=error.code, advice=error.advice, raw=error.raw
        ) from None
