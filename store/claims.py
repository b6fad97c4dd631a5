"""Claims: queued deliveries become calls, each with its attempt before the first byte leaves, under a lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, literal, select, update

from rules.states import TAKEN, Status
from store import tables as t
from store.deliveries import Delivery
from store.marks import touch


class Lost(RuntimeError):
    """Somebody was faster: another process, or a person's order. The claim is undone; the next one sees what is left."""


@dataclass(frozen=True)
class Member:
    """One delivery of a call, as it stands now."""

    id: int
    address: str
    status: Status
    #: It waits for its turn or for a look; False: nothing moves it by itself.
    waits: bool

    @property
    def is_over(self) -> bool:
        """True if it will not be called for again by itself, though it was not seen to have arrived."""
        return self.status not in (*TAKEN, Status.SENDING) and not self.waits


@dataclass(frozen=True)
class Members:
    """Who was in a call; `whole`: each of its addresses is still known as one of it."""

    found: Sequence[Member]
    whole: bool


def members(conn: Connection, attempt_ids: Sequence[int]) -> dict[int, Members]:
    """Who was in each of these calls."""
    a, d = t.attempts.c, t.deliveries.c
    found: dict[int, list[Member]] = {attempt: [] for attempt in attempt_ids}
    query = select(d.attempt_id, d.id, d.address, d.status, d.not_before).where(d.attempt_id.in_(attempt_ids))
    for row in conn.execute(query.order_by(d.id)):
        waits = row.status == Status.QUEUED or (row.status == Status.UNCERTAIN and row.not_before is not None)
        found[row.attempt_id].append(Member(row.id, row.address, Status(row.status), waits))
    sizes = conn.execute(select(a.id, a.addresses).where(a.id.in_(attempt_ids)))
    return {row.id: Members(found[row.id], len(found[row.id]) == row.addresses) for row in sizes}


def carry(conn: Connection, attempt_id: int, delivery_ids: Sequence[int]) -> None:
    """These stand in the body of a call as they did in the one before; where they stand does not change."""
    if delivery_ids:
        a, d = t.attempts.c, t.deliveries.c
        conn.execute(update(t.deliveries).where(d.id.in_(delivery_ids)).values(attempt_id=attempt_id))
        more = update(t.attempts).where(a.id == attempt_id)
        conn.execute(more.values(addresses=a.addresses + len(delivery_ids)))


def claim(
    conn: Connection, calls: Sequence[Sequence[Delivery]], owner: str, lease_until: datetime, now: datetime
) -> list[int]:
    """Move queued deliveries to sending, with one attempt for each call; returns the calls' attempts.

    `owner` is new for every claim. Raises Lost if one of them is queued no more; the transaction is then to be given up.
    """
    touch(conn, pushes=[call[0].push_id for call in calls])
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
