"""What became of a push whose answer was lost: it is looked for in the group, with every account that can read there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.base import Attempt, Resolution, SendError
from channels.http import utf8
from channels.onebot.answers import OFFLINE, REMOVED, number, text
from channels.onebot.client import Bot
from channels.onebot.history import search, sender
from channels.onebot.places import Place
from rules.outcome import Outcome
from rules.states import Basis

#: What was posted may be this late in the history or on the board, so its absence counts only after it.
SETTLE, BOARD_SETTLE = timedelta(seconds=30), timedelta(minutes=2)
#: The same while an account of ours is away: its client may still hold the message.
AWAY = timedelta(minutes=10)
#: The clocks of QQ's servers and ours may differ by this much.
SKEW = timedelta(minutes=10)
GIVE_UP = timedelta(hours=24)
PAGE = 50
#: The board tells of its newest announcements only.
BOARD_SHOWS = 20


@dataclass(frozen=True)
class Seen:
    """What one account has seen: the message or announcement, or that it is not there."""

    by: Bot
    found: Mapping[str, Any] | None
    #: All since the attempt has been seen.
    complete: bool


Look = Callable[[Bot], Seen]


def resolve(bots: Sequence[Bot], attempt: Attempt, place: Place, now: datetime) -> Resolution:
    """Found, surely absent, or not known yet; absent counts only if all since the attempt has been seen."""
    settling = (BOARD_SETTLE if place.board else SETTLE) - (now - attempt.called_at)
    if settling > timedelta():
        return _unsure(f"等待{_what(place)}更新", settling)
    age = now - attempt.begun_at
    again = timedelta(minutes=1 if age < timedelta(minutes=10) else 10) if age < GIVE_UP else None
    seen, silent = looked(bots, lambda bot: look(bot, bots, attempt, place))
    for each in seen:
        if each.found is not None:
            return _found(each, place, bots, again)
    if not any(each.complete for each in seen):
        why = next(iter(silent), None) or SendError(Outcome.UNCERTAIN, f"{_what(place)}没有覆盖到发送时刻")
        return _unsure(why.reason if seen else f"暂时查不到{_what(place)}：{why.reason}", again, why.raw)
    away = next((each for each in silent if each.reason != REMOVED.reason), None)
    if away is not None and now - attempt.called_at < AWAY:
        return _unsure(f"有机器人暂时查不到，再等一会：{away.reason}", again)
    return Resolution(outcome=Outcome.UNAVAILABLE, reason=f"{_what(place)}中没有此条，确认未发出")


def looked(bots: Iterable[Bot], look: Look) -> tuple[list[Seen], list[SendError]]:
    """What each account has seen, and why the others have seen nothing (their numbers are learned all the same)."""
    seen, silent = [], []
    for bot in bots:
        try:
            bot.number()
            if not bot.online():
                raise OFFLINE.error("", "")
            seen.append(look(bot))
        except SendError as error:
            silent.append(error)
    return seen, silent


def look(bot: Bot, bots: Sequence[Bot], attempt: Attempt, place: Place) -> Seen:
    """What one account sees of an attempt; raises SendError."""
    ours = {each.known_number for each in bots} | {bot.number()}
    since = (attempt.begun_at - SKEW).timestamp()
    if place.board:
        return _on_board(bot, place.group, attempt.mark, since)
    # While a number of ours is not known, any message with the mark may be ours.
    known = None if "" in ours else ours
    page = lambda before: bot.history(place.group, PAGE, before)  # noqa: E731
    found, complete = search(page, ours=known, mark=attempt.mark, since=since)
    return Seen(bot, found, complete)


def _on_board(bot: Bot, group: str, mark: str, since: float) -> Seen:
    """An announcement carries no id of ours; its text may have been re-encoded, its mark not."""
    notices = bot.listed("_get_group_notice", group_id=number(group))
    found = next((each for each in notices if mark in utf8(each).decode()), None)
    times = [time for each in notices if isinstance(time := each.get("publish_time"), int)]
    return Seen(bot, found, len(notices) < BOARD_SHOWS or min(times, default=since) < since)


def _found(seen: Seen, place: Place, bots: Sequence[Bot], again: timedelta | None) -> Resolution:
    assert seen.found is not None
    who = text(seen.found.get("sender_id")) if place.board else sender(seen.found)
    if who not in {bot.known_number for bot in bots}:
        return _unsure("群内有带此标记的内容，不能确认是否由本校机器人发出", again)
    return Resolution(
        outcome=Outcome.DELIVERED,
        reason=f"在{_what(place)}中找到",
        vendor_id=vendor_id(who, id_seen(seen, who, place)),
        basis=Basis.POSTED,
        raw=utf8(seen.found).decode()[:500],
    )


def vendor_id(who: str, id: str) -> str:
    """What is kept as the vendor's id: the sending account's number, and the id under which it knows the message."""
    return f"{who}:{id}"


def id_seen(seen: Seen, who: str, place: Place) -> str:
    """The id to take it back by; a message's is good for the account alone that gave it, so another's is not kept."""
    assert seen.found is not None
    if place.board:
        return text(seen.found.get("notice_id"))
    return text(seen.found.get("message_id")) if seen.by.known_number == who else ""


def _what(place: Place) -> str:
    return "群公告" if place.board else "群消息记录"


def _unsure(reason: str, again: timedelta | None, raw: str = "") -> Resolution:
    return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, ask_again=again, raw=raw)
