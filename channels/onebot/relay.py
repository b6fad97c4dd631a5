"""Several accounts, one message: who sends it, and who steps in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from channels.base import Clock, SendError, Sent
from channels.onebot.client import Bot
from rules.outcome import NOT_SENT, Outcome

#: No further account is tried after this: a whole send must end within a claim's longest call.
PATIENCE = timedelta(seconds=40)

Failed = list[tuple[Bot, SendError]]


def first_able(bots: Sequence[Bot], send: Callable[[Bot], Sent], clock: Clock) -> Sent:
    """What the first account says that can send; raises SendError.

    One is passed over only when it has surely sent nothing (offline, unreachable, muted, removed, token refused). An
    answer that leaves it open is never followed by another account's call.
    """
    begun = clock()
    failed: Failed = []
    for bot in bots:
        try:
            sent = send(bot)
        except SendError as error:
            if error.outcome not in NOT_SENT:
                raise (together([(bot, error)], only=False) if len(bots) > 1 else error) from None
            failed.append((bot, error))
            if clock() - begun > PATIENCE:
                break
        else:
            return replace(sent, reason=_told(bot, failed, sent.reason))
    raise together(failed)


def _told(bot: Bot, failed: Failed, reason: str) -> str:
    """What the log says: who stepped in for whom and why, and what the send itself has to say."""
    stepped_in = f"由{bot.name}发出（{_each(failed)}）" if failed else ""
    return "；".join(part for part in (stepped_in, reason) if part)


def together(failed: Failed, *, only: bool = True) -> SendError:
    """What several refusals come to: the first one that is no matter of settings, with everybody's reason.

    A wrong token of one account does not stop the channel while another account only has to wait.
    """
    lead = next((error for _, error in failed if error.outcome is not Outcome.MISCONFIGURED), failed[0][1])
    if only and len(failed) == 1:
        return lead
    waits = [error.retry_after for _, error in failed if error.retry_after is not None]
    retry_after = min(waits) if waits and lead.outcome in NOT_SENT else lead.retry_after
    return SendError(
        lead.outcome, _each(failed), code=lead.code, advice=lead.advice, raw=lead.raw, retry_after=retry_after
    )


def _each(failed: Failed) -> str:
    return "；".join(f"{bot.name}：{error.reason}" for bot, error in failed)
