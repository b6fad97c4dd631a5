"""The list pages of 苏迪 WebPlus: text in, data out.

Lists stand in `#wp_news_wN`, their pages in `#wp_paging_wN`; articles at /yyyy/MMdd/c<column>a<article>/page.htm (or .psp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from sources.cells import text_of
from sources.listed_days import is_only_a_day, made, shown_day

_ARTICLE = re.compile(r"^/(?:.*/)?(?P<y>\d{4})/(?P<m>\d{2})(?P<d>\d{2})/c(?P<c>\d+)a(?P<a>\d+)/page\.(?:htm|psp)$")
_LIST = re.compile(r"/(?P<c>\d+)/(?:list|main)\w*\.(?:htm|psp)$")
_CUT = re.compile(r"(?:\.{2,}|…+)$")
_PINNED = re.compile(r"^[\[【(（]?\s*(?:置顶|顶|最新|new)\s*[\]】)）]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line of a list."""

    article: str
    url: str
    title: str
    day: date | None


@dataclass(frozen=True)
class ListPage:
    """What one page of a list says."""

    lines: tuple[Line, ...]
    #: Lines that lead to other sites or to no article.
    others: int
    #: The address of the next page, "" on the last.
    next_url: str
    #: False if the page does not look like a list at all (a firewall's page, a new template).
    is_list: bool


def made_on(url: str) -> date | None:
    """The day in an article's address."""
    found = _ARTICLE.match(urlsplit(url).path)
    return made(int(found["y"]), int(found["m"]), int(found["d"])) if found else None


def parse_list(html: str, url: str, today: date) -> ListPage:
    """The lines of a list page in their order, each article once."""
    soup = BeautifulSoup(html, "html.parser")
    for junk in soup(["script", "style", "template", "noscript"]):
        junk.decompose()
    box = _box(soup, url)
    anchors = [anchor for anchor in box("a", href=True) if not _is_paging(anchor)] if box else []
    lines: dict[str, Line] = {}
    others = 0
    for anchor in anchors:
        line = _line(anchor, url, today)
        others += line is None and _leads_elsewhere(anchor, url)
        if line and (line.article not in lines or line.url.endswith(".htm") > lines[line.article].url.endswith(".htm")):
            lines[line.article] = line
    return ListPage(tuple(lines.values()), others, _next(soup, url), box is not None)


def _box(soup: BeautifulSoup, url: str) -> Tag | None:
    """The element that holds the list: the one its paging belongs to, else the one with most articles of the column."""
    for paging in soup.find_all(id=re.compile(r"^wp_paging_w\d+$")):
        box = soup.find(id=str(paging["id"]).replace("paging", "news"))
        if box is not None:
            return box
    ours = _LIST.search(urlsplit(url).path)
    column = ours["c"] if ours else ""
    groups: dict[int, tuple[Tag, list[int]]] = {}
    for anchor in soup("a", href=True):
        found = _ARTICLE.match(urlsplit(urljoin(url, str(anchor["href"]))).path)
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
    href = str(anchor["href"]).strip()
    return not href.lower().startswith(("#", "javascript:", "mailto:")) and not _LIST.search(
        urlsplit(urljoin(url, href)).path
    )


def _line(anchor: Tag, url: str, today: date) -> Line | None:
    address = urljoin(url, str(anchor["href"]).strip()).split("#")[0].split("?")[0]
    found = _ARTICLE.match(urlsplit(address).path)
    if not found or urlsplit(address).hostname != urlsplit(url).hostname:
        return None
    return Line(f"a{found['a']}", address, _title(anchor), _day(anchor, found, today))


def _title(anchor: Tag) -> str:
    """The whole title: lists cut it on screen and keep it in `title=`; some put the day inside the link."""
    pieces = [piece for piece in _pieces(anchor) if not is_only_a_day(piece)]
    shown, whole = _PINNED.sub("", " ".join(pieces)), text_of(str(anchor.get("title") or ""))
    start = _CUT.sub("", shown).rstrip()
    same = start != shown or not shown or whole.startswith(start) or shown.startswith(whole)
    return whole if whole and same else shown


def _pieces(tag: Tag | None) -> list[str]:
    return [text for piece in (tag.find_all(string=True) if tag else ()) if (text := text_of(str(piece)))]


def _day(anchor: Tag, found: re.Match[str], today: date) -> date | None:
    """The day the list shows (发布时间); the one in the address is when the article was made, and only tells the year."""
    item = anchor.find_parent(["li", "tr", "dd"]) or anchor.parent
    inside = _pieces(anchor)
    beside = [piece for piece in _pieces(item) if piece not in inside]
    near = made(int(found["y"]), int(found["m"]), int(found["d"]))
    return shown_day(beside, near, today) or shown_day([p for p in inside if is_only_a_day(p)], near, today)


def _next(soup: BeautifulSoup, url: str) -> str:
    """The next page: what the paging says, else list2.htm after list.htm; "" where the paging ends."""
    paging = soup.find(class_="wp_paging") or soup.find(id=re.compile(r"^wp_paging_w\d+$"))
    link = paging.find("a", class_="next") if paging else None
    if paging is not None:
        href = str(link.get("href") or "") if link else ""
        found = urljoin(url, href) if href and not href.lower().startswith("javascript") else ""
        return "" if found == url else found
    path = re.search(r"/list(\d*)\.(htm|psp)$", url)
    return f"{url[: path.start()]}/list{int(path[1] or 1) + 1}.{path[2]}" if path else ""
