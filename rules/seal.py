"""Sealing (封存): rows become keyed digests, digests a chain. Pure: whoever has the rows and the key gets the same chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rules.privacy import digest_of

#: What the first seal stands on.
START = "0" * 64
#: The tables that are sealed, in their order, and what the office calls a row of each.
TABLES = {"attempts": "尝试", "outcomes": "结果", "receipts": "回执"}
#: So many signs of a head are printed: enough to find it again, short enough to be copied by hand.
SHORT = 16
CHANGED, REMOVED, REORDERED, INSERTED = "内容被改动", "有记录被删除", "记录被调换了次序", "多出了记录"
BROKEN_CHAIN, OTHER_KEY = "封存本身被改动、删除或调换", "密钥与封存时不同"


@dataclass(frozen=True, kw_only=True)
class Seal:
    """A run of rows of one table: `hash` of them in their order after `previous`, `content` of them in any order."""

    table_name: str
    from_id: int
    to_id: int
    rows: int
    content: str
    hash: str
    previous: str
    key_mark: str
    sealed_at: datetime
    id: int = 0


def canonical(row: Mapping[str, Any]) -> str:
    """The one spelling of a row: keys in order, instants in UTC."""
    return json.dumps(dict(row), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a seal")


def key_mark(key: str) -> str:
    """Tells two keys apart and shows neither."""
    return digest_of("xxgk seal", key)[:SHORT]


def seal(
    table: str, from_id: int, to_id: int, rows: Sequence[Mapping[str, Any]], previous: str, key: str, now: datetime
) -> Seal:
    """Seal these rows of a table, all that there are from `from_id` to `to_id`; each has an `id`."""
    digests = [digest_of(canonical(row), key) for row in rows]
    bare = sorted(digest_of(canonical({**row, "id": 0}), key) for row in rows)
    head = canonical({
        "previous": previous, "table": table, "from": from_id, "to": to_id, "rows": len(rows), "key": key_mark(key),
        "at": now,
    })  # fmt: skip
    return Seal(
        table_name=table, from_id=from_id, to_id=to_id, rows=len(rows), content=_sha256(*bare),
        hash=_sha256(head, *digests), previous=previous, key_mark=key_mark(key), sealed_at=now,
    )  # fmt: skip


def _sha256(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def difference(kept: Seal, rows: Sequence[Mapping[str, Any]], previous: str, key: str) -> str:
    """What is wrong with a seal, given the rows that stand in its place now and the hash before it; empty: nothing."""
    if kept.previous != previous:
        return BROKEN_CHAIN
    if kept.key_mark != key_mark(key):
        return OTHER_KEY
    again = seal(kept.table_name, kept.from_id, kept.to_id, rows, previous, key, kept.sealed_at)
    if again.hash == kept.hash and again.content == kept.content:
        return ""
    if again.rows != kept.rows:
        return REMOVED if again.rows < kept.rows else INSERTED
    if again.content != kept.content:
        return CHANGED
    return REORDERED if again.hash != kept.hash else BROKEN_CHAIN
