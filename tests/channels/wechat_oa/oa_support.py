"""A vendor that answers what a test tells it and writes down what it got, over real HTTP; and what the tests send."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.base import Attempt
from channels.wechat_oa import WechatOA
from rules.bundle import Bundle, Piece
from rules.dates import SHANGHAI, Window
from rules.routing import Target
from rules.school import ChannelSetting

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2020, 9, 7, 9, 0, tzinfo=SHANGHAI)
TOKEN = "TOKEN-that-nobody-may-see"
SECRET = "SECRET-that-nobody-may-see"
SECRETS = {
    "WECHAT_APP_ID": "wx1234567890abcdef",
    "WECHAT_APP_SECRET": SECRET,
    "WECHAT_TOKEN": "testtoken",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
TARGET = Target(number="GZH", name="示例学院公众号", channel="wechat_oa", address="gh_sample", audience="社会")
HANG_UP = "hang up"

ANSWERS: dict[str, Any] = {
    "stable_token": {"access_token": TOKEN, "expires_in": 7200},
    "material/add_material": {"media_id": "COVER", "url": "http://mmbiz.qpic.cn/cover"},
    "media/uploadimg": {"url": "http://mmbiz.qpic.cn/image/0"},
    "draft/add": {"media_id": "DRAFT"},
    "draft/get": {"news_item": []},
    "draft/batchget": {"total_count": 0, "item_count": 0, "item": []},
    "freepublish/submit": {"errcode": 0, "errmsg": "ok", "publish_id": 100000001, "msg_data_id": 206227730},
    "freepublish/batchget": {"total_count": 0, "item_count": 0, "item": []},
    "message/mass/sendall": {"errcode": 0, "errmsg": "send job submission success", "msg_id": 34182, "msg_data_id": 2},
}


class Time:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class Vendor:
    """What is answered, path by path (a list: one after the other, the last for good), and every call that came."""

    def __init__(self) -> None:
        self.answers = dict(ANSWERS)
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.base = ""

    def paths(self) -> list[str]:
        return [path for path, _query, _body in self.calls]

    def bodies(self, path: str) -> list[Any]:
        return [json.loads(body) for called, _query, body in self.calls if called == path]

    def raw(self, path: str) -> bytes:
        return next(body for called, _query, body in self.calls if called == path)

    def next_answer(self, path: str) -> Any:
        answer = self.answers.get(path, {"errcode": 0, "errmsg": "ok"})
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
    vendor: Vendor

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/cgi-bin/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.vendor.calls.append((path, {k: v[0] for k, v in parse_qs(parts.query).items()}, body))
        answer = self.vendor.next_answer(path)
        if answer == HANG_UP:
            self.close_connection = True
            return
        status, content = answer if isinstance(answer, tuple) else (200, json.dumps(answer).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def vendor_running() -> Iterator[Vendor]:
    vendor = Vendor()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"vendor": vendor}))
    server.daemon_threads = True
    vendor.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def account(base: str, clock: Time, secrets: dict[str, str] | None = None, **options: Any) -> WechatOA:
    setting = ChannelSetting(
        name="wechat_oa",
        label="公众号",
        api_base=base,
        window=Window(),
        options={"home": "https://xxgk.example.edu.cn/", **options},
    )
    return WechatOA(setting, SECRETS if secrets is None else secrets, clock)


def piece(**parts: Any) -> Piece:
    given: dict[str, Any] = {
        "placement": 1,
        "title": "关于公布2020年预算的通知",
        "summary": "经学校研究决定，现予公布。",
        "url": "https://xxgk.example.edu.cn/info/1001/2002.htm",
        "department": "财务处",
    }
    return Piece(**{**given, **parts})


def bundle(*pieces: Piece, key: str = KEY) -> Bundle:
    return Bundle(key=key, school="示例职业技术学院", pieces=pieces or (piece(),))


def attempt(clock: Time, handles: Any = None, ago: timedelta = timedelta(0), **parts: Any) -> Attempt:
    made = bundle()
    given: dict[str, Any] = {
        "address": "gh_sample",
        "push_key": KEY,
        "mark": made.mark,
        "text": "",
        "begun_at": clock() - ago,
        "payload": {"articles": [{"content_source_url": f"https://xxgk.example.edu.cn/#xxgk={KEY}"}]},
        "handles": handles or {},
        "evidence": {},
    }
    return Attempt(**{**given, **parts})


def listed(**ids: str) -> dict[str, Any]:
    """One draft or article as the platform lists it, with our mark."""
    article = {
        "title": "关于公布2020年预算的通知",
        "content_source_url": f"https://xxgk.example.edu.cn/info/1001/2002.htm#xxgk={KEY}",
        "url": "http://mp.weixin.qq.com/s/abc",
        "is_deleted": False,
    }
    return {"total_count": 1, "item_count": 1, "item": [{**ids, "content": {"news_item": [article]}, "update_time": 1}]}
