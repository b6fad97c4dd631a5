"""The sandbox's own books against our log: every push that we say was taken stands there once, and nothing else does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from demo.stage import Stage
from jobs.sweep import REMINDER
from rules.bundle import Bundle
from rules.states import TAKEN
from store import tables as t

#: What the sandbox calls each channel's book.
BOOKS = {"wecom_bot": "robot", "onebot": "qq", "wechat_oa": "wechat"}


@dataclass(frozen=True)
class Compared:
    """One channel: pushes (次) in our log and in the sandbox's book; the keys that stand in only one, or twice."""

    channel: str
    log: int
    book: int
    missing: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        return self.log == self.book and not (self.missing or self.doubled or self.unknown)


def compare(stage: Stage) -> list[Compared]:
    """Each channel's log against its book."""
    books = stage.sandbox.books()
    return [_compare(name, _logged(stage, name), list(_marks(books, name))) for name in stage.office.channels]


def _logged(stage: Stage, name: str) -> list[str]:
    d, u = t.deliveries.c, t.pushes.c
    query = select(u.push_key).join(t.deliveries, d.push_id == u.id)
    with stage.office.db.read() as conn:
        keys = list(conn.scalars(query.where(u.channel == name, d.status.in_(TAKEN)).order_by(u.id)))
    return [_mark(key) for key in keys]


def _mark(key: str) -> str:
    return Bundle(key=key, school="", pieces=()).mark


def _marks(books: Mapping[str, Any], name: str) -> Iterator[str]:
    """The mark of each message in a book: reminders to the people on duty and other people's talk carry none of ours."""
    for message in books[BOOKS[name]]:
        if name == "wechat_oa":
            yield _mark(message["client_id"])
        elif "【公开#" in message["text"] and REMINDER not in message["text"]:
            start = message["text"].rindex("【公开#")
            yield message["text"][start : message["text"].index("】", start) + 1]


def _compare(name: str, logged: list[str], booked: list[str]) -> Compared:
    ours, theirs = Counter(logged), Counter(booked)
    return Compared(
        name,
        len(logged),
        len(booked),
        missing=tuple(sorted((ours - theirs).elements())),
        doubled=tuple(sorted(mark for mark, n in theirs.items() if n > max(ours[mark], 1))),
        unknown=tuple(sorted((theirs - ours).keys() - ours.keys())),
    )
