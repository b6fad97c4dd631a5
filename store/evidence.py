"""Everything that is kept of one item (条), table by table, each row as it stands: what its evidence is made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, tuple_

from store import tables as t

Rows = list[dict[str, Any]]


def of_item(conn: Connection, item_id: int) -> dict[str, Rows]:
    """Table name -> rows in their order: the item, its versions, reviews, scans, decisions, placements, pushes and
    all that was said of them."""
    found = {"items": _rows(conn, t.items, t.items.c.id == item_id)}
    found["item_versions"] = _rows(conn, t.versions, t.versions.c.item_id == item_id)
    versions = [row["id"] for row in found["item_versions"]]
    for table in (t.reviews, t.scans, t.decisions):
        found[table.name] = _rows(conn, table, table.c.version_id.in_(versions))
    found["placements"] = _rows(conn, t.placements, t.placements.c.item_id == item_id)
    placed = [row["id"] for row in found["placements"]]
    pp = t.push_placements.c
    pushes = list(conn.scalars(select(pp.push_id).where(pp.placement_id.in_(placed)).distinct().order_by(pp.push_id)))
    found["pushes"] = _rows(conn, t.pushes, t.pushes.c.id.in_(pushes))
    carried = select(t.push_placements).where(pp.placement_id.in_(placed)).order_by(pp.push_id, pp.position)
    found["push_placements"] = [dict(row) for row in conn.execute(carried).mappings()]
    for table in (t.deliveries, t.attempts, t.reach):
        found[table.name] = _rows(conn, table, table.c.push_id.in_(pushes))
    deliveries = [row["id"] for row in found["deliveries"]]
    found["outcomes"] = _rows(conn, t.outcomes, t.outcomes.c.delivery_id.in_(deliveries))
    said = sorted({(row["channel"], row["vendor_id"]) for row in found["deliveries"] if row["vendor_id"]})
    r = t.receipts.c
    found["receipts"] = _rows(conn, t.receipts, tuple_(r.channel, r.vendor_id).in_(said)) if said else []
    found["acts"] = _rows(conn, t.acts, t.acts.c.subject == f"条目 {item_id}")
    found["recalls"] = _rows(conn, t.recalls, t.recalls.c.placement_id.in_(placed))
    return found


def _rows(conn: Connection, table: Table, where: ColumnElement[bool]) -> Rows:
    return [dict(row) for row in conn.execute(select(table).where(where).order_by(table.c.id)).mappings()]
