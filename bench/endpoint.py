"""A vendor that costs next to nothing: HTTP/1.1 with keep-alive on loopback, one fixed answer, in a process of its own.

`python -m bench.endpoint` prints its port and serves until its stdin closes. Everybody in a run sends to the same one.
GET /count tells how many POSTs came and when the first and the last did; POST /reset forgets them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent

#: Success in every dialect, so that one endpoint serves all.
YES = json.dumps({"errcode": 0, "errmsg": "ok", "status": "ok", "retcode": 0, "data": {"message_id": 1, "user_id": 1}})


def answer(body: bytes) -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


TAKEN = answer(YES.encode())


class Counts:
    """What came in."""

    def __init__(self) -> None:
        self.posts, self.first, self.last = 0, 0.0, 0.0

    def add(self) -> None:
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.posts += 1


class Vendor(asyncio.Protocol):
    """One connection: a request is a head with a Content-Length, and so many bytes."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(data) < end + 4 + size:
                break
            self._transport.write(self._reply(data))
            data = data[end + 4 + size :]
        self._rest = data

    def _reply(self, request: bytes) -> bytes:
        if request.startswith(b"GET /count"):
            counts = self._counts
            return answer(json.dumps([counts.posts, counts.first, counts.last]).encode())
        if request.startswith(b"POST /reset"):
            self._counts.__init__()  # type: ignore[misc]
            return TAKEN
        if b"/get_" not in request.split(b"\r\n", 1)[0]:  # who am I, am I online: asked once a process, no message
            self._counts.add()
        return TAKEN


async def serve() -> None:
    """Listen on a free port until stdin closes."""
    loop, counts = asyncio.get_running_loop(), Counts()
    server = await loop.create_server(lambda: Vendor(counts), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True)
class Endpoint:
    """The running endpoint."""

    base: str

    def count(self) -> tuple[int, float]:
        """How many POSTs have come since the last reset, and how many seconds lie between the first and the last."""
        with urlopen(f"{self.base}/count", timeout=10) as response:
            posts, first, last = json.load(response)
        return int(posts), float(last - first)

    def reset(self) -> None:
        """Forget what came."""
        with urlopen(f"{self.base}/reset", data=b"", timeout=10):
            pass


@contextmanager
def running_endpoint() -> Iterator[Endpoint]:
    """The endpoint in a process of its own, ended on leaving."""
    command = [sys.executable, "-m", "bench.endpoint"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        yield Endpoint(f"http://127.0.0.1:{int(process.stdout.readline())}")
        process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve())
