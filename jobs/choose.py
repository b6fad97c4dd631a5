"""Choose: what leaves next at a target, and which way, by the rules alone. The plan acts on it, the forecast only looks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection

from channels.base import Rate
from jobs.office import Office
from rules import waiting
from rules.allowance import since
from rules.backlog import Policy
from rules.bundle import Waiting, choose
from rules.dates import SHANGHAI, day_of
from rules.planner import FULL, Ripe, Scarce, Stand, plan_next
from rules.routing import Target
from rules.waiting import Line, why_wait
from store import quotas
from store.placements import Due

#: Why a placement waits that an outage made late.
ASKS = "停机期间该推送的，等待决定（python bot.py backlog）"


@dataclass(frozen=True)
class Choice:
    """The next push of a target, its cover first, or nothing; for every other placement why it waits."""

    picked: Sequence[Due] = ()
    #: Why no scarce send is spent on it; empty: one is, or the channel has none.
    spared: str = ""
    reasons: Mapping[int, str] = field(default_factory=dict)


def choose_for(
    office: Office, target: Target, dues: Sequence[Due], line: Line, now: datetime, *, single: Collection[int] = (),
    scarce: Sequence[Scarce] = (),
) -> Choice:  # fmt: skip
    """What leaves at a target now. `single`: what goes alone there; `scarce`: what its channel has left."""
    held = {due.id: why for due in dues if (why := why_held(office, target, due))}
    able = [due for due in dues if due.id not in held]
    closed = office.hours(target).why_closed(now)
    if closed and any(due.ordered(now) for due in able):
        held |= {due.id: closed for due in able if not due.ordered(now)}
        able = [due for due in able if due.ordered(now)]
    hurried = any(due.urgent or due.send_at is not None or due.late == Policy.SEND for due in able)
    ordered = any(due.ordered(now) for due in able)
    wait = why_wait(office.setting(target.channel), line, now, closed=closed, urgent=hurried, ordered=ordered)
    if wait or not able:
        return Choice(reasons={due.id: wait for due in able} | held)
    found = _next(office, target, able, now, single, scarce)
    return Choice(found.picked, found.spared, {**found.reasons, **held})


def _next(
    office: Office, target: Target, able: Sequence[Due], now: datetime, single: Collection[int], scarce: Sequence[Scarce]
) -> Choice:  # fmt: skip
    """The next bundle of those that may leave: the oldest, or where sends are scarce as they are best spent."""
    by_id, limits = {due.id: due for due in able}, office.channels[target.channel].limits
    if limits.thrift is not None:
        ripe = [ripe_of(office, due, alone=due.alone or due.id in single) for due in able]
        stand = Stand(
            now=now, most=limits.pieces, thrift=limits.thrift, scarce=tuple(scarce), calendar=office.school.calendar
        )
        found = plan_next(ripe, stand)
        return Choice([by_id[piece.placement] for piece in found.bundle], found.spared, found.waits)
    waits = [Waiting(placement=d.id, urgent=d.urgent, since=d.since, alone=d.alone or d.id in single) for d in able]
    picked = [by_id[each.placement] for each in choose(waits, limits.pieces)]
    return Choice(picked, "", {due.id: FULL for due in able if due not in picked})


def ripe_of(office: Office, due: Due, *, alone: bool) -> Ripe:
    """A placement as the planner sees it."""
    return Ripe(
        placement=due.id, since=due.since, urgent=due.urgent, alone=alone, category=due.category,
        department=due.department, closes_on=_closes_on(office, due), notice=due.is_notice,
        picture="<img " in due.body.lower(),
    )  # fmt: skip


def _closes_on(office: Office, due: Due) -> date | None:
    """Its own end, or the last of the 20 working days in which it must be public, whichever comes first."""
    calendar, terms = office.school.calendar, office.school.terms
    owed = calendar.after(due.owed_from, terms.publish).day if due.owed_from is not None else None
    return min((day for day in (owed, due.ends_on) if day is not None), default=None)


def why_held(office: Office, target: Target, due: Due) -> str:
    """Why the rules hold a placement at a target now; empty if they do not. Asked here and in the claim."""
    school, exposure, today = office.school, office.exposure(target), day_of(office.now())
    if due.late == Policy.ASK:
        return ASKS
    why = waiting.why_held(due, target, school.audiences, exposure=exposure, confirm=school.confirm, today=today)
    if not why and due.send_at is not None and office.now() < due.send_at:
        return f"定于 {due.send_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 推送"
    return why


def scarce_of(conn: Connection, office: Office, name: str, now: datetime) -> tuple[Scarce, ...]:
    """A channel's scarce allowances as they stand, everybody's sends counted; none where it has none."""
    return tuple(
        Scarce(
            name=rate.name, most=rate.most, per=str(rate.per), used=_used(conn, name, rate.name, since(rate.per, now))
        )
        for rate in office.channels[name].limits.rates
        if is_scarce(office, name, rate)
    )


def is_scarce(office: Office, name: str, rate: Rate) -> bool:
    """True of an allowance that is spent with thrift: the whole channel's, by day or month."""
    thrifty = office.channels[name].limits.thrift is not None
    return thrifty and rate.of == "channel" and isinstance(rate.per, str)


def _used(conn: Connection, name: str, allowance: str, start: datetime) -> int:
    key = f"{name}:{allowance}"
    return quotas.used(conn, [key], start).get(key, (0, start))[0]
