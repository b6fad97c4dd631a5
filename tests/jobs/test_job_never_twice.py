"""No loss, no double: random vendors, crashes, orders and edits, on the real store; the vendor keeps its own books."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import Attempt, Resolution, SendError, Sent
from jobs import orders
from jobs.claim import claim
from jobs.deliver import LEASE
from jobs.judge import in_doubt, judge
from jobs.office import new_owner
from jobs.settle import settle_call
from rules.dates import Window
from rules.item import Entry
from rules.outcome import Outcome
from rules.states import Result, Status, result_of
from store import tables as t
from store.db import Db
from tests.jobs.bench import (
    ABSENT,
    ACCOUNT,
    DELIVERED,
    GROUPS,
    LATER,
    PERSON,
    Bench,
    Call,
    Resolving,
    entry,
    failed_pushes,
    make_bench,
)
from tests.jobs.test_job_plan import together

ANSWERS = (*[Outcome.DELIVERED] * 4, *Outcome, Outcome.UNCERTAIN)
TAKEN = (Outcome.ACCEPTED, Outcome.DELIVERED)
ACTIONS = st.sampled_from(
    ["enter", "enter", "edit", "hide", "tick", "tick", "colleague", "crash", "late", "wait", "sweep", "pause", "resume", "cancel", "again", "judge"]
)  # fmt: skip


@dataclass
class Books:
    """What really reached the readers: by push, and by item and address."""

    chance: random.Random
    keys: Counter[str] = field(default_factory=Counter)
    read: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def answer(self, call: Call) -> Outcome:
        """Any answer; a call of unknown end was executed, or not."""
        outcome = self.chance.choice(ANSWERS)
        if outcome in TAKEN or (outcome is Outcome.UNCERTAIN and self.chance.random() < 0.5):
            self.write(call.key, call.titles, call.addresses)
        return outcome

    def write(self, key: str, titles: Any, addresses: Any) -> None:
        self.keys[key] += 1
        for title in titles:
            for address in addresses:
                self.read[title.split(":")[0], address].add(key)


class Truthful(Resolving):
    """Its history shows what was posted; sometimes it answers late, or cannot tell at all."""

    books: Books

    def resolve(self, attempt: Attempt) -> Resolution:
        if self.books.chance.random() < 0.2:
            return self.books.chance.choice((LATER, PERSON))
        return DELIVERED if self.books.keys[attempt.push_key] else ABSENT


@dataclass
class Life:
    """A year of trouble in a few seconds."""

    bench: Bench
    books: Books
    rows: list[Entry] = field(default_factory=list)
    dead: list[tuple[str, Any, bool]] = field(default_factory=list)

    def act(self, action: str) -> None:
        getattr(self, action)()
        self.bench.clock.forward(seconds=self.books.chance.choice((1, 30, 200)))

    def enter(self) -> None:
        scope = self.books.chance.choice((("社会",), ("校内",), ("学生",), ("教职工",)))
        self.rows.append(entry(title=f"{len(self.rows)}:甲", audience=scope, urgent=self.books.chance.random() < 0.2))
        self.bench.enter(self.rows[-1])

    def edit(self) -> None:
        if self.rows:
            n = self.books.chance.randrange(len(self.rows))
            self.rows[n] = replace(self.rows[n], title=self.rows[n].title + "改")
            self.bench.enter(self.rows[n])

    def hide(self) -> None:
        if self.rows:
            self.bench.enter(replace(self.books.chance.choice(self.rows), category="没有的"))

    def tick(self) -> None:
        self.bench.tick()

    def colleague(self) -> None:
        other = self.bench.others[0] if self.bench.others else self.bench.colleague().office
        Bench(other.db, other, self.bench.vendor, self.bench.clock).tick()

    def crash(self) -> None:
        """A process claims, its call goes out or does not, and it is never heard of again (or much later)."""
        self.bench.route()
        self.bench.plan()
        for name in (GROUPS, ACCOUNT):
            for call in claim(self.bench.office, name, new_owner(), 1, LEASE)[0]:
                sent = self.books.chance.random() < 0.5
                first = call.deliveries[0]
                if sent:
                    self.books.write(call.push_key, first.payload["titles"], [first.address])
                self.dead.append((name, call, sent))

    def late(self) -> None:
        if self.dead:
            name, call, sent = self.dead.pop()
            error = None if sent else SendError(Outcome.UNAVAILABLE, "没有发出")
            yes = [Sent(address=d.address, outcome=Outcome.DELIVERED) for d in call.deliveries] if sent else []
            settle_call(self.bench.office, name, [(call.deliveries, call.attempt_id, yes, error)])

    def wait(self) -> None:
        self.bench.clock.forward(minutes=self.books.chance.choice((6, 70, 1500)))

    def sweep(self) -> None:
        self.bench.sweep()

    def pause(self) -> None:
        orders.pause(self.bench.office, self.books.chance.choice((GROUPS, ACCOUNT, orders.ALL)), "王老师", "")

    def resume(self) -> None:
        orders.resume(self.bench.office, orders.ALL, "王老师")

    def cancel(self) -> None:
        found = self.bench.rows(t.items)
        if found:
            orders.cancel(self.bench.office, self.books.chance.choice(found).id, "王老师", "")

    def again(self) -> None:
        for push_id in failed_pushes(self.bench.office)[:1]:
            orders.send_again(self.bench.office, push_id, "王老师")

    def judge(self) -> None:
        """A person looks into the group and says what is there."""
        for each in in_doubt(self.bench.office)[:1]:
            dead = {d.push_id for _, c, _ in self.dead for d in c.deliveries}
            if each.channel != "duty" and each.push_id not in dead:
                judge(
                    self.bench.office,
                    each.push_id,
                    "delivered" if self.books.keys[each.push_key] else "resend",
                    "王老师",
                )

    def calm_down(self) -> None:
        """The vendors work again, the dead stay dead, the rows are mended: what can go out, goes."""
        self.bench.vendor.usual = lambda call: self.books.write(call.key, call.titles, call.addresses)
        for row in self.rows:
            self.bench.enter(row)
        for _ in range(12):
            self.resume()
            self.bench.clock.forward(hours=1, minutes=7)
            self.bench.tick()


def begin(folder: Path, template: Path, seed: int) -> Life:
    path = folder / "store.sqlite3"
    shutil.copy(template, path)
    bench, books = make_bench(Db(f"sqlite:///{path.as_posix()}")), Books(random.Random(seed))
    truthful = bench.use(Truthful, ACCOUNT, exposure="社会")
    assert isinstance(truthful, Truthful)
    truthful.books = books
    bench.vendor.usual = books.answer
    for name in (GROUPS, ACCOUNT, "duty"):
        bench.set(name, window=Window(time(0), time(23, 59, 59)))
    return Life(bench, books)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(ACTIONS, min_size=4, max_size=18), st.integers(0, 10**6))
def test_whatever_happens_nothing_is_lost_and_nothing_is_sent_twice(
    sqlite_template: Path, actions: list[str], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life = begin(Path(folder), sqlite_template, seed)
        try:
            for action in ["enter", *actions]:
                life.act(action)
            life.calm_down()
            nothing_twice(life)
            nothing_lost(life)
        finally:
            life.bench.close()
            life.bench.db.close()


def nothing_twice(life: Life) -> None:
    """By the vendor's own books: no push twice, no item twice at one address, whatever its version."""
    pushes = {row.push_key for row in life.bench.rows(t.pushes)}
    assert {key: n for key, n in life.books.keys.items() if n > 1 and key in pushes} == {}
    twice = {who: keys & pushes for who, keys in life.books.read.items() if len(keys & pushes) > 1 and "d1" not in who}
    assert twice == {}


def nothing_lost(life: Life) -> None:
    """Every placement has ended, waits with a reason, or lies before a person; the log says what the readers saw."""
    alarms = {row.subject for row in life.bench.rows(t.alarms) if row.cleared_at is None}
    found: dict[int, list[Any]] = defaultdict(list)
    for row in life.bench.rows(t.deliveries):
        found[row.push_id].append(row)
        assert row.status not in ("sending", "queued"), (row.status, row.reason)
        assert row.status != "uncertain" or f"待定:{row.push_id}" in alarms or row.not_before is not None
    keys = {row.id: row.push_key for row in life.bench.rows(t.pushes)}
    results: Counter[Result] = Counter()
    placed = life.bench.rows(t.placements)
    for each in placed:
        if each.push_id is None:
            assert each.ended or each.reason
            results[Result.WAITING if not each.ended else Result.CANCELLED] += 1
            continue
        result = result_of(Counter(Status(row.status) for row in found[each.push_id]))
        results[result] += 1
        if result is Result.SUCCESS:
            assert life.books.keys[keys[each.push_id]] == 1
        if result in (Result.FAILURE, Result.CANCELLED):
            assert life.books.keys[keys[each.push_id]] == 0
    assert sum(results.values()) == len(placed)


def test_two_bots_work_through_a_morning_and_each_push_leaves_once(bench3: Bench) -> None:
    """Everything both of them do at the same time: route, plan, deliver, track, sweep."""
    bench3.enter(*(entry(audience=scope) for scope in (("社会",), ("校内",), ("学生",), ("教职工",)) * 4))
    calls = iter(range(10**6))
    bench3.vendor.usual = lambda _call: Outcome.THROTTLED if next(calls) % 5 == 0 else Outcome.DELIVERED
    offices = [bench3.colleague() for _ in range(2)]
    for _ in range(6):
        together([office.tick for office in offices])
        bench3.clock.forward(minutes=3)
    assert {*bench3.statuses(), *bench3.statuses(ACCOUNT)} <= {"delivered", "cancelled"}
    assert bench3.waiting() == []
    yes: Counter[str] = Counter()
    for row in bench3.rows(t.outcomes, outcome="delivered"):
        yes[str(row.delivery_id)] += 1
    assert set(yes.values()) == {1}
    assert sum(len(titles) for key, titles in {c.key: c.titles for c in bench3.vendor.calls}.items()) == len(
        bench3.rows(t.placements)
    )
    assert timedelta(0) < bench3.clock.now - bench3.rows(t.items)[0].created_at
