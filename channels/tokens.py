"""A vendor's access token: fetched when there is none that lasts, kept in memory, shared by all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from channels.base import Clock


class Kept:
    """One token; `fetch` asks the vendor for it and says how long to use it. Both methods raise what `fetch` raises."""

    def __init__(self, fetch: Callable[[], tuple[str, timedelta]], clock: Clock) -> None:
        self._ask = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until: datetime | None = None

    def current(self) -> str:
        """The token, fetched if there is none that lasts."""
        with self._lock:
            if self._until is None or self._clock() >= self._until:
                self._fetch()
            return self._token

    def renew(self, used: str) -> str:
        """A token fetched after the one just refused, unless another thread has fetched it meanwhile."""
        with self._lock:
            if self._token == used:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        self._token, lasts = self._ask()
        self._until = self._clock() + lasts
