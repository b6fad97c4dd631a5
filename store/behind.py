"""The rows behind the figures: what store.figures counts, one by one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Subquery, select

from store import figures
from store import tables as t
from store.span import Span

Rows = list[dict[str, Any]]


def _read(conn: Connection, query: Select[Any], rows: Subquery) -> Rows:
    return [dict(row) for row in conn.execute(query.order_by(rows.c.id)).mappings()]


def _all(conn: Connection, rows: Subquery) -> Rows:
    return _read(conn, select(rows), rows)


def items(conn: Connection, span: Span) -> Rows:
    """Every item (条) of the span, those that do not count (不计入) too."""
    return _all(conn, figures.items_in(span, "month", "evidenced"))


def placements(conn: Connection, span: Span) -> Rows:
    """Every placement (条次), with the number and title of its item."""
    rows, i = figures.placements_in(span, "month"), t.items.c
    return _read(conn, select(rows, i.number, i.title).join(t.items, i.id == rows.c.item_id), rows)


def pushes(conn: Connection, span: Span) -> Rows:
    """Every push (次)."""
    return _all(conn, figures.pushes_in(span))


def deliveries(conn: Connection, span: Span) -> Rows:
    """Every delivery (人次), without its address."""
    return _all(conn, figures.deliveries_in(span))


def reach(conn: Connection, span: Span) -> Rows:
    """Every figure of reach that is added up."""
    return _all(conn, figures.latest_in(span))


def carried(conn: Connection, span: Span) -> set[tuple[int, str]]:
    """Which push (次) carried an item of which category."""
    rows, pp = figures.pushes_in(span), t.push_placements.c
    query = select(rows.c.id, t.items.c.category).join(t.push_placements, pp.push_id == rows.c.id)
    query = query.join(t.placements, t.placements.c.id == pp.placement_id)
    return {(row[0], row[1]) for row in conn.execute(query.join(t.items, t.items.c.id == t.placements.c.item_id))}
