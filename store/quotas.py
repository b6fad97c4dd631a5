"""Allowances (额度): one row a use, taken in the claim's commit, so that two processes share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, insert, select

from store import tables as t
from store.names import titles


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


#: Stands for the push of a use that was not ours.
OTHERS = 0


def book_others(conn: Connection, name: str, n: int, at: datetime) -> None:
    """Others have used the allowance `name` so many times."""
    conn.execute(insert(t.quotas).values(name=name, push_id=OTHERS, n=n, at=at))


def others(conn: Connection, name: str, since: datetime) -> list[tuple[datetime, int]]:
    """When, and how many times, others have used an allowance since then; the oldest first."""
    q = t.quotas.c
    query = select(q.at, q.n).where(q.name == name, q.push_id == OTHERS, q.at >= since).order_by(q.at, q.id)
    return [(row.at, row.n) for row in conn.execute(query)]


def of_day(conn: Connection, name: str, begins: datetime) -> int:
    """How many times an allowance was used in the 24 hours from then, by whomever."""
    q = t.quotas.c
    mine = (q.name == name, q.at >= begins, q.at < begins + timedelta(days=1))
    return int(conn.scalar(select(func.sum(q.n)).where(*mine)) or 0)


def give_back(conn: Connection, push_ids: Iterable[int], names: Iterable[str]) -> None:
    """The vendor refused these pushes: it has not counted them either."""
    q = t.quotas.c
    conn.execute(delete(t.quotas).where(q.push_id.in_(list(push_ids)), q.name.in_(list(names))))


@dataclass(frozen=True)
class Used:
    """How far one allowance is used up: by whom (empty: the whole channel), how much, and since when."""

    address: str
    n: int
    first_at: datetime


@dataclass(frozen=True)
class Book:
    """The uses of an allowance: the fullest first, at most as many as were asked for."""

    fullest: tuple[Used, ...]
    #: How many addresses have used it at all, and how many of them all of it.
    addresses: int
    full: int


def book(conn: Connection, name: str, since: datetime, *, most: int, each: bool, few: int = 5) -> Book:
    """The uses of the allowance `name` since then; with `each` every address has one of its own."""
    q = t.quotas.c
    mine = q.name.startswith(f"{name}:", autoescape=True) if each else q.name == name
    total = func.sum(q.n)
    first = func.min(case((q.n > 0, q.at)))
    sums = select(q.name, total.label("n"), first.label("first_at")).where(mine, q.at >= since)
    rows = sums.group_by(q.name).having(total > 0).subquery()
    fullest = select(rows).order_by(rows.c.n.desc(), rows.c.name).limit(few)
    full = func.count(case((rows.c.n >= most, 1)))
    count, over = conn.execute(select(func.count(), full).select_from(rows)).one()
    used = tuple(Used(row.name[len(name) + 1 :], int(row.n), row.first_at) for row in conn.execute(fullest))
    return Book(used, count, over)


@dataclass(frozen=True)
class Use:
    """One push that has used an allowance, and by how much."""

    push_id: int
    target: str
    target_name: str
    titles: tuple[str, ...]
    n: int
    at: datetime


def uses(conn: Connection, name: str, since: datetime, *, each: bool, few: int = 5) -> list[Use]:
    """The last pushes that used the allowance `name` since then, newest first, without those that gave it all back."""
    q, u = t.quotas.c, t.pushes.c
    mine = q.name.startswith(f"{name}:", autoescape=True) if each else q.name == name
    total, last = func.sum(q.n), func.max(q.at)
    query = (
        select(q.push_id, u.target, u.target_name, total.label("n"), last.label("at"))
        .join(t.pushes, u.id == q.push_id)
        .where(mine, q.at >= since)
        .group_by(q.push_id, u.target, u.target_name)
        .having(total > 0)
        .order_by(last.desc(), q.push_id.desc())
        .limit(few)
    )
    rows = conn.execute(query).all()
    return [Use(r.push_id, r.target, r.target_name, titles(conn, r.push_id), int(r.n), r.at) for r in rows]
