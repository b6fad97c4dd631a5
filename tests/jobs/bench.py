"""A small school at work against a vendor that does as it is told, at the seam (`channels.base.Channel`)."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, select

from channels.base import Attempt, Content, Finding, Limits, Prepared, Receipt, Resolution, SendError, Sent, Word
from jobs.deliver import Delivered, deliver
from jobs.office import Office
from jobs.plan import Planned, plan
from jobs.route import Routed, route
from jobs.scan import look_through
from jobs.sweep import Swept, sweep
from jobs.track import Tracked, track
from jobs.watch import Watched, watch
from rules.audience import Audiences
from rules.bundle import Bundle
from rules.dates import Window, at
from rules.item import Entry
from rules.outcome import Outcome
from rules.routing import Route, Target
from rules.school import ChannelSetting, Column, School
from rules.states import Basis
from sources.base import Cursor, Fetched, Health
from store import facts, receipts
from store import tables as t
from store.db import Db
from tests.factory import REVIEWER, a_school, an_entry

DAY = date(2020, 9, 10)
START = at(DAY, time(9))
FILE = "登记表.xlsx"

#: A vendor's answer to one call: an outcome for every address, a full answer, an error, or what to do to find one.
Answer = Outcome | Sent | list[Sent] | Exception | Callable[["Call"], Any]


class Clock:
    """The office's time; moves only when a test moves it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@dataclass(frozen=True)
class Call:
    """One call the vendor got."""

    channel: str
    key: str
    addresses: tuple[str, ...]
    titles: tuple[str, ...]
    at: datetime


@dataclass
class Vendor:
    """The other side of all channels, one for all offices of a test: what it got, and what it is told to answer."""

    calls: list[Call] = field(default_factory=list)
    script: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    #: What is answered when the script is used up.
    usual: Answer = Outcome.DELIVERED
    prepared: Counter[str] = field(default_factory=Counter)
    prepares: deque[Exception | Callable[[str], Any]] = field(default_factory=deque)
    resolutions: deque[Resolution | Exception] = field(default_factory=deque)
    asked: list[Attempt] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, channel: str, *answers: Answer) -> None:
        """The next answers of a channel, one a call."""
        self.script[channel].extend(answers)

    def take(self, call: Call) -> Answer:
        with self.lock:
            self.calls.append(call)
            waiting = self.script[call.channel]
            return waiting.popleft() if waiting else self.usual

    def keys(self, channel: str = "") -> list[str]:
        return [call.key for call in self.calls if channel in ("", call.channel)]

    def titles(self, channel: str = "") -> list[tuple[str, ...]]:
        return [call.titles for call in self.calls if channel in ("", call.channel)]


class Recorder:
    """A channel that writes down what it is asked to send and answers as the vendor was told."""

    def __init__(self, name: str, vendor: Vendor, clock: Clock, **limits: Any) -> None:
        self.name = name
        self.label = f"渠道{name}"
        self._vendor, self._clock = vendor, clock
        self._limits = Limits(**{"pieces": 8, "bytes": None, "senders": 1, **limits})
        #: More characters of titles than this cannot be shown.
        self.room = 10_000

    @property
    def limits(self) -> Limits:
        return self._limits

    def render(self, bundle: Bundle, target: Target) -> Content:
        titles = [piece.title for piece in bundle.pieces]
        text = "\n".join(titles)
        if len(text) > self.room:
            raise SendError(Outcome.REFUSED, "放不下")
        return Content(text=text, payload={"titles": titles}, bytes=len(text.encode()))

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        self._vendor.prepared[key] += 1
        if self._vendor.prepares:
            answer = self._vendor.prepares.popleft()
            if isinstance(answer, Exception):
                raise answer
            answer(key)
        return Prepared(payload=content, handles={"draft": key})

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        call = Call(self.name, key, tuple(addresses), tuple(prepared.payload["titles"]), self._clock())
        answer = self._vendor.take(call)
        while callable(answer) and not isinstance(answer, (Outcome, Exception)):
            answer = answer(call) or Outcome.DELIVERED
        return self._sent(answer, call)

    def _sent(self, answer: Answer, call: Call) -> list[Sent]:
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Sent):
            return [replace(answer, address=each) for each in call.addresses]
        if isinstance(answer, list):
            return answer
        assert isinstance(answer, Outcome)
        if answer in (Outcome.ACCEPTED, Outcome.DELIVERED):
            basis = Basis.POSTED if answer is Outcome.DELIVERED else None
            return [Sent(address=a, outcome=answer, vendor_id=f"v-{call.key[:8]}", basis=basis) for a in call.addresses]
        raise SendError(answer, f"对方答复{answer}")

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        return []


class Resolving(Recorder):
    """One whose uncertain sends can be cleared up."""

    def resolve(self, attempt: Attempt) -> Resolution:
        self._vendor.asked.append(attempt)
        found = self._vendor.resolutions.popleft() if self._vendor.resolutions else ABSENT
        if isinstance(found, Exception):
            raise found
        return found


class Telling(Resolving):
    """One whose vendor is asked later what became of it, and calls back."""

    follow_after = timedelta(minutes=2)
    follow_until = timedelta(days=3)

    def follow(self, attempt: Attempt) -> Resolution:
        self._vendor.asked.append(attempt)
        return self._vendor.resolutions.popleft() if self._vendor.resolutions else LATER

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        raise PermissionError

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        return WORDS[receipt.kind](receipt)


DELIVERED = Resolution(outcome=Outcome.DELIVERED, reason="群里找到了", basis=Basis.POSTED)
ABSENT = Resolution(outcome=Outcome.UNAVAILABLE, reason="群里没有")
RESEND = Resolution(outcome=Outcome.UNCERTAIN, reason="以同一编号再发", resend=True)
LATER = Resolution(outcome=Outcome.UNCERTAIN, reason="稍后再问", ask_again=timedelta(minutes=2))
PERSON = Resolution(outcome=Outcome.UNCERTAIN, reason="查不到，请人工核对")

WORDS: dict[str, Callable[[Receipt], Word | None]] = {
    "good": lambda r: Word(outcome=Outcome.DELIVERED, reason="群发完成", vendor_id=r.vendor_id, basis=Basis.MASS_SENT),
    "by key": lambda r: Word(outcome=Outcome.DELIVERED, reason="群发完成", push_key=r.vendor_id, basis=Basis.MASS_SENT),
    "bad": lambda r: Word(outcome=Outcome.REFUSED, reason="群发失败", vendor_id=r.vendor_id),
    "none of ours": lambda r: None,
}


class Shelf:
    """A source that hands out what a test puts on it."""

    def __init__(self, *looks: Fetched) -> None:
        self.looks = deque(looks)
        self.cursors: list[Cursor | None] = []

    def fetch(self, since: Cursor | None) -> Fetched:
        self.cursors.append(since)
        return self.looks.popleft()


GROUPS, ACCOUNT, DUTY = "groups", "account", "duty"
TARGETS = (
    Target(number="A1", name="学校账号", channel=ACCOUNT, address="全体", audience="社会"),
    Target(number="G1", name="教职工群", channel=GROUPS, address="g1", audience="教职工"),
    Target(number="Q1", name="学生群", channel=GROUPS, address="q1", audience="学生"),
    Target(number="D1", name="值班群", channel=DUTY, address="d1", audience="教职工"),
)
ROUTES = (
    Route(name="学生事项", audiences=("学生", "校内"), targets=("Q1",)),
    Route(name="教职工事项", audiences=("教职工", "校内"), targets=("G1",)),
)
COLUMN = Column(name="信息公开登记表", kind="folder", place="登记表")
OTHER = Column(name="网站专栏", kind="webplus", place="http://127.0.0.1/list.htm")


def setting(name: str, **over: Any) -> ChannelSetting:
    facts: dict[str, Any] = {"label": f"渠道{name}", "api_base": "http://127.0.0.1:9", "window": Window(time(8), time(20))}
    return ChannelSetting(name=name, **{**facts, "pushes_a_day": None, **over})


def small_school(**over: Any) -> School:
    return replace(
        a_school(),
        audiences=Audiences({"社会": (), "校内": ("社会",), "教职工": ("校内",), "学生": ("校内",)}),
        targets={each.number: each for each in TARGETS},
        routes=ROUTES,
        channels={name: setting(name) for name in (GROUPS, ACCOUNT, DUTY)},
        columns=(COLUMN, OTHER),
        alarm_targets=("D1",),
        confirm=False,
        **over,
    )


def sheet(*entries: Entry, file: str = FILE, **over: Any) -> Fetched:
    """A look that has read one file whole."""
    facts: dict[str, Any] = {"cursor": {"seen": file}, "whole": frozenset({file})}
    return Fetched(entries=entries, **{**facts, **over})


def entry(**over: Any) -> Entry:
    """A reviewed item, approved on the first day."""
    scope = over.get("audience", ("社会",))
    reason = "" if "社会" in scope else "内部管理事项"
    made = an_entry(**{"approved_on": DAY, "inner_reason": reason, "source": COLUMN.name, **over})
    return made if "place" in over else replace(made, place=replace(made.place, file=FILE))


def failed_pushes(office: Office) -> list[int]:
    """The pushes that somebody surely did not get and that still carry their placements."""
    d, p = t.deliveries.c, t.placements.c
    query = select(d.push_id).join(t.placements, p.push_id == d.push_id)
    with office.db.read() as conn:
        return sorted(set(conn.scalars(query.where(d.status == "failed", d.maybe_sent.is_(False)))))


@dataclass
class Bench:
    """One office, its vendor and its clock; a second office on the same store is one call away."""

    db: Db
    office: Office
    vendor: Vendor
    clock: Clock
    others: list[Office] = field(default_factory=list)
    #: The texts that stood in each row, in order.
    texts: dict[str, list[Any]] = field(default_factory=dict)

    def watch(self, look: Fetched, column: Column = COLUMN) -> Watched:
        return watch(self.office, column, Shelf(replace(look, entries=tuple(map(self._reviewed, look.entries)))), self.clock.now)

    def _reviewed(self, row: Entry) -> Entry:
        """A row whose text has changed has been reviewed again: the bench's clerks do so, and say it in the basis."""
        if row.review is None or row.review.reviewer != REVIEWER:
            return row
        texts = self.texts.setdefault(row.number or row.own_key or row.title, [])
        text = (row.title, row.summary, row.body, row.attachments, row.audience, row.disclosure, row.notice_to, row.url)
        if text not in texts:
            texts.append(text)
        again = texts.index(text)
        return replace(row, review=replace(row.review, basis=f"修改后第{again}次审查")) if again else row

    def enter(self, *entries: Entry) -> Watched:
        """Add rows to the sheet: a look at a part of it, so that nothing else is missing."""
        return self.watch(sheet(*entries, whole=frozenset()))

    def route(self) -> Routed:
        look_through(self.office, self.clock.now)
        return route(self.office, self.clock.now)

    def plan(self) -> Planned:
        return plan(self.office, self.clock.now)

    def deliver(self, name: str = GROUPS) -> Delivered:
        return deliver(self.office, name)

    def track(self, name: str = GROUPS) -> Tracked:
        return track(self.office, name)

    def sweep(self) -> Swept:
        return sweep(self.office, self.clock.now)

    def publish(self, *entries: Entry) -> None:
        """From the sheet to waiting pushes."""
        self.enter(*entries)
        self.route()
        self.plan()

    def tick(self) -> None:
        """One round of everything but the watch."""
        self.route()
        self.plan()
        for name in self.office.channels:
            self.deliver(name)
            self.track(name)
        self.sweep()

    def set(self, name: str = GROUPS, **over: Any) -> None:
        """Change a channel's settings."""
        channels = {**self.office.school.channels, name: replace(self.office.school.channels[name], **over)}
        self.office.school = replace(self.office.school, channels=channels)

    def target(self, number: str, **over: Any) -> None:
        """Change or add a row of the register; `channel=None` removes it."""
        targets = dict(self.office.school.targets)
        if over.get("channel", "") is None:
            del targets[number]
        else:
            base = targets.get(number, replace(TARGETS[1], number=number, name=number, address=number.lower()))
            targets[number] = replace(base, **over)
        self.office.school = replace(self.office.school, targets=targets)

    def use(self, kind: type[Recorder], name: str = GROUPS, **limits: Any) -> Recorder:
        """Put another channel in place of one."""
        if issubclass(kind, Resolving):
            limits.setdefault("resolvable", True)
        made = kind(name, self.vendor, self.clock, **limits)
        self.office.channels = {**self.office.channels, name: made}  # type: ignore[dict-item]
        return made

    def colleague(self) -> Bench:
        """A second process of the same office: its own connections, the same store, vendor and clock."""
        db = Db(self.db.url.render_as_string(hide_password=False))
        office = Office(self.office.school, db, self.office.channels, self.clock)
        self.others.append(office)
        return Bench(db, office, self.vendor, self.clock)

    def close(self) -> None:
        for other in self.others:
            other.close()
        for pool in self.office._pools.values():
            pool.shutdown()

    def rows(self, table: Table, **where: Any) -> list[Any]:
        key = next(iter(table.primary_key))
        query = select(table).where(*(table.c[name] == value for name, value in where.items())).order_by(key)
        with self.db.read() as conn:
            return list(conn.execute(query))

    def statuses(self, channel: str = GROUPS) -> list[str]:
        return [row.status for row in self.rows(t.deliveries, channel=channel)]

    def alarms(self) -> list[str]:
        return [row.text for row in self.rows(t.alarms)]

    def subjects(self) -> list[str]:
        return [row.subject.split(":")[0] for row in self.rows(t.alarms)]

    def waiting(self) -> list[Any]:
        return [row for row in self.rows(t.placements) if row.push_id is None and not row.ended]

    def placed(self, target: str) -> list[Any]:
        return self.rows(t.placements, target=target)

    def receive(self, kind: str, vendor_id: str, dedup: str = "1", channel: str = GROUPS) -> bool:
        """The vendor calls back."""
        with self.db.write() as conn:
            found = {"kind": kind, "dedup": dedup, "vendor_id": vendor_id, "raw": "{}"}
            return receipts.add(conn, channel, [found], self.clock.now) == 1


def make_bench(db: Db) -> Bench:
    """An office with three channels: groups, an account that anyone can read, and the people on duty."""
    vendor, clock = Vendor(), Clock()
    channels = {
        GROUPS: Recorder(GROUPS, vendor, clock),
        ACCOUNT: Recorder(ACCOUNT, vendor, clock, exposure="社会"),
        DUTY: Recorder(DUTY, vendor, clock),
    }
    with db.write() as conn:
        facts.ensure_channels(conn, channels)
    office = Office(small_school(), db, channels, clock)  # type: ignore[arg-type]
    bench = Bench(db, office, vendor, clock)
    for column in (COLUMN, OTHER):  # from now on approved items are pushed, earlier ones only counted
        watch(office, column, Shelf(Fetched(health=Health.UNCHANGED, cursor={"first": True})), START)
    return bench


STUDENT = ("学生",)
STAFF = ("教职工",)


def to_students(**over: Any) -> Entry:
    """An item that one group takes and nobody else."""
    return entry(**{"audience": STUDENT, **over})


def to_staff(**over: Any) -> Entry:
    return entry(**{"audience": STAFF, **over})


