"""Keys of addresses under other names, for the migrations that change what an address is kept by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from alembic import op

_keys = sa.table("item_keys", sa.column("name", sa.String), sa.column("item_id", sa.BigInteger))
_versions = sa.table(
    "item_versions",
    sa.column("id", sa.BigInteger),
    sa.column("item_id", sa.BigInteger),
    sa.column("url", sa.String),
)
#: A long key is kept as its beginning and its hash: what it was, the item's own address says.
HASHED = re.compile(r"url:.{116}#[0-9a-f]{64}", re.DOTALL)

#: The new name of a key, if it has another one: from its name and the addresses that its item has had, newest first.
Named = Callable[[str, list[str]], str | None]


def rename(named: Named, begins: str = "url:") -> None:
    """Each key that begins so gets its new name unless another has it: none is lost and none changes its item."""
    conn = op.get_bind()
    urls: dict[int, list[str]] = {}
    v = _versions.c
    for row in conn.execute(sa.select(v.item_id, v.url).where(v.url != "").order_by(v.item_id, v.id.desc())):
        urls.setdefault(row.item_id, []).append(row.url)
    found = conn.execute(
        sa.select(_keys).where(_keys.c.name.like(f"{begins}%")).order_by(_keys.c.item_id, _keys.c.name)
    ).all()
    taken = {row.name for row in found}
    changes = list(_changes(((row.name, named(row.name, urls.get(row.item_id, []))) for row in found), taken))
    if changes:
        change = sa.update(_keys).where(_keys.c.name == sa.bindparam("old")).values(name=sa.bindparam("new"))
        conn.execute(change, changes)


def _changes(pairs: Iterator[tuple[str, str | None]], taken: set[str]) -> Iterator[dict[str, str]]:
    for old, new in pairs:
        if new is not None and new not in taken:
            taken.add(new)
            yield {"old": old, "new": new}
