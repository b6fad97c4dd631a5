"""A sandbox of its own for every test, on a virtual clock, spoken to over real HTTP."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import sandbox
from tests.sandbox.sms_clients import KEY, NOTICE, SECRET, SIGN, TENCENT_ID, TENCENT_KEY, Aliyun, Tencent

START = "2020-09-01T08:00:00+08:00"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APPID = "wx1234567890abcdef"
CORP, AGENT = "ww1", 1000002


class Box:
    """A client that knows the sandbox's doors and raises nothing but what HTTP raises."""

    appid, aes_key, png, jpeg = APPID, AES_KEY, PNG, JPEG

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = requests.Session()
        self.http.trust_env = False

    def admin(self, name: str, **order: Any) -> dict[str, Any]:
        answer = self.http.post(f"{self.base}/__sandbox__/{name}", json=order, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def books(self, **query: str) -> dict[str, Any]:
        return self.http.get(f"{self.base}/__sandbox__/books", params=query, timeout=10).json()

    def now(self) -> float:
        moment = self.http.get(f"{self.base}/__sandbox__/clock", timeout=10).json()["now"]
        return datetime.fromisoformat(moment).timestamp()

    def account(self, **fields: Any) -> None:
        usual = {"appid": APPID, "secret": "secret", "token": "testtoken", "aes_key": AES_KEY, "fans": 1000}
        self.admin("setup", accounts=[usual | {"kind": "service"} | fields])

    def token(self, **more: Any) -> str:
        body = {"grant_type": "client_credential", "appid": APPID, "secret": "secret", **more}
        return self.http.post(f"{self.base}/wechat/cgi-bin/stable_token", json=body, timeout=10).json()["access_token"]

    def old_token(self, **more: str) -> dict[str, Any]:
        query = {"grant_type": "client_credential", "appid": APPID, "secret": "secret", **more}
        return self.http.get(f"{self.base}/wechat/cgi-bin/token", params=query, timeout=10).json()

    def oa(self, path: str, body: Any = None, token: str | None = None, **query: Any) -> dict[str, Any]:
        query["access_token"] = token if token is not None else self.token()
        path = path if path.startswith("datacube") else f"cgi-bin/{path}"
        url = f"{self.base}/wechat/{path}"
        if body is None:
            return self.http.get(url, params=query, timeout=30).json()
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.http.post(url, params=query, data=data, timeout=30).json()

    def upload(self, path: str, data: bytes, name: str | None = "a.png", **query: str) -> dict[str, Any]:
        url = f"{self.base}/wechat/cgi-bin/{path}"
        files = {"media": (name, data)}
        return self.http.post(url, params={"access_token": self.token(), **query}, files=files, timeout=10).json()

    def cover(self) -> str:
        return self.upload("material/add_material", PNG, type="image")["media_id"]

    def article(self, **fields: Any) -> dict[str, Any]:
        return {"title": "收费标准公示", "content": "<p>正文</p>", "thumb_media_id": self.cover()} | fields

    def draft(self, *articles: dict[str, Any]) -> str:
        answer = self.oa("draft/add", {"articles": list(articles) or [self.article()]})
        assert "media_id" in answer, answer
        return answer["media_id"]

    def sendall(self, media_id: str | None = None, text: str | None = None, **more: Any) -> dict[str, Any]:
        content = (
            {"msgtype": "text", "text": {"content": text}}
            if text
            else {"msgtype": "mpnews", "mpnews": {"media_id": media_id}}
        )
        return self.oa("message/mass/sendall", {"filter": {"is_to_all": True}, **content, **more})

    def robot(self, body: Any = None, key: str = "k1", **message: Any) -> dict[str, Any]:
        data = body if body is not None else json.dumps(message, ensure_ascii=False).encode()
        url = f"{self.base}/wecom/cgi-bin/webhook/send"
        return self.http.post(url, params={"key": key}, data=data, timeout=10).json()

    def say(self, text: str, key: str = "k1") -> dict[str, Any]:
        return self.robot(key=key, msgtype="text", text={"content": text})

    def app(self, **fields: Any) -> None:
        usual = {"corpid": CORP, "agentid": AGENT, "secret": "s1", "name": "信息公开"}
        self.admin("setup", apps=[usual | fields])

    def work_token(self, secret: str = "s1", corpid: str = CORP) -> dict[str, Any]:
        query = {"corpid": corpid, "corpsecret": secret}
        return self.http.get(f"{self.base}/wecom/cgi-bin/gettoken", params=query, timeout=10).json()

    def work(self, path: str, body: Any = None, secret: str = "s1", **query: Any) -> dict[str, Any]:
        query.setdefault("access_token", self.work_token(secret).get("access_token", ""))
        url = f"{self.base}/wecom/cgi-bin/{path}"
        if body is None:
            return self.http.get(url, params=query, timeout=30).json()
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.http.post(url, params=query, data=data, timeout=30).json()

    def work_upload(self, data: bytes, kind: str = "file", name: str = "公示.pdf") -> dict[str, Any]:
        url = f"{self.base}/wecom/cgi-bin/media/upload"
        query = {"access_token": self.work_token()["access_token"], "type": kind}
        return self.http.post(url, params=query, files={"media": (name, data)}, timeout=10).json()

    def tell(self, content: str = "通知", /, **more: Any) -> dict[str, Any]:
        body = {"touser": "@all", "agentid": AGENT, "msgtype": "text", "text": {"content": content}}
        return self.work("message/send", body | more)

    def people(self, name: str = "wecom_people") -> list[dict[str, Any]]:
        return self.books(vendor="wecom_app")[name]

    def qq(self, action: str, _token: str | None = "tok", **params: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {_token}"} if _token else {}
        answer = self.http.post(f"{self.base}/onebot/{action}", json=params, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.status_code
        return answer.json()

    def post(self, text: str, group_id: int = 555) -> dict[str, Any]:
        return self.qq("send_group_msg", group_id=group_id, message=[{"type": "text", "data": {"text": text}}])


@pytest.fixture
def box() -> Iterator[Box]:
    with sandbox.serve(clock=START) as running:
        client = Box(running.base)
        yield client
        client.http.close()


@pytest.fixture
def robots(box: Box) -> Box:
    box.admin("setup", robots=[{"key": "k1", "name": "教职工群", "members": 30}, {"key": "k2", "name": "干部群"}])
    return box


@pytest.fixture
def groups(box: Box) -> Box:
    box.admin(
        "setup",
        bots=[{"self_id": 10001, "token": "tok"}],
        groups=[
            {"group_id": 555, "name": "新生群", "members": 200},
            {"group_id": "556", "name": "班干群", "role": "admin"},
        ],
    )
    return box


@pytest.fixture
def company(box: Box) -> Box:
    """A college of five: four in two departments below the root, one of them without a licence, one tagged."""
    departments = [{"id": 1, "name": "学院", "parentid": 0}, {"id": 2, "name": "教务处", "parentid": 1}]
    departments += [{"id": 3, "name": "信息系", "parentid": 1}, {"id": 4, "name": "软件教研室", "parentid": 3}]
    members = [
        {"userid": "ZhangSan", "name": "张三", "departments": [2]},
        {"userid": "lisi", "name": "李四", "departments": [3]},
        {"userid": "wangwu", "name": "王五", "departments": [4]},
        {"userid": "zhaoliu", "name": "赵六", "departments": [4], "licensed": False},
        {"userid": "boss", "name": "院长", "departments": [1]},
    ]
    tags = [{"id": 7, "name": "中层", "users": ["ZhangSan", "boss"]}, {"id": 8, "name": "空", "users": []}]
    corp = {"corpid": CORP, "name": "示例学院", "departments": departments, "members": members, "tags": tags}
    box.admin("setup", corps=[corp])
    box.app()
    return box


class Listener:
    """A bot's own server: keeps what is posted to it and answers what it is told to."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.delays: list[float] = []
        self.echo: Callable[[dict[str, str]], bytes] = lambda query: query["echostr"].encode()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                owner.calls.append({"path": self.path, "body": body, "headers": dict(self.headers)})
                time.sleep(owner.delays.pop(0) if owner.delays else 0)
                status, text = owner.answers.pop(0) if owner.answers else (200, b"success")
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(text)

            def do_GET(self) -> None:
                echo = owner.echo({key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()})
                self.send_response(200)
                self.send_header("Content-Length", str(len(echo)))
                self.end_headers()
                self.wfile.write(echo)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


@pytest.fixture
def aliyun(box: Box) -> Aliyun:
    box.admin(
        "setup",
        sms_accounts=[
            {
                "key_id": KEY,
                "secret": SECRET,
                "signs": [{"name": SIGN}, {"name": "二号签名"}, {"name": "未审核", "approved": False}],
                "templates": [
                    {"code": "SMS_1", "text": NOTICE},
                    {"code": "SMS_2", "text": "放假通知。"},
                    {"code": "SMS_BAD", "text": "未审核", "approved": False},
                    {
                        "code": "SMS_CODE",
                        "text": "验证码${code}。",
                        "kind": "code",
                        "types": {"code": "numberCaptcha"},
                    },
                ],
            }
        ],
    )
    return Aliyun(box)


@pytest.fixture
def tencent(box: Box) -> Tencent:
    box.admin(
        "setup",
        sms_accounts=[
            {
                "key_id": TENCENT_ID,
                "secret": TENCENT_KEY,
                "vendor": "tencent",
                "app_id": "1400006666",
                "signs": [{"name": SIGN}, {"name": "未审核", "approved": False}],
                "templates": [
                    {"code": "1110", "text": NOTICE.replace("${title}", "{1}")},
                    {"code": "1111", "text": "未审核", "approved": False},
                    {"code": "1112", "text": "验证码{1}，{2}分钟内有效。", "kind": "code"},
                ],
            }
        ],
    )
    return Tencent(box)
