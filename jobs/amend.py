"""Amend: follow an item to every place it reached, to take it back (撤回) or to put it right (更正). Orders of a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from channels.base import Recalls
from jobs.office import Office
from jobs.orders import stop_unsent
from rules.amend import DONE, HANDED, QUEUED, REFUSED, TAKEN_DOWN, Means, Step, Way, way_back
from rules.audience import fence
from rules.bundle import CORRECTION, RETRACTION
from rules.dates import day_of
from rules.item import gate
from rules.naming import named
from rules.place import WEBSITE
from rules.states import TAKEN, Status
from store import facts, history, items, placements, recalls
from store import orders as asked
from store.recalls import Order, Standing


@dataclass(frozen=True)
class Place:
    """What is done about an item at one target, and why; `number`: of the order, where there is one."""

    target: str
    way: Way
    reason: str
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Retracted:
    """What an order to take an item back came to. `why_not`: it was given before, nothing has changed."""

    why_not: str = ""
    #: Placements (条次) that had not left and never will.
    stopped: int = 0
    places: Sequence[Place] = ()


def means_of(office: Office, standing: Standing) -> Means:
    """What the channel of a push offers for taking it back."""
    channel = office.channels.get(standing.channel)
    if channel is None:
        return Means(obstacle="其渠道未启用")
    limits = channel.limits
    return Means(
        recall=limits.recall if isinstance(channel, Recalls) else None,
        pieces=limits.recalls_pieces,
        notice=limits.exposure is None,
        obstacle=obstacle(office, standing, standing.audience),
    )


def obstacle(office: Office, standing: Standing, scope: Iterable[str]) -> str:
    """Why nothing may be sent after it to the same target; empty if it may.

    Not to an address that never had it, nor across the fence as the register stands now.
    """
    target = office.school.targets.get(standing.target)
    if target is None or target.channel != standing.channel or target.channel not in office.channels:
        return "目标已不在登记册中，或其渠道未启用"
    if standing.push_id is not None and not office.to_persons(target) and standing.address != target.address:
        return "目标的地址此后有变更"
    verdict = fence(office.school.audiences, scope, target.audience, office.exposure(target))
    return "" if verdict.permitted else verdict.reason


def retract(office: Office, item_id: int, person: str, reason: str) -> Retracted:
    """Nothing more of the item leaves; what has left is taken back wherever it arrived, and nowhere else."""
    now = office.now()
    why = f"{person} 撤回：{reason}"
    with office.db.write() as conn:
        before = asked.stoppable(conn, item_id).stopped
        stopped = stop_unsent(conn, item_id, why, now)
        found = [each for each in recalls.of_item(conn, item_id) if not recalls.ordered(conn, each, RETRACTION)]
        places = [place for each in found if (place := _take_back(conn, office, each, person, now)) is not None]
        if before and not (stopped or places):
            return Retracted(why_not=before)
        if not before:
            items.stop(conn, item_id, why)
        items.set_changed(conn, item_id, None)
        facts.bump_orders(conn)
        facts.record_act(conn, person=person, act=RETRACTION, subject=f"条目 {item_id}", reason=reason, now=now)
    return Retracted(stopped=stopped, places=places)


def _take_back(conn: Connection, office: Office, standing: Standing, person: str, now: datetime) -> Place | None:
    """One push: an order for the recall job, or what is done instead at once. None: nothing is there."""
    step = way_back(standing.gone, means_of(office, standing), now)
    if step.way is Way.NOTHING:
        return None
    if step.way in (Way.RECALL, Way.WAIT):
        return Place(standing.target, step.way, step.reason, _order(conn, standing, QUEUED, step, person, now))
    if step.way is Way.NOTICE:
        told = notify(conn, standing, person, now)
        return Place(standing.target, step.way, step.reason) if told else None
    if standing.push_id is None:
        fresh = _tell(conn, office, standing, f"撤回:条次{standing.placement_id}", step.reason, now)
        return Place(standing.target, step.way, step.reason) if fresh else None
    number = _order(conn, standing, HANDED, step, person, now)
    if number is not None:
        tell_person(conn, office, standing, number, RETRACTION, step.reason, now)
    return Place(standing.target, step.way, step.reason, number)


def _order(conn: Connection, standing: Standing, status: str, step: Step, person: str, now: datetime) -> int | None:
    return recalls.add(conn, standing, kind=RETRACTION, status=status, reason=step.reason, person=person, now=now)


def notify(conn: Connection, standing: Standing, person: str, now: datetime) -> bool:
    """A 撤回 to the place that has it, confirmed by the order itself; False if one of this or a later version goes there."""
    if recalls.noticed(conn, standing.item_id, standing.target, standing.version):
        return False
    about = (standing.first_id, standing.version_id, RETRACTION, standing.version)
    return placements.place_after(conn, *about, now, confirmed_by=person) is not None


def tell_person(
    conn: Connection, office: Office, standing: Standing, number: int, kind: str, reason: str, now: datetime
) -> None:
    """A task for a person: where, what, why, and how it is closed."""
    done = f"。处理完后运行 python bot.py recalls done {number}"
    _tell(conn, office, standing, alarm_of(number), f"{reason}{done}", now, kind)


def alarm_of(number: int) -> str:
    """The subject of the alarm that belongs to an order."""
    return f"撤回:{number}"


def _tell(
    conn: Connection, office: Office, standing: Standing, subject: str, why: str, now: datetime, kind: str = RETRACTION
) -> bool:
    target = office.school.targets.get(standing.target)
    name = target.name if target else standing.target
    push = f"推送 {standing.push_id}" if standing.push_id is not None else "人工补录"
    what = "公示期满，须由人撤下" if kind == TAKEN_DOWN else "须由人撤回"
    text = f"{named(standing.item_id, standing.title)}在{name}（{push}）{what}：{why}"
    return facts.raise_alarm(conn, subject, text, now, channel=standing.channel)


def close_by_person(office: Office, number: int, person: str) -> Order | None:
    """A person has taken it back by hand: the order is done. None if it is not a person's (any more)."""
    now = office.now()
    with office.db.write() as conn:
        order = recalls.get(conn, number)
        if order is None or order.status != HANDED:
            return None
        reason = f"{person} 已人工处理"
        if not recalls.close(conn, order, DONE, reason, now, by=person):
            return None
        gone = recalls.standing_of(conn, order).gone
        recalls.take_back(conn, order, 0 if gone.pieces == 1 else gone.position, reason, person, now)
        facts.clear_alarm(conn, alarm_of(number), now)
        facts.record_act(conn, person=person, act=f"{order.kind} 已办", subject=f"指令 {number}", now=now)
    return order


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What an order to correct an item came to. `why_not`: nothing has changed, and why."""

    why_not: str = ""
    targets: Sequence[str] = ()
    #: Targets that have an older version and get no 更正, with the reason; the item stays 已变更.
    behind: Sequence[tuple[str, str]] = ()


def correct(office: Office, item_id: int, person: str, reason: str) -> Corrected:
    """更正 of the current version to each target that has an older one; it waits for its confirmation like any other."""
    now = office.now()
    with office.db.write() as conn:
        item = history.item(conn, item_id)
        if item is None:
            return Corrected(why_not="没有这个条目")
        opened = gate(item.disclosure, item.audience, item.review, item.stopped or item.hold, day_of(now))
        if not opened.open:
            return Corrected(why_not=f"新版本还不能推送：{opened.reason}")
        # The school's own page is put right by its editors: nothing can be sent after it.
        latest = _latest(each for each in recalls.of_item(conn, item_id) if each.channel != WEBSITE)
        older = [each for each in latest if each.version < item.version]
        whys = {each.target: _why_behind(office, each, item.audience) for each in older}
        able = [each for each in older if not whys[each.target]]
        version_id = asked.current_version(conn, item_id)
        told = [
            each.target
            for each in able
            if placements.place_after(conn, each.first_id, version_id, CORRECTION, item.version, now) is not None
        ]
        behind = [(target, why) for target, why in whys.items() if why]
        if not told and (behind or item.changed_at is None):
            return Corrected(why_not="没有需要更正的目标" if not older else "没有新的更正", behind=behind)
        if not behind:
            items.set_changed(conn, item_id, None)
        facts.record_act(conn, person=person, act=CORRECTION, subject=f"条目 {item_id}", reason=reason, now=now)
    return Corrected(targets=told, behind=behind)


def _latest(found: Iterable[Standing]) -> list[Standing]:
    """For each target the newest version that is, or may be, there; `found` is sorted by version."""
    there: dict[str, Standing] = {}
    for each in found:
        arrived = each.gone.statuses & TAKEN and not each.gone.taken_back
        old = there.get(each.target)
        if old is None and (arrived or each.gone.statuses & _MAY_BE):
            there[each.target] = each
    return list(there.values())


_MAY_BE = frozenset({Status.HANDED, Status.SENDING, Status.UNCERTAIN})


def _why_behind(office: Office, standing: Standing, scope: Iterable[str]) -> str:
    """Why a target that has, or may have, an older version gets no 更正; empty if it does."""
    if not standing.gone.statuses & TAKEN:
        handed = Status.HANDED in standing.gone.statuses
        open_end = "旧版本结果待定，请先判断：python bot.py uncertain"
        return "旧版本还在草稿箱或办理人手中，尚未公开，请改用新版本办理" if handed else open_end
    return obstacle(office, standing, scope)


def fall_back(conn: Connection, office: Office, order: Order, standing: Standing, step: Step, now: datetime) -> None:
    """The vendor does not take it back: a notice where one can follow a 撤回, else a task for a person."""
    notice = step.way is Way.NOTICE and order.kind == RETRACTION
    if not recalls.close(conn, order, REFUSED if notice else HANDED, step.reason, now):
        return
    if notice:
        notify(conn, standing, order.ordered_by, now)
    else:
        tell_person(conn, office, standing, order.id, order.kind, step.reason, now)
