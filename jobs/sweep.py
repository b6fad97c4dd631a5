"""Sweep: what a dead process left behind, and telling people of trouble."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from channels.base import Resolution, SendError
from jobs.office import Office
from jobs.settle import SWEPT, settle_lost, settle_resolution
from rules.bundle import Bundle, Piece
from rules.outcome import Outcome
from rules.routing import Target
from store import deliveries, facts

log = logging.getLogger("xxgk.sweep")

#: The heading of a reminder, by which its readers tell it from a disclosure.
REMINDER = "公开达值班提醒"


@dataclass
class Swept:
    """What one run came to."""

    requeued: int = 0
    uncertain: int = 0
    told: int = 0


def sweep(office: Office, now: datetime) -> Swept:
    """Deliveries whose process died: surely unsent ones go back, the others become uncertain. Then tell what is untold."""
    done = Swept()
    with office.db.read() as conn:
        lost = deliveries.expired(conn, now)
    for name, delivery in lost:
        channel = office.channels.get(name)
        unprepared = channel is not None and channel.limits.prepares and delivery.prepared is None
        if unprepared and not delivery.maybe_sent:
            unsent = Resolution(outcome=Outcome.UNAVAILABLE, reason="进程中断，尚未发出，重新排队")
            settle_resolution(office, name, delivery, unsent, SWEPT)
            done.requeued += 1
        else:
            settle_lost(office, name, delivery, "进程中断时正在发送，结果不明")
            done.uncertain += 1
    done.told = tell(office, now)
    return done


def tell(office: Office, now: datetime) -> int:
    """Tell people of untold alarms, through a target whose channel is not the one in trouble. Returns how many were told."""
    with office.db.read() as conn:
        untold = facts.untold_alarms(conn)
        paused = {name for name in office.channels if facts.channel_state(conn, name).paused_at is not None}
    if not untold or not office.school.alarm_targets:
        return 0
    troubled = {alarm.channel for alarm in untold} | paused
    numbers = sorted(office.school.alarm_targets, key=lambda n: office.school.targets[n].channel in troubled)
    for number in numbers:
        target = office.school.targets[number]
        shown_to_all = office.exposure(target.channel) is not None
        if (
            target.channel in office.channels
            and not shown_to_all
            and target.channel not in paused
            and _tell(office, target, untold, now)
        ):
            shown = untold[: office.channels[target.channel].limits.pieces]  # the others are told next time
            with office.db.write() as conn:
                facts.told(conn, [alarm.id for alarm in shown], number, now)
            return len(shown)
    return 0


def _tell(office: Office, target: Target, untold: list[facts.Alarm], now: datetime) -> bool:
    """One notice to the people on duty; it is no disclosure and counts in no figure."""
    if not office.setting(target.channel).window.holds(now):
        return False
    channel = office.channels[target.channel]
    pieces = tuple(Piece(placement=alarm.id, title=alarm.text[:80]) for alarm in untold[: channel.limits.pieces])
    bundle = Bundle(key=f"{untold[-1].id:032x}", school=office.school.name, pieces=pieces, kind=REMINDER)
    try:
        content = channel.render(bundle, target)
        channel.send(channel.prepare(content.payload, bundle.key), [target.address], bundle.key)
    except SendError as error:
        if error.outcome is Outcome.UNCERTAIN:
            return True  # it may stand there already: better once too seldom than every minute
        log.warning("提醒没有发到 %s：%s", target.number, error)
        return False
    return True
