"""What an outage made late: which placements (条次) a person looks at before they leave, and which may go by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from rules.dates import day_of

#: Servers are switched off in vacations and overnight; a stop shorter than this makes nothing late.
AWAY = timedelta(hours=12)
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

    def made_late(self, approved_on: date | None, now: datetime) -> bool:
        """True of an item that would have left while the bot was away."""
        if approved_on is None or not self.holds(now):
            return False
        return day_of(self.since) <= approved_on < day_of(self.until)

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
