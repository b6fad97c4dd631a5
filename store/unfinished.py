"""What of the deliveries is not finished: when something wants to be looked at next, and on which channels now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from rules.states import Status
from store import tables as t


def next_due(conn: Connection) -> datetime | None:
    """The earliest time at which something queued, uncertain or followed wants to be looked at."""
    d = t.deliveries.c
    open_states = (Status.QUEUED, Status.UNCERTAIN, Status.HANDED, Status.ACCEPTED)
    found: datetime | None = conn.scalar(select(func.min(d.not_before)).where(d.status.in_(open_states)))
    return found


def any_open(conn: Connection) -> bool:
    """True if a delivery still waits, is being sent, or may have been sent."""
    d = t.deliveries.c
    open_states = (Status.QUEUED, Status.SENDING, Status.UNCERTAIN)
    return conn.scalar(select(d.id).where(d.status.in_(open_states)).limit(1)) is not None


def busy(conn: Connection, now: datetime) -> set[str]:
    """The channels that have something to send or to look at now."""
    d = t.deliveries.c
    waits = or_(d.status == Status.QUEUED, d.status == Status.SENDING)
    ripe = or_(and_(waits, d.not_before.is_(None)), d.not_before <= now)
    return set(conn.scalars(select(d.channel).where(ripe).distinct()))
