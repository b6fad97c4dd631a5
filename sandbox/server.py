"""Starting and stopping a sandbox, as a program or inside a test."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any

from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]

from sandbox.app import create_app
from sandbox.clock import parse_time
from sandbox.mail_server import MailServer
from sandbox.world import open_world

THREADS = 16


class Sandbox:
    """A running sandbox; leaving the `with` block closes it."""

    def __init__(self, port: int, state: str, clock: str | None, smtp_port: int) -> None:
        # Callers are dropped on purpose here; that is no news for a log.
        for noisy in ("waitress", "mail.log", "asyncio"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        self.world = open_world(state, parse_time(clock) if clock else None)
        self._sockets: dict[int, Any] = {}
        app = create_app(self.world)
        options = {"host": "127.0.0.1", "port": port, "threads": THREADS, "clear_untrusted_proxy_headers": True}
        # A rehearsal may pause longer than waitress's two minutes; a bot's kept connection should survive that.
        options |= {"channel_timeout": 3600, "connection_limit": 500}
        self._server = create_server(app, map=self._sockets, **options)
        self.base = self.world.base = f"http://127.0.0.1:{self._server.effective_port}"
        self._mail = MailServer(self.world, smtp_port)
        self.smtp = self.world.smtp = self._mail.address
        self._threads = [
            threading.Thread(target=self._serve, name="sandbox-web", daemon=True),
            threading.Thread(target=self.world.due.keep_running, name="sandbox-due", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _serve(self) -> None:
        # Not the server's own run(): that one can be ended only from its own thread.
        while not self.world.closing.is_set():
            wasyncore.loop(timeout=1, map=self._sockets, use_poll=True, count=1)

    def close(self) -> None:
        """Stop listening, let the due thread end, keep the state file."""
        self.world.closing.set()
        self.world.due.stop()
        self._mail.close()
        self._server.trigger.pull_trigger()
        for thread in self._threads:
            thread.join(timeout=5)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets, ignore_all=True)
        self.world.save_clock()
        self.world.state.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(port: int = 0, state: str = ":memory:", clock: str | None = None, smtp_port: int = 0) -> Sandbox:
    """Start a sandbox in background threads; it listens when this returns."""
    return Sandbox(port, state, clock, smtp_port)
