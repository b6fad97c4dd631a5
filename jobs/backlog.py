"""Backlog: after an outage what would be sent late is named and follows the school's policy; nothing floods a group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from jobs.office import Office
from rules.backlog import Outage, Policy, asks, outage
from store import facts, late, placements
from store.late import Late

#: How a late placement ends that a person drops.
DROPPED = "停机期间该推送的，经人决定不再推送"
#: How a push ends that was made before the outage and did not leave in time.
NOT_IN_TIME = "停机前没有发出，重新编排"


def beat(office: Office) -> None:
    """Leave a sign of life."""
    with office.db.write() as conn:
        late.beat(conn, office.now())


def come_back(office: Office) -> Outage | None:
    """At the start: was the bot away? What waited then is late; what comes in soon is asked in `sort_late`."""
    now = office.now()
    with office.db.write() as conn:
        found = outage(late.alive(conn), now)
        late.beat(conn, now)
        if found is None:
            return None
        late.keep(conn, found)
        _sort_out(conn, office, found, now)
        if found.is_long:
            _tell(conn, found, now)
    return found


def _tell(conn: Connection, found: Outage, now: datetime) -> None:
    text = f"公开达停机 {found.words}后恢复。停机期间该推送的条目见  python bot.py backlog"
    facts.raise_alarm(conn, f"停机:{found.since.isoformat()}", text, now)


def _sort_out(conn: Connection, office: Office, found: Outage, now: datetime) -> None:
    """What waited when the bot went away, in a push or not. What may have left stays: it is cleared up, not asked about."""
    for push_id, target in late.queued_since_before(conn, found.since):
        if _delayed(conn, office, target, found, found.since, made=True):
            placements.scrap(conn, push_id, NOT_IN_TIME, now)
    for each in late.waited_since_before(conn, found.since):
        if _delayed(conn, office, each.target, found, max(found.since, each.since)):
            _mark(conn, office, [each.id], found, now)


def _delayed(
    conn: Connection, office: Office, target: str, found: Outage, since: datetime, *, made: bool = False
) -> bool:
    """Whether what waits for a target from `since` on was kept by the outage; not what its hours kept anyway.

    `made`: it is in a push already, which waits for no fixed time any more.
    """
    known = office.school.targets.get(target)
    if known is None or known.channel not in office.school.channels:  # of what is switched off nobody knows the hours
        return True
    slots = () if made else office.setting(known.channel).slots
    last = late.last_push(conn, target, found.since) if slots else None
    return found.delays(office.hours(known).next_chance(since, slots, last))


def sort_cleared_up(conn: Connection, office: Office, now: datetime) -> None:
    """Before anything leaves: a push of unknown end when the bot went away, of which it is known by now that it had not left."""
    found = late.last(conn)
    if found is not None and found.holds(now) and late.queued_since_before(conn, found.since):
        _sort_out(conn, office, found, now)


def sort_late(
    conn: Connection, office: Office, item_id: int, target: str, approved_on: date | None, now: datetime
) -> None:
    """Called for each new placement: one that the outage made late follows the policy, and of many the rest is asked."""
    found = late.last(conn)
    since = found.ripe_from(approved_on, now) if found is not None else None
    if found is not None and since is not None and _delayed(conn, office, target, found, since):
        _mark(conn, office, late.first_of(conn, item_id, target), found, now)


def _mark(conn: Connection, office: Office, placement_ids: Sequence[int], found: Outage, now: datetime) -> None:
    school = office.school
    ask = asks(school.backlog, late.going(conn, found), school.backlog_most)
    late.mark(conn, placement_ids, Policy.ASK if ask else school.backlog)
    _tell(conn, found, now)


def waiting(office: Office) -> tuple[Outage | None, list[Late]]:
    """The last outage, and what it made late that has not left."""
    with office.db.read() as conn:
        return late.last(conn), late.waiting(conn)


def decide(office: Office, item_ids: Sequence[int], how: Policy | None, person: str) -> int:
    """A person decides on late items (none named: all of them); None drops them. Returns how many placements (条次)."""
    now = office.now()
    with office.db.write() as conn:
        found = [each.id for each in late.waiting(conn, item_ids)]
        if how is None:
            placements.end(conn, found, "cancelled", DROPPED, now)
        else:
            late.mark(conn, found, how)
        act = {None: "补推放弃", Policy.DIGEST: "补推合并", Policy.SEND: "补推", Policy.ASK: "补推待定"}[how]
        subject = "、".join(map(str, item_ids)) or "全部"
        facts.record_act(conn, person=person, act=act, subject=f"条目 {subject}"[:150], now=now)
    return len(found)
