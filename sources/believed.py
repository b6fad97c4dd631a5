"""Whether a list of which we know nothing may be ours that has moved on, or is another's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

#: An article may show in its list so long after the day that it bears: it was written then and passed its reviews since.
LATE = timedelta(days=3)
#: So many of a short list may show still later.
MOST_LATE = 2


def came_since(days: Sequence[date], looked: date) -> bool:
    """True if most of what bears these days is from no longer before the last look than things come late: else that look
    would have shown it. False without days, as nobody can tell."""
    early = sum(looked - day > LATE for day in days)
    return bool(days) and (early <= MOST_LATE or 2 * early <= len(days))
