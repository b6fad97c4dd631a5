"""@全体成员: asked for by the school, allowed by the group, and some of the day's left; else the message goes without.

`get_group_at_all_remain` is an extension of go-cqhttp and NapCat (https://github.com/NapNeko/NapCatQQ): can_at_all,
remain_at_all_count_for_group, remain_at_all_count_for_uin. A call that is not allowed ends in an ambiguous timeout,
so none is tried on the off chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels.base import SendError
from channels.onebot.answers import number
from channels.onebot.client import Bot
from channels.onebot.relay import together
from rules.bundle import DISCLOSURE, RETRACTION, Bundle
from rules.outcome import Outcome

#: In the payload: the group whose members are to be called. In the handles: what was decided for each account.
ASKED, DECIDED = "at_all", "at_all"
SEGMENT: Mapping[str, Any] = {"type": "at", "data": {"qq": "all"}}
WITHOUT = "没有@全体成员"


def is_urgent(bundle: Bundle) -> bool:
    """True if something of it is urgent news; a 撤回 hurries, but nobody needs to be called for it."""
    return bundle.kind == DISCLOSURE and any(piece.urgent and piece.purpose != RETRACTION for piece in bundle.pieces)


def decide(bots: Sequence[Bot], group: str) -> Mapping[str, str]:
    """For each account, by its number, why it may not call everybody (empty: it may). Kept with the push.

    Raises SendError if no account can be reached: then nothing is sent now either, and it is asked again.
    """
    found, failed = {}, []
    for bot in bots:
        try:
            me = bot.number()
            found[me] = why_not(bot, group)
        except SendError as error:
            failed.append((bot, error))
    if not found:
        raise together(failed)
    return found


def why_not(bot: Bot, group: str) -> str:
    """Why an account may not call everybody right now, empty if it may; raises SendError if it cannot be reached."""
    try:
        left = bot.ask("get_group_at_all_remain", group_id=number(group))
    except SendError as error:
        if error.outcome is Outcome.UNAVAILABLE:
            raise
        return f"剩余次数查不到（{error.reason}）"
    counts = [left.get(f"remain_at_all_count_for_{whose}") for whose in ("group", "uin")]
    if any(count == 0 for count in counts):
        return "今日次数已用完"
    if left.get("can_at_all") is not True:
        return "机器人不是管理员，或本群不允许"
    return "" if all(isinstance(count, int) and count > 0 for count in counts) else "剩余次数查不到"


def why_without(bot: Bot, group: str, decided: Mapping[str, Any]) -> str:
    """Why this very message goes without, empty if it calls everybody. What was decided against stays so at a resend."""
    before = decided.get(bot.number(), "剩余次数没有问到")
    try:
        why = before or why_not(bot, group)
    except SendError as error:
        why = f"剩余次数查不到（{error.reason}）"
    return f"{WITHOUT}：{why}" if why else ""
