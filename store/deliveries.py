"""Deliveries (人次): claims with a lease, attempts before the call, outcomes after it. Core and batches: the send path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from rules.dates import day_of
from rules.origin import BOOKED
from rules.outcome import NOT_SENT, Outcome
from rules.states import TAKEN, Basis, Status
from store import tables as t
from store.items import set_disclosed
from store.marks import leave, touch


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A delivery with its push, as a sender, a resolver or a follower needs it."""

    id: int
    push_id: int
    push_key: str
    target: str
    address: str
    status: Status
    tries: int
    maybe_sent: bool
    attempt_id: int | None
    vendor_id: str
    urgent: bool
    pieces: int
    text: str
    payload: Mapping[str, Any]
    prepared: Mapping[str, Any] | None
    evidence: Mapping[str, Any]
    changed_at: datetime
    created_at: datetime


_OWN = ("id", "push_id", "address", "status", "tries", "maybe_sent", "attempt_id", "vendor_id", "urgent", "changed_at")
_PUSHED = ("push_key", "target", "pieces", "text", "payload", "prepared", "evidence", "created_at")


@cache
def _query() -> Any:
    d = t.deliveries.c
    return select(*(d[name] for name in _OWN))


@cache
def _pushes() -> Any:
    u = t.pushes.c
    return select(u.id, *(u[name] for name in _PUSHED)).where(u.id.in_(bindparam("ids", expanding=True)))


def _read(conn: Connection, query: Any, params: Mapping[str, Any] | None = None) -> list[Delivery]:
    """Deliveries with their pushes; a push with thousands of addresses is read, and kept, once."""
    rows = conn.execute(query, params or {}).all()
    pushes: dict[int, dict[str, Any]] = {}
    for row in conn.execute(_pushes(), {"ids": sorted({row.push_id for row in rows})}) if rows else ():
        pushes[row.id] = {**dict(zip(_PUSHED, row[1:], strict=True)), "evidence": row.evidence or {}}
    found = []
    for row in rows:
        own = dict(zip(_OWN, row[: len(_OWN)], strict=True))
        own["status"] = Status(own["status"])
        found.append(Delivery(**own, **pushes[row.push_id]))
    return found


def _ripe() -> ColumnElement[bool]:
    d = t.deliveries.c
    waits = or_(d.not_before.is_(None), d.not_before <= bindparam("now"))
    return and_(d.channel == bindparam("channel"), d.status == Status.QUEUED, waits)


@cache
def _queued_query() -> Any:
    """The order is made of the deliveries alone: a long queue is sorted without its texts."""
    d = t.deliveries.c
    order = (d.urgent.desc(), d.id)
    first = select(d.id).where(_ripe()).order_by(*order).limit(bindparam("most", type_=Integer)).subquery()
    return _query().join(first, first.c.id == d.id).order_by(*order)


def queued(conn: Connection, channel: str, now: datetime, most: int) -> list[Delivery]:
    """What may leave now, urgent before oldest, at most `most`."""
    return _read(conn, _queued_query(), {"channel": channel, "now": now, "most": most})


def any_queued(conn: Connection, channel: str, now: datetime) -> bool:
    """True if anything may leave now."""
    query = select(t.deliveries.c.id).where(_ripe()).limit(1)
    return conn.scalar(query, {"channel": channel, "now": now}) is not None


def due_for_a_look(conn: Connection, channel: str, status: Status, now: datetime, most: int = 100) -> list[Delivery]:
    """Uncertain or accepted deliveries whose next look has come."""
    d = t.deliveries.c
    query = _query().where(d.channel == channel, d.status == status, d.not_before <= now)
    return _read(conn, query.order_by(d.id).limit(most))


def by_vendor_id(conn: Connection, channel: str, vendor_id: str, push_key: str) -> list[Delivery]:
    """The deliveries a receipt speaks of, by the vendor's id or by the push's key."""
    d, u = t.deliveries.c, t.pushes.c
    clauses = [d.vendor_id == vendor_id] if vendor_id else []
    clauses += [d.push_id.in_(select(u.id).where(u.push_key == push_key))] if push_key else []
    if not clauses:
        return []
    return _read(conn, _query().where(d.channel == channel, or_(*clauses)))


def by_key_head(conn: Connection, channel: str, head: str, address: str) -> list[Delivery]:
    """The deliveries at an address of the pushes whose key (lower-case hex) begins so."""
    d, u = t.deliveries.c, t.pushes.c
    pushes = select(u.id).where(u.push_key >= head, u.push_key < f"{head}g")  # a range, so that the index serves
    return _read(conn, _query().where(d.channel == channel, d.push_id.in_(pushes), d.address == address))


def by_address(
    conn: Connection, channel: str, push_keys: Collection[str], addresses: Collection[str]
) -> list[Delivery]:
    """The deliveries of these pushes at these addresses; userids and e-mail addresses know no capitals."""
    d, u = t.deliveries.c, t.pushes.c
    pushes = select(u.id).where(u.push_key.in_(sorted(set(push_keys))))
    named = func.lower(d.address).in_(sorted({address.lower() for address in addresses}))
    return _read(conn, _query().where(d.channel == channel, d.push_id.in_(pushes), named))


def get(conn: Connection, delivery_id: int) -> Delivery | None:
    """One delivery."""
    return next(iter(_read(conn, _query().where(t.deliveries.c.id == delivery_id))), None)


def uncertain_of(conn: Connection, push_id: int) -> list[Delivery]:
    """Those of a push whose end nobody knows."""
    d = t.deliveries.c
    return _read(conn, _query().where(d.push_id == push_id, d.status == Status.UNCERTAIN).order_by(d.id))


def hold_back(conn: Connection, delivery_ids: Sequence[int], not_before: datetime, reason: str) -> None:
    """They stay queued, for a stated reason, until then."""
    d = t.deliveries.c
    statement = update(t.deliveries).where(d.id.in_(delivery_ids), d.status == Status.QUEUED)
    conn.execute(statement.values(not_before=not_before, reason=reason))


def doubt(conn: Connection, delivery_ids: Sequence[int], now: datetime, reason: str, *, look: bool = True) -> None:
    """Queued for a resend, but not fit for it: uncertain again, to be asked about at once, or without `look` by a person."""
    d = t.deliveries.c
    statement = update(t.deliveries).where(d.id.in_(delivery_ids), d.status == Status.QUEUED)
    not_before = now if look else None
    values = {"status": Status.UNCERTAIN, "not_before": not_before, "reason": reason, "looked": None, "changed_at": now}
    if delivery_ids:
        touch(conn, deliveries=delivery_ids)
        conn.execute(statement.values(**values))


def let_go(conn: Connection, channel: str, reason: str, now: datetime) -> None:
    """What was held back for this reason may be claimed again."""
    d = t.deliveries.c
    held = (d.channel == channel, d.status == Status.QUEUED, d.reason == reason, d.not_before > now)
    conn.execute(update(t.deliveries).where(*held).values(not_before=now))


def leave_out(
    conn: Connection, push_id: int, reason: str, now: datetime, *, only: Collection[int] | None = None
) -> int:
    """Of a push, or only these of its deliveries: what is queued and was surely not sent never will be. Returns how many."""
    d = t.deliveries.c
    unsent = [d.push_id == push_id, d.status == Status.QUEUED, d.maybe_sent.is_(False)]
    unsent += [] if only is None else [d.id.in_(sorted(only))]
    values = {"status": Status.CANCELLED, "reason": reason, "changed_at": now}
    touch(conn, pushes=[push_id])
    return conn.execute(update(t.deliveries).where(*unsent).values(values)).rowcount


def expired(conn: Connection, now: datetime) -> list[tuple[str, Delivery]]:
    """Sending deliveries whose lease has run out: their process died, or its answer is very late."""
    d = t.deliveries.c
    rows = conn.execute(select(d.id, d.channel).where(d.status == Status.SENDING, d.lease_until < now)).all()
    channel = {row.id: row.channel for row in rows}
    return [(channel[each.id], each) for each in _read(conn, _query().where(d.id.in_(list(channel))).order_by(d.id))]


def look_later(
    conn: Connection, delivery: Delivery, not_before: datetime, reason: str, evidence: Mapping[str, Any] | None = None
) -> None:
    """Nothing is settled; look again then, with what has been seen so far. What put it where it stands keeps its reason."""
    if evidence:
        _keep_evidence(conn, delivery.push_id, evidence)
    d = t.deliveries.c
    statement = update(t.deliveries).where(d.id == delivery.id, d.status == delivery.status)
    conn.execute(statement.values(not_before=not_before, looked=reason))


def store_prepared(conn: Connection, push_id: int, attempt_id: int, prepared: Mapping[str, Any]) -> bool:
    """The vendor's handles, before the send: a push without them cannot have been sent.

    False if the claim has been swept meanwhile: then the caller must not send.
    """
    d = t.deliveries.c
    mine = (d.push_id == push_id, d.attempt_id == attempt_id, d.status == Status.SENDING)
    if conn.execute(update(t.deliveries).where(*mine).values(reason="")).rowcount == 0:
        return False
    conn.execute(update(t.pushes).where(t.pushes.c.id == push_id).values(prepared=dict(prepared)))
    return True


def attempt_begun(conn: Connection, attempt_id: int | None, otherwise: datetime) -> datetime:
    """When a call began."""
    return conn.scalar(select(t.attempts.c.begun_at).where(t.attempts.c.id == attempt_id)) or otherwise


def first_attempt_begun(conn: Connection, delivery: Delivery) -> datetime | None:
    """When the first call that this delivery may have gone out with began; None if there was none.

    The vendors' own double checks count from there. Other addresses of a push may have been called hours before.
    """
    a, o = t.attempts.c, t.outcomes.c
    query = select(func.min(a.begun_at)).join(t.outcomes, o.attempt_id == a.id)
    first: datetime | None = conn.scalar(query.where(o.delivery_id == delivery.id, o.outcome.not_in(NOT_SENT)))
    return first


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What is now known of one delivery, and where that puts it."""

    delivery: Delivery
    attempt_id: int | None
    said_by: str
    outcome: Outcome
    status: Status
    code: str = ""
    reason: str = ""
    vendor_id: str = ""
    basis: Basis | None = None
    raw: str = ""
    not_before: datetime | None = None
    maybe_sent: bool = False
    evidence: Mapping[str, Any] | None = None


def settle(conn: Connection, channel: str, many: Sequence[Settled], now: datetime) -> list[Settled]:
    """Append the outcomes and move the deliveries; returns those that really moved.

    The guard: a call's own answer moves its delivery while that call is the last one and its end was unknown;
    everybody else moves it only from the status they saw.
    """
    if not many:
        return []
    conn.execute(insert(t.outcomes), [_outcome_row(each, now) for each in many])
    moved = [each for each in many if _move(conn, each, now)] if len(many) == 1 else _move_all(conn, many, now)
    touch(conn, pushes=[each.delivery.push_id for each in moved])
    _take(conn, [each.delivery.push_id for each in moved if each.status in TAKEN], now)
    seen: dict[int, dict[str, Any]] = {}  # a push with thousands of addresses is written to once
    for each in moved:
        if each.evidence:
            seen.setdefault(each.delivery.push_id, {}).update(each.evidence)
    for push_id, evidence in seen.items():
        _keep_evidence(conn, push_id, evidence)
    return moved


def _outcome_row(each: Settled, now: datetime) -> dict[str, Any]:
    return {
        "attempt_id": each.attempt_id, "delivery_id": each.delivery.id, "said_by": each.said_by,
        "outcome": each.outcome, "status": each.status, "code": each.code[:50], "reason": each.reason,
        "vendor_id": each.vendor_id[:200], "raw": each.raw[:2000], "at": now,
    }  # fmt: skip


def _values(each: Settled, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "status": each.status, "reason": each.reason, "not_before": each.not_before, "maybe_sent": each.maybe_sent,
        "basis": each.basis or "", "changed_at": now, "lease_until": None, "owner": "", "looked": None,
    }  # fmt: skip
    if each.status is each.delivery.status in TAKEN:  # words that moved nothing: how the yes is known stands
        values = {"looked": each.reason, "not_before": each.not_before, "changed_at": now}
    return {**values, "vendor_id": each.vendor_id[:200] or each.delivery.vendor_id}


def _guard(each: Settled) -> tuple[str, ...]:
    """The statuses this word may move the delivery out of."""
    if each.delivery.status is not Status.SENDING:
        return (each.delivery.status,)
    late = (Status.QUEUED,) if each.status in TAKEN else ()  # a yes that comes after sweep and requeue: no second send
    return (Status.SENDING, Status.UNCERTAIN, *late)


def _move(conn: Connection, each: Settled, now: datetime) -> bool:
    d = t.deliveries.c
    where = [d.id == each.delivery.id, d.status.in_(_guard(each))]
    if each.attempt_id is not None:
        where.append(d.attempt_id == each.attempt_id)
    return conn.execute(update(t.deliveries).where(*where).values(**_values(each, now))).rowcount == 1


def _move_all(conn: Connection, many: Sequence[Settled], now: datetime) -> list[Settled]:
    """One executemany for the common case; where not every row moved, which ones did is read back."""
    if any(each.delivery.status is not Status.SENDING or each.attempt_id is None for each in many):
        return [each for each in many if _move(conn, each, now)]
    rows = []
    for each in many:
        values = {f"new_{name}": value for name, value in _values(each, now).items()}
        rows.append({"the_id": each.delivery.id, "the_attempt": each.attempt_id, "yes": each.status in TAKEN, **values})
    if conn.execute(_move_statement(), rows).rowcount == len(many):
        return list(many)
    d = t.deliveries.c
    query = select(d.id, d.status, d.attempt_id).where(d.id.in_([each.delivery.id for each in many]))
    now_at = {row.id: (row.status, row.attempt_id) for row in conn.execute(query)}
    return [each for each in many if now_at[each.delivery.id] == (each.status, each.attempt_id)]


@cache
def _move_statement() -> Any:
    """`_move` with its guard, for many at once."""
    d = t.deliveries.c
    names = (
        "status", "reason", "looked", "not_before", "maybe_sent", "basis", "changed_at", "lease_until", "owner", "vendor_id",
    )  # fmt: skip
    late = and_(d.status == Status.QUEUED, bindparam("yes", type_=Boolean))
    open_still = or_(d.status == Status.SENDING, d.status == Status.UNCERTAIN, late)
    where = (d.id == bindparam("the_id"), open_still, d.attempt_id == bindparam("the_attempt"))
    return update(t.deliveries).where(*where).values({name: bindparam(f"new_{name}") for name in names})


def _take(conn: Connection, push_ids: Iterable[int], now: datetime) -> None:
    """Placements of a push that was taken: their moment, and the items' 公开日期."""
    ids = sorted(set(push_ids))
    if not ids:
        return
    p = t.placements.c
    item_ids = sorted(set(conn.scalars(select(p.item_id).where(p.push_id.in_(ids), p.taken_at.is_(None)))))
    if not item_ids:
        return
    conn.execute(update(t.placements).where(p.push_id.in_(ids), p.taken_at.is_(None)).values(taken_at=now))
    set_disclosed(conn, item_ids, day_of(now))


def untake(conn: Connection, push_id: int) -> None:
    """What had been taken was refused after all: its placements and, if nothing else of them is out, its items' 公开日期."""
    p, i, v, d = t.placements.c, t.items.c, t.versions.c, t.deliveries.c
    if conn.scalar(select(d.id).where(d.push_id == push_id, d.status.in_(TAKEN)).limit(1)) is not None:
        return
    item_ids = sorted(set(conn.scalars(select(p.item_id).where(p.push_id == push_id))))
    leave(conn, push_id)
    conn.execute(update(t.placements).where(p.push_id == push_id).values(taken_at=None))
    for item_id in item_ids:
        own = conn.scalar(select(v.published_on).join(t.items, i.version_id == v.id).where(i.id == item_id))
        first = conn.scalar(select(func.min(p.taken_at)).where(p.item_id == item_id))
        day = own or (day_of(first) if first else None)
        conn.execute(update(t.items).where(i.id == item_id).values(disclosed_on=day))


def _keep_evidence(conn: Connection, push_id: int, evidence: Mapping[str, Any]) -> None:
    """What the vendor showed; a draft that a person sent by hand is booked under its own name."""
    u, p = t.pushes.c, t.placements.c
    old = conn.scalar(select(u.evidence).where(u.id == push_id)) or {}
    conn.execute(update(t.pushes).where(u.id == push_id).values(evidence={**old, **evidence}))
    if evidence.get("booked"):
        touch(conn, pushes=[push_id])
        conn.execute(update(t.pushes).where(u.id == push_id).values(origin=BOOKED))
        conn.execute(update(t.placements).where(p.push_id == push_id).values(origin=BOOKED))
