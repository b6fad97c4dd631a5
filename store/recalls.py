"""Orders to take back what has left: where an item stands, what was ordered of it, and what came of the orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from rules.amend import ENDED_BACK, HANDED, QUEUED, TAKEN_DOWN, Gone
from rules.bundle import CORRECTION, FIRST, RETRACTION
from rules.outcome import NOT_SENT, Outcome
from rules.states import TAKEN, Status
from store import tables as t
from store.marks import touch

#: The vendor has it, or a person at the vendor's: these can be taken back.
_OUT = (*TAKEN, Status.HANDED)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An item in one push; `push_id` None: booked by a person who made it without the bot."""

    placement_id: int
    #: The placement that all that follows is linked to: its own, of a 更正 the one it corrects.
    first_id: int
    item_id: int
    title: str
    version_id: int
    version: int
    audience: tuple[str, ...]
    target: str
    channel: str
    push_id: int | None
    #: The one address that has it; empty: none, or several.
    address: str
    gone: Gone


def of_item(conn: Connection, item_id: int) -> list[Standing]:
    """Every push an item's 首发 and 更正 were in, the newest version first."""
    return _standings(conn, t.placements.c.item_id == item_id)


def _standings(conn: Connection, *where: ColumnElement[bool]) -> list[Standing]:
    p, v, pp, u = t.placements.c, t.versions.c, t.push_placements.c, t.pushes.c
    query = (
        select(
            p.id, func.coalesce(p.follows_id, p.id).label("first_id"), p.item_id, v.title, p.version_id, v.number,
            v.audience, p.target, p.channel, pp.push_id, pp.position, u.pieces, p.ended,
        )
        .join(t.versions, v.id == p.version_id)
        .outerjoin(t.push_placements, pp.placement_id == p.id)
        .outerjoin(t.pushes, u.id == pp.push_id)
        .where(*where, p.purpose.in_((FIRST, CORRECTION)), or_(pp.push_id.is_not(None), p.taken_at.is_not(None)))
        .order_by(v.number.desc(), p.id, pp.push_id)
    )  # fmt: skip
    rows = conn.execute(query).all()
    pushes = [row.push_id for row in rows if row.push_id is not None]
    stood, begun = _stood(conn, pushes), _begun(conn, pushes)
    return [_standing(row, stood.get(row.push_id, []), begun.get(row.push_id)) for row in rows]


def _stood(conn: Connection, push_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The statuses of each push's deliveries, each with its first and last address."""
    d = t.deliveries.c
    spread = (func.min(d.address).label("first"), func.max(d.address).label("last"))
    query = select(d.push_id, d.status, d.maybe_sent, *spread).where(d.push_id.in_(push_ids))
    found: dict[int, list[Any]] = {}
    for row in conn.execute(query.group_by(d.push_id, d.status, d.maybe_sent)):
        found.setdefault(row.push_id, []).append(row)
    return found


def _begun(conn: Connection, push_ids: Sequence[int]) -> dict[int, datetime]:
    """When the first call that may have gone out began: a vendor's window does not run from one that surely had not."""
    a, o = t.attempts.c, t.outcomes.c
    said = exists().where(o.attempt_id == a.id)
    maybe = or_(~said, said.where(o.outcome.not_in(NOT_SENT)))
    query = select(a.push_id, func.min(a.begun_at)).where(a.push_id.in_(push_ids), maybe).group_by(a.push_id)
    return {row[0]: row[1] for row in conn.execute(query)}


def _standing(row: Any, stood: Sequence[Any], begun_at: datetime | None) -> Standing:
    ends = {each for found in stood if found.status in _OUT for each in (found.first, found.last)}
    booked = row.push_id is None
    gone = Gone(
        statuses=frozenset({Status.DELIVERED}) if booked else frozenset(Status(each.status) for each in stood),
        maybe_sent=any(each.maybe_sent for each in stood),
        begun_at=begun_at,
        pieces=row.pieces or 1,
        position=(row.position or 0) + 1,
        taken_back=row.ended == ENDED_BACK,
    )
    return Standing(
        placement_id=row.id, first_id=row.first_id, item_id=row.item_id, title=row.title, version_id=row.version_id,
        version=row.number, audience=tuple(row.audience), target=row.target, channel=row.channel, push_id=row.push_id,
        address=ends.pop() if len(ends) == 1 else "", gone=gone,
    )  # fmt: skip


def noticed(conn: Connection, item_id: int, target: str, version: int) -> bool:
    """True if a 撤回 of this version or a later one goes, or went, to the target."""
    p, v = t.placements.c, t.versions.c
    query = select(p.id).join(t.versions, v.id == p.version_id).where(p.item_id == item_id, p.target == target)
    return conn.scalar(query.where(p.purpose == RETRACTION, p.ended == "", v.number >= version).limit(1)) is not None


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order to take back one push, or one piece of it."""

    id: int
    placement_id: int
    push_id: int
    kind: str
    status: str
    reason: str
    tries: int
    ordered_by: str
    ordered_at: datetime
    ended_at: datetime | None
    ended_by: str
    item_id: int
    title: str
    target: str
    channel: str


def _orders(conn: Connection, *where: ColumnElement[bool]) -> list[Order]:
    r, p, v = t.recalls.c, t.placements.c, t.versions.c
    query = (
        select(
            r.id, r.placement_id, r.push_id, r.kind, r.status, r.reason, r.tries, r.ordered_by, r.ordered_at, r.ended_at,
            r.ended_by, p.item_id, v.title, p.target, p.channel,
        )
        .join(t.placements, p.id == r.placement_id)
        .join(t.versions, v.id == p.version_id)
        .where(*where)
        .order_by(r.id)
    )  # fmt: skip
    return [Order(**row._mapping) for row in conn.execute(query)]


def due(conn: Connection, channel: str, now: datetime) -> list[Order]:
    """The channel's orders that are to be worked on now, oldest first."""
    r = t.recalls.c
    ripe = or_(r.not_before.is_(None), r.not_before <= now)
    return _orders(conn, r.status == QUEUED, ripe, t.placements.c.channel == channel)


def listed(conn: Connection, item_id: int | None = None) -> list[Order]:
    """Every order, or those of one item."""
    return _orders(conn, *([] if item_id is None else [t.placements.c.item_id == item_id]))


def get(conn: Connection, number: int) -> Order | None:
    """One order."""
    return next(iter(_orders(conn, t.recalls.c.id == number)), None)


def standing_of(conn: Connection, order: Order) -> Standing:
    """What an order is about, as it stands now."""
    found = _standings(conn, t.placements.c.id == order.placement_id, t.push_placements.c.push_id == order.push_id)
    return found[0]


def ordered(conn: Connection, standing: Standing, kind: str) -> bool:
    """True if this was ordered before, whatever came of it."""
    r = t.recalls.c
    same = (r.placement_id == standing.placement_id, r.push_id == standing.push_id, r.kind == kind)
    return conn.scalar(select(r.id).where(*same)) is not None


def add(
    conn: Connection, standing: Standing, *, kind: str, status: str, reason: str, person: str, now: datetime
) -> int | None:
    """An order, once for each placement, push and kind: its number, None if there is one already."""
    gone = standing.gone
    values = {
        "placement_id": standing.placement_id, "push_id": standing.push_id, "kind": kind, "status": status,
        "piece": 0 if gone.pieces == 1 else gone.position, "reason": reason, "ordered_by": person, "ordered_at": now,
    }  # fmt: skip
    if ordered(conn, standing, kind):
        return None
    with conn.begin_nested() as savepoint:
        try:
            key = conn.execute(insert(t.recalls).values(**values)).inserted_primary_key
        except IntegrityError:  # another process obeyed the same order
            savepoint.rollback()
            return None
    assert key is not None
    return int(key[0])


def put_off(conn: Connection, number: int, not_before: datetime, reason: str, *, tried: bool, raw: str = "") -> None:
    """It is worked on again then."""
    r = t.recalls.c
    values = {"not_before": not_before, "reason": reason, "tries": r.tries + int(tried), "raw": raw[:2000]}
    conn.execute(update(t.recalls).where(r.id == number, r.status == QUEUED).values(values))


def close(
    conn: Connection, order: Order, status: str, reason: str, now: datetime, *, by: str = "", raw: str = ""
) -> bool:
    """Move an order on from where it was seen; False if somebody else was quicker."""
    r = t.recalls.c
    over = {} if status == HANDED else {"ended_at": now, "ended_by": by}
    values = {"status": status, "reason": reason, "raw": raw[:2000], "not_before": None, **over}
    mine = update(t.recalls).where(r.id == order.id, r.status == order.status)
    return conn.execute(mine.values(values)).rowcount == 1


def calls(conn: Connection, push_id: int) -> list[int]:
    """A delivery for each call that is to be taken back: addresses that one call reached share the vendor's id."""
    d = t.deliveries.c
    query = select(func.min(d.id)).where(d.push_id == push_id, d.status.in_(_OUT)).group_by(d.vendor_id)
    return sorted(conn.scalars(query))


def take_back(
    conn: Connection, order: Order, piece: int, reason: str, said_by: str, now: datetime, vendor_id: str | None = None
) -> int:
    """Mark as taken back: one piece at its placement, else the push's deliveries (of one call only). Returns how many.

    A draft that nobody has seen has not arrived: it is no 撤回, it has failed.
    """
    p, d = t.placements.c, t.deliveries.c
    touch(conn, pushes=[order.push_id])
    if piece:
        mine = update(t.placements).where(p.id == order.placement_id, p.ended == "")
        return conn.execute(mine.values(ended=ENDED_BACK, ended_at=now, reason=reason)).rowcount
    call = [] if vendor_id is None else [d.vendor_id == vendor_id]
    query = select(d.id, d.status).where(d.push_id == order.push_id, d.status.in_(_OUT), *call).with_for_update()
    found = conn.execute(query).all()
    gone = {row.id: Status.FAILED if row.status == Status.HANDED else Status.RETRACTED for row in found}
    values = {"reason": reason, "looked": None, "not_before": None, "changed_at": now}
    for status in set(gone.values()):
        ids = [number for number, end in gone.items() if end is status]
        conn.execute(update(t.deliveries).where(d.id.in_(ids)).values(status=status, **values))
    word = {"attempt_id": None, "said_by": said_by, "outcome": Outcome.DELIVERED, "reason": reason, "at": now}
    if gone:
        conn.execute(insert(t.outcomes), [{**word, "delivery_id": n, "status": end} for n, end in gone.items()])
    return len(gone)


def over(conn: Connection, channel: str, today: date) -> list[Standing]:
    """What stands on a channel of 公示 whose term ended before today, and was not ordered down."""
    p, i, r, now = t.placements.c, t.items.c, t.recalls.c, t.versions.alias("current_versions")
    term = (now.c.is_notice.is_(True), now.c.notice_to < today)
    ended = select(i.id).join(now, now.c.id == i.version_id).where(*term)
    before = (r.placement_id == p.id, r.push_id == t.push_placements.c.push_id, r.kind == TAKEN_DOWN)
    mine = (p.channel == channel, p.taken_at.is_not(None), t.push_placements.c.push_id.is_not(None))
    return _standings(conn, *mine, p.item_id.in_(ended), ~exists().where(*before))
