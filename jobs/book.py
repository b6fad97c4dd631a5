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


@dataclass(frozen=True, kw_only=True)
class Word:
    """Who says that something is out and how that is known; the words of the log, and the text of what was out."""

    by: str
    basis: Basis
    reason: str
    text: str
    recorded_by: str


def book(office: Office, item_id: int, target: Target, deed: Deed, recorded_by: str) -> Booked:
    """Write down in one commit that the item was out at the target; raises Refused, and then nothing is changed.

    It has happened: what the gate or the fence would have forbidden is booked all the same, with an alarm.
    """
    done_at, now = deed.checked(office.now()), office.now()
    text = deed.note or f"人工补录：{deed.place or target.name}"
    reason = f"人工补录：{deed.words(done_at)}"
    word = Word(by=deed.by, basis=Basis.BY_HAND, reason=reason, text=text, recorded_by=recorded_by)
    with office.db.write() as conn:
        done = enter(conn, office, item_id, target, word, done_at)
        write_down(conn, bookings.delivery_of(conn, done.push_id), deed, done_at, ("", ""), recorded_by, now)
        count(conn, target.channel, target.number, done.push_id, deed, done_at, now)
        facts.bump_orders(conn)
        facts.record_act(
            conn, person=recorded_by, act="补录", subject=f"推送 {done.push_id}", reason=deed.note, now=now
        )
        if done.against:
            [due] = placements.carried(conn, [done.push_id])[done.push_id]
            what = f"补录的{named(item_id, due.title)}已由 {deed.by} 在{target.name}公开，但{done.against}"
            facts.raise_alarm(conn, f"补录不合:{due.id}", f"{what}。请核实，必要时撤下", now)
    return done


def enter(conn: Connection, office: Office, item_id: int, target: Target, word: Word, done_at: datetime) -> Booked:
    """The rows that say so: placement, push and delivery, in the caller's commit. Raises Refused for what is out already."""
    placement_id = _place(conn, office, item_id, target, word.by)
    push_facts = _push(conn, target, placement_id, word)
    push_id = placements.add_push(conn, push_facts, [placement_id], [target.address], done_at)
    assert push_id is not None
    _settle(conn, target, push_id, word, office.now())
    handoffs.date_back(conn, push_id, done_at)
    [due] = placements.carried(conn, [push_id])[push_id]
    return Booked(push_id, why_against(office, target, due))


def _place(conn: Connection, office: Office, item_id: int, target: Target, by: str) -> int:
    """The placement of the booking, in place of what the bot had not sent yet; raises Refused for what is out."""
    version_id = bookings.version_of(conn, item_id)
    if version_id is None:
        raise Refused(f"没有条目 {item_id}。可用  python bot.py items  查找", "条目")
    old = bookings.standing(conn, item_id, target.number)
    _refuse_double(old, target)
    _take_over(conn, old, by, office)
    values = {
        "item_id": item_id, "version_id": version_id, "target": target.number, "channel": target.channel,
        "created_at": office.now(),
    }  # fmt: skip
    return bookings.place(conn, old, values)


def _settle(conn: Connection, target: Target, push_id: int, word: Word, now: datetime) -> None:
    """Its delivery is done, by somebody's word."""
    delivery = deliveries.get(conn, bookings.delivery_of(conn, push_id))
    assert delivery is not None
    settled = Settled(
        delivery=delivery, attempt_id=None, said_by=word.by[:100], outcome=Outcome.DELIVERED,
        status=Status.DELIVERED, reason=word.reason, basis=word.basis,
    )  # fmt: skip
    deliveries.settle(conn, target.channel, [settled], now)


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


def _take_over(conn: Connection, old: Standing | None, by: str, office: Office) -> None:
    """A person was faster: what the bot had queued there does not leave any more."""
    if old is None or old.push_id is None or Status.QUEUED not in old.statuses:
        return
    if not placements.scrap(conn, old.push_id, f"已由 {by} 人工办理并补录，不再推送", office.now()):
        raise Refused(f"公开达正在推送（推送 {old.push_id}），请稍后再补录")


def _push(conn: Connection, target: Target, placement_id: int, word: Word) -> dict[str, object]:
    """What stands in `pushes` of a message that the bot did not write."""
    return {
        "push_key": push_key(target.number, [placement_id], placements.times_pushed(conn, [placement_id])),
        "channel": target.channel, "target": target.number, "target_name": target.name, "audience": target.audience,
        "origin": BOOKED, "resend_of": None, "urgent": False, "text": word.text, "payload": {}, "bytes": 0,
        "sha256": hashlib.sha256(word.text.encode()).hexdigest(), "shortened": False, "made_by": word.recorded_by[:100],
    }  # fmt: skip
