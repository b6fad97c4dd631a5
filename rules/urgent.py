"""紧急: what a person's order covers, that an item goes at any hour. It names one event, not the item's whole life."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.bundle import FIRST

#: A 首发 that is placed later than this after the order is another matter: a new target, an item taken up again.
GOOD_FOR = timedelta(days=1)


def is_ordered(ordered_at: datetime | None, purpose: str, placed_at: datetime) -> bool:
    """True if an order given at `ordered_at` (None: none was) lets a placement of this purpose go at any hour.

    It covers what was placed when it was given, and the 首发 of the day after it. A 更正 or 撤回 ordered later waits
    for the hours, unless a person calls that urgent too.
    """
    if ordered_at is None:
        return False
    return placed_at <= ordered_at + (GOOD_FOR if purpose == FIRST else timedelta(0))
