"""The files that belong to an article: their names, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from rules.item import Attachment
from sources.article import FILE
from sources.base import Unread
from sources.web import Site, WebError

#: Downloads asked for their names in one article.
MOST_NAMES = 5
_PAGE = (b"<!doctype html", b"<html")
_PAGES = (".htm", ".html", ".xml", ".svg")


def named(site: Site, attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Attachments whose link does not tell what file they are get the name their download gives itself; raises WebError."""
    asked = 0
    found: list[Attachment] = []
    for each in attachments:
        name = each.name
        if not FILE.search(name) and site.holds(each.url) and asked < MOST_NAMES:
            asked += 1
            name = site.filename(each.url) or name
        found.append(Attachment(name or "附件", each.url))
    return tuple(found)


def opened(site: Site, attachment: Attachment) -> bytes:
    """What an attachment holds; raises Unread: also where a page comes instead, as it does when one must log in."""
    what = f"附件“{attachment.name}”没有取到"
    if not site.holds(attachment.url):
        raise Unread(f"{what}：它在别的网站，请人工打开条目的网页下载")
    try:
        content = site.content(attachment.url)
    except WebError as error:
        raise Unread(f"{what}：{error}") from None
    if not content:
        raise Unread(f"{what}：下载到的文件是空的，请打开条目的网页查看")
    suffix = PurePosixPath(attachment.name or urlsplit(attachment.url).path).suffix.lower()
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if suffix not in _PAGES and start.startswith(_PAGE):
        raise Unread(f"{what}：网站给出的是网页而不是文件，可能要求登录、验证或仅限校内访问，请人工下载")
    return content
