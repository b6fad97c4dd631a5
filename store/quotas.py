"""Allowances (额度): one row a use, taken in the claim's commit, so that two processes share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from store import tables as t


def used(conn: Connection, names: Iterable[str], since: datetime) -> dict[str, tuple[int, datetime]]:
    """For each allowance used since then: how many times, and when first."""
    q = t.quotas.c
    query = select(q.name, func.sum(q.n), func.min(q.at)).where(q.name.in_(sorted(set(names))), q.at >= since)
    return {row[0]: (int(row[1]), row[2]) for row in conn.execute(query.group_by(q.name))}


def holders(conn: Connection, push_ids: Iterable[int], since: datetime) -> set[tuple[str, int]]:
    """Which pushes hold which allowance since then: a day's is used once by a push, however often it is tried that day."""
    q = t.quotas.c
    return {
        (row.name, row.push_id)
        for row in conn.execute(select(q.name, q.push_id).where(q.push_id.in_(list(push_ids)), q.at >= since))
    }


def take(conn: Connection, uses: Mapping[tuple[str, int], int], now: datetime) -> None:
    """Note uses: (name, push) -> how much; a negative one is given back."""
    rows = [{"name": name, "push_id": push_id, "n": n, "at": now} for (name, push_id), n in uses.items()]
    if rows:
        conn.execute(insert(t.quotas), rows)


def give_back(conn: Connection, push_ids: Iterable[int], names: Iterable[str]) -> None:
    """The vendor refused these pushes: it has not counted them either."""
    q = t.quotas.c
    conn.execute(delete(t.quotas).where(q.push_id.in_(list(push_ids)), q.name.in_(list(names))))
