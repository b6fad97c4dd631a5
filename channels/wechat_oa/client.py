"""The platform's API: wechatpy's names for its calls, our transport under them.

wechatpy waits for ever, repeats calls by itself without bound, hands out pages of HTML as if they were answers and
fetches tokens that make those of other processes invalid. All its calls end in `_request`, which is replaced here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from wechatpy.client import WeChatClient

from channels import http
from channels.base import Clock, SendError
from channels.wechat_oa import codes
from channels.wechat_oa.tokens import TIMEOUT, Tokens
from rules.outcome import Outcome


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy carries no types
    """One account. Every call has a timeout and raises SendError; nothing is repeated but for a stale token."""

    def __init__(self, base: str, app_id: str, secret: str, clock: Clock, *, service: bool = False) -> None:
        super().__init__(app_id, secret, timeout=TIMEOUT, auto_retry=False)
        self._root = f"{base.rstrip('/')}/"
        self.API_BASE_URL = f"{self._root}cgi-bin/"
        self._clock = clock
        self._service = service
        self._tokens = Tokens(base.rstrip("/"), app_id, secret, clock)

    @property
    def access_token(self) -> str:
        """The token that wechatpy's own code asks for."""
        return self._tokens.current()

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A call that is harmless to repeat: what is not known of it counts as not done."""
        return self._call("POST", path, data=body or {})

    def read(self, path: str) -> dict[str, Any]:
        """A question by GET."""
        return self._call("GET", path)

    def commit(self, path: str, body: Mapping[str, Any], accept: Collection[int] = ()) -> dict[str, Any]:
        """A call that cannot be taken back; errcodes in `accept` are handed back instead of raised."""
        return self._call("POST", path, data=body, final=True, accept=accept)

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """Where wechatpy's draft, material, media, tag and user calls arrive."""
        processor: Callable[[Any], Any] | None = kwargs.pop("result_processor", None)
        answer = self._call(method.upper(), url_or_endpoint, **kwargs)
        try:
            return processor(answer) if processor else answer
        except (KeyError, TypeError):
            raise SendError(Outcome.UNAVAILABLE, "平台答复缺少应有的内容", raw=str(answer)[:500]) from None

    def _call(
        self, method: str, path: str, *, final: bool = False, accept: Collection[int] = (), **parts: Any
    ) -> dict[str, Any]:
        token = self._tokens.current()
        answer = self._once(method, path, token, final=final, **parts)
        if codes.errcode(answer) in codes.STALE_TOKEN:  # surely not carried out: the token is looked at first
            answer = self._once(method, path, self._tokens.renew(token), final=final, **parts)
        number = codes.errcode(answer)
        if number and number not in accept:
            raise codes.refusal(answer, self._clock(), service=self._service, final=final)
        return answer

    def _once(
        self,
        method: str,
        path: str,
        token: str,
        *,
        final: bool,
        data: Any = None,
        params: Mapping[str, Any] | None = None,
        files: Any = None,
    ) -> dict[str, Any]:
        call = http.get if method == "GET" else http.post
        # The statistics (数据统计) lie beside the other calls, not below them.
        base = self._root if path.startswith("datacube/") else self.API_BASE_URL
        body = http.utf8(data) if isinstance(data, Mapping) else data
        query = {**(params or {}), "access_token": token}
        try:
            response = call(f"{base}{path}", timeout=TIMEOUT, params=query, data=body, files=files)
            return http.json_of(response, (token,))  # an error page may repeat the address it was asked for
        except SendError as error:
            if error.outcome is Outcome.UNCERTAIN and not final:
                error.outcome = Outcome.UNAVAILABLE
            raise
