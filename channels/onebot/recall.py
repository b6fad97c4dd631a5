"""Taking back: a message by the account that sent it, or by another that is the group's admin; an announcement by any admin.

A message's id is good for one account and lost when it restarts, so the message is looked for by its mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels.base import Attempt, SendError, Sent
from channels.onebot.answers import NO_CHIEF, TOO_LATE, number, text
from channels.onebot.client import Bot
from channels.onebot.evidence import look
from channels.onebot.places import Place
from rules.outcome import NOT_SENT, Outcome


def take_back(bots: Sequence[Bot], attempt: Attempt, place: Place) -> Sent:
    """Taken back, or gone already: harmless to repeat. Raises the sending account's SendError if nobody can."""
    who, _, id = attempt.vendor_id.rpartition(":")
    first: SendError | None = None
    for bot in sorted(bots, key=lambda each: bool(who) and each.known_number != who):
        try:
            _take_back(bot, bots, attempt, place, id if not who or bot.number() == who else "")
            return Sent(address=attempt.address, outcome=Outcome.DELIVERED, reason=_done(place, bot, bots))
        except SendError as error:
            first = first or error
    assert first is not None
    raise first


def _done(place: Place, bot: Bot, bots: Sequence[Bot]) -> str:
    done = "群公告已删除" if place.board else "群消息已撤回"
    return f"{done}（{bot.name}）" if len(bots) > 1 else done


def _take_back(bot: Bot, bots: Sequence[Bot], attempt: Attempt, place: Place, id: str) -> None:
    """By one account; `id`: under which it knows the message, empty if it did not send it."""
    if place.board:
        _delete_notice(bot, bots, attempt, place)
        return
    refused = _refusal(bot, id) if id else TOO_LATE.error("", "")
    if refused is None:
        return
    if refused.outcome in NOT_SENT:  # unreachable: asked again later
        raise refused
    seen = look(bot, bots, attempt, place)
    if seen.found is None:
        if seen.complete and bot.online():
            return  # nothing of it stands there any more
        raise refused
    found = text(seen.found.get("message_id"))
    if found == id or not (id or bot.seat(place.group).chief):
        raise refused
    if (again := _refusal(bot, found)) is not None:
        raise again


def _refusal(bot: Bot, id: str) -> SendError | None:
    """The QQ side's no, None if it took the message back."""
    try:
        bot.commit("delete_msg", message_id=number(id))
    except SendError as error:
        return error
    return None


def _delete_notice(bot: Bot, bots: Sequence[Bot], attempt: Attempt, place: Place) -> None:
    if not bot.seat(place.group).chief:
        raise replace(NO_CHIEF, outcome=Outcome.REFUSED, advice="请群主删除该公告").error("", "")
    seen = look(bot, bots, attempt, place)
    if seen.found is None and not seen.complete:
        raise SendError(Outcome.REFUSED, "群公告列表中找不到此条", advice="请群主在群公告中核对并删除")
    if seen.found is not None:
        notice = text(seen.found.get("notice_id"))
        bot.commit("_del_group_notice", group_id=number(place.group), notice_id=notice)
