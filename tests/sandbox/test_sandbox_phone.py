"""The phone page: what groups and followers saw, in Chinese, escaped."""

from __future__ import annotations

import re

BANNER = "演练环境：以下内容未发送给任何真实的人"


def page(box, chat=""):
    answer = box.http.get(box.base + "/", params={"chat": chat} if chat else {}, timeout=5)
    assert answer.status_code == 200
    return answer.text


def test_an_empty_sandbox_says_how_to_begin(box):
    assert BANNER in page(box)
    assert "还没有会话" in page(box)


def test_every_chat_is_listed_and_opened_by_its_address(robots, groups):
    robots.account(name="某某学院")
    robots.say("教职工通知")
    groups.post("新生通知 https://x.edu.cn/1.htm。")
    assert re.findall(r'href="\?chat=([^"]+)"', page(robots)) == [
        "robot-1",
        "qq-555",
        "wechat-wx1234567890abcdef",
        "robot-2",
        "qq-556",
    ]
    assert "教职工通知" in page(robots, "robot-1")
    opened = page(robots, "qq-555")
    assert '<a href="https://x.edu.cn/1.htm" rel="noreferrer noopener">' in opened
    assert "2020年9月1日 星期二 08:00" in opened


def test_a_robots_key_is_not_shown(robots):
    robots.admin("setup", robots=[{"key": "very-secret-key", "name": "群"}])
    robots.say("甲", key="very-secret-key")
    assert "very-secret-key" not in page(robots, "robot-3")


def test_text_is_escaped_in_every_kind_of_message(robots, groups):
    evil = '<script>alert(1)</script>[x](javascript:alert(1)) <img src=x onerror=y> [l](https://a.cn/"onmouseover=x)'
    robots.say(evil)
    robots.robot(msgtype="markdown", markdown={"content": evil})
    robots.robot(msgtype="news", news={"articles": [{"title": evil[:40], "url": "javascript:alert(1)"}]})
    groups.post(evil)
    for chat in ("robot-1", "qq-555"):
        html = page(robots, chat)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript' not in html
        assert '"onmouseover' not in html


def test_markdown_looks_like_wecoms(robots):
    robots.robot(
        msgtype="markdown",
        markdown={"content": '# 今日\n> 引用\n**粗** [题目](https://x.cn/1) <font color="warning">急</font>'},
    )
    html = page(robots, "robot-1")
    for piece in (
        '<b class="md-h">今日</b>',
        '<span class="md-q">引用</span>',
        "<b>粗</b>",
        '<span class="md-warning">急</span>',
    ):
        assert piece in html


def test_the_list_of_conversations_shows_the_words_of_a_message_and_none_of_its_marks(robots):
    text = '**【某某学院】**\n1. [关于评奖的公示](https://x.cn/1)\n> 摘要 2*3\n<font color="comment">责任部门</font>'
    robots.robot(msgtype="markdown", markdown={"content": text})
    robots.robot(msgtype="text", text={"content": "**照原样**"}, key="k2")
    shown = re.findall(r'class="chat-last">([^<]*)<', page(robots))
    assert "【某某学院】 1. 关于评奖的公示 摘要 2*3 责任部门" in shown
    assert "**照原样**" in shown


def test_articles_show_as_cards_and_open(box):
    box.account(name="某某学院")
    box.sendall(box.draft(box.article(title="第一篇"), box.article(title="第二篇")))
    box.admin("clock", advance=60)
    html = page(box, "wechat-" + box.appid)
    assert re.findall(r"(第.篇)", html.split('class="cards"')[1]) == ["第一篇", "第二篇"]
    path = re.search(r'class="lead" href="(/s/[^"]+)"', html).group(1)
    article = box.http.get(box.base + path, timeout=5)
    assert BANNER in article.text
    assert "script-src" not in article.headers["Content-Security-Policy"]
    assert "第一篇" in article.text


def test_a_draft_can_be_previewed_while_it_is_in_the_box(box):
    box.account()
    media_id = box.draft()
    url = box.oa("draft/get", {"media_id": media_id})["news_item"][0]["url"]
    assert "草稿预览" in box.http.get(url, timeout=5).text
    box.oa("draft/delete", {"media_id": media_id})
    assert "草稿已不在草稿箱" in box.http.get(url, timeout=5).text


def test_only_the_last_hundred_messages_are_shown(groups):
    for n in range(103):
        groups.post(f"第{n}号消息")
    html = page(groups, "qq-555")
    assert "共 103 条消息，这里是最近 100 条" in html
    assert "第2号消息" not in html
    assert "第3号消息" in html


def test_an_uploaded_page_is_never_served_as_one(robots):
    url = f"{robots.base}/wecom/cgi-bin/webhook/upload_media?key=k1&type=file"
    files = {"media": ("a.html", b"<script>alert(1)</script>")}
    media_id = robots.http.post(url, files=files, timeout=5).json()["media_id"]
    robots.robot(msgtype="file", file={"media_id": media_id})
    blob = robots.books()["robot"][0]["file"]
    answer = robots.http.get(robots.base + blob, timeout=5)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
