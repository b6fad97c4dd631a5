"""A list on any site, read by the CSS selectors that the school sets; no selector is ever guessed.

An article is recognised by its address (path and query); where the query carries more than its number, `id_param` names
the one part that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

import soupsieve
from bs4 import Tag

from rules.school import Column
from sources.article import Article, check_open, files_in, first_text, looks_like_file, soup_of
from sources.base import NO_SECRETS
from sources.listed import Line, ListPage, dated, href_of, pieces_of, same_host, title_of, whole_title
from sources.listed_days import full_day
from sources.listing import Listing
from sources.listing_cursor import Known
from sources.markup import simple_html

#: key -> what it selects, in words for the administrator.
SELECTORS = {
    "item": "列表中的一行",
    "link": "一行中指向文章的链接，不写则为第一个链接",
    "title": "一行中的标题，不写则为链接的文字",
    "date": "一行中的日期",
    "next": "“下一页”的链接，不写则只读第一页",
    "body": "文章的正文",
    "article_title": "文章的标题，不写则用列表中的",
    "article_date": "文章中的发布日期",
    "attachments": "附件的链接，不写则为正文中的文件链接",
}
NEEDED = ("item", "body")


@dataclass(frozen=True)
class Selectors:
    """What the school has set, checked."""

    of: Mapping[str, soupsieve.SoupSieve]
    id_param: str = ""

    @classmethod
    def from_options(cls, column: Column, options: Mapping[str, object]) -> Selectors:
        """Raises ValueError that names the key and the fix."""
        at = f"监看“{column.name}”"
        for key in NEEDED:
            if not options.get(key):
                raise ValueError(
                    f"{at}缺少 {key}（{SELECTORS[key]}）。请写它的 CSS 选择器，写法见 docs/接入你的数据源.md"
                )
        if not options.get("date") and not options.get("article_date"):
            raise ValueError(
                f"{at}的 date（{SELECTORS['date']}）和 article_date（{SELECTORS['article_date']}）至少写一个"
            )
        id_param = options.get("id_param", "")
        if not isinstance(id_param, str):
            raise ValueError(
                f'{at}的 id_param 应是网址中编号的名称。如 shownews.asp?newsid=30737 写 id_param = "newsid"'
            )
        given = {key: options[key] for key in SELECTORS if key in options}
        return cls({key: _compiled(at, key, text) for key, text in given.items()}, id_param)

    def one(self, key: str, within: Tag) -> Tag | None:
        """The first element that a key selects in another, or that element itself; None if it is not set."""
        selector = self.of.get(key)
        if selector is None:
            return None
        return within if selector.match(within) else selector.select_one(within)

    def all(self, key: str, within: Tag) -> list[Tag]:
        """All elements that a key selects in another."""
        return list(self.of[key].select(within)) if key in self.of else []


def _compiled(at: str, key: str, text: object) -> soupsieve.SoupSieve:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f'{at}的 {key} 应是一个加引号的 CSS 选择器，如 "ul.news li"；不用的请删去这一行')
    try:
        return soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError:
        raise ValueError(
            f"{at}的 {key} 写的“{text[:60]}”不是 CSS 选择器（{SELECTORS[key]}）。请核对括号、引号和点号"
        ) from None


class HtmlList(Listing):
    """One list of a site, and the articles it leads to."""

    keys = (*SELECTORS, "id_param")
    fix = "核对 item、date、body 等选择器，写法见 docs/接入你的数据源.md"

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        super().__init__(column, clock, env)
        self._selectors = Selectors.from_options(column, self._options)

    def _list(self, text: str, url: str, today: date) -> ListPage:
        return parse_list(text, url, today, self._selectors)

    def _article(self, text: str, url: str, known: Known) -> Article:
        return parse_article(text, url, known.title, self._selectors)


def parse_list(html: str, url: str, today: date, by: Selectors) -> ListPage:
    """The lines of a list page in their order, each article once; one without a line is no list."""
    soup = soup_of(html)
    items = by.all("item", soup)
    rows: dict[str, tuple[Line, tuple[list[str], ...]]] = {}
    others = 0
    for item in items:
        link = by.one("link", item) if "link" in by.of else _first_link(item)
        address = href_of(link, url) if link else ""
        article = _article_of(address, by.id_param) if same_host(address, url) else ""
        title = title_of(by.one("title", item) or link) if link else ""
        others += bool(address) and not (article and title)
        if article and title:
            rows.setdefault(article, (Line(article, address, title), (pieces_of(by.one("date", item)),)))
    following = by.one("next", soup)
    next_url = href_of(following, url) if following else ""
    further = next_url if next_url != url and same_host(next_url, url) else ""
    return ListPage(dated(rows.values(), today), others, further, is_list=bool(rows))


def _first_link(item: Tag) -> Tag | None:
    return item if item.name == "a" else item.find("a", href=True)


def _article_of(address: str, id_param: str) -> str:
    """What an article is recognised by, "" for an address without the part of the query that counts."""
    parts = urlsplit(address)
    if not id_param:
        return parts.path + (f"?{parts.query}" if parts.query else "")
    number = parse_qs(parts.query).get(id_param, [""])[0]
    return f"{parts.path}?{id_param}={number}" if number else ""


def parse_article(html: str, url: str, listed: str, by: Selectors) -> Article:
    """An article page; raises Closed if it shows none. `listed` is its title in the list."""
    soup = soup_of(html)
    content = check_open(soup, by.one("body", soup))
    printed = by.one("article_date", soup)
    heading = first_text([by.one("article_title", soup)])
    links = by.all("attachments", soup) or content("a")
    chosen = "attachments" in by.of
    return Article(
        title=whole_title(listed, heading, first_text([soup.title])),
        body=simple_html(content, url),
        attachments=tuple(files_in(links, url, (lambda tag, address: True) if chosen else looks_like_file)),
        day=full_day(printed.get_text(" ")) if printed else None,
    )
