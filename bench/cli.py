"""How long the command line keeps a person waiting, and the year's report its reader.

    python -m bench.cli [--rounds 5] [--json] [--store FILE]

The store is a copy of the last demonstration's; without one a demonstration is run first. Every figure is a fresh
process, the four take turns within each round.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.endpoint import ROOT

DEMO = ROOT / "var" / "demo" / "last" / "demo.sqlite3"
IMPORT, HELP, LOG, REPORT = "import sqlalchemy", "bot.py --help", "bot.py log", "the year's report query"
#: Seconds at most; the log is held against the import, not against the clock.
HELP_GOAL, REPORT_GOAL, LOG_OF_IMPORT = 0.3, 0.3, 1.5


def main() -> None:
    """Measure in rounds and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.cli", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--store", type=Path, default=DEMO)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.report:
        print(_report(args.report))
        return
    with TemporaryDirectory() as folder:
        times = _measure(_copy(args.store, Path(folder) / "demo.sqlite3"), args.rounds)
    print(json.dumps(times, ensure_ascii=False) if args.json else _table(times))


def _copy(store: Path, to: Path) -> Path:
    """A consistent copy, also of a store in use."""
    if not store.exists():
        subprocess.run(
            [sys.executable, "bot.py", "demo", "--exit", "--json"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def _measure(store: Path, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {IMPORT: [], HELP: [], LOG: [], REPORT: []}
    for _ in range(rounds):
        times[IMPORT].append(_seconds(store, "-c", "import sqlalchemy"))
        times[HELP].append(_seconds(store, "bot.py", "--help"))
        times[LOG].append(_seconds(store, "bot.py", "log"))
        times[REPORT].append(float(_run(store, "-m", "bench.cli", "--report", str(store))))
    return times


def _seconds(store: Path, *command: str) -> float:
    begun = time.perf_counter()
    _run(store, *command)
    return time.perf_counter() - begun


def _run(store: Path, *command: str) -> str:
    env = {**os.environ, "XXGK_DATABASE_URL": f"sqlite:///{store.as_posix()}", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _report(store: Path) -> float:
    """Seconds for the whole report, the first time in this process."""
    from config.settings import load
    from jobs.report import report
    from rules.dates import SHANGHAI, SchoolYear
    from store.db import Db

    db = Db(f"sqlite:///{store.as_posix()}")
    school = load(ROOT / "demo" / "config", {}).school
    begun = time.perf_counter()
    report(db, school, SchoolYear.parse("2020-2021"), cut_off=datetime(2021, 10, 29, 18, tzinfo=SHANGHAI))
    seconds = time.perf_counter() - begun
    db.close()
    return seconds


def _table(times: dict[str, list[float]]) -> str:
    middle = {name: median(each) for name, each in times.items()}
    of_import = middle[LOG] / middle[IMPORT]
    goals = {
        HELP: (middle[HELP] < HELP_GOAL, f"< {HELP_GOAL} s"),
        LOG: (of_import <= LOG_OF_IMPORT, f"≤ {LOG_OF_IMPORT} × the import; it takes {of_import:.2f} ×"),
        REPORT: (middle[REPORT] < REPORT_GOAL, f"< {REPORT_GOAL} s"),
    }
    lines = []
    for name, each in times.items():
        said = f"   goal {goals[name][1]}: {'reached' if goals[name][0] else 'MISSED'}" if name in goals else ""
        lines.append(f"{name:<24} {median(each):.3f} s [{min(each):.3f}–{max(each):.3f}]{said}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
