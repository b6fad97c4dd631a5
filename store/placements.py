"""Placements (条次) and the pushes (次) they travel in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from rules.bundle import FIRST, RETRACTION
from rules.dates import day_of
from rules.item import Review
from rules.origin import BOT
from rules.place import WEBSITE
from rules.states import Status
from rules.urgent import holds, ordered_until
from rules.waiting import Line
from store import tables as t
from store.items import last_review, review_of
from store.marks import touch

#: Rows of a long list (名单) written by one statement: what is in hand is in memory.
TOGETHER = 1000


def place_first(conn: Connection, item_id: int, version_id: int, target: str, channel: str, now: datetime) -> str:
    """首发 of an item at a target, once over all its versions: returns 'new', 'replaced' or 'sent'."""
    p = t.placements.c
    key = (p.item_id == item_id, p.target == target, p.slot == FIRST)
    old = conn.execute(select(p.id, p.push_id, p.ended).where(*key)).first()
    if old is None:
        values = {
            "item_id": item_id, "version_id": version_id, "target": target, "channel": channel, "purpose": FIRST,
            "slot": FIRST, "origin": BOT, "reason": "等待编排", "created_at": now,
        }  # fmt: skip
        fresh = conn.execute(insert(t.placements).values(**values)).inserted_primary_key
        assert fresh is not None
        touch(conn, placements=[int(fresh[0])])
        return "new"
    if old.push_id is not None and _may_be_out(conn, old.id):
        return "sent"
    # What ended before it left (narrowed, expired, refused) comes alive with the version that may go; a person sees it anew.
    touch(conn, placements=[old.id])
    conn.execute(update(t.placements).where(p.id == old.id).values(version_id=version_id, push_id=None, **_ANEW))
    return "replaced"


def place_after(
    conn: Connection,
    first_id: int,
    version_id: int,
    purpose: str,
    number: int,
    now: datetime,
    *,
    confirmed_by: str = "",
) -> int | None:
    """更正 or 撤回 of a version (its number) where the first placement went, linked to it; None if there is one already.

    `confirmed_by`: the person whose order it is, so that it waits for no further confirmation; empty: it waits.
    """
    p = t.placements.c
    first = conn.execute(select(p.item_id, p.target, p.channel).where(p.id == first_id)).one()
    values = {
        **first._mapping, "version_id": version_id, "purpose": purpose, "slot": f"{purpose}:{number}", "origin": BOT,
        "reason": "等待编排", "follows_id": first_id, "created_at": now, "confirmed_by": confirmed_by,
        "confirmed_at": now if confirmed_by else None,
    }  # fmt: skip
    if conn.scalar(select(p.id).where(*(p[n] == values[n] for n in ("item_id", "target", "slot")))) is not None:
        return None
    with conn.begin_nested() as savepoint:
        try:
            key = conn.execute(insert(t.placements).values(**values)).inserted_primary_key
        except IntegrityError:  # another process obeyed the same order
            savepoint.rollback()
            return None
    assert key is not None
    touch(conn, placements=[int(key[0])])
    return int(key[0])


#: A placement that waits again as if it had just been made: a person sees it anew.
_ANEW: dict[str, Any] = {
    "ended": "", "ended_at": None, "confirmed_at": None, "confirmed_by": "", "reason": "等待编排",
}  # fmt: skip


def _may_be_out(conn: Connection, placement_id: int) -> bool:
    """True if the placement's live push has reached anybody, or may have, or still may."""
    p, d = t.placements.c, t.deliveries.c
    dead = and_(d.status.in_((Status.FAILED, Status.CANCELLED, Status.EXPIRED)), d.maybe_sent.is_(False))
    alive = exists().where(d.push_id == p.push_id, ~dead)
    booked = ~exists().where(d.push_id == p.push_id)
    query = select(p.id).where(p.id == placement_id, (alive | booked | p.taken_at.is_not(None)))
    return conn.scalar(query) is not None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A placement with all that the gate, the fence and the renderer ask of it."""

    id: int
    item_id: int
    version_id: int
    target: str
    purpose: str
    alone: bool
    since: datetime
    confirmed: bool
    title: str
    summary: str
    body: str
    url: str
    department: str
    disclosure: str
    audience: tuple[str, ...]
    is_notice: bool
    urgent: bool
    #: An outage made it late: what becomes of it ("": it did not).
    late: str
    #: Until when it goes at any hour by a person's order (紧急), and the moment before which it does not go (定时).
    ordered_until: datetime | None
    send_at: datetime | None
    ends_on: date | None
    hold: str
    #: Why it waits, as last written.
    reason: str
    #: Of a 更正 or 撤回: the first push's placement.
    follows_id: int | None
    current: bool
    review: Review | None
    category: str = ""
    #: The day its 20 working days count from; None: it is public already.
    owed_from: date | None = None

    def ordered(self, now: datetime) -> bool:
        """True while it goes at any hour."""
        return holds(self.ordered_until, now)


@cache
def _due_query() -> Any:
    """Built once: building it costs more than asking it."""
    p, v, i, r = t.placements.c, t.versions.c, t.items.c, t.reviews.c
    columns = (
        p.id, p.item_id, p.version_id, p.target, p.purpose, p.alone, p.reason, p.follows_id, p.created_at, p.confirmed_at,
        p.late,
        v.title, v.summary, v.body, v.url, v.department, v.disclosure, v.audience, v.is_notice, v.urgent,
        v.notice_to, v.ends_on, v.category, v.formed_on, v.approved_on, i.disclosed_on, i.created_at.label("entered_at"), i.hold, i.stopped, i.urgent_at, i.send_at, v.guard, i.version_id.label("current_version"),
        r.reviewer, r.conclusion, r.concluded_on, r.basis, r.kind,
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(t.placements)
        .join(t.versions, v.id == p.version_id)
        .join(t.items, i.id == p.item_id)
        .outerjoin(t.reviews, last_review())
    )


def _due(row: Row[Any]) -> Due:
    """A 撤回 follows a version that was let out before: neither an order to stop the item nor its end holds it up."""
    back, until = row.purpose == RETRACTION, ordered_until(row.urgent_at, row.purpose, row.created_at)
    return Due(
        id=row.id,
        item_id=row.item_id,
        version_id=row.version_id,
        target=row.target,
        purpose=row.purpose,
        alone=row.alone,
        since=row.created_at,
        confirmed=row.confirmed_at is not None,
        title=row.title,
        summary=row.summary,
        body=row.body,
        url=row.url,
        department=row.department,
        disclosure=row.disclosure,
        audience=tuple(row.audience),
        is_notice=row.is_notice,
        urgent=row.urgent or back or until is not None,
        ordered_until=until,
        send_at=None if back else row.send_at,
        late=row.late or "",
        ends_on=None if back else row.ends_on or row.notice_to,
        hold="" if back else row.stopped or row.hold or row.guard or "",
        reason=row.reason,
        follows_id=row.follows_id,
        current=row.version_id == row.current_version or back,
        review=review_of(row),
        category=row.category,
        owed_from=None if row.disclosed_on else row.formed_on or row.approved_on or day_of(row.entered_at),
    )


def waiting(conn: Connection, now: datetime) -> list[Due]:
    """Every placement without a push that has not ended, oldest first."""
    p = t.placements.c
    ripe = (p.push_id.is_(None), p.ended == "", p.not_before.is_(None) | (p.not_before <= now))
    query = _due_query().where(*ripe).order_by(p.target, p.id)
    return [_due(row) for row in conn.execute(query)]


def carried(conn: Connection, push_ids: Sequence[int]) -> dict[int, list[Due]]:
    """What each of these pushes carries, in its order."""
    pp = t.push_placements.c
    query = (
        _due_query()
        .add_columns(pp.push_id.label("in_push"))
        .join(t.push_placements, pp.placement_id == t.placements.c.id)
    )
    found: dict[int, list[Due]] = {push_id: [] for push_id in push_ids}
    for row in conn.execute(query.where(pp.push_id.in_(push_ids)).order_by(pp.push_id, pp.position)):
        found[row.in_push].append(_due(row))
    return found


def end(conn: Connection, placement_ids: Iterable[int], how: str, reason: str, now: datetime) -> int:
    """Placements that will never leave (cancelled or expired); those already in a push stay. Returns how many."""
    p, ids = t.placements.c, list(placement_ids)
    mine = (p.id.in_(ids), p.push_id.is_(None), p.ended == "")
    touch(conn, placements=ids)
    return conn.execute(update(t.placements).where(*mine).values(ended=how, ended_at=now, reason=reason)).rowcount


def take_up(conn: Connection, item_id: int, reason: str, today: date) -> tuple[int, int]:
    """Placements ended for this very reason wait again, unless their own end has passed; returns how many of each."""
    p, v = t.placements.c, t.versions.c
    last_day = func.coalesce(v.ends_on, v.notice_to)
    query = select(p.id, last_day.label("last_day")).join(t.versions, v.id == p.version_id)
    mine = (p.item_id == item_id, p.ended == "cancelled", p.reason == reason, p.push_id.is_(None))
    found = conn.execute(query.where(*mine)).all()
    able = [row.id for row in found if row.last_day is None or row.last_day >= today]
    touch(conn, placements=able)
    conn.execute(update(t.placements).where(p.id.in_(able)).values(**_ANEW))
    return len(able), len(found) - len(able)


def put_off(conn: Connection, placement_id: int, not_before: datetime) -> None:
    """It is not looked at before then, so that it holds up no other."""
    conn.execute(update(t.placements).where(t.placements.c.id == placement_id).values(not_before=not_before))


def lock(conn: Connection, placement_ids: Sequence[int]) -> bool:
    """Whoever else makes a push of these waits for this transaction; False if one is no longer free."""
    p = t.placements.c
    query = select(p.id).where(p.id.in_(placement_ids), p.push_id.is_(None), p.ended == "").order_by(p.id)
    return len(conn.execute(query.with_for_update()).all()) == len(placement_ids)


def explain(conn: Connection, reasons: Mapping[int, str]) -> None:
    """Why these placements wait, in words; only what changed is written."""
    by_reason: dict[str, list[int]] = {}
    for placement_id, reason in reasons.items():
        by_reason.setdefault(reason, []).append(placement_id)
    p = t.placements.c
    for reason, ids in by_reason.items():
        conn.execute(update(t.placements).where(p.id.in_(ids), p.reason != reason).values(reason=reason))


def confirm(conn: Connection, dues: Iterable[Due], person: str, now: datetime) -> int:
    """A person has seen these versions on the day's list. Returns how many were waiting for it."""
    p, done = t.placements.c, 0
    for due in dues:
        seen = (p.id == due.id, p.version_id == due.version_id, p.confirmed_at.is_(None), p.ended == "")
        done += conn.execute(update(t.placements).where(*seen).values(confirmed_at=now, confirmed_by=person)).rowcount
    return done


def lines(conn: Connection, channel: str, day_start: datetime) -> dict[str, Line]:
    """For each target of a channel; pushes that were cancelled or refused do not count, those of unknown end do."""
    u, d = t.pushes.c, t.deliveries.c
    dead = ~exists().where(and_(d.push_id == u.id, d.status.not_in((Status.CANCELLED, Status.FAILED))))
    query = (
        select(u.target, func.count(), func.max(u.created_at))
        .where(u.channel == channel, u.created_at >= day_start, u.origin == BOT, ~dead)
        .group_by(u.target)
    )
    today: dict[str, tuple[int, datetime | None]] = {row[0]: (row[1], row[2]) for row in conn.execute(query)}
    open_states = (Status.QUEUED, Status.SENDING)
    unsent = set(
        conn.scalars(
            select(u.target)
            .join(t.deliveries, d.push_id == u.id)
            .where(d.channel == channel, d.status.in_(open_states))
        )
    )
    return {target: Line(*today.get(target, (0, None)), unsent=target in unsent) for target in today.keys() | unsent}


def times_pushed(conn: Connection, placement_ids: Sequence[int]) -> int:
    """How many pushes these placements have been in; with it a resend gets a key of its own."""
    pp = t.push_placements.c
    return conn.scalar(select(func.count(pp.push_id.distinct())).where(pp.placement_id.in_(placement_ids))) or 0


def add_push(
    conn: Connection, facts: Mapping[str, Any], placement_ids: Sequence[int], addresses: Sequence[str], now: datetime,
    left_out: Mapping[str, str] | None = None,
) -> int | None:  # fmt: skip
    """A push with its placements and deliveries; None if another process took one of the placements first.

    `left_out`: addresses that should get it and this push does not go to, each with why: failed from the start.
    """
    statement = insert(t.pushes).values(**facts, pieces=len(placement_ids), created_at=now)
    key = conn.execute(statement).inserted_primary_key
    assert key is not None
    push_id = int(key[0])
    touch(conn, pushes=[push_id])
    p = t.placements.c
    taken = update(t.placements).where(p.id.in_(placement_ids), p.push_id.is_(None), p.ended == "")
    if conn.execute(taken.values(push_id=push_id, reason="")).rowcount != len(placement_ids):
        return None
    rows = [{"push_id": push_id, "placement_id": each, "position": n} for n, each in enumerate(placement_ids)]
    conn.execute(insert(t.push_placements), rows)
    rows_of: list[tuple[str, dict[str, Any]]] = [(each, {}) for each in addresses]
    rows_of += [(each, {"status": Status.FAILED, "reason": why}) for each, why in (left_out or {}).items()]
    fresh = {
        "push_id": push_id, "channel": facts["channel"], "status": Status.QUEUED, "urgent": facts["urgent"],
        "reason": "等待发送", "changed_at": now, "pushed_at": now, "shared_at": now if len(rows_of) > 1 else None,
    }  # fmt: skip
    for n in range(0, len(rows_of), TOGETHER):
        some = [{**fresh, "address": address, **more} for address, more in rows_of[n : n + TOGETHER]]
        conn.execute(insert(t.deliveries), some)
    return push_id


def scrap(conn: Connection, push_id: int, reason: str, now: datetime, *, alone: bool = False) -> bool:
    """Take an unsent push apart: its deliveries are cancelled, its placements wait again.

    False if any of it has left, may have left, or is leaving right now.
    """
    d = t.deliveries.c
    never = and_(d.status == Status.FAILED, d.tries == 0)  # left out of this push from the start
    query = select(d.status, d.maybe_sent).where(d.push_id == push_id, ~never).order_by(d.id).with_for_update()
    mine = conn.execute(query).all()  # locked: nobody claims a part of them meanwhile
    if any(row.status != Status.QUEUED or row.maybe_sent for row in mine):
        return False
    statement = update(t.deliveries).where(d.push_id == push_id, d.status == Status.QUEUED)
    if conn.execute(statement.values(status=Status.CANCELLED, reason=reason, changed_at=now)).rowcount != len(mine):
        return False
    conn.execute(delete(t.quotas).where(t.quotas.c.push_id == push_id))  # nothing of it was taken
    free(conn, push_id, now, alone=alone)
    return True


def came_to_nothing(conn: Connection, push_id: int) -> bool:
    """True if no address of the push has got it, or may have, or still may."""
    d, dead = t.deliveries.c, (Status.FAILED, Status.CANCELLED, Status.EXPIRED)
    return conn.scalar(select(d.id).where(d.push_id == push_id, d.status.not_in(dead)).limit(1)) is None


def free(conn: Connection, push_id: int, now: datetime, *, alone: bool) -> None:
    """The placements of a push that came to nothing wait again; its own rows stay as they are."""
    p, i = t.placements.c, t.items.c
    touch(conn, pushes=[push_id])
    order = select(i.stopped).where(i.id == p.item_id).scalar_subquery()
    stopped = update(t.placements).where(p.push_id == push_id, order != "", p.purpose != RETRACTION)
    conn.execute(stopped.values(push_id=None, ended="cancelled", ended_at=now, reason=order))
    values: dict[str, Any] = {"push_id": None, "reason": "等待编排"}
    if alone:
        values["alone"] = True
    conn.execute(update(t.placements).where(p.push_id == push_id).values(**values))


def unsent_pushes_of(conn: Connection, item_id: int) -> list[int]:
    """Queued pushes that carry the item."""
    p, d = t.placements.c, t.deliveries.c
    query = (
        select(p.push_id)
        .distinct()
        .join(t.deliveries, d.push_id == p.push_id)
        .where(p.item_id == item_id, d.status == Status.QUEUED)
    )
    return [int(push_id) for push_id in conn.scalars(query) if push_id is not None]


def of_item(conn: Connection, item_id: int) -> list[Row[Any]]:
    """The item's placements: id, target, push_id, ended, reason, purpose."""
    p = t.placements.c
    query = select(p.id, p.target, p.push_id, p.ended, p.reason, p.purpose).where(p.item_id == item_id).order_by(p.id)
    return list(conn.execute(query))


def has_left(conn: Connection, item_id: int) -> bool:
    """True if anything of the item is, or may be, out; the school's own page shows the new version by itself."""
    p, d = t.placements.c, t.deliveries.c
    out = (Status.SENDING, Status.ACCEPTED, Status.HANDED, Status.DELIVERED, Status.UNCERTAIN)
    mine = (p.item_id == item_id, p.channel != WEBSITE, d.status.in_(out))
    return conn.scalar(select(p.id).join(t.deliveries, d.push_id == p.push_id).where(*mine).limit(1)) is not None


def any_waiting(conn: Connection) -> bool:
    """True if a placement has no push yet and has not ended."""
    p = t.placements.c
    return conn.scalar(select(p.id).where(p.push_id.is_(None), p.ended == "").limit(1)) is not None
