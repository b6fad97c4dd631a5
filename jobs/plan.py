"""Plan: turn waiting placements (条次) into pushes (次), as the hours, the slots and the house's limits allow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from channels.base import SendError
from jobs.choose import choose_for, scarce_of
from jobs.links import address_of, links_for
from jobs.office import Office
from jobs.receivers import Receivers, receivers
from rules.bundle import RETRACTION, Bundle, Piece, push_key
from rules.dates import at, day_of
from rules.naming import named
from rules.origin import BOT
from rules.planner import FULL, Scarce
from rules.privacy import masked
from rules.routing import Target
from rules.waiting import Line
from store import facts, links, overtaken, placements, stand
from store import receivers as asked
from store.placements import Due

BY_CLOCK = "定时编排"


@dataclass
class Planned:
    """What one run came to: pushes (次) made, placements (条次) in them, placements that ended or wait."""

    pushes: int = 0
    placements: int = 0
    expired: int = 0
    waiting: int = 0


def plan(office: Office, now: datetime) -> Planned:
    """One bundle at most for each target and run; what does not fit waits with its reason."""
    done = Planned()
    _take_apart(office, now)
    with office.db.read() as conn:
        behind = any(not due.current for due in placements.waiting(conn, now))
    if behind:
        with office.db.write() as conn:
            overtaken.catch_up(conn, now)
    with office.db.read() as conn:
        by_target: dict[str, list[Due]] = {}
        for due in placements.waiting(conn, now):
            by_target.setdefault(due.target, []).append(due)
        targets = {
            n: target
            for n in by_target
            if (target := office.school.targets.get(n)) and target.channel in office.channels
        }
        midnight = at(day_of(now), time.min)
        names = {each.channel for each in targets.values()}
        lines = {name: placements.lines(conn, name, midnight) for name in names}
        scarce = {name: scarce_of(conn, office, name, now) for name in names}
    for number, dues in by_target.items():
        target = targets.get(number)
        if target is None:
            _explain(office, dues, dict.fromkeys((d.id for d in dues), "目标已不在登记册中，或其渠道未启用"))
            continue
        line = lines[target.channel].get(number, Line(0, None, False))
        scarce[target.channel] = _plan_target(office, target, dues, line, scarce[target.channel], now, done)
    return done


#: A push that is held up longer for want of a scarce send is planned anew.
HELD_UP = timedelta(hours=1)


def _take_apart(office: Office, now: datetime) -> None:
    """Pushes that wait for a scarce send while none is left: their pieces may go another way, and hold up no others."""
    for name in [each for each, channel in office.channels.items() if channel.limits.thrift is not None]:
        with office.db.read() as conn:
            spent = any(each.left == 0 for each in scarce_of(conn, office, name, now))
            found = [each for each in stand.unsent(conn, name) if not each.spared] if spent else []
        late = [each.push_id for each in found if each.not_before is not None and each.not_before > now + HELD_UP]
        if late:
            with office.db.write() as conn:
                for push_id in late:
                    placements.scrap(conn, push_id, "额度已用完，重新编排", now)


def _plan_target(
    office: Office, target: Target, dues: Sequence[Due], line: Line, scarce: tuple[Scarce, ...], now: datetime, done: Planned
) -> tuple[Scarce, ...]:  # fmt: skip
    """At most one push of a target; returns what its channel has left of its scarce sends."""
    dues = _in_time(office, target, dues, now, done)
    single = single_at(office, target, dues)
    found = choose_for(office, target, dues, line, now, single=single, scarce=scarce)
    reasons = dict(found.reasons)
    if found.picked:
        carried = _push_what_fits(office, target, found.picked, found.spared, now, reasons)
        done.pushes += bool(carried)
        done.placements += len(carried)
        reasons = {due.id: FULL for due in found.picked if due.id not in carried} | reasons
        if carried and not found.spared:
            scarce = tuple(replace(each, used=each.used + 1) for each in scarce)
    done.waiting += len(reasons)
    _explain(office, dues, reasons)
    return scarce


def single_at(office: Office, target: Target, dues: Sequence[Due]) -> set[int]:
    """What has receivers of its own among persons: what follows a first push, and what goes anew. It goes alone."""
    if not office.to_persons(target):
        return set()
    with office.db.read() as conn:
        again = asked.pushed_before(conn, [due.id for due in dues])
    return again | {due.id for due in dues if due.follows_id is not None}


def _push_what_fits(
    office: Office, target: Target, picked: Sequence[Due], spared: str, now: datetime, reasons: dict[int, str]
) -> set[int]:
    """One push with as many as the channel can show; those in it. One that fits nowhere waits a day and is told."""
    try:
        who = receivers(office, target, picked)
    except SendError as error:
        _nobody_known(office, target, picked, error, now, reasons)
        return set()
    if not who.addresses and not who.out_of_reach:
        with office.db.write() as conn:
            placements.end(conn, [due.id for due in picked], "cancelled", NOBODY_LEFT, now)
        return {due.id for due in picked}
    while picked:
        try:
            with office.db.write() as conn:
                made = make_push(
                    conn, office, target, picked, now, who.addresses, left_out=who.out_of_reach, spared=spared
                )
                if made is not None and who.out_of_reach:
                    _tell_out_of_reach(conn, target, picked, made, who, now)
            return {d.id for d in picked} if made is not None else set()
        except SendError as error:
            if len(picked) == 1:
                with office.db.write() as conn:
                    text = f"{named(picked[0].item_id, picked[0].title)}无法推送到 {target.name}：{error}"
                    facts.raise_alarm(conn, f"无法编排:{picked[0].id}", text, now)
                    placements.put_off(conn, picked[0].id, now + timedelta(days=1))
                reasons[picked[0].id] = f"该渠道放不下：{error}"
            picked = picked[: len(picked) // 2]
    return set()


#: Why a placement ends that has no receiver.
NOBODY_LEFT = "没有需要发的人：该收到的都已收到，或没有人收到过首发"


def _tell_out_of_reach(
    conn: Connection, target: Target, picked: Sequence[Due], push_id: int, who: Receivers, now: datetime
) -> None:
    """Who has the first push and cannot get what follows it is named to a person, who can still tell them."""
    names = "、".join(masked(address) for address in list(who.out_of_reach)[:10])
    many = f"{names} 等 {len(who.out_of_reach)} 人"
    why = next(iter(who.out_of_reach.values()))
    text = f"{named(picked[0].item_id, picked[0].title)}的{picked[0].purpose}（{target.name}，推送 {push_id}）发不到 {many}：{why}"
    facts.raise_alarm(conn, f"失败:{push_id}", text, now, channel=target.channel)


def _nobody_known(
    office: Office, target: Target, picked: Sequence[Due], error: SendError, now: datetime, reasons: dict[int, str]
) -> None:
    """Who is to get it cannot be told right now: it waits, and the people on duty hear of it once."""
    text = f"{target.name}的接收人暂时取不到：{error}"
    with office.db.write() as conn:
        facts.raise_alarm(conn, f"接收人:{target.number}", text, now)
        for due in picked:
            placements.put_off(conn, due.id, now + (error.retry_after or timedelta(minutes=10)))
    reasons |= dict.fromkeys((due.id for due in picked), text)


def _explain(office: Office, dues: Sequence[Due], reasons: dict[int, str]) -> None:
    """Write down why they wait, where that has changed."""
    written = {due.id: due.reason for due in dues}
    reasons = {n: why for n, why in reasons.items() if written[n] != why}
    if reasons:
        with office.db.write() as conn:
            placements.explain(conn, reasons)


def _in_time(office: Office, target: Target, dues: Sequence[Due], now: datetime, done: Planned) -> list[Due]:
    """Those that have not passed their own end; the others are ended here."""
    over = [due for due in dues if due.ends_on is not None and due.ends_on < day_of(now)]
    for due in over:
        _expire(office, target, due, now)
    done.expired += len(over)
    return [due for due in dues if due not in over]


def _expire(office: Office, target: Target, due: Due, now: datetime) -> None:
    with office.db.write() as conn:
        text = f"期限 {due.ends_on} 已过，不再推送"
        if placements.end(conn, [due.id], "expired", text, now):
            told = f"{named(due.item_id, due.title)}没有赶在期限前推送到{target.name}：{text}"
            facts.raise_alarm(conn, f"过期:{due.id}", told, now)


def make_push(
    conn: Connection, office: Office, target: Target, dues: Sequence[Due], now: datetime, addresses: Sequence[str],
    *, by: str = BY_CLOCK, resend_of: int | None = None, left_out: Mapping[str, str] | None = None,
    spared: str = "",
) -> int | None:  # fmt: skip
    """Render and store one push to these addresses; None if another process took one of its placements first.

    `left_out`: who should get it and does not by this push, each with why. `spared`: why no scarce send is spent on it.
    """
    ids = [d.id for d in dues]
    if not placements.lock(conn, ids):
        return None
    key = push_key(target.number, ids, placements.times_pushed(conn, ids))
    made = links_for(office, target, dues)
    pieces = tuple(piece_of(d, address_of(office, d, made)) for d in dues)
    bundle = Bundle(key=key, school=office.school.name, pieces=pieces, spared=spared)
    content = office.channels[target.channel].render(bundle, target)
    body = json.dumps(content.payload, ensure_ascii=False, sort_keys=True)
    values = {
        "push_key": key, "channel": target.channel, "target": target.number, "target_name": target.name,
        "audience": target.audience, "origin": BOT, "resend_of": resend_of,
        "urgent": any(d.urgent for d in dues), "text": content.text, "payload": dict(content.payload),
        "bytes": content.bytes, "sha256": hashlib.sha256(body.encode()).hexdigest(), "shortened": content.shortened,
        "made_by": by,
    }  # fmt: skip
    with conn.begin_nested() as savepoint:
        push_id = placements.add_push(conn, values, ids, addresses, now, left_out)
        if push_id is None:
            savepoint.rollback()
        else:
            links.add(conn, push_id, list(made.values()), now)
    return push_id


#: What a 撤回 says below the title: never again what it takes back.
TAKEN_BACK = "此前推送的本条信息现予撤回，请勿再转发或引用。"


def piece_of(due: Due, url: str) -> Piece:
    """A placement as its readers see it; `url`: the item's page, or the short link to it."""
    if due.purpose == RETRACTION:
        return Piece(
            placement=due.id, title=due.title, summary=TAKEN_BACK, department=due.department, purpose=due.purpose, urgent=True
        )  # fmt: skip
    return Piece(
        placement=due.id,
        title=due.title,
        summary=due.summary,
        url=url,
        department=due.department,
        purpose=due.purpose,
        body=due.body,
        notice=due.is_notice,
        urgent=due.urgent,
    )
