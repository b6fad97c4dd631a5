"""Sweep: what a dead process left behind, and telling people of trouble."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.base import Channel, Prepared, Resolution, SendError
from jobs.handoff import chase
from jobs.office import Office
from jobs.settle import settle_lost, settle_resolution
from rules.audience import REMINDERS_ONLY, fence
from rules.bundle import Bundle, Piece
from rules.naming import items_in, told
from rules.outcome import SWEPT, Outcome
from rules.reminders import department_of
from rules.routing import Target
from rules.text import cut_chars
from store import deliveries, facts, items

log = logging.getLogger("xxgk.sweep")

#: The heading of a reminder, by which its readers tell it from a disclosure.
REMINDER = "公开达值班提醒"
#: An alarm that could be told to nobody for so long lapses.
LAPSE = timedelta(days=7)
NOBODY = "无人可告"
#: A department that could not be told for so long: those on duty hear it instead.
STAND_IN = timedelta(days=1)
#: What an answer says of an address that has heard a reminder, or may have.
HEARD = frozenset({Outcome.ACCEPTED, Outcome.HANDED, Outcome.DELIVERED, Outcome.UNCERTAIN})


@dataclass
class Swept:
    """What one run came to."""

    requeued: int = 0
    uncertain: int = 0
    told: int = 0


def sweep(office: Office, now: datetime) -> Swept:
    """Deliveries whose process died: surely unsent ones go back, the others become uncertain. Then chase, and tell."""
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
            settle_lost(office, name, delivery, "进程中断时正在发送，不能确定是否已发出")
            done.uncertain += 1
    chase(office, now)
    done.told = tell(office, now)
    return done


def tell(office: Office, now: datetime) -> int:
    """Tell people of untold alarms, through a target whose channel is not the one in trouble. Returns how many were told.

    What is a department's goes to its own target. What nobody could be told of for too long lapses, with a line in the
    log: news that old misleads.
    """
    with office.db.read() as conn:
        untold = facts.untold_alarms(conn)
        paused = {name for name in office.channels if facts.channel_state(conn, name).paused_at is not None}
    troubled = {alarm.channel for alarm in untold} | paused
    theirs, duty = _apart(office, untold, now)
    departments = sum(_first(office, [to], mine, paused, now) for to, mine in theirs)
    ranked = sorted(_hearing(office, office.school.alarm_targets), key=lambda each: each.channel in troubled)
    if heard := _first(office, ranked, duty, paused, now):
        return departments + heard
    _lapse(office, [alarm for alarm in duty if now - alarm.raised_at > LAPSE], now)
    return departments


def _apart(
    office: Office, untold: Sequence[facts.Alarm], now: datetime
) -> tuple[list[tuple[Target, list[facts.Alarm]]], list[facts.Alarm]]:
    """What is a department's, by its target, and what is for those on duty: also what a department could not be told."""
    numbers = {number: None for alarm in untold if (number := department_of(alarm.subject))}
    fresh = [alarm for alarm in untold if now - alarm.raised_at <= STAND_IN]
    theirs = [
        (to, [alarm for alarm in fresh if department_of(alarm.subject) == to.number])
        for to in _hearing(office, numbers)
    ]
    taken = {alarm.id for _, mine in theirs for alarm in mine}
    return theirs, [alarm for alarm in untold if alarm.id not in taken]


def _first(
    office: Office, targets: Iterable[Target], untold: list[facts.Alarm], paused: set[str], now: datetime
) -> int:
    """Tell the first of these who can be told; returns of how many alarms."""
    for target in targets:
        if untold and target.channel not in paused and _tell(office, target, untold, now):
            shown = untold[: office.channels[target.channel].limits.pieces]  # the others are told next time
            with office.db.write() as conn:
                facts.told(conn, [alarm.id for alarm in shown], target.number, now)
            return len(shown)
    return 0


def _hearing(office: Office, numbers: Iterable[str]) -> list[Target]:
    """Who is to be told, first the one to try first: without those that left the register or whose channel is off."""
    named = [office.school.targets.get(number) for number in numbers]
    there = [each for each in named if each is not None and each.channel in office.channels]
    private = (None, REMINDERS_ONLY)  # trouble is nothing for everybody
    return [each for each in there if office.exposure(each) in private]


def _lapse(office: Office, alarms: list[facts.Alarm], now: datetime) -> None:
    for each in alarms:
        log.error("提醒 %s 天没有值班目标可发，不再发送：%s", LAPSE.days, each.text)
    if alarms:
        with office.db.write() as conn:
            facts.told(conn, [each.id for each in alarms], NOBODY, now)


def _words(office: Office, target: Target, texts: Sequence[str]) -> list[str]:
    """The reminders for this target: an item that the fence does not permit there is named by its number alone."""
    with office.db.read() as conn:
        scopes = items.audiences_of(conn, {item for text in texts for item in items_in(text)})
    exposure = office.exposure(target)

    def permitted(item: int) -> bool:
        return fence(office.school.audiences, scopes.get(item, ()), target.audience, exposure).permitted

    return [cut_chars(told(text, permitted), 200) for text in texts]


def _tell(office: Office, target: Target, untold: list[facts.Alarm], now: datetime) -> bool:
    """One notice to the people on duty; it is no disclosure and counts in no figure."""
    if not office.setting(target.channel).window.holds(now):
        return False
    channel = office.channels[target.channel]
    shown = untold[: channel.limits.pieces]
    texts = _words(office, target, [alarm.text for alarm in shown])
    pieces = tuple(Piece(placement=alarm.id, title=text) for alarm, text in zip(shown, texts, strict=True))
    bundle = Bundle(key=f"{untold[-1].id:032x}", school=office.school.name, pieces=pieces, kind=REMINDER)
    try:
        prepared = channel.prepare(channel.render(bundle, target).payload, bundle.key)
        addresses = list(office.addresses(target))
    except SendError as error:
        log.warning("提醒没有发到 %s：%s", target.number, error)
        return False
    most = channel.limits.addresses
    calls = [addresses[n : n + most] for n in range(0, len(addresses), most)]
    heard = [_heard(channel, target, prepared, some, bundle.key) for some in calls]
    return any(heard)  # who has heard is not told again every minute because of one who is away


def _heard(channel: Channel, target: Target, prepared: Prepared, addresses: Sequence[str], key: str) -> bool:
    """True if one of the addresses has heard it, or may have: better once too seldom than every minute."""
    try:
        answers = [(each.outcome, each.reason) for each in channel.send(prepared, addresses, key)]
    except SendError as error:
        answers = [(error.outcome, str(error))]
    heard = [outcome in HEARD for outcome, _ in answers]
    for (_, reason), good in zip(answers, heard, strict=True):
        if not good:
            log.warning("提醒没有发到 %s：%s", target.number, reason)
    return any(heard)
