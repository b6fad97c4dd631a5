"""Rehearse (演练): what would go where, with the very text, to whom and to how many, and what the guard says; to nobody.

Or to a test group, under a heading that says so: it is no disclosure and counts in no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from channels.base import SendError
from config.tables import Wrong
from jobs.office import Office
from jobs.plan import piece_of
from rules.audience import fence
from rules.bundle import DISCLOSURE, Bundle, push_key
from rules.dates import at, day_of
from rules.guard import masked
from rules.item import gate
from rules.outcome import WORDS
from rules.place import WEBSITE
from rules.routing import Decision, Subject, Target, decide
from rules.waiting import Line
from store import facts, placements, reach, rehearsals, scans
from store.placements import Due

#: The heading of what is sent to a test group.
REHEARSAL = "公开达演练"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One target of one item: whether it would go there, why, the text, to how many, and not before when.

    `text`: numbers of persons masked; `opens`: None also where the item may not leave at all.
    """

    target: Target
    granted: bool
    reason: str
    text: str = ""
    addresses: int | None = None
    opens: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """One item: whether it may leave at all, what the guard says, and each target."""

    item_id: int
    title: str
    gate: str
    open: bool
    guard: str
    targets: tuple[Shown, ...]


@dataclass(frozen=True)
class _Known:
    """What is asked of every target once: how many it holds as last measured, and how its pushes of today stand."""

    people: Mapping[str, int]
    lines: Mapping[str, Line]


def rehearse(office: Office, item_ids: Sequence[int]) -> list[Rehearsed]:
    """Each item as it would leave now; nothing is stored and nobody is written to."""
    midnight = at(day_of(office.now()), time.min)
    with office.db.read() as conn:
        dues = rehearsals.of_items(conn, item_ids)
        looked = scans.of_versions(conn, [due.version_id for due, _ in dues])
        lines = {n: line for name in office.channels for n, line in placements.lines(conn, name, midnight).items()}
        known = _Known(reach.people(conn), lines)
    return [_one(office, due, subject, looked.get(due.version_id), known) for due, subject in dues]


def _one(office: Office, due: Due, subject: Subject, scan: scans.Scan | None, known: _Known) -> Rehearsed:
    opened = gate(due.disclosure, due.audience, due.review, due.hold, day_of(office.now()))
    return Rehearsed(
        item_id=due.item_id, title=masked(due.title), gate=opened.reason, open=opened.open,
        guard=scan.words if scan else scans.UNSEEN,
        targets=tuple(_targets(office, due, subject, known, opened.open)),
    )  # fmt: skip


def _targets(office: Office, due: Due, subject: Subject, known: _Known, may_leave: bool) -> Iterator[Shown]:
    for target in office.school.targets.values():
        if target.channel not in office.channels or target.channel == WEBSITE:
            continue
        decision = _decision(office, subject, target)
        if not decision.granted:
            yield Shown(target=target, granted=False, reason=decision.reason)
            continue
        try:
            text = masked(office.channels[target.channel].render(_bundle(office, due, target), target).text)
        except SendError as error:
            yield Shown(target=target, granted=False, reason=f"该渠道放不下：{error}")
            continue
        opens = _opens(office, target, due, known.lines.get(target.number)) if may_leave else None
        many = _many(office, target, known.people)
        yield Shown(target=target, granted=True, reason=decision.reason, text=text, addresses=many, opens=opens)


def _opens(office: Office, target: Target, due: Due, line: Line | None) -> datetime:
    """Not before when: its 定时, the day's limit, the hours and the slots of the target, as the plan keeps them."""
    now, setting = office.now(), office.setting(target.channel)
    since = max(now, due.send_at or now)
    if due.ordered(now):
        return since
    limit, last = setting.pushes_a_day, line.last_at if line else None
    if line and limit is not None and line.today >= limit:
        since = max(since, at(day_of(now) + timedelta(days=1), time.min))
    slots = () if due.urgent or due.send_at is not None else setting.slots
    return office.hours(target).next_chance(since, slots, last)


def _decision(office: Office, subject: Subject, target: Target) -> Decision:
    school = office.school
    return decide(
        subject,
        target,
        school.routes,
        school.audiences,
        office.exposure(target),
        urgent_only=office.urgent_only(target),
    )


def _bundle(office: Office, due: Due, target: Target, kind: str = DISCLOSURE) -> Bundle:
    key = push_key(target.number, [due.item_id])
    return Bundle(key=key, school=office.school.name, pieces=(piece_of(due, due.url),), kind=kind)


def _many(office: Office, target: Target, people: Mapping[str, int]) -> int | None:
    """How many persons get it: as listed, else as last measured, else as registered; None if unknown."""
    try:
        listed = office.listed(target)
    except Wrong:  # a list that cannot be read is told by 自检
        return None
    return len(listed) if listed is not None else people.get(target.number, target.members)


class NotPermitted(Exception):
    """The test group may not see the item; says why."""


def _no_test_group(office: Office, target: Target) -> str:
    """Why nothing is rehearsed there: what everybody reads, or a list of persons, is no place to try things out."""
    if office.exposure(target) is not None or office.to_persons(target):
        return f"{target.name}不是测试群：很多人都能看到的渠道和名单不能用来演练"
    with office.db.read() as conn:
        if facts.channel_state(conn, target.channel).paused_at is not None:
            return f"{office.setting(target.channel).label}已暂停"
    return office.hours(target).why_closed(office.now())


def send_to(office: Office, item_ids: Sequence[int], target: Target) -> list[str]:
    """Write the items to a test group, under a heading that says 演练; returns what came of each address.

    Raises NotPermitted for a target that is no single group, or may not be written to now, and for an item whose scope
    does not hold the group: a rehearsal crosses no fence either.
    """
    if why := _no_test_group(office, target):
        raise NotPermitted(why)
    with office.db.read() as conn:
        dues = [due for due, _ in rehearsals.of_items(conn, item_ids)]
    for due in dues:
        verdict = fence(office.school.audiences, due.audience, target.audience, office.exposure(target))
        opened = gate(due.disclosure, due.audience, due.review, due.hold, day_of(office.now()))
        if not verdict.permitted or not opened.open:
            raise NotPermitted(f"条目 {due.item_id}：{verdict.reason if not verdict.permitted else opened.reason}")
    channel, said = office.channels[target.channel], list[str]()
    for due in dues:
        bundle = _bundle(office, due, target, REHEARSAL)
        prepared = channel.prepare(channel.render(bundle, target).payload, bundle.key)
        for answer in channel.send(prepared, list(office.addresses(target)), bundle.key):
            said.append(f"条目 {due.item_id}：{WORDS[answer.outcome]}{answer.reason}")
    return said
