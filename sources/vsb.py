"""A column of a 博达 VSB (Visual SiteBuilder) site.

Lists stand in elements numbered `line_u8_0`, `line_u8_1`, …: u8 is the list's unit on the page. One article has two
addresses, info/<栏目>/<id>.htm and content.jsp?urltype=news.NewsContentUrl&wbtreeid=<栏目>&wbnewsid=<id>: its id is what it
is recognised by. The text stands in `#vsb_content` or `.v_news_content`, files at download.jsp?…DownloadAttachUrl…. Page
numbers run backwards (tzgg/77.htm is page 2), so that only the page's own link leads to the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup, Tag

from rules.item import Attachment
from rules.school import Column
from sources.article import Article, check_open, files_in, first_text, looks_like_file, office_of, soup_of
from sources.base import NO_SECRETS
from sources.cells import text_of
from sources.listed import Line, ListPage, dated, day_pieces, href_of, next_page, same_host, title_of, whole_title
from sources.listed_days import full_day
from sources.listing import Listing
from sources.listing_cursor import Known
from sources.markup import simple_html
from sources.web import joined

_STATIC = re.compile(r"(?P<site>.*)/info/\d+/(?P<article>\d+)\.htm$")
_LINE = re.compile(r"^line_?(u\d+)_\d+$")
_UNIT = re.compile(r"u\d{1,6}")
_PRINTED = re.compile(r"(?:发布时间|发布日期|时间|日期)\s*[:：]\s*(\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2})")
_PUBLISHER = re.compile(r"(?:发布者|发布部门|来源|作者|供稿)\s*[:：]\s*([\u4e00-\u9fff]{2,20})")
_PDF = re.compile(r"showVsbpdfIframe\(\s*[\"']([^\"']{1,300})[\"']")
_DOWNLOAD = "download.jsp"


class Vsb(Listing):
    """One list of a VSB site and the articles it leads to."""

    keys = ("unit",)
    fix = "核对 place 是不是栏目的列表页；页面上有几个列表的，请写 unit，写法见 docs/接入你的数据源.md"

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        super().__init__(column, clock, env)
        self._unit = str(self._options.get("unit", ""))
        if self._unit and not _UNIT.fullmatch(self._unit):
            fix = '请写列表各行 id 中 line_ 之后的一段，如 line_u8_0 写 unit = "u8"'
            raise ValueError(f"监看“{column.name}”的 unit 写的是“{self._unit[:20]}”。{fix}")

    def _named(self, url: str) -> str:
        return article_of(url)

    def _list(self, text: str, url: str, today: date) -> ListPage:
        return parse_list(text, url, today, self._unit)

    def _article(self, text: str, url: str, known: Known) -> Article:
        return parse_article(text, url, known.title)


def article_of(address: str) -> str:
    """What an article is recognised by under either of its addresses, "" for what is no article.

    Its number, whatever the column; a site in a folder of a shared host has numbers of its own: /jwc/n2345.
    """
    parts = urlsplit(address)
    static = _STATIC.fullmatch(parts.path)
    asked = parse_qs(parts.query).get("wbnewsid", [""])[0] if parts.path.endswith(".jsp") else ""
    site, number = static.groups() if static else (parts.path.rpartition("/")[0], asked)
    return f"{site and site + '/'}n{number}" if number.isdecimal() else ""


def parse_list(html: str, url: str, today: date, unit: str = "") -> ListPage:
    """The lines of a list page in their order, each article once."""
    soup = soup_of(html)
    items = _items(soup, url, unit)
    rows: dict[str, tuple[Line, tuple[list[str], list[str]]]] = {}
    others = 0
    for anchor in (anchor for item in items for anchor in item("a", href=True)):
        address = href_of(anchor, url)
        article = article_of(address) if same_host(address, url) else ""
        others += bool(address) and not article
        if article and (title := title_of(anchor)):
            line, pieces = rows.get(article) or (Line(article, address, title), day_pieces(anchor))
            better = _STATIC.search(address) and not _STATIC.search(line.url)
            rows[article] = (replace(line, url=address) if better else line), pieces
    return ListPage(dated(rows.values(), today), others, next_page(soup, url), is_list=bool(items))


def _items(soup: BeautifulSoup, url: str, unit: str) -> list[Tag]:
    """The elements of the column's list: those of its unit; where none is numbered, the list with most articles."""
    units: dict[str, list[Tag]] = {}
    for tag in soup.find_all(id=_LINE):
        found = _LINE.match(str(tag["id"]))
        units.setdefault(found[1] if found else "", []).append(tag)
    if unit or len(units) > 1:
        return units.get(unit or _paged(soup, units), [])
    if units:
        return next(iter(units.values()))
    holders: dict[int, tuple[Tag, int]] = {}
    for anchor in soup("a", href=True):
        holder = anchor.find_parent(["ul", "ol", "tbody", "table"])
        if holder is not None and article_of(href_of(anchor, url)):
            holders[id(holder)] = holder, holders.get(id(holder), (holder, 0))[1] + 1
    return [max(holders.values(), key=lambda each: each[1])[0]] if holders else []


def _paged(soup: BeautifulSoup, units: Mapping[str, list[Tag]]) -> str:
    """Of several lists on a page, the one nearest its paging; without paging the longest, "" where none is."""
    paging = soup.find(class_=re.compile("^(?:pb_sys_common|p_pages|pagination)$")) or soup.find(
        id=re.compile("^fanye")
    )
    for around in paging.parents if paging else ():
        inside = [unit for unit, tags in units.items() if any(around in tag.parents for tag in tags)]
        if inside:
            return inside[0] if len(inside) == 1 else ""
    lengths = sorted(((len(tags), unit) for unit, tags in units.items()), reverse=True)
    return lengths[0][1] if lengths[0][0] > lengths[1][0] else ""


def parse_article(html: str, url: str, listed: str) -> Article:
    """An article page; raises Closed if it shows none. `listed` is its title in the list."""
    soup = soup_of(html)
    content = check_open(soup, soup.select_one(".v_news_content, [id^=vsb_content]"))
    form = soup.find("form", attrs={"name": "_newscontent_fromname"}) or content.parent or content
    meta = soup.find("meta", attrs={"name": re.compile("^(?:pageTitle|ArticleTitle)$", re.IGNORECASE)})
    noted = text_of(str(meta.get("content") or "")) if meta else ""
    around = _around(form, content)
    printed, publisher = _PRINTED.search(around), _PUBLISHER.search(around)
    return Article(
        title=whole_title(listed, first_text(form(["h1", "h2", "h3"])) or noted, first_text([soup.title])),
        body=simple_html(content, url),
        attachments=(*files_in(soup("a"), url, _is_file_of(content)), *_shown_files(html, url)),
        day=full_day(printed[1]) if printed else None,
        department=office_of(publisher[1]) if publisher else "",
    )


def _around(form: Tag, content: Tag) -> str:
    """What stands around the text: when it was published, and by whom."""
    return " ".join(text_of(str(text)) for text in form.find_all(string=True) if content not in text.parents)


def _is_file_of(content: Tag) -> Callable[[Tag, str], bool]:
    """Files of an article: its downloads wherever they stand, and in its text whatever looks like one."""
    return lambda tag, address: _DOWNLOAD in address or (content in tag.parents and looks_like_file(tag, address))


def _shown_files(html: str, url: str) -> Iterator[Attachment]:
    """PDFs that a script of the page shows."""
    for found in _PDF.findall(html):
        address = joined(url, found)
        if address.startswith(("http://", "https://")):
            yield Attachment(urlsplit(address).path.rsplit("/", 1)[-1], address)
