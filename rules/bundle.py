"""What one push carries, and the order in which waiting placements (条次) get into it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

FIRST = "首发"
CORRECTION = "更正"
RETRACTION = "撤回"
#: A person's second push of what some did not get; the placement's own purpose stays.
RESENT = "补推"


def purpose_shown(purpose: str, *, resent: bool) -> str:
    """What a push was for, as its readers call it: 首发, 补推, 更正（补推）."""
    if not resent:
        return purpose
    return RESENT if purpose == FIRST else f"{purpose}（{RESENT}）"


def mark_of(purpose: str) -> str:
    """更正 or 撤回, to be printed before a title; empty for a first push."""
    return "" if purpose == FIRST else f"【{purpose}】"


def marked(title: str, purpose: str) -> str:
    """A title in a list, with what is to be done about it where it is no first push: 【撤回】标题."""
    return mark_of(purpose) + title


#: What an ordinary push is called in its heading; a reminder to the people on duty is called otherwise.
DISCLOSURE = "信息公开"


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
    kind: str = DISCLOSURE
    #: Why none of the channel's scarce sends is spent on it: it goes the channel's other way. Empty: the usual way.
    spared: str = ""

    @property
    def mark(self) -> str:
        """A short visible mark by which the push is found again in a group's history; a reminder is no push and has none."""
        if self.kind != DISCLOSURE:
            return ""
        return f"【公开#{self.key[:6].upper()}】"


_MARK = re.compile(r"【公开#([0-9A-F]{6})】")


def head_of(text: str) -> str:
    """The first characters of the key of the push whose mark stands in a text, the last mark if several; else empty."""
    return next(reversed(_MARK.findall(text)), "").lower()


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
