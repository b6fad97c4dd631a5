"""An interface on loopback: answers by path, and every request as it came."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Said:
    """An answer that is no plain JSON in a 200."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class JsonSite:
    """What it answers: a value by path, or what makes one of a request."""

    root: str = ""
    answers: dict[str, Any | Callable[[Asked], Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def say(self, asked: Asked) -> Said:
        self.asked.append(asked)
        answer = self.answers.get(asked.path, Said(status=404))
        answer = answer(asked) if callable(answer) else answer
        if isinstance(answer, Said):
            return answer
        return Said(json.dumps(answer).encode(), 200, {"Content-Type": "application/json"})


@contextmanager
def json_site() -> Iterator[JsonSite]:
    """It listens until the end of the block."""
    site = JsonSite()

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query, headers = dict(parse_qsl(parts.query)), {name.lower(): v for name, v in self.headers.items()}
            said = site.say(Asked(self.command, parts.path, query, json.loads(raw) if raw else None, headers))
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.root = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
