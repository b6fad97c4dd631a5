"""The seam between the bot and the places where approved items are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from rules.item import Entry, Problem

Cursor = Mapping[str, Any]


class Health(StrEnum):
    """How healthy the answer looked."""

    #: Read whole.
    GOOD = "good"
    #: Nothing new since last time; nothing was parsed.
    UNCHANGED = "unchanged"
    #: Part of it could not be read (a locked file, one article); it is read again next round.
    PARTIAL = "partial"
    #: It could not be read, or it answered with nothing where there had been something.
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What one look brought: items, what a clerk must mend, the next cursor, and how healthy the answer looked."""

    entries: tuple[Entry, ...] = ()
    #: Problems of whole files or rows that are no item at all.
    problems: tuple[Problem, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    health: Health = Health.GOOD
    note: str = ""
    #: Files or addresses read whole this time: what they held before and hold no longer is missing.
    whole: frozenset[str] = frozenset()
    #: Every file that is there now, read this time or not; None for a source that has no files.
    files: frozenset[str] | None = None
    #: Addresses of single items that are gone (404 or removed); gone twice is 消失.
    gone: frozenset[str] = frozenset()


class Source(Protocol):
    """A place where approved items are kept."""

    def fetch(self, since: Cursor | None) -> Fetched:
        """Look once. Never raises for what a source may do wrong: that is its health."""
        ...
