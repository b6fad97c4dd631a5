"""The year's report from the roll-ups and from the rows, what the roll-ups cost to keep, and pages of the log.

    python -m bench.report [--rows 1000000] [--rounds 5] [--stores sqlite,postgresql] [--json]

The rows are made by bench/rows.py. The two reports take turns within each round and must be equal; each page is asked
for at the beginning, the middle and the end of the log.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.engine import make_url

from bench.endpoint import ROOT
from bench.rows import NOW, fill
from config.settings import load
from jobs import rollup
from jobs.report import report
from rules.dates import SchoolYear
from rules.school import School
from rules.states import Result, Status
from store import log, marks
from store import tables as t
from store.db import Db

T = TypeVar("T")
YEAR = SchoolYear.parse("2020-2021")
POSTGRES = os.environ.get("XXGK_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1/postgres")
#: At least so many times as quick as the rows; microseconds a state change; seconds a page.
RATIO = {"sqlite": 25, "postgresql": 6}
UPKEEP, PAGE = 15.0, 0.005
#: State changes in one commit, as the send path makes them, and how many commits.
TOGETHER, COMMITS = 100, 50
#: How often the pages come round, and how often each is asked for then.
SWEEPS, LOOKS = 8, 5


def main() -> None:
    """Measure store by store and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stores", default="sqlite,postgresql")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peak", nargs=2, metavar=("URL", "ROLLED"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peak:
        print(_peak_here(args.peak[0], rolled=args.peak[1] == "1"))
        return
    for name in args.stores.split(","):
        found = _measure(name, args.rows, args.rounds)
        print(json.dumps(found, ensure_ascii=False) if args.json else _table(found) + "\n", flush=True)


@contextmanager
def _store(kind: str) -> Iterator[Db]:
    """An empty store with all tables; gone at the end."""
    if kind == "sqlite":
        with TemporaryDirectory() as folder:
            db = Db(f"sqlite:///{(Path(folder) / 'bench.sqlite3').as_posix()}")
            t.metadata.create_all(db.engine)
            yield db
            db.close()
        return
    name = f"xxgk_bench_{uuid.uuid4().hex[:12]}"
    _order(f"CREATE DATABASE {name}")
    db = Db(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
    try:
        t.metadata.create_all(db.engine)
        yield db
    finally:
        db.close()
        _order(f"DROP DATABASE {name}")


def _order(statement: str) -> None:
    db = Db(POSTGRES)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(statement))
    db.close()


def _school() -> School:
    return load(ROOT / "demo" / "config", {}).school


def _measure(kind: str, rows: int, rounds: int) -> dict[str, Any]:
    school = _school()
    with _store(kind) as db:
        many, filled = _timed(lambda: fill(db, school, rows))
        rolled, counted = _timed(lambda: rollup.roll(db, lambda: NOW))
        quick, plain = _reports(db, school, rounds)
        return {
            "store": kind, "rows": many, "filled_s": filled, "days": rolled.days, "counted_s": counted,
            "rolled_s": quick, "rows_s": plain, "ratio": median(plain) / median(quick), "goal": RATIO[kind],
            "peak_mib": {word: _peak(db, word) for word in ("1", "0")},
            **_upkeep(db), "pages_ms": _pages(db),
        }  # fmt: skip


def _timed(what: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    return what(), time.perf_counter() - begun


def _reports(db: Db, school: School, rounds: int) -> tuple[list[float], list[float]]:
    quick, plain = [], []
    for _ in range(rounds):
        mine, seconds = _timed(lambda: report(db, school, YEAR, cut_off=NOW))
        quick.append(seconds)
        theirs, seconds = _timed(lambda: report(db, school, YEAR, cut_off=NOW, rolled=False))
        plain.append(seconds)
        if mine != theirs:
            raise SystemExit("the two reports differ")
    return quick, plain


def _peak(db: Db, rolled: str) -> int:
    """MiB that a fresh process had in use at most while it made the report."""
    address = db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "bench.report", "--peak", address, rolled]
    return int(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _peak_here(address: str, *, rolled: bool) -> int:
    db = Db(address)
    report(db, _school(), YEAR, cut_off=NOW, rolled=rolled)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _upkeep(db: Db) -> dict[str, list[float]]:
    """Microseconds a state change takes longer for its mark, and what the hourly run spends on it; five times over all commits.

    Each commit is made without and with them, one right after the other and every other time the other way round; what
    counts is the middle of the differences. Then the marks are cleared together; counting the days anew is not in it.
    """
    with db.read() as conn:
        last = conn.scalar(select(func.max(t.pushes.c.id))) or 0
    some = [list(range(last - n - TOGETHER + 1, last - n + 1)) for n in range(0, TOGETHER * COMMITS, TOGETHER)]
    found: dict[str, list[float]] = {"upkeep_us": [], "cleared_us": []}
    for _ in range(5):
        longer = median(_longer(db, ids, first=bool(n % 2)) for n, ids in enumerate(some))
        found["upkeep_us"].append(longer / TOGETHER * 1e6)
        found["cleared_us"].append(_timed(lambda: rollup.clear(db))[1] / (TOGETHER * COMMITS) * 1e6)
    return found


def _longer(db: Db, ids: list[int], *, first: bool) -> float:
    """Seconds that the commit with marks takes longer than the one without."""
    took = {marked: _change(db, ids, marked=marked) for marked in (first, not first)}
    return took[True] - took[False]


def _change(db: Db, ids: list[int], *, marked: bool) -> float:
    d = t.deliveries.c
    begun = time.perf_counter()
    with db.write() as conn:
        if marked:
            marks.touch(conn, pushes=ids)
        conn.execute(update(t.deliveries).where(d.id.in_(ids)).values(status=Status.DELIVERED if marked else Status.ACCEPTED))
    return time.perf_counter() - begun


def _pages(db: Db) -> dict[str, float]:
    """Milliseconds of a page for each filter: the slowest of three places in the log.

    Of each place it is the best of its looks, which come round again and again: not what else the machine did meanwhile,
    nor what a first plan costs PostgreSQL.
    """
    with db.read() as conn:
        low, high = conn.execute(select(func.min(t.pushes.c.created_at), func.max(t.pushes.c.created_at))).one()
        depths = [None, *(log.Key(at, 10**15, 10**15) for at in (low + (high - low) / 2, low + timedelta(days=2)))]
        found = {name: [1e9] * len(depths) for name in (*_FILTERS, *_PAIRS)}
        for _ in range(SWEEPS):
            for name, wanted in {**_FILTERS, **_PAIRS}.items():
                found[name] = [min(ms, _page(conn, wanted, at)) for ms, at in zip(found[name], depths, strict=True)]
    return {name: max(each) for name, each in found.items()}


_FILTERS = {
    "time": log.Filter(),
    "channel": log.Filter(channel="onebot"),
    "target": log.Filter(target="B07"),
    "item": log.Filter(items=(77,)),
    **{f"status {each}": log.Filter(results=(each,)) for each in Result},
}  # fmt: skip
#: Two filters at once: shown, but held to no goal.
_PAIRS = {
    "channel, status 失败": log.Filter(channel="onebot", results=(Result.FAILURE,)),
    "target, status 失败": log.Filter(target="B07", results=(Result.FAILURE,)),
}  # fmt: skip


def _page(conn: Connection, wanted: log.Filter, depth: log.Key | None) -> float:
    return min(_timed(lambda: log.page(conn, wanted, after=depth))[1] for _ in range(LOOKS)) * 1000


def _table(found: dict[str, Any]) -> str:
    upkeep, pages = median(found["upkeep_us"]), found["pages_ms"]
    slowest = max(_FILTERS, key=pages.__getitem__)
    lines = [
        f"{found['store']}, {found['rows']} rows (made in {found['filled_s']:.0f} s; {found['days']} days counted once in {found['counted_s']:.0f} s)",
        f"report from the rows      {_spread(found['rows_s'])} s, peak {found['peak_mib']['0']} MiB",
        f"report from the roll-ups  {_spread(found['rolled_s'])} s, peak {found['peak_mib']['1']} MiB",
        f"ratio                     {found['ratio']:.1f} ×   goal {found['goal']} ×: {_said(found['ratio'] >= found['goal'])}",
        f"upkeep a state change     {_spread(found['upkeep_us'], 1)} µs   goal {UPKEEP:.0f} µs: {_said(upkeep <= UPKEEP)}",
        f"    in the hourly run     {_spread(found['cleared_us'], 1)} µs   (no goal)",
        f"page of the log           {pages[slowest]:.1f} ms ({slowest})   goal {PAGE * 1000:.0f} ms: {_said(pages[slowest] <= PAGE * 1000)}",
        *(f"    {name:<22}{ms:.1f} ms{'   (no goal)' * (name in _PAIRS)}" for name, ms in pages.items()),
    ]
    return "\n".join(lines)


def _spread(values: list[float], digits: int = 2) -> str:
    return f"{median(values):.{digits}f} [{min(values):.{digits}f}–{max(values):.{digits}f}]"


def _said(reached: bool) -> str:
    return "reached" if reached else "MISSED"


if __name__ == "__main__":
    main()
