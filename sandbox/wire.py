"""One vendor call on the wire: how it is read, how a fault spoils it, how it is answered."""

from __future__ import annotations

import json
import math
import secrets
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Request, Response
from waitress.channel import ClientDisconnected  # type: ignore[import-untyped]

from sandbox.faults import REQUEST_KINDS, Fault
from sandbox.state import Doc
from sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HTML_502 = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
HTML_200 = "<!DOCTYPE html><html><head><title>登录认证</title></head><body>请先登录校园网</body></html>"


class Refused(Exception):
    """A vendor's business error; it travels as HTTP 200 with this code."""

    def __init__(self, errcode: int, errmsg: str, **extra: object) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.extra = extra


class Dropped(Response):
    """No answer at all: the socket is closed, gently or with a reset, so that a client sees a ConnectionError."""

    def __init__(self, reset: bool = False) -> None:
        super().__init__("")
        self._reset = reset

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Close instead of answering; waitress takes this exception for a client that has gone."""
        if self._reset:
            channel = environ["waitress.client_disconnected"].__self__
            channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ClientDisconnected


@dataclass(frozen=True)
class Upload:
    """One multipart file."""

    filename: str
    data: bytes


@dataclass
class Call:
    """One request to a vendor, under the name the fault plan and the books know."""

    world: World
    name: str
    request: Request
    #: How long (seconds) the vendor itself waits for what a slow call does.
    patience: float = math.inf

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.request.method

    @property
    def remote(self) -> str:
        """The caller's address."""
        return self.request.remote_addr or "127.0.0.1"

    def query(self, key: str) -> str:
        """A query parameter, or an empty string."""
        return self.request.args.get(key, "")

    def body(self) -> bytes:
        """The raw body, whatever its content type says."""
        return self.request.get_data(cache=True)

    def json(self) -> Any:
        """The body as JSON; ValueError when it is not."""
        return json.loads(self.body().decode("utf-8"))

    def upload(self, name: str) -> Upload | None:
        """The named multipart file; None when it is missing or has no file name."""
        file = self.request.files.get(name)
        if file is None or not file.filename:
            return None
        return Upload(file.filename, file.read())

    def flag(self, text: str) -> None:
        """Note an oddity for the books."""
        self.world.state.flag(self.world.now(), self.name, text)


def json_answer(doc: Doc, content_type: str, status: int = 200) -> Response:
    """A JSON answer in raw UTF-8, as the vendors send it."""
    body = json.dumps(doc, ensure_ascii=False, separators=(",", ":"))
    return Response(body.encode(), status=status, content_type=content_type)


def html_answer(text: str, status: int) -> Response:
    """A page where JSON was expected."""
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def hex_id(length: int) -> str:
    """A random lower-case hex id."""
    return secrets.token_hex((length + 1) // 2)[:length]


def perform(
    call: Call, params: dict[str, str], run: Callable[[], Response], refuse: Callable[[Fault], Response]
) -> Response:
    """Answer a call, spoiled as the fault plan wants it; `refuse` shapes a planned error the vendor's way."""
    fault = call.world.faults.pick((call.name,), params, REQUEST_KINDS)
    if fault is None:
        return run()
    executed = fault.kind in ("after", "slow") or (
        fault.kind in ("502", "reset", "html", "error") and fault.when == "after"
    )
    if fault.kind == "slow" and fault.when == "before":
        nap(call, fault)
    if not executed and not (fault.kind == "onebot_timeout" and fault.delivered):
        call.world.state.tally(call.name)
        return spoiled(call, fault, refuse, None)
    return spoiled(call, fault, refuse, run())


def spoiled(call: Call, fault: Fault, refuse: Callable[[Fault], Response], answer: Response | None) -> Response:
    """What the client gets in place of the answer."""
    if fault.kind in ("before", "after"):
        return Dropped()
    if fault.kind == "reset":
        return Dropped(reset=True)
    if fault.kind == "502":
        return html_answer(HTML_502, 502)
    if fault.kind == "html":
        return html_answer(HTML_200, 200)
    if fault.kind == "slow" and answer is not None:
        if fault.when == "after":
            nap(call, fault)
        return answer if fault.seconds <= call.patience else refuse(fault)
    return refuse(fault)


def nap(call: Call, fault: Fault) -> None:
    """Keep the client waiting, in real time; ends early when the sandbox closes or the vendor has waited long enough."""
    call.world.closing.wait(min(fault.seconds, call.patience))
