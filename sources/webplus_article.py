"""The article pages of 苏迪 WebPlus: text in, data out.

The text stands in `.wp_articlecontent`; attachments carry `sudyfile-attr`, PDFs shown in the page `pdfsrc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from rules.item import Attachment
from sources.cells import text_of
from sources.listed_days import full_day
from sources.markup import is_empty, simple_html

#: What stands in place of an inner article.
_CLOSED = ("系统提示", "校内访问", "没有访问权限", "无权访问", "仅限校内", "校外访问")
#: What a page without any article asks for; an article may well ask it too (请登录教务系统查询).
_LOGIN = ("请登录", "请先登录", "统一身份认证", "用户登录")
SHORT = 80
MOST_TEXT = 5_000
_NAMELESS = frozenset(("", "下载", "点击下载", "附件", "附件下载", "查看", "点击查看", "点击这里"))
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|zip|rar|7z|txt|csv|ofd)$", re.IGNORECASE)
_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,}(?:处|部|院|系|办|室|中心|馆|会|科|学校|大学)$")


@dataclass(frozen=True)
class Article:
    """One article page; attachments without a name of their own have the name ""."""

    title: str
    body: str
    attachments: tuple[Attachment, ...]
    day: date | None
    department: str


class Closed(Exception):
    """The page shows no article to us: an inner page, or nothing we know."""


def parse_article(html: str, url: str) -> Article:
    """An article page; raises Closed if it shows none."""
    soup = BeautifulSoup(html, "html.parser")
    for junk in soup(["script", "style", "template", "noscript"]):
        junk.decompose()
    content = soup.find(class_="wp_articlecontent")
    if content is None:
        raise Closed("要求登录或仅限校内访问" if _says(soup, _CLOSED + _LOGIN, MOST_TEXT) else "认不出正文")
    if _says(content, _CLOSED, SHORT) or (is_empty(content) and _says(soup, _CLOSED + _LOGIN, SHORT * 10)):
        raise Closed("要求登录或仅限校内访问")
    scope = content.find_parent(class_="article") or content
    return Article(
        title=_heading(soup),
        body=simple_html(content, url),
        attachments=tuple(_attachments((scope, content), url)),
        day=_printed_day(soup),
        department=_department(soup),
    )


def _says(tag: Tag, phrases: tuple[str, ...], longest: int) -> bool:
    """True if a text, not longer than such notes are, says one of these."""
    text = tag.get_text(" ", strip=True)
    return len(text) <= longest and any(words in text for words in phrases)


def _heading(soup: BeautifulSoup) -> str:
    for tag in (soup.find(class_="arti_title"), soup.find(class_="Article_Title"), soup.find("h1"), soup.title):
        text = text_of(tag.get_text(" ")) if tag else ""
        if text:
            return text
    return ""


def _printed_day(soup: BeautifulSoup) -> date | None:
    tag = soup.find(class_=re.compile("^(?:arti_update|Article_PublishDate)$"))
    return full_day(tag.get_text(" ")) if tag else None


def _department(soup: BeautifulSoup) -> str:
    """The publisher if it is an office; a person's name is not kept."""
    tag = soup.find(class_=re.compile("^(?:arti_publisher|arti_department|Article_Publisher)$"))
    name = text_of(re.sub(r"^.*?[:：]", "", tag.get_text(""))) if tag else ""
    return name if _OFFICE.fullmatch(name) else ""


def _attachments(scopes: Iterable[Tag], url: str) -> Iterable[Attachment]:
    seen: set[str] = set()
    for tag in (tag for scope in scopes for tag in scope(["a", "div", "span", "iframe"])):
        source = str(tag.get("pdfsrc") or (tag.get("href") if tag.name == "a" else "") or "").strip()
        address = urljoin(url, source) if source else ""
        if address in seen or not address.startswith(("http://", "https://")) or not _is_file(tag, address):
            continue
        seen.add(address)
        yield Attachment(_name(tag, address), address)


def _is_file(tag: Tag, address: str) -> bool:
    named = _FILE.search(urlsplit(address).path) or _FILE.search(text_of(tag.get_text()))
    return bool(tag.get("pdfsrc") or tag.get("sudyfile-attr") or named or "/_upload/article/files/" in address)


def _name(tag: Tag, address: str) -> str:
    """The attachment's name: WebPlus's own note of it, else what the link says; "" if neither names anything."""
    noted = re.search(r"['\"]title['\"]\s*:\s*['\"]([^'\"]+)['\"]", str(tag.get("sudyfile-attr") or ""))
    shown = text_of(tag.get_text(" "))
    name = text_of(noted[1]) if noted else ("" if shown in _NAMELESS else shown)
    suffix = _FILE.search(urlsplit(address).path)
    return f"{name}{suffix[0]}" if name and suffix and not _FILE.search(name) else name
