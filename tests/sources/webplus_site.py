"""A WebPlus site on loopback, small enough to read: pages by path, answers as a test wants them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

HTML = "text/html; charset=utf-8"


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeSite:
    root: str = ""
    pages: dict[str, Answer | Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def put(self, path: str, body: str | bytes = "", status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(content, status, {"Content-Type": HTML, **named})

    def column(
        self, *items: str, path: str = "/21/list.htm", paging: str = "", around: str = "", **headers: str
    ) -> None:
        """A list page as the usual template delivers it."""
        self.put(
            path,
            f"<html><body>{around}<div id='wp_news_w6'><ul class='news_list'>{''.join(items)}</ul></div>{paging}</body></html>",
            **headers,
        )

    def article(
        self,
        path: str,
        title: str = "关于公布收费标准的通知",
        body: str = "<p>正文</p>",
        day: str = "2020-10-30",
        beside: str = "",
    ) -> None:
        self.put(
            path,
            f"<html><head><title>{title}</title></head><body><div class='article'><h1 class='arti_title'>{title}</h1>"
            f"<p class='arti_metas'><span class='arti_publisher'>发布者：财务处</span><span class='arti_update'>发布时间：{day}</span>"
            f"<span class='arti_views'>浏览次数：<span class='WP_VisitCount'>10</span></span></p>"
            f"<div class='entry'><div class='read'><div class='wp_articlecontent'>{body}</div></div></div>{beside}</div></body></html>",
        )

    def count(self, path: str) -> int:
        return sum(asked == path for _, asked in self.asked)


def item(path: str, title: str = "关于公布收费标准的通知", day: str = "2020-10-30", whole: str | None = None) -> str:
    return (
        f"<li class='news'><span class='news_title'><a href='{path}' target='_blank' title='{whole or title}'>{title}</a></span>"
        f"<span class='news_meta'>{day}</span></li>"
    )


def header(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name)}"


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A reader that hangs up in the middle is what some tests want."""


@contextmanager
def serving(site: FakeSite) -> Iterator[FakeSite]:
    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            site.asked.append((self.command, self.path))
            site.agents.add(self.headers.get("User-Agent", ""))
            found = site.pages.get(self.path, Answer(b"<html>404</html>", 404))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
            answer = found({**self.headers, "body": body}) if callable(found) else found
            if answer.headers.get("ETag") and self.headers.get("If-None-Match") == answer.headers["ETag"]:
                answer = Answer(b"", 304)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.root = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
