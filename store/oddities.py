"""The rows that break a sum, in words: what a report names when it says 未核对."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, func, select

from rules.figures import DISCLOSED
from store import tables as t
from store.figures import items_in, made_in, placements_in
from store.span import Span
from store.standing import ODD


def odd_items(conn: Connection, span: Span, column: str, known: Collection[Any], category: str = "") -> list[str]:
    """The counted items that have no place in a sum over `column`, in words: id, 编号, title, and what stands there."""
    rows = items_in(span, column)
    where = [rows.c[column].not_in(known), *([rows.c.category == category] if category else [])]
    return _items(conn, rows, column, *where)


def empty_items(conn: Connection, span: Span, column: str) -> list[str]:
    """The counted items where nothing stands in `column`."""
    rows = items_in(span, column)
    return _items(conn, rows, column, rows.c[column] == "")


def _items(conn: Connection, rows: Subquery, column: str, *where: ColumnElement[bool]) -> list[str]:
    disclosed = [] if column == "state" else [rows.c.state == DISCLOSED]
    query = select(rows.c.id, rows.c.number, rows.c.title, rows.c.category, rows.c[column].label("odd"))
    found = conn.execute(query.where(rows.c.counted.is_(True), *disclosed, *where).order_by(rows.c.id))
    return [_words(column, row) for row in found]


def _words(column: str, row: Any) -> str:
    name, who = _COLUMNS[column], f"条目 {row.id} {row.number} {row.title}"
    return (
        f"{who}：{name}" + (f"“{row.odd}”" if row.odd else "为空")
        if name
        else f"{who}：没有到达的条次，也没有来源的公开日期"
    )


_COLUMNS = {
    "category": "大类", "sub_item": "小项", "department": "责任部门", "month": "月份", "audience_class": "受众",
    "state": "公开属性", "evidenced": "",
}  # fmt: skip


def odd_placements(conn: Connection, span: Span, channel: str, origin: str) -> list[str]:
    """The placements of a line that came to no result the house knows."""
    rows = placements_in(span)
    where = (rows.c.channel == channel, rows.c.origin == origin, rows.c.standing == ODD)
    query = select(rows.c.id, rows.c.item_id, rows.c.target).where(*where).order_by(rows.c.id)
    return [f"条次 {r.id}（条目 {r.item_id}，目标 {r.target}）：结果待定" for r in conn.execute(query)]


def odd_pushes(conn: Connection, span: Span) -> list[str]:
    """The pushes that carry another number of placements than they say."""
    u, pp = t.pushes.c, t.push_placements.c
    found = select(func.count()).where(pp.push_id == u.id).correlate(t.pushes).scalar_subquery()
    query = select(u.id, u.target, u.pieces, found.label("found")).where(*made_in(span), u.pieces != found)
    return [f"推送 {r.id}（{r.target}）：记有 {r.pieces} 条次，找到 {r.found} 条次" for r in conn.execute(query)]
