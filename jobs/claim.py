"""Claim: take what may leave, in one commit with its attempts and its allowances; ask every question once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.base import Rate
from config.people import is_list
from config.tables import Wrong
from jobs.office import Office
from jobs.plan import why_held
from rules.allowance import frees_at, since
from store import claims, deliveries, facts, placements, quotas
from store.deliveries import Delivery
from store.placements import Due

HOUSE = "每日次数"
#: `Rate.of` of an allowance that each address takes from by its weight.
BY_WEIGHT = "delivery"
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
        due = _timely(conn, deliveries.queued(conn, name, now, most), now)
        free = _unhindered(conn, office, name, due, now)
        calls = _calls(conn, free, office.channels[name].limits.addresses)
        attempts = claims.claim(conn, calls, owner, now + lease, now)
    return [Claimed(call[0].push_key, attempt, call) for call, attempt in zip(calls, attempts, strict=True)], orders


def _timely(conn: Connection, due: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Without resends that were held up too long: those are asked about again."""
    stale = {d.id for d in due if d.maybe_sent and now - d.changed_at > RESEND_WITHIN}
    deliveries.doubt(conn, sorted(stale), now)
    return [d for d in due if d.id not in stale]


def _calls(conn: Connection, free: Sequence[Delivery], most: int) -> list[tuple[Delivery, ...]]:
    """One call for up to `most` addresses of a push.

    A resend travels with all that were in the first call and nobody else: only the very same body is known again.
    """
    groups: dict[tuple[int, int | None], list[Delivery]] = {}
    for each in free:
        groups.setdefault((each.push_id, each.attempt_id if each.maybe_sent else None), []).append(each)
    if most > 1:
        sizes = claims.sizes(conn, [attempt for _, attempt in groups if attempt is not None])
        groups = {key: many for key, many in groups.items() if key[1] is None or len(many) == sizes[key[1]]}
    return [tuple(many[n : n + most]) for many in groups.values() for n in range(0, len(many), most)]


def _unhindered(conn: Connection, office: Office, name: str, due: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Those that review, fence, window and allowances let go; the others go back with their reason."""
    if not due:
        return []
    setting = office.setting(name)
    if not setting.window.holds(now):
        deliveries.hold_back(conn, [d.id for d in due], setting.window.next_open(now), setting.window.outside)
        return []
    pushes: dict[int, list[Delivery]] = {}
    for each in due:
        pushes.setdefault(each.push_id, []).append(each)
    carried = placements.carried(conn, sorted(pushes))
    able = [d for push_id, many in pushes.items() for d in _still_allowed(conn, office, many, carried[push_id], now)]
    return _within_rates(conn, office, name, able, now)


def _still_allowed(
    conn: Connection, office: Office, many: Sequence[Delivery], dues: Sequence[Due], now: datetime
) -> Sequence[Delivery]:
    """The deliveries of one push that review and fence still let go."""
    ids, later = [d.id for d in many], now + timedelta(hours=1)
    target = office.school.targets.get(many[0].target)
    if target is None:
        deliveries.hold_back(conn, ids, later, "目标已不在登记册中，等待人工处理")
        return ()
    try:
        left = office.gone(target, (d.address for d in many))
    except Wrong as error:
        deliveries.hold_back(conn, ids, now + timedelta(minutes=10), str(error))
        return ()
    reason = next((why for due in dues if (why := why_held(office, target, due))), "")
    if left and not is_list(target.address):  # the fence is asked of the group that stands in the register now
        reason = "目标的地址已变更，重新编排"
    if not reason:
        gone = [d.id for d in many if d.address in left]
        deliveries.leave_out(conn, gone, "已不在名单中，不再发送", now)
        return [d for d in many if d.address not in left]
    if not placements.scrap(conn, many[0].push_id, reason, now):
        # Some of it may have left already: only the channel's evidence or a person can say.
        deliveries.hold_back(conn, ids, later, f"{reason}；此前的发送结果待核实")
    return ()


def rates_of(office: Office, name: str) -> tuple[Rate, ...]:
    """The vendor's allowances and the house's own."""
    most = office.setting(name).pushes_a_day
    house = () if most is None else (Rate(name=HOUSE, most=most, per="day"),)
    return (*office.channels[name].limits.rates, *house)


def _within_rates(
    conn: Connection, office: Office, name: str, able: Sequence[Delivery], now: datetime
) -> list[Delivery]:
    free = list(able)
    uses: list[Use] = []
    for rate in rates_of(office, name):
        daily = isinstance(rate.per, str) and rate.of != BY_WEIGHT
        held = quotas.holders(conn, {d.push_id for d in free}, since(rate.per, now)) if daily and free else set()
        free, taken = _within(conn, office, rate, name, free, held, now)
        uses += taken
    chosen = {d.id for d in free}
    quotas.take(conn, _added_up(use for use in uses if use.delivery in chosen), now)
    return free


@dataclass(frozen=True)
class Use:
    """What one delivery takes of one allowance."""

    delivery: int
    name: str
    push_id: int
    n: int


def _added_up(uses: Iterable[Use]) -> dict[tuple[str, int], int]:
    """One row for each allowance and push, however many addresses it has."""
    found: dict[tuple[str, int], int] = {}
    for use in uses:
        found[use.name, use.push_id] = found.get((use.name, use.push_id), 0) + use.n
    return found


def _within(
    conn: Connection, office: Office, rate: Rate, channel: str, able: Sequence[Delivery], held: set[tuple[str, int]],
    now: datetime,
) -> tuple[list[Delivery], list[Use]]:  # fmt: skip
    """Those that one allowance lets go, and the uses they make of it."""
    names = {d.id: _quota_name(office, rate, channel, d) for d in able}
    used = quotas.used(conn, names.values(), since(rate.per, now)) if able else {}
    left = {name: rate.most - used.get(name, (0, now))[0] for name in names.values()}
    free: list[Delivery] = []
    uses: list[Use] = []
    over: dict[datetime, list[int]] = {}
    for each in able:
        name, n = names[each.id], _weight(rate, each)
        if (name, each.push_id) in held or n == 0:
            free.append(each)
        elif left[name] >= n:
            left[name] -= n
            free.append(each)
            uses.append(Use(each.id, name, each.push_id, n))
        else:
            over.setdefault(frees_at(rate.per, used[name][1] if name in used else now, now), []).append(each.id)
    for again, ids in over.items():
        deliveries.hold_back(conn, ids, again, _spent(rate))
    return free, uses


def _spent(rate: Rate) -> str:
    return f"{rate.name}额度已用完（{rate.most} 次），等待恢复"


def _weight(rate: Rate, delivery: Delivery) -> int:
    """What a call for this delivery takes; of an allowance that counts persons it is taken once, at the first try."""
    if rate.of != BY_WEIGHT:
        return 1
    return 0 if delivery.tries else int(delivery.payload.get("segments", 1))


def _quota_name(office: Office, rate: Rate, channel: str, delivery: Delivery) -> str:
    return f"{channel}:{rate.name}" + (f":{office.kept(channel, delivery.address)}" if rate.of == "address" else "")


def give_back(conn: Connection, office: Office, name: str, refused: Sequence[Delivery], now: datetime) -> None:
    """What a refusal gives back: a day's or a month's allowance; a minute's is spent either way."""
    rates = [rate for rate in rates_of(office, name) if isinstance(rate.per, str)]
    for rate in rates if refused else ():
        if rate.of == BY_WEIGHT:
            back = {d.id: -int(d.payload.get("segments", 1)) for d in refused}
            uses = (Use(d.id, _quota_name(office, rate, name, d), d.push_id, back[d.id]) for d in refused)
            quotas.take(conn, _added_up(uses), now)
        else:
            names = {_quota_name(office, rate, name, d) for d in refused}
            quotas.give_back(conn, {d.push_id for d in refused}, names)
        deliveries.let_go(conn, name, _spent(rate), now)
