"""What an attempt came to, and what follows from it. Pure: no clock, no sleep, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rules.states import Status, may_move


class Outcome(StrEnum):
    """What one vendor call says about one delivery."""

    #: The vendor took it; more news may follow.
    ACCEPTED = "accepted"
    #: It lies with a person who will send or post it (a draft, a notice); nobody has seen it yet.
    HANDED = "handed"
    #: The vendor's answer is final.
    DELIVERED = "delivered"
    #: Never works for this content and address.
    REFUSED = "refused"
    #: A code nobody has written down yet; treated as failed, a person is told.
    UNKNOWN_CODE = "unknown_code"
    #: Surely not taken: too fast, or a quota is used up.
    THROTTLED = "throttled"
    #: Surely not taken: the vendor could not be reached or said "later".
    UNAVAILABLE = "unavailable"
    #: Our key, IP list or permission is wrong: no call of this channel can work.
    MISCONFIGURED = "misconfigured"
    #: The call may have been executed.
    UNCERTAIN = "uncertain"


#: Who said it: the call itself, a resolver or follower, a receipt, the sweep after a dead process; else it is a person.
SENDING, RESOLVING, RECEIPT, SWEPT = "发送", "核实", "回执", "清扫"
#: The house itself, which gave the call up before it was made: the vendor has no part in it.
HELD = "未发"

#: Their words, of a call.
WORDS: dict[Outcome, str] = {
    Outcome.ACCEPTED: "平台已受理", Outcome.HANDED: "已交人工", Outcome.DELIVERED: "已发出", Outcome.REFUSED: "被拒绝",
    Outcome.UNKNOWN_CODE: "平台答复不明", Outcome.THROTTLED: "超过频率限制", Outcome.UNAVAILABLE: "平台暂不可用",
    Outcome.MISCONFIGURED: "渠道设置有误", Outcome.UNCERTAIN: "结果待定",
}  # fmt: skip
#: The same, of what was found out afterwards: nothing was sent, whoever was unavailable.
FOUND: dict[Outcome, str] = {**WORDS, Outcome.UNAVAILABLE: "没有发出"}


def spoken(outcome: str, said_by: str) -> str:
    """An outcome in words; empty for a person's judgment, whose reason says all."""
    if said_by == SENDING:
        return WORDS[Outcome(outcome)]
    return FOUND[Outcome(outcome)] if said_by in (RESOLVING, RECEIPT, SWEPT) else ""  # the house's own reason says all


#: Surely not sent; asking again is harmless.
NOT_SENT = frozenset({Outcome.THROTTLED, Outcome.UNAVAILABLE, Outcome.MISCONFIGURED})

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Next:
    """What is done with the delivery now."""

    status: Status
    #: When a queued delivery may be tried again, or an uncertain one asked about.
    not_before: datetime | None = None
    #: True if the channel stops until a person resumes it.
    pause: bool = False
    #: True if a person must be told.
    alarm: bool = False
    #: Stays True until evidence says whether an earlier, uncertain call was executed.
    maybe_sent: bool = False
    #: True if the next look comes when the channel says that it does.
    look: bool = False


_FINAL = {
    Outcome.ACCEPTED: Status.ACCEPTED,
    Outcome.HANDED: Status.HANDED,
    Outcome.DELIVERED: Status.DELIVERED,
    Outcome.REFUSED: Status.FAILED,
    Outcome.UNKNOWN_CODE: Status.FAILED,
}


def wait_after(tries: int) -> timedelta:
    """How long to wait after the n-th try in a row (30 s, 1, 2, 4 … minutes, at most an hour)."""
    doubled: int = 2 ** min(max(tries - 1, 0), 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


#: What may have been sent waits no longer than this for the next look.
IN_DOUBT = timedelta(hours=1)


def _wait(tries: int, retry_after: timedelta | None) -> timedelta:
    """The vendor's own wish counts, but a "no" that comes again and again is asked less and less often."""
    if retry_after is None or (retry_after and tries > 3):
        return max(wait_after(tries), retry_after or timedelta())
    return retry_after


def after(
    outcome: Outcome, *, now: datetime, tries: int, retry_after: timedelta | None = None, maybe_sent: bool = False
) -> Next:
    """Decide what follows an outcome.

    `tries` counts the calls made so far, this one included. `maybe_sent` says that an earlier call of this delivery
    may have been executed: then a "no" proves nothing about that call, and the delivery goes back to uncertain.
    """
    if outcome is Outcome.UNCERTAIN:
        return Next(status=Status.UNCERTAIN, maybe_sent=True, alarm=False)
    if outcome in NOT_SENT:
        pause = outcome is Outcome.MISCONFIGURED
        # The vendor's memory of the earlier call ends one day: after the wait its resolver judges anew, and before long a
        # person, though the vendor itself may ask for a month's patience.
        wait = _wait(tries, retry_after)
        not_before = now + (min(wait, IN_DOUBT) if maybe_sent else wait)
        status = Status.UNCERTAIN if maybe_sent else Status.QUEUED
        return Next(status=status, not_before=not_before, pause=pause, alarm=pause, maybe_sent=maybe_sent)
    if maybe_sent and _FINAL[outcome] is Status.FAILED:
        return Next(status=Status.UNCERTAIN, maybe_sent=True, alarm=True)
    return Next(status=_FINAL[outcome], alarm=outcome in (Outcome.UNKNOWN_CODE, Outcome.REFUSED))


def verdict(
    status: Status, outcome: Outcome, *, now: datetime, tries: int, maybe_sent: bool,
    ask_again: timedelta | None = None, resend: bool = False, still_unknown: bool = False,
) -> Next:  # fmt: skip
    """Decide what follows what was found out of a delivery that stands at `status`; `not_before`: the next look or try.

    `resend`: the vendor itself refuses a double, so that the same may be sent again. `ask_again`: when an UNCERTAIN is
    looked at anew; without it nobody looks. `still_unknown`: given up, though it may have been sent. What the house
    does not allow (what was taken is never queued again) moves nothing: the words are kept, no more.
    """
    found = _found(status, outcome, now, tries, maybe_sent, ask_again, resend, still_unknown)
    if found.status is not status and not may_move(status, found.status):
        return replace(found, status=status, not_before=None, look=False)
    return found


def _found(
    status: Status, outcome: Outcome, now: datetime, tries: int, maybe_sent: bool,
    ask_again: timedelta | None, resend: bool, still_unknown: bool,
) -> Next:  # fmt: skip
    if resend:
        return Next(status=Status.QUEUED, not_before=now, maybe_sent=True)
    if outcome is Outcome.UNAVAILABLE:  # surely not sent
        return Next(status=Status.QUEUED, not_before=now)
    if outcome is Outcome.UNCERTAIN and status is Status.HANDED and ask_again is None:
        return Next(status=Status.UNCERTAIN, maybe_sent=True)  # it has left the person's hand, and nobody knows whither
    if outcome is Outcome.UNCERTAIN:
        return Next(status=status, not_before=None if ask_again is None else now + ask_again, maybe_sent=maybe_sent)
    return Next(status=after(outcome, now=now, tries=tries).status, maybe_sent=still_unknown, look=True)
