"""Finding a message of ours in a group's history, and knowing whether its absence proves anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from channels.onebot.answers import dicts, text

Message = Mapping[str, Any]

#: How far we page back at most.
PAGES = 40


def search(
    read: Callable[[object], Sequence[Message]], *, ours: Collection[str] | None, mark: str, since: float
) -> tuple[Message | None, bool]:
    """Our message with this mark, whenever QQ's clock says it was; or None, and whether all since `since` has been seen.

    `ours` are the numbers of our accounts; None: whoever wrote it. `read(cursor)` gives the page that ends with the message `cursor`, None for the newest. An empty history proves
    nothing: a real group always holds something, so the client has not fetched it yet.
    """
    cursor: object = None
    for _ in range(PAGES):
        page = read(cursor)
        for message in page:
            if mark in words(message) and (ours is None or sender(message) in ours):
                return message, True
        if not page:
            return None, False
        oldest = min(page, key=when)
        if when(oldest) < since:
            return None, True
        if place(oldest) == cursor:
            # Nothing older: the group's beginning, unless newer ones came along, because then paging does not work.
            return None, len(page) == 1
        cursor = place(oldest)
    return None, False


def place(message: Message) -> object:
    """What to ask with for the messages before this one."""
    return message.get("message_seq") or message.get("message_id")


def sender(message: Message) -> str:
    """The number of whoever wrote it."""
    who = message.get("sender")
    return text(who.get("user_id") if isinstance(who, dict) else message.get("user_id"))


def when(message: Message) -> float:
    """Seconds since 1970; a message without a time never counts as an old one."""
    time = message.get("time")
    return float(time) if isinstance(time, (int, float)) else math.inf


def words(message: Message) -> str:
    """The text of a message, whether it comes as segments or as a string; pictures may have been re-encoded."""
    segments = message.get("message")
    if isinstance(segments, str):
        return segments
    parts = [part for segment in dicts(segments) if isinstance(part := segment.get("data"), dict)]
    return "".join(text(part.get("text")) for part in parts)
