"""A site that drips: each byte comes in time, the answer never does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from sources import deadline
from sources.web import Site, Unreached

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
WHOLE = HEAD + b"Content-Length: 4\r\n\r\ngood"
ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
#: Then the server gives up, so that a reader who does not is found out.
MOST_DROPS = 250
#: What comes at once, and what then comes again and again.
DRIPS = {
    "正文": (HEAD + b"Content-Length: 60000\r\n\r\n", b"x"),
    "没有长度": (HEAD + b"Connection: close\r\n\r\n", b"x"),
    "一块": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n", b"x"),
    "一块一块": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "块的长度": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "状态行": (b"HTTP/1.1 200 ", b"O"),
    "头": (HEAD, b"X-A: b\r\n"),
    "一行头": (HEAD + b"X-A: ", b"b"),
    "什么也没有": (b"", b""),
}


@pytest.fixture
def serve() -> Iterator[Callable[[bytes, bytes, float], str]]:
    """Start a server that answers each connection's requests so, until the test ends; returns its address."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)

    def answer(peer: socket.socket, at_once: bytes, drop: bytes, wait: float) -> None:
        with peer, contextlib.suppress(OSError):
            while (asked := peer.recv(65536)) and asked.startswith(b"GET /robots.txt"):
                peer.sendall(ROBOTS)
            peer.sendall(at_once)
            for _ in range(MOST_DROPS if asked else 0):
                if over.wait(wait):
                    break
                peer.sendall(drop)

    def run(at_once: bytes, drop: bytes, wait: float) -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                peer, _ = listener.accept()
                peer.settimeout(1)
                threads.append(threading.Thread(target=answer, args=(peer, at_once, drop, wait)))
                threads[-1].start()

    def started(at_once: bytes, drop: bytes, wait: float = 0.02) -> str:
        threads.append(threading.Thread(target=run, args=(at_once, drop, wait)))
        threads[0].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/21/list.htm"

    yield started
    over.set()
    for thread in threads:
        thread.join()
    listener.close()


def site(url: str) -> Site:
    return Site(url, lambda: datetime(2020, 9, 1, tzinfo=UTC), {}, 0)


@pytest.mark.parametrize("drip", DRIPS)
def test_a_server_that_drips_is_left_when_the_time_is_up(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch, drip: str
) -> None:
    monkeypatch.setattr(deadline, "LONGEST", 0.4)
    url, begun = serve(*DRIPS[drip]), time.monotonic()
    reader = site(url)
    with pytest.raises(Unreached, match=r"过慢|ReadTimeout"):
        reader.get(url)
    reader.close()
    assert 0.3 < time.monotonic() - begun < 3


def test_what_drips_and_is_whole_in_time_is_read(serve: Callable[..., str]) -> None:
    url = serve(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n", b"0\r\n\r\n")
    reader = site(url)
    assert reader.get(url).text == "good"
    reader.close()


def test_each_answer_has_its_own_time_on_one_connection(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "LONGEST", 0.5)
    url = serve(WHOLE, b"")
    reader = site(url)
    reader._robots_text()
    time.sleep(0.6)
    assert reader.get(url).text == "good"
    reader.close()
