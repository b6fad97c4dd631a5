"""What a push carries, by the names that people know it by."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store import tables as t


def named(conn: Connection, push_id: int) -> tuple[tuple[int, str], ...]:
    """What a push carries, in its order: each item with its title."""
    p, pp, v = t.placements.c, t.push_placements.c, t.versions.c
    query = select(p.item_id, v.title).join(t.placements, p.version_id == v.id)
    query = query.join(t.push_placements, pp.placement_id == p.id)
    return tuple((r.item_id, r.title) for r in conn.execute(query.where(pp.push_id == push_id).order_by(pp.position)))


def titles(conn: Connection, push_id: int) -> tuple[str, ...]:
    """The titles of what a push carries, in its order."""
    return tuple(title for _item, title in named(conn, push_id))
