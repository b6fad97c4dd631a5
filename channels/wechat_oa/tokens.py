"""The account's access token: asked for in the stable way, kept in memory, shared by all threads."""

from __future__ import annotations

from datetime import timedelta

from channels import http
from channels.base import Clock, SendError
from channels.tokens import Kept
from channels.wechat_oa import codes
from rules.outcome import Outcome

TIMEOUT = (5.0, 20.0)

#: In its last five minutes the platform hands out the next token while the old one still works.
_MARGIN = timedelta(seconds=300)


class Tokens(Kept):
    """One account's token. Any number of processes may fetch it: without `force_refresh` no one's is made invalid.

    developers.weixin.qq.com, 获取稳定版接口调用凭据 (stable_token).
    """

    def __init__(self, base: str, app_id: str, secret: str, clock: Clock) -> None:
        self._url = f"{base}/cgi-bin/stable_token"
        self._app_id = app_id
        self._secret = secret
        super().__init__(self._asked, clock)

    def _asked(self) -> tuple[str, timedelta]:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": False,
        }
        answer = self._answer(body)
        if codes.errcode(answer):
            raise codes.refusal(answer, self._clock())
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise SendError(Outcome.UNAVAILABLE, "获取公众号凭证时答复异常")
        return token, timedelta(seconds=seconds) - _MARGIN

    def _answer(self, body: dict[str, object]) -> dict[str, object]:
        try:
            return http.json_of(http.post(self._url, data=http.utf8(body), timeout=TIMEOUT))
        except SendError as error:
            # Whatever became of it, nothing was sent to anyone. Its raw answer may hold a token, so it is not kept.
            raise SendError(Outcome.UNAVAILABLE, f"获取公众号凭证失败：{error.reason}", code=error.code) from None
