"""WeCom group robots: limits in bytes, twenty a minute, and files."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests


def test_a_text_reaches_its_group_and_the_books(robots):
    assert robots.say("会议通知") == {"errcode": 0, "errmsg": "ok"}
    (post,) = robots.books(vendor="robot")["robot"]
    assert post == {
        "key": "k1",
        "name": "教职工群",
        "at": "2020-09-01T08:00:00+08:00",
        "msgtype": "text",
        "text": "会议通知",
        "bytes": 12,
    }


def test_the_twenty_first_send_in_a_minute_closes_the_door_for_a_minute(robots):
    assert [robots.say(str(n))["errcode"] for n in range(21)] == [0] * 20 + [45009]
    robots.admin("clock", advance=59)
    assert robots.say("仍关着")["errcode"] == 45009
    assert robots.say("别的机器人", key="k2")["errcode"] == 0
    robots.admin("clock", advance=1)
    assert robots.say("又开了")["errcode"] == 0
    assert len(robots.books()["robot"]) == 22


def test_the_window_slides(robots):
    for n in range(20):
        assert robots.say(str(n))["errcode"] == 0
        robots.admin("clock", advance=3)
    assert robots.say("第一条已过了一分钟")["errcode"] == 0
    assert robots.say("这一条才多")["errcode"] == 45009


def test_another_system_may_use_up_the_minute(robots):
    robots.admin("spend", robot="k1", n=20)
    assert robots.say("甲")["errcode"] == 45009


def test_a_wrong_key_is_93000_with_the_vendors_decoration(robots):
    answer = robots.say("甲", key="nonsense")
    assert answer["errcode"] == 93000
    assert answer["errmsg"].startswith("invalid webhook url, hint: [")
    assert "from ip: 127.0.0.1" in answer["errmsg"]


def test_text_over_2048_bytes_is_cut_on_a_whole_character_and_flagged(robots):
    assert robots.say("a" + "字" * 700)["errcode"] == 0
    post = robots.books()["robot"][0]
    assert post["bytes"] == 2101
    assert post["text"] == "a" + "字" * 682
    assert "cut to 2048" in robots.books()["flags"][0]["text"]


@pytest.mark.parametrize("kind", ["markdown", "markdown_v2"])
def test_markdown_over_4096_bytes_is_refused(robots, kind):
    assert robots.robot(msgtype=kind, **{kind: {"content": "a" * 4096}})["errcode"] == 0
    answer = robots.robot(msgtype=kind, **{kind: {"content": "a" * 4097}})
    assert answer["errcode"] == 40058
    assert answer["errmsg"].startswith(f"{kind}.content exceed max length 4096. invalid Request Parameter")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"{not json", 40008),
        (b'{"msgtype":"text"}', 44004),
        (b'{"msgtype":"text","text":{"content":""}}', 44004),
        (b'{"msgtype":"poem","poem":{}}', 40008),
        (b'{"msgtype":["text"]}', 40008),
        (b'{"msgtype":"text","text":{"content":7}}', 40058),
        (b'{"msgtype":"news","news":{"articles":[]}}', 44003),
        (b'{"msgtype":"news","news":{"articles":[{"title":"t"}]}}', 40058),
        (b'{"msgtype":"file","file":{"media_id":"x"}}', 40007),
        (b'{"msgtype":"template_card","template_card":{"card_type":"x"}}', 40058),
    ],
)
def test_a_bad_message_is_refused_with_its_own_code(robots, body, errcode):
    assert robots.robot(body)["errcode"] == errcode


def test_a_message_needs_no_content_type(robots):
    url = f"{robots.base}/wecom/cgi-bin/webhook/send?key=k1"
    answer = robots.http.post(
        url, data='{"msgtype":"text","text":{"content":"甲"}}'.encode(), headers={"Content-Type": None}, timeout=5
    )
    assert answer.json()["errcode"] == 0


def test_news_takes_eight_cards_and_cuts_long_words(robots):
    card = {"title": "字" * 50, "description": "字" * 200, "url": "https://x.edu.cn/1"}
    assert robots.robot(msgtype="news", news={"articles": [card] * 8})["errcode"] == 0
    assert robots.robot(msgtype="news", news={"articles": [card] * 9})["errcode"] == 40058
    shown = robots.books()["robot"][0]["articles"][0]
    assert (len(shown["title"]), len(shown["description"])) == (42, 170)


def test_a_picture_needs_its_own_md5_and_must_be_one(robots):
    def picture(data, md5=None):
        md5 = md5 or hashlib.md5(data).hexdigest()
        return robots.robot(msgtype="image", image={"base64": base64.b64encode(data).decode(), "md5": md5})["errcode"]

    assert picture(robots.png) == 0
    assert picture(robots.png, md5="0" * 32) == 40058
    assert picture(b"GIF89a....") == 40005
    assert picture(robots.png.ljust(2 * 1024 * 1024 + 1, b"\0")) == 40009


def upload(box, data, key="k1", kind="file"):
    url = f"{box.base}/wecom/cgi-bin/webhook/upload_media"
    return box.http.post(url, params={"key": key, "type": kind}, files={"media": ("公示.pdf", data)}, timeout=5).json()


def test_a_file_is_looked_at_before_the_key(robots):
    assert upload(robots, b"", key="nonsense")["errcode"] == 44001
    assert upload(robots, b"%PDF-1.7 ...", key="nonsense")["errcode"] == 93000
    assert upload(robots, b"12345")["errcode"] == 40006
    assert upload(robots, b"12345678", kind="sticker")["errcode"] == 40004
    assert upload(robots, b"not a voice", kind="voice")["errcode"] == 40005


def test_a_file_is_good_for_its_own_robot_for_three_days(robots):
    media_id = upload(robots, b"%PDF-1.7 ...")["media_id"]
    message = {"msgtype": "file", "file": {"media_id": media_id}}
    assert robots.robot(**message)["errcode"] == 0
    assert robots.robot(key="k2", **message)["errcode"] == 40007
    robots.admin("clock", advance=3 * 86_400)
    assert robots.robot(**message)["errcode"] == 40007


def test_escapes_shown_to_readers_are_flagged(robots):
    robots.say(r"\u4f1a\u8bae")
    assert "escapes" in robots.books()["flags"][0]["text"]


def test_twenty_a_minute_holds_when_eight_threads_push_at_once(robots):
    def push(_):
        body = {"msgtype": "text", "text": {"content": "甲"}}
        return requests.post(f"{robots.base}/wecom/cgi-bin/webhook/send?key=k1", json=body, timeout=10).json()[
            "errcode"
        ]

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(push, range(40)))
    assert codes == [0] * 20 + [45009] * 20
    assert len(robots.books()["robot"]) == 20
