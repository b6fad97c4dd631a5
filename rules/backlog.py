"""What an outage made late: which placements (条次) a person looks at before they leave, and which may go by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from rules.dates import at, day_of

#: Servers are switched off in vacations and overnight; a stop shorter than this makes nothing late.
AWAY = timedelta(hours=12)
#: What would have left no longer than this before the return is sent as ever: nobody needs to decide on it.
LATE = timedelta(hours=4)
#: An outage of which a person is told even where it made nothing late.
LONG = timedelta(days=1)
#: For so long after the return what was approved meanwhile is known as late.
CATCHES_UP = timedelta(days=2)


class Policy(StrEnum):
    """What becomes of what is late."""

    #: A person decides (python bot.py backlog).
    ASK = "ask"
    #: It goes with the next bundles.
    DIGEST = "digest"
    #: It goes at once, in the hours.
    SEND = "send"


@dataclass(frozen=True)
class Outage:
    """From the last sign of life to the return."""

    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """True while what comes in may still be late because of it."""
        return self.until <= now < self.until + CATCHES_UP

    @property
    def is_long(self) -> bool:
        """True of one that a person should know of, whatever it delayed."""
        return self.until - self.since >= LONG

    def delays(self, chance: datetime) -> bool:
        """True of what could have left at `chance`, long before the return."""
        return self.until - chance >= LATE

    def ripe_from(self, approved_on: date | None, now: datetime) -> datetime | None:
        """From when on an item that comes in at `now` could have been pushed while the bot was away; None if it could not."""
        if approved_on is None or not self.holds(now):
            return None
        if not day_of(self.since) <= approved_on < day_of(self.until):
            return None
        return max(self.since, at(approved_on, time.min))

    @property
    def words(self) -> str:
        """How long, in words."""
        hours = int((self.until - self.since).total_seconds()) // 3600
        return f"{hours // 24} 天" if hours >= 48 else f"{hours} 小时"


def outage(alive: datetime | None, now: datetime) -> Outage | None:
    """Whether the bot was away, from its last sign of life."""
    return Outage(alive, now) if alive is not None and now - alive >= AWAY else None


def asks(policy: Policy, already: int, most: int) -> bool:
    """True if the next late placement waits for a person: by policy, or because so many go already that groups flood."""
    return policy is Policy.ASK or already >= most
