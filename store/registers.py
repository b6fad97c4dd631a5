"""The registers (登记簿): which are open, and their rows as they were known at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from rules.place import BY_HAND, kind_of
from rules.registry import Register, Row, day_in
from store import tables as t
from store.span import Span

#: A place whose kind nobody has written.
OTHER = "其他"


@dataclass(frozen=True)
class Opened:
    """A register that has been opened, when and by whom."""

    name: str
    opened_at: datetime
    opened_by: str


@dataclass(frozen=True, kw_only=True)
class Stored(Row):
    """A row with its clerk, and what became of it."""

    recorded_by: str
    recorded_at: datetime
    void_at: datetime | None


def opened(conn: Connection) -> Mapping[str, Opened]:
    """Every register that has been opened."""
    r = t.registers.c
    found = (Opened(*row) for row in conn.execute(select(r.name, r.opened_at, r.opened_by)))
    return {each.name: each for each in found}


def open_it(conn: Connection, name: str, person: str, now: datetime) -> bool:
    """False if it is open already."""
    if name in opened(conn):
        return False
    conn.execute(insert(t.registers).values(name=name, opened_at=now, opened_by=person))
    return True


def rows(conn: Connection, name: str, cut_off: datetime | None = None) -> list[Stored]:
    """Its rows in the order of their days: those that stand, or those that stood at the cut-off."""
    r = t.register_rows.c
    query = _select().where(r.register == name, *_known(cut_off)).order_by(r.on_day, r.id)
    return [Stored(**row._mapping) for row in conn.execute(query)]


def one(conn: Connection, number: int) -> Stored | None:
    """The row with this number, also a voided one."""
    row = conn.execute(_select().where(t.register_rows.c.id == number)).first()
    return None if row is None else Stored(**row._mapping)


def _select() -> Any:
    r = t.register_rows.c
    return select(r.id, r.register, r.fields, r.on_day, r.ended_on, r.recorded_by, r.recorded_at, r.void_at)


def _known(cut_off: datetime | None) -> tuple[ColumnElement[bool], ...]:
    r = t.register_rows.c
    if cut_off is None:
        return (r.void_at.is_(None),)
    return r.recorded_at <= cut_off, or_(r.void_at.is_(None), r.void_at > cut_off)


def add(
    conn: Connection, register: Register, fields: Mapping[str, Any], person: str, now: datetime, replaces: int | None = None
) -> int:  # fmt: skip
    """A new row; returns its number."""
    values = {
        "register": register.name, "fields": dict(fields), "on_day": day_in(fields, register.on),
        "ended_on": day_in(fields, register.ends), "recorded_by": person, "recorded_at": now, "replaces": replaces,
    }  # fmt: skip
    key = conn.execute(insert(t.register_rows).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def void(conn: Connection, number: int, person: str, why: str, now: datetime) -> bool:
    """It does not count any more; False if it did not stand."""
    r = t.register_rows.c
    statement = update(t.register_rows).where(r.id == number, r.void_at.is_(None))
    return conn.execute(statement.values(void_at=now, void_by=person, void_why=why)).rowcount == 1


def successor(conn: Connection, number: int) -> int | None:
    """The row that corrected this one."""
    r = t.register_rows.c
    return conn.scalar(select(r.id).where(r.replaces == number))


def newest(conn: Connection, number: int) -> Stored | None:
    """The row that this one has become by corrections; itself if there were none."""
    while (later := successor(conn, number)) is not None:
        number = later
    return one(conn, number)


def by_hand(conn: Connection, span: Span) -> dict[str, dict[str, int]]:
    """What persons handed out, held or posted: kind of place → 份|场|人次|处 → how many, of what was counted."""
    found: dict[str, dict[str, int]] = {}
    for each in by_hand_rows(conn, span):
        mine = found.setdefault(each.kind, {})
        mine[each.unit] = mine.get(each.unit, 0) + each.amount
    return {kind: dict(sorted(mine.items())) for kind, mine in sorted(found.items())}


@dataclass(frozen=True)
class ByHand:
    """One push that a person saw to, and how much of it she counted."""

    push_id: int
    kind: str
    unit: str
    amount: int
    place: str


def by_hand_rows(conn: Connection, span: Span) -> list[ByHand]:
    """From hand-offs and bookings alike; what was written down after the cut-off is not in it."""
    h, d, u = t.handoffs.c, t.deliveries.c, t.pushes.c
    query = (
        select(d.push_id, d.address, h.unit, h.amount, u.target_name)
        .join(t.deliveries, d.id == h.delivery_id)
        .join(t.pushes, u.id == d.push_id)
        .where(d.channel == BY_HAND, h.amount.is_not(None), h.recorded_at <= span.cut_off)
        .where(h.done_at >= span.start, h.done_at < span.end)
        .order_by(d.push_id)
    )
    return [ByHand(n, kind_of(address) or OTHER, unit, int(many), name) for n, address, unit, many, name in conn.execute(query)]
