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
            with stage.notebook.open("a", encoding="utf-8") as notebook:
                notebook.write(f"{each.what.push_id}\n")


def _judge(stage: Stage) -> None:
    """Where nothing else can tell: open the chat, look for the mark, say what is there."""
    for each in in_doubt(stage.office):
        if not any(who.looks_again for who in each.persons):
            mark = Bundle(key=each.push_key, school="", pieces=()).mark
            for who in each.persons:
                said = "delivered" if _stands(stage, mark, who.address) else "resend"
                judge(stage.office, each.push_id, said, CLERK, who.address if len(each.persons) > 1 else "")


def _stands(stage: Stage, mark: str, address: str) -> bool:
    """Whether the mark stands in the chat or group, or in a letter to this very person."""
    books = stage.sandbox.books() | stage.sandbox.books(vendor="wecom_app")
    said = [line["text"] for chat in books["wecom_chats"] for line in chat["messages"]]
    said += [line["text"] for part in ("robot", "qq", "notices") for line in books[part]]
    said += [line["text"] for line in books["mail"] if line["rcpt"].lower() == address.lower()]
    return any(mark in text for text in said)
