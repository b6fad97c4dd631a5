"""A bundle as articles: within the platform's limits, with our mark, and as the text that the log keeps. Pure.

developers.weixin.qq.com, 新增草稿 draft/add: title up to 32 characters, digest 128 and only for a single article,
content below 20,000 characters and 1 MB, content_source_url 1 KB, at most 8 articles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from channels import http
from channels.base import Content
from channels.wechat_oa import markup
from channels.wechat_oa.options import MASS_SEND, Mode, Options
from rules.bundle import RETRACTION, Bundle, Piece, mark_of
from rules.text import cut_chars, size

MOST_ARTICLES = 8
TITLE, AUTHOR, DIGEST, CONTENT, ADDRESS_BYTES = 32, 16, 120, 19_500, 1024

#: Room for an image's new address, which is longer than most old ones.
_IMAGE_ROOM = 400
_MARKED = re.compile(r"([#?&])xxgk=([0-9a-f]{16,64})\b")
_CUT_SHORT = markup.paragraph("（内容较长，此处从略，全文见原文。）")


def render(bundle: Bundle, options: Options) -> Content:
    """The bundle as one draft: an article for each piece."""
    made = [_article(piece, bundle, options) for piece in bundle.pieces]
    payload: dict[str, Any] = {"articles": [article for article, _cut in made]}
    if bundle.spared and options.mode is Mode.MASS:
        payload |= {"mode": Mode.PUBLISH.value, "spares": {MASS_SEND: bundle.spared}}
    text = "\n\n".join(_readable(article) for article, _cut in made)
    return Content(text=text, payload=payload, bytes=len(http.utf8(payload)), shortened=any(cut for _a, cut in made))


def marker(key: str) -> str:
    """What a draft or article of a push carries in its source address, so that it is found again."""
    return f"xxgk={key}"


def carries(item: Mapping[str, Any], key: str, mark: str) -> bool:
    """True if a draft or a published article, as the platform lists it, is one of this push."""
    news = (item.get("content") or {}).get("news_item") or []
    return any(
        marker(key) in str(article.get("content_source_url", "")) or mark in str(article.get("content", ""))
        for article in news
    )


def marked(url: str, key: str) -> str:
    """The address with our mark: as a fragment, which no web server sees, or beside one that is already there."""
    parts = urlsplit(url)
    if not parts.fragment:
        return urlunsplit(parts._replace(fragment=marker(key)))
    query = f"{parts.query}&{marker(key)}" if parts.query else marker(key)
    return urlunsplit(parts._replace(query=query))


def unmarked(url: str) -> tuple[str, str]:
    """The address without our mark, and the push's key that it names (empty: it carries none)."""
    found = _MARKED.search(url)
    return (url[: found.start()] + url[found.end() :], found[2]) if found else (url, "")


def _article(piece: Piece, bundle: Bundle, options: Options) -> tuple[dict[str, Any], bool]:
    heading = mark_of(piece.purpose) + (_line(piece.title) or "信息公开")
    if piece.purpose == RETRACTION:
        piece = replace(piece, url="")  # nobody is led to what no longer holds
    own = _source(piece.url, bundle.key)
    source = own or _source(options.home, bundle.key)
    hint = "（点击文末“阅读原文”查看）" if own else ""
    content, shortened = _content(piece, heading, hint, "" if source else bundle.mark, options)
    article: dict[str, Any] = {
        "article_type": "news",
        "title": cut_chars(heading, TITLE),
        "author": cut_chars(_line(options.author or bundle.school), AUTHOR),
        "content": content,
        "content_source_url": source,
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }
    if len(bundle.pieces) == 1:
        article["digest"] = cut_chars(_line(_digest(piece)) or heading, DIGEST)
    return article, shortened


def _source(address: str, key: str) -> str:
    """Where 阅读原文 leads; empty if the address will not do."""
    address = address.strip()
    fits = _is_web(address) and size(marked(address, key)) <= ADDRESS_BYTES
    return marked(address, key) if fits else ""


def _content(piece: Piece, heading: str, hint: str, mark: str, options: Options) -> tuple[str, bool]:
    first = [f"<p><strong>{markup.escape(cut_chars(heading, 500))}</strong></p>"] if len(heading) > TITLE else []
    last = [markup.paragraph(f"责任部门：{cut_chars(_line(piece.department), 100)}")] if piece.department else []
    if piece.url and len(piece.url) <= 1000:
        last.append(markup.paragraph(f"原文：{piece.url}{hint}"))
    if mark:
        last.append(markup.paragraph(mark))
    room = CONTENT - len("".join([*first, *last])) - len(_CUT_SHORT)
    body = _fitting(_said(piece, heading, options), room)
    return "".join([*first, *body, *last]), body[-1:] == [_CUT_SHORT]


def _said(piece: Piece, heading: str, options: Options) -> list[str]:
    """What the article says: for a 公示 only that there is one, for a 撤回 only that the item no longer holds."""
    if piece.purpose == RETRACTION:
        return [markup.paragraph("该信息已撤回，请以学校最新公布的信息为准。")]
    if piece.notice:
        return [markup.paragraph("现予公示，公示内容及附件请查看原文。")]
    said = (markup.blocks(text, lambda src: _shown(src, piece.url, options)) for text in (piece.body, piece.summary))
    return next((blocks for blocks in said if blocks), [markup.paragraph(heading)])


def _fitting(blocks: list[str], room: int) -> list[str]:
    """As many whole blocks as there is room for, then a line that says so; of a first one too long, its beginning."""
    kept: list[str] = []
    for block in blocks:
        room -= len(block) + _IMAGE_ROOM * block.count("<img ")
        if room < 0:
            break
        kept.append(block)
    if len(kept) == len(blocks):
        return kept
    if not kept:
        kept = [markup.paragraph(cut_chars(markup.plain(blocks[0]), 2000))]  # escaping makes one character five
    return [*kept, _CUT_SHORT]


def _shown(src: str, page: str, options: Options) -> str | None:
    """The full address of an image if its host is one the school has named."""
    try:
        address = urljoin(page, src)
        parts = urlsplit(address)
        host = parts.netloc.lower()
    except ValueError:
        return None
    named = host in options.image_hosts or (parts.hostname or "") in options.image_hosts
    return address if parts.scheme in ("http", "https") and "@" not in host and named else None


def _digest(piece: Piece) -> str:
    if piece.purpose == RETRACTION or piece.notice:
        return ""
    return markup.plain("".join(markup.blocks(piece.summary, lambda _src: None)))


def _readable(article: Mapping[str, Any]) -> str:
    return f"{article['title']}\n{markup.plain(article['content'])}"


def _line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", address)
