"""Route: decide for every reviewed version and every target, yes or no, and why; one commit a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from jobs.backlog import sort_late
from jobs.office import Office
from rules.dates import day_of
from rules.item import OPEN, gate, withdrawn
from rules.naming import named
from rules.place import WEBSITE
from rules.routing import Decision, decide
from store import facts, items, placements


@dataclass
class Routed:
    """What one run came to: versions decided on, and placements (条次) made."""

    versions: int = 0
    placements: int = 0
    held: int = 0
    nobody: int = 0


def route(office: Office, now: datetime) -> Routed:
    """Route every version that waits for it and may leave; what may not stays, with its reason."""
    done = Routed()
    with office.db.read() as conn:
        waiting = items.unrouted(conn)
    for each in waiting:
        if each.disclosure != OPEN:
            _withdraw(office, each, now)
            continue
        if not gate(each.disclosure, each.subject.audience, each.review, each.hold, day_of(now)).open:
            done.held += 1
            continue
        with office.db.write() as conn:
            _route_one(conn, office, each, now, done)
    return done


def _withdraw(office: Office, version: items.Unrouted, now: datetime) -> None:
    """It goes nowhere: what waits of an older version ends here."""
    with office.db.write() as conn:
        if items.routed(conn, version.version_id, (), now):
            waiting = [p.id for p in placements.of_item(conn, version.item_id)]
            placements.end(conn, waiting, "cancelled", withdrawn(version.disclosure), now)


def _route_one(conn: Connection, office: Office, version: items.Unrouted, now: datetime, done: Routed) -> None:
    school = office.school
    targets = [t for t in school.targets.values() if t.channel in office.channels and t.channel != WEBSITE]
    decisions = [
        decide(
            version.subject, t, school.routes, school.audiences, office.exposure(t), urgent_only=office.urgent_only(t)
        )
        for t in targets
    ]
    if not items.routed(conn, version.version_id, decisions, now):
        return
    done.versions += 1
    for decision in decisions:
        _place(conn, office, version, decision, now, done)
    if not any(d.granted for d in decisions):
        done.nobody += 1
        text = f"{named(version.item_id, version.title)}已批准，但没有任何目标可以推送，请检查路由和目标登记"
        facts.raise_alarm(conn, f"无目标:{version.item_id}", text, now)


def _place(
    conn: Connection, office: Office, version: items.Unrouted, decision: Decision, now: datetime, done: Routed
) -> None:
    if decision.granted:
        channel = office.school.targets[decision.target].channel
        how = placements.place_first(conn, version.item_id, version.version_id, decision.target, channel, now)
        done.placements += how == "new"
        if how == "new":
            sort_late(conn, office, version.item_id, decision.target, version.approved_on, now)
        return
    narrowed = [p.id for p in placements.of_item(conn, version.item_id) if p.target == decision.target]
    placements.end(conn, narrowed, "cancelled", f"新版本不再发往此目标：{decision.reason}", now)
