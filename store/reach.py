"""Reach (触达): measured or booked figures, each with its basis and the time it was true."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Subquery, and_, cast, func, insert, select

from store import tables as t

#: Of a group or an account: how many people it holds.
HOLDS = ("应达", "关注")
#: Of a push of several: what each of its pieces has its own of.
_BY_PIECE = ("阅读", "点击")


def add(conn: Connection, facts: Mapping[str, Any]) -> None:
    """A sample: channel, target, push_id, metric, value, basis, true_at, known_at. Never overwrites an earlier one."""
    conn.execute(insert(t.reach).values(**facts))


def people(conn: Connection) -> dict[str, int]:
    """For each target that was ever measured: how many it holds by the latest figure."""
    r = t.reach.c
    latest = select(func.max(r.id)).where(r.push_id.is_(None), r.metric.in_(HOLDS)).group_by(r.target)
    return {row[0]: row[1] for row in conn.execute(select(r.target, r.value).where(r.id.in_(latest)))}


def last_measured(conn: Connection, target: str, metric: str) -> tuple[int, datetime] | None:
    """The latest figure of a target that belongs to no push (its members), and when it was true."""
    r = t.reach.c
    where = (r.target == target, r.metric == metric, r.push_id.is_(None))
    latest = select(func.max(r.id)).where(*where).scalar_subquery()
    row = conn.execute(select(r.value, r.true_at).where(r.id == latest)).first()
    return None if row is None else (row.value, row.true_at)


@dataclass(frozen=True)
class Figure:
    """What is known of one push: a metric's latest figure, how it is known, and when it was true."""

    metric: str
    value: int
    basis: str
    true_at: datetime
    #: How many placements (条次) the push carries.
    pieces: int = 1

    @property
    def words(self) -> str:
        """本次推送 5 条合计阅读 5134: nobody takes it for one item's own. Whom a push reached, each of its items reached."""
        whole = f"本次推送 {self.pieces} 条合计" if self.pieces > 1 and self.metric in _BY_PIECE else ""
        return f"{whole}{self.metric} {self.value}"


def of_pushes(conn: Connection, push_ids: Collection[int], cut_off: datetime | None = None) -> dict[int, list[Figure]]:
    """The latest figure of each metric of these pushes, over its articles the sum; a push nobody has measured is not there.

    `cut_off`: only what was known and true by then.
    """
    latest = _latest(push_ids, cut_off)
    c, u = latest.c, t.pushes.c
    by, figures = (c.push_id, c.metric, c.basis, u.pieces), (func.sum(c.value), func.max(c.true_at))
    query = select(*by, *figures).join(t.pushes, u.id == c.push_id).where(c.place == 1).group_by(*by).order_by(*by)
    found: dict[int, list[Figure]] = {}
    for row in conn.execute(query):
        found.setdefault(row.push_id, []).append(Figure(row.metric, int(row[4]), row.basis, row[5], row.pieces))
    return found


def of_items(
    conn: Connection, placed: Collection[tuple[int, int]], cut_off: datetime | None = None
) -> dict[tuple[int, int], list[Figure]]:
    """What is known of items in pushes, (push, item) each: an article's own figure where one is told, else its push's."""
    pushes = {push for push, _ in placed}
    whole, own = of_pushes(conn, pushes, cut_off), _of_articles(conn, pushes, cut_off)
    return {
        (push, item): [own.get((push, item, each.metric, each.basis), each) for each in whole[push]]
        for push, item in placed
        if push in whole
    }


def _of_articles(
    conn: Connection, push_ids: Collection[int], cut_off: datetime | None
) -> dict[tuple[int, int, str, str], Figure]:
    """The latest figures that a vendor tells by article, over an item's articles the sum: (push, item, metric, basis).

    A name of more than 90 signs is kept cut (store.articles): its push's figure then stands for it.
    """
    latest, a = _latest(push_ids, cut_off), t.articles.c
    c = latest.c
    mine = [a.push_id == c.push_id, c.subject == a.article_id + "_" + cast(a.position, String), a.item_id.is_not(None)]
    if cut_off is not None:
        mine.append(a.seen_at <= cut_off)
    by, figures = (c.push_id, a.item_id, c.metric, c.basis), (func.sum(c.value), func.max(c.true_at))
    query = select(*by, *figures).join(t.articles, and_(*mine)).where(c.place == 1).group_by(*by)
    return {tuple(row[:4]): Figure(row.metric, int(row[4]), row.basis, row[5]) for row in conn.execute(query)}


def _latest(push_ids: Collection[int], cut_off: datetime | None) -> Subquery:
    r = t.reach.c
    order = func.row_number().over(
        partition_by=(r.push_id, r.subject, r.metric), order_by=(r.true_at.desc(), r.id.desc())
    )
    known = (r.known_at <= cut_off, r.true_at <= cut_off) if cut_off is not None else ()
    return select(t.reach, order.label("place")).where(r.push_id.in_(push_ids), *known).subquery()
