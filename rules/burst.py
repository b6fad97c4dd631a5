"""When a channel that fails again and again should stop by itself (自动暂停). Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.outcome import Outcome

#: So many different pushes refused one after the other: one bad article or one closed group is ordinary, and after five
#: the next ones would be refused too. What is refused is final, so each one more has to be sent again by a person.
REFUSED_PUSHES = 5
#: So many tries not taken in a row: a vendor's busy minute costs a push two or three.
TRIES = 20
#: And for so long: what is over within minutes mends itself, and a pause waits for a person.
LASTING = timedelta(minutes=10)
#: And in one hour: a few groups whose address is missing are tried once an hour for days, and stop nobody else by that.
WITHIN = timedelta(hours=1)
#: At so many targets, or at all where a channel has fewer: one bad group is that group's trouble, and two may be chance.
TARGETS = 3

REFUSED = frozenset({Outcome.REFUSED, Outcome.UNKNOWN_CODE})
NOT_TAKEN = frozenset({Outcome.THROTTLED, Outcome.UNAVAILABLE})


@dataclass(frozen=True)
class Failure:
    """One call that failed for its whole push: nobody has got it."""

    push_id: int
    target: str
    outcome: Outcome
    at: datetime


def burst(failures: Sequence[Failure], targets: int) -> str:
    """Why a channel should pause, in words for the office; empty if it need not.

    `failures`: since its last success or its last resume, whichever is later. `targets`: how many it has.
    """
    wide = min(TARGETS, max(targets, 1))
    refused = [each for each in failures if each.outcome in REFUSED]
    pushes = len({each.push_id for each in refused})
    if pushes >= REFUSED_PUSHES and _spread(refused) >= wide:
        return f"连续 {pushes} 次推送被平台拒绝，涉及 {_spread(refused)} 个目标，其间没有一次成功"
    later = _newest([each for each in failures if each.outcome in NOT_TAKEN])
    if len(later) >= TRIES and _spread(later) >= wide and _lasted(later) >= LASTING:
        minutes = int(_lasted(later).total_seconds() // 60)
        return f"{minutes} 分钟内连续 {len(later)} 次没有发成（限流或连不上），涉及 {_spread(later)} 个目标，其间没有一次成功"
    return ""


def _newest(failures: Sequence[Failure]) -> list[Failure]:
    """Those of the last hour before the newest."""
    newest = max((each.at for each in failures), default=None)
    return [each for each in failures if newest is not None and newest - each.at <= WITHIN]


def _spread(failures: Sequence[Failure]) -> int:
    return len({each.target for each in failures})


def _lasted(failures: Sequence[Failure]) -> timedelta:
    moments = [each.at for each in failures]
    return max(moments) - min(moments)
