"""Short links of pushes and how often they were opened (点击, 次); nothing of who opened them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from rules.bundle import RETRACTION
from rules.states import Status
from store import tables as t

#: What is counted of a link, and how that is known.
CLICKS = "点击"


@dataclass(frozen=True)
class Link:
    """A short link before its push is stored."""

    token: str
    placement_id: int
    url: str


@dataclass(frozen=True)
class Found:
    """Where a link leads, and whether what it leads to was taken back (撤回, 撤下) since."""

    url: str
    withdrawn: bool


#: Which link, whether a person opened it, and the hour.
Opened = tuple[str, bool, datetime]


def add(conn: Connection, push_id: int, links: Sequence[Link], now: datetime) -> None:
    """The links of a push, in the push's own commit."""
    rows = [
        {"token": each.token, "push_id": push_id, "placement_id": each.placement_id, "url": each.url, "made_at": now}
        for each in links
    ]
    if rows:
        conn.execute(insert(t.links), rows)


def find(conn: Connection, token: str) -> Found | None:
    """None if there is no such link.

    Taken back: this push of it, or with a 撤回 that follows it to the same target.
    """
    k, p, r, d = t.links.c, t.placements.c, t.recalls.c, t.deliveries.c
    after = aliased(t.placements).c
    ordered = exists().where(r.push_id == k.push_id, r.placement_id == k.placement_id)
    first = func.coalesce(p.follows_id, p.id)
    noticed = exists().where(after.follows_id == first, after.purpose == RETRACTION, after.created_at >= k.made_at)
    gone = exists().where(d.push_id == k.push_id, d.status == Status.RETRACTED)
    query = select(k.url, or_(ordered, noticed, gone).label("withdrawn")).join(t.placements, p.id == k.placement_id)
    row = conn.execute(query.where(k.token == token)).first()
    return None if row is None else Found(row.url, bool(row.withdrawn))


def count(conn: Connection, opened: Mapping[Opened, int]) -> None:
    """Add to the hours' numbers, in the order of their keys: one row for a link, a kind and an hour, however many."""
    c = t.clicks.c
    for token, counted, hour in sorted(opened):
        n, mine = opened[token, counted, hour], (c.token == token, c.counted.is_(counted), c.hour == hour)
        if conn.execute(update(t.clicks).where(*mine).values(n=c.n + n)).rowcount == 0:
            conn.execute(insert(t.clicks).values(token=token, counted=counted, hour=hour, n=n))


@dataclass(frozen=True)
class Clicked:
    """A push's clicks up to now, and the last figure kept of them."""

    push_id: int
    channel: str
    target: str
    clicks: int
    last: int | None


def clicked(conn: Connection) -> list[Clicked]:
    """Every push whose links were opened by somebody."""
    k, c, u, r = t.links.c, t.clicks.c, t.pushes.c, t.reach.c
    sums = (
        select(k.push_id, func.sum(c.n).label("n"))
        .join(t.clicks, c.token == k.token)
        .where(c.counted.is_(True))
        .group_by(k.push_id)
        .subquery()
    )
    newest = select(func.max(r.id)).where(r.push_id == u.id, r.metric == CLICKS).correlate(t.pushes).scalar_subquery()
    query = (
        select(u.id, u.channel, u.target, sums.c.n, r.value)
        .join(sums, sums.c.push_id == u.id)
        .outerjoin(t.reach, and_(r.push_id == u.id, r.id == newest))
        .order_by(u.id)
    )
    return [Clicked(row[0], row[1], row[2], int(row[3]), row[4]) for row in conn.execute(query)]
