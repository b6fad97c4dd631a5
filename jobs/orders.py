"""Orders of persons: pause, resume, confirm, cancel, send again. Each is written down with who, when and why."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from jobs.choose import why_held
from jobs.office import Office
from jobs.plan import make_push
from jobs.receivers import reopened
from rules.backlog import Policy
from rules.bundle import FIRST, RETRACTION
from rules.dates import SHANGHAI, day_of
from rules.routing import Target
from rules.states import Status
from rules.waiting import CONFIRM
from store import deliveries, facts, items, late, placements, stand
from store import orders as asked
from store.orders import Left
from store.placements import Due

ALL = "all"


def whoami() -> str:
    """The system user who gives the order."""
    return getpass.getuser()


def pause(office: Office, name: str, person: str, reason: str) -> list[str]:
    """Stop one channel or all of them before the next call; returns those that were not paused already."""
    now = office.now()
    names = list(office.channels) if name == ALL else [name]
    with office.db.write() as conn:
        facts.ensure_channels(conn, office.channels)
        stopped = [n for n in names if facts.pause(conn, n, by=person, reason=reason or "人工暂停", now=now)]
        facts.record_act(conn, person=person, act="暂停", subject=name, reason=reason, now=now)
    return stopped


def resume(office: Office, name: str, person: str) -> list[str]:
    """Let channels go on; returns those that were paused."""
    now = office.now()
    names = list(office.channels) if name == ALL else [name]
    with office.db.write() as conn:
        going = [n for n in names if facts.resume(conn, n)]
        for each in going:
            facts.clear_alarm(conn, f"渠道:{each}", now)
        facts.record_act(conn, person=person, act="恢复", subject=name, now=now)
    return going


@dataclass
class Whither:
    """Where an item has gone, whatever is cancelled now."""

    #: Targets that have it; that may have it; where a person holds it, to be sent by hand.
    have: list[Left] = field(default_factory=list)
    unsure: list[Left] = field(default_factory=list)
    handed: list[Left] = field(default_factory=list)
    #: Targets that surely did not get it, or not all of them: a resend is still possible.
    failed: list[Left] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """What a cancel came to: 条次 that do not leave any more. `why_not`: nothing was left to stop, nothing has changed."""

    why_not: str = ""
    placements: int = 0
    left: Whither = field(default_factory=Whither)


def cancel(office: Office, item_id: int, person: str, reason: str) -> Cancelled:
    """Nothing more of the item leaves. Where all of it has left already there is nothing to stop: nothing changes."""
    now = office.now()
    why = f"{person} 取消" + (f"：{reason}" if reason else "")
    with office.db.write() as conn:
        item = asked.stoppable(conn, item_id)
        if item.stopped:
            return Cancelled(why_not=f"已经取消过（{item.stopped}）")
        done = stop_unsent(conn, item_id, why, now)
        left = _sorted_out(asked.carried(conn, item_id))
        if not (done or item.unrouted or left.unsure or left.failed):
            return Cancelled(why_not="没有尚未发出的条次", left=left)
        items.stop(conn, item_id, why)
        facts.bump_orders(conn)
        facts.record_act(conn, person=person, act="取消", subject=f"条目 {item_id}", reason=reason, now=now)
    return Cancelled(placements=done, left=left)


def stop_unsent(conn: Connection, item_id: int, why: str, now: datetime) -> int:
    """What of an item has not left never will; a 撤回 still follows what has. Returns how many placements (条次)."""
    for push_id in placements.unsent_pushes_of(conn, item_id):
        if not placements.scrap(conn, push_id, why, now) and asked.carries_only(conn, push_id, item_id):
            deliveries.leave_out(conn, push_id, why, now)
    mine = [p for p in placements.of_item(conn, item_id) if p.purpose != RETRACTION]
    return placements.end(conn, [p.id for p in mine if p.push_id is None and not p.ended], "cancelled", why, now)


def _sorted_out(found: Sequence[Left]) -> Whither:
    """Each target of an item by what its push came to; the doubtful before the certain."""
    groups = Whither()
    for each in found:
        if each.statuses & {Status.QUEUED, Status.SENDING, Status.UNCERTAIN}:
            groups.unsure.append(each)
        elif Status.HANDED in each.statuses:
            groups.handed.append(each)
        else:
            (groups.failed if Status.FAILED in each.statuses else groups.have).append(each)
    return groups


@dataclass(frozen=True)
class TakenUp:
    """What taking an item up again came to, in placements (条次): waiting again, and past their own end."""

    placements: int
    expired: int


def take_up(office: Office, item_id: int, person: str) -> TakenUp | None:
    """The clerk changed her mind: what her order stopped waits again, to be confirmed anew. None if nothing was stopped.

    A cancelled delivery stays cancelled (rules/states): its placement gets a push of its own. What has passed its own
    end meanwhile stays cancelled.
    """
    now = office.now()
    with office.db.write() as conn:
        order = asked.stoppable(conn, item_id).stopped
        if not order:
            return None
        again, expired = placements.take_up(conn, item_id, order, day_of(now))
        items.stop(conn, item_id, "")
        facts.bump_orders(conn)
        facts.record_act(conn, person=person, act="恢复", subject=f"条目 {item_id}", now=now)
    return TakenUp(again, expired)


def hurry(office: Office, item_id: int, person: str, why: str) -> None:
    """紧急: the item goes at any hour, whatever time was set for it before; who ordered it and why is kept.

    An empty reason takes the order back.
    """
    now = office.now()
    with office.db.write() as conn:
        asked.hurry(conn, item_id, person, why, now if why else None)
        if why:  # it is her decision on what an outage made late, too
            asked.schedule(conn, item_id, None)
            late.mark(conn, [each.id for each in late.waiting(conn, [item_id])], Policy.SEND)
        _bundle_anew(conn, item_id, "紧急推送，重新编排" if why else "不再紧急，重新编排", now)
        act = "紧急" if why else "取消紧急"
        facts.record_act(conn, person=person, act=act, subject=f"条目 {item_id}", reason=why, now=now)


def schedule(office: Office, item_id: int, person: str, when: datetime | None) -> None:
    """定时: the item does not go before this moment, and then at once, in the hours; None: as the slots allow."""
    now = office.now()
    with office.db.write() as conn:
        asked.schedule(conn, item_id, when)
        _bundle_anew(conn, item_id, "推送时间已改，重新编排", now)
        said = f"{when.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if when else "不定时"
        facts.record_act(conn, person=person, act="定时", subject=f"条目 {item_id}", reason=said, now=now)


def _bundle_anew(conn: Connection, item_id: int, why: str, now: datetime) -> None:
    """What has not left is bundled again: it may not travel with what waits for another hour."""
    for push_id in placements.unsent_pushes_of(conn, item_id):
        placements.scrap(conn, push_id, why, now)
    facts.bump_orders(conn)


def day_list(office: Office) -> list[Due]:
    """What waits for a person's confirmation and nothing else: 当天清单."""
    with office.db.read() as conn:
        waiting = placements.waiting(conn, office.now())
    targets = office.school.targets
    confirmed_only = [d for d in waiting if not d.confirmed and d.target in targets]
    return [d for d in confirmed_only if (why_held(office, targets[d.target], d) or CONFIRM).startswith(CONFIRM)]


def list_number(dues: Sequence[Due]) -> str:
    """The number of a list: the same rows in the same versions have the same one."""
    return _seen(dues)[:8]


def _seen(dues: Sequence[Due]) -> str:
    text = "\n".join(f"{d.id} {d.version_id} {d.target} {d.title}" for d in dues)
    return hashlib.sha256(text.encode()).hexdigest()


def confirm(office: Office, dues: Sequence[Due], person: str) -> int:
    """A person has seen this list and lets it go. Returns how many placements (条次)."""
    now = office.now()
    with office.db.write() as conn:
        done = placements.confirm(conn, dues, person, now)
        facts.record_act(conn, person=person, act="确认", subject=f"{done} 条次", digest=_seen(dues), now=now)
    return done


#: Why somebody who has not got a push is left out of its resend.
NOT_ASKED = "此前没有收到；这一次补推只发给指定的接收人"


def send_again(office: Office, push_id: int, person: str, only: Collection[str] = ()) -> int | None:
    """A new push with the same placements, only to the addresses that did not get it. None if there is nothing to do.

    `only`: of these no others than those spelt so, sealed or not; the rest stays failed in the new push too, so that
    the push a placement lives in always knows everybody who still lacks it.
    """
    now = office.now()
    with office.db.read() as conn:
        missed = asked.missed(conn, push_id)
        dues = placements.carried(conn, [push_id])[push_id]
    target = office.school.targets.get(dues[0].target) if dues else None
    if not missed or target is None or target.channel not in office.channels:
        return None
    opened = reopened(office, target, missed)
    wanted = {
        old: new for old, new in opened.items() if new and (not only or spelt(office, target.channel, old) & set(only))
    }
    rest = {old: NOT_ASKED for old in opened if old not in wanted} if only else {}
    with office.db.write() as conn:
        live = [due for due in dues if asked.live_push(conn, due.id) == push_id]
        if not wanted or not live:
            return None
        placements.free(conn, push_id, now, alone=False)
        again = make_push(
            conn, office, target, live, now, list(wanted.values()), by=person, resend_of=push_id, left_out=rest,
            spared=stand.spared(conn, [push_id]).get(push_id, ""),
        )  # fmt: skip
        facts.record_act(conn, person=person, act="补推", subject=f"推送 {push_id}", now=now)
    return again


def spelt(office: Office, channel: str, address: str) -> set[str]:
    """The ways an address may stand in a delivery, in small letters."""
    return {address.lower(), office.kept(channel, address).lower()}


@dataclass(frozen=True, kw_only=True)
class Spared:
    """What sending a push to its target's spare came to: the new push, or None and why; what stayed behind, and why."""

    push_id: int | None = None
    target: Target | None = None
    why_not: str = ""
    left: tuple[tuple[str, str], ...] = ()


def send_to_spare(office: Office, push_id: int, person: str) -> Spared:
    """What nobody got at the first target goes to its spare, as a resend linked to the first push; the fence is asked."""
    now = office.now()
    with office.db.read() as conn:
        dues = placements.carried(conn, [push_id])[push_id]
    spare, why_not = _spare_of(office, dues)
    if spare is None:
        return Spared(why_not=why_not)
    addresses = office.addresses(spare)
    with office.db.write() as conn:
        if not asked.nobody_got(conn, push_id):
            return Spared(why_not="已有人收到，或结果待定，发到备用目标会重复")
        left, able = _fit_for(conn, office, spare, dues, push_id, person, now)
        if not able:
            return Spared(target=spare, why_not="没有可以发到备用目标的条目", left=tuple(left))
        again = make_push(conn, office, spare, able, now, addresses, by=person, resend_of=push_id)
        facts.record_act(conn, person=person, act="补推", subject=f"推送 {push_id}，备用目标 {spare.number}", now=now)
    busy = "" if again is not None else "另一个程序正在处理这些条目，请稍后再试"
    return Spared(push_id=again, target=spare, why_not=busy, left=tuple(left))


def _spare_of(office: Office, dues: Sequence[Due]) -> tuple[Target | None, str]:
    """The spare of the target a push went to, or why there is none."""
    first = office.school.targets.get(dues[0].target) if dues else None
    if first is None:
        return None, "原目标已不在登记册中"
    spare = office.school.targets.get(first.spare)
    if spare is None:
        return None, f"{first.name}（{first.number}）没有登记备用目标（targets.csv 的“备用”列）"
    if spare.channel not in office.channels:
        return None, f"备用目标 {spare.name}（{spare.number}）的渠道没有启用"
    return spare, ""


def _fit_for(
    conn: Connection, office: Office, spare: Target, dues: Sequence[Due], push_id: int, person: str, now: datetime
) -> tuple[list[tuple[str, str]], list[Due]]:
    """Of what a push carries: titles that stay behind, each with its reason, and what is placed at the spare now."""
    left: list[tuple[str, str]] = []
    taken: list[Due] = []
    most = office.channels[spare.channel].limits.pieces
    for due in dues:
        why = why_held(office, spare, due)
        if due.purpose != FIRST:
            why = "更正和撤回只发往原来的目标"
        elif asked.live_push(conn, due.id) != push_id:
            why = "已经重新编排或补推过"
        elif len(taken) >= most:
            why = f"备用目标一次最多 {most} 条，请再运行一次"
        if not why and not asked.stand_in(conn, due, spare.number, spare.channel, person, now):
            why = "备用目标已有这一条，或正在等待推送"
        left += [(due.title, why)] if why else []
        taken += [] if why else [due]
    items_taken = {due.item_id for due in taken}
    there = [d for d in placements.waiting(conn, now) if d.target == spare.number and d.item_id in items_taken]
    return left, there
