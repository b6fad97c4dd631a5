"""What an app's message may say: each type's fields and limits, counted in bytes.

https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.state import Doc
from sandbox.texts import cut_bytes, oddity, plain
from sandbox.wecom_call import Work, string
from sandbox.wire import Refused

TEXT_BYTES = 2048
URL_BYTES = 2048
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512
PAGE_BYTES = 666 * 1024
ARTICLES = 8

# A reader checks one message type and returns its readable text and what else the books keep.
Read = tuple[str, Doc]
Reader = Callable[[Work, Doc], Read]


def read(work: Work, readers: dict[str, Reader]) -> Doc:
    """The message as it will be shown: type, text, size and the rest; or the vendor's refusal."""
    msgtype = work.body().get("msgtype")
    reader = readers.get(msgtype) if isinstance(msgtype, str) else None
    if reader is None:
        raise Refused(40008, "invalid message type")
    body = work.body().get(str(msgtype))
    if not isinstance(body, dict):
        raise Refused(44004, "empty content")
    text, extra = reader(work, body)
    if odd := oddity(text):
        work.call.flag(f"app {work.app.key}: text {odd}: {text[:60]}")
    return {"msgtype": msgtype, "text": text, "bytes": len(text.encode()), **extra}


def cut(work: Work, name: str, text: str, limit: int) -> str:
    """Text as far as the vendor shows it; what is cut off in silence is flagged."""
    size = len(text.encode())
    if size > limit:
        work.call.flag(f"app {work.app.key}: {name} of {size} bytes cut to {limit}")
    return cut_bytes(text, limit)


def required(body: Doc, name: str, errcode: int) -> str:
    """A text that must be there."""
    value = string(body, name)
    if not value:
        raise Refused(errcode, f"missing {name}")
    return value


def read_text(work: Work, body: Doc) -> Read:
    """Plain text; what is over the limit is cut off in silence."""
    return cut(work, "text", required(body, "content", 44004), TEXT_BYTES), {}


def read_markdown(work: Work, body: Doc) -> Read:
    """Markdown; over the limit it is refused, unlike text."""
    content = required(body, "content", 44004)
    if len(content.encode()) > TEXT_BYTES:
        raise Refused(45002, "content size out of limit")
    return content, {}


def link(body: Doc, name: str = "url") -> str:
    """A web address with its protocol."""
    url = required(body, name, 41010)
    if len(url.encode()) > URL_BYTES:
        raise Refused(40039, "invalid url length")
    if not re.match(r"https?://", url):
        raise Refused(45034, "url should have http:// or https://")
    return url


def read_textcard(work: Work, body: Doc) -> Read:
    """A linked card; title, description and button are cut in silence, the address is not."""
    title = cut(work, "textcard.title", required(body, "title", 41016), TITLE_BYTES)
    description = cut(work, "textcard.description", required(body, "description", 41033), DESCRIPTION_BYTES)
    card = {"title": title, "description": plain(description), "url": link(body)}
    button = (string(body, "btntxt") or "详情")[:4]
    return f"{title}\n{card['description']}\n{card['url']}", {"articles": [card], "button": button}


def articles_of(body: Doc) -> list[Doc]:
    """One to eight articles."""
    articles = body.get("articles")
    if not isinstance(articles, list) or not articles or not all(isinstance(one, dict) for one in articles):
        raise Refused(44003, "empty news data")
    if len(articles) > ARTICLES:
        raise Refused(45008, "article count out of limit")
    return articles


def read_news(work: Work, body: Doc) -> Read:
    """Linked cards."""
    cards = [
        {
            "title": cut(work, "news.title", required(article, "title", 41016), TITLE_BYTES),
            "description": cut(work, "news.description", string(article, "description"), DESCRIPTION_BYTES),
            "url": link(article),
            "picurl": string(article, "picurl"),
        }
        for article in articles_of(body)
    ]
    return "\n".join(f"{card['title']} {card['url']}" for card in cards), {"articles": cards}


def read_mpnews(work: Work, body: Doc) -> Read:
    """Articles that WeCom keeps itself."""
    pages = [mp_article(work, article) for article in articles_of(body)]
    return "\n".join(page["title"] for page in pages), {"pages": pages}


def mp_article(work: Work, article: Doc) -> Doc:
    """One article with its picture and its content."""
    content = required(article, "content", 44004)
    if len(content.encode()) > PAGE_BYTES:
        raise Refused(45002, "content size out of limit")
    media(work, required(article, "thumb_media_id", 41006), "image")
    return {
        "title": cut(work, "mpnews.title", required(article, "title", 41016), TITLE_BYTES),
        "author": cut(work, "mpnews.author", string(article, "author"), 64),
        "digest": cut(work, "mpnews.digest", string(article, "digest"), DESCRIPTION_BYTES),
        "content": content,
        "content_source_url": string(article, "content_source_url"),
    }


def media(work: Work, media_id: str, kind: str) -> Doc:
    """A file of this company that is still alive and of the right kind; a robot's file is none."""
    doc = work.state.get("wecom_media", work.corp.corpid, media_id)
    if doc is None or doc["type"] != kind or doc["expires"] <= work.now:
        raise Refused(40007, "invalid media_id")
    return doc


def read_file(kind: str, word: str) -> Reader:
    """A file that was uploaded before."""

    def reader(work: Work, body: Doc) -> Read:
        doc = media(work, required(body, "media_id", 41006), kind)
        path = f"/blob/{doc['blob']}"
        if kind == "image":
            return "[图片]", {"image": path}
        return f"[{word}] {doc['filename']}", {"file": path}

    return reader


CHAT_READERS: dict[str, Reader] = {
    "text": read_text,
    "markdown": read_markdown,
    "textcard": read_textcard,
    "news": read_news,
    "mpnews": read_mpnews,
    "image": read_file("image", "图片"),
    "file": read_file("file", "文件"),
    "voice": read_file("voice", "语音"),
    "video": read_file("video", "视频"),
}
