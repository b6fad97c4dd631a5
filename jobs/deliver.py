"""Deliver: claim what may leave, send it, write down what came of it. One run a channel; none waits for another.

The attempt row exists before the first byte leaves; no vendor call holds a database session.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from channels.base import Channel, Limits, Prepared, SendError, Sent
from jobs.claim import Claimed, claim, is_stale
from jobs.office import Office, new_owner
from jobs.settle import NotCalled, settle_call
from rules.outcome import Outcome
from store import claims, deliveries, facts

log = logging.getLogger("xxgk.deliver")

#: Longer than the longest timeout of any channel, prepare and send together; renewed while the claim lives.
LEASE = timedelta(minutes=5)
LONGEST_CALL = timedelta(minutes=2)
RENEWED = timedelta(minutes=1)
#: Deliveries claimed at once, where an uncertain end can be cleared up without a person; half of it costs a tenth more a message.
BATCH = 200
#: Deliveries claimed at once where a call takes many: what is in hand is in memory.
MANY = 1000
#: Where it cannot, every answer is written down at once; elsewhere when the claim is worked off, or so often (seconds):
#: what a killed process had not written down yet is asked about again.
FLUSH = 0.2
#: How long an order of another process may go unheard (seconds): less than a person needs to press the key.
LISTEN = 0.02
ORDERED, BROKEN_OFF = "有新的人工指令，重新核对后再发", "本次发送中断，尚未发出，稍后再发"


@dataclass
class Delivered:
    """What one run came to, in deliveries (人次)."""

    channel: str
    claimed: int = 0
    released: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came of one call: the vendor's yes for each address, or the error."""

    claimed: Claimed
    sent: tuple[Sent, ...] = ()
    error: SendError | None = None


@dataclass
class Claim:
    """A claim that is being worked off by several senders: what is left of it, and what has been answered."""

    owner: str
    #: How many orders had been given in this process before it was made.
    heard: int
    #: When orders were last asked for (monotonic seconds).
    asked: float
    #: The stamp of the last order it saw.
    orders: str
    #: How long it is ours; renewed while it lives. A process that slept past it must not call any more.
    until: datetime
    #: Calls to make, the next one last.
    left: list[Claimed]
    #: Not yet written down.
    answers: list[Answer] = field(default_factory=list)
    #: Why no further call begins; empty while they may.
    ended: str = ""
    lock: Lock = field(default_factory=Lock)


def deliver(office: Office, name: str) -> Delivered:
    """Send all that may leave on this channel now; returns when nothing more may."""
    done = Delivered(name)
    channel = office.channels[name]
    most = _most(channel.limits)
    while True:
        owner, heard, asked = new_owner(), facts.given_here[0], time.monotonic()
        try:
            batch, orders = claim(office, name, owner, most, LEASE)
        except claims.Lost:
            return done
        if not batch:
            return done
        done.claimed += sum(len(each.deliveries) for each in batch)
        _work_off(office, channel, Claim(owner, heard, asked, orders, office.now() + LEASE, batch[::-1]), done)


def _most(limits: Limits) -> int:
    """No more than can leave at once where nothing can resolve: a call for each free sender. Elsewhere BATCH, or MANY."""
    if limits.resolvable and limits.addresses == 1:
        return BATCH
    return min(limits.senders * limits.addresses, max(MANY, limits.addresses))


def _work_off(office: Office, channel: Channel, mine: Claim, done: Delivered) -> None:
    """The senders take one call after the other; what they bring back is written down from here."""
    pool = office.pool(channel.name)
    when = ALL_COMPLETED if channel.limits.resolvable else FIRST_COMPLETED
    working = {pool.submit(_work, office, channel, mine) for _ in range(min(channel.limits.senders, len(mine.left)))}
    try:
        while working:
            finished, working = wait(working, timeout=FLUSH, return_when=when)
            _flush(office, mine, done)
            for sender in finished:
                sender.result()
    finally:  # whatever ended it, an order or a fault: no further call, and what was not called for goes back
        mine.ended = mine.ended or BROKEN_OFF
        wait(working)
        _flush(office, mine, done)
        _release(office, mine, done)


def _work(office: Office, channel: Channel, mine: Claim) -> None:
    """One sender."""
    while (claimed := _next(office, mine)) is not None:
        mine.answers.append(_call(office, channel, claimed, mine))


def _next(office: Office, mine: Claim) -> Claimed | None:
    """The next call to make; None if none is left, the hours are over or a person has given an order."""
    with mine.lock:  # while one sender asks the store, no other begins a call
        if facts.given_here[0] != mine.heard or time.monotonic() - mine.asked >= LISTEN:
            mine.asked = time.monotonic()
            mine.ended = mine.ended or (ORDERED if _ordered(office, mine) else "")
        if mine.left:  # a claim of many calls may be worked off late
            mine.ended = mine.ended or _closed(office, mine.left[-1])
        if mine.ended or not mine.left:
            return None
        if LONGEST_CALL < mine.until - office.now() < LEASE - RENEWED:  # a lease that has lapsed is another's by now
            _renew(office, mine)
        return mine.left.pop()


def _closed(office: Office, claimed: Claimed) -> str:
    """Why its target may not be written to at this hour; empty if it may, or a person has ordered it."""
    target = office.school.targets.get(claimed.deliveries[0].target)
    return "" if target is None or claimed.ordered else office.hours(target).why_closed(office.now())


def _ordered(office: Office, mine: Claim) -> bool:
    """True if a person has ordered something since the claim."""
    with office.db.read() as conn:
        return (facts.get_meta(conn, facts.ORDERS) or "0") != mine.orders


def _renew(office: Office, mine: Claim) -> None:
    ends = office.now() + LEASE
    with office.db.write() as conn:
        claims.renew(conn, mine.owner, ends)
    mine.until = ends


def _call(office: Office, channel: Channel, claimed: Claimed, mine: Claim) -> Answer:
    """Prepare if needed, then the one call that cannot be taken back."""
    begun = False
    try:
        prepared = _prepared(office, channel, claimed)
        if office.now() > mine.until - LONGEST_CALL:
            raise NotCalled("认领即将过期，本次不再发送")
        if any(is_stale(each, office.now()) for each in claimed.deliveries):
            raise NotCalled("补发没有及时发出，重新核实", timedelta(0))
        if channel.limits.prepares:  # which may have taken minutes
            _refuse_if_over(office, claimed, mine)
        begun = True
        return Answer(claimed, sent=tuple(channel.send(prepared, claimed.addresses, claimed.push_key)))
    except SendError as error:
        return Answer(claimed, error=error)
    except Exception as error:
        # A bug of ours or a broken store must not lose the row; once the call has begun nobody knows what became of it.
        log.exception("渠道 %s 程序出错", channel.name)
        outcome = Outcome.UNCERTAIN if begun else Outcome.UNAVAILABLE
        return Answer(claimed, error=SendError(outcome, f"程序出错（{type(error).__name__}）"))


def _refuse_if_over(office: Office, claimed: Claimed, mine: Claim) -> None:
    """Raise SendError if the hours are over or a person has ordered something since the claim."""
    if why := _closed(office, claimed) or (ORDERED if _ordered(office, mine) else ""):
        raise NotCalled(why, timedelta(0))


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
        raise NotCalled("认领已过期，本次不再发送")
    return prepared


def _flush(office: Office, mine: Claim, done: Delivered) -> None:
    """Write down what has come in, in one commit; it is kept until that has happened."""
    answers = mine.answers[:]
    if not answers:
        return
    calls = [(each.claimed.deliveries, each.claimed.attempt_id, each.sent, each.error) for each in answers]
    for outcome in settle_call(office, done.channel, calls):
        done.outcomes[outcome] = done.outcomes.get(outcome, 0) + 1
    del mine.answers[: len(answers)]


def _release(office: Office, mine: Claim, done: Delivered) -> None:
    """Claimed but not called for: back to the queue, with an outcome that says so."""
    if not mine.left:
        return
    error = NotCalled(mine.ended, timedelta(0))
    done.released += sum(len(each.deliveries) for each in mine.left)
    settle_call(office, done.channel, [(each.deliveries, each.attempt_id, (), error) for each in mine.left])
