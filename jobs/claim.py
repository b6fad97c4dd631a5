"""Claim: take what may leave, in one commit with its attempts and its allowances; ask every question once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from channels.base import Rate
from jobs.office import Office
from jobs.plan import why_held
from rules.dates import at, day_of
from store import deliveries, facts, placements, quotas
from store.deliveries import Delivery
from store.placements import Due

HOUSE = "每日次数"
#: A resend leans on the vendor's memory of the first call: one that was held up longer is asked about again.
RESEND_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Claimed:
    """One call to make: a push, its attempt, and the deliveries that travel in it."""

    push_key: str
    attempt_id: int
    deliveries: tuple[Delivery, ...]


def claim(office: Office, name: str, owner: str, most: int, lease: timedelta) -> tuple[list[Claimed], str]:
    """Up to `most` deliveries of a channel, and the stamp of the last order seen. Empty if nothing may leave now."""
    now = office.now()
    with office.db.read() as conn:  # nothing to do is the common case: it costs no write lock
        if not deliveries.any_queued(conn, name, now):
            return [], ""
    with office.db.write() as conn:
        state = facts.channel_state(conn, name, lock=True)
        orders = facts.get_meta(conn, facts.ORDERS) or "0"
        if state.paused_at is not None:
            return [], orders
        due = deliveries.queued(conn, name, now, most)
        stale = [d.id for d in due if d.maybe_sent and now - d.changed_at > RESEND_WITHIN]
        deliveries.doubt(conn, stale, now)
        due = [d for d in due if d.id not in stale]
        free = _unhindered(conn, office, name, due, now)
        attempts = deliveries.claim(conn, free, owner, now + lease, now)
    calls: dict[int, list[Delivery]] = {}
    for each in free:
        calls.setdefault(attempts[each.id], []).append(each)
    return [Claimed(many[0].push_key, attempt, tuple(many)) for attempt, many in calls.items()], orders


def _unhindered(conn: Connection, office: Office, name: str, due: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Those that review, fence, window and allowances let go; the others go back with their reason."""
    if not due:
        return []
    setting = office.setting(name)
    if not setting.window.holds(now):
        deliveries.hold_back(conn, [d.id for d in due], setting.window.next_open(now), setting.window.outside)
        return []
    carried = placements.carried(conn, sorted({d.push_id for d in due}))
    able = [d for d in due if _still_allowed(conn, office, d, carried[d.push_id], now)]
    return _within_rates(conn, office, name, able, now)


def _still_allowed(conn: Connection, office: Office, delivery: Delivery, dues: Sequence[Due], now: datetime) -> bool:
    target = office.school.targets.get(delivery.target)
    if target is None:
        deliveries.hold_back(conn, [delivery.id], now + timedelta(hours=1), "目标已不在登记册中，等待人工处理")
        return False
    reason = next((why for due in dues if (why := why_held(office, target, due))), "")
    if delivery.address != target.address:  # the fence is asked of the group that stands in the register now
        reason = "目标的地址已变更，重新编排"
    if not reason:
        return True
    if not placements.scrap(conn, delivery.push_id, reason, now):
        # It may have left already: only its channel's evidence or a person can say.
        deliveries.hold_back(conn, [delivery.id], now + timedelta(hours=1), f"{reason}；此前的发送结果待核实")
    return False


def rates_of(office: Office, name: str) -> tuple[Rate, ...]:
    """The vendor's allowances and the house's own."""
    most = office.setting(name).pushes_a_day
    house = () if most is None else (Rate(name=HOUSE, most=most, per="day"),)
    return (*office.channels[name].limits.rates, *house)


def _within_rates(
    conn: Connection, office: Office, name: str, able: Sequence[Delivery], now: datetime
) -> list[Delivery]:
    free = list(able)
    uses: list[dict[str, object]] = []
    for rate in rates_of(office, name):
        daily = isinstance(rate.per, str)
        held = quotas.holders(conn, {d.push_id for d in free}, _since(rate, now)) if daily and free else set()
        free, taken = _within(conn, rate, name, free, held, now)
        uses += taken
    chosen = {d.push_id for d in free}
    quotas.take(conn, [use for use in uses if use["push_id"] in chosen])
    return free


def _within(
    conn: Connection, rate: Rate, channel: str, able: Sequence[Delivery], held: set[tuple[str, int]], now: datetime
) -> tuple[list[Delivery], list[dict[str, object]]]:
    """Those that one allowance lets go, and the uses they make of it."""
    names = {d.id: _quota_name(rate, channel, d) for d in able}
    used = quotas.used(conn, names.values(), _since(rate, now)) if able else {}
    left = {name: rate.most - used.get(name, (0, now))[0] for name in names.values()}
    free: list[Delivery] = []
    uses: list[dict[str, object]] = []
    for each in able:
        name = names[each.id]
        if (name, each.push_id) in held:
            free.append(each)
        elif left[name] > 0:
            left[name] -= 1
            free.append(each)
            uses.append({"name": name, "push_id": each.push_id, "at": now})
        else:
            again = _again(rate, used[name][1] if name in used else now, now)
            deliveries.hold_back(conn, [each.id], again, f"{rate.name}额度已用完（{rate.most} 次），等待恢复")
    return free, uses


def _quota_name(rate: Rate, channel: str, delivery: Delivery) -> str:
    return f"{channel}:{rate.name}" + (f":{delivery.address}" if rate.of == "address" else "")


def _since(rate: Rate, now: datetime) -> datetime:
    if isinstance(rate.per, timedelta):
        return now - rate.per
    today = day_of(now)
    return at(today if rate.per == "day" else today.replace(day=1), time.min)


def _again(rate: Rate, first_use: datetime, now: datetime) -> datetime:
    """When the allowance frees up: the oldest use leaves the sliding window, or the next day or month begins."""
    if isinstance(rate.per, timedelta):
        return max(first_use + rate.per, now) + timedelta(seconds=1)
    today = day_of(now)
    next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return at(today + timedelta(days=1) if rate.per == "day" else next_month, time.min)


def returnable(office: Office, name: str, delivery: Delivery) -> list[str]:
    """The allowances that a refusal gives back: a day's or a month's; a minute's is spent either way."""
    return [_quota_name(rate, name, delivery) for rate in rates_of(office, name) if isinstance(rate.per, str)]
