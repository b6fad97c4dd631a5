"""All addresses of an article are one key: the file and the script that show it, each column, each visitor's session.

A site in a folder of a shared host numbers its articles anew: its items' own keys now name the folder too.

Where two items had two addresses of one article, the first gets the one key and the other keeps its own: they stay two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.addresses import one_address
from rules.identity import address_key, plain_key
from store.migrations.renamed import HASHED, rename

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


_FOLDED = re.compile(r"(?P<host>[^/]+)(?P<site>/.+)/info/\*/(?P<number>\d+)\.htm")


def upgrade() -> None:
    rename(_of_article)
    rename(_in_folder, "web:")


def downgrade() -> None:
    rename(_of_host, "web:")
    rename(_plain)


def _in_folder(name: str, urls: list[str]) -> str | None:
    """web:host:/jwc/n5946 for what was web:host:n5946, which now is an article's at the root."""
    return {old: new for old, new in _own(urls)}.get(name)


def _of_host(name: str, urls: list[str]) -> str | None:
    return {new: old for old, new in _own(urls)}.get(name)


def _own(urls: list[str]) -> Iterator[tuple[str, str]]:
    """An article's own key without and with its site's folder, of those in folders."""
    for found in filter(None, (_FOLDED.fullmatch(one_address(url)) for url in urls)):
        host, site, number = found["host"], found["site"], found["number"]
        yield f"web:{host}:n{number}", f"web:{host}:{site}/n{number}"


def _of_article(name: str, urls: list[str]) -> str | None:
    """None too for a key that has kept its spelling since 0010: it is a second item's, and found by it."""
    if HASHED.fullmatch(name):
        return next((address_key(url) for url in urls if plain_key(url) == name), None)
    url = name.removeprefix("url:")
    return address_key(url) if plain_key(url) == name else None


def _plain(name: str, urls: list[str]) -> str | None:
    return next((plain_key(url) for url in urls if address_key(url) == name), None)
