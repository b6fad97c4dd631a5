"""One POST to a vendor: with a timeout, never repeated by a library, its failures told apart by what may have been sent."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Collection, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, SSLError

from channels.base import SendError
from rules.outcome import Outcome

_local = threading.local()


class _Pool(HTTPSConnectionPool):
    """A handshake that fails sends nothing; a record that breaks afterwards does. urllib3 calls both SSLError."""

    def _validate_conn(self, conn: Any) -> None:
        try:
            super()._validate_conn(conn)
        except (ssl.SSLError, SSLError) as error:
            raise NewConnectionError(conn, f"no handshake: {error}") from error


class _Transport(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {**self.poolmanager.pool_classes_by_scheme, "https": _Pool}


#: What requests' own sessions send along.
HEADERS = dict(requests.utils.default_headers())


def transport() -> HTTPAdapter:
    """This thread's connections; requests' sessions add redirects, cookies, proxies and netrc, and two fifths to the cost."""
    found: HTTPAdapter | None = getattr(_local, "transport", None)
    if found is None:
        found = _local.transport = _Transport(max_retries=0)
    return found


def post(url: str, *, timeout: tuple[float, float], **kwargs: Any) -> requests.Response:
    """POST once; timeout is (connect, read) in seconds. Raises SendError UNAVAILABLE (surely not sent) or UNCERTAIN."""
    return _call("POST", url, timeout=timeout, **kwargs)


def get(url: str, *, timeout: tuple[float, float], **kwargs: Any) -> requests.Response:
    """GET once; as `post`."""
    return _call("GET", url, timeout=timeout, **kwargs)


def _call(
    method: str,
    url: str,
    *,
    timeout: tuple[float, float],
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    data: Any = None,
    files: Any = None,
    stream: bool = False,
) -> requests.Response:
    request = requests.PreparedRequest()
    try:
        request.prepare_method(method)
        request.prepare_url(url, params)
        request.prepare_headers({**HEADERS, **(headers or {})})
        request.prepare_body(data, files)
        response = transport().send(request, timeout=timeout, stream=stream)
        if not stream:
            response.content  # noqa: B018  # the whole answer is read here, where its breaking off is told apart
        return response
    except requests.RequestException as error:
        if never_left(error):
            raise SendError(
                Outcome.UNAVAILABLE, "连接不上对方服务器", advice="请检查网络、出网白名单和地址设置"
            ) from None
        raise SendError(Outcome.UNCERTAIN, f"请求发出后没有收到完整答复（{_what(error)}）") from None


def _what(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "等待超时"
    return "答复中断" if isinstance(error, requests.exceptions.ChunkedEncodingError) else "连接中断"


def never_left(error: requests.RequestException) -> bool:
    """True if not one byte of the request can have reached the vendor.

    requests raises ConnectionError both for a refused connection and for a peer that hung up after our POST; only the
    reason inside tells them apart.
    """
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return True
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    return isinstance(reason, (NewConnectionError, NameResolutionError, ConnectTimeoutError))


#: So much of an answer is kept (characters).
MOST = 500


def kept(response: requests.Response, hide: Collection[str] = ()) -> str:
    """What is kept of an answer: first the secrets go, then it is cut. Cut first, the end of a secret could stay."""
    text = response.text
    for secret in hide:
        text = text.replace(secret, "***") if secret else text
    return text[:MOST]


def json_of(response: requests.Response, hide: Collection[str] = ()) -> dict[str, Any]:
    """The JSON object of an answer; anything else may hide an executed call: raises SendError UNCERTAIN.

    `hide`: secrets that an error page may repeat.
    """
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if response.status_code >= 500 or not isinstance(answer, dict):
        what = f"对方服务器答复异常（HTTP {response.status_code}）"
        raise SendError(Outcome.UNCERTAIN, what, code=f"HTTP {response.status_code}", raw=kept(response, hide))
    return answer


def utf8(body: Mapping[str, Any]) -> bytes:
    """JSON with raw UTF-8: the vendors show \\uXXXX literally in titles."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
