"""An article's page, whatever site it is from: what is read of it, and how a page says that it is not for us."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from rules.item import Attachment
from sources.cells import text_of
from sources.markup import is_empty
from sources.web import joined

#: What stands in place of an inner article.
_CLOSED = ("系统提示", "校内访问", "没有访问权限", "无权访问", "仅限校内", "校外访问")
#: A whole text that says no more than who may read it: 您当前IP并非校内地址，该信息仅允许校内地址访问.
_DENIED = re.compile(
    r"(?:校内|校园网|内网|VPN|IP).{0,12}(?:访问|查看|浏览|可见)|(?:没有|无权|暂无|无).{0,6}(?:权限|权访问|权查看)"
    r"|无权(?:访问|查看|浏览)|登录(?:后|以后|之后).{0,6}(?:查看|访问|浏览|阅读)|请先登录(?:校园网|后|再|$)",
    re.IGNORECASE,
)
LONGEST_DENIAL = 60
#: What a page without any article asks for; an article may well ask it too (请登录教务系统查询).
_LOGIN = ("请登录", "请先登录", "统一身份认证", "用户登录")
SHORT = 80
MOST_TEXT = 5_000
NOT_FOR_US = "要求登录或仅限校内访问"
_NAMELESS = frozenset(("", "下载", "点击下载", "附件", "附件下载", "查看", "点击查看", "点击这里"))
FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|zip|rar|7z|txt|csv|ofd)$", re.IGNORECASE)
_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,}(?:处|部|院|系|办|室|中心|馆|会|科|学校|大学)$")
_XML = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)
_JUNK = ("script", "style", "template", "noscript")


@dataclass(frozen=True)
class Article:
    """One article page; attachments without a name of their own have the name ""."""

    title: str
    body: str
    attachments: tuple[Attachment, ...] = ()
    day: date | None = None
    department: str = ""


class Closed(Exception):
    """The page shows no article to us: an inner page, or nothing we know."""


def soup_of(html: str) -> BeautifulSoup:
    """A page without what is not text of it. Whatever came is read as HTML: the parser would warn of other things."""
    soup = BeautifulSoup("\n" + _XML.sub("", html), "html.parser")
    for junk in soup(_JUNK):
        junk.decompose()
    return soup


def is_closed(page: Tag) -> bool:
    """True if a page without a list or an article says that it is an inner one or asks to log in."""
    return says(page, _CLOSED + _LOGIN, MOST_TEXT)


def check_open(soup: Tag, content: Tag | None) -> Tag:
    """The element that holds the text; raises Closed if there is none or it holds a denial instead."""
    if content is None:
        raise Closed(NOT_FOR_US if is_closed(soup) else "认不出正文")
    text = content.get_text("", strip=True)
    if len(text) <= LONGEST_DENIAL and _DENIED.search(text) and not content.find(["img", "a"]):
        raise Closed(NOT_FOR_US)
    if says(content, _CLOSED, SHORT) or (is_empty(content) and says(soup, _CLOSED + _LOGIN, SHORT * 10)):
        raise Closed(NOT_FOR_US)
    return content


def says(tag: Tag, phrases: tuple[str, ...], longest: int) -> bool:
    """True if a text, not longer than such notes are, says one of these."""
    text = tag.get_text(" ", strip=True)
    return len(text) <= longest and any(words in text for words in phrases)


def first_text(tags: Iterable[Tag | None]) -> str:
    """The text of the first of these that has one."""
    return next((text for tag in tags if tag and (text := text_of(tag.get_text(" ")))), "")


def office_of(text: str) -> str:
    """The publisher if it is an office; a person's name is not kept."""
    name = text_of(re.sub(r"^.*?[:：]", "", text))
    return name if _OFFICE.fullmatch(name) else ""


def looks_like_file(tag: Tag, address: str) -> bool:
    """True for a link whose address or text ends like a file's name."""
    return bool(FILE.search(urlsplit(address).path) or FILE.search(text_of(tag.get_text())))


def nothing_noted(tag: Tag) -> str:
    """For sites that note the name of a file nowhere but in the link's text."""
    return ""


def files_in(
    tags: Iterable[Tag],
    url: str,
    is_file: Callable[[Tag, str], bool] = looks_like_file,
    noted: Callable[[Tag], str] = nothing_noted,
) -> Iterator[Attachment]:
    """The files that these elements of the page at `url` lead to, each once; `noted` is the site's own note of a name."""
    seen: set[str] = set()
    for tag in tags:
        source = str(tag.get("pdfsrc") or (tag.get("href") if tag.name == "a" else "") or "").strip()
        address = joined(url, source) if source else ""
        if address in seen or not address.startswith(("http://", "https://")) or not is_file(tag, address):
            continue
        seen.add(address)
        yield Attachment(_name(tag, address, noted(tag)), address)


def _name(tag: Tag, address: str, noted: str) -> str:
    """The attachment's name: the site's own note of it, else what the link says; "" if neither names anything."""
    shown = text_of(tag.get_text(" "))
    name = text_of(noted) or ("" if shown in _NAMELESS else shown)
    suffix = FILE.search(urlsplit(address).path)
    return f"{name}{suffix[0]}" if name and suffix and not FILE.search(name) else name
