"""How often a page was visited, by the figure that it shows itself; never by the beacon that counts a visit.

A site prints its own counter beside an article: a script of the page asks an address for the figure and shows it.
That address is asked here, and nothing else but the page. What counts a visit is another address (`beacons`) and is
asked only by scripts and pictures of the page, which are not run and not loaded here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from sources.web import Site

#: One file for each kind of site; imported on first use.
REGISTRY = ("sources.webplus_counter", "sources.vsb_counter")


class Unread(Exception):
    """The page shows no figure that may be read; says why in words for the office."""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What is known of the counters of one kind of site."""

    name: str
    #: The paths of pages that are plain files: opening one counts nothing.
    pages: re.Pattern[str]
    #: The last parts of the paths that count a visit: never asked.
    beacons: tuple[str, ...]
    #: How the page's own script asks.
    method: str
    #: The answer that is a figure, its digits in group 1.
    figure: re.Pattern[str]
    #: (the page, its address) -> where its figure is asked for, "" if it shows none.
    asks: Callable[[str, str], str]


def all_counters() -> list[Counter]:
    """Every kind of site we know."""
    return [import_module(where).COUNTER for where in REGISTRY]


def read(site: Site, url: str) -> int | None:
    """The figure a page shows, None if the answer is none (0 too: sites answer so for what they do not count).

    Raises Unread for a page without a figure we may read, WebError if the site does not answer as it should.
    """
    counter = next((each for each in all_counters() if each.pages.search(urlsplit(url).path)), None)
    if counter is None:
        raise Unread("认不出这类网页的访问计数")
    page = site.get(url)
    if urlsplit(page.url).path != urlsplit(url).path:
        raise Unread("网页转到了别处")
    where = counter.asks(page.text or "", page.url)
    if not where:
        raise Unread("网页上没有显示访问次数，或要求登录、仅限校内访问")
    if counts_a_visit(where):
        raise Unread("网页给出的是记录访问的地址，未读取")
    found = counter.figure.fullmatch(site.ask(counter.method, where))
    return int(found[1]) or None if found else None


def counts_a_visit(url: str) -> bool:
    """True for an address that would count us as a visitor."""
    last = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1].lower()
    return any(last == beacon for counter in all_counters() for beacon in counter.beacons)
