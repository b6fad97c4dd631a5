"""A site in trouble is asked more and more seldom; the first good answer ends it."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.dates import SHANGHAI
from sources.web import Busy, WebError

FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=1)


class Pace:
    """Remembers, as long as the bot runs, how often in a row a list could not be read."""

    def __init__(self) -> None:
        self._failures = 0
        self._until: datetime | None = None
        self._why = ""

    def waits(self, now: datetime) -> str:
        """Why it is not asked now, "" if it may be."""
        if self._until is None or now >= self._until:
            return ""
        return f"{self._why}；{self._until.astimezone(SHANGHAI):%H:%M}之后再读取"

    def failed(self, error: WebError, now: datetime) -> None:
        """One failure may pass soon; after the second in a row, or where the site asks for it, the next look waits."""
        self._failures += 1
        self._why = str(error)
        wait = min(FIRST_WAIT * 2 ** min(self._failures - 2, 10), LONGEST_WAIT) if self._failures > 1 else timedelta(0)
        self._until = now + max(wait, error.wait if isinstance(error, Busy) else wait)

    def went_well(self) -> None:
        """It was read."""
        self._failures, self._until = 0, None
