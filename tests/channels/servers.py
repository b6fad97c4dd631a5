"""Who answers in the channel tests: the sandbox of the vendors, and a vendor that says what a test tells it to say."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
START = "2021-03-01T09:00:00+08:00"


@dataclass
class Sandbox:
    """The vendors on loopback, and the strings behind them."""

    base: str

    def admin(self, path: str, body: Any = None) -> Any:
        """Call the admin API: POST with a body, GET without."""
        url = f"{self.base}/__sandbox__/{path}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, timeout=10) if body is None else session.post(url, json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def setup(self, **actors: Any) -> None:
        """Make accounts, robots, bots and groups, or change fields of those there are."""
        self.admin("setup", actors)

    def fault(self, call: str, kind: str, **more: Any) -> None:
        """Plan one failure."""
        self.admin("faults", {"call": call, "kind": kind, **more})

    def forward(self, by: timedelta) -> None:
        """Move the vendors' clock on."""
        self.admin("clock", {"advance": by.total_seconds()})

    def books(self) -> Any:
        """What the vendors themselves hold to have been sent."""
        return self.admin("books")

    def posts(self, vendor: str) -> list[Any]:
        """The messages that stand in the groups of a vendor ("robot", "qq")."""
        return list(self.books()[vendor])

    def flags(self) -> list[Any]:
        """What a vendor would let pass and a person should see."""
        return list(self.books()["flags"])


@contextlib.contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    """A sandbox process of its own, its clock standing at START."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--clock", START]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Sandbox(json.loads(process.stdout.readline())["base"])
        finally:
            process.terminate()


@dataclass
class Vendor:
    """A server that answers as it was told, every call or path by path, and keeps what it was asked."""

    base: str
    status: int = 200
    body: bytes = b"{}"
    #: Where an answer sends the caller on to.
    location: str = ""
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    #: Decides each answer anew, from the path and the body of the call; None: always the same.
    decides: Callable[[str, Any], object] | None = None
    #: What is answered at the paths that end so: one answer after the other, the last for good.
    answers: dict[str, list[object]] = field(default_factory=dict)

    def at(self, path: str, *answers: object) -> None:
        """Answer a path with these from now on."""
        self.answers[path] = list(answers)

    def calls(self, path: str) -> list[Any]:
        """The bodies of the calls of a path, in order."""
        return [body for asked, _, body in self.asked if asked.partition("?")[0].endswith(path)]

    def answer_to(self, asked: str) -> tuple[int, bytes]:
        """The status and body for a path."""
        plain = asked.partition("?")[0]
        known = next((each for path, each in self.answers.items() if plain.endswith(path)), None)
        if known is None:
            return self.status, self.body
        answer = known.pop(0) if len(known) > 1 else known[0]
        status, said = answer if isinstance(answer, tuple) else (200, answer)
        return status, said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()

    def says(self, answer: object, status: int = 200) -> None:
        """Answer with this JSON (or these bytes) from now on."""
        self.status = status
        self.body = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()


@contextlib.contextmanager
def running_vendor() -> Iterator[Vendor]:
    """A vendor on loopback that says what it is told to say."""

    class Door(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with contextlib.suppress(ValueError):
                sent = json.loads(sent)
            it.asked.append((self.path, dict(self.headers.items()), sent))
            if it.decides is not None:
                it.says(it.decides(self.path, sent))
            status, answer = it.answer_to(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if it.location:
                self.send_header("Location", it.location)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        it = Vendor(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield it
        server.shutdown()
        thread.join()
