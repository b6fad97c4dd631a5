"""Recall: work off the orders to take back what has left, and order down what is over (公示期满).

A recall is harmless to repeat, so the call is made outside any transaction and what came of it is written afterwards:
a process killed between the two asks the vendor once more.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.base import Attempt, Follows, Recalls, SendError, Stands
from jobs.amend import fall_back, means_of
from jobs.office import Office
from jobs.track import attempt_of
from rules.amend import DONE, QUEUED, TAKEN_DOWN, Step, Way, instead, next_try, undecided, way_back
from rules.dates import day_of
from rules.outcome import Outcome, wait_after
from rules.states import Status
from store import deliveries, facts, recalls
from store.deliveries import Delivery
from store.recalls import Order, Standing

log = logging.getLogger("xxgk.recall")

#: The vendor may do it later, or has perhaps done it already.
AGAIN = frozenset({Outcome.UNAVAILABLE, Outcome.THROTTLED, Outcome.UNCERTAIN, Outcome.MISCONFIGURED})
#: How long until something of unknown end is looked at again.
UNCLEAR = timedelta(minutes=1)
PARTLY = "已发出的已撤回，其余结果待定，查明后继续撤回"
#: A vendor that is followed has told by then what an accepted push is called.
SETTLED = timedelta(hours=1)
#: Who orders what is over down.
BY_TERM = "公示期满"


@dataclass
class Recalled:
    """What one run came to, in orders."""

    recalled: int = 0
    noticed: int = 0
    by_hand: int = 0
    again: int = 0


def recall(office: Office, name: str) -> Recalled:
    """One channel's orders. A pause stops what the bot takes down by itself, never a person's order."""
    done, now = Recalled(), office.now()
    with office.db.read() as conn:
        due = recalls.due(conn, name, now)
        paused = facts.channel_state(conn, name).paused_at is not None if due else False
    for order in due:
        if not (paused and order.kind == TAKEN_DOWN):
            _work_off(office, order, done)
    return done


def _work_off(office: Office, order: Order, done: Recalled) -> None:
    """Decide anew, as it stands now; then the call, or what is left instead of it."""
    now = office.now()
    with office.db.read() as conn:
        standing = recalls.standing_of(conn, order)
        found = [deliveries.get(conn, each) for each in recalls.calls(conn, order.push_id)]
        calls = [(each, attempt_of(conn, each)) for each in found if each is not None]
    step = way_back(standing.gone, means_of(office, standing), now)
    if step.way is Way.RECALL:
        _call(office, order, standing, step, calls, done)
        return
    with office.db.write() as conn:
        if step.way is Way.NOTHING:
            recalls.close(conn, order, DONE, step.reason, now)
        elif step.way is Way.WAIT:
            recalls.put_off(conn, order.id, now + UNCLEAR, step.reason, tried=False)
        else:
            fall_back(conn, office, order, standing, step, now)
            _count(done, order, step)


def _call(
    office: Office, order: Order, standing: Standing, step: Step, calls: list[tuple[Delivery, Attempt]], done: Recalled
) -> None:
    """Each call of the push is taken back by itself; what one of them has come to is kept whatever the others say.

    Of a push of several calls a part may still be on its way: the order then stays open until that has ended too.
    """
    channel = office.channels[standing.channel]
    assert isinstance(channel, Recalls)
    said, errors = "", []
    for delivery, attempt in calls:
        try:
            sent = channel.retract(attempt, step.piece)
        except SendError as error:
            errors.append(error)
            continue
        except Exception as error:
            log.exception("撤回推送 %s 时程序出错", order.push_id)
            errors.append(SendError(Outcome.UNCERTAIN, f"撤回时程序出错（{type(error).__name__}）"))
            continue
        said = sent.reason or "已撤回"
        with office.db.write() as conn:
            word = (order, step.piece, said, order.kind, office.now())
            recalls.take_back(conn, *word, vendor_id=delivery.vendor_id)
    with office.db.read() as conn:
        left = recalls.standing_of(conn, order)
    if errors:
        later = [each for each in errors if each.outcome in AGAIN]
        _refused(office, order, left, (later or errors)[0], done)
        return
    with office.db.write() as conn:
        if undecided(left.gone):
            recalls.put_off(conn, order.id, office.now() + UNCLEAR, PARTLY, tried=False)
            done.again += 1
            return
        recalls.close(conn, order, DONE, said or step.reason, office.now())
    log.info("推送 %s %s：%s", order.push_id, order.kind, said)
    done.recalled += 1


def _refused(office: Office, order: Order, standing: Standing, error: SendError, done: Recalled) -> None:
    """Later, while the vendor may still do it; otherwise what is left."""
    now = office.now()
    with office.db.write() as conn:
        if error.outcome in AGAIN or _settling(office, standing, now):
            wait = error.retry_after or wait_after(order.tries + 1)
            again = next_try(standing.gone, means_of(office, standing), now, wait)
            recalls.put_off(conn, order.id, again, f"{error}；稍后再试", tried=True, raw=error.raw)
            done.again += 1
            return
        step = instead(standing.gone, means_of(office, standing), str(error))
        fall_back(conn, office, order, standing, step, now)
    _count(done, order, step)


def _settling(office: Office, standing: Standing, now: datetime) -> bool:
    """True while the vendor is still at work on the push: what it does not know yet it cannot take back yet."""
    begun, followed = standing.gone.begun_at, isinstance(office.channels[standing.channel], Follows)
    return followed and Status.ACCEPTED in standing.gone.statuses and begun is not None and now - begun < SETTLED


def _count(done: Recalled, order: Order, step: Step) -> None:
    notice = step.way is Way.NOTICE and order.kind != TAKEN_DOWN
    done.noticed += notice
    done.by_hand += not notice


def take_down(office: Office, name: str) -> int:
    """公示 whose term is over come down from where the bot put them, however long ago it ended; ordered once. Returns orders.

    By the vendor where it can take down one piece, by a person where it hangs or stands; what was said in a group is over.
    """
    channel = office.channels[name]
    by_vendor = isinstance(channel, Recalls) and channel.limits.recalls_pieces
    if not (office.school.take_down and (by_vendor or isinstance(channel, Stands))):
        return 0
    with office.db.read() as conn:
        found = recalls.over(conn, name, day_of(office.now()))
    return sum(_order_down(office, each, office.now()) for each in found if by_vendor or _stands(office, each))


def _stands(office: Office, standing: Standing) -> bool:
    channel, target = office.channels[standing.channel], office.school.targets.get(standing.target)
    return isinstance(channel, Stands) and target is not None and channel.stands(target)


def _order_down(office: Office, standing: Standing, now: datetime) -> bool:
    step = way_back(standing.gone, means_of(office, standing), now)
    if step.way in (Way.NOTHING, Way.WAIT):
        return False
    with office.db.write() as conn:
        how = {"kind": TAKEN_DOWN, "status": QUEUED, "reason": BY_TERM, "person": BY_TERM}
        number = recalls.add(conn, standing, **how, now=now)
        if number is not None:
            subject = f"条目 {standing.item_id}"
            facts.record_act(conn, person="公开达", act=TAKEN_DOWN, subject=subject, reason=BY_TERM, now=now)
    return number is not None
