"""The product: `jobs.deliver.deliver` over a full SQLite store, with a real channel, real pushes and every check."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from bench.endpoint import ROOT
from channels.base import Limits
from channels.onebot import OneBot
from jobs.deliver import deliver
from jobs.office import Office
from jobs.plan import make_push
from rules.audience import PUBLIC, Audiences
from rules.dates import SHANGHAI, Window
from rules.item import MAY_OPEN, OPEN, Category, Entry, Place, Review, Taxonomy
from rules.routing import Target
from rules.school import ChannelSetting, School
from store import facts, items, placements
from store import tables as t
from store.db import Db

NAME, SENDERS, TARGETS = "onebot", 8, 50
#: Inside every window; moved on by real seconds from here.
START = datetime(2021, 3, 1, 9, 0, tzinfo=SHANGHAI)


class Unthrottled(OneBot):
    """The real channel with eight senders; its allowance is out of reach, but counted and written down as ever."""

    @cached_property
    def limits(self) -> Limits:
        usual = super().limits
        rates = tuple(replace(rate, most=10**9) for rate in usual.rates)
        return replace(usual, rates=rates, senders=SENDERS)


@dataclass(frozen=True)
class Ran:
    """One run: how long the messages took, and that every one of them is in the books."""

    messages: int
    seconds: float


def run(base: str, messages: int) -> Ran:
    """Fill a store with queued pushes, then time their delivery by this process to the last commit."""
    with _filled(base, messages) as (office, _):
        begun = time.perf_counter()
        deliver(office, NAME)
        seconds = time.perf_counter() - begun
        _check(office, messages)
    return Ran(messages, seconds)


def run_two(base: str, messages: int) -> Ran:
    """As `run`, by two processes that share the store, from the word "go" until both have ended their last commit."""
    with _filled(base, messages) as (office, path):
        command = [sys.executable, "-m", "bench.ours", base, str(path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
        workers = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]
        for worker in workers:
            worker.stdout.readline()
        begun = time.perf_counter()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            worker.stdout.readline()
        seconds = time.perf_counter() - begun
        for worker in workers:
            worker.communicate()
        _check(office, messages)
    return Ran(messages, seconds)


def work(base: str, path: str) -> None:
    """One of two: ready, go, done."""
    office = _office(f"{base}/onebot", Path(path))
    print("ready", flush=True)
    sys.stdin.readline()
    deliver(office, NAME)
    print("done", flush=True)
    office.close()


@contextmanager
def _filled(base: str, messages: int) -> Iterator[tuple[Office, Path]]:
    """An office over a store with so many queued pushes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bench.sqlite3"
        office = _office(f"{base}/onebot", path)
        t.metadata.create_all(office.db.engine)
        try:
            _fill(office, messages)
            yield office, path
        finally:
            office.close()


def _office(base: str, path: Path) -> Office:
    groups = [str(700000000 + n) for n in range(TARGETS)]
    targets = [Target(number=f"Q{g}", name=f"群{g}", channel=NAME, address=g, audience=PUBLIC) for g in groups]
    setting = ChannelSetting(name=NAME, label="QQ群", api_base=base, window=Window(), pushes_a_day=None)
    school = School(
        name="示例学院",
        audiences=Audiences({PUBLIC: ()}),
        taxonomy=Taxonomy((Category("基本情况", {"其他": True}),), {}),
        targets={target.number: target for target in targets},
        routes=(),
        channels={NAME: setting},
        columns=(),
        confirm=False,
    )
    real = time.monotonic()

    def clock() -> datetime:
        return START + timedelta(seconds=time.monotonic() - real)

    channel = Unthrottled(setting, {"ONEBOT_TOKEN": "bench"}, clock)
    return Office(school, Db(f"sqlite:///{path.as_posix()}"), {NAME: channel}, clock)


def _entry(n: int) -> Entry:
    day = date(2021, 3, 1)
    return Entry(
        source="登记表",
        place=Place("登记表.xlsx", "", n),
        title=f"关于公布2021年春季学期第{n}批学生事务办理结果的通知",
        number=f"BENCH-{n:06d}",
        department="学生工作处",
        category="基本情况",
        sub_item="其他",
        disclosure=OPEN,
        audience=(PUBLIC,),
        approved_on=day,
        summary="现将办理结果予以公布，如有疑问请在五个工作日内向学生工作处反映。",
        url=f"https://www.example.edu.cn/xxgk/{n}.htm",
        review=Review("保密审查员", MAY_OPEN, day, "逐项审查单"),
    )


def _fill(office: Office, messages: int) -> None:
    """Reviewed items placed at every target, and a queued push for each placement."""
    now, targets = office.now(), list(office.school.targets)
    with office.db.write() as conn:
        facts.ensure_channels(conn, office.channels)
        for n in range(messages):
            number = targets[n % TARGETS]
            if n % TARGETS == 0:
                about = {"counted": True, "audience_class": PUBLIC, "baseline": False}
                item_id = items.add(conn, _entry(n // TARGETS), about, now)
                version_id = conn.scalar(select(t.items.c.version_id).where(t.items.c.id == item_id)) or 0
            placements.place_first(conn, item_id, version_id, number, NAME, now)
        for due in placements.waiting(conn, now):
            target = office.school.targets[due.target]
            assert make_push(conn, office, target, [due], now, [target.address]) is not None


def _check(office: Office, messages: int) -> None:
    """Every message has its attempt, its outcome and its end."""
    d = t.deliveries.c
    with office.db.read() as conn:
        ended = conn.scalar(select(func.count()).where(d.status == "delivered"))
        attempts = conn.scalar(select(func.count()).select_from(t.attempts))
        outcomes = conn.scalar(select(func.count()).select_from(t.outcomes))
    assert ended == attempts == outcomes == messages, (ended, attempts, outcomes)


if __name__ == "__main__":
    work(*sys.argv[1:])
