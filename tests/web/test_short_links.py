"""/s/<token> leads to the item's page and nowhere else; persons are counted, robots apart, and nobody is remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import insert, select, update

from channels.previews import by_a_person
from store import links
from store import tables as t
from store.db import Db
from tests import factory as f
from web import links as web_links
from web.app import create_app
from web.server import running

PAGE = "https://www.x.edu.cn/info/1116/5946.htm?a=1&b=2"
TOKEN = "Abc123Def456"
NOW = datetime(2020, 9, 10, 1, 20, tzinfo=UTC)
IN_WECHAT = "Mozilla/5.0 (Linux; Android 13; V2203A) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 XWEB/1160 MMWEBSDK/20240301 MicroMessenger/8.0.48 WeChat/arm64 Language/zh_CN"
IN_QQ = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 QQ/9.0.0.603 V1_IPH_SQ"
)
IN_WECOM = "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 Chrome/116.0 Safari/537.36 wxwork/4.1.10 MicroMessenger/7.0.1"
CUBOT = "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36"
IN_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126"
ROBOTS = (
    "", "mpcrawler", "Mozilla/5.0 (Linux; U; Android 4.4.2; zh-cn; GT-I9500) AppleWebKit/537.36 MQQBrowser/5.0 QQ-URL-Manager Mobile Safari",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", "Mozilla/5.0 (compatible; Bytespider)",
    "Mozilla/5.0 (compatible; bingbot/2.0)", "Sogou web spider/4.0", "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "WhatsApp/2.20.70 i", "curl/8.5.0", "python-requests/2.32", "Go-http-client/2.0", "HeadlessChrome/126", "DingTalkBot-LinkService/1.0",
)  # fmt: skip


@pytest.fixture
def app(db: Db) -> Iterator[Flask]:
    made = create_app(db, {}, lambda: NOW, lambda: {"ok": True})
    yield made
    made.extensions["xxgk_clicks"].write_down()


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with running(app) as found:
        yield found


@pytest.fixture
def link(db: Db) -> int:
    """A link of a push; gives the push's number."""
    with db.write() as conn:
        placed = f.place(conn, f.add_item(conn, NOW, url=PAGE), "Q01", NOW)
        push_id = f.push(conn, "Q01", [placed], NOW)
        links.add(conn, push_id, [links.Link(TOKEN, placed, PAGE)], NOW)
    return push_id


def opened(db: Db, app: Flask) -> dict[bool, int]:
    app.extensions["xxgk_clicks"].write_down()
    with db.read() as conn:
        return {row.counted: row.n for row in conn.execute(select(t.clicks))}


def follow(browser: requests.Session, base: str, token: str = TOKEN, **over: Any) -> requests.Response:
    headers = {"User-Agent": IN_WECHAT, **over.pop("headers", {})}
    return browser.request(over.pop("method", "GET"), f"{base}/s/{token}", headers=headers, allow_redirects=False)


def test_a_person_is_led_to_the_page_and_nothing_is_kept_on_either_side(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session
) -> None:
    answer = follow(browser, base, headers={"X-Forwarded-For": "10.9.8.7", "Referer": "https://chat.example/群"[:20]})
    assert (answer.status_code, answer.headers["Location"], answer.content) == (302, PAGE, b"")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Set-Cookie" not in answer.headers and not browser.cookies
    assert opened(db, app) == {True: 1}
    assert {column.name for column in t.clicks.columns} == {"token", "counted", "hour", "n"}
    with db.read() as conn:
        [row] = conn.execute(select(t.clicks))
    assert row.hour == NOW.replace(minute=0)


@pytest.mark.parametrize("agent", [IN_WECHAT, IN_QQ, IN_WECOM, IN_BROWSER, CUBOT])
def test_a_person_in_any_app_is_a_person(agent: str) -> None:
    assert by_a_person(agent, {"Accept": "text/html"})


@pytest.mark.parametrize("agent", ROBOTS)
def test_a_robot_or_preview_is_led_on_and_not_counted(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session, agent: str
) -> None:
    assert not by_a_person(agent, {})
    assert follow(browser, base, headers={"User-Agent": agent}).status_code == 302
    assert opened(db, app) == {False: 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [("Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("X-Moz", "prefetch"), ("x-purpose", "preview")],
)
def test_what_a_browser_fetches_ahead_is_not_counted(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session, name: str, value: str
) -> None:
    assert follow(browser, base, headers={name: value}).status_code == 302
    assert opened(db, app) == {False: 1}


def test_head_leads_on_and_is_not_counted(db: Db, app: Flask, base: str, link: int, browser: requests.Session) -> None:
    answer = follow(browser, base, method="HEAD")
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert opened(db, app) == {False: 1}
    assert follow(browser, base, method="POST").status_code == 405


@pytest.mark.parametrize(
    "token",
    [
        "Zzz999Zzz999",
        "a" * 33,
        "a" * 5000,
        "..%2f..%2fetc",
        "链接",
        "Abc123Def456%00",
        "https:%2f%2fevil.cn",
        "-",
        "'--",
    ],
)
def test_an_unknown_link_is_a_plain_page_in_chinese_and_costs_no_row(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session, token: str
) -> None:
    answer = follow(browser, base, token)
    assert answer.status_code == 404 and "Location" not in answer.headers
    if "%2f" not in token:
        assert "没有这个链接" in answer.content.decode() and 'lang="zh-CN"' in answer.content.decode()
        assert "src=" not in answer.text and "href=" not in answer.text
    assert opened(db, app) == {}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.cn", "/s/x", "data:text/html,x", "http://a/\r\nX: y", ""]
)
def test_what_is_no_page_is_led_to_by_no_link(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session, url: str
) -> None:
    with db.write() as conn:
        conn.execute(update(t.links).values(url=url))
    answer = follow(browser, base)
    assert answer.status_code == 404 and "Location" not in answer.headers


def test_a_link_takes_no_address_from_whoever_opens_it(base: str, link: int, browser: requests.Session) -> None:
    for more in ("?url=https://evil.cn", "?next=//evil.cn", "?a=%0d%0aLocation:%20https://evil.cn"):
        assert follow(browser, base, TOKEN + more).headers["Location"] == PAGE


def test_the_link_of_what_was_withdrawn_says_so_instead_of_leading_on(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session
) -> None:
    with db.write() as conn:
        placed = conn.scalar(select(t.links.c.placement_id))
        order = {"placement_id": placed, "push_id": link, "piece": 0, "kind": "撤回", "status": "handed", "reason": "",
                 "tries": 0, "ordered_by": "张三", "ordered_at": NOW, "ended_by": "", "raw": ""}  # fmt: skip
        conn.execute(insert(t.recalls).values(**order))
    answer = follow(browser, base)
    assert answer.status_code == 410 and "Location" not in answer.headers
    assert "撤回或撤下" in answer.content.decode() and PAGE not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert opened(db, app) == {}


def test_a_storm_of_clicks_is_counted_whole_and_is_one_row(
    db: Db, app: Flask, base: str, link: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    real = links.count
    monkeypatch.setattr(links, "count", lambda conn, opened: written.append(len(opened)) or real(conn, opened))

    def many() -> None:
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(25):
                assert follow(session, base).status_code == 302

    threads = [threading.Thread(target=many) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert written == []  # nothing is written while they come
    assert opened(db, app) == {True: 100} and written == [1]


def test_clicks_are_written_down_soon_without_anybody_asking(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_links, "SOON", 0.01)
    done = threading.Event()
    real = links.count

    def counted(conn: Any, opened: Any) -> None:
        real(conn, opened)
        done.set()

    monkeypatch.setattr(links, "count", counted)
    follow(browser, base)
    assert done.wait(5)


def test_what_the_database_does_not_take_now_is_kept_for_later(
    db: Db, app: Flask, base: str, link: int, browser: requests.Session, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    real = links.count

    def broken(conn: Any, opened: Any) -> None:
        raise RuntimeError("postgresql://user:SECRET@host/db")

    follow(browser, base)
    monkeypatch.setattr(links, "count", broken)
    assert opened(db, app) == {}
    assert "RuntimeError" in caplog.text and "SECRET" not in caplog.text
    monkeypatch.setattr(links, "count", real)
    follow(browser, base)
    assert opened(db, app) == {True: 2}


def test_the_address_of_the_links_says_that_it_leads_here(base: str, browser: requests.Session) -> None:
    answer = browser.get(f"{base}/s/")
    assert (answer.status_code, answer.content.decode()) == (200, web_links.HERE)


def test_no_log_line_says_who_opened_what(
    base: str, link: int, browser: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", logger="web"):
        follow(browser, base)
        follow(browser, base, "Zzz999Zzz999")
    assert [record for record in caplog.records if record.name == "web"] == []
