"""The sandbox in a process of its own, and its admin door."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from config.places import HOME


@dataclass
class Sandbox:
    """The sandbox's admin door."""

    base: str
    #: Its mail server: smtp://127.0.0.1:PORT.
    smtp: str = ""
    _session: requests.Session = field(default_factory=requests.Session)

    def admin(self, what: str, **body: Any) -> dict[str, Any]:
        """One order to the sandbox; raises requests.HTTPError."""
        answer = self._session.post(f"{self.base}/__sandbox__/{what}", json=body, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def books(self, **asked: str) -> dict[str, Any]:
        """What the sandbox itself has written down: all of it, or of one `vendor` or `since` a moment."""
        answer = self._session.get(f"{self.base}/__sandbox__/books", params=asked, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def sandbox_process(state: Path, now: datetime | None, port: int = 0, smtp_port: int = 0) -> Iterator[Sandbox]:
    """The sandbox on loopback (port 0: a free one), ended on leaving; `now` sets its clock, None leaves it real."""
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--smtp-port", str(smtp_port)]
    command += ["--state", str(state)]
    command += [] if now is None else ["--clock", now.isoformat()]
    process = subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("演练环境没有启动成功")
        announced = json.loads(line)
        sandbox = Sandbox(announced["base"], announced["smtp"])
        yield sandbox
        sandbox._session.close()
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()
