"""Orders of persons: pause, resume, confirm, cancel, send again. Each is written down with who, when and why."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from channels.base import Resolution
from jobs.office import Office
from jobs.plan import make_push, why_held
from jobs.settle import settle_resolution
from rules.outcome import Outcome
from rules.states import Basis, Status
from store import deliveries, facts, items, placements
from store import tables as t
from store.deliveries import Delivery
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
class Cancelled:
    """What a cancel could stop, and where it came too late."""

    placements: int = 0
    too_late: list[str] = field(default_factory=list)


def cancel(office: Office, item_id: int, person: str, reason: str) -> Cancelled:
    """Nothing more of the item leaves; what has left or may have left is named."""
    now, done = office.now(), Cancelled()
    why = f"{person} 取消" + (f"：{reason}" if reason else "")
    with office.db.write() as conn:
        for push_id in placements.unsent_pushes_of(conn, item_id):
            placements.scrap(conn, push_id, why, now)
        for each in placements.of_item(conn, item_id):
            if each.push_id is not None:
                done.too_late.append(each.target)
            elif not each.ended:
                done.placements += placements.end(conn, [each.id], "cancelled", why)
        items.stop(conn, item_id, why)
        facts.bump_orders(conn)
        facts.record_act(conn, person=person, act="取消", subject=f"条目 {item_id}", reason=reason, now=now)
    return done


def day_list(office: Office) -> list[Due]:
    """What waits for a person's confirmation and nothing else: 当天清单."""
    with office.db.read() as conn:
        waiting = placements.waiting(conn, office.now())
    targets = office.school.targets
    confirmed_only = [d for d in waiting if not d.confirmed and d.target in targets]
    held = "确认模式"
    return [d for d in confirmed_only if (why_held(office, targets[d.target], d) or held).startswith(held)]


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


def send_again(office: Office, push_id: int, person: str) -> int | None:
    """A new push with the same placements, only to the addresses that did not get it. None if there is nothing to do."""
    now = office.now()
    d = t.deliveries.c
    with office.db.write() as conn:
        failed = (d.push_id == push_id, d.status == Status.FAILED, d.maybe_sent.is_(False))
        addresses = list(conn.scalars(select(d.address).where(*failed).order_by(d.id)))
        dues = placements.carried(conn, [push_id])[push_id]
        live = [due for due in dues if placements.live_push(conn, due.id) == push_id]
        target = office.school.targets.get(dues[0].target) if dues else None
        if not addresses or not live or target is None or target.channel not in office.channels:
            return None
        placements.free(conn, push_id, alone=False)
        again = make_push(conn, office, target, live, now, by=person, resend_of=push_id, addresses=addresses)
        facts.record_act(conn, person=person, act="补推", subject=f"推送 {push_id}", now=now)
    return again


@dataclass(frozen=True)
class Unclear:
    """A delivery whose end only a person can tell, with the evidence."""

    delivery: Delivery
    channel: str
    titles: tuple[str, ...]
    reason: str


def unclear(office: Office) -> list[Unclear]:
    """Uncertain deliveries, oldest first."""
    d, p, pp, v = t.deliveries.c, t.placements.c, t.push_placements.c, t.versions.c
    found = []
    with office.db.read() as conn:
        for row in conn.execute(
            select(d.id, d.channel, d.reason).where(d.status == Status.UNCERTAIN).order_by(d.id)
        ).all():
            delivery = deliveries.get(conn, row.id)
            assert delivery is not None
            titles = (
                select(v.title)
                .join(t.placements, p.version_id == v.id)
                .join(t.push_placements, pp.placement_id == p.id)
            )
            ordered = titles.where(pp.push_id == delivery.push_id).order_by(pp.position)
            found.append(Unclear(delivery, row.channel, tuple(conn.scalars(ordered)), row.reason))
    return found


#: A person's judgment on an uncertain delivery.
JUDGMENTS = {
    "delivered": Resolution(outcome=Outcome.DELIVERED, reason="人工核实：已发出", basis=Basis.POSTED),
    "resend": Resolution(outcome=Outcome.UNAVAILABLE, reason="人工核实：没有发出，重新发送"),
    "drop": Resolution(outcome=Outcome.REFUSED, reason="人工决定：不再发送", still_unknown=True),
}


def judge(office: Office, delivery_id: int, judgment: str, person: str) -> Status | None:
    """Settle an uncertain delivery by a person's word; None if it is not uncertain (any more)."""
    with office.db.read() as conn:
        delivery = deliveries.get(conn, delivery_id)
        row = conn.execute(select(t.deliveries.c.channel).where(t.deliveries.c.id == delivery_id)).first()
    if delivery is None or row is None or delivery.status is not Status.UNCERTAIN:
        return None
    status = settle_resolution(office, row.channel, delivery, JUDGMENTS[judgment], person)
    now = office.now()
    with office.db.write() as conn:
        facts.clear_alarm(conn, f"待定:{delivery_id}", now)
        subject = f"投递 {delivery_id}"
        facts.record_act(conn, person=person, act=f"判断 {judgment}", subject=subject, now=now)
    return status
