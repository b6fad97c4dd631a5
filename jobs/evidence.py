"""Evidence (凭证): all that proves when, where and to whom an item was published, with nobody's number in it."""

from __future__ import annotations

import json
from typing import Any

from rules.guard import masked as without_numbers
from rules.privacy import masked, without_accounts
from store import evidence, seals
from store.db import Db
from store.evidence import Rows

#: What says how the bot works, and of persons' addresses what a vendor's answer may hold: neither is evidence.
_LEFT_OUT = {
    "deliveries": ("owner", "lease_until"),
    "attempts": ("owner",),
    "pushes": ("prepared", "evidence"),
    "receipts": ("dedup", "raw_digest"),
}

#: Where a version's own words stand.
_WORDS = ("title", "summary", "body")


def gather(db: Db, item_id: int) -> tuple[dict[str, Rows], str]:
    """Table -> rows of the item, addresses masked, and the sealed log's head; no `items` row: there is no such item."""
    with db.snapshot() as conn:
        found, head = evidence.of_item(conn, item_id), seals.head(conn)
    addresses = {row["address"] for row in found["deliveries"]}
    for table, rows in found.items():
        for row in rows:
            for name in _LEFT_OUT.get(table, ()):
                row.pop(name)
    for row in found["deliveries"]:
        row["address"] = masked(row["address"])
    for row in (*found["outcomes"], *found["receipts"], *found["deliveries"], *found["acts"], *found["recalls"]):
        row.update({name: _cleared(value, addresses) for name, value in row.items() if isinstance(value, str)})
    out = {row["version_id"] for row in found["placements"] if row["push_id"] is not None}
    inner = [row for row in found["item_versions"] if row["id"] not in out]
    inner += [row for row in found["items"] if row["version_id"] not in out]
    for row in inner:  # a text that never left may hold just what it was stopped for
        row.update({name: without_numbers(value) for name, value in row.items() if name in _WORDS and value})
    return found, head


def _cleared(text: str, addresses: set[str]) -> str:
    """Without the addresses the item went to, without any account that a vendor names, and without anybody's number."""
    text = without_accounts(text)
    for address in sorted(addresses, key=len, reverse=True):
        if len(address) > 3:
            text = text.replace(address, masked(address))
    return without_numbers(text)


def as_text(rows: Any) -> str:
    """The one spelling of rows as JSON: the same state gives the same signs."""
    return json.dumps(rows, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n"
