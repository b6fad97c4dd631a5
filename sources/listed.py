"""The lines of a list page, whatever site it is from: whole titles, the days shown, the next page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from bs4 import Tag

from sources.article import Article
from sources.cells import text_of
from sources.listed_days import is_only_a_day, month_and_day, shown_day, year_below
from sources.web import joined

_CUT = re.compile(r"(?:\.{2,}|…+)$")
_PINNED = re.compile(r"^[\[【(（]?\s*(?:置顶|顶|最新|new)\s*[\]】)）]\s*", re.IGNORECASE)
_NO_PAGE = ("#", "javascript:", "mailto:", "tel:")


@dataclass(frozen=True)
class Line:
    """One line of a list."""

    #: What the site itself tells its articles apart by.
    article: str
    url: str
    title: str
    day: date | None = None
    #: Month and day, as "12-28", where the list shows no year: that of `day` is then inferred, or `day` None.
    yearless: str = ""


@dataclass(frozen=True)
class ListPage:
    """What one page of a list says."""

    lines: tuple[Line, ...] = ()
    #: Lines that lead to other sites or to no article.
    others: int = 0
    #: The address of the next page, "" on the last.
    next_url: str = ""
    #: True if no link leads there: it may not exist.
    guessed: bool = False
    #: False if the page does not look like a list at all (a firewall's page, a new template).
    is_list: bool = False
    #: Articles that the list itself carries whole, by their line's `article`.
    whole: Mapping[str, Article] = field(default_factory=dict, compare=False)
    #: What its own articles could not be read for.
    closed: tuple[str, ...] = ()


def href_of(anchor: Tag, url: str) -> str:
    """Where a link of the page at `url` leads, without its fragment; "" if to no page."""
    href = str(anchor.get("href") or "").strip()
    if not href or href.lower().startswith(_NO_PAGE):
        return ""
    return joined(url, href).split("#")[0]


def same_host(address: str, url: str) -> bool:
    """True if both lie on one host."""
    try:
        return urlsplit(address).hostname == urlsplit(url).hostname
    except ValueError:
        return False


def title_of(anchor: Tag) -> str:
    """The whole title: lists cut it on screen and keep it in `title=`; some put the day inside the link."""
    pieces = [piece for piece in pieces_of(anchor) if not is_only_a_day(piece)]
    shown, whole = _PINNED.sub("", " ".join(pieces)), text_of(str(anchor.get("title") or ""))
    start = _CUT.sub("", shown).rstrip()
    same = start != shown or not shown or whole.startswith(start) or shown.startswith(whole)
    return whole if whole and same else shown


def whole_title(listed: str, heading: str, page_title: str) -> str:
    """A title: the article's own heading, else the list's; one that the list cut, as the browser's title has it."""
    start = _CUT.sub("", listed).rstrip()
    if heading or start == listed:
        return heading or listed
    longer = page_title.startswith(start) and len(page_title) > len(start)
    return re.split(r"\s*[-–—_|]\s*(?=[^-–—_|]*$)", page_title)[0] if longer else listed


def pieces_of(tag: Tag | None) -> list[str]:
    """The pieces of text in an element."""
    return [text for piece in (tag.find_all(string=True) if tag else ()) if (text := text_of(str(piece)))]


def day_pieces(anchor: Tag) -> tuple[list[str], list[str]]:
    """The pieces of text in which a line may show its day: those beside its link, and those in it that are a day alone."""
    item = anchor.find_parent(["li", "tr", "dd"]) or anchor.parent
    inside = pieces_of(anchor)
    beside = [piece for piece in pieces_of(item) if piece not in inside]
    return beside, [piece for piece in inside if is_only_a_day(piece)]


def dated(rows: Iterable[tuple[Line, Sequence[Sequence[str]]]], today: date) -> tuple[Line, ...]:
    """Lines with the days that the pieces of text beside them show; without a year, the one that the list's order tells."""
    lines: list[Line] = []
    above = today
    for line, places in rows:
        day = next((day for pieces in places if (day := shown_day(pieces, None, today))), None)
        short = None if day else next((found for pieces in places if (found := month_and_day(pieces))), None)
        if short:
            line, day = replace(line, yearless="{:02}-{:02}".format(*short)), year_below(short, above, today)
        lines.append(replace(line, day=day))
        above = day or above
    return tuple(lines)


def next_page(soup: Tag, url: str) -> str:
    """Where 下一页 leads, whatever numbers the pages bear; "" on the last."""
    for anchor in soup("a", href=True):
        named = any("next" in name.lower() for name in anchor.get("class") or ())
        if named or text_of(anchor.get_text()) in ("下一页", "下页", "后一页"):
            address = href_of(anchor, url)
            if address and address != url and same_host(address, url):
                return address
    return ""
