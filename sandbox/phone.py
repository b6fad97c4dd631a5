"""The phone page: what the groups and the followers saw, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Response, render_template
from markupsafe import Markup, escape

from sandbox import articles, mail, sms, wecom_inbox
from sandbox.actors import Account, Corp, Group, Robot, load_all
from sandbox.clock import SHANGHAI, iso
from sandbox.state import Doc
from sandbox.world import World

PAGE = 100
PAUSE = 300.0
LINK = re.compile(r"https?://[^\s<>\"'，。；、！？）》】]+")
FONT = re.compile(r"&lt;font color=&#34;(info|comment|warning)&#34;&gt;(.*?)&lt;/font&gt;")
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Chat:
    """One line in the list of conversations."""

    id: str
    vendor: str
    key: str
    name: str
    badge: str
    note: str
    face: str
    last: str
    when: str
    at: float
    count: int


def page(world: World, chosen: str) -> Response:
    """The whole page, with one conversation open."""
    chats = all_chats(world, chosen)
    current = next((chat for chat in chats if chat.id == chosen), chats[0] if chats else None)
    bubbles = messages(world, current) if current else []
    html = render_template(
        "phone.html", chats=chats, current=current, bubbles=bubbles, picked=bool(chosen), now=moment(world.now(), True)
    )
    return Response(html, content_type="text/html; charset=utf-8")


def all_chats(world: World, chosen: str) -> list[Chat]:
    """Every conversation, the one with the newest message first; of a company's members only a few and the chosen one."""
    chats = [
        chat_line(world, "wechat", a.appid, a.name or "公众号", "公众号", f"{a.fans:,} 位关注者")
        for a in load_all(world.state, Account)
    ]
    # A robot's key is a secret, so the address of its chat is its place among the robots.
    for place, robot in enumerate(load_all(world.state, Robot), 1):
        line = chat_line(world, "robot", robot.key, robot.name or "企业微信群", "企业微信", people(robot.members))
        chats.append(replace(line, id=f"robot-{place}"))
    chats += [
        chat_line(world, "qq", g.group_id, g.name or g.group_id, "QQ 群", people(g.members))
        for g in load_all(world.state, Group)
    ]
    for place, number in enumerate(sms.shown_numbers(world.state), 1):
        name = f"{number[:3]}****{number[-4:]}"
        chats.append(replace(chat_line(world, "sms", number, name, "短信", "手机短信"), id=f"sms-{place}", face="信"))
    for place, address in enumerate(mail.shown_mailboxes(world), 1):
        chats.append(replace(chat_line(world, "mail", address, address, "邮件", "邮箱"), id=f"mail-{place}", face="邮"))
    if world.state.posts("alarm", "alarm", limit=1):
        chats.append(chat_line(world, "alarm", "alarm", "值班提醒", "提醒", "Apprise 地址"))
    chats += notice_chats(world)
    chats += wecom_chats(world, chosen.removeprefix("member-"))
    return sorted(chats, key=lambda chat: -chat.at)


def notice_chats(world: World) -> list[Chat]:
    """The followers whom a service notice reached last; they have no names here."""
    sql = "SELECT chat FROM posts WHERE vendor='notice' GROUP BY chat ORDER BY max(id) DESC LIMIT 3"
    openids = [openid for (openid,) in world.state.rows(sql)]
    return [chat_line(world, "notice", id, f"关注者 …{id[-4:]}", "服务通知", "服务号模板消息") for id in openids]


def wecom_chats(world: World, chosen: str) -> list[Chat]:
    """What WeCom's apps wrote: their group chats, the members they reached last, and the one who was asked for."""
    groups = [chat for corp in load_all(world.state, Corp) for chat in world.state.page("wecom_chat", corp.corpid)]
    lines = [
        chat_line(
            world,
            "wecom_chat",
            f"{c['corpid']}:{c['chatid']}",
            c["name"] or "群聊",
            "企业微信",
            people(len(c["users"])),
        )
        for c in groups
    ]
    return lines + [member_line(world, *member) for member in wecom_inbox.recent(world, chosen)]


def member_line(world: World, address: str, name: str, corp: str) -> Chat:
    """A member's conversation with the apps."""
    line = chat_line(world, "member", address, name, "企业微信", corp)
    line = replace(line, count=wecom_inbox.received(world, address))
    for _, at, text in wecom_inbox.messages(world, address, 1, recalled=False):
        line = replace(line, last=summary(world, json.loads(text))[:60], when=moment(at, False), at=at)
    return line


def face(name: str) -> str:
    """The letter on a conversation's face: the first that says more than a year."""
    return (re.sub(r"^[\d\W_]+级?", "", name) or name)[:1]


def people(members: int) -> str:
    """How many people a group has."""
    return f"{members} 人" if members else "群聊"


def chat_line(world: World, vendor: str, key: str, name: str, badge: str, note: str) -> Chat:
    """A conversation with its last message."""
    rows = world.state.posts(vendor, key, limit=1)
    count = int(world.state.one("SELECT count(*) FROM posts WHERE vendor=? AND chat=?", (vendor, key)))
    at, last = (rows[0][2], summary(world, rows[0][4])) if rows else (0.0, "还没有消息")
    return Chat(
        f"{vendor}-{key}",
        vendor,
        key,
        name,
        badge,
        note,
        face(name),
        last[:60],
        moment(at, False) if rows else "",
        at,
        count,
    )


def summary(world: World, doc: Doc) -> str:
    """A message in one line, as it reads: a phone's list shows no marks of formatting."""
    if doc.get("text"):
        text = str(doc["text"])
        return " ".join((unmarked(text) if is_markdown(doc) else text).split())
    titles = [articles.get(world, id)["title"] for id in doc.get("articles", [])]
    return f"[文章] {titles[0]}" if titles else "[图片]"


def moment(at: float, full: bool) -> str:
    """A time as a phone shows it."""
    time = datetime.fromtimestamp(at, SHANGHAI)
    if not full:
        return f"{time:%m-%d %H:%M}"
    return f"{time.year}年{time.month}月{time.day}日 星期{WEEKDAYS[time.weekday()]} {time:%H:%M}"


def messages(world: World, chat: Chat) -> list[Doc]:
    """The last hundred messages of a conversation, notices among them, oldest first."""
    rows: list[Any] = world.state.rows(
        "SELECT vendor, at, doc FROM posts WHERE chat=? AND vendor IN (?,?) ORDER BY id DESC LIMIT ?",
        (chat.key, chat.vendor, chat.vendor + "_notice", PAGE),
    )
    if chat.vendor == "member":
        rows = wecom_inbox.messages(world, chat.key, PAGE)
    bubbles, shown_at = [], 0.0
    for vendor, at, text in reversed(rows):
        # Like a phone: the time stands only where a pause was.
        fresh = at - shown_at > PAUSE
        shown_at = at if fresh else shown_at
        bubbles.append(bubble(world, vendor, at, json.loads(text)) | {"show_time": fresh})
    return bubbles


def bubble(world: World, vendor: str, at: float, doc: Doc) -> Doc:
    """One message ready for the template; everything that came from outside is escaped here or there."""
    shown: Doc = {"time": moment(at, True), "iso": iso(at), "kind": "text", "recalled": "recalled" in doc}
    shown["who"] = "群机器人" if vendor == "robot" else doc.get("nickname") or "机器人"
    shown["guest"] = bool(doc.get("guest"))
    shown["notice"] = vendor == "qq_notice"
    shown["by_hand"] = doc.get("how") == "person"
    shown["silent"] = doc.get("how") == "publish"
    if vendor == "wechat" and doc["articles"]:
        return shown | {"kind": "articles", "cards": [card(world, id) for id in doc["articles"]]}
    if vendor != "wechat" and doc.get("articles"):
        return shown | {"kind": "news", "cards": [news_card(item) for item in doc["articles"]]}
    pictures = [segment["data"].get("url", "") for segment in doc.get("segments", []) if segment["type"] == "image"]
    pictures += [f"/blob/{blob}" for blob in doc.get("blobs", [])] + ([doc["image"]] if "image" in doc else [])
    shown["pictures"] = [path for path in (local_path(url) for url in pictures) if path]
    if shown["pictures"]:
        doc["text"] = doc["text"].replace("[图片]", "")  # the picture itself stands below
    return shown | {
        "html": markdown(doc["text"]) if is_markdown(doc) else linked(doc.get("text", "")),
        "mentioned": doc.get("mentioned", []),
    }


def local_path(url: str) -> str:
    """A picture's path on this sandbox; pictures from elsewhere are not fetched, the page works offline."""
    match = re.fullmatch(r"(?:http://127\.0\.0\.1:\d+)?(/blob/[0-9a-f]{32})", url)
    return match.group(1) if match else ""


def card(world: World, id: str) -> Doc:
    """An article's card."""
    doc = articles.get(world, id)
    return {
        "title": doc["title"],
        "digest": doc["digest"],
        "url": f"/s/{id}",
        "cover": f"/blob/{doc['cover']}" if doc["cover"] else "",
        "gone": doc["state"] != "live",
    }


def news_card(item: Doc) -> Doc:
    """A card that a robot posted; only web addresses become links."""
    url = item["url"] if re.match(r"https?://", item["url"]) else ""
    return {"title": item["title"], "digest": item["description"], "url": url, "cover": "", "gone": False}


def linked(text: str) -> Markup:
    """Plain text, escaped, its web addresses clickable."""
    parts, position = [], 0
    for match in LINK.finditer(text):
        parts.append(escape(text[position : match.start()]))
        parts.append(Markup('<a href="{0}" rel="noreferrer noopener">{0}</a>').format(match.group()))
        position = match.end()
    parts.append(escape(text[position:]))
    return Markup("").join(parts)


def is_markdown(doc: Doc) -> bool:
    """Whether a message is shown with its marks turned into looks."""
    return str(doc.get("msgtype", "")).startswith("markdown")


def unmarked(text: str) -> str:
    """The small markdown of WeCom as plain words: a link's title, a heading, a quotation, bold and coloured text."""
    text = re.sub(r"\[([^\]]+)\]\((https?://[^\s)]+)\)", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    text = re.sub(r"<font color=\"(?:info|comment|warning)\">(.*?)</font>", r"\1", text)
    return re.sub(r"^(?:#{1,6} +|> ?)", "", text, flags=re.MULTILINE)


def markdown(text: str) -> Markup:
    """The small markdown that WeCom shows, line by line, from escaped text."""
    return Markup("\n").join(Markup(markdown_line(str(escape(line)))) for line in text.split("\n"))  # noqa: S704


def markdown_line(line: str) -> str:
    """One escaped line with its marks turned into elements."""
    line = re.sub(r"\[([^\]]+)\]\((https?://[^\s)]+)\)", r'<a href="\2" rel="noreferrer noopener">\1</a>', line)
    line = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", line)
    line = FONT.sub(r'<span class="md-\1">\2</span>', line)
    if heading := re.match(r"#{1,6} +(.*)", line):
        return f'<b class="md-h">{heading.group(1)}</b>'
    if quoted := re.match(r"&gt; ?(.*)", line):
        return f'<span class="md-q">{quoted.group(1)}</span>'
    return line


def article_page(world: World, id: str) -> Response:
    """An article as its readers open it."""
    doc = world.state.get("article", "", id)
    if doc is None or doc["state"] != "live":
        gone = doc is not None and doc["state"] == "deleted"
        html = render_template(
            "article.html", doc=None, words="该内容已被发布者删除" if gone else "参数错误或内容尚未发布"
        )
        return Response(html, status=200, content_type="text/html; charset=utf-8")
    return article_response(doc | {"content": articles.content(world, id)}, moment(doc["live_at"], True), draft=False)


def draft_page(world: World, media_id: str, index: int) -> Response:
    """A draft as the office previews it."""
    for account in load_all(world.state, Account):
        draft = world.state.get("draft", account.appid, media_id)
        if draft is not None and index < len(draft["items"]):
            doc = draft["items"][index] | {"account": account.name}
            return article_response(doc, moment(draft["update_time"], True), draft=True)
    return Response(
        render_template("article.html", doc=None, words="草稿已不在草稿箱"), content_type="text/html; charset=utf-8"
    )


def article_response(doc: Doc, when: str, draft: bool) -> Response:
    """The page itself; its content was cleaned when the draft came in, and a policy forbids scripts once more."""
    content = re.sub(r'src="http://127\.0\.0\.1:\d+/mmbiz', 'src="/mmbiz', doc["content"])
    html = render_template("article.html", doc=doc, content=Markup(content), when=when, draft=draft)  # noqa: S704
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"
    return response
