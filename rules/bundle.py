"""What one push carries, and the order in which waiting placements (条次) get into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

FIRST = "首发"
CORRECTION = "更正"
RETRACTION = "撤回"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One placement as its readers will see it."""

    placement: int
    title: str
    summary: str = ""
    url: str = ""
    department: str = ""
    purpose: str = FIRST
    #: HTML for article channels; empty: the summary.
    body: str = ""
    #: A 公示: the notice and the link, never the list.
    notice: bool = False
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One message to one target, carrying 1..n pieces."""

    #: 32 hex characters, the same for every automatic try of this push; the vendors' idempotency key.
    key: str
    school: str
    pieces: tuple[Piece, ...]
    #: What it is; a reminder to the people on duty says so.
    kind: str = "信息公开"

    @property
    def mark(self) -> str:
        """A short visible mark by which the push is found again in a group's history."""
        return f"【公开#{self.key[:6].upper()}】"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A placement that waits for its push."""

    placement: int
    urgent: bool
    since: datetime
    #: A refused bundle's article goes alone, so that one bad article does not hold seven.
    alone: bool = False


def push_key(target: str, placements: Iterable[int], again: int = 0) -> str:
    """The key of a push: the same placements for the same target give the same key, a person's resend another."""
    text = f"{target}|{','.join(str(p) for p in sorted(placements))}|{again}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def choose(waiting: Sequence[Waiting], most: int) -> tuple[Waiting, ...]:
    """The next bundle: urgent before oldest, at most `most` pieces; one that must go alone goes alone."""
    ranked = sorted(waiting, key=lambda w: (not w.urgent, w.since, w.placement))
    if not ranked:
        return ()
    if ranked[0].alone:
        return (ranked[0],)
    return tuple(w for w in ranked if not w.alone)[:most]
