"""The school's own pages that the sandbox serves: of two days of the sample, below the sandbox's address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from demo.sandbox import Sandbox
from rules.item import Entry

#: Where the sample's pages lie, and those of the sandbox: in demo/config/targets.csv, and below its own address.
SITE, BELOW = "https://www.example.edu.cn/", "/xxgk/"
IN_CONFIG = f"http://127.0.0.1:9009{BELOW}"
DAYS = ("2020/0901/", "2020/1030/")


def site_of(base: str) -> str:
    """The address of the sandbox's web site."""
    return f"{base}{BELOW}"


def moves(site: str) -> dict[str, str]:
    """How the links of these pages begin in the sample, and how they begin where the sandbox serves them."""
    return {f"{SITE}{day}": f"{site}{day}" for day in DAYS}


def put_up(sandbox: Sandbox, entries: Iterable[Entry]) -> None:
    """The pages, with their titles."""
    links = [(each.url, each.title) for each in entries if each.url.startswith(tuple(moves("")))]
    pages = [{"path": BELOW + urlsplit(url).path.removeprefix("/"), "title": title} for url, title in links]
    sandbox.admin("setup", pages=pages)
