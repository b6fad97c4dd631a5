"""Track: what became of a push after the call: uncertain ones resolved, accepted ones followed, receipts applied, reach read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.base import (
    Attempt,
    Calls,
    Channel,
    Follows,
    Measures,
    Receipt,
    Resolution,
    Resolves,
    Sample,
    SendError,
    Word,
)
from jobs.office import Office
from jobs.settle import settle_resolution
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.states import Status
from store import deliveries, reach, receipts
from store.deliveries import Delivery

log = logging.getLogger("xxgk.track")

RECEIPT = "回执"
#: How long a receipt that matches nothing is tried again.
PATIENCE = timedelta(days=3)


@dataclass
class Tracked:
    """What one run came to."""

    resolved: int = 0
    followed: int = 0
    receipts: int = 0
    samples: int = 0


def track(office: Office, name: str) -> Tracked:
    """One channel: receipts first, for they are the vendor's own word; then what is uncertain; then what is accepted."""
    done = Tracked()
    channel = office.channels[name]
    if isinstance(channel, Calls):
        done.receipts = _apply_receipts(office, channel)
    if isinstance(channel, Resolves):
        done.resolved = _look(office, channel, Status.UNCERTAIN)
    if isinstance(channel, Follows):
        done.followed = _look(office, channel, Status.HANDED) + _look(office, channel, Status.ACCEPTED)
    return done


def _look(office: Office, channel: Channel, status: Status) -> int:
    with office.db.read() as conn:
        due = [
            (each, _attempt(conn, each)) for each in deliveries.due_for_a_look(conn, channel.name, status, office.now())
        ]
    moved = 0
    for delivery, attempt in due:
        found = _ask(office, channel, status, attempt)
        moved += settle_resolution(office, channel.name, delivery, found) is not status
    return moved


def _ask(office: Office, channel: Channel, status: Status, attempt: Attempt) -> Resolution:
    """The channel's own answer; a vendor that cannot be reached right now is asked again."""
    later = timedelta(minutes=2)
    try:
        if status is Status.UNCERTAIN and isinstance(channel, Resolves):
            return channel.resolve(attempt)
        if isinstance(channel, Follows):
            found = channel.follow(attempt)
            over = office.now() - attempt.begun_at > channel.follow_until
            if found.outcome is Outcome.UNCERTAIN and over:
                return Resolution(outcome=Outcome.UNCERTAIN, reason="已提交（无回执）")
            return found
    except SendError as error:
        return Resolution(outcome=Outcome.UNCERTAIN, reason=f"核实时{error}", ask_again=later)
    return Resolution(outcome=Outcome.UNCERTAIN, reason="该渠道没有核实办法")


def _attempt(conn: Connection, delivery: Delivery) -> Attempt:
    return Attempt(
        address=delivery.address,
        push_key=delivery.push_key,
        mark=Bundle(key=delivery.push_key, school="", pieces=()).mark,
        text=delivery.text,
        begun_at=deliveries.first_attempt_begun(conn, delivery.push_id, delivery.changed_at),
        payload=delivery.payload,
        handles=delivery.prepared or {},
        evidence=delivery.evidence,
        vendor_id=delivery.vendor_id,
        last_begun_at=deliveries.attempt_begun(conn, delivery.attempt_id, delivery.changed_at),
    )


def _apply_receipts(office: Office, channel: Channel) -> int:
    applied = 0
    assert isinstance(channel, Calls)
    with office.db.read() as conn:
        waiting = receipts.unapplied(conn, channel.name)
    for each in waiting:
        receipt = Receipt(kind=each.kind, dedup=each.dedup, vendor_id=each.vendor_id, raw=each.raw)
        word = channel.word(receipt, each.received_at)
        first = None if word is None else _apply(office, channel.name, word)
        if first is None and word is not None and office.now() - each.received_at <= PATIENCE:
            continue
        with office.db.write() as conn:  # one commit: its figures are kept once, whoever applies it and dies
            if receipts.mark_applied(conn, each.id, office.now()) and first is not None and word is not None:
                _add_samples(conn, channel.name, first.target, first.push_id, word.samples, office.now())
                applied += 1
    return applied


def _apply(office: Office, name: str, word: Word) -> Delivery | None:
    """Move the deliveries a receipt speaks of; returns the first of them, None if it matches nothing yet."""
    with office.db.read() as conn:
        concerned = deliveries.by_vendor_id(conn, name, word.vendor_id, word.push_key)
    if not concerned or any(d.status is Status.SENDING for d in concerned):
        return None  # our own answer is not committed yet: try again after it
    found = Resolution(
        outcome=word.outcome, reason=word.reason, vendor_id=word.vendor_id, basis=word.basis, evidence=word.evidence
    )
    for delivery in concerned:
        late = delivery.status is Status.QUEUED and word.outcome in (Outcome.ACCEPTED, Outcome.DELIVERED)
        if late or delivery.status in (Status.UNCERTAIN, Status.HANDED, Status.ACCEPTED):
            settle_resolution(office, name, delivery, found, RECEIPT)
    return concerned[0]


def _add_samples(
    conn: Connection, name: str, target: str, push_id: int | None, samples: Sequence[Sample], now: datetime
) -> None:
    """Store figures of reach; an earlier one is never overwritten."""
    for sample in samples:
        fact = {
            "channel": name, "target": target, "push_id": push_id, "metric": sample.metric, "value": sample.value,
            "basis": sample.basis, "true_at": sample.true_at, "known_at": now,
        }  # fmt: skip
        reach.add(conn, fact)


def measure(office: Office, name: str) -> int:
    """How many people each target of a channel holds; kept when it has changed or a month has passed. Returns samples."""
    channel = office.channels[name]
    if not isinstance(channel, Measures):
        return 0
    kept = 0
    for target in [t for t in office.school.targets.values() if t.channel == name]:
        try:
            samples = channel.measure(target)
        except SendError as error:
            log.warning("目标 %s 的人数没有读到：%s", target.number, error)
            continue
        fresh = [s for s in samples if _is_news(office, target.number, s)]
        with office.db.write() as conn:
            _add_samples(conn, name, target.number, None, fresh, office.now())
        kept += len(fresh)
    return kept


def _is_news(office: Office, target: str, sample: Sample) -> bool:
    with office.db.read() as conn:
        last = reach.last_measured(conn, target, sample.metric)
    return last is None or last[0] != sample.value or sample.true_at - last[1] > timedelta(days=30)
