"""The school's own pages: items whose page is not booked yet, and those that stand there with their last figure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from rules.dates import day_of
from rules.item import OPEN
from rules.place import WEBSITE
from rules.states import Status
from store import tables as t

#: What is read of a page.
READS = "阅读"


@dataclass(frozen=True)
class Page:
    """An item's own page and its 公开日期."""

    item_id: int
    title: str
    url: str
    published_on: date


def unbooked(conn: Connection, hosts: Collection[str], today: date) -> list[Page]:
    """Disclosed items with a page on one of these hosts that stand at no site yet, oldest first.

    One that a person has stopped, or that is held or has vanished, is left until that is cleared up.
    """
    i, v, p = t.items.c, t.versions.c, t.placements.c
    there = exists().where(p.item_id == i.id, p.channel == WEBSITE)
    near = or_(*(func.lower(v.url).contains(host, autoescape=True) for host in sorted(hosts)))
    sound = (i.disclosure == OPEN, i.hold == "", i.stopped == "", i.missing_since.is_(None))
    query = select(i.id, i.title, v.url, v.published_on).join(t.versions, v.id == i.version_id)
    found = conn.execute(query.where(near, v.published_on <= today, *sound, ~there).order_by(v.published_on, i.id))
    return [Page(*row) for row in found]


@dataclass(frozen=True)
class Standing:
    """A page that stands at a site: its push, since when, and the last figure read, with its day."""

    push_id: int
    target: str
    url: str
    published_on: date
    last: int | None
    last_on: date | None


def standing(conn: Connection, since: datetime) -> list[Standing]:
    """The pages published on or after then that nobody has taken back, newest first."""
    p, u, d, i, v, r = t.placements.c, t.pushes.c, t.deliveries.c, t.items.c, t.versions.c, t.reach.c
    newest = select(func.max(r.id)).where(r.push_id == u.id, r.metric == READS).correlate(t.pushes).scalar_subquery()
    query = (
        select(u.id, u.target, v.url, u.created_at, r.value, r.true_at)
        .select_from(t.placements)
        .join(t.pushes, u.id == p.push_id)
        .join(t.deliveries, d.push_id == u.id)
        .join(t.items, i.id == p.item_id)
        .join(t.versions, v.id == i.version_id)
        .outerjoin(t.reach, and_(r.push_id == u.id, r.id == newest))
        .where(p.channel == WEBSITE, u.created_at >= since, d.status == Status.DELIVERED)
        .order_by(u.created_at.desc(), u.id.desc())
    )
    return [
        Standing(row[0], row[1], row[2], day_of(row[3]), row[4], row[5] and day_of(row[5]))
        for row in conn.execute(query)
    ]
