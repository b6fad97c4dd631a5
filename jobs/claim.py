"""Claim: take what may leave, in one commit with its attempts and its allowances; ask every question once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.base import Rate
from config.people import is_list
from config.tables import Wrong
from jobs.backlog import sort_cleared_up
from jobs.choose import is_scarce, why_held
from jobs.office import Office
from rules.allowance import frees_at, since
from rules.naming import named
from rules.routing import Target
from rules.states import TAKEN
from store import claims, deliveries, facts, names, placements, quotas
from store import orders as asked
from store.claims import Member
from store.deliveries import Delivery
from store.placements import Due

HOUSE = "每日次数"
#: `Rate.of` of an allowance that each address takes from by its weight.
BY_WEIGHT = "delivery"
#: A resend leans on the vendor's memory of the first call: one that was held up longer is asked about again.
RESEND_WITHIN = timedelta(minutes=5)


#: Why a call whose answer was lost cannot be made again as it was.
NOT_THE_SAME = "首次发送的接收人中有人已停发或另行处理，不能原样再发，也不会自动再发"
BY_HAND = "无法自动核实，请到群里或后台核对后登记：python bot.py uncertain"


@dataclass(frozen=True)
class Claimed:
    """One call to make: a push, its attempt, and the deliveries that travel in it."""

    push_key: str
    attempt_id: int
    deliveries: tuple[Delivery, ...]
    #: All that stand in its body: of a resend also those who have meanwhile been seen to have it.
    addresses: tuple[str, ...]
    #: Let out although its target's hours were over: a person had ordered it.
    ordered: bool = False


@dataclass(frozen=True)
class Free:
    """What may leave now, and for each first call that is made again those of its addresses that need it no more."""

    deliveries: Sequence[Delivery] = ()
    beside: Mapping[int, Sequence[Member]] = field(default_factory=dict)

    def beside_of(self, call: Sequence[Delivery]) -> Sequence[Member]:
        """Who only stands in the body of this call."""
        first = call[0].attempt_id if call[0].maybe_sent else None
        return self.beside.get(first, ()) if first is not None else ()


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
        sort_cleared_up(conn, office, now)
        due = _timely(conn, deliveries.queued(conn, name, now, most), now)
        free = _unhindered(conn, office, name, due, now)
        calls = _calls(free.deliveries, office.channels[name].limits.addresses)
        attempts = claims.claim(conn, calls, owner, now + lease, now)
        for call, attempt in zip(calls, attempts, strict=True):
            claims.carry(conn, attempt, [each.id for each in free.beside_of(call)])
    found = [_claimed(call, attempt, free) for call, attempt in zip(calls, attempts, strict=True)]
    return [replace(each, ordered=is_closed(office, each, now)) for each in found], orders


def is_closed(office: Office, claimed: Claimed, now: datetime) -> bool:
    """True if the hours of its target are over."""
    target = office.school.targets.get(claimed.deliveries[0].target)
    return target is not None and bool(office.hours(target).why_closed(now))


def _claimed(call: tuple[Delivery, ...], attempt: int, free: Free) -> Claimed:
    """In the order of the first call: the very same body is known again by the vendor."""
    everybody = {each.id: each.address for each in call}
    if beside := free.beside_of(call):
        everybody = dict(sorted({**everybody, **{each.id: each.address for each in beside}}.items()))
    return Claimed(call[0].push_key, attempt, call, tuple(everybody.values()))


def is_stale(delivery: Delivery, now: datetime) -> bool:
    """True of a resend that was held up too long, in the queue or in a claim: the vendor may have forgotten the first call."""
    return delivery.maybe_sent and now - delivery.changed_at > RESEND_WITHIN


def _timely(conn: Connection, due: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Without resends that were held up too long: those are asked about again."""
    stale = {d.id for d in due if is_stale(d, now)}
    deliveries.doubt(conn, sorted(stale), now, "补发没有及时发出，重新核实")
    return [d for d in due if d.id not in stale]


def _calls(free: Sequence[Delivery], most: int) -> list[tuple[Delivery, ...]]:
    """One call for up to `most` addresses of a push; a resend travels with those of its first call and nobody else."""
    groups = _grouped(free)
    return [tuple(many[n : n + most]) for many in groups.values() for n in range(0, len(many), most)]


def _grouped(many: Sequence[Delivery]) -> dict[tuple[int, int | None], list[Delivery]]:
    """By push, and of resends by their first call."""
    groups: dict[tuple[int, int | None], list[Delivery]] = {}
    for each in many:
        groups.setdefault((each.push_id, each.attempt_id if each.maybe_sent else None), []).append(each)
    return groups


def _whole_calls(conn: Connection, office: Office, name: str, able: Sequence[Delivery], now: datetime) -> Free:
    """Resends only with all of their first call, for only the very same body is known again: the others wait.

    Where somebody of that call has been given up meanwhile it can never be the same again: a person decides.
    """
    groups = {attempt: many for (_, attempt), many in _grouped(able).items() if attempt is not None}
    if not groups or office.channels[name].limits.addresses == 1:
        return Free(able)
    left_out: set[int] = set()
    beside: dict[int, Sequence[Member]] = {}
    for attempt, members in claims.members(conn, list(groups)).items():
        mine = {each.id for each in groups[attempt]}
        beside[attempt] = [each for each in members.found if each.status in TAKEN]
        rest = [each for each in members.found if each.id not in mine and each.status not in TAKEN]
        if not members.whole or any(each.is_over for each in rest):
            _give_up_resend(conn, office, name, groups[attempt], now)
        if not members.whole or rest:
            left_out |= mine
    return Free([each for each in able if each.id not in left_out], beside)


def _give_up_resend(conn: Connection, office: Office, name: str, many: Sequence[Delivery], now: datetime) -> None:
    deliveries.doubt(conn, [each.id for each in many], now, NOT_THE_SAME, look=False)
    text = f"{named_push(conn, office, many[0])}，结果待定：{NOT_THE_SAME}。{BY_HAND}"
    facts.raise_alarm(conn, f"待定:{many[0].push_id}", text, now, channel=name)


def named_push(conn: Connection, office: Office, delivery: Delivery) -> str:
    """A push as the people on duty know it: what it carries and where it goes."""
    target, carried = office.school.targets.get(delivery.target), names.named(conn, delivery.push_id)
    what = named(*carried[0]) + (f"等 {len(carried)} 条" if len(carried) > 1 else "") if carried else ""
    return f"{what}发往{target.name if target else delivery.target}"


def _in_hours(conn: Connection, office: Office, due: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Without those whose target may not be written to now, unless a person has ordered that they go all the same."""
    found, closed = list[Delivery](), dict[str, list[Delivery]]()
    for each in due:
        target = office.school.targets.get(each.target)
        (closed.setdefault(each.target, []) if target and office.hours(target).why_closed(now) else found).append(each)
    ordered = asked.ordered(conn, sorted({each.push_id for many in closed.values() for each in many}), now)
    apart = {push_id for push_id, alone in sorted(ordered.items()) if not alone and _taken_apart(conn, push_id, now)}
    for number, many in closed.items():
        hours = office.hours(office.school.targets[number])
        held = [each.id for each in many if not ordered.get(each.push_id) and each.push_id not in apart]
        deliveries.hold_back(conn, held, hours.next_open(now), hours.why_closed(now))
        found += [each for each in many if ordered.get(each.push_id)]
    return found


def _taken_apart(conn: Connection, push_id: int, now: datetime) -> bool:
    """What is 紧急 goes on without what travels with it and has to wait; False if some of the push may have left."""
    return placements.scrap(conn, push_id, "紧急事项单独推送，重新编排", now)


def _unhindered(conn: Connection, office: Office, name: str, due: Sequence[Delivery], now: datetime) -> Free:
    """Those that review, fence, window and allowances let go; the others go back with their reason."""
    if not due:
        return Free()
    due = _in_hours(conn, office, due, now)
    pushes: dict[int, list[Delivery]] = {}
    for each in due:
        pushes.setdefault(each.push_id, []).append(each)
    carried = placements.carried(conn, sorted(pushes))
    able = [d for push_id, many in pushes.items() for d in _still_allowed(conn, office, many, carried[push_id], now)]
    whole = _whole_calls(conn, office, name, able, now)
    return replace(whole, deliveries=_within_rates(conn, office, name, whole.deliveries, now))


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
        left = set() if _follows(office, target, dues) else office.gone(target, (d.address for d in many))
    except Wrong as error:
        deliveries.hold_back(conn, ids, now + timedelta(minutes=10), str(error))
        return ()
    reason = next((why for due in dues if (why := why_held(office, target, due))), "")
    if left and not is_list(target.address):  # the fence is asked of the group that stands in the register now
        reason = "目标的地址已变更，重新编排"
    if not reason:
        gone = {d.id for d in many if d.address in left}
        return _without(conn, office, many, gone, now) if gone else many
    if not placements.scrap(conn, many[0].push_id, reason, now):
        # Some of it may have left already: only the channel's evidence or a person can say.
        deliveries.hold_back(conn, ids, later, f"{reason}；此前的发送结果待核实")
    return ()


def _follows(office: Office, target: Target, dues: Sequence[Due]) -> bool:
    """True for what follows a first push to persons: it is for those who have that, in today's list or not."""
    return office.to_persons(target) and all(due.follows_id is not None for due in dues)


GONE = "已不在名单中，不再发送"


def _without(
    conn: Connection, office: Office, many: Sequence[Delivery], gone: set[int], now: datetime
) -> Sequence[Delivery]:
    """Those still in the list; the others are left out, and where one may have got it already a person is asked."""
    deliveries.leave_out(conn, many[0].push_id, GONE, now, only=gone)
    if unsure := [d for d in many if d.id in gone and d.maybe_sent]:
        _give_up_resend(conn, office, office.school.targets[many[0].target].channel, unsure, now)
    return [d for d in many if d.id not in gone]


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
    free = _all_or_none(able, free)
    chosen = {d.id for d in free}
    quotas.take(conn, _added_up(use for use in uses if use.delivery in chosen), now)
    return free


def _all_or_none(able: Sequence[Delivery], free: Sequence[Delivery]) -> list[Delivery]:
    """A resend from which an allowance has held back somebody waits as a whole, and uses nothing up."""
    chosen = {each.id for each in free}
    late = {key for key, many in _grouped(able).items() if key[1] is not None and any(d.id not in chosen for d in many)}
    return [each for each in free if not (each.maybe_sent and (each.push_id, each.attempt_id) in late)]


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
        deliveries.hold_back(conn, _whole(conn, office, rate, channel, able, ids, now), again, _spent(rate))
    return free, uses


def _whole(
    conn: Connection, office: Office, rate: Rate, channel: str, able: Sequence[Delivery], ids: Sequence[int], now: datetime
) -> list[int]:  # fmt: skip
    """Those that wait as they are. Where sends are scarce a push is taken apart: the plan finds its pieces another way."""
    pushes = {each.push_id for each in able if each.id in ids} if is_scarce(office, channel, rate) else set()
    apart = {push_id for push_id in sorted(pushes) if placements.scrap(conn, push_id, _spent(rate), now)}
    return [each.id for each in able if each.id in ids and each.push_id not in apart]


def used_up(conn: Connection, office: Office, name: str, allowance: str, push_ids: Iterable[int], now: datetime) -> None:
    """The vendor says that nothing is left of a scarce allowance: what we do not know of others have used.

    Of the pushes it refused none is counted as a use; the plan takes them apart and finds their pieces another way.
    """
    for rate in office.channels[name].limits.rates:
        if rate.name != allowance or not is_scarce(office, name, rate):
            continue
        key = f"{name}:{rate.name}"
        quotas.give_back(conn, push_ids, [key])
        left = rate.most - quotas.used(conn, [key], since(rate.per, now)).get(key, (0, now))[0]
        if left > 0:
            quotas.book_others(conn, key, left, now)


def _spent(rate: Rate) -> str:
    return f"{rate.name}额度已用完（{rate.most} 次），等待恢复"


def _weight(rate: Rate, delivery: Delivery) -> int:
    """What a call for this delivery takes; of an allowance that counts persons it is taken once, at the first try."""
    if rate.name in delivery.payload.get("spares", {}):
        return 0
    if rate.of != BY_WEIGHT:
        return 1
    return 0 if delivery.tries else int(delivery.payload.get("segments", 1))


def _quota_name(office: Office, rate: Rate, channel: str, delivery: Delivery) -> str:
    return f"{channel}:{rate.name}" + (f":{office.kept(channel, delivery.address)}" if rate.of == "address" else "")


def unsent(conn: Connection, office: Office, name: str, many: Sequence[Delivery], now: datetime) -> None:
    """What a call that never reached the vendor gives back: each address's allowance of hours; it is tried again."""
    rates = [each for each in rates_of(office, name) if each.of == "address" and _of_hours(each)]
    _back(conn, office, name, many, rates, now)


def _of_hours(rate: Rate) -> bool:
    return not isinstance(rate.per, str) and rate.per >= timedelta(hours=1)


def give_back(conn: Connection, office: Office, name: str, refused: Sequence[Delivery], now: datetime) -> None:
    """What a refusal gives back: a day's or a month's allowance; a minute's is spent either way."""
    _back(conn, office, name, refused, [rate for rate in rates_of(office, name) if isinstance(rate.per, str)], now)


def _back(
    conn: Connection, office: Office, name: str, refused: Sequence[Delivery], rates: Sequence[Rate], now: datetime
) -> None:
    for rate in rates if refused else ():
        if rate.of == BY_WEIGHT:
            back = {d.id: -int(d.payload.get("segments", 1)) for d in refused}
            uses = (Use(d.id, _quota_name(office, rate, name, d), d.push_id, back[d.id]) for d in refused)
            quotas.take(conn, _added_up(uses), now)
        else:
            names = {_quota_name(office, rate, name, d) for d in refused}
            quotas.give_back(conn, {d.push_id for d in refused}, names)
        deliveries.let_go(conn, name, _spent(rate), now)
