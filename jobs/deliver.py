"""Deliver: claim what may leave, send it, write down what came of it. One run a channel; none waits for another.

The attempt row exists before the first byte leaves; no database session is open during a vendor call.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from channels.base import Channel, Prepared, SendError, Sent
from jobs.claim import Claimed, claim
from jobs.office import Office, new_owner
from jobs.settle import settle_call
from rules.outcome import Outcome
from store import deliveries, facts

log = logging.getLogger("xxgk.deliver")

#: Longer than the longest timeout of any channel, prepare and send together; renewed while the claim lives.
LEASE = timedelta(minutes=5)
LONGEST_CALL = timedelta(minutes=2)
RENEWED = timedelta(minutes=1)
#: Outcomes are committed when this many have come or this long has passed (seconds).
BATCH, FLUSH = 100, 0.05
#: How long an order of another process may go unheard (seconds): less than a person needs to press the key.
LISTEN = 0.02
ORDERED = "有新的人工指令，重新核对后再发"


@dataclass
class Delivered:
    """What one run came to, in deliveries (人次)."""

    channel: str
    claimed: int = 0
    released: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)


@dataclass
class Lease:
    """How long this claim is ours; renewed while it lives. A process that slept past it must not call any more."""

    owner: str
    until: datetime
    #: When orders were last asked for (monotonic seconds), and how many had been given in this process by then.
    asked: float = 0.0
    heard: int = -1


@dataclass(frozen=True)
class Answer:
    """What came of one call: the vendor's yes for each address, or the error."""

    claimed: Claimed
    sent: tuple[Sent, ...] = ()
    error: SendError | None = None


def deliver(office: Office, name: str) -> Delivered:
    """Send all that may leave on this channel now; returns when nothing more may."""
    done = Delivered(name)
    channel = office.channels[name]
    #: No more than can leave at once: one for each free sender where nothing can resolve, up to 100 elsewhere.
    most = BATCH if channel.limits.resolvable else channel.limits.senders
    while True:
        owner = new_owner()
        try:
            batch, orders = claim(office, name, owner, most, LEASE)
        except deliveries.Lost:
            return done
        if not batch:
            return done
        done.claimed += sum(len(each.deliveries) for each in batch)
        _send_all(office, channel, batch, Lease(owner, office.now() + LEASE), orders, done)


def _send_all(
    office: Office, channel: Channel, batch: Sequence[Claimed], lease: Lease, orders: str, done: Delivered
) -> None:
    """Feed the senders, flush their answers; a person's order stops the feeding before the next call."""
    pool, name = office.pool(channel.name), channel.name
    left, flying = list(reversed(batch)), set[Future[Answer]]()
    answers: list[Answer] = []
    while left or flying:
        if left and _ordered(office, lease, orders):
            _release(office, name, left, done)
            left = []
        while left and len(flying) < channel.limits.senders:  # no call waits in the pool: an order acts before the next
            flying.add(pool.submit(_call, office, channel, left.pop(), lease, orders))
        finished, flying = wait(flying, timeout=FLUSH, return_when=FIRST_COMPLETED)
        answers += [future.result() for future in finished]
        if answers and (len(answers) >= BATCH or len(finished) == 0 or not (left or flying)):
            _flush(office, name, answers, done)
            answers = []
        if LONGEST_CALL < lease.until - office.now() < LEASE - RENEWED:  # a lease that has lapsed is another's by now
            _renew(office, lease)
    if answers:
        _flush(office, name, answers, done)


def _call(office: Office, channel: Channel, claimed: Claimed, lease: Lease, orders: str) -> Answer:
    """Prepare if needed, then the one call that cannot be taken back."""
    begun = False
    try:
        prepared = _prepared(office, channel, claimed)
        if office.now() > lease.until - LONGEST_CALL:
            raise SendError(Outcome.UNAVAILABLE, "认领即将过期，本次不再发送")
        if channel.limits.prepares and _ordered(office, replace(lease, heard=-1), orders):  # preparing may have taken minutes
            raise SendError(Outcome.UNAVAILABLE, ORDERED, retry_after=timedelta(0))
        addresses = [d.address for d in claimed.deliveries]
        begun = True
        return Answer(claimed, sent=tuple(channel.send(prepared, addresses, claimed.push_key)))
    except SendError as error:
        return Answer(claimed, error=error)
    except Exception as error:
        # A bug of ours or a broken store must not lose the row; once the call has begun nobody knows what became of it.
        log.exception("渠道 %s 程序出错", channel.name)
        outcome = Outcome.UNCERTAIN if begun else Outcome.UNAVAILABLE
        return Answer(claimed, error=SendError(outcome, f"程序出错（{type(error).__name__}）"))


def _prepared(office: Office, channel: Channel, claimed: Claimed) -> Prepared:
    first = claimed.deliveries[0]
    if not channel.limits.prepares:
        return Prepared(payload=first.payload)
    if first.prepared is not None:
        return Prepared(payload=first.payload, handles=first.prepared)
    try:
        prepared = channel.prepare(first.payload, claimed.push_key)
    except SendError as error:
        if error.outcome is not Outcome.UNCERTAIN:
            raise
        # Preparing is harmless to repeat: whatever became of that call, nothing has been sent.
        raise SendError(
            Outcome.UNAVAILABLE, error.reason, code=error.code, advice=error.advice, raw=error.raw
        ) from None
    with office.db.write() as conn:
        mine = deliveries.store_prepared(conn, first.push_id, claimed.attempt_id, prepared.handles)
    if not mine:
        raise SendError(Outcome.UNAVAILABLE, "认领已过期，本次不再发送")
    return prepared


def _flush(office: Office, name: str, answers: Sequence[Answer], done: Delivered) -> None:
    calls = [(a.claimed.deliveries, a.claimed.attempt_id, a.sent, a.error) for a in answers]
    for outcome in settle_call(office, name, calls):
        done.outcomes[outcome] = done.outcomes.get(outcome, 0) + 1


def _ordered(office: Office, lease: Lease, orders: str) -> bool:
    """True if a person has ordered something since the claim: one in this process at once, in another within LISTEN."""
    here, now = facts.given_here[0], time.monotonic()
    if here == lease.heard and now - lease.asked < LISTEN:
        return False
    lease.heard, lease.asked = here, now
    with office.db.read() as conn:
        return (facts.get_meta(conn, facts.ORDERS) or "0") != orders


def _release(office: Office, name: str, left: Sequence[Claimed], done: Delivered) -> None:
    """Claimed but not called for: back to the queue, with an outcome that says so."""
    error = SendError(Outcome.UNAVAILABLE, ORDERED, retry_after=timedelta(0))
    done.released += sum(len(each.deliveries) for each in left)
    settle_call(office, name, [(each.deliveries, each.attempt_id, (), error) for each in left])


def _renew(office: Office, lease: Lease) -> None:
    ends = office.now() + LEASE
    with office.db.write() as conn:
        deliveries.renew(conn, lease.owner, ends)
    lease.until = ends
