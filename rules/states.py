"""The states of a delivery and the moves between them."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where one delivery (投递) stands."""

    #: Waits for its turn; `not_before` and `reason` say for what.
    QUEUED = "queued"
    #: Claimed by a process that may be calling the vendor right now.
    SENDING = "sending"
    #: The vendor took it; more news may follow.
    ACCEPTED = "accepted"
    #: Left with a person (a draft in the account's box, a notice to post): nobody has seen it yet.
    HANDED = "handed"
    #: The vendor's last word is yes; `basis` says how that is known.
    DELIVERED = "delivered"
    #: The vendor's last word is no.
    FAILED = "failed"
    #: It may have been taken; only evidence or a person moves it.
    UNCERTAIN = "uncertain"
    #: Its own end (公示期满, an event) came before its turn.
    EXPIRED = "expired"
    #: A person stopped it before the call.
    CANCELLED = "cancelled"
    #: It had arrived and was taken back.
    RETRACTED = "retracted"


MOVES: dict[Status, frozenset[Status]] = {
    # The last three: an earlier call is answered after its sweep, or its resend could not leave at once.
    Status.QUEUED: frozenset(
        {
            Status.SENDING,
            Status.CANCELLED,
            Status.EXPIRED,
            Status.ACCEPTED,
            Status.HANDED,
            Status.DELIVERED,
            Status.UNCERTAIN,
        }
    ),
    Status.SENDING: frozenset(
        {Status.QUEUED, Status.ACCEPTED, Status.HANDED, Status.DELIVERED, Status.FAILED, Status.UNCERTAIN}
    ),
    Status.UNCERTAIN: frozenset({Status.ACCEPTED, Status.HANDED, Status.DELIVERED, Status.FAILED, Status.QUEUED}),
    Status.HANDED: frozenset({Status.DELIVERED, Status.FAILED, Status.UNCERTAIN, Status.RETRACTED}),
    Status.ACCEPTED: frozenset({Status.DELIVERED, Status.FAILED, Status.RETRACTED}),
    Status.DELIVERED: frozenset({Status.RETRACTED}),
    Status.FAILED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.RETRACTED: frozenset(),
}

#: What a person reads for each.
WORDS: dict[Status, str] = {
    Status.QUEUED: "待发",
    Status.SENDING: "正在发送",
    Status.ACCEPTED: "已受理",
    Status.HANDED: "已交人工",
    Status.DELIVERED: "已发出",
    Status.FAILED: "失败",
    Status.UNCERTAIN: "结果待定",
    Status.EXPIRED: "过期",
    Status.CANCELLED: "已取消",
    Status.RETRACTED: "已撤回",
}

#: Reached its audience as far as anyone can know; these make an item 已公开.
TAKEN = frozenset({Status.ACCEPTED, Status.DELIVERED})


class Basis(StrEnum):
    """How a `delivered` is known. Only 手机回执 and 逐人回执 print as 送达."""

    POSTED = "群内已发"
    MASS_SENT = "群发完成"
    HANDSET = "手机回执"
    PERSON = "逐人回执"
    #: A person posted, read out or handed out, and wrote it down.
    BY_HAND = "人工登记"
    #: Its own page stands on the school's site.
    ON_SITE = "网页登载"


class Result(StrEnum):
    """What a push or a placement came to, in the report's words."""

    SUCCESS = "成功"
    PARTIAL = "部分"
    FAILURE = "失败"
    PENDING = "待定"
    EXPIRED = "过期"
    CANCELLED = "取消"
    RETRACTED = "撤回"
    WAITING = "待发"


def may_move(old: Status, new: Status) -> bool:
    """True if the house allows this move."""
    return new in MOVES[old]


def result_of(counts: dict[Status, int]) -> Result:
    """The result of a push from how many of its deliveries stand in each status."""
    present = {status for status, n in counts.items() if n}
    if not present or present <= {Status.QUEUED}:
        return Result.WAITING
    if present & {Status.QUEUED, Status.SENDING, Status.HANDED, Status.UNCERTAIN}:
        return Result.PENDING
    for status, result in _WHOLE.items():
        if present == {status}:
            return result
    if present <= TAKEN:
        return Result.SUCCESS
    if present & TAKEN:
        return Result.PARTIAL
    return Result.RETRACTED if Status.RETRACTED in present else Result.FAILURE


_WHOLE = {
    Status.FAILED: Result.FAILURE,
    Status.EXPIRED: Result.EXPIRED,
    Status.CANCELLED: Result.CANCELLED,
    Status.RETRACTED: Result.RETRACTED,
}

_OPEN = frozenset({Status.QUEUED, Status.SENDING, Status.HANDED, Status.UNCERTAIN})
_DEAD = frozenset({Status.FAILED, Status.CANCELLED, Status.EXPIRED})
#: A push with deliveries has each of these results only with one of them in such a status. A success may be of any.
TELLING = {
    Result.FAILURE: _DEAD,
    Result.PENDING: _OPEN,
    Result.WAITING: frozenset({Status.QUEUED}),
    Result.EXPIRED: frozenset({Status.EXPIRED}),
    Result.CANCELLED: frozenset({Status.CANCELLED}),
    Result.PARTIAL: _DEAD | {Status.RETRACTED},
    Result.RETRACTED: frozenset({Status.RETRACTED}),
}
