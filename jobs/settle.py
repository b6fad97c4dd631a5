"""Settle: the single place where an outcome becomes a status, a log line, an alarm or a pause."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from channels.base import Follows, Resolution, Resolves, SendError, Sent
from jobs.claim import returnable
from jobs.office import Office
from rules.naming import named
from rules.outcome import RESOLVING, SENDING, SWEPT, Outcome, after
from rules.states import TAKEN, WORDS, Status, may_move
from store import deliveries, facts, placements, quotas
from store.deliveries import Delivery, Settled

log = logging.getLogger("xxgk.outcome")

#: After so many tries that came to nothing a person is told; the trying goes on.
STUBBORN = 5
BY_HAND = "无法自动核实，请到群里或后台核对后登记：python bot.py uncertain"

Call = tuple[Sequence[Delivery], int, Sequence[Sent], SendError | None]


def settle_call(office: Office, name: str, calls: Iterable[Call]) -> list[Outcome]:
    """Write down what calls came to, in one commit; returns the outcomes."""
    now = office.now()
    settled = [each for call in calls for each in _of_call(office, name, call, now)]
    with office.db.write() as conn:
        moved = deliveries.settle(conn, name, settled, now)
        _follow_up(conn, office, name, moved, now)
    for each in moved:
        _log(name, each)
    return [each.outcome for each in settled]


def _of_call(office: Office, name: str, call: Call, now: datetime) -> Iterable[Settled]:
    many, attempt_id, sent, error = call
    answers = {each.address: each for each in sent}
    for delivery in many:
        answer = answers.get(delivery.address)
        if answer is not None:
            yield _yes(office, name, delivery, attempt_id, answer, now)
        else:
            missing = SendError(Outcome.UNCERTAIN, "答复中没有这个地址")
            yield _no(office, name, delivery, attempt_id, error or missing, now)


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
        said_by=SENDING,
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
    office: Office, name: str, delivery: Delivery, found: Resolution, said_by: str = RESOLVING
) -> Status:
    """Write down what a resolver, a follower, a receipt or a person found out; returns where that puts the delivery."""
    now = office.now()
    status, not_before, maybe_sent = _verdict(office, name, delivery, found, now)
    if status is not delivery.status and not may_move(delivery.status, status):
        status, not_before = delivery.status, None  # what was taken is never queued again: the words are kept, no more
    if status is delivery.status and not_before is not None:
        with office.db.write() as conn:  # nothing new: no row for every look
            deliveries.look_later(conn, delivery, not_before, found.reason, found.evidence)
        return status
    settled = Settled(
        delivery=delivery,
        # What is being sent is settled for this very call only: another may have begun since it was read.
        attempt_id=delivery.attempt_id if delivery.status is Status.SENDING else None,
        said_by=said_by,
        outcome=found.outcome,
        status=status,
        reason=found.reason,
        vendor_id=found.vendor_id,
        basis=found.basis,
        raw=found.raw,
        not_before=not_before,
        maybe_sent=maybe_sent,
        evidence=found.evidence,
    )
    with office.db.write() as conn:
        moved = deliveries.settle(conn, name, [settled], now)
        _follow_up(conn, office, name, moved, now)
    for each in moved:
        _log(name, each)
    return status if moved else delivery.status


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


def _verdict(
    office: Office, name: str, delivery: Delivery, found: Resolution, now: datetime
) -> tuple[Status, datetime | None, bool]:
    if found.resend:
        return Status.QUEUED, now, True
    if found.outcome is Outcome.UNAVAILABLE:
        return Status.QUEUED, now, False
    if found.outcome is Outcome.UNCERTAIN:
        if delivery.status is Status.HANDED and found.ask_again is None:
            return Status.UNCERTAIN, None, True
        later = None if found.ask_again is None else now + found.ask_again
        return delivery.status, later, delivery.maybe_sent
    status = after(found.outcome, now=now, tries=delivery.tries).status
    return status, _next_look(office, name, status, now), found.still_unknown


def _follow_up(conn: Connection, office: Office, name: str, moved: Sequence[Settled], now: datetime) -> None:
    """What a status brings with it: allowances given back, bundles split, the channel paused, a person told."""
    for each in moved:
        if each.status is Status.FAILED:
            _failed(conn, office, name, each, now)
        elif each.outcome is Outcome.MISCONFIGURED:
            facts.pause(conn, name, by="自动", reason=each.reason, now=now)
            label = office.setting(name).label
            facts.raise_alarm(conn, f"渠道:{name}", f"{label}已自动暂停：{each.reason}", now, channel=name)
        elif each.status is Status.QUEUED and each.delivery.tries == STUBBORN:
            text = f"{_named(conn, office, each.delivery)}，多次没有发出，仍在重试：{each.reason}"
            facts.raise_alarm(conn, f"受阻:{each.delivery.id}", text, now, channel=name)
        elif each.status is Status.UNCERTAIN and each.not_before is None:
            text = f"{_named(conn, office, each.delivery)}，结果待定：{each.reason}。{BY_HAND}"
            facts.raise_alarm(conn, f"待定:{each.delivery.id}", text, now, channel=name)
    if any(each.status in TAKEN for each in moved):
        facts.note_success(conn, name, now)
    elif any(each.status in (Status.FAILED, Status.QUEUED) for each in moved):
        facts.note_failure(conn, name)


def _failed(conn: Connection, office: Office, name: str, each: Settled, now: datetime) -> None:
    if not each.maybe_sent:
        quotas.give_back(conn, [each.delivery.push_id], returnable(office, name, each.delivery))
    if each.delivery.status is Status.ACCEPTED:
        deliveries.untake(conn, each.delivery.push_id)
    refused = each.outcome is Outcome.REFUSED and not each.delivery.maybe_sent
    if refused and each.delivery.pieces > 1 and placements.came_to_nothing(conn, each.delivery.push_id):
        placements.free(conn, each.delivery.push_id, now, alone=True)
    text = f"{_named(conn, office, each.delivery)}，失败：{each.reason}"
    facts.raise_alarm(conn, f"失败:{each.delivery.push_id}", text, now, channel=name)


def _named(conn: Connection, office: Office, delivery: Delivery) -> str:
    """A push as the people on duty know it: what it carries and where it goes."""
    target, carried = office.school.targets.get(delivery.target), placements.named(conn, delivery.push_id)
    what = named(*carried[0]) + (f"等 {len(carried)} 条" if len(carried) > 1 else "") if carried else ""
    return f"{what}发往{target.name if target else delivery.target}"


def _log(name: str, each: Settled) -> None:
    """One line an outcome; a retry is INFO, a final failure is ERROR."""
    level = logging.ERROR if each.status is Status.FAILED else logging.INFO
    extra = {"action": "outcome", "push_id": each.delivery.push_id, "channel": name, "outcome": str(each.outcome)}
    said = f"{WORDS[each.status]}（{each.reason}）" if each.reason else WORDS[each.status]
    log.log(level, "推送 %s %s：%s", each.delivery.push_id, each.delivery.target, said, extra=extra)
