"""Which persons have got a placement (条次), or may have: what a push to persons asks before it is made."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, or_, select

from rules.bundle import CORRECTION
from rules.states import TAKEN, Status
from store import tables as t


def pushed_before(conn: Connection, placement_ids: Sequence[int]) -> set[int]:
    """Those of these placements that have been in a push."""
    pp = t.push_placements.c
    return set(conn.scalars(select(pp.placement_id).where(pp.placement_id.in_(placement_ids)).distinct()))


def had(conn: Connection, placement_ids: Sequence[int]) -> list[str]:
    """The addresses that one of these placements has reached in an earlier push, or may have."""
    d, pp = t.deliveries.c, t.push_placements.c
    perhaps = or_(d.status.in_((*TAKEN, Status.HANDED, Status.SENDING, Status.UNCERTAIN)), d.maybe_sent.is_(True))
    query = select(d.address).join(t.push_placements, pp.push_id == d.push_id)
    return list(conn.scalars(query.where(pp.placement_id.in_(placement_ids), perhaps).distinct()))


def called_back_without(conn: Connection, push_id: int) -> str:
    """The purpose of what has already followed this push to its target, 撤回 or 更正; empty if nothing has."""
    p, pp, later = t.placements.c, t.push_placements.c, t.placements.alias("followers").c
    query = (
        select(later.purpose)
        .join(t.placements, p.id == later.follows_id)
        .join(t.push_placements, pp.placement_id == p.id)
        .where(pp.push_id == push_id, later.push_id.is_not(None))
    )
    return conn.scalar(query.order_by(later.id.desc()).limit(1)) or ""


def reached(conn: Connection, first_ids: Sequence[int]) -> list[str]:
    """The addresses that surely have an item by its 首发 (these placements) or by a 更正 that followed it."""
    p, d, pp = t.placements.c, t.deliveries.c, t.push_placements.c
    chain = or_(p.id.in_(first_ids), and_(p.follows_id.in_(first_ids), p.purpose == CORRECTION))
    query = (
        select(d.address).join(t.push_placements, pp.push_id == d.push_id).join(t.placements, p.id == pp.placement_id)
    )
    return list(conn.scalars(query.where(chain, d.status.in_(TAKEN)).order_by(d.id)))
