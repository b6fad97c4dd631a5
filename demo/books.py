"""The sandbox's own books against our log: every push that we say was taken stands there once, and nothing else does.

A channel to persons is held against it person by person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from channels.wechat_oa.notice import client_msg_id
from channels.wecom.door import push_key_of
from demo.stage import Stage
from jobs.sweep import REMINDER
from rules.bundle import Bundle
from rules.outcome import SENDING
from rules.place import BY_HAND
from rules.states import TAKEN, Status
from store import tables as t

#: What the sandbox calls each channel's book.
BOOKS = {"wecom_bot": "robot", "onebot": "qq", "wechat_oa": "wechat"}
PUSHES, PERSONS = "次", "人次"


@dataclass(frozen=True)
class Compared:
    """One channel: pushes (次), or persons' (人次), in our log and in the sandbox's book; what stands in only one, or twice."""

    channel: str
    log: int
    book: int
    missing: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unit: str = PUSHES

    @property
    def equal(self) -> bool:
        return self.log == self.book and not (self.missing or self.doubled or self.unknown)


def compare(stage: Stage) -> list[Compared]:
    """Each channel's log against its book."""
    books = stage.sandbox.books() | stage.sandbox.books(vendor="wecom_app")
    found = []
    for name, channel in stage.office.channels.items():
        if name == BY_HAND:
            found.append(_compare(name, _done(stage), [str(each) for each in stage.posted]))
        elif channel.limits.person:
            found.append(_compare(name, _logged_persons(stage, name), list(_persons(books, name)), PERSONS))
        else:
            found.append(_compare(name, _logged(stage, name), list(_marks(books, name))))
    return found


def _done(stage: Stage) -> list[str]:
    """The hand-offs that our log has as done; beside them stands the persons' own notebook."""
    query = select(t.deliveries.c.push_id).join(t.handoffs, t.handoffs.c.delivery_id == t.deliveries.c.id)
    with stage.office.db.read() as conn:
        return [str(each) for each in conn.scalars(query.where(t.deliveries.c.channel == BY_HAND))]


def _logged(stage: Stage, name: str) -> list[str]:
    d, u = t.deliveries.c, t.pushes.c
    query = select(u.push_key).join(t.deliveries, d.push_id == u.id)
    with stage.office.db.read() as conn:
        keys = list(conn.scalars(query.where(u.channel == name, d.status.in_(TAKEN)).order_by(u.id)))
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
    for message in books[BOOKS[name]] if said is None else said:
        if name == "wechat_oa":
            yield _mark(message["client_id"])
        elif "【公开#" in message["text"] and REMINDER not in message["text"]:
            start = message["text"].rindex("【公开#")
            yield message["text"][start : message["text"].index("】", start) + 1]


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
