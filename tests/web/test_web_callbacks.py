"""A vendor's call over real HTTP: checked, stored raw, answered; a repeated one stored once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests
from wechatpy.crypto import WeChatCrypto

from channels.base import Receipt, Word
from channels.wechat_oa import WechatOA
from rules.dates import Window
from rules.school import ChannelSetting
from store import receipts
from store.db import Db

NOW = datetime(2020, 9, 7, 1, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRETS = {
    "WECHAT_APP_ID": "wx1234567890abcdef",
    "WECHAT_APP_SECRET": "secret",
    "WECHAT_TOKEN": "testtoken",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
EVENT = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1599440400</CreateTime>"
    "<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>{id}</MsgID><Status>send success</Status></xml>"
)
Serve = Callable[..., str]


def clock() -> datetime:
    return NOW


@pytest.fixture
def url(serve: Serve) -> str:
    setting = ChannelSetting(name="wechat_oa", label="公众号", api_base="http://127.0.0.1:9", window=Window())
    return serve({"wechat_oa": WechatOA(setting, SECRETS, clock)}, clock) + "/callbacks/wechat_oa"


def clear() -> dict[str, str]:
    parts = sorted([SECRETS["WECHAT_TOKEN"], STAMP, "n"])
    return {"signature": hashlib.sha1("".join(parts).encode()).hexdigest(), "timestamp": STAMP, "nonce": "n"}


def safe(xml: str) -> tuple[dict[str, str], bytes]:
    crypto = WeChatCrypto(SECRETS["WECHAT_TOKEN"], SECRETS["WECHAT_AES_KEY"], SECRETS["WECHAT_APP_ID"])
    envelope = crypto.encrypt_message(xml, "n", STAMP)
    signature = envelope.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    return {**clear(), "encrypt_type": "aes", "msg_signature": signature}, envelope.encode()


def stored(db: Db) -> list[receipts.StoredReceipt]:
    with db.read() as conn:
        return receipts.unapplied(conn, "wechat_oa")


def test_the_url_check_is_answered_as_plain_text(url: str, browser: requests.Session) -> None:
    answer = browser.get(url, params={**clear(), "echostr": "<b>1</b>"})
    assert (answer.status_code, answer.text) == (200, "<b>1</b>")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_call_in_clear_is_stored_as_it_came_and_answered(url: str, browser: requests.Session, db: Db) -> None:
    answer = browser.post(url, params=clear(), data=EVENT.format(id=7).encode())
    assert (answer.status_code, answer.text) == (200, "success")
    [row] = stored(db)
    assert (row.kind, row.dedup, row.vendor_id) == ("MASSSENDJOBFINISH", "MASSSENDJOBFINISH:7", "7")
    assert (row.raw, row.received_at) == (EVENT.format(id=7), NOW)


def test_a_sealed_call_is_stored_decrypted(url: str, browser: requests.Session, db: Db) -> None:
    query, body = safe(EVENT.format(id=8))
    assert browser.post(url, params=query, data=body).text == "success"
    assert [row.raw for row in stored(db)] == [EVENT.format(id=8)]


def test_a_repeated_call_is_answered_and_stored_once(url: str, browser: requests.Session, db: Db) -> None:
    query, body = safe(EVENT.format(id=9))
    answers = [browser.post(url, params=query, data=body).text for _ in range(3)]
    assert answers == ["success"] * 3
    assert len(stored(db)) == 1


def test_the_same_call_at_the_same_moment_is_stored_once(url: str, db: Db) -> None:
    query, body = safe(EVENT.format(id=10))

    def _call(_n: int) -> str:
        with requests.Session() as session:
            return session.post(url, params=query, data=body).text

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(_call, range(16))) == ["success"] * 16
    assert len(stored(db)) == 1


def test_a_wrong_signature_is_refused_and_nothing_stored(url: str, browser: requests.Session, db: Db) -> None:
    query, body = safe(EVENT.format(id=11))
    assert browser.post(url, params={**query, "msg_signature": "0" * 40}, data=body).status_code == 403
    assert browser.post(url, params={**clear(), "signature": "0" * 40}, data=EVENT.encode()).status_code == 403
    assert browser.get(url, params={"echostr": "1"}).status_code == 403
    assert stored(db) == []


def test_an_old_call_in_clear_is_refused(serve: Serve, browser: requests.Session, db: Db) -> None:
    def later() -> datetime:
        return NOW + timedelta(hours=1)

    setting = ChannelSetting(name="wechat_oa", label="公众号", api_base="http://127.0.0.1:9", window=Window())
    url = serve({"wechat_oa": WechatOA(setting, SECRETS, later)}, later) + "/callbacks/wechat_oa"
    assert browser.post(url, params=clear(), data=EVENT.format(id=1).encode()).status_code == 403
    query, body = safe(EVENT.format(id=12))
    assert browser.post(url, params=query, data=body).text == "success"  # its signature covers its body
    assert len(stored(db)) == 1


def test_an_unknown_door_is_not_found(url: str, browser: requests.Session) -> None:
    assert browser.get(url.replace("wechat_oa", "nobody")).status_code == 404
    assert browser.put(url).status_code == 405


def test_a_body_beyond_one_megabyte_is_refused(url: str, browser: requests.Session, db: Db) -> None:
    assert browser.post(url, params=clear(), data=b"x" * (1024 * 1024 + 1)).status_code == 413
    assert stored(db) == []


class _Signed:
    """A door that keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, str]] = []

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        self.seen.append(query)
        return "", ()

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        return None


def test_a_door_sees_the_headers_vendors_sign_with_and_no_other(serve: Serve, browser: requests.Session) -> None:
    door = _Signed()
    url = serve({"x": door}, clock) + "/callbacks/x"
    headers = {"X-Signature": "sha1=ab", "X-Self-ID": "10001", "Authorization": "Bearer s3cret"}
    answer = browser.post(url, params={"key": "k", "x-signature": "forged"}, headers=headers, data=b"{}")
    browser.post(url, params={"x-signature": "forged"}, data=b"{}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert door.seen == [
        {"key": "k", "x-signature": "sha1=ab", "x-self-id": "10001"},
        {"x-signature": "", "x-self-id": ""},
    ]


class _Broken:
    """A door that fails with a secret in its words."""

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        raise RuntimeError("https://api.example.com/?access_token=SECRET")

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        return None


def test_a_failure_is_a_500_that_tells_nothing(
    serve: Serve, browser: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = browser.post(serve({"x": _Broken()}, clock) + "/callbacks/x")
    assert (answer.status_code, answer.text) == (500, "error")
    assert "SECRET" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_receipt_that_cannot_be_stored_is_not_acknowledged(url: str, browser: requests.Session, db: Db) -> None:
    with db.write() as conn:
        conn.exec_driver_sql("DROP TABLE receipts")
    query, body = safe(EVENT.format(id=13))
    assert browser.post(url, params=query, data=body).status_code == 500
