"""One app of one 企业微信: its token, shared by all threads, and its calls, each with a timeout.

A token belongs to one app (corp id and secret), so each client keeps its own; wechatpy keeps one for a whole corp.
https://developer.work.weixin.qq.com/document/path/91039 (获取access_token)
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from channels import http
from channels.base import Clock, SendError
from channels.tokens import Kept
from channels.wecom import codes
from channels.words import Meaning
from rules.outcome import Outcome

# urllib3 prints each path with its query at DEBUG level, and here the query holds the secret or the token.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

TIMEOUT = (5.0, 20.0)
#: The platform hands out the same token until it ends, so a new one is had only then; we look a little before.
_MARGIN = timedelta(seconds=60)


class Tokens(Kept):
    """One app's token, fetched when there is none that lasts."""

    def __init__(self, base: str, corp_id: str, secret: str, clock: Clock) -> None:
        self._url = f"{base}/cgi-bin/gettoken"
        self._corp_id = corp_id
        self._secret = secret
        super().__init__(self._asked, clock)

    def _asked(self) -> tuple[str, timedelta]:
        if not self._corp_id or not self._secret:
            # Asking with a wrong secret again and again gets this machine's address shut out for an hour.
            advice = "请在 .env 中填写 WECOM_CORP_ID 和 WECOM_APP_SECRET"
            raise SendError(Outcome.MISCONFIGURED, "没有填写企业ID或应用的 Secret", advice=advice)
        answer = self._answer()
        if not codes.is_fine(answer):
            raise codes.refusal(answer, codes.CODES, final=False)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise SendError(Outcome.UNAVAILABLE, "获取应用凭证时答复异常")
        return token, max(timedelta(seconds=seconds) - _MARGIN, timedelta(seconds=1))

    def _answer(self) -> dict[str, Any]:
        query = {"corpid": self._corp_id, "corpsecret": self._secret}
        try:
            return http.json_of(http.get(self._url, timeout=TIMEOUT, params=query))
        except SendError as error:
            # Whatever became of it, nothing was sent to anyone. Its raw answer may hold a token, so it is not kept.
            reason = f"获取应用凭证失败：{error.reason}"
            raise SendError(Outcome.UNAVAILABLE, reason, code=error.code, advice=error.advice) from None


class Client:
    """One app. Every call raises SendError; nothing is repeated but for a stale token."""

    def __init__(
        self, base: str, corp_id: str, secret: str, clock: Clock, table: Mapping[int, Meaning] = codes.CODES
    ) -> None:
        self._base = base.rstrip("/")
        self._tokens = Tokens(self._base, corp_id, secret, clock)
        self._table = table

    @property
    def token(self) -> str:
        """The token, to see whether there is one to be had; raises SendError."""
        return self._tokens.current()

    def ask(self, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> dict[str, Any]:
        """A call that is harmless to repeat, GET without a body: what is not known of it counts as not done."""
        return self._call(path, body, query, final=False, accept=())

    def commit(self, path: str, body: Mapping[str, Any], accept: Collection[int] = ()) -> dict[str, Any]:
        """A call that cannot be taken back; errcodes in `accept` are handed back instead of raised."""
        return self._call(path, body, {}, final=True, accept=accept)

    def _call(
        self,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any],
        *,
        final: bool,
        accept: Collection[int],
    ) -> dict[str, Any]:
        token = self._tokens.current()
        answer = self._once(path, body, query, token, final=final)
        if codes.errcode(answer) in codes.STALE_TOKEN:  # surely not carried out: the token is looked at first
            answer = self._once(path, body, query, self._tokens.renew(token), final=final)
        if codes.is_fine(answer) or codes.errcode(answer) in accept:
            return answer
        raise codes.refusal(answer, self._table, final=final)

    def _once(
        self, path: str, body: Mapping[str, Any] | None, query: Mapping[str, Any], token: str, *, final: bool
    ) -> dict[str, Any]:
        url, params = f"{self._base}/cgi-bin/{path}", {**query, "access_token": token}
        try:
            if body is None:
                answer = http.get(url, timeout=TIMEOUT, params=params)
            else:
                headers = {"Content-Type": "application/json"}
                answer = http.post(url, timeout=TIMEOUT, params=params, data=http.utf8(body), headers=headers)
            return http.json_of(answer, (token,))  # an error page may repeat the address it was asked for
        except SendError as error:
            if error.outcome is Outcome.UNCERTAIN and not final:
                error.outcome = Outcome.UNAVAILABLE
            raise
