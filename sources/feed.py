"""RSS and Atom: a list that carries its articles whole; nothing else of the site is read.

RSS 2.0, RSS 1.0 and Atom (RFC 4287) through feedparser, from what we have fetched ourselves.
"""

from __future__ import annotations

import hashlib
import io
import re
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import parsedate
from typing import Any
from urllib.parse import unquote, urlsplit

import feedparser
from bs4 import Tag

from rules.addresses import sans_session
from rules.dates import day_of
from rules.item import Attachment
from rules.school import Column
from sources.article import Article, Closed, check_open, files_in, soup_of
from sources.base import NO_SECRETS
from sources.cells import text_of
from sources.listed import Line, ListPage, same_host
from sources.listed_days import full_day, made
from sources.listing import Listing
from sources.listing_cursor import Known
from sources.look import Look
from sources.markup import simple_html
from sources.web import Site, WebError, joined

_ENDS = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL)
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:?\d{2}|\b(?:GMT|UTC?))$")
_AS_UTF8 = {"content-type": "application/xml; charset=utf-8"}
LONGEST_ID = 200


class Feed(Listing):
    """One RSS or Atom feed."""

    keys = ("updated",)
    what = "订阅源（RSS、Atom）"
    fix = "核对 place 是不是订阅地址"

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        super().__init__(column, clock, env)
        self._updated = self._options.get("updated", False)
        if not isinstance(self._updated, bool):
            fix = "请写 true（只有更新时间，以它为公开日期）或 false"
            raise ValueError(f"监看“{column.name}”的 updated 写的是“{self._updated}”。{fix}")

    def _list(self, text: str, url: str, today: date) -> ListPage:
        return parse_feed(text, url, self._updated)

    def _article(self, text: str, url: str, known: Known) -> Article:
        """A page that is there is all that is asked of it: what it says stands in the feed."""
        return Article(known.title, "")

    def _read_articles(self, site: Site, look: Look) -> None:
        for name, article in look.whole.items():
            known = look.kept.articles[name]
            self._hand_over(self._made(known, article), known, look)
        for known in look.kept.due(look.now):  # one that was gone is asked for again: gone twice is 消失
            if known.gone and known.article not in look.whole:
                with suppress(WebError):
                    self._is_there(site, known, look)


def parse_feed(text: str, url: str, updated: bool = False) -> ListPage:
    """The articles of a feed in their order; a torn feed, or one with entities of its own, is none."""
    if not _ENDS.search(text) or "<!ENTITY" in text:
        return ListPage()
    feed = feedparser.parse(io.BytesIO(text.encode()), response_headers=_AS_UTF8, sanitize_html=False)
    lines: dict[str, Line] = {}
    whole: dict[str, Article] = {}
    closed: list[str] = []
    for entry in feed.entries:
        where = joined(url, str(entry.get("link") or "")) if entry.get("link") else ""
        if not same_host(where, url):
            continue
        day = _published(entry, updated or not feed.version.startswith("atom"))
        line = Line(_id(entry, where), where, _plain(str(entry.get("title") or "")), day)
        try:
            whole[line.article] = _carried(entry, line)
            lines[line.article] = line
        except Closed as error:
            closed.append(f"{where}：{error}")
    others = len(feed.entries) - len(lines) - len(closed)
    return ListPage(
        tuple(lines.values()), others, _next(feed, url), is_list=bool(feed.version), whole=whole, closed=tuple(closed)
    )


def _id(entry: Mapping[str, Any], where: str) -> str:
    name = sans_session(str(entry.get("id") or where))
    return name if len(name) <= LONGEST_ID else hashlib.sha256(name.encode()).hexdigest()


def _plain(title: str) -> str:
    """A title without the tags that some feeds put into it."""
    return text_of(soup_of(title).get_text(" ")) if "<" in title or "&" in title else text_of(title)


def _published(entry: Mapping[str, Any], updated: bool) -> date | None:
    """The day published, in Shanghai where the feed says which zone it means; `updated` may stand for it."""
    name = "published" if "published" in entry else "updated"
    if name not in entry or (name == "updated" and not updated):
        return None
    text, parsed = str(entry[name]).strip(), entry.get(f"{name}_parsed")
    if _ZONE.search(text) and parsed:
        return day_of(datetime.fromtimestamp(timegm(parsed), UTC))
    written = parsedate(text)
    return full_day(text) or (made(*written[:3]) if written else None)


def _carried(entry: Mapping[str, Any], line: Line) -> Article:
    """An article as the feed has it; raises Closed if a denial stands in its place."""
    contents = entry.get("content") or [{"value": entry.get("summary") or ""}]
    soup = soup_of(f"<div>{contents[0].get('value') or ''}</div>")
    body = soup.div or soup
    if body.get_text(strip=True):
        check_open(soup, body)
    return Article(line.title, simple_html(body, line.url), tuple(_files(entry, body, line.url)), line.day)


def _files(entry: Mapping[str, Any], body: Tag, url: str) -> Iterator[Attachment]:
    """What the feed encloses, and the files that the text links to."""
    found = {each.url: each for each in files_in(body("a"), url)}
    for enclosed in entry.get("enclosures") or ():
        address = joined(url, str(enclosed.get("href") or ""))
        if address.startswith(("http://", "https://")):
            name = unquote(urlsplit(address).path.rsplit("/", 1)[-1])
            found.setdefault(address, Attachment(name, address))
    return (replace(each, name=each.name or "附件") for each in found.values())


def _next(feed: Mapping[str, Any], url: str) -> str:
    """Its next page (RFC 5005), "" if it has none."""
    links = feed["feed"].get("links") or ()
    address = next((joined(url, str(link.get("href") or "")) for link in links if link.get("rel") == "next"), "")
    return address if address != url and same_host(address, url) else ""
