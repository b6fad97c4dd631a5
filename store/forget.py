"""Forgetting persons: once nothing more will come of a push, a number or account is kept as keyed hash and two signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from rules.privacy import MARK
from rules.states import Status
from store import tables as t

#: No word of a vendor moves these any more; an accepted one whose last look is over neither.
CLOSED = (Status.DELIVERED, Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.RETRACTED)


def _plain(channels: Collection[str]) -> ColumnElement[bool]:
    d = t.deliveries.c
    return and_(d.channel.in_(sorted(channels)), d.address.not_like(f"{MARK}%"))


def _closed(before: datetime) -> ColumnElement[bool]:
    d = t.deliveries.c
    over = and_(d.status == Status.ACCEPTED, d.not_before.is_(None))
    return and_(or_(d.status.in_(CLOSED), over), d.changed_at < before)


def forgettable(conn: Connection, channels: Collection[str], before: datetime, most: int) -> dict[int, str]:
    """Deliveries (人次) that closed before then and still name a person: id -> address."""
    d = t.deliveries.c
    query = select(d.id, d.address).where(_plain(channels), _closed(before)).order_by(d.id).limit(most)
    return {row.id: row.address for row in conn.execute(query)}


def seal(conn: Connection, addresses: Mapping[int, str]) -> None:
    """Replace the addresses of deliveries."""
    d = t.deliveries.c
    statement = update(t.deliveries).where(d.id == bindparam("the_id")).values(address=bindparam("sealed"))
    if addresses:
        conn.execute(statement, [{"the_id": n, "sealed": address} for n, address in addresses.items()])


def open_receipts(
    conn: Connection, channels: Collection[str], off: Collection[str], before: datetime, most: int
) -> dict[int, str]:
    """Receipts that were applied before then and still have their raw words: id -> words. Those `off` apply none any more."""
    r = t.receipts.c
    done = or_(r.applied_at < before, and_(r.channel.in_(sorted(off)), r.received_at < before))
    old = and_(r.channel.in_(sorted(channels)), done, r.raw != "")
    query = select(r.id, r.raw).where(old).order_by(r.id).limit(most)
    return {row.id: row.raw for row in conn.execute(query)}


def empty_receipts(conn: Connection, digests: Mapping[int, str]) -> None:
    """Cut the raw words of receipts; their digest stays, by which the sealed log still holds."""
    r = t.receipts.c
    statement = update(t.receipts).where(r.id == bindparam("the_id")).values(raw="", raw_digest=bindparam("digest"))
    if digests:
        conn.execute(statement, [{"the_id": n, "digest": digest} for n, digest in digests.items()])


def still_plain(conn: Connection, channels: Collection[str]) -> dict[Status, int]:
    """How many deliveries still name a person, by where they stand."""
    d = t.deliveries.c
    query = select(d.status, func.count()).where(_plain(channels)).group_by(d.status)
    return {Status(row[0]): row[1] for row in conn.execute(query)}
