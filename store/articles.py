"""Articles of an account (账号文章), the bot's and others': what was seen, what it publishes, and who has read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from rules.dates import day_of
from rules.origin import BOOKED, BOT
from rules.survey import TITLE_DAYS, page_of, same_page
from store import facts
from store import tables as t
from store.span import Span

READ = "阅读"
#: What a push's evidence may hold of its articles: numbers and addresses.
_SIGNS = ("article_id", "msg_data_id", "article_urls")


@dataclass(frozen=True)
class Known:
    """One article as it is remembered."""

    id: int
    article_id: str
    position: int
    title: str
    url: str
    published_at: datetime
    push_id: int | None
    item_id: int | None
    gone_at: datetime | None
    #: Of the push it was sent by; empty: none.
    origin: str

    @property
    def subject(self) -> str:
        """Under what its figures of reach are kept."""
        return f"{self.article_id}_{self.position}"[-100:]


def known(conn: Connection, channel: str) -> list[Known]:
    """Every article of a channel that was ever seen, the first seen first."""
    a, u = t.articles.c, t.pushes.c
    columns = (a.id, a.article_id, a.position, a.title, a.url, a.published_at, a.push_id, a.item_id, a.gone_at)
    query = select(*columns, func.coalesce(u.origin, "")).outerjoin(t.pushes, u.id == a.push_id)
    return [Known(*tuple(row)) for row in conn.execute(query.where(a.channel == channel).order_by(a.id))]


def add(conn: Connection, facts: Mapping[str, Any]) -> int:
    """A new article: channel, article_id, position, title, url, published_at, push_id, item_id, gone_at, seen_at."""
    key = conn.execute(insert(t.articles).values(**facts)).inserted_primary_key
    assert key is not None
    return int(key[0])


def change(conn: Connection, article: int, facts: Mapping[str, Any]) -> None:
    """What has come to be known of an article."""
    conn.execute(update(t.articles).where(t.articles.c.id == article).values(**facts))


def pushes_by_sign(conn: Connection, channel: str, since: datetime) -> dict[str, int]:
    """The bot's pushes made since then, each by everything an article of it may be known by."""
    u = t.pushes.c
    query = select(u.id, u.push_key, u.evidence).where(u.channel == channel, u.created_at >= since, u.origin == BOT)
    found: dict[str, int] = {}
    for row in conn.execute(query.order_by(u.id)):
        told = [(row.evidence or {}).get(name) or [] for name in _SIGNS]
        signs = [sign for each in told for sign in ([each] if isinstance(each, str) else each)]
        found |= {str(sign): row.id for sign in (row.push_key, *signs)}
    return found


def piece_of(conn: Connection, push_id: int, position: int) -> int | None:
    """The item that a push carries at a place, from 1."""
    p, pp = t.placements.c, t.push_placements.c
    query = select(p.item_id).join(t.push_placements, pp.placement_id == p.id)
    return conn.scalar(query.where(pp.push_id == push_id, pp.position == position - 1))


def published_item(conn: Connection, source: str, title: str, day: date) -> int | None:
    """The one item whose page the article leads to, else the one with exactly its title within 30 days; None if unsure."""
    v, i = t.versions.c, t.items.c
    if source:
        path = page_of(source).partition("/")[2]
        rows = conn.execute(select(v.item_id, v.url).where(v.url.contains(path, autoescape=True)))
        found: set[int] = {row.item_id for row in rows if same_page(source, row.url)}
        if len(found) == 1:  # offices paste their column's address into every row: it then tells nothing
            return found.pop()
    query = select(i.id, v.approved_on, v.published_on, i.created_at).join(t.versions, v.id == i.version_id)
    near = {
        row.id
        for row in conn.execute(query.where(i.title == title))
        if abs(day - (row.published_on or row.approved_on or day_of(row.created_at))) <= timedelta(days=TITLE_DAYS)
    }
    return near.pop() if len(near) == 1 else None


def booked_push(conn: Connection, item_id: int, target: str) -> int | None:
    """The booked push of an item at a target that no article stands for yet."""
    p = t.placements.c
    taken = select(t.articles.c.push_id).where(t.articles.c.push_id.is_not(None))
    mine = (p.item_id == item_id, p.target == target, p.origin == BOOKED, p.push_id.is_not(None))
    return conn.scalar(select(p.push_id).where(*mine, p.push_id.not_in(taken)))


def figures_kept(conn: Connection, channel: str) -> set[tuple[str, datetime]]:
    """Every article's figures that are there: its subject and when it was true."""
    r = t.reach.c
    query = select(r.subject, r.true_at).where(r.channel == channel, r.subject != "", r.metric == READ)
    return {(row.subject, row.true_at) for row in conn.execute(query)}


@dataclass(frozen=True)
class Surveyed:
    """Where the surveys of a channel stand."""

    #: When anything was first told of it, and when it was last asked; None: never.
    first: datetime | None = None
    last: datetime | None = None
    #: The last day on which the list was read whole, and whether all was told.
    listed: date | None = None
    complete: bool = True
    #: When the list was first read whole; None: never.
    whole: datetime | None = None
    #: Per stage of the figures: the publishing day up to which all were told.
    marks: Mapping[int, date] = field(default_factory=dict)


def state(conn: Connection, channel: str) -> Surveyed:
    """As the last survey left it."""
    kept = json.loads(facts.get_meta(conn, _name(channel)) or "{}")
    if not kept:
        return Surveyed()
    return Surveyed(
        first=datetime.fromisoformat(kept["first"]) if kept["first"] else None,
        last=datetime.fromisoformat(kept["last"]),
        listed=date.fromisoformat(kept["listed"]) if kept["listed"] else None,
        complete=kept["complete"],
        whole=datetime.fromisoformat(whole) if (whole := kept.get("whole")) else None,
        marks={int(stage): date.fromisoformat(day) for stage, day in kept["marks"].items()},
    )


def keep_state(conn: Connection, channel: str, now: Surveyed) -> None:
    """For the next survey."""
    kept = {
        "first": now.first.isoformat() if now.first else "", "last": now.last.isoformat() if now.last else "",
        "listed": now.listed.isoformat() if now.listed else "", "complete": now.complete,
        "whole": now.whole.isoformat() if now.whole else "",
        "marks": {stage: day.isoformat() for stage, day in now.marks.items()},
    }  # fmt: skip
    facts.set_meta(conn, _name(channel), json.dumps(kept))


def _name(channel: str) -> str:
    return f"survey:{channel}"


@dataclass(frozen=True)
class Article:
    """One article (篇) of a span, as it was known at a cut-off."""

    id: int
    title: str
    push_id: int | None
    #: Of the push it was sent by; empty: none.
    origin: str
    gone: bool
    #: Readers (人次) by its latest figure; None: nobody told.
    reads: int | None

    @property
    def unmatched(self) -> bool:
        """Known from the statistics alone, which name no titles, and to none of our pushes: nobody can tell whose it is."""
        return not (self.title or self.origin)


@dataclass(frozen=True)
class Counted:
    """An account's articles of a span; `listed` False: its list had not been read by the cut-off, there may be more."""

    rows: tuple[Article, ...]
    listed: bool
    #: The day of the last survey, at the latest that of the cut-off: what was published later is not counted yet.
    as_of: date | None = None

    def of(self, name: str) -> list[Article]:
        """The articles that a figure counts."""
        return [each for each in self.rows if FIGURES[name](each)]

    def many(self, name: str) -> int:
        """How many these are."""
        return len(self.of(name))

    @property
    def reads(self) -> int | None:
        """人次 by each article's latest figure; None: no article has one."""
        known = [each.reads for each in self.rows if each.reads is not None]
        return sum(known) if known else None


#: What each figure of an account counts, in 篇.
FIGURES: Mapping[str, Callable[[Article], bool]] = {
    "articles": lambda each: True,
    "sent": lambda each: each.origin == BOT,
    "by_hand": lambda each: each.origin != BOT and not each.unmatched,
    "unmatched": lambda each: each.unmatched,
    "booked": lambda each: each.origin == BOOKED,
    "gone": lambda each: each.gone,
    "read_known": lambda each: each.reads is not None,
}


def counted(conn: Connection, span: Span, channel: str) -> Counted | None:
    """As known by the cut-off; None if nothing of the account, or of these days, was known by then."""
    surveyed = state(conn, channel)
    first = surveyed.first
    a, u = t.articles.c, t.pushes.c
    seen = (a.channel == channel, a.seen_at <= span.cut_off)
    query = select(a.id, a.article_id, a.position, a.gone_at, a.title, u.id.label("push_id"), u.origin).outerjoin(
        t.pushes,
        and_(u.id == a.push_id, u.created_at <= span.cut_off),  # booked later: by then it was nobody's
    )
    mine = (*seen, a.published_at >= span.start, a.published_at < span.end)
    rows = conn.execute(query.where(*mine).order_by(a.id)).all()
    early = surveyed.last is not None and day_of(surveyed.last) < span.first
    if not rows and (first is None or first > span.cut_off or early):
        return None
    reads = _latest_reads(conn, span, channel)
    found = [
        Article(
            row.id, row.title, row.push_id, row.origin or "", row.gone_at is not None and row.gone_at <= span.cut_off,
            reads.get(f"{row.article_id}_{row.position}"[-100:]),
        )
        for row in rows
    ]  # fmt: skip
    as_of = day_of(min(surveyed.last, span.cut_off)) if surveyed.last is not None else None
    return Counted(tuple(found), surveyed.whole is not None and surveyed.whole <= span.cut_off, as_of)


def asked_in_vain(conn: Connection, channel: str) -> bool:
    """True if the account was surveyed and nothing was ever told."""
    surveyed = state(conn, channel)
    return surveyed.last is not None and surveyed.first is None


def _latest_reads(conn: Connection, span: Span, channel: str) -> dict[str, int]:
    """Each article's latest figure that was true and known by the cut-off."""
    r = t.reach.c
    mine = (r.channel == channel, r.metric == READ, r.subject != "")
    query = select(r.subject, r.value).where(*mine, r.known_at <= span.cut_off, r.true_at <= span.cut_off)
    rows: Iterable[Any] = conn.execute(query.order_by(r.true_at, r.id))
    return {row.subject: row.value for row in rows}
