"""Serving the web side: for good behind the school's proxy, or beside a demo or test and gone with it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress.server import create_server  # type: ignore[import-untyped]

from web.app import MOST_BYTES

_OPTIONS: dict[str, Any] = {"threads": 4, "ident": None, "max_request_body_size": MOST_BYTES, "channel_timeout": 30}


def bind(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A listening socket, ours from now on, so that everything else can start after it; raises OSError if it is taken.

    Port 0: one that is free. On Windows no address is reused, else two processes could listen on one port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)


@contextmanager
def running(app: Flask, listener: socket.socket | None = None) -> Iterator[str]:
    """Serve in a thread while the block runs, and close the listener; gives the base address."""
    connections: dict[int, Any] = {}
    listener = listener or bind()
    host, port = listener.getsockname()[:2]
    server = create_server(app, map=connections, sockets=[listener], **_OPTIONS)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        with server.trigger.lock:  # a busy loop would else close the trigger before it is pulled
            server.trigger.thunks.append(lambda: _close(connections))
            server.trigger.pull_trigger()
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()
        if clicks := app.extensions.get("xxgk_clicks"):
            clicks.write_down()


def _close(connections: dict[int, Any]) -> None:
    """Close the listener and every connection, from the loop's own thread: it ends when none is left."""
    for dispatcher in list(connections.values()):
        dispatcher.close()
