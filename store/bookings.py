"""Bookings (补录): placements that a person carried out without the bot, before it was there or beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from rules.bundle import FIRST
from rules.origin import BOOKED
from rules.states import Status
from store import tables as t
from store.marks import touch


@dataclass(frozen=True)
class Standing:
    """How an item's first push at a target stands."""

    placement_id: int
    push_id: int | None
    origin: str
    taken_at: datetime | None
    statuses: frozenset[Status]
    #: An earlier call may have been executed.
    maybe_sent: bool


def standing(conn: Connection, item_id: int, target: str) -> Standing | None:
    """None if nothing of the item was ever due there. Whoever else touches it waits for this transaction."""
    p, d = t.placements.c, t.deliveries.c
    mine = (p.item_id == item_id, p.target == target, p.slot == FIRST)
    query = select(p.id, p.push_id, p.origin, p.taken_at).where(*mine).with_for_update()
    row = conn.execute(query).first()
    if row is None:
        return None
    found = conn.execute(select(d.status, d.maybe_sent).where(d.push_id == row.push_id)).all()
    statuses = frozenset(Status(each.status) for each in found)
    return Standing(row.id, row.push_id, row.origin, row.taken_at, statuses, any(each.maybe_sent for each in found))


def version_of(conn: Connection, item_id: int) -> int | None:
    """The item's current version; None if there is no such item."""
    return conn.scalar(select(t.items.c.version_id).where(t.items.c.id == item_id))


def place(conn: Connection, old: Standing | None, values: dict[str, Any]) -> int:
    """A booked placement, free for its push: a new one, or the one that waited or came to nothing. Returns its id.

    `values`: item_id, version_id, target, channel, created_at.
    """
    if old is None:
        fresh = {**values, "purpose": FIRST, "slot": FIRST, "origin": BOOKED}
        key = conn.execute(insert(t.placements).values(**fresh)).inserted_primary_key
        assert key is not None
        touch(conn, placements=[int(key[0])])
        return int(key[0])
    anew = {
        "version_id": values["version_id"], "origin": BOOKED, "push_id": None, "ended": "", "ended_at": None,
        "not_before": None, "reason": "",
    }  # fmt: skip
    touch(conn, placements=[old.placement_id])
    conn.execute(update(t.placements).where(t.placements.c.id == old.placement_id).values(**anew))
    return old.placement_id


def delivery_of(conn: Connection, push_id: int) -> int:
    """The one delivery of a booked push."""
    return int(conn.execute(select(t.deliveries.c.id).where(t.deliveries.c.push_id == push_id)).scalar_one())
