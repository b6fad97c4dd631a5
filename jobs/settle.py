"""Settle: the single place where an outcome becomes a status, a log line, an alarm or a pause."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.base import Follows, Resolution, Resolves, SendError, Sent
from jobs.burst import stop_a_burst
from jobs.claim import BY_HAND, give_back, named_push, unsent, used_up
from jobs.office import Office
from rules.advice import RESTART
from rules.outcome import HELD, RECEIPT, RESOLVING, SENDING, SWEPT, Outcome, after, verdict
from rules.privacy import masked
from rules.states import TAKEN, WORDS, Status
from store import claims, deliveries, doubts, facts, placements, receipts, receivers
from store.deliveries import Delivery, Settled

log = logging.getLogger("xxgk.outcome")

#: After so many tries that came to nothing a person is told; the trying goes on.
STUBBORN = 5

#: What a call says of an address it took.
YES = frozenset({Outcome.ACCEPTED, Outcome.HANDED, Outcome.DELIVERED})


class NotCalled(SendError):
    """The house gave the call up before it was made: surely not sent, and the vendor has no part in it."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(Outcome.UNAVAILABLE, reason, retry_after=retry_after)


#: What else is written in the same commit, if the delivery really moved.
Also = Callable[[Connection], None]
Call = tuple[Sequence[Delivery], int, Sequence[Sent], SendError | None]


def settle_call(office: Office, name: str, calls: Iterable[Call]) -> list[Outcome]:
    """Write down what calls came to, in one commit; returns the outcomes."""
    now, calls = office.now(), list(calls)
    settled = [each for call in calls for each in _of_call(office, name, call, now)]
    with office.db.write() as conn:
        moved = deliveries.settle(conn, name, settled, now)
        _follow_up(conn, office, name, moved, now)
        for many, _attempt, _sent, error in calls:
            if error is not None and error.spent:
                used_up(conn, office, name, error.spent, [each.push_id for each in many if not each.maybe_sent], now)
    for each in moved:
        _log(name, each)
    return [each.outcome for each in settled]


def _of_call(office: Office, name: str, call: Call, now: datetime) -> Iterable[Settled]:
    many, attempt_id, sent, error = call
    answers = {each.address: each for each in sent}
    for delivery in many:
        answer = answers.get(delivery.address)
        if answer is not None and answer.outcome in YES:
            yield _yes(office, name, delivery, attempt_id, answer, now)
        elif answer is not None:
            yield _no(office, name, delivery, attempt_id, _refusal(answer), now)
        else:
            missing = SendError(Outcome.UNCERTAIN, "答复中没有这个地址")
            yield _no(office, name, delivery, attempt_id, error or missing, now)


def _refusal(answer: Sent) -> SendError:
    """The vendor's no to one address of a call that went through."""
    return SendError(answer.outcome, answer.reason, code=answer.code, raw=answer.raw, retry_after=answer.retry_after)


def _yes(office: Office, name: str, delivery: Delivery, attempt_id: int, sent: Sent, now: datetime) -> Settled:
    status = after(sent.outcome, now=now, tries=delivery.tries + 1).status
    return Settled(
        delivery=_in_flight(delivery),
        attempt_id=attempt_id,
        said_by=SENDING,
        outcome=sent.outcome,
        status=status,
        code=sent.code,
        reason=sent.reason,
        vendor_id=sent.vendor_id,
        basis=sent.basis,
        raw=sent.raw,
        not_before=_next_look(office, name, status, now),
        evidence=sent.evidence,
    )


def _no(office: Office, name: str, delivery: Delivery, attempt_id: int, error: SendError, now: datetime) -> Settled:
    tries = delivery.tries + 1
    step = after(error.outcome, now=now, tries=tries, retry_after=error.retry_after, maybe_sent=delivery.maybe_sent)
    not_before = step.not_before or _next_look(office, name, step.status, now)
    return Settled(
        delivery=_in_flight(delivery),
        attempt_id=attempt_id,
        said_by=HELD if isinstance(error, NotCalled) else SENDING,
        outcome=error.outcome,
        status=step.status,
        code=error.code,
        reason=str(error),
        raw=error.raw,
        not_before=not_before,
        maybe_sent=step.maybe_sent,
    )


def _in_flight(delivery: Delivery) -> Delivery:
    """The row as the claim left it: the delivery was read before it moved to sending."""
    return replace(delivery, status=Status.SENDING)


def _next_look(office: Office, name: str, status: Status, now: datetime) -> datetime | None:
    """When an accepted or uncertain delivery is looked at; None: nothing can tell more."""
    channel = office.channels.get(name)
    if status in (Status.ACCEPTED, Status.HANDED) and isinstance(channel, Follows):
        return now + channel.follow_after
    if status is Status.UNCERTAIN and isinstance(channel, Resolves) and channel.limits.resolvable:
        return now
    return None


def settle_resolution(
    office: Office, name: str, delivery: Delivery, found: Resolution, said_by: str = RESOLVING, also: Also | None = None
) -> Status:
    """Write down what a resolver, a follower, a receipt or a person found out; returns where that puts the delivery."""
    now = office.now()
    settled = _found_out(office, name, delivery, found, said_by, now)
    if settled.status is delivery.status and settled.not_before is not None:
        with office.db.write() as conn:  # nothing new: no row for every look
            deliveries.look_later(conn, delivery, settled.not_before, found.reason, found.evidence)
        return settled.status
    with office.db.write() as conn:
        moved = deliveries.settle(conn, name, [settled], now)
        _follow_up(conn, office, name, moved, now)
        if moved and also is not None:
            also(conn)
    for each in moved:
        _log(name, each)
    return settled.status if moved else delivery.status


def settle_receipts(
    office: Office, name: str, found: Sequence[tuple[Delivery, Resolution]], receipt_ids: Sequence[int]
) -> int:
    """Write down what many receipts say, each of one address, in one commit with their being applied."""

    def apply(conn: Connection) -> None:
        if receipts.mark_all_applied(conn, receipt_ids, office.now()) != len(receipt_ids):
            raise claims.Lost("这批回执中有的已由另一个进程处理")

    settle_together(office, name, found, RECEIPT, apply)
    return len(receipt_ids)


def settle_together(
    office: Office, name: str, found: Sequence[tuple[Delivery, Resolution]], said_by: str, also: Also
) -> int:
    """Write down what is known of many deliveries in one commit with `also`; returns how many of them moved."""
    now = office.now()
    settled = [_found_out(office, name, delivery, each, said_by, now) for delivery, each in found]
    with office.db.write() as conn:
        also(conn)
        moved = deliveries.settle(conn, name, settled, now)
        _follow_up(conn, office, name, moved, now)
    for each in moved:
        _log(name, each)
    return len(moved)


def _found_out(
    office: Office, name: str, delivery: Delivery, found: Resolution, said_by: str, now: datetime
) -> Settled:
    step = verdict(
        delivery.status, found.outcome, now=now, tries=delivery.tries, maybe_sent=delivery.maybe_sent,
        ask_again=found.ask_again, resend=found.resend, still_unknown=found.still_unknown,
    )  # fmt: skip
    look = _next_look(office, name, step.status, now) if step.look else None
    return Settled(
        delivery=delivery,
        # What is being sent is settled for this very call only: another may have begun since it was read.
        attempt_id=delivery.attempt_id if delivery.status is Status.SENDING else None,
        said_by=said_by,
        outcome=found.outcome,
        status=step.status,
        reason=found.reason,
        vendor_id=found.vendor_id,
        basis=found.basis,
        raw=found.raw,
        not_before=step.not_before or look,
        maybe_sent=step.maybe_sent,
        evidence=found.evidence,
    )


def settle_lost(office: Office, name: str, delivery: Delivery, reason: str) -> None:
    """A delivery whose process died while it may have been calling: uncertain until evidence or a person says more."""
    now = office.now()
    lost = Settled(
        delivery=delivery,
        attempt_id=delivery.attempt_id,
        said_by=SWEPT,
        outcome=Outcome.UNCERTAIN,
        status=Status.UNCERTAIN,
        reason=reason,
        not_before=_next_look(office, name, Status.UNCERTAIN, now),
        maybe_sent=True,
    )
    with office.db.write() as conn:
        _follow_up(conn, office, name, deliveries.settle(conn, name, [lost], now), now)


def _follow_up(conn: Connection, office: Office, name: str, moved: Sequence[Settled], now: datetime) -> None:
    """What a status brings with it: allowances given back, bundles split, the channel paused, a person told."""
    for many in _by_push(moved, lambda each: each.status is Status.FAILED):
        _failed(conn, office, name, many, now)
    unsent(conn, office, name, [each.delivery for each in moved if _never_left(each)], now)
    wrong = next((each for each in moved if each.outcome is Outcome.MISCONFIGURED), None)
    if wrong is not None:
        facts.pause(conn, name, by="自动", reason=wrong.reason, now=now)
        text = f"{office.setting(name).label}已自动暂停：{wrong.reason}。{RESTART}，再恢复：python bot.py resume {name}"
        facts.state_alarm(conn, f"渠道:{name}", text, now, channel=name)
    for many in _by_push(moved, _is_stubborn):
        text = f"{named_push(conn, office, many[0].delivery)}，多次没有发出，仍在重试：{_reasons(many)}"
        facts.raise_alarm(conn, f"受阻:{many[0].delivery.id}", text, now, channel=name)
    for many in _by_push(moved, lambda each: each.status is Status.UNCERTAIN and each.not_before is None):
        text = f"{named_push(conn, office, many[0].delivery)}，结果待定：{_reasons(many)}。{BY_HAND}"
        facts.raise_alarm(conn, f"待定:{many[0].delivery.push_id}", text, now, channel=name)
    for many in _by_push(moved, lambda each: each.delivery.status is Status.UNCERTAIN and each.status in TAKEN):
        _late_found(conn, office, name, many, now)
    for push_id in {each.delivery.push_id for each in moved if each.delivery.status is Status.UNCERTAIN}:
        if not doubts.in_doubt(conn, push_id):
            facts.clear_alarm(conn, f"待定:{push_id}", now)
    if any(each.status in TAKEN for each in moved):
        facts.note_success(conn, name, now)
    elif any(each.status in (Status.FAILED, Status.QUEUED) and each.said_by != HELD for each in moved):
        facts.note_failure(conn, name)
    stop_a_burst(conn, office, name, moved, now)


def _late_found(conn: Connection, office: Office, name: str, many: Sequence[Settled], now: datetime) -> None:
    """Found to have it after a 撤回 or 更正 had gone to the others: nothing follows by itself, a person must tell them."""
    push_id = many[0].delivery.push_id
    if not (purpose := receivers.called_back_without(conn, push_id)):
        return
    who = "、".join(masked(each.delivery.address) for each in many[:10]) if office.channels[name].limits.person else ""
    text = f"{named_push(conn, office, many[0].delivery)}：发出{purpose}之后才查明{who}也已收到，没有收到{purpose}，请人工告知"
    facts.raise_alarm(conn, f"迟知:{push_id}", text, now, channel=name)


def _by_push(moved: Sequence[Settled], wanted: Callable[[Settled], bool]) -> list[list[Settled]]:
    """A push with thousands of addresses is told of once."""
    found: dict[int, list[Settled]] = {}
    for each in moved:
        if wanted(each):
            found.setdefault(each.delivery.push_id, []).append(each)
    return list(found.values())


def _never_left(each: Settled) -> bool:
    return each.outcome is Outcome.UNAVAILABLE and each.status is Status.QUEUED and not each.maybe_sent


def _is_stubborn(each: Settled) -> bool:
    queued = each.status is Status.QUEUED and each.delivery.tries == STUBBORN
    return queued and each.outcome is not Outcome.MISCONFIGURED


def _reasons(many: Sequence[Settled]) -> str:
    """Why, and for how many; the three most frequent reasons."""
    if len(many) == 1:
        return many[0].reason
    said = Counter(each.reason for each in many).most_common(3)
    return f"{len(many)} 个接收人，" + "；".join(f"{reason}（{n}）" for reason, n in said)


def _failed(conn: Connection, office: Office, name: str, many: Sequence[Settled], now: datetime) -> None:
    """The failed deliveries of one push."""
    push_id, first = many[0].delivery.push_id, many[0].delivery
    give_back(conn, office, name, [each.delivery for each in many if not each.maybe_sent], now)
    if any(each.delivery.status is Status.ACCEPTED for each in many):
        deliveries.untake(conn, push_id)
    refused = all(each.outcome is Outcome.REFUSED and not each.delivery.maybe_sent for each in many)
    if refused and first.pieces > 1 and placements.came_to_nothing(conn, push_id):
        placements.free(conn, push_id, now, alone=True)
    text = f"{named_push(conn, office, first)}，失败：{_reasons(many)}"
    facts.raise_alarm(conn, f"失败:{push_id}", text, now, channel=name)


def _log(name: str, each: Settled) -> None:
    """One line an outcome; a retry is INFO, a final failure is ERROR."""
    level = logging.ERROR if each.status is Status.FAILED else logging.INFO
    extra = {"action": "outcome", "push_id": each.delivery.push_id, "channel": name, "outcome": str(each.outcome)}
    said = f"{WORDS[each.status]}（{each.reason}）" if each.reason else WORDS[each.status]
    log.log(level, "推送 %s %s：%s", each.delivery.push_id, each.delivery.target, said, extra=extra)
