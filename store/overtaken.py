"""Overtaken (被新版本取代): placements of an older version that never left follow the newest one, or end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from rules.bundle import CORRECTION, FIRST
from rules.item import withdrawn
from store import tables as t
from store.placements import end


def catch_up(conn: Connection, now: datetime) -> None:
    """A push came to nothing after a newer version was routed: that version takes its place, or nothing does."""
    p, i, v, c = t.placements.c, t.items.c, t.versions.c, t.decisions.c
    query = (
        select(p.id, i.version_id, v.disclosure, c.granted)
        .join(t.items, i.id == p.item_id)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.decisions, and_(c.version_id == v.id, c.target == p.target))
        .where(p.push_id.is_(None), p.ended == "", p.purpose == FIRST, p.version_id != v.id, v.routed_at.is_not(None))
    )
    for row in conn.execute(query).all():
        if row.granted:
            values = {"version_id": row.version_id, "confirmed_at": None, "confirmed_by": ""}
            free = (p.id == row.id, p.push_id.is_(None), p.ended == "")
            conn.execute(update(t.placements).where(*free).values(**values))
        else:  # one that may not be disclosed is routed nowhere, so that no decision says no
            end(conn, [row.id], "cancelled", withdrawn(row.disclosure) or "新版本不再发往此目标", now)
    _end_corrections(conn, now)


def _end_corrections(conn: Connection, now: datetime) -> None:
    """A 更正 that waits for a version which is no longer the newest."""
    p, i = t.placements.c, t.items.c
    newest = select(i.version_id).where(i.id == p.item_id).correlate(t.placements).scalar_subquery()
    stale = (p.push_id.is_(None), p.ended == "", p.purpose == CORRECTION, p.version_id != newest)
    over = list(conn.scalars(select(p.id).where(*stale)))
    end(conn, over, "cancelled", "条目又有新版本，须重新更正", now)
