"""What the office's rules and its persons' orders came to, counted from the rows: one figure each, in the office's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from demo.books import leaked
from demo.stage import Stage
from rules.item import MAY_OPEN
from rules.origin import BOT
from rules.review import RETURNED
from store import scans
from store import tables as t

ITEMS, PLACEMENTS = "条", "条次"
#: An urgent item is out so soon after the order.
AT_ONCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Figure:
    """One figure: its name, how many of what, what is said of it, and whether what that promises was kept."""

    name: str
    value: int
    unit: str
    text: str
    kept: bool


def figures(stage: Stage) -> tuple[Figure, ...]:
    """Every figure, also those that are 0."""
    escaped = leaked(stage)
    with stage.office.db.read() as conn:
        rows = _placements(conn)
        return (
            _held(conn, escaped),
            _released(conn, rows),
            _concluded(conn, rows, "returned", RETURNED, "被审查人退回，责任部门修改后重新审查通过"),
            _concluded(conn, rows, "approved", MAY_OPEN, "登记时没有审查，在待审清单中由审查人署名通过"),
            _urgent(rows),
            _timed(rows),
            _late(conn, rows),
            _confirmed(rows),
        )


def _placements(conn: Connection) -> Sequence[Any]:
    """Every placement that the bot has made, with the orders that its item was given."""
    p, i = t.placements.c, t.items.c
    query = select(p.item_id, p.taken_at, p.ended, p.late, p.confirmed_at, i.urgent_at, i.send_at)
    return conn.execute(query.join(t.items, i.id == p.item_id).where(p.origin == BOT)).all()


def _held(conn: Connection, escaped: Sequence[str]) -> Figure:
    text = "被保密检查拦下、没有放行，演练环境的各本账上一处也没有"
    return Figure("held", len(scans.held(conn)), ITEMS, text, not escaped)


def _released(conn: Connection, rows: Sequence[Any]) -> Figure:
    s, v = t.scans.c, t.versions.c
    query = select(v.item_id).join(t.scans, s.version_id == v.id).where(s.released_at.is_not(None))
    ids = set(conn.scalars(query))
    return Figure("released", len(ids), ITEMS, "被保密检查拦下，负责人核对后写明理由放行", _are_out(rows, ids))


def _concluded(conn: Connection, rows: Sequence[Any], name: str, word: str, text: str) -> Figure:
    """The items with such a conclusion from the queue, by the acts of persons; all of them are out by now."""
    a = t.acts.c
    subjects = conn.scalars(select(a.subject).where(a.act == "审查", a.reason.startswith(word)))
    ids = {int(subject.removeprefix("条目 ")) for subject in subjects}
    return Figure(name, len(ids), ITEMS, text, _are_out(rows, ids))


def _urgent(rows: Sequence[Any]) -> Figure:
    mine = [row for row in rows if row.urgent_at is not None]
    kept = all(row.taken_at and row.taken_at - row.urgent_at <= AT_ONCE for row in mine)
    return Figure("urgent", len(_items(mine)), ITEMS, "由值班员下令紧急推送，不受时段限制，五分钟内发出", kept)


def _timed(rows: Sequence[Any]) -> Figure:
    mine = [row for row in rows if row.send_at is not None]
    kept = all(row.taken_at and row.send_at <= row.taken_at <= row.send_at + AT_ONCE for row in mine)
    return Figure("timed", len(_items(mine)), ITEMS, "由值班员定时，到点推送", kept)


def _late(conn: Connection, rows: Sequence[Any]) -> Figure:
    """What an outage made late waits for the decision of a person, and is out after it."""
    mine, a = [row for row in rows if row.late], t.acts.c
    decided = conn.scalar(select(a.at).where(a.act.startswith("补推")).order_by(a.id).limit(1))
    kept = all(decided and row.taken_at and row.taken_at >= decided for row in mine)
    return Figure("late", len(mine), PLACEMENTS, "因停机延误，先等待，由负责人决定并入下一次推送", kept)


def _confirmed(rows: Sequence[Any]) -> Figure:
    """On a day of confirm mode nothing is out before a person has seen the list."""
    mine = [row for row in rows if row.confirmed_at is not None]
    kept = all(row.taken_at and row.taken_at >= row.confirmed_at for row in mine)
    return Figure("confirmed", len(mine), PLACEMENTS, "在确认模式下，由值班员看过当天清单后确认推送", kept)


def _are_out(rows: Sequence[Any], ids: set[int]) -> bool:
    """True if all placements of these items were taken, and each has some."""
    mine = [row for row in rows if row.item_id in ids]
    return _items(mine) == ids and all(row.taken_at for row in mine)


def _items(rows: Iterable[Any]) -> set[int]:
    return {row.item_id for row in rows}
