"""The sandbox's own books against our log: every push that we say was taken stands there once, and nothing else does.

A channel to persons is held against it person by person.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import and_, or_, select

from channels.base import Surveys
from channels.wechat_oa.notice import client_msg_id
from channels.wecom.door import push_key_of
from demo.stage import Stage
from jobs.sweep import REMINDER
from rules.bundle import Bundle
from rules.dates import SHANGHAI
from rules.origin import BOT
from rules.outcome import SENDING
from rules.place import BY_HAND, WEBSITE
from rules.reminders import ALARM_URL
from rules.states import TAKEN, Status
from store import scans
from store import tables as t
from store.site import READS

#: What the sandbox calls each channel's book.
BOOKS = {"wecom_bot": "robot", "onebot": "qq", "wechat_oa": "wechat"}
#: Characters of a title that a short message shows at least.
SHOWN = 12
PUSHES, PERSONS, READINGS, REMINDERS, ARTICLES = "次", "人次", "页次", "条提醒", "篇"


@dataclass(frozen=True)
class Compared:
    """One channel: pushes (次), persons' (人次) or what else it counts, in our log and in the sandbox's book; what stands in only one, or twice."""

    channel: str
    log: int
    book: int
    missing: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unit: str = PUSHES
    #: What of the channel, where there are two comparisons of it.
    part: str = ""

    @property
    def key(self) -> str:
        """Its name among all comparisons."""
        return f"{self.channel}:{self.part}" if self.part else self.channel

    @property
    def equal(self) -> bool:
        return self.log == self.book and not (self.missing or self.doubled or self.unknown)


def compare(stage: Stage) -> list[Compared]:
    """Each channel's log against its book."""
    books = stage.sandbox.books() | stage.sandbox.books(vendor="wecom_app")
    found = []
    for name, channel in stage.office.channels.items():
        if name == WEBSITE:
            found.append(_compare(name, _read_figures(stage), list(_served_figures(books)), READINGS))
        elif name == ALARM_URL:
            found.append(_compare(name, _told(stage), list(_heard(books)), REMINDERS))
        elif name == BY_HAND:
            found.append(_compare(name, _done(stage), stage.posted()))
        elif channel.limits.person:
            found.append(_compare(name, _logged_persons(stage, name), list(_persons(books, name)), PERSONS))
        else:
            found.append(_compare(name, _logged(stage, name), list(_marks(books, name))))
    return [*found, *_by_hand(stage, books)]


def _read_figures(stage: Stage) -> list[str]:
    """Each figure of the school's own pages that we keep, with the page's path."""
    r, p, v = t.reach.c, t.placements.c, t.versions.c
    query = select(v.url, r.value).join(t.placements, p.push_id == r.push_id).join(t.versions, v.id == p.version_id)
    with stage.office.db.read() as conn:
        rows = conn.execute(query.where(r.channel == WEBSITE, r.metric == READS).order_by(r.id)).all()
    return [f"{urlsplit(row.url).path} {row.value}" for row in rows]


def _served_figures(books: Mapping[str, Any]) -> Iterator[str]:
    """What the site answered; had anybody asked what counts a visit, that would stand here and in no log of ours."""
    yield from (f"{each['path']} {each['figure']}" for each in books["site"])
    yield from (f"计数地址 {each['asked']}" for each in books["beacons"])


def _told(stage: Stage) -> list[str]:
    """When each reminder was heard by an address of people on duty."""
    phones = [each.number for each in stage.office.school.targets.values() if each.channel == ALARM_URL]
    a = t.alarms.c
    with stage.office.db.read() as conn:
        told = conn.scalars(select(a.told_at).where(a.told_by.in_(phones)).order_by(a.id))
        return [_minute(each) for each in told if each is not None]


def _heard(books: Mapping[str, Any]) -> Iterator[str]:
    """The same in the book of the address: a line for each reminder."""
    for each in books["alarms"]:
        yield from [_minute(datetime.fromisoformat(each["at"]))] * len(each["message"].splitlines())


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _by_hand(stage: Stage, books: Mapping[str, Any]) -> Iterator[Compared]:
    """What persons published on an account, as our survey found it and as the account has it.

    Only what stands in the account's list, where a person's publishing stands: the statistics name no titles.
    """
    a, u = t.articles.c, t.pushes.c
    others = (u.origin.is_(None) | (u.origin != BOT), a.url != "")
    query = select(a.channel, a.title).outerjoin(t.pushes, u.id == a.push_id).where(*others)
    with stage.office.db.read() as conn:
        found = conn.execute(query.order_by(a.id)).all()
    theirs = [article["title"] for job in books["wechat"] if job["how"] == "person" for article in job["articles"]]
    for name in [each for each, channel in stage.office.channels.items() if isinstance(channel, Surveys)]:
        ours = [row.title for row in found if row.channel == name]
        if ours or theirs:
            yield replace(_compare(name, ours, theirs, ARTICLES), part="人工发表")


def leaked(stage: Stage) -> list[str]:
    """Where what the guard holds stands in the sandbox's books all the same; a reminder to those on duty names it rightly."""
    books = stage.sandbox.books() | stage.sandbox.books(vendor="wecom_app")
    said = [text for each in _entries(books) if REMINDER not in (text := json.dumps(each, ensure_ascii=False))]
    return [f"{sign}：{text[:200]}" for sign in _signs(stage) for text in said if sign in text]


def _entries(books: Mapping[str, Any]) -> Iterator[Any]:
    """Every entry of every book by itself; a chat's messages one by one."""
    for part in books.values():
        for each in part if isinstance(part, list) else [part]:
            yield from each["messages"] if isinstance(each, dict) and "messages" in each else [each]


def _signs(stage: Stage) -> list[str]:
    """What would betray a held item: its title, as far as the shortest channel shows it, and the mark of any push of it."""
    p, u = t.placements.c, t.pushes.c
    with stage.office.db.read() as conn:
        held = scans.held(conn)
        ids = [each.item_id for each in held]
        keys = conn.scalars(select(u.push_key).join(t.placements, p.push_id == u.id).where(p.item_id.in_(ids)))
        return [each.title[:SHOWN] for each in held] + [_mark(key) for key in keys]


def _done(stage: Stage) -> list[str]:
    """The hand-offs that our log has as done; beside them stands the persons' own notebook."""
    query = select(t.deliveries.c.push_id).join(t.handoffs, t.handoffs.c.delivery_id == t.deliveries.c.id)
    with stage.office.db.read() as conn:
        return [str(each) for each in conn.scalars(query.where(t.deliveries.c.channel == BY_HAND))]


def _logged(stage: Stage, name: str) -> list[str]:
    d, u = t.deliveries.c, t.pushes.c
    query = select(u.push_key).join(t.deliveries, d.push_id == u.id)
    with stage.office.db.read() as conn:
        keys = list(conn.scalars(query.where(u.channel == name, u.origin == BOT, d.status.in_(TAKEN)).order_by(u.id)))
    return [_mark(key) for key in keys]


def _logged_persons(stage: Stage, name: str) -> list[str]:
    """Person and push for all that the vendor took, also where the handset said no afterwards."""
    d, u, o = t.deliveries.c, t.pushes.c, t.outcomes.c
    later_no = and_(o.status == Status.FAILED, o.said_by != SENDING)
    taken = select(o.delivery_id).where(or_(o.status.in_(TAKEN), later_no))
    query = select(d.address, u.push_key).join(t.pushes, u.id == d.push_id).where(u.channel == name, d.id.in_(taken))
    with stage.office.db.read() as conn:
        rows = conn.execute(query.order_by(d.id)).all()
    if name == "wechat_notice":
        return [_person(address, client_msg_id(key, address)) for address, key in rows]
    if name == "email":
        return [_person(address, _mark(key)) for address, key in rows]
    return [_person(address, key) for address, key in rows]


def _persons(books: Mapping[str, Any], name: str) -> Iterator[str]:
    """Person and push for each message in a vendor's book: 企业微信 knows the push by its card, SMS by what was sent along."""
    if name == "wecom_app":
        keys = {each["msgid"]: push_key_of(each.get("task_id", "")) for each in books["wecom_messages"]}
        for line in [each for each in books["wecom_people"] if "msgid" in each]:  # the others came by a chat
            yield _person(line["userid"], keys[line["msgid"]])
        return
    if name == "wechat_notice":
        yield from (_person(line["openid"], line["client_id"]) for line in books["wechat_notices"])
        return
    if name == "email":
        yield from (
            _person(line["rcpt"], _mark_in(line["text"])) for line in books["mail"] if REMINDER not in line["text"]
        )
        return
    for line in books["sms"]:
        if f"sms_{line['vendor']}" == name:
            yield _person(line["number"], line["ref"])


def _person(address: str, key: str) -> str:
    return f"{address.lower()} {key}"


def _mark(key: str) -> str:
    return Bundle(key=key, school="", pieces=()).mark


def _marks(books: Mapping[str, Any], name: str) -> Iterator[str]:
    """The mark of each message in a book: reminders to the people on duty and other people's talk carry none of ours."""
    said = [line for chat in books["wecom_chats"] for line in chat["messages"]] if name == "wecom_chat" else None
    said = books[BOOKS[name]] if said is None else said
    for message in [*said, *books["notices"]] if name == "onebot" else said:
        if name == "wechat_oa":
            if message["how"] != "person":
                yield _mark(message["client_id"])
        elif "【公开#" in message["text"] and REMINDER not in message["text"]:
            yield _mark_in(message["text"])


def _mark_in(text: str) -> str:
    start = text.rindex("【公开#")
    return text[start : text.index("】", start) + 1]


def _compare(name: str, logged: list[str], booked: list[str], unit: str = PUSHES) -> Compared:
    ours, theirs = Counter(logged), Counter(booked)
    return Compared(
        name,
        len(logged),
        len(booked),
        missing=tuple(sorted((ours - theirs).elements())),
        doubled=tuple(sorted(mark for mark, n in theirs.items() if n > max(ours[mark], 1))),
        unknown=tuple(sorted((theirs - ours).keys() - ours.keys())),
        unit=unit,
    )
