"""Messages per second with attempts, outcomes and every check, against bare `requests` and against Celery on RabbitMQ.

    python -m bench.deliver [--messages 2000] [--rounds 5] [--json] [--logs sqlite,core-sqlite] [--pools "prefork 1,…"]

Each cell is a fresh process; all take turns within each round and send to the same endpoint. `--logs` names how the
Celery tasks write their row, `--pools` how its workers run (bench/peer.py): one contender for each pair. `--logs ""`
leaves Celery out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from bench.endpoint import ROOT, Endpoint, running_endpoint

OURS, TWO, BARE = "公开达 deliver, 1 process", "公开达 deliver, 2 processes", "requests × 8 threads"
#: How a Celery task writes its push-log row.
LOGS = {"sqlite": "sqlite3", "postgresql": "psycopg", "core-sqlite": "SQLAlchemy", "core-postgresql": "SQLAlchemy/PG"}
#: Which of ours is held against which Celery, and what that shows.
AGAINST = (
    ("like for like", OURS, "prefork 1"),
    ("like for like", TWO, "prefork 2"),
    ("1 process against 2", OURS, "prefork 2"),
    ("8 threads each", OURS, "threads 8"),
)
#: At least so many times the peer's rate; at most so many MiB resident.
OF_BARE, OF_CELERY, RESIDENT = 0.6, 2.0, 120.0


def main() -> None:
    """Run one cell, or all of them in rounds."""
    args = _arguments()
    if args.one:
        print(json.dumps(_one(args)))
        return
    names = [BARE, OURS, TWO, *(_celery(pool, log) for pool in _split(args.pools) for log in _split(args.logs))]
    rates: dict[str, list[float]] = {name: [] for name in names}
    peak = 0.0
    with running_endpoint() as endpoint:
        for turn in range(args.rounds):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                cell = _cell(endpoint, name, args)
                rates[name].append(args.messages / cell["seconds"])
                peak = max(peak, cell["peak"]) if name == OURS else peak
    found = _found(rates, peak)
    print(json.dumps(found, ensure_ascii=False) if args.json else _table(rates, found, args))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.deliver", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--logs", default="sqlite,core-sqlite")
    parser.add_argument("--pools", default="prefork 1,prefork 2")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    return parser.parse_args()


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _celery(pool: str, log: str) -> str:
    return f"Celery {pool}, row by {LOGS[log]}"


def _cell(endpoint: Endpoint, name: str, args: argparse.Namespace) -> dict[str, float]:
    """One contender in a process of its own; the endpoint must have got every message exactly once."""
    endpoint.reset()
    command = [sys.executable, "-m", "bench.deliver", "--one", name, "--base", endpoint.base]
    command += ["--messages", str(args.messages)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    arrived = endpoint.count()[0]
    if arrived != args.messages:
        raise RuntimeError(f"{name}: {arrived} arrived of {args.messages}")
    cell: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return cell


def _one(args: argparse.Namespace) -> dict[str, float]:
    if args.one in (OURS, TWO):
        from bench import ours

        run = ours.run if args.one == OURS else ours.run_two
        seconds = run(args.base, args.messages).seconds
    elif args.one == BARE:
        from bench import bare

        seconds = bare.run(args.base, args.messages)
    else:
        from bench import peer

        pool, log = next((pool, log) for pool in peer.POOLS for log in LOGS if _celery(pool, log) == args.one)
        seconds = peer.run(Endpoint(args.base), args.messages, pool, log)
    return {"seconds": seconds, "peak": peak()}


def peak() -> float:
    """The most MiB this process has held resident."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _found(rates: dict[str, list[float]], peak: float) -> dict[str, Any]:
    middle = {name: median(each) for name, each in rates.items()}
    return {
        "messages_per_second": {name: [round(rate, 1) for rate in each] for name, each in rates.items()},
        "of_bare": round(middle[OURS] / middle[BARE], 2),
        "of_celery": [
            {"shows": shows, "ours": ours, "peer": peer, "times": round(middle[ours] / middle[peer], 2)}
            for shows, ours, peer in _pairs(rates)
        ],
        "peak_resident_mib": round(peak, 1),
    }


def _pairs(rates: dict[str, list[float]]) -> Iterator[tuple[str, str, str]]:
    """What is held against what, of those that ran."""
    for shows, ours, pool in AGAINST:
        yield from ((shows, ours, name) for log in LOGS if (name := _celery(pool, log)) in rates)


def _table(rates: dict[str, list[float]], found: dict[str, Any], args: argparse.Namespace) -> str:
    lines = [f"{args.messages} messages a cell, {args.rounds} interleaved rounds; messages/s, median [min–max]"]
    lines += [f"{name:<37} {_spread(each)}   {_list(each)}" for name, each in rates.items()]
    bare, held = found["of_bare"], found["peak_resident_mib"]
    lines.append(f"{bare:>5} × {BARE}   goal ≥ {OF_BARE:g}: {_said(bare >= OF_BARE)}")
    for each in found["of_celery"]:
        said = f"goal ≥ {OF_CELERY:g}: {_said(each['times'] >= OF_CELERY)}"
        lines.append(f"{each['times']:>5} × {each['peer']}, by {each['ours']} ({each['shows']})   {said}")
    lines.append(f"{held:>5} MiB resident at most, 1 process   goal < {RESIDENT:g}: {_said(held < RESIDENT)}")
    return "\n".join(lines)


def _spread(each: Sequence[float]) -> str:
    return f"{median(each):>6.0f} [{min(each):.0f}–{max(each):.0f}]"


def _list(each: Sequence[float]) -> str:
    return " ".join(f"{rate:.0f}" for rate in each)


def _said(reached: bool) -> str:
    return "reached" if reached else "MISSED"


if __name__ == "__main__":
    main()
