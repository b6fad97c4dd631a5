"""Plausible rows, made through the store's own functions: what the bot would have written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert, select

from rules.audience import Audiences
from rules.dates import SHANGHAI, Window
from rules.item import Category, Entry, ListItem, Place, Review, Taxonomy
from rules.origin import BOOKED
from rules.outcome import Outcome
from rules.routing import Decision, Route, Target
from rules.school import ChannelSetting, School
from rules.states import Basis, Status
from store import claims, deliveries, items, placements, reach
from store import tables as t

_serial = count(1)

WORK, MONEY, STUDENTS = "学校工作的重大事项", "重大经济工作事项", "学生管理工作中的重要事项"
CATEGORIES = {
    WORK: {"重要改革举措和有关政策": True, "专业设置、教学改革、学科建设": True, "学校新闻": False},
    MONEY: {"收费和支出、标准及依据": True, "费用支出情况": True},
    STUDENTS: {"管理制度及奖惩": True, "荣誉称号": True, "其他": True},
}
LIST = {
    1: ListItem("基本情况", "学校办公室"), 2: ListItem("章程", "学校办公室"), 11: ListItem("研究生招生", "招生就业处", applies=False),
    21: ListItem("收费", "财务处"),
}  # fmt: skip
DEPARTMENTS = ("学校办公室", "教务处", "财务处", "学生工作处")
#: What a status is called when a call says it, and its basis.
_SAID = {
    Status.ACCEPTED: (Outcome.ACCEPTED, None),
    Status.DELIVERED: (Outcome.DELIVERED, Basis.POSTED),
    Status.FAILED: (Outcome.REFUSED, None),
    Status.UNCERTAIN: (Outcome.UNCERTAIN, None),
    Status.QUEUED: (Outcome.THROTTLED, None),
}


def moment(day: str, clock: str = "12:00") -> datetime:
    """A wall-clock time in Shanghai."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


def a_school() -> School:
    """Three channels, four targets, three categories."""
    return School(
        name="示例职业技术学院",
        audiences=Audiences({"社会": (), "校内": ("社会",), "教职工": ("校内",), "学生": ("校内",)}),
        taxonomy=Taxonomy(tuple(Category(n, s) for n, s in CATEGORIES.items()), LIST),
        targets={each.number: each for each in _TARGETS},
        routes=(Route(name="学生事项进学生群", audiences=("学生", "校内"), target_audiences=("学生",)),),
        channels={name: _channel(name, label) for name, label in _LABELS.items()},
        columns=(),
    )


_LABELS = {"wechat_oa": "官方微信公众平台", "wecom_bot": "教职工企业微信群", "onebot": "学生工作QQ群"}
_TARGETS = (
    Target(number="A01", name="学校官方公众号", channel="wechat_oa", address="全体关注者", audience="社会"),
    Target(number="G01", name="全校教职工群", channel="wecom_bot", address="KEY_G01", audience="教职工", members=286),
    Target(number="Q01", name="学生工作群", channel="onebot", address="700000001", audience="学生"),
    Target(number="Q02", name="信息工程系学生群", channel="onebot", address="700000002", audience="学生"),
)
TARGETS = {each.number: each for each in _TARGETS}


def _channel(name: str, label: str) -> ChannelSetting:
    return ChannelSetting(name=name, label=label, api_base="http://127.0.0.1:9", window=Window())


#: Who reviewed what a test does not say otherwise of.
REVIEWER = "学校办公室主任"


def an_entry(**over: Any) -> Entry:
    """A reviewed 社会 item, as a sheet's row; `over` replaces what a test is about."""
    number = next(_serial)
    day: date = over.get("approved_on") or date(2020, 9, 10)
    facts: dict[str, Any] = {
        "source": "信息公开登记表",
        "place": Place("登记表.xlsx", "2020", number),
        "title": f"关于第{number}项工作安排的通知",
        "number": f"XXGK-{number:05d}",
        "department": "学校办公室",
        "category": WORK,
        "sub_item": "重要改革举措和有关政策",
        "disclosure": "主动公开",
        "audience": ("社会",),
        "approved_on": day,
        "review": Review(REVIEWER, "可以公开", day),
    }
    return Entry(**{**facts, **over})


def add_item(conn: Connection, now: datetime, *, baseline: bool = False, **over: Any) -> int:
    """An item with its first version; returns its id."""
    entry = an_entry(**over)
    facts = {
        "counted": CATEGORIES.get(entry.category, {}).get(entry.sub_item, True),
        "audience_class": "社会" if "社会" in entry.audience else "校内",
        "baseline": baseline,
    }
    item_id = items.add(conn, entry, facts, now)
    items.keep_keys(conn, item_id, [f"no:{entry.number}"], entry.source, entry.place.file)
    return item_id


def version_of(conn: Connection, item_id: int) -> int:
    """The item's current version."""
    found = conn.scalar(select(t.items.c.version_id).where(t.items.c.id == item_id))
    assert found is not None
    return int(found)


def decide(conn: Connection, item_id: int, now: datetime, **reasons: str) -> None:
    """Route the current version: `Q01="+按路由"` is a yes with its reason, `G01="-超出范围"` a no."""
    decisions = [Decision(target, why[0] == "+", why[1:]) for target, why in reasons.items()]
    assert items.routed(conn, version_of(conn, item_id), decisions, now)


def place(conn: Connection, item_id: int, target: str, now: datetime) -> int:
    """首发 of an item at a target; returns the placement's id."""
    placements.place_first(conn, item_id, version_of(conn, item_id), target, TARGETS[target].channel, now)
    p = t.placements.c
    found = conn.scalar(select(p.id).where(p.item_id == item_id, p.target == target))
    assert found is not None
    return int(found)


def push(
    conn: Connection,
    target: str,
    placement_ids: Sequence[int],
    now: datetime,
    *,
    addresses: Sequence[str] = (),
    origin: str = "bot",
    resend_of: int | None = None,
) -> int:
    """Waiting placements of a target in one push, queued; returns its id."""
    to, text = TARGETS[target], f"推送 {next(_serial)}"
    facts = {
        "push_key": hashlib.sha256(text.encode()).hexdigest()[:32], "channel": to.channel, "target": target,
        "target_name": to.name, "audience": to.audience, "origin": origin, "resend_of": resend_of, "urgent": False,
        "text": text, "payload": {"text": text}, "bytes": len(text), "sha256": "", "shortened": False, "made_by": "测试",
    }  # fmt: skip
    push_id = placements.add_push(conn, facts, placement_ids, addresses or [to.address], now)
    assert push_id is not None
    return push_id


def settle(conn: Connection, push_ids: Iterable[int], now: datetime, *statuses: Status, reason: str = "") -> None:
    """Claim the queued deliveries of these pushes and let the calls end so, the n-th address in the n-th status."""
    wanted = set(push_ids)
    d = t.deliveries.c
    for channel in conn.scalars(select(d.channel).where(d.push_id.in_(wanted)).distinct()).all():
        due = [each for each in deliveries.queued(conn, channel, now, 100_000) if each.push_id in wanted]
        owner = f"测试:{next(_serial)}"
        calls = [[each for each in due if each.push_id == push_id] for push_id in dict.fromkeys(d.push_id for d in due)]
        begun = claims.claim(conn, calls, owner, now + timedelta(minutes=5), now)
        attempts = {each.id: attempt for call, attempt in zip(calls, begun, strict=True) for each in call}
        place_of, ends = _places(due), statuses or (Status.DELIVERED,)
        settled = [_settled(each, attempts[each.id], ends[place_of[each.id] % len(ends)], reason) for each in due]
        deliveries.settle(conn, channel, settled, now)


def _places(due: Sequence[deliveries.Delivery]) -> dict[int, int]:
    """Which address of its push each delivery is."""
    seen: dict[int, int] = {}
    found = {}
    for each in due:
        found[each.id] = seen.get(each.push_id, 0)
        seen[each.push_id] = found[each.id] + 1
    return found


def _settled(each: deliveries.Delivery, attempt: int, status: Status, reason: str) -> deliveries.Settled:
    outcome, basis = _SAID[status]
    return deliveries.Settled(
        delivery=replace(each, status=Status.SENDING),
        attempt_id=attempt,
        said_by="发送",
        outcome=outcome,
        status=status,
        basis=basis,
        reason=reason,
        vendor_id=f"v{each.id}" if status in (Status.ACCEPTED, Status.DELIVERED) else "",
    )


def send(conn: Connection, target: str, placement_ids: Sequence[int], now: datetime, *statuses: Status) -> int:
    """One push with these placements, made and sent; returns its id."""
    push_id = push(conn, target, placement_ids, now, addresses=[f"{target}-{n}" for n, _ in enumerate(statuses)])
    settle(conn, [push_id], now, *statuses)
    return push_id


def publish(conn: Connection, target: str, now: datetime, **over: Any) -> int:
    """An item that has reached a target; returns its id."""
    item_id = add_item(conn, now, **over)
    send(conn, target, [place(conn, item_id, target, now)], now, Status.DELIVERED)
    return item_id


def book(conn: Connection, item_id: int, target: str, now: datetime) -> int:
    """A placement that a person has made beside the bot; returns its id."""
    values = {
        "item_id": item_id, "version_id": version_of(conn, item_id), "target": target, "slot": "首发", "purpose": "首发",
        "channel": TARGETS[target].channel, "origin": BOOKED, "taken_at": now, "created_at": now,
    }  # fmt: skip
    key = conn.execute(insert(t.placements).values(**values)).inserted_primary_key
    items.set_disclosed(conn, [item_id], now.astimezone(SHANGHAI).date())
    assert key is not None
    return int(key[0])


def measure(
    conn: Connection, target: str, metric: str, value: int, true_at: datetime, *,
    basis: str = "群成员数", push_id: int | None = None, known_at: datetime | None = None,
    subject: str = "",
) -> None:  # fmt: skip
    """A figure of reach."""
    facts = {
        "channel": TARGETS[target].channel, "target": target, "push_id": push_id, "metric": metric, "value": value,
        "basis": basis, "true_at": true_at, "known_at": known_at or true_at, "subject": subject,
    }  # fmt: skip
    reach.add(conn, facts)


def a_year(
    conn: Connection, *, size: int = 30, first: str = "2020-09-01", targets: Sequence[str] = tuple(TARGETS)
) -> None:
    """A year of items over all categories, departments and classes, bundled by two and sent; one call in ten fails."""
    start, step = moment(first), timedelta(days=340 / size)
    subs = [(category, sub) for category, names in CATEGORIES.items() for sub in names]
    bundles: dict[str, list[int]] = {}
    made: list[int] = []
    for n in range(size):
        now = start + n * step
        category, sub = subs[n % len(subs)]
        item_id = add_item(
            conn, now, category=category, sub_item=sub, department=DEPARTMENTS[n % len(DEPARTMENTS)],
            audience=("社会",) if n % 3 else ("校内",), approved_on=now.date(), list_items=(1 + n % 2,) if n % 2 else (),
        )  # fmt: skip
        for target in targets:
            bundles.setdefault(target, []).append(place(conn, item_id, target, now))
            if len(bundles[target]) == 2:
                made.append(push(conn, target, bundles.pop(target), now))
        if n == size - 1 or (now + step).month != now.month:
            settle(conn, [each for each in made if each % 10], now, Status.DELIVERED)
            settle(conn, [each for each in made if not each % 10], now, Status.FAILED, reason="群已解散")
            made.clear()
