"""What the persons of a demonstration's office do: post what was handed over, look where the bot asks them to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from demo.stage import Stage
from jobs.handoff import Deed, finish, list_open
from jobs.judge import in_doubt, judge
from rules.bundle import Bundle
from rules.place import BY_HAND

CLERK = "示例经办人"
#: A notice is posted so long after it was handed over, unless the colleague is away.
TAKES = timedelta(hours=20)


def at_work(stage: Stage) -> None:
    """One look at the day's work."""
    _judge(stage)
    _post(stage)


def has_work(stage: Stage) -> bool:
    """True if something handed over is still open."""
    return BY_HAND in stage.office.channels and bool(list_open(stage.office))


def _post(stage: Stage) -> None:
    now = stage.clock.now
    if BY_HAND not in stage.office.channels or (stage.away_until is not None and now < stage.away_until):
        return
    for each in list_open(stage.office):
        if now - each.what.made_at >= TAKES:
            place = each.what.target_name
            deed = Deed(by=each.person, at=now, place=place, amount=1, unit="处")
            finish(stage.office, each.what.push_id, deed, Path(stage.register.parent), CLERK)
            stage.posted.append(each.what.push_id)


def _judge(stage: Stage) -> None:
    """Where nothing else can tell: open the chat, look for the mark, say what is there."""
    for each in in_doubt(stage.office):
        if not any(who.looks_again for who in each.persons):
            mark = Bundle(key=each.push_key, school="", pieces=()).mark
            judge(stage.office, each.push_id, "delivered" if mark in _everything_said(stage) else "resend", CLERK)


def _everything_said(stage: Stage) -> str:
    books = stage.sandbox.books() | stage.sandbox.books(vendor="wecom_app")
    chats = [line["text"] for chat in books["wecom_chats"] for line in chat["messages"]]
    return "\n".join([*chats, *(line["text"] for part in ("robot", "qq") for line in books[part])])
