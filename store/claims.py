"""Claims: queued deliveries become calls, each with its attempt before the first byte leaves, under a lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, literal, select, update

from rules.states import Status
from store import tables as t
from store.deliveries import Delivery


class Lost(RuntimeError):
    """Somebody was faster: another process, or a person's order. The claim is undone; the next one sees what is left."""


def sizes(conn: Connection, attempt_ids: Sequence[int]) -> dict[int, int]:
    """How many addresses each of these calls carried."""
    a = t.attempts.c
    rows = conn.execute(select(a.id, a.addresses).where(a.id.in_(attempt_ids))) if attempt_ids else ()
    return {row.id: row.addresses for row in rows}


def claim(
    conn: Connection, calls: Sequence[Sequence[Delivery]], owner: str, lease_until: datetime, now: datetime
) -> list[int]:
    """Move queued deliveries to sending, with one attempt for each call; returns the calls' attempts.

    `owner` is new for every claim. Raises Lost if one of them is queued no more; the transaction is then to be given up.
    """
    found: dict[int, int] = {}
    for n, layer in enumerate(_layers(calls)):
        found |= _claim(conn, [each.id for each in layer], owner, n, lease_until, now)
    return [found[call[0].id] for call in calls]


def _layers(calls: Sequence[Sequence[Delivery]]) -> list[list[Delivery]]:
    """The first call of every push, then the second of those that have one: within a layer a push has one attempt."""
    layers: list[list[Delivery]] = []
    seen: dict[int, int] = {}
    for call in calls:
        n = seen.get(call[0].push_id, 0)
        seen[call[0].push_id] = n + 1
        layers += [[]] if n == len(layers) else []
        layers[n] += call
    return layers


def _claim(
    conn: Connection, ids: Sequence[int], owner: str, layer: int, lease_until: datetime, now: datetime
) -> dict[int, int]:
    d, a = t.deliveries.c, t.attempts.c
    name = f"{owner}/{layer}" if layer else owner
    begun = literal(now, a.begun_at.type)
    calls = select(d.push_id, literal(name), func.count(), begun).where(d.id.in_(ids)).group_by(d.push_id)
    conn.execute(insert(t.attempts).from_select(["push_id", "owner", "addresses", "begun_at"], calls))
    own = select(func.max(a.id)).where(a.push_id == d.push_id, a.owner == name).scalar_subquery()
    moved = update(t.deliveries).where(d.id.in_(ids), d.status == Status.QUEUED)
    values = {
        "status": Status.SENDING, "attempt_id": own, "owner": owner, "lease_until": lease_until,
        "tries": d.tries + 1, "reason": "", "looked": None, "not_before": None, "changed_at": now,
    }  # fmt: skip
    if conn.execute(moved.values(values)).rowcount != len(ids):
        raise Lost("这批投递中有的已不在排队，本次认领作废")
    return {row.id: row.attempt_id for row in conn.execute(select(d.id, d.attempt_id).where(d.id.in_(ids)))}


def renew(conn: Connection, owner: str, lease_until: datetime) -> None:
    """Keep what this claim still holds."""
    d = t.deliveries.c
    conn.execute(
        update(t.deliveries).where(d.owner == owner, d.status == Status.SENDING).values(lease_until=lease_until)
    )
