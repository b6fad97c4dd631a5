"""What the table of faults is made of: the faults, what a cell may say, and what a row (a channel, or a mode of it) brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rules.states import Status

if TYPE_CHECKING:
    from tests.channels.servers import Sandbox
    from tests.faults.ground import Ground


class Fault(StrEnum):
    """What goes wrong, as the office is told of it."""

    LOST_AFTER = "答复丢失，平台已执行"
    LOST_BEFORE = "答复丢失，平台没有执行"
    PAGE_AFTER = "答复是 502 网页，平台已执行"
    PAGE_BEFORE = "答复是 502 网页，平台没有执行"
    TWICE = "同一份回执送来两次"
    EARLY = "回执比答复先到"
    LATE = "回执迟到几天"
    TOKEN = "令牌过期"
    QUOTA = "额度用完"
    HALF = "一半接收人无效"
    KILLED_AFTER = "进程被杀，平台已执行"
    KILLED_BEFORE = "进程被杀，平台没有执行"


#: The faults that strike at the very call that sends.
AT_THE_CALL = {
    Fault.LOST_AFTER: {"kind": "reset", "when": "after"},
    Fault.LOST_BEFORE: {"kind": "before"},
    Fault.PAGE_AFTER: {"kind": "502", "when": "after"},
    Fault.PAGE_BEFORE: {"kind": "502"},
}
CALLBACKS = (Fault.TWICE, Fault.EARLY, Fault.LATE)
DELIVERED, RESEND = "delivered", "resend"


@dataclass(frozen=True)
class Cell:
    """How a fault ends: where each address stands, which of them the vendor's book holds, and what a person does."""

    #: By address, in the row's order; one status stands for all of them.
    ends: tuple[Status, ...]
    #: Whether the vendor's book holds each address (exactly once); one answer stands for all of them.
    booked: tuple[bool, ...]
    #: What the office sees and does.
    office: str
    #: The judgment a person is asked for; empty: nobody is asked.
    person: str = ""


@dataclass(frozen=True)
class Never:
    """A fault that cannot occur here: why, in one sentence, and a proof where there is one."""

    why: str
    proof: Callable[[Ground], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A channel, or one mode of it, with all that a walk needs to know of its vendor."""

    #: The kind in REGISTRY, and what the office calls it.
    kind: str
    label: str
    #: The vendor's base below the sandbox's.
    door: str
    #: The sandbox's names of the call that sends and of the callback; empty: there is none.
    call: str
    callback: str = ""
    #: The target's address, or 名单: for a list of `people`; the addresses a push has.
    target: str
    addresses: tuple[str, ...]
    people: str = ""
    audience: str = "社会"
    secrets: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    #: Set the vendor's side up; called again when the callback address is known.
    furnish: Callable[[Ground], None]
    #: What can be done only through the channel itself before the walk (a chat is made).
    ready: Callable[[Ground], None] | None = None
    #: How often each address has the item with this number, by the vendor's book.
    book: Callable[[Ground, int], Counter[str]]
    #: Make the callback come (a person presses, publishes); None: it comes by itself as time goes on.
    answers: Callable[[Ground], None] | None = None
    #: The vendor's whole base, where it is not below the sandbox's; how a fault at the call is planned otherwise.
    base: Callable[[Sandbox], str] | None = None
    planned: Mapping[Fault, Mapping[str, Any]] = field(default_factory=dict)
    #: How the faults strike that are each vendor's own (TOKEN, QUOTA, HALF), and what ends them.
    strikes: Mapping[Fault, Callable[[Ground], None]] = field(default_factory=dict)
    lifts: Mapping[Fault, Callable[[Ground], None]] = field(default_factory=dict)
    cells: Mapping[Fault, Cell | Never]


def cell(end: Status | tuple[Status, ...], booked: bool | tuple[bool, ...], office: str, person: str = "") -> Cell:
    """A cell; one status or answer stands for every address."""
    ends = end if isinstance(end, tuple) else (end,)
    return Cell(ends, booked if isinstance(booked, tuple) else (booked,), office, person)


def no_callback(why: str) -> dict[Fault, Cell | Never]:
    """The three cells of a channel that nobody calls back."""
    from channels.base import Calls

    return {each: Never(why, lambda ground: not isinstance(ground.channel, Calls)) for each in CALLBACKS}


def one_address(why: str) -> Never:
    """Half of one address is nobody."""
    return Never(why, lambda ground: ground.channel.limits.addresses == 1)
