"""Seals (封存) of the log, and the rows that are sealed: attempts, outcomes and receipts as nothing changes them later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from rules.privacy import digest_of, sealed
from rules.seal import Seal
from store import tables as t


def _attempts() -> Select[Any]:
    a, u = t.attempts.c, t.pushes.c
    columns = (a.id, a.push_id, a.owner, a.addresses, a.begun_at, u.push_key, u.channel, u.target, u.text, u.sha256)
    return select(*columns).join(t.pushes, u.id == a.push_id)


def _outcomes() -> Select[Any]:
    o, d = t.outcomes.c, t.deliveries.c
    columns = (
        o.id, o.attempt_id, o.delivery_id, o.said_by, o.outcome, o.status, o.code, o.reason, o.vendor_id, o.raw, o.at,
        d.push_id, d.address,
    )  # fmt: skip
    return select(*columns).join(t.deliveries, d.id == o.delivery_id)


def _receipts() -> Select[Any]:
    r = t.receipts.c
    return select(r.id, r.channel, r.kind, r.dedup, r.vendor_id, r.raw, r.raw_digest, r.received_at)


#: Of each table: its rows with what they say of whom, its key, and when a row came in.
_ROWS: dict[str, tuple[Any, ColumnElement[Any], ColumnElement[Any]]] = {
    "attempts": (_attempts, t.attempts.c.id, t.attempts.c.begun_at),
    "outcomes": (_outcomes, t.outcomes.c.id, t.outcomes.c.at),
    "receipts": (_receipts, t.receipts.c.id, t.receipts.c.received_at),
}


def rows(
    conn: Connection, table: str, key: str, *, after: int, until: int | None = None, most: int | None = None
) -> list[dict[str, Any]]:
    """The table's rows with an id above `after`, in their order, as they are sealed: persons as keyed hashes only."""
    query, number, _ = _ROWS[table]
    wanted = query().where(number > after, *([] if until is None else [number <= until])).order_by(number)
    return [_as_sealed(dict(row), key) for row in conn.execute(wanted.limit(most)).mappings()]


def _as_sealed(row: dict[str, Any], key: str) -> dict[str, Any]:
    """An address and a receipt's words may be cut later: they stand here as what is left of them then."""
    if "address" in row:
        row["address"] = sealed(row["address"], key)
    if "raw_digest" in row:
        row["raw_digest"] = row["raw_digest"] or digest_of(row["raw"], key)
        row["raw"] = ""
    return row


def time_of(table: str, row: dict[str, Any]) -> datetime:
    """When a row came in."""
    found: datetime = row[_ROWS[table][2].name]
    return found


def reached(conn: Connection, table: str) -> int:
    """The highest id of the table that is sealed, 0 if none is."""
    s = t.seals.c
    return conn.scalar(select(func.max(s.to_id)).where(s.table_name == table)) or 0


def unsealed(conn: Connection, table: str) -> int:
    """How many of the table's rows are not sealed yet."""
    number = _ROWS[table][1]
    return conn.scalar(select(func.count()).where(number > reached(conn, table))) or 0


def head(conn: Connection, by: datetime | None = None) -> str:
    """The hash of the last seal (made by then), empty if there is none."""
    s = t.seals.c
    query = select(s.hash).where(*([] if by is None else [s.sealed_at <= by])).order_by(s.id.desc()).limit(1)
    return conn.scalar(query) or ""


def add(conn: Connection, seal: Seal) -> None:
    """One more link; raises IntegrityError if another process was first."""
    conn.execute(insert(t.seals).values(**{name: value for name, value in seal.__dict__.items() if name != "id"}))


def every(conn: Connection) -> Iterator[Seal]:
    """All of them, the first first."""
    for row in conn.execute(select(t.seals).order_by(t.seals.c.id)).mappings():
        yield Seal(**row)
