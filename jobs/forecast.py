"""Forecast: what will leave in the coming days and what waits, by the plan's own rules on a moving clock. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from channels.base import SendError
from jobs.choose import Choice, choose_for, scarce_of
from jobs.links import address_of, links_for
from jobs.office import Office
from jobs.plan import piece_of, single_at
from rules.allowance import since
from rules.bundle import Bundle
from rules.dates import at, day_of
from rules.planner import FULL, Scarce
from rules.routing import Target
from rules.waiting import CONFIRM, Line
from store import facts, placements, quotas, reviews, scans, stand
from store.placements import Due

#: What is put off further than any forecast looks is in it all the same, as waiting.
EVER = timedelta(days=3650)


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A push (次) as it is expected."""

    at: datetime
    target: Target
    titles: tuple[str, ...]
    #: What it is called: 群发, 发布, 合并推送 …
    way: str
    #: Why none of the channel's scarce sends is spent on it; empty: one is, or the channel has none.
    spared: str = ""
    #: It is made already and only waits to be sent.
    made: bool = False


@dataclass(frozen=True, kw_only=True)
class Staying:
    """A placement (条次) that will not leave in these days, and why."""

    target: str
    name: str
    item: int
    title: str
    reason: str


@dataclass(frozen=True)
class Forecast:
    """The coming days: from now until a midnight."""

    since: datetime
    until: datetime
    leaving: Sequence[Leaving]
    staying: Sequence[Staying]
    #: Items (条) that nobody has routed yet and that are in no plan: without a review, and held by the guard.
    reviewing: int = 0
    guarded: int = 0


@dataclass
class Place:
    """One target while the clock moves: what waits there, when its pushes left, until when one is on its way."""

    target: Target
    dues: list[Due]
    single: set[int]
    pushed: list[datetime]
    busy_until: datetime | None
    reasons: dict[int, str] = field(default_factory=dict)

    def line(self, now: datetime) -> Line:
        """As the plan would see it: of today's pushes how many, and the last."""
        today = [each for each in self.pushed if day_of(each) == day_of(now)]
        busy = self.busy_until is not None and now < self.busy_until
        return Line(len(today), max(today, default=None), busy)


@dataclass
class World:
    """All that a forecast moves: a copy, so that nothing is written."""

    office: Office
    now: datetime
    until: datetime
    places: dict[str, Place]
    #: What each channel's scarce allowances are, and when each was used.
    scarce: dict[str, tuple[Scarce, ...]]
    spent: dict[tuple[str, str], list[datetime]]
    put_off: dict[int, datetime]
    leaving: list[Leaving] = field(default_factory=list)
    staying: list[Staying] = field(default_factory=list)

    def left(self, name: str) -> tuple[Scarce, ...]:
        """A channel's scarce allowances at this moment."""
        return tuple(
            replace(each, used=sum(used >= since(each.per, self.now) for used in self.spent[name, each.name]))
            for each in self.scarce[name]
        )

    def spend(self, name: str) -> None:
        """One more send of a channel."""
        for each in self.scarce[name]:
            self.spent[name, each.name].append(self.now)


def forecast(office: Office, days: int) -> Forecast:
    """What leaves from now until the end of the last of these days, today the first, if nothing new comes in."""
    begins = office.now()
    until = at(day_of(begins) + timedelta(days=days), time.min)
    world = _world(office, begins, until)
    world.office = replace(office, clock=lambda: world.now)
    moments = {(moment, number) for number, place in world.places.items() for moment in _moments(world, place)}
    for moment, number in sorted(moments):
        world.now = moment
        _let_out(world, world.places[number])
    for place in world.places.values():
        world.staying += [_staying(place.target, due, place.reasons.get(due.id, FULL)) for due in place.dues]
    world.leaving.sort(key=lambda each: (each.at, each.target.number))
    with office.db.read() as conn:
        held = {each.item_id for each in scans.held(conn)}
        reviewing = {each.item_id for each in reviews.waiting(conn)} - held
    return Forecast(begins, until, world.leaving, world.staying, len(reviewing), len(held))


def _staying(target: Target, due: Due, reason: str) -> Staying:
    return Staying(target=target.number, name=target.name, item=due.item_id, title=due.title, reason=reason)


def _world(office: Office, now: datetime, until: datetime) -> World:
    """As it stands: one look at the store."""
    midnight = at(day_of(now), time.min)
    world = World(office, now, until, {}, {}, {}, {})
    with office.db.read() as conn:
        dues, world.put_off, unsent = placements.waiting(conn, now + EVER), stand.put_off(conn), stand.unsent(conn)
        paused = {name for name in office.channels if facts.channel_state(conn, name).paused_at is not None}
        lines = {name: placements.lines(conn, name, midnight) for name in office.channels}
        world.scarce = {name: scarce_of(conn, office, name, now) for name in office.channels}
        held = quotas.holders(conn, [each.push_id for each in unsent], midnight.replace(day=1))
    world.spent = {(name, s.name): [now] * s.used for name, many in world.scarce.items() for s in many}
    busy = _let_go(world, [each for each in unsent if each.channel not in paused], held)
    for number in dict.fromkeys(due.target for due in dues):
        mine, target = [due for due in dues if due.target == number], office.school.targets.get(number)
        if target is None or target.channel not in office.channels or target.channel in paused:
            why = "渠道已暂停" if target and target.channel in paused else "目标已不在登记册中，或其渠道未启用"
            gone = target or Target(number=number, name=number, channel="", address="", audience="")
            world.staying += [_staying(gone, due, why) for due in mine]
            continue
        line = lines[target.channel].get(number, Line(0, None, False))
        pushed = [line.last_at or now] * line.today
        world.places[number] = Place(target, mine, single_at(office, target, mine), pushed, busy.get(number))
    return world


def _let_go(world: World, unsent: Sequence[stand.Unsent], held: set[tuple[str, int]]) -> dict[str, datetime]:
    """What is made already leaves as soon as it may; until when each target is busy with it."""
    busy: dict[str, datetime] = {}
    for each in unsent:
        target = world.office.school.targets.get(each.target)
        if target is None or each.channel not in world.scarce:
            continue
        leaves = world.office.hours(target).next_open(max(world.now, each.not_before or world.now))
        busy[each.target] = max(leaves, busy.get(each.target, leaves))
        if not each.spared:
            names = [
                s.name for s in world.scarce[each.channel] if (f"{each.channel}:{s.name}", each.push_id) not in held
            ]
            for name in names:
                world.spent[each.channel, name].append(leaves)
        if leaves < world.until:
            way = _way(world.office, target, len(each.titles), each.spared)
            world.leaving.append(
                Leaving(at=leaves, target=target, titles=each.titles, way=way, spared=each.spared, made=True)
            )
    return busy


def _moments(world: World, place: Place) -> Iterator[datetime]:
    """When something may change for a target: now, each opening, slot and end of class, and what its items wait for."""
    hours, slots = world.office.hours(place.target), world.office.setting(place.target.channel).slots
    clocks = {time.min, hours.window.opens, *slots, *(each.closes for each in hours.lessons)}
    days = (world.until - at(day_of(world.now), time.min)).days
    found = {at(day_of(world.now) + timedelta(days=n), clock) for n in range(days) for clock in clocks}
    found |= {due.send_at for due in place.dues if due.send_at is not None}
    found |= {world.put_off[due.id] for due in place.dues if due.id in world.put_off}
    found |= {place.busy_until} if place.busy_until is not None else set()
    always = any(due.ordered_until is not None for due in place.dues)
    yield world.now
    for moment in found:
        opened = hours.next_open(moment)
        yield from (each for each in {moment, opened} if world.now < each < world.until and (always or each == opened))


def _let_out(world: World, place: Place) -> None:
    """All that leaves at a target at this moment, push after push; why the rest waits."""
    name = place.target.channel
    while place.dues:
        ripe = [due for due in place.dues if world.put_off.get(due.id, world.now) <= world.now]
        found = choose_for(
            world.office, place.target, ripe, place.line(world.now), world.now, single=place.single, scarce=world.left(name)
        )  # fmt: skip
        place.reasons.update(_told(place, found.reasons))
        fits = _fitting(world, place, found)
        if not found.picked:
            return
        if not fits:
            continue
        way = _way(world.office, place.target, len(fits), found.spared)
        titles = tuple(due.title for due in fits)
        world.leaving.append(Leaving(at=world.now, target=place.target, titles=titles, way=way, spared=found.spared))
        place.pushed.append(world.now)
        place.dues = [due for due in place.dues if due not in fits]
        if not found.spared:
            world.spend(name)


def _told(place: Place, reasons: Mapping[int, str]) -> Mapping[int, str]:
    """Why they wait; of one that nobody confirms before its end, that, and not only that its end has passed."""
    asked = {n: why.partition("；")[0] for n, why in place.reasons.items() if why.startswith(CONFIRM)}
    over = {n: why for n, why in reasons.items() if n in asked and not why.startswith(CONFIRM)}
    return {**reasons, **{n: f"{asked[n]}；{why}" for n, why in over.items()}}


def _fitting(world: World, place: Place, found: Choice) -> list[Due]:
    """As many of the picked ones as the channel can show; one that fits nowhere is put off by a day, as the plan does."""
    picked = list(found.picked)
    while picked:
        made = links_for(world.office, place.target, picked)
        pieces = tuple(piece_of(due, address_of(world.office, due, made)) for due in picked)
        bundle = Bundle(key="0" * 32, school=world.office.school.name, pieces=pieces, spared=found.spared)
        try:
            world.office.channels[place.target.channel].render(bundle, place.target)
            return picked
        except SendError as error:
            if len(picked) == 1:
                place.reasons[picked[0].id] = f"该渠道放不下：{error}"
                world.put_off[picked[0].id] = world.now + timedelta(days=1)
            picked = picked[: len(picked) // 2]
    return []


def _way(office: Office, target: Target, pieces: int, spared: str) -> str:
    """What a push is called."""
    limits = office.channels[target.channel].limits
    if limits.thrift is not None and spared:
        return limits.thrift.other_word
    return "合并推送" if limits.way == "推送" and pieces > 1 else limits.way
