"""The sandbox's clock: real, or virtual and moved only by hand, so that a school year can be replayed in seconds."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone

# China has kept one offset since 1991, so a fixed one spares Windows the time zone database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def parse_time(text: str) -> float:
    """Read ISO-8601 with an offset as seconds since 1970; without an offset the moment is not known, so refuse."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset; write it like 2020-09-01T08:00:00+08:00")
    return moment.timestamp()


def iso(moment: float) -> str:
    """Write a moment as the vendors' users read it: Shanghai time with its offset."""
    return datetime.fromtimestamp(moment, SHANGHAI).isoformat(timespec="milliseconds" if moment % 1 else "seconds")


def day_of(moment: float) -> str:
    """The Shanghai day (YYYY-MM-DD) that daily quotas count by."""
    return datetime.fromtimestamp(moment, SHANGHAI).strftime("%Y-%m-%d")


def month_of(moment: float) -> str:
    """The Shanghai month (YYYY-MM) that monthly quotas count by."""
    return day_of(moment)[:7]


def day_start(day: str) -> float:
    """Midnight in Shanghai at the start of the day."""
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=SHANGHAI).timestamp()


class Clock:
    """Real time until somebody sets it; from then on it stands still between two settings."""

    def __init__(self, start: float | None = None) -> None:
        self._lock = threading.Lock()
        self._start = start
        self._virtual = start

    @property
    def virtual(self) -> bool:
        """Whether the clock stands still until it is moved."""
        return self._virtual is not None

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() if self._virtual is None else self._virtual

    def set(self, moment: float) -> None:
        """Stop the clock at a moment; it never runs backwards, because quotas and tokens count forward."""
        with self._lock:
            if self._virtual is not None and moment < self._virtual:
                raise ValueError(f"the clock stands at {iso(self._virtual)} and cannot go back to {iso(moment)}")
            self._virtual = moment

    def reset(self) -> None:
        """Go back to how the sandbox was started."""
        with self._lock:
            self._virtual = self._start
