"""The JSON list of 苏迪 WebPlus, as its own pages ask for it: exact times and whole titles.

`POST /_wp3services/generalQuery?queryObj=articles` with siteId, columnId, pageIndex, rows, orders and returnInfos answers
{"total": …, "pageCount": …, "data": [{"title": …, "publishTime": …, "url": …}]}. siteId stands in the list page as
`sudy-wp-siteId="…"`. Ask the site's owner before using it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag

from rules.school import Column
from sources.cells import text_of
from sources.listed import Line, ListPage
from sources.listed_days import full_day
from sources.listing_cursor import Kept
from sources.web import Page, Site, WebError, joined
from sources.webplus_list import article_of, column_of

PATH = "/_wp3services/generalQuery?queryObj=articles"
ROWS = 20
_SITE = re.compile(r"sudy-wp-siteId\s*=\s*[\"']?(\d{1,9})", re.IGNORECASE)
_ORDERS = [{"field": "publishTime", "type": "desc"}]
_INFOS = [
    {"field": "title", "name": "title"},
    {"field": "publishTime", "pattern": [{"name": "d", "value": "yyyy-MM-dd HH:mm:ss"}], "name": "publishTime"},
    {"field": "link", "name": "link"},
]


@dataclass(frozen=True)
class Query:
    """What a column's list is asked for by."""

    site_id: str
    column_id: str

    @classmethod
    def of(cls, column: Column) -> Query:
        """From school.toml; raises ValueError that names the key and the fix."""
        numbers = {key: str(column.options.get(key, "")) for key in ("site_id", "column_id")}
        for key, number in numbers.items():
            if number and not number.isdecimal():
                raise ValueError(
                    f"监看“{column.name}”的 {key} 写的是“{number[:20]}”。请写网站管理员告知的编号，如 {key} = 414"
                )
        column_id = numbers["column_id"] or column_of(column.place)
        if not column_id:
            fix = "请写网站管理员告知的栏目编号，如 column_id = 26263"
            raise ValueError(f"监看“{column.name}”缺少 column_id：从 place 的网址看不出栏目编号。{fix}")
        return cls(numbers["site_id"], column_id)

    def page(self, site: Site, url: str, kept: Kept) -> Page:
        """One page of the list; its number is the address's fragment. Raises WebError."""
        place, number = urldefrag(url)
        form = {
            "siteId": self.site_id or _site_id(site, place, kept),
            "columnId": self.column_id,
            "pageIndex": number or "1",
            "rows": str(ROWS),
            "orders": json.dumps(_ORDERS),
            "returnInfos": json.dumps(_INFOS),
        }
        return Page(url, site.ask("POST", site.root + PATH, form))

    def lines(self, text: str, url: str) -> ListPage:
        """What the answer says; anything but such a list is none."""
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            return ListPage()
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return ListPage()
        found = {line.article: line for row in rows if (line := _line(row, url))}
        place, number = urldefrag(url)
        here, last = int(number or 1), answer.get("pageCount")
        more = here < last if isinstance(last, int) else len(rows) >= ROWS
        next_url = f"{place}#{here + 1}" if more else ""
        return ListPage(tuple(found.values()), len(rows) - len(found), next_url, is_list=True)


def _site_id(site: Site, place: str, kept: Kept) -> str:
    """The number in the list page, which is asked for only if it has changed; raises WebError."""
    about = kept.found
    page = site.get(place, str(about.get("etag", "")), str(about.get("modified", "")))
    if page.text is not None:
        found = _SITE.search(page.text)
        if found is None:
            raise WebError(
                "列表页中找不到 siteId，可能要求登录或网站改版；请打开网址查看，或向网站管理员问到后写 site_id"
            )
        about.update(site_id=found[1], etag=page.etag, modified=page.modified)
    return str(about.get("site_id", ""))


def _line(row: Mapping[str, Any], url: str) -> Line | None:
    where = next((row[key] for key in ("url", "link", "wapUrl") if isinstance(row.get(key), str) and row[key]), "")
    address = joined(url, where).split("#")[0].split("?")[0]
    article, title = article_of(address, url), text_of(str(row.get("title") or ""))
    if not article or not title:
        return None
    return Line(article, address, title, full_day(str(row.get("publishTime") or "")))
