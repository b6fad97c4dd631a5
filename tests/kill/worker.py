"""A bot that can be killed: started once for its imports, it forks a fresh process for every life it is told to lead.

Each life is a process of its own with connections, threads and a callback door of its own, and dies by SIGKILL at the
point it is given. Points lie around every commit and every call to a vendor; they are set from here, by wrapping
`Db.write` and the one function that all calls go through, so that the product knows nothing of them.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import Connection, Engine, func, select

from channels import REGISTRY, http
from channels.base import Calls, Resolution
from jobs.deliver import deliver
from jobs.office import Office
from jobs.plan import plan
from jobs.route import route
from jobs.scan import look_through
from jobs.settle import settle_resolution
from jobs.sweep import sweep
from jobs.track import track
from jobs.watch import watch
from rules.dates import SHANGHAI
from rules.outcome import Outcome
from rules.states import Basis, Status
from store import deliveries, facts, placements, unfinished
from store import tables as t
from store.db import Db
from tests.kill.school import APP_ID, COLUMN, START, WAYS, Sheet, open_small_office
from web.app import create_app
from web.server import running

ROUNDS = 300
#: How long into a call its process dies, in real seconds; the vendor is told to be slower.
MID_CALL = 0.15


@dataclass(frozen=True)
class Life:
    """What a worker is told: where it works, how far the clerk has come, and where it dies."""

    way: str
    base: str
    database: str
    report: str
    rows: Sequence[int]
    point: str = ""
    nth: int = 1
    #: False: the clock stands still, and the life ends when there is nothing to do at this moment.
    ages: bool = True
    #: What a person saw in the group: delivery id -> it is there.
    seen: dict[str, bool] = field(default_factory=dict)


class Points:
    """Counts every point that is passed, and dies at the chosen one."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._lock = threading.Lock()
        self.passed: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        if self._is_last(name):
            os.kill(os.getpid(), signal.SIGKILL)

    def soon(self, name: str) -> None:
        """Die while what begins here is under way."""
        if self._is_last(name):
            threading.Timer(MID_CALL, os.kill, (os.getpid(), signal.SIGKILL)).start()

    def _is_last(self, name: str) -> bool:
        with self._lock:
            self.passed[name] += 1
            return name == self._life.point and self.passed[name] == self._life.nth


class _Write(AbstractContextManager[Connection]):
    """`Db.write()` with a point before and after its commit, named after the function that writes."""

    def __init__(self, inner: AbstractContextManager[Connection], where: str, points: Points) -> None:
        self._inner, self._where, self._points = inner, where, points

    def __enter__(self) -> Connection:
        return self._inner.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if error is None:
            self._points(f"{self._where}: before commit")
        swallowed = self._inner.__exit__(kind, error, trace)
        if error is None:
            self._points(f"{self._where}: after commit")
        return swallowed


def set_points(points: Points) -> None:
    """Wrap every write and every call; each name says which."""
    write, call = Db.write, http._call

    def pointed_write(db: Db) -> _Write:
        code = sys._getframe(1).f_code
        module = Path(code.co_filename).stem
        return _Write(write(db), f"{module}.{code.co_name}", points)

    def pointed_call(method: str, url: str, **kwargs: Any) -> requests.Response:
        path = urlsplit(url).path.removeprefix("/wechat/cgi-bin").removeprefix("/wecom/cgi-bin").lstrip("/")
        points(f"{path}: before call")
        points.soon(f"{path}: in call")
        answer = call(method, url, **kwargs)
        points(f"{path}: after call")
        return answer

    Db.write = pointed_write  # type: ignore[method-assign,assignment]
    http._call = pointed_call


class Clock:
    """The vendors' time, and ours with it."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.now = datetime.fromisoformat(self.admin("clock")["now"]).astimezone(SHANGHAI)

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime) -> None:
        """Both go on together; what is due at the vendors on the way happens, callbacks included."""
        self.now = to
        self.admin("clock", {"now": to.isoformat()})

    def admin(self, what: str, body: Any = None) -> Any:
        """One order to the sandbox, on a connection of its own."""
        url = f"{self.base}/__sandbox__/{what}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, timeout=20) if body is None else session.post(url, json=body, timeout=20)
        answer.raise_for_status()
        return answer.json()


#: The first engine of this process and, by inheritance, of every life: what it has compiled is not compiled again.
_engines: list[Engine] = []


def _share_statements(engine: Engine) -> None:
    _engines.append(engine)
    engine.dialect, engine._compiled_cache = _engines[0].dialect, _engines[0]._compiled_cache


def lead(life: Life, set_points: Callable[[Points], None]) -> dict[str, int]:
    """Live: look, route, plan, deliver, track, sweep, and again, until nothing is left to do. Returns the points passed."""
    way, points, clock = WAYS[life.way], Points(life), Clock(life.base)
    office = open_small_office(way, life.base, life.database, clock)
    _share_statements(office.db.engine)
    with office.db.write() as conn:
        facts.ensure_channels(conn, office.channels)
    set_points(points)
    sheet = Sheet(range(*life.rows))
    with _door(office, clock):
        _hear_person(office, life.seen)
        for _ in range(ROUNDS):
            while _round(office, sheet):
                pass
            moment = _next(office)
            if moment is None or moment > START + way.lasts or not life.ages:
                break
            clock.move(moment)
    office.close()
    return dict(points.passed)


@contextlib.contextmanager
def _door(office: Office, clock: Clock) -> Iterator[None]:
    """The callback address of this process, told to the platform."""
    doors = {name: each for name, each in office.channels.items() if isinstance(each, Calls)}
    if not doors:
        yield
        return
    with running(create_app(office.db, doors, clock, lambda: {"ok": True})) as base:
        url = f"{base}/callbacks/wechat_oa"
        clock.admin("setup", {"accounts": [{"appid": APP_ID, "callback_url": url}]})
        yield


def _hear_person(office: Office, seen: dict[str, bool]) -> None:
    """A person has looked into the group and says what is there."""
    there = Resolution(outcome=Outcome.DELIVERED, reason="群里有", basis=Basis.POSTED)
    not_there = Resolution(outcome=Outcome.UNAVAILABLE, reason="群里没有")
    for number, is_there in seen.items():
        with office.db.read() as conn:
            delivery = deliveries.get(conn, int(number))
        assert delivery is not None
        (name,) = office.channels
        settle_resolution(office, name, delivery, there if is_there else not_there, "值班员")


def _round(office: Office, sheet: Sheet) -> bool:
    """Every job once; True if any of them had something to do."""
    now = office.now()
    seen = watch(office, COLUMN, sheet, now)
    looked = look_through(office, now).scanned
    found = [seen.new, seen.changed, looked, route(office, now).versions, plan(office, now).pushes]
    for name in office.channels:
        found.append(deliver(office, name).claimed)
        tracked = track(office, name)
        found += [tracked.resolved, tracked.receipts]
    swept = sweep(office, now)
    return any([*found, swept.requeued, swept.uncertain, swept.told])


def _next(office: Office) -> datetime | None:
    """When something becomes due; None if nothing will before a person acts."""
    d, now = t.deliveries.c, office.now()
    with office.db.read() as conn:
        moments = [unfinished.next_due(conn)]
        lease = conn.scalar(select(func.min(d.lease_until)).where(d.status == Status.SENDING))
        moments.append(None if lease is None else lease + timedelta(seconds=1))
        if placements.any_waiting(conn):
            moments.append(now + timedelta(hours=4))
    due = [max(each, now + timedelta(seconds=1)) for each in moments if each is not None]
    return min(due, default=None)


def warm_up(life: Life) -> int:
    """Lead a life in this process, so that those to come find everything compiled; it leaves no thread and no socket."""
    lead(life, lambda points: None)
    http.transport().close()
    http._local = threading.local()
    return 0


def begin(life: Life) -> int:
    """Fork the process of one life; returns its id. What it leaves behind stands in its report."""
    gc.freeze()  # a life then copies fewer pages of its parent
    child = os.fork()
    if child:
        return child
    os.dup2(2, 1)  # the conversation with the test is its parent's
    status = 1
    try:
        Path(life.report).write_text(json.dumps(lead(life, set_points)))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Take orders, one a line: begin a life (answer: its process id), wait for its end (answer: how it ended), warm up."""
    for where in REGISTRY.values():  # imported here once, or else anew in every life
        import_module(where.split(":")[0])
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" not in order:
            life = Life(**order["life"])
            answer = warm_up(life) if order["warm"] else begin(life)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
