"""One address is one key, whatever its spelling: http or https, the host in large letters, its usual port.

Where two items had one address in two spellings, the first gets the one key and the other keeps its own: they stay two.
"""

from __future__ import annotations

from rules.identity import plain_key, spelled_key
from store.migrations.renamed import HASHED, rename

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rename(_plain)


def downgrade() -> None:
    rename(_spelled)


def _plain(name: str, urls: list[str]) -> str | None:
    if HASHED.fullmatch(name):
        return next((plain_key(url) for url in urls if spelled_key(url) == name), None)
    return plain_key(name.removeprefix("url:"))


def _spelled(name: str, urls: list[str]) -> str | None:
    return next((spelled_key(url) for url in urls if plain_key(url) == name), None)
