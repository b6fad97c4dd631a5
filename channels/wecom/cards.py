"""A bundle as 企业微信 shows it: text, markdown, cards. Robots, apps and chats read the same forms.

https://developer.work.weixin.qq.com/document/path/90236 (应用消息), path/99110 (消息推送).
"""

from __future__ import annotations

import re
from typing import Any

from channels.base import Content
from channels.words import clean, facts, fitted, heading, link, plain, purpose, says_all
from rules.bundle import Bundle, Piece
from rules.text import cut, cut_chars, size

#: Bytes.
TITLE, DESCRIPTION, URL = 128, 512, 2048
#: Bytes of text and markdown of an app or a chat; a robot's markdown may be longer.
CONTENT = 2048
#: Characters a template card shows: title, small title, paragraph, a line's value (建议不超过).
CARD_TITLE, CARD_DESC, CARD_TEXT, CARD_VALUE = 36, 44, 112, 30
#: Lines of a template card; each carries one linked piece.
CARD_LINES = 6
#: The key of the button that says 已阅.
ACK = "ack"

#: Markdown here knows no escape sign, so what could make a link, a font tag or an <@userid> becomes its full-width twin.
FONT = re.compile(r'<font color="comment">|</font>')
FULL_WIDTH = str.maketrans("[]<>*`#\\&", "［］＜＞＊｀＃＼＆")
_TAGS = str.maketrans("<>&", "＜＞＆")
_DIV = '<div class="{}">{}</div>'
_TAG = re.compile(r'<div class="[a-z]+">|</div>')


def shown(bundle: Bundle, form: str) -> Content:
    """The bundle in the form that is set; several cards are news, and what fits no card is text, its links whole."""
    if form == "markdown":
        return markdown(bundle, CONTENT)
    if form == "template_card" and _fits_a_card(bundle):
        return template_card(bundle)
    if form == "textcard" and all(_is_linked(piece) for piece in bundle.pieces):
        return textcard(bundle) if len(bundle.pieces) == 1 else news(bundle)
    return text(bundle, CONTENT)


def text(bundle: Bundle, limit: int) -> Content:
    """Plain text; nobody in it can be mentioned."""
    whole, shortened = fitted(bundle, lambda tidy: plain(tidy).replace("<@", "＜@"), lambda t: size(t) <= limit)
    payload = {"msgtype": "text", "text": {"content": whole}}
    return Content(text=whole, payload=payload, bytes=size(whole), shortened=shortened)


def markdown(bundle: Bundle, limit: int) -> Content:
    """Markdown of the kind that knows colours."""
    whole, shortened = fitted(bundle, _markdown, lambda t: size(t) <= limit)
    payload = {"msgtype": "markdown", "markdown": {"content": whole}}
    return Content(text=FONT.sub("", whole), payload=payload, bytes=size(whole), shortened=shortened)


def news(bundle: Bundle) -> Content:
    """One article card a piece, each with its link."""
    tidy = clean(bundle)
    articles: list[dict[str, str]] = []
    shortened = False
    for piece in tidy.pieces:
        # The mark stands on the last card, where a person who checks the group looks last.
        mark = f"\n{bundle.mark}" if bundle.mark and piece is tidy.pieces[-1] else ""
        title = purpose(piece) + piece.title
        words = "\n".join(part for part in (heading(tidy), facts(piece), piece.summary) if part)
        room = DESCRIPTION - size(mark)
        shortened |= size(title) > TITLE or size(words) > room
        articles.append({"title": cut(title, TITLE), "description": cut(words, room) + mark, "url": piece.url})
    whole = "\n".join("\n".join(article.values()) for article in articles)
    payload = {"msgtype": "news", "news": {"articles": articles}}
    return Content(text=whole, payload=payload, bytes=size(whole), shortened=shortened)


def textcard(bundle: Bundle) -> Content:
    """One piece as a card that opens its link; the description knows `div`, so no title or summary may write one."""
    tidy = clean(bundle)
    (piece,) = tidy.pieces
    title = purpose(piece) + piece.title
    above = _DIV.format("gray", heading(tidy).translate(_TAGS))
    below = _DIV.format("gray", " · ".join(part for part in (facts(piece).translate(_TAGS), bundle.mark) if part))
    below = below if size(above + below) <= DESCRIPTION else _DIV.format("gray", bundle.mark)
    room = DESCRIPTION - size(above + below) - size(_DIV.format("normal", ""))
    summary = piece.summary.translate(_TAGS)
    middle = cut(summary, room)
    description = above + (_DIV.format("normal", middle) if middle else "") + below
    card = {"title": cut(title, TITLE), "description": description, "url": piece.url, "btntxt": "详情"}
    lost = size(title) > TITLE or middle != summary or facts(piece).translate(_TAGS) not in description
    words = "\n".join([card["title"], _TAG.sub("\n", description).replace("\n\n", "\n").strip("\n"), piece.url])
    payload = {"msgtype": "textcard", "textcard": card}
    return Content(text=words, payload=payload, bytes=size(words), shortened=lost)


def template_card(bundle: Bundle) -> Content:
    """A card with a button 已阅: each press is a receipt of one person. Its task id is put in when it is sent."""
    tidy = clean(bundle)
    first, several = tidy.pieces[0], len(tidy.pieces) > 1
    title = f"{tidy.kind}（{len(tidy.pieces)}条）" if several else purpose(first) + first.title
    below = "" if several else first.summary
    lines = [_line(n, piece) for n, piece in enumerate(tidy.pieces, 1)] if several else _facts(first)
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": cut_chars(title, CARD_TITLE), "desc": cut_chars(heading(tidy), CARD_DESC)},
        "sub_title_text": "\n".join(part for part in (cut_chars(below, CARD_TEXT), bundle.mark) if part),
        "horizontal_content_list": lines,
        "button_list": [{"text": "已阅", "style": 1, "key": ACK}],
    }
    if first.url and not several:
        card["card_action"] = {"type": 1, "url": first.url}
    words = "\n".join(
        [*card["main_title"].values(), card["sub_title_text"], *map(_said, lines), "" if several else first.url]
    )
    whole = [title, below, *(_told(piece) for piece in tidy.pieces if several)]
    room = [CARD_TITLE, CARD_TEXT, *[CARD_VALUE] * len(tidy.pieces)]
    lost = any(len(part) > most for part, most in zip(whole, room, strict=False))
    payload = {"msgtype": "template_card", "template_card": card}
    return Content(text=words.strip(), payload=payload, bytes=size(words), shortened=lost)


def _line(number: int, piece: Piece) -> dict[str, Any]:
    line: dict[str, Any] = {"keyname": f"第{number}条", "value": cut_chars(_told(piece), CARD_VALUE)}
    return {**line, "type": 1, "url": piece.url} if piece.url else line


def _facts(piece: Piece) -> list[dict[str, Any]]:
    pairs = {"责任部门": cut_chars(piece.department, CARD_VALUE), "类型": "公示通知" if piece.notice else ""}
    return [{"keyname": name, "value": value} for name, value in pairs.items() if value]


def _said(line: dict[str, Any]) -> str:
    return " ".join(part for part in (f"{line['keyname']}：{line['value']}", line.get("url", "")) if part)


def _told(piece: Piece) -> str:
    return purpose(piece) + ("【公示】" if piece.notice else "") + piece.title


def _fits_a_card(bundle: Bundle) -> bool:
    return len(bundle.pieces) <= CARD_LINES and all(not p.url.strip() or _is_linked(p) for p in bundle.pieces)


def _is_linked(piece: Piece) -> bool:
    url = link(piece.url)
    return url.startswith(("http://", "https://")) and size(url) <= URL


def _markdown(bundle: Bundle) -> str:
    several = len(bundle.pieces) > 1
    lines = [f"**{_safe(heading(bundle))}**"]
    for number, piece in enumerate(bundle.pieces, 1):
        lines.append((f"{number}. " if several else "") + purpose(piece) + _linked(piece))
        if piece.summary and (not several or says_all(piece)):
            lines.append(f"> {_safe(piece.summary)}")
        if small := _safe(facts(piece)):
            lines.append(f'<font color="comment">{small}</font>')
    return "\n".join([*lines, *([f'<font color="comment">{bundle.mark}</font>'] if bundle.mark else [])])


def _linked(piece: Piece) -> str:
    title = _safe(piece.title)
    return f"[{title}]({piece.url})" if piece.url else title


def _safe(words: str) -> str:
    return words.translate(FULL_WIDTH)
