"""Receipts (回执): the vendor's later word, stored raw as it came and applied once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from rules.states import Status
from store import deliveries
from store import tables as t
from store.deliveries import Delivery
from store.tables import receipts


@dataclass(frozen=True, kw_only=True)
class StoredReceipt:
    """One receipt that has not been applied yet."""

    id: int
    channel: str
    kind: str
    dedup: str
    vendor_id: str
    raw: str
    received_at: datetime


def add(conn: Connection, channel: str, found: Sequence[Mapping[str, str]], now: datetime) -> int:
    """Store receipts (kind, dedup, vendor_id, raw, channel); returns how many of them are new.

    One that names a channel is that channel's, whichever door it came through. A repeated one is left out.
    """
    by_channel: dict[str, list[Mapping[str, str]]] = {}
    for each in found:
        by_channel.setdefault(each.get("channel") or channel, []).append(each)
    return sum(_add_to(conn, name, many, now) for name, many in by_channel.items())


def _add_to(conn: Connection, channel: str, found: Sequence[Mapping[str, str]], now: datetime) -> int:
    """Two processes may try at once: the key decides."""
    rows = {each["dedup"]: {**each, "channel": channel, "received_at": now} for each in found}
    fresh = [row for dedup, row in rows.items() if dedup not in _known(conn, channel, list(rows))]
    if not fresh:
        return 0
    try:
        with conn.begin_nested():  # so that a duplicate does not undo what else is in the transaction
            conn.execute(insert(receipts), fresh)
    except IntegrityError:
        return sum(_add_one(conn, row) for row in fresh)
    return len(fresh)


def _add_one(conn: Connection, row: Mapping[str, Any]) -> bool:
    try:
        with conn.begin_nested():
            conn.execute(insert(receipts).values(row))
    except IntegrityError:
        if not _known(conn, row["channel"], [row["dedup"]]):
            raise
        return False
    return True


def _known(conn: Connection, channel: str, dedups: Sequence[str]) -> set[str]:
    r = receipts.c
    return set(conn.scalars(select(r.dedup).where(r.channel == channel, r.dedup.in_(dedups))))


def unapplied(conn: Connection, channel: str) -> list[StoredReceipt]:
    """The channel's receipts that wait for their push, oldest first."""
    waiting = (receipts.c.channel == channel) & receipts.c.applied_at.is_(None)
    names = ("id", "channel", "kind", "dedup", "vendor_id", "raw", "received_at")
    query = select(*(receipts.c[name] for name in names)).where(waiting).order_by(receipts.c.id)
    return [StoredReceipt(**row) for row in conn.execute(query).mappings()]


def mark_applied(conn: Connection, receipt_id: int, now: datetime) -> bool:
    """Note that a receipt was applied; False if it was already."""
    this = (receipts.c.id == receipt_id) & receipts.c.applied_at.is_(None)
    return conn.execute(update(receipts).where(this).values(applied_at=now)).rowcount == 1


def mark_all_applied(conn: Connection, receipt_ids: Sequence[int], now: datetime) -> int:
    """Note that receipts were applied; returns how many of them were not before."""
    these = receipts.c.id.in_(receipt_ids) & receipts.c.applied_at.is_(None)
    return conn.execute(update(receipts).where(these).values(applied_at=now)).rowcount if receipt_ids else 0


def busy(conn: Connection) -> set[str]:
    """The channels whose receipts wait to be applied."""
    r = receipts.c
    return set(conn.scalars(select(r.channel).where(r.applied_at.is_(None)).distinct()))


#: What a vendor's later word and a look at the vendor's own list both show of a push.
_SHOWN = ("article_id", "article_urls")


def shown_by(conn: Connection, channel: str, evidence: Mapping[str, Any], since: datetime) -> list[Delivery]:
    """The deliveries of the channel's pushes, made since then, for which the same was seen at the vendor."""
    seen = _signs(evidence)
    if not seen:
        return []
    u, d = t.pushes.c, t.deliveries.c
    query = select(u.evidence, d.id).join(t.deliveries, d.push_id == u.id).order_by(d.id)
    rows = conn.execute(query.where(u.channel == channel, u.created_at >= since)).all()
    found = [deliveries.get(conn, row.id) for row in rows if seen & _signs(row.evidence or {})]
    return [each for each in found if each is not None]


def _signs(evidence: Mapping[str, Any]) -> set[str]:
    values = [evidence.get(name) or [] for name in _SHOWN]
    return {sign for value in values for sign in ([value] if isinstance(value, str) else value)}


def look_now(conn: Connection, channel: str, now: datetime) -> None:
    """What is uncertain on the channel and would be looked at later is looked at now."""
    d = t.deliveries.c
    waits = (d.channel == channel, d.status == Status.UNCERTAIN, d.not_before > now)
    conn.execute(update(t.deliveries).where(*waits).values(not_before=now))
