"""Track: what became of a push after the call: uncertain ones resolved, accepted ones followed, receipts applied, reach read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.base import (
    Attempt,
    Calls,
    Channel,
    Finding,
    Follows,
    Measures,
    Pulls,
    Receipt,
    Resolution,
    Resolves,
    Sample,
    SendError,
    Word,
)
from config.tables import Wrong
from jobs.audit import note
from jobs.choose import is_scarce
from jobs.handoff import REPORTED
from jobs.office import Office
from jobs.settle import settle_receipts, settle_resolution
from rules.bundle import Bundle
from rules.outcome import RECEIPT, Outcome
from rules.routing import Target
from rules.states import Status
from store import deliveries, doubts, facts, quotas, reach, receipts
from store.deliveries import Delivery
from store.receipts import StoredReceipt

log = logging.getLogger("xxgk.track")

#: How long a receipt that matches nothing is tried again.
PATIENCE = timedelta(days=3)
#: So long a receipt that matches nothing hastens the looks: a few times, for looking is rationed.
FRESH = timedelta(minutes=1)
#: So far back a push is searched that shows what a receipt shows: as long as an accepted one is followed at most.
SHOWN_WITHIN = timedelta(days=30)
#: A delivery whose look met a bug of ours is looked at again then.
AFTER_A_BUG = timedelta(hours=1)
#: Deliveries looked at in one run, at least; receipts applied in one commit; answers of a vendor's queue in one run.
LOOKS, TOGETHER, MOST_PULLS = 100, 500, 50


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
    if isinstance(channel, Pulls):
        _pull(office, channel)
    if isinstance(channel, Calls):
        done.receipts = _apply_receipts(office, channel)
    if isinstance(channel, Resolves):
        done.resolved = _look(office, channel, Status.UNCERTAIN)
    if isinstance(channel, Follows):
        done.followed = _look(office, channel, Status.HANDED) + _look(office, channel, Status.ACCEPTED)
    return done


def _pull(office: Office, channel: Channel) -> None:
    """Receipts that the vendor keeps for us: taken out once, so they are stored before all else."""
    assert isinstance(channel, Pulls)
    try:
        for _ in range(MOST_PULLS):
            found = channel.pull()
            if not found:
                return
            with office.db.write() as conn:
                receipts.add(conn, channel.name, [asdict(each) for each in found], office.now())
    except SendError as error:
        log.warning("%s的回执没有取到：%s", office.setting(channel.name).label, error)


def _look(office: Office, channel: Channel, status: Status) -> int:
    with office.db.read() as conn:
        most = max(LOOKS, channel.limits.addresses)  # a call is resolved with all that were in it
        due = deliveries.due_for_a_look(conn, channel.name, status, office.now(), most)
    return sum(_look_at(office, channel, status, each) for each in due)


def _look_at(office: Office, channel: Channel, status: Status, delivery: Delivery) -> bool:
    """True if it moved. A bug met here is told and holds up no other delivery; this one is looked at later."""
    try:
        with office.db.read() as conn:
            attempt = attempt_of(conn, delivery)
        found = _ask(office, channel, status, attempt)
        return settle_resolution(office, channel.name, delivery, found) is not status
    except Exception as error:
        target = office.school.targets.get(delivery.target)
        name = target.name if target else delivery.target
        text = (
            f"发往 {name} 的一次推送（推送 {delivery.push_id}）核实时程序出错（{type(error).__name__}），其他推送照常"
        )
        _tell_of_bug(office, channel.name, f"核实出错:{delivery.id}", text)
        with office.db.write() as conn:
            words = f"核实时程序出错（{type(error).__name__}），稍后再试"
            deliveries.look_later(conn, delivery, office.now() + AFTER_A_BUG, words)
        return False


def _tell_of_bug(office: Office, name: str, subject: str, text: str) -> None:
    """A bug of ours in one item: its stack once, an alarm that names it, and the others go on."""
    with office.db.write() as conn:
        fresh = facts.raise_alarm(conn, subject, f"{text}。请把运行日志交系统管理员", office.now(), channel=name)
    log.error("%s", text, exc_info=fresh)


def _ask(office: Office, channel: Channel, status: Status, attempt: Attempt) -> Resolution:
    """The channel's own answer; a vendor that cannot be reached right now is asked again."""
    later = timedelta(minutes=2)
    try:
        if status is Status.UNCERTAIN and isinstance(channel, Resolves):
            return channel.resolve(attempt)
        if isinstance(channel, Follows):
            found = channel.follow(attempt)
            over = office.now() - attempt.called_at > channel.follow_until
            if found.outcome is Outcome.UNCERTAIN and over:
                return Resolution(outcome=Outcome.UNCERTAIN, reason="已提交（无回执）")
            return found
    except SendError as error:
        return Resolution(outcome=Outcome.UNCERTAIN, reason=f"核实时{error}", ask_again=later)
    return Resolution(outcome=Outcome.UNCERTAIN, reason="该渠道没有核实办法")


def attempt_of(conn: Connection, delivery: Delivery) -> Attempt:
    """What a channel gets to know of a delivery's calls."""
    last = deliveries.attempt_begun(conn, delivery.attempt_id, delivery.changed_at)
    return Attempt(
        address=delivery.address,
        push_key=delivery.push_key,
        mark=Bundle(key=delivery.push_key, school="", pieces=()).mark,
        text=delivery.text,
        begun_at=deliveries.first_attempt_begun(conn, delivery) or last,
        payload=delivery.payload,
        handles=delivery.prepared or {},
        evidence=delivery.evidence,
        vendor_id=delivery.vendor_id,
        last_begun_at=last,
    )


def _apply_receipts(office: Office, channel: Channel) -> int:
    with office.db.read() as conn:
        waiting = receipts.unapplied(conn, channel.name)
    applied = 0
    for n in range(0, len(waiting), TOGETHER):
        some = waiting[n : n + TOGETHER]
        done = _apply_many(office, channel, some)
        applied += len(done) + sum(_apply_one(office, channel, each) for each in some if each.id not in done)
    return applied


def _apply_many(office: Office, channel: Channel, some: Sequence[StoredReceipt]) -> set[int]:
    """Receipts of one address each, in one commit; returns those that were applied. The others are looked at one by one."""
    try:
        said = {each.id: _word(channel, each) for each in some}
        words = {n: word for n, word in said.items() if isinstance(word, Word) and word.address}
        with office.db.read() as conn:
            keys = {w.push_key for w in words.values()}
            addresses = {each for w in words.values() for each in _spellings(office, channel.name, w.address)}
            known = deliveries.by_address(conn, channel.name, keys, addresses) if words else []
        at = {(each.push_key, each.address.lower()): each for each in known}
        found = {
            n: (at[w.push_key, each], w)
            for n, w in words.items()
            for each in _spellings(office, channel.name, w.address)
            if (w.push_key, each) in at
        }
        found = {n: pair for n, pair in found.items() if pair[0].status is not Status.SENDING and not pair[1].samples}
        news = [(each, _resolution(word)) for each, word in found.values() if _is_news_of(each, word)]
        if len({each.id for each, _ in news}) < len(news):
            return set()  # two words on one address: the order counts
        if found:
            settle_receipts(office, channel.name, news, list(found))
    except Exception:  # told, with its stack, by the one that is looked at alone
        return set()
    return set(found)


def _spellings(office: Office, name: str, address: str) -> tuple[str, ...]:
    """How an address may stand in a delivery, in small letters: as it is, or as it is kept once it has been sealed."""
    return address.lower(), office.kept(name, address).lower()


def _word(channel: Channel, stored: StoredReceipt) -> Word | Finding | None:
    assert isinstance(channel, Calls)
    receipt = Receipt(kind=stored.kind, dedup=stored.dedup, vendor_id=stored.vendor_id, raw=stored.raw)
    return channel.word(receipt, stored.received_at)


def _resolution(word: Word) -> Resolution:
    return Resolution(
        outcome=word.outcome, reason=word.reason, vendor_id=word.vendor_id, basis=word.basis, evidence=word.evidence
    )


def _is_news_of(delivery: Delivery, word: Word) -> bool:
    """True if a receipt may still change where a delivery stands."""
    late = delivery.status is Status.QUEUED and word.outcome in (Outcome.ACCEPTED, Outcome.DELIVERED)
    return late or delivery.status in (Status.UNCERTAIN, Status.HANDED, Status.ACCEPTED)


def _apply_one(office: Office, channel: Channel, stored: StoredReceipt) -> bool:
    """True if it said something of a push. One that breaks us is told, and given up after its time."""
    late = office.now() - stored.received_at > PATIENCE
    try:
        word = _word(channel, stored)
        if isinstance(word, Finding):
            return _note(office, channel.name, word, stored)
        first = None if word is None else _apply(office, channel.name, word, stored.received_at)
        others = first is None and word is not None and _is_others(office, channel.name, word)
        if first is None and word is not None and not late and not others:
            return False
        with office.db.write() as conn:  # one commit: its figures are kept once, whoever applies it and dies
            if not receipts.mark_applied(conn, stored.id, office.now()) or word is None:
                return False
            if others:
                quotas.book_others(conn, f"{channel.name}:{word.spends}", 1, stored.received_at)
            if first is not None:
                _add_samples(conn, channel.name, first.target, first.push_id, word.samples, office.now())
            return first is not None
    except Exception as error:
        label = office.setting(channel.name).label
        text = f"{label}的一份回执（{stored.kind}，回执 {stored.id}）处理时程序出错（{type(error).__name__}），其他回执照常"
        _tell_of_bug(office, channel.name, f"回执出错:{stored.id}", text)
        if late:
            with office.db.write() as conn:
                receipts.mark_applied(conn, stored.id, office.now())
    return False


def _is_others(office: Office, name: str, word: Word) -> bool:
    """True if it speaks of a scarce send that surely is none of ours: while one of ours is in doubt nobody can tell."""
    scarce = any(rate.name == word.spends and is_scarce(office, name, rate) for rate in office.channels[name].limits.rates)
    with office.db.read() as conn:
        return scarce and not doubts.any_on(conn, name)


def _note(office: Office, name: str, found: Finding, stored: StoredReceipt) -> bool:
    """News of the channel itself: people hear of it, or that it is over, as of what an audit finds."""
    with office.db.write() as conn:
        if not receipts.mark_applied(conn, stored.id, office.now()):
            return False
        note(conn, office, name, found)
    return True


def _apply(office: Office, name: str, word: Word, received_at: datetime) -> Delivery | None:
    """Move the deliveries a receipt speaks of; returns the first of them, None if it matches nothing yet.

    Where the answer with the vendor's id was lost, what the receipt shows is compared with what a look has found. One
    that fits nothing is a reason to look now, instead of when the next look comes.
    """
    with office.db.read() as conn:
        concerned = deliveries.by_vendor_id(conn, name, word.vendor_id, word.push_key)
        if not concerned and word.key_head:
            concerned = deliveries.by_key_head(conn, name, word.key_head, word.address)
        concerned = concerned or receipts.shown_by(conn, name, word.evidence, received_at - SHOWN_WITHIN)
    if word.address:
        concerned = [each for each in concerned if each.address.lower() in _spellings(office, name, word.address)]
    if not concerned and office.now() - received_at <= FRESH:
        with office.db.write() as conn:
            receipts.look_now(conn, name, office.now())
    if not concerned or any(d.status is Status.SENDING for d in concerned):
        return None  # our own answer is not committed yet: try again after it
    for delivery in concerned:
        if _is_news_of(delivery, word):
            settle_resolution(office, name, delivery, _resolution(word), RECEIPT)
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
    kept = 0
    for target in [t for t in office.school.targets.values() if t.channel == name]:
        try:
            kept += _measure(office, channel, target)
        except SendError as error:
            log.warning("目标 %s 的人数没有读到：%s", target.number, error)
        except Exception as error:
            text = f"读取 {target.name} 的人数时程序出错（{type(error).__name__}），其他目标照常"
            _tell_of_bug(office, name, f"人数出错:{target.number}", text)
    return kept


def _measure(office: Office, channel: Channel, target: Target) -> int:
    fresh = [s for s in _members(office, channel, target) if _is_news(office, target.number, s)]
    with office.db.write() as conn:
        _add_samples(conn, target.channel, target.number, None, fresh, office.now())
        facts.clear_alarm(conn, f"人数出错:{target.number}", office.now())
    return len(fresh)


def _members(office: Office, channel: Channel, target: Target) -> list[Sample]:
    """What the channel says of a target; of a list of persons (名单) nobody but the office knows how many they are."""
    try:
        listed = office.listed(target)
    except Wrong as error:
        raise SendError(Outcome.UNAVAILABLE, str(error)) from None
    if listed is None:
        return channel.measure(target) if isinstance(channel, Measures) else []
    return [Sample(metric="应达", value=len(listed), basis=REPORTED, true_at=office.now())]


def _is_news(office: Office, target: str, sample: Sample) -> bool:
    with office.db.read() as conn:
        last = reach.last_measured(conn, target, sample.metric)
    return last is None or last[0] != sample.value or sample.true_at - last[1] > timedelta(days=30)
