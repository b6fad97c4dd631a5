"""The list pages of 苏迪 WebPlus: text in, data out.

Lists stand in `#wp_news_wN`, their pages in `#wp_paging_wN`; articles at /yyyy/MMdd/c<column>a<article>/page.htm (or .psp).
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from sources.article import soup_of
from sources.listed import Line, ListPage, day_pieces, href_of, same_host, title_of
from sources.listed_days import made, shown_day

#: /yyyy/MMdd/…, on newer sites /d3/2d/…
_ARTICLE = re.compile(
    r"^/(?:.*/)?(?:(?P<y>\d{4})/(?P<m>\d{2})(?P<d>\d{2})|[\da-f]{2}/[\da-f]{2})/c(?P<c>\d+)a(?P<a>\d+)/page\.(?:htm|psp)$"
)
_LIST = re.compile(r"/(?P<c>\d+)/(?:list|main)\w*\.(?:htm|psp)$")


def made_on(url: str) -> date | None:
    """The day in an article's address."""
    found = _ARTICLE.match(urlsplit(url).path)
    return _made_on(found) if found else None


def _made_on(found: re.Match[str]) -> date | None:
    return made(int(found["y"]), int(found["m"]), int(found["d"])) if found["y"] else None


def article_of(address: str, url: str) -> str:
    """What an article of the site of `url` is recognised by, "" if the address is none of one."""
    found = _ARTICLE.match(urlsplit(address).path) if same_host(address, url) else None
    return f"a{found['a']}" if found else ""


def column_of(url: str) -> str:
    """The column's number in the address of its list page, "" if it has none."""
    found = _LIST.search(urlsplit(url).path)
    return found["c"] if found else ""


def parse_list(html: str, url: str, today: date) -> ListPage:
    """The lines of a list page in their order, each article once."""
    soup = soup_of(html)
    box = _box(soup, url)
    anchors = [anchor for anchor in box("a", href=True) if not _is_paging(anchor)] if box else []
    lines: dict[str, Line] = {}
    others = 0
    for anchor in anchors:
        line = _line(anchor, url, today)
        others += line is None and _leads_elsewhere(anchor, url)
        if line and (line.article not in lines or line.url.endswith(".htm") > lines[line.article].url.endswith(".htm")):
            lines[line.article] = line
    paging = _paging(soup)
    following = _next(paging, url) if paging else _next_number(url)
    return ListPage(tuple(lines.values()), others, following, guessed=paging is None, is_list=box is not None)


def _box(soup: BeautifulSoup, url: str) -> Tag | None:
    """The element that holds the list: the one its paging belongs to, else the one with most articles of the column."""
    for paging in soup.find_all(id=re.compile(r"^wp_paging_w\d+$")):
        box = soup.find(id=str(paging["id"]).replace("paging", "news"))
        if box is not None:
            return box
    column = column_of(url)
    groups: dict[int, tuple[Tag, list[int]]] = {}
    for anchor in soup("a", href=True):
        found = _ARTICLE.match(urlsplit(href_of(anchor, url)).path)
        holder = anchor.find_parent(["ul", "ol", "tbody", "table"]) or anchor.find_parent(id=re.compile("^wp_news_w"))
        if found and holder is not None:
            groups.setdefault(id(holder), (holder, []))[1].append(found["c"] == column)
    best = max(groups.values(), key=lambda group: (sum(group[1]), len(group[1])), default=None)
    return best[0] if best else soup.find(id=re.compile(r"^wp_news_w\d+$"))


def _is_paging(anchor: Tag) -> bool:
    return (
        anchor.find_parent(id=re.compile("^wp_paging_w")) is not None
        or anchor.find_parent(class_="wp_paging") is not None
    )


def _leads_elsewhere(anchor: Tag, url: str) -> bool:
    address = href_of(anchor, url)
    return bool(address) and not _LIST.search(urlsplit(address).path)


def _line(anchor: Tag, url: str, today: date) -> Line | None:
    address = href_of(anchor, url).split("?")[0]
    found = _ARTICLE.match(urlsplit(address).path)
    if not found or not same_host(address, url):
        return None
    return Line(f"a{found['a']}", address, title_of(anchor), _day(anchor, found, today))


def _day(anchor: Tag, found: re.Match[str], today: date) -> date | None:
    """The day the list shows (发布时间); the one in the address is when the article was made, and only tells the year."""
    beside, inside = day_pieces(anchor)
    near = _made_on(found)
    return shown_day(beside, near, today) or shown_day(inside, near, today)


def _paging(soup: BeautifulSoup) -> Tag | None:
    return soup.find(class_="wp_paging") or soup.find(id=re.compile(r"^wp_paging_w\d+$"))


def _next(paging: Tag, url: str) -> str:
    """The next page as the paging says, "" where it ends."""
    link = paging.find("a", class_="next")
    found = href_of(link, url) if link else ""
    return "" if found == url else found


def _next_number(url: str) -> str:
    """list2.htm after list.htm."""
    path = re.search(r"/list(\d*)\.(htm|psp)$", url)
    return f"{url[: path.start()]}/list{int(path[1] or 1) + 1}.{path[2]}" if path else ""
