"""Burst: a channel that fails again and again stops by itself; what waits is kept, and a person is told elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection

from channels.base import Expands
from jobs.office import Office
from rules.advice import RESTART
from rules.burst import NOT_TAKEN, REFUSED, Failure, burst
from rules.outcome import HELD
from store import facts, streaks
from store.deliveries import Settled
from store.streaks import Try


def stop_a_burst(conn: Connection, office: Office, name: str, moved: Sequence[Settled], now: datetime) -> None:
    """Pause the channel if these failures are one burst too many; costs nothing where nothing failed."""
    if name not in office.channels or not any(_is_the_vendors(each) for each in moved):
        return
    if facts.channel_state(conn, name).paused_at is not None:
        return
    targets = sum(each.channel == name for each in office.school.targets.values())
    why = burst(list(_failures(conn, office, name)), targets)
    if why and facts.pause(conn, name, by="自动", reason=why, now=now):
        text = f"{office.setting(name).label}已自动暂停：{why}。等待的推送都已保留，查明后恢复（{RESTART}）：python bot.py resume {name}"
        facts.state_alarm(conn, f"渠道:{name}", text, now, channel=name)


def _is_the_vendors(each: Settled) -> bool:
    return each.outcome in REFUSED | NOT_TAKEN and each.said_by != HELD


def _failures(conn: Connection, office: Office, name: str) -> Iterator[Failure]:
    """What failed for whole pushes since the last success: some persons of a list say nothing of the channel."""
    channel = office.channels[name]
    persons = bool(channel.limits.person) or isinstance(channel, Expands)
    for each in takewhile(lambda one: not one.good, streaks.tries(conn, name, since_resume=True)):
        if not (persons and each.resend):  # a list's resend goes to those alone who failed before
            yield from _failure(each)


def _failure(each: Try) -> Iterator[Failure]:
    outcome = min(each.outcomes)
    refused = each.outcomes <= REFUSED and each.lost
    if each.answered and (refused or each.outcomes <= NOT_TAKEN):
        yield Failure(each.push_id, each.target, outcome, each.at)
