"""One cell of the table, walked: the real jobs over real HTTP against the sandbox, on a clock that is passed in.

The process that is killed is stood for by what it leaves behind: its claim is committed, its call is made or not, and
nobody writes down what came of it. The real SIGKILL, at every commit and every call, is the business of tests/kill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import func, select

from channels import make
from channels.base import Calls, Prepared, Sent
from config.people import People, is_list
from jobs import deliver as jobs_deliver
from jobs.claim import claim
from jobs.deliver import LEASE, deliver
from jobs.forget import forget
from jobs.judge import in_doubt, judge
from jobs.office import Office, new_owner
from jobs.plan import plan
from jobs.route import route
from jobs.scan import look_through
from jobs.sweep import sweep
from jobs.track import track
from jobs.watch import watch
from rules.audience import PUBLIC, Audiences
from rules.dates import Window
from rules.item import Category, Taxonomy
from rules.routing import Route, Target
from rules.school import ChannelSetting, School
from rules.states import Status
from store import facts, placements, unfinished
from store import tables as t
from store.db import Db
from tests.channels.servers import Sandbox
from tests.faults.model import AT_THE_CALL, CALLBACKS, DELIVERED, RESEND, Cell, Fault, Row
from tests.kill.school import COLUMN, START, Sheet, title
from web.app import create_app
from web.server import running

SEAL = "fault-table-seal-key-0123456789"
#: The item under the fault; the first one goes before it where a fault wants to have been preceded.
BEFORE, ITEM = 1, 2
ROUNDS = 400
#: Everything that comes to its end by itself has done so by then; a late receipt comes after the numbers are sealed.
LASTS, LATE = timedelta(days=4), timedelta(days=5)
#: What a vendor's receipt needs to come.
SOON = timedelta(seconds=90)


class Clock:
    """The office's time, and the vendors' with it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.now = sandbox, START

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime) -> None:
        """Both go on together; what is due at the vendors on the way happens, callbacks included."""
        self.now = max(to, self.now)
        self.sandbox.admin("clock", {"now": self.now.isoformat()})


class Ground:
    """One row's school with one target, its vendor in the sandbox, and our callback door."""

    def __init__(self, row: Row, sandbox: Sandbox, db: Db, folder: Path, stack: ExitStack) -> None:
        self.row, self.sandbox, self.db = row, sandbox, db
        self.clock = Clock(sandbox)
        self.door = ""
        self.sheet = Sheet(range(0))
        #: How often a person was asked, and what she said.
        self.asked: list[str] = []
        sandbox.admin("reset", {})
        sandbox.admin("clock", {"now": START.isoformat()})
        row.furnish(self)
        self.office = self._open(folder)
        stack.callback(self.office.close)
        self._serve(stack)
        with db.write() as conn:
            facts.ensure_channels(conn, self.office.channels)
        if row.ready is not None:
            row.ready(self)

    @property
    def channel(self) -> Any:
        """The channel under test."""
        return self.office.channels[self.row.kind]

    def _open(self, folder: Path) -> Office:
        row = self.row
        setting = ChannelSetting(
            name=row.kind, label=row.label, api_base=row.base(self.sandbox) if row.base else f"{self.sandbox.base}/{row.door}", window=Window(),
            pushes_a_day=None, options=row.options,
        )  # fmt: skip
        target = Target(
            number="T1",
            name="目标一",
            channel=row.kind,
            address=row.target,
            audience=row.audience,
            owner="王老师",
            members=100,
        )
        school = School(
            name="示例职业技术学院", audiences=Audiences({PUBLIC: (), "校内": (PUBLIC,)}),
            taxonomy=Taxonomy((Category("基本情况", {"其他": True}),), {}), targets={"T1": target},
            routes=(Route(name="全部", targets=("T1",)),), channels={row.kind: setting}, columns=(COLUMN,), confirm=False,
        )  # fmt: skip
        if is_list(row.target):
            (folder / "名单.csv").write_text(f"姓名,{row.people}\n" + "".join(f"某某,{a}\n" for a in row.addresses))
        channel = make(setting, row.secrets, self.clock)
        return Office(school, self.db, {row.kind: channel}, self.clock, People(folder), SEAL)

    def _serve(self, stack: ExitStack) -> None:
        """The address the vendor calls back."""
        if isinstance(self.channel, Calls):
            app = create_app(self.db, {self.row.kind: self.channel}, self.clock, lambda: {"ok": True})
            self.door = f"{stack.enter_context(running(app))}/callbacks/{self.row.kind}"
            self.row.furnish(self)

    # -- the walk

    def walk(self, fault: Fault) -> None:
        """Publish the item, let the fault strike, and let time go on until nothing moves; a person answers the rest."""
        self.strike(fault)
        if fault in (Fault.KILLED_AFTER, Fault.KILLED_BEFORE):
            self.die(called=fault is Fault.KILLED_AFTER)
        else:
            self.leave(fault)
        if lift := self.row.lifts.get(fault):
            self.move(timedelta(minutes=1))
            lift(self)
        self.live()
        if fault is Fault.LATE:
            self.come_late()
        if self.judge():
            self.live()

    def strike(self, fault: Fault) -> None:
        """The item waits for its call, and the fault for it."""
        if planned := self.row.planned.get(fault) or AT_THE_CALL.get(fault):
            self.sandbox.fault(self.row.call, **planned)
        if fault is Fault.TWICE:
            self.sandbox.fault(self.row.callback, "callback_dup", times=None)
        if fault is Fault.LATE and self.row.answers is None:
            self.sandbox.fault(self.row.callback, "callback_late", seconds=LATE.total_seconds())
        own = self.row.strikes.get(fault)
        if fault is Fault.HALF or own is None:  # half of them go bad between the plan and the call
            self.publish(ITEM)
        if own is not None:
            own(self)
        self.publish(ITEM)

    def publish(self, upto: int) -> None:
        """The clerk's sheet up to this item; it is routed and planned."""
        self.sheet = Sheet(range(BEFORE if BEFORE in self.sheet.rows else ITEM, upto + 1))
        watch(self.office, COLUMN, self.sheet, self.clock.now)
        look_through(self.office, self.clock.now)
        route(self.office, self.clock.now)
        plan(self.office, self.clock.now)

    def send_before(self) -> None:
        """Another item has gone out well before."""
        self.sheet = Sheet(range(BEFORE, BEFORE + 1))
        self.publish(BEFORE)
        deliver(self.office, self.row.kind)

    def leave(self, fault: Fault) -> None:
        """The call is made; with EARLY the vendor's receipt is there, and looked at, before our answer is written down."""
        if fault is Fault.EARLY:
            self._answer_late()
        deliver(self.office, self.row.kind)
        if fault is Fault.QUOTA:
            waits = all(status is Status.QUEUED and reason for status, reason in self.standing().values())
            assert waits, "no allowance was used up"
        if fault is Fault.TWICE:
            self.answer()

    def _answer_late(self) -> None:
        send, first = self.channel.send, Lock()

        def slow(prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
            sent: list[Sent] = send(prepared, addresses, key)
            if first.acquire(blocking=False):  # of several calls at once one is enough
                self.answer()
                track(self.office, self.row.kind)
            return sent

        self.channel.send = slow

    def answer(self) -> None:
        """What makes the vendor call back, and the time it takes."""
        if self.row.answers is not None:
            self.row.answers(self)
        self.move(SOON)

    def die(self, *, called: bool) -> None:
        """The claim is committed, the call made or not, and the process gone."""
        row = self.row
        batch, seen = claim(self.office, row.kind, new_owner(), 1000, LEASE)
        assert batch, "nothing was claimed: the walk would prove nothing"
        mine = jobs_deliver.Claim("", facts.given_here[0], 0.0, seen, self.clock.now + LEASE, [])
        for claimed in batch if called else ():
            assert jobs_deliver._call(self.office, self.channel, claimed, mine).error is None
        if called and row.answers is not None:
            row.answers(self)

    def come_late(self) -> None:
        """Days later, when the persons' numbers have been sealed, the receipt comes."""
        self.move(LATE)
        forget(self.office)
        if self.row.answers is not None:
            self.row.answers(self)
            self.move(SOON)
        self.live()

    def live(self) -> None:
        """Every job again and again until nothing becomes due."""
        ends = self.clock.now + LASTS
        for _ in range(ROUNDS):
            self.round()
            moment = self._next()
            if moment is None or moment > ends:
                return
            self.clock.move(moment)
        raise AssertionError("it goes on and on")

    def round(self) -> None:
        """Every job once, and the jobs of what they have set going."""
        plan(self.office, self.clock.now)
        for _ in range(3):
            deliver(self.office, self.row.kind)
            track(self.office, self.row.kind)
            sweep(self.office, self.clock.now)

    def move(self, by: timedelta) -> None:
        self.clock.move(self.clock.now + by)

    def _next(self) -> datetime | None:
        d, now = t.deliveries.c, self.clock.now
        with self.db.read() as conn:
            moments = [unfinished.next_due(conn)]
            lease = conn.scalar(select(func.min(d.lease_until)).where(d.status == Status.SENDING))
            moments.append(None if lease is None else lease + timedelta(seconds=1))
            if placements.any_waiting(conn):
                moments.append(now + timedelta(hours=4))
        return min((max(each, now + timedelta(seconds=1)) for each in moments if each is not None), default=None)

    def judge(self) -> bool:
        """A person looks into the vendor's books and says what is there, for each push in doubt."""
        there = {address for address, n in self.booked().items() if n}
        unclear = in_doubt(self.office)
        for doubt in unclear:
            assert all(each.why for each in doubt.persons), "a person is asked and not told why"
            judgment = DELIVERED if {each.address for each in doubt.persons} <= there else RESEND
            self.asked.append(judgment)
            assert judge(self.office, doubt.push_id, judgment, "王老师").judged == len(doubt.persons)
        return bool(unclear)

    # -- what came of it

    def booked(self) -> Counter[str]:
        """How often each address has the item, by the vendor's own book."""
        return self.row.book(self, ITEM)

    def has_struck(self, fault: Fault) -> bool:
        """True if the fault has really been met: a walk in fine weather proves nothing."""
        if fault is Fault.TOKEN:
            codes = {code for each in self.sandbox.books()["refused"].values() for code in each}
            return bool(codes & {"40001", "40014", "42001"})
        if fault in CALLBACKS:
            with self.db.read() as conn:
                heard = conn.scalar(select(func.count()).select_from(t.receipts)) or 0
            if not heard:
                return False
        planned = self.sandbox.admin("faults")["faults"]
        return all(each["fired"] for each in planned)

    def standing(self) -> dict[str, tuple[Status, str]]:
        """Each address of the item's push with where it stands and why."""
        d, v, p = t.deliveries.c, t.versions.c, t.placements.c
        pushes = (
            select(t.push_placements.c.push_id)
            .join(t.placements, p.id == t.push_placements.c.placement_id)
            .join(t.versions, v.id == p.version_id)
            .where(v.title == title(ITEM))
        )
        query = select(d.address, d.status, d.reason).where(d.push_id.in_(pushes)).order_by(d.id)
        with self.db.read() as conn:
            return {row.address: (Status(row.status), row.reason) for row in conn.execute(query)}

    def alarms(self) -> list[str]:
        """What a person is told of, open or not."""
        with self.db.read() as conn:
            return list(conn.scalars(select(t.alarms.c.text)))


def spread(told: Sequence[Any], many: int) -> tuple[Any, ...]:
    """One answer stands for all addresses."""
    return tuple(told) * many if len(told) == 1 else tuple(told)


def expected(row: Row, cell: Cell) -> tuple[list[Status], set[str]]:
    """Where each address stands in the end, and which of them the vendor's book holds."""
    many = len(row.addresses)
    held = spread(cell.booked, many)
    return list(spread(cell.ends, many)), {a for a, is_held in zip(row.addresses, held, strict=True) if is_held}
