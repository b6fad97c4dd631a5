"""紧急: what a person's order covers, that an item goes at any hour. It names one event, not the item's whole life."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.bundle import FIRST

#: So long after it was given an order holds: whatever has not left by then waits for the hours again.
GOOD_FOR = timedelta(days=1)


def ordered_until(ordered_at: datetime | None, purpose: str, placed_at: datetime) -> datetime | None:
    """Until when an order given at `ordered_at` lets a placement of this purpose go at any hour; None: it does not.

    It covers what was placed when it was given, and the 首发 of the day after it. A 更正 or 撤回 ordered later waits
    for the hours, unless a person calls that urgent too.
    """
    if ordered_at is None:
        return None
    ends = ordered_at + GOOD_FOR
    return ends if placed_at <= (ends if purpose == FIRST else ordered_at) else None


def holds(until: datetime | None, now: datetime) -> bool:
    """True while an order holds that does so until then (None: there is none)."""
    return until is not None and now <= until


def is_ordered(ordered_at: datetime | None, purpose: str, placed_at: datetime, now: datetime) -> bool:
    """True if an order lets a placement of this purpose go at any hour now."""
    return holds(ordered_until(ordered_at, purpose, placed_at), now)
