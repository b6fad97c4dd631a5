"""What becomes of one push of an item that is taken back: recalled, followed by a notice, left to a person, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.states import TAKEN, Status

#: Why a push is taken back: a person's order (as the purpose of a notice), or because the term of a 公示 is over.
TAKEN_DOWN = "撤下"
#: How a placement ends that was taken back alone, while the rest of its push stays.
ENDED_BACK = "retracted"

#: Where an order stands: the bot works on it; done; the vendor refused and a notice follows; a person must.
QUEUED, DONE, REFUSED, HANDED = "queued", "done", "refused", "handed"
#: The same, as the office calls it.
STANDS = {QUEUED: "处理中", DONE: "已办", REFUSED: "平台没有撤回，改发撤回通知", HANDED: "待人工处理"}


class Way(StrEnum):
    """How something that has left is taken back."""

    #: The vendor takes it back.
    RECALL = "recall"
    #: A notice follows it to the same place.
    NOTICE = "notice"
    #: Only a person can: a task with its place and reason.
    PERSON = "person"
    #: Nobody knows yet whether it left: asked again later.
    WAIT = "wait"
    #: It has not arrived there, or is gone already: nothing goes there either.
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Gone:
    """An item in one push, as it stands."""

    statuses: frozenset[Status]
    #: Some address may have got it though the push is queued again or was given up.
    maybe_sent: bool = False
    #: When its first call began: the vendors count from there.
    begun_at: datetime | None = None
    #: Pieces (条次) in the push, and this one's place, from 1; no push at all (booked by hand): none.
    pieces: int = 1
    position: int = 1
    #: This piece was taken back already while the others stay.
    taken_back: bool = False


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a channel offers for taking back."""

    #: How long after a send the vendor takes it back; None: never.
    recall: timedelta | None = None
    #: One piece of a push can be taken back and the others stay.
    pieces: bool = False
    #: A notice can be written to the same readers; False where anybody reads (and reads only what is new).
    notice: bool = True
    #: Why no notice can follow at this very target (it left the register, its audience has become wider).
    obstacle: str = ""


@dataclass(frozen=True)
class Step:
    """What to do, and why; `piece` as Recalls.retract takes it (0: the whole push)."""

    way: Way
    reason: str
    piece: int = 0


_OUT = TAKEN | {Status.HANDED}
_OPEN = frozenset({Status.SENDING, Status.UNCERTAIN})


def way_back(gone: Gone, means: Means, now: datetime) -> Step:
    """Decide for one item in one push. A notice goes only where it has surely arrived."""
    if gone.taken_back:
        return Step(Way.NOTHING, "已经撤回")
    if not gone.statuses & _OUT:
        return _not_surely_out(gone)
    why_not = _why_no_recall(gone, means, now)
    if not why_not:
        return Step(Way.RECALL, "平台可以撤回", 0 if gone.pieces == 1 else gone.position)
    return instead(gone, means, why_not)


def instead(gone: Gone, means: Means, why_not: str) -> Step:
    """What is left where the vendor does not take it back: a notice where one can follow, else a person."""
    if not gone.statuses & TAKEN:
        return Step(Way.PERSON, f"{why_not}；还在人工手中，请直接处理，不要再发出")
    if not means.notice:
        return Step(Way.PERSON, why_not)
    if means.obstacle:
        return Step(Way.PERSON, f"{why_not}；也不能发撤回通知：{means.obstacle}")
    return Step(Way.NOTICE, why_not)


def next_try(gone: Gone, means: Means, now: datetime, wait: timedelta) -> datetime:
    """When a vendor that said "later" is asked again, or at the end of its window what is left instead is done."""
    if means.recall is None or gone.begun_at is None or means.recall > _NO_END:
        return now + wait
    return min(now + wait, gone.begun_at + means.recall + timedelta(seconds=1))


#: A window longer than this never ends.
_NO_END = timedelta(days=3650)


def undecided(gone: Gone) -> bool:
    """True while a part of the push is on its way or of unknown end: it may still turn out to have arrived."""
    return bool(gone.statuses & _OPEN or (gone.maybe_sent and Status.QUEUED in gone.statuses))


def _not_surely_out(gone: Gone) -> Step:
    if undecided(gone):
        return Step(Way.WAIT, "结果待定，查明是否已发出后再撤回（python bot.py uncertain）")
    if gone.maybe_sent:
        return Step(Way.PERSON, "是否发出没有查明，请到原处核对，如有请删除")
    back = Status.RETRACTED in gone.statuses
    return Step(Way.NOTHING, "已经撤回" if back else "没有发到这里")


def _why_no_recall(gone: Gone, means: Means, now: datetime) -> str:
    """Why the vendor cannot take it back; empty if it can."""
    if means.recall is None or gone.begun_at is None:
        return "该渠道不能撤回已发出的内容"
    if gone.pieces > 1 and not means.pieces:
        return f"同一条消息里有 {gone.pieces} 条信息，不能只撤回其中一条"
    if now - gone.begun_at > means.recall:
        return "已超过平台允许撤回的时间"
    return ""
