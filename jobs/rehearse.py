"""Rehearse (演练): what would go where, with the very text, to whom and to how many, and what the guard says; to nobody.

Or to a test group, under a heading that says so: it is no disclosure and counts in no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.base import SendError
from config.tables import Wrong
from jobs.office import Office
from jobs.plan import piece_of
from rules.audience import fence
from rules.bundle import DISCLOSURE, Bundle, push_key
from rules.dates import day_of
from rules.item import gate
from rules.outcome import WORDS
from rules.place import WEBSITE
from rules.routing import Decision, Subject, Target, decide
from store import facts, rehearsals, scans
from store.placements import Due

#: The heading of what is sent to a test group.
REHEARSAL = "公开达演练"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One target of one item: whether it would go there, why, the text, to how many, and from when."""

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


def rehearse(office: Office, item_ids: Sequence[int]) -> list[Rehearsed]:
    """Each item as it would leave now; nothing is stored and nobody is written to."""
    with office.db.read() as conn:
        dues = rehearsals.of_items(conn, item_ids)
        looked = scans.of_versions(conn, [due.version_id for due, _ in dues])
    return [_one(office, due, subject, looked.get(due.version_id)) for due, subject in dues]


def _one(office: Office, due: Due, subject: Subject, scan: scans.Scan | None) -> Rehearsed:
    opened = gate(due.disclosure, due.audience, due.review, due.hold, day_of(office.now()))
    return Rehearsed(
        item_id=due.item_id, title=due.title, gate=opened.reason, open=opened.open,
        guard=scan.words if scan else scans.UNSEEN,
        targets=tuple(_targets(office, due, subject)),
    )  # fmt: skip


def _targets(office: Office, due: Due, subject: Subject) -> Iterator[Shown]:
    for target in office.school.targets.values():
        if target.channel not in office.channels or target.channel == WEBSITE:
            continue
        decision = _decision(office, subject, target)
        if not decision.granted:
            yield Shown(target=target, granted=False, reason=decision.reason)
            continue
        try:
            text = office.channels[target.channel].render(_bundle(office, due, target), target).text
        except SendError as error:
            yield Shown(target=target, granted=False, reason=f"该渠道放不下：{error}")
            continue
        opens = office.hours(target).next_open(office.now())
        many = _many(office, target)
        yield Shown(target=target, granted=True, reason=decision.reason, text=text, addresses=many, opens=opens)


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


def _many(office: Office, target: Target) -> int | None:
    """How many persons get it; of a group its members as registered, None if unknown."""
    try:
        listed = office.listed(target)
    except Wrong:  # a list that cannot be read is told by 自检
        return None
    return len(listed) if listed is not None else target.members


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
