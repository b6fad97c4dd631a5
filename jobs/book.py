"""Book (补录): what a person sent, posted or said without the bot, written down under its own name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from jobs.handoff import Deed, Refused, count, write_down
from jobs.office import Office
from rules.audience import fence
from rules.bundle import push_key
from rules.dates import SHANGHAI, day_of
from rules.item import gate
from rules.naming import named
from rules.origin import BOOKED
from rules.outcome import Outcome
from rules.routing import Target
from rules.states import TAKEN, Basis, Status
from store import bookings, deliveries, facts, handoffs, placements
from store.bookings import Standing
from store.deliveries import Settled
from store.placements import Due


@dataclass(frozen=True)
class Booked:
    """A booking that was written down: its push, and what the rules say against it (empty: nothing)."""

    push_id: int
    against: str


def book(office: Office, item_id: int, target: Target, deed: Deed, recorded_by: str) -> Booked:
    """Write down in one commit that the item was out at the target; raises Refused, and then nothing is changed.

    It has happened: what the gate or the fence would have forbidden is booked all the same, with an alarm.
    """
    done_at = deed.checked(office.now())
    with office.db.write() as conn:
        placement_id = _place(conn, office, item_id, target, deed)
        push_facts = _push(conn, target, placement_id, deed, recorded_by)
        push_id = placements.add_push(conn, push_facts, [placement_id], [target.address], done_at)
        assert push_id is not None
        _settle(conn, office, target, push_id, deed, done_at, recorded_by)
        [due] = placements.carried(conn, [push_id])[push_id]
        against = why_against(office, target, due)
        if against:
            text = (
                f"补录的{named(item_id, due.title)}已由 {deed.by} 在{target.name}公开，但{against}。请核实，必要时撤下"
            )
            facts.raise_alarm(conn, f"补录不合:{placement_id}", text, office.now())
    return Booked(push_id, against)


def _place(conn: Connection, office: Office, item_id: int, target: Target, deed: Deed) -> int:
    """The placement of the booking, in place of what the bot had not sent yet; raises Refused for what is out."""
    version_id = bookings.version_of(conn, item_id)
    if version_id is None:
        raise Refused(f"没有条目 {item_id}。可用  python bot.py items  查找", "条目")
    old = bookings.standing(conn, item_id, target.number)
    _refuse_double(old, target)
    _take_over(conn, old, deed, office)
    values = {
        "item_id": item_id, "version_id": version_id, "target": target.number, "channel": target.channel,
        "created_at": office.now(),
    }  # fmt: skip
    return bookings.place(conn, old, values)


def _settle(
    conn: Connection, office: Office, target: Target, push_id: int, deed: Deed, done_at: datetime, recorded_by: str
) -> None:  # fmt: skip
    """Its delivery is done, by a person's word and at the person's time."""
    now = office.now()
    delivery = deliveries.get(conn, bookings.delivery_of(conn, push_id))
    assert delivery is not None
    settled = Settled(
        delivery=delivery, attempt_id=None, said_by=deed.by[:100], outcome=Outcome.DELIVERED,
        status=Status.DELIVERED, reason=f"人工补录：{deed.words(done_at)}", basis=Basis.BY_HAND,
    )  # fmt: skip
    deliveries.settle(conn, target.channel, [settled], now)
    write_down(conn, delivery.id, deed, done_at, ("", ""), recorded_by, now)
    count(conn, target.channel, target.number, push_id, deed, done_at, now)
    handoffs.date_back(conn, push_id, done_at)
    facts.bump_orders(conn)
    facts.record_act(conn, person=recorded_by, act="补录", subject=f"推送 {push_id}", reason=deed.note, now=now)


def why_against(office: Office, target: Target, due: Due) -> str:
    """What the gate or the fence says against it; empty if nothing."""
    opened = gate(due.disclosure, due.audience, due.review, due.hold, day_of(office.now()))
    verdict = fence(office.school.audiences, due.audience, target.audience, office.exposure(target))
    said = ("" if opened.open else opened.reason, "" if verdict.permitted else verdict.reason)
    return "；".join(dict.fromkeys(filter(None, said)))


def _refuse_double(old: Standing | None, target: Target) -> None:
    """What is out there already, or may be, is not booked a second time."""
    if old is None or (old.push_id is None and old.taken_at is None):
        return
    when = f"{old.taken_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if old.taken_at else ""
    if old.origin == BOOKED:
        raise Refused(f"已经补录过：{target.name} {when}，没有重复登记")
    if Status.HANDED in old.statuses:
        raise Refused(
            f"公开达已把它交人工办理（推送 {old.push_id}），办好后请登记：python bot.py hand-off done {old.push_id}"
        )
    if old.statuses & TAKEN or old.taken_at is not None:
        raise Refused(f"公开达已于 {when} 推送到{target.name}（推送 {old.push_id}），不用补录")
    if old.maybe_sent or old.statuses & {Status.SENDING, Status.UNCERTAIN}:
        raise Refused(
            f"公开达正在推送到{target.name}，或结果待定（推送 {old.push_id}）。请先核对：python bot.py uncertain"
        )


def _take_over(conn: Connection, old: Standing | None, deed: Deed, office: Office) -> None:
    """A person was faster: what the bot had queued there does not leave any more."""
    if old is None or old.push_id is None or Status.QUEUED not in old.statuses:
        return
    if not placements.scrap(conn, old.push_id, f"已由 {deed.by} 人工办理并补录，不再推送", office.now()):
        raise Refused(f"公开达正在推送（推送 {old.push_id}），请稍后再补录")


def _push(conn: Connection, target: Target, placement_id: int, deed: Deed, recorded_by: str) -> dict[str, object]:
    """What stands in `pushes` of a message that the bot did not write."""
    text = deed.note or f"人工补录：{deed.place or target.name}"
    return {
        "push_key": push_key(target.number, [placement_id], placements.times_pushed(conn, [placement_id])),
        "channel": target.channel, "target": target.number, "target_name": target.name, "audience": target.audience,
        "origin": BOOKED, "resend_of": None, "urgent": False, "text": text, "payload": {}, "bytes": 0,
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "shortened": False, "made_by": recorded_by[:100],
    }  # fmt: skip
