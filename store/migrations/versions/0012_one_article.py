"""All addresses of an article are one key: the file and the script that show it, each column, each visitor's session.

Where two items had two addresses of one article, the first gets the one key and the other keeps its own: they stay two.
"""

from __future__ import annotations

from rules.identity import address_key, plain_key
from store.migrations.renamed import HASHED, rename

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rename(_of_article)


def downgrade() -> None:
    rename(_plain)


def _of_article(name: str, urls: list[str]) -> str | None:
    """None too for a key that has kept its spelling since 0010: it is a second item's, and found by it."""
    if HASHED.fullmatch(name):
        return next((address_key(url) for url in urls if plain_key(url) == name), None)
    url = name.removeprefix("url:")
    return address_key(url) if plain_key(url) == name else None


def _plain(name: str, urls: list[str]) -> str | None:
    return next((plain_key(url) for url in urls if address_key(url) == name), None)
