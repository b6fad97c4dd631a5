"""The seam between the bot and the places where approved items are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from rules.finding import Finding
from rules.item import Attachment, Entry, Problem
from rules.school import Column

Cursor = Mapping[str, Any]
#: For a kind of source that needs none.
NO_SECRETS: Mapping[str, str] = MappingProxyType({})


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
    #: BAD only because nobody answered (no connection, a timeout, 5xx): it may well pass by itself.
    away: bool = False
    #: False: nothing was asked this time, a source in trouble is being left alone.
    asked: bool = True
    #: Files or addresses read whole this time: what they held before and hold no longer is missing.
    whole: frozenset[str] = frozenset()
    #: Every file that is there now, read this time or not; None for a source that has no files.
    files: frozenset[str] | None = None
    #: Addresses of single items that are gone (404 or removed); gone twice is 消失.
    gone: frozenset[str] = frozenset()
    #: Places of single items that the source itself says were taken back (已撤回): told to a person at once.
    withdrawn: frozenset[str] = frozenset()


class Source(Protocol):
    """A place where approved items are kept."""

    def fetch(self, since: Cursor | None) -> Fetched:
        """Look once. Never raises for what a source may do wrong: that is its health."""
        ...


@runtime_checkable
class Checked(Protocol):
    """A source that can look at its own settings beyond a trial look."""

    def check(self) -> Sequence[Finding]:
        """What a self-check says: whether the account can do more than it should, what is near its limits."""
        ...


class Unread(Exception):
    """What an attachment holds could not be had; says why in words for the office."""


@runtime_checkable
class Opens(Protocol):
    """A source whose items have attachments."""

    def open(self, entry_place: str, attachment: Attachment) -> bytes:
        """What an attachment holds; `entry_place` is where its item was read. Raises Unread."""
        ...


def options_of(column: Column, known: Collection[str]) -> Mapping[str, Any]:
    """A column's own keys; raises ValueError that names each one that its kind does not have."""
    wrong = sorted(set(column.options) - set(known))
    if wrong:
        may = f"可写：{'、'.join(known)}" if known else "这一类监看没有别的设置项"
        raise ValueError(f"监看“{column.name}”没有“{'、'.join(wrong)}”这个设置项。{may}")
    return column.options
