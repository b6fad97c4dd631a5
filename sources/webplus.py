"""A column of a 苏迪 WebPlus site, by its list page or by its JSON list.

An article is recognised by its number (…a123), whatever its title, its column or its ending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from rules.school import Column
from sources.article import Article
from sources.base import NO_SECRETS
from sources.listed import ListPage
from sources.listing import Listing
from sources.listing_cursor import Kept, Known
from sources.web import Page, Site
from sources.webplus_article import parse_article
from sources.webplus_json import Query
from sources.webplus_list import article_of, made_on, parse_list

LISTS = ("html", "json")


class WebPlus(Listing):
    """One list of a WebPlus site and the articles it leads to."""

    keys = ("list", "site_id", "column_id")

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        super().__init__(column, clock, env)
        kind = self._options.get("list", LISTS[0])
        if kind not in LISTS:
            raise ValueError(f"监看“{column.name}”的 list 写的是“{kind}”。请写 html（读列表页）或 json（读列表接口）")
        self._query = Query.of(column) if kind == "json" else None
        if self._query is None and len(self._options) > ("list" in self._options):
            raise ValueError(
                f'监看“{column.name}”写了 site_id 或 column_id，只有 list = "json" 时才用得上。请补上或去掉'
            )

    def _page(self, site: Site, url: str, kept: Kept, *validators: str) -> Page:
        return self._query.page(site, url, kept) if self._query else super()._page(site, url, kept, *validators)

    def _named(self, url: str) -> str:
        return article_of(url, url)

    def _list(self, text: str, url: str, today: date) -> ListPage:
        return self._query.lines(text, url) if self._query else parse_list(text, url, today)

    def _article(self, text: str, url: str, known: Known) -> Article:
        return parse_article(text, url)

    def _day(self, known: Known, article: Article) -> date | None:
        """What the list shows is 发布时间; the address only tells when the article was made."""
        return known.shown_on or article.day or made_on(known.url)
