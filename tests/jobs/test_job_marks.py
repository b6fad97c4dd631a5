"""Each writer behind a figure marks (标记) what it changes: a case for every call of `marks.touch` and `marks.leave`.

All days are counted before the one writer of a case, today too, and nothing is written after it: no later mark heals
one that was forgotten.
"""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

import store
from jobs import rollup
from rules.amend import QUEUED
from rules.bundle import CORRECTION, RETRACTION
from rules.outcome import Outcome
from rules.states import Status
from store import bookings, claims, deliveries, handoffs, items, placements, recalls
from store import tables as t
from store.db import Db
from store.deliveries import Delivery, Settled
from tests.jobs.bench import DAY, GROUPS, START, Bench, make_bench, to_students
from tests.rollups import AHEAD

ONE, TWO = to_students(number="XX-1", title="通知一"), to_students(number="XX-2", title="通知二")
MOVED = replace(ONE, category=f"{ONE.category}之外")
ABOUT = {"counted": True, "audience_class": "", "baseline": False}
LATER = timedelta(minutes=5)
WHY = "不再发往此目标"


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    """Nothing is counted here but what the tests count."""
    made = make_bench(sqlite_db)
    yield made
    made.close()


def unplaced(bench: Bench) -> dict[str, Any]:
    """Where an item would be placed; another one is placed already, so that there is a day to count."""
    waits(bench)
    bench.enter(TWO)
    item = bench.rows(t.items)[1]
    return {"item_id": item.id, "version_id": item.version_id, "target": "Q1", "channel": GROUPS}


def waits(bench: Bench) -> Any:
    """A placement that waits for its push."""
    bench.enter(ONE)
    bench.route()
    return bench.rows(t.placements)[0]


def standing(bench: Bench) -> bookings.Standing | None:
    """The same, as somebody who books it sees it."""
    placed = waits(bench)
    with bench.db.write() as conn:
        return bookings.standing(conn, placed.item_id, placed.target)


def ended(bench: Bench) -> Any:
    """A placement that has ended before any push."""
    placed = waits(bench)
    with bench.db.write() as conn:
        placements.end(conn, [placed.id], "cancelled", WHY, bench.clock.now)
    return placed


def unpushed(bench: Bench) -> tuple[dict[str, Any], int]:
    """What a push was made of that has been taken apart, to make another one of it, and its placement."""
    mine = queued(bench)
    with bench.db.write() as conn:
        placements.scrap(conn, mine.push_id, WHY, bench.clock.now)
    bench.clock.forward(days=1)
    facts = bench.rows(t.pushes)[0]._asdict()
    made = {name: facts[name] for name in facts if name not in ("id", "pieces", "created_at")}
    return {**made, "push_key": "again"}, bench.rows(t.placements)[0].id


def queued(bench: Bench) -> Delivery:
    bench.publish(ONE)
    return delivery_of(bench)


def sending(bench: Bench) -> Delivery:
    mine = queued(bench)
    with bench.db.write() as conn:
        claims.claim(conn, [[mine]], "甲", bench.clock.now + LATER, bench.clock.now)
    return delivery_of(bench)


def delivered(bench: Bench, outcome: Outcome = Outcome.DELIVERED) -> Delivery:
    """Pushed on the first day, sent on the fifth."""
    bench.publish(ONE)
    bench.clock.forward(days=4)
    bench.vendor.usual = outcome
    bench.deliver()
    return delivery_of(bench)


def accepted(bench: Bench) -> Delivery:
    return delivered(bench, Outcome.ACCEPTED)


def refused(bench: Bench) -> Delivery:
    return delivered(bench, Outcome.REFUSED)


def delivery_of(bench: Bench) -> Delivery:
    with bench.db.read() as conn:
        found = deliveries.get(conn, bench.rows(t.deliveries)[0].id)
    assert found is not None
    return found


def ordered(bench: Bench) -> recalls.Order:
    """An order to take back the first of two pieces."""
    bench.enter(TWO)
    delivered(bench)
    how = {"kind": RETRACTION, "status": QUEUED, "reason": "", "person": "王老师"}
    with bench.db.write() as conn:
        found = recalls.of_item(conn, bench.rows(t.items)[0].id)[0]
        recalls.add(conn, found, **how, now=bench.clock.now)
        return recalls.listed(conn)[0]


def settle(conn: Connection, mine: Delivery, outcome: Outcome, status: Status, now: datetime) -> None:
    word = Settled(delivery=mine, attempt_id=mine.attempt_id, said_by="渠道", outcome=outcome, status=status)
    deliveries.settle(conn, GROUPS, [word], now)


def refuse(conn: Connection, mine: Delivery, now: datetime) -> None:
    """What had been taken is refused after all."""
    settle(conn, mine, Outcome.REFUSED, Status.FAILED, now)
    deliveries.untake(conn, mine.push_id)


@dataclass(frozen=True)
class Case:
    """`site`: room.function that marks; `state` is brought about, then `write` is called with what it gave and now."""

    site: str
    state: Callable[[Bench], Any]
    write: Callable[[Connection, Any, datetime], object]
    mark: str = "touch"

    def __str__(self) -> str:
        return f"{self.mark} in {self.site}, {self.state.__name__}"


def date_back(conn: Connection, mine: Delivery, now: datetime) -> None:
    """Done on the third day, written down on the fifth."""
    handoffs.date_back(conn, mine.push_id, START + timedelta(days=2))


CASES = (
    Case("bookings.place", unplaced, lambda conn, at, now: bookings.place(conn, None, {**at, "created_at": now})),
    Case("bookings.place", standing, lambda conn, old, now: bookings.place(conn, old, {"version_id": 1})),
    Case("claims.claim", queued, lambda conn, mine, now: claims.claim(conn, [[mine]], "甲", now + LATER, now)),
    Case("deliveries.doubt", queued, lambda conn, mine, now: deliveries.doubt(conn, [mine.id], now, WHY)),
    Case("deliveries.leave_out", queued, lambda conn, mine, now: deliveries.leave_out(conn, mine.push_id, WHY, now)),
    Case("deliveries.settle", sending, lambda conn, mine, now: settle(conn, mine, Outcome.DELIVERED, Status.DELIVERED, now)),
    Case("deliveries.untake", accepted, refuse, "leave"),
    Case(
        "deliveries._keep_evidence",
        accepted,
        lambda conn, mine, now: deliveries.look_later(conn, mine, now, WHY, {"booked": True}),
    ),
    Case("handoffs.date_back", delivered, date_back, "leave"),
    Case("handoffs.date_back", delivered, date_back),
    Case("items.renew", delivered, lambda conn, _, now: items.renew(conn, 1, MOVED, ABOUT, now, None)),
    Case("placements.place_first", unplaced, lambda conn, at, now: placements.place_first(conn, **at, now=now)),
    Case(
        "placements.place_first",
        ended,
        lambda conn, old, now: placements.place_first(conn, old.item_id, old.version_id, "Q1", GROUPS, now),
    ),
    Case(
        "placements.place_after",
        waits,
        lambda conn, old, now: placements.place_after(conn, old.id, old.version_id, CORRECTION, 1, now),
    ),
    Case("placements.end", waits, lambda conn, old, now: placements.end(conn, [old.id], "cancelled", WHY, now)),
    Case("placements.take_up", ended, lambda conn, old, now: placements.take_up(conn, old.item_id, WHY, DAY)),
    Case("placements.add_push", unpushed, lambda conn, of, now: placements.add_push(conn, of[0], [of[1]], ["q1"], now)),
    Case("placements.free", refused, lambda conn, mine, now: placements.free(conn, mine.push_id, now, alone=True)),
    Case("placements.free", queued, lambda conn, mine, now: placements.scrap(conn, mine.push_id, WHY, now)),
    Case("recalls.take_back", ordered, lambda conn, order, now: recalls.take_back(conn, order, 0, WHY, "渠道", now)),
    Case("recalls.take_back", ordered, lambda conn, order, now: recalls.take_back(conn, order, 1, WHY, "渠道", now)),
)
MARKED = pytest.mark.parametrize("case", CASES, ids=str)


def wrong_after(bench: Bench, case: Case, forget: Callable[[], object] = lambda: None) -> list[tuple[str, date]]:
    """The roll-ups that say something else than the rows when the one writer has written: it has changed some figure."""
    mine, ahead = case.state(bench), bench.clock.now + AHEAD
    rollup.roll(bench.db, lambda: ahead)
    before = sums(bench)
    forget()
    with bench.db.write() as conn:
        case.write(conn, mine, bench.clock.now)
    wrong = rollup.check(bench.db).wrong
    rollup.rebuild(bench.db, lambda: ahead)
    after = sums(bench)
    assert any(after[each] != said for each, said in before.items())
    return wrong


def sums(bench: Bench) -> dict[tuple[str, date], str]:
    return {(row.level, row.first): row.sums for row in bench.rows(t.rollups)}


@MARKED
def test_no_roll_up_is_wrong_after_a_writer(bench: Bench, case: Case) -> None:
    assert wrong_after(bench, case) == []


@MARKED
def test_one_would_be_wrong_without_the_mark(bench: Bench, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    room = importlib.import_module(f"store.{case.site.partition('.')[0]}")
    assert wrong_after(bench, case, lambda: monkeypatch.setattr(room, case.mark, lambda *_, **__: None))


def test_every_mark_of_the_store_has_a_case() -> None:
    called: Counter[tuple[str, str]] = Counter()
    for file in Path(store.__path__[0]).glob("*.py"):
        for made in [each for each in ast.parse(file.read_text("utf-8")).body if isinstance(each, ast.FunctionDef)]:
            names = [ast.unparse(node.func).split(".")[-1] for node in ast.walk(made) if isinstance(node, ast.Call)]
            called.update((f"{file.stem}.{made.name}", name) for name in names if name in ("touch", "leave"))
    assert called
    assert not called - Counter((case.site, case.mark) for case in CASES)
