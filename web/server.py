"""Serving the web side: for good behind the school's proxy, or beside a demo or test and gone with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress.server import create_server  # type: ignore[import-untyped]

from web.app import MOST_BYTES

_OPTIONS: dict[str, Any] = {"threads": 4, "ident": None, "max_request_body_size": MOST_BYTES, "channel_timeout": 30}


def serve(app: Flask, host: str = "127.0.0.1", port: int = 8080) -> None:
    """Serve until the process ends."""
    create_server(app, host=host, port=port, **_OPTIONS).run()


@contextmanager
def running(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs; gives the base address. Port 0: one that is free."""
    connections: dict[int, Any] = {}
    server = create_server(app, map=connections, host=host, port=port, **_OPTIONS)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.effective_port}"
    finally:
        server.trigger.pull_trigger(lambda: _close(connections))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()


def _close(connections: dict[int, Any]) -> None:
    """Close the listener and every connection, from the loop's own thread: it ends when none is left."""
    for dispatcher in list(connections.values()):
        dispatcher.close()
