"""The ground of a kill: the sandbox that survives, the store that is left, and the question whether they agree."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from jobs.sweep import REMINDER
from rules.bundle import Bundle
from rules.states import TAKEN, Status
from store import tables as t
from store.db import Db
from tests.channels.servers import ROOT, Sandbox
from tests.kill.school import ALL, APP_ID, FIRST, QQ, ROBOT_KEY, SECRETS, Way, title
from tests.kill.worker import Life

KILLED = -signal.SIGKILL


class Worker:
    """The process that forks lives."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, life: Life) -> int:
        """Start a life; returns its process id."""
        return self._ask({"life": asdict(life), "warm": False})

    def warm_up(self, life: Life) -> None:
        """Lead a life in the forking process itself; those that come after it start warm."""
        assert self._ask({"life": asdict(life), "warm": True}) == 0

    def end(self, pid: int) -> int:
        """Wait for its end; returns 0, or minus the signal that ended it."""
        return self._ask({"wait": pid})

    def _ask(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def running_worker() -> Iterator[Worker]:
    """The forking process, ended on leaving."""
    command = [sys.executable, "-m", "tests.kill.worker"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Worker(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass
class Ground:
    """One way to send, its store, the vendors, and what was in flight whenever a process died."""

    way: Way
    sandbox: Sandbox
    worker: Worker
    path: Path
    db: Db = field(init=False)
    in_flight: int = 0

    def __post_init__(self) -> None:
        self.db = Db(f"sqlite:///{self.path.as_posix()}")

    def furnish(self) -> None:
        """The vendors' side of the small school."""
        account = {
            "appid": APP_ID, "secret": SECRETS["WECHAT_APP_SECRET"], "token": SECRETS["WECHAT_TOKEN"], "fans": 50,
            "aes_key": SECRETS["WECHAT_AES_KEY"], "kind": "subscription", "callback_mode": "safe", "job_delay": 60,
        }  # fmt: skip
        groups = [{"group_id": f"70000000{n}", "name": f"群{n}", "role": "admin"} for n in range(4)]
        robots = [{"key": ROBOT_KEY.format(n), "name": f"群{n}"} for n in range(4)]
        bots = [{"self_id": QQ, "token": SECRETS["ONEBOT_TOKEN"]}]
        self.sandbox.setup(accounts=[account], groups=groups, robots=robots, bots=bots)
        for group in groups:  # a real group is never empty
            self.sandbox.admin("say", {"group_id": group["group_id"], "text": "欢迎", "user_id": 20002})

    def life(self, point: str = "", nth: int = 1, rows: range = FIRST, **more: Any) -> Life:
        """A life on this ground, to be killed at a point; without one it lives to its end."""
        return Life(
            way=self.way.name, base=self.sandbox.base, database=f"sqlite:///{self.path.as_posix()}",
            report=str(self.path.with_suffix(".json")), rows=(rows.start, rows.stop), point=point, nth=nth, **more,
        )  # fmt: skip

    def lead(self, *lives: Life) -> list[int]:
        """Let these lives begin at once, a moment after what was before; returns how each of them ended."""
        self.sandbox.forward(timedelta(seconds=5))
        pids = [self.worker.begin(life) for life in lives]
        ends = [self.worker.end(pid) for pid in pids]
        self._count_in_flight()
        return ends

    def kill_after(self, seconds: float) -> int:
        """A life that is killed so many seconds after its birth, wherever it then is."""
        self.sandbox.forward(timedelta(seconds=5))
        pid = self.worker.begin(self.life())
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)  # until it is waited for, the number is its own
        end = self.worker.end(pid)
        self._count_in_flight()
        return end

    def _count_in_flight(self) -> None:
        d = t.deliveries.c
        with self.db.read() as conn:
            self.in_flight += conn.scalar(select(func.count()).where(d.status == Status.SENDING)) or 0

    def recover(self) -> None:
        """A fresh process takes over, the clerk adds items; then every question is asked, and a person answers the last."""
        seen = self.take_over()
        if seen:
            assert self.take_over(seen) == {}, "a person has said what is there, and something is still open"

    def take_over(self, seen: dict[str, bool] | None = None) -> dict[str, bool]:
        """A fresh process lives to its end; returns what then waits for a person, and the truth of it."""
        assert self.lead(self.life(rows=ALL, seen=seen or {})) == [0]
        return self.judge(ALL)

    def points(self) -> Counter[str]:
        """What the last life that reached its end has passed."""
        return Counter(json.loads(self.path.with_suffix(".json").read_text()))

    def judge(self, rows: range) -> dict[str, bool]:
        """Nothing lost, nothing doubled, by the vendors' own books; returns what waits for a person, and the truth of it."""
        posts = self.posts()
        arrived = Counter((target, n) for target, text in posts for n in rows if title(n) in text)
        doubled = {each: times for each, times in arrived.items() if times > 1}
        assert not doubled, f"doubled: {doubled}"
        found = self._placements()
        expected = {(number, n) for number in self.way.targets if number not in self.way.duty for n in rows}
        assert found.keys() == expected, f"lost: {expected - found.keys()}, too many: {found.keys() - expected}"
        unsure = {number for (number, _), (status, _) in found.items() if status == Status.UNCERTAIN}
        seen: dict[str, bool] = {}
        for each, (status, delivery) in found.items():
            if status == Status.UNCERTAIN:
                seen[str(delivery)] = each in arrived
            elif status is None:
                assert each[0] in unsure and each not in arrived, f"{each} waits for nothing"
            else:
                assert status in (*TAKEN, Status.HANDED), f"{each} ended as {status}"  # a draft waits for its person
                assert each in arrived, f"lost: {each} is {status} and the vendor knows nothing of it"
        assert not seen or self.way.name == "wecom_bot", f"{seen} left to a person where the vendor can tell"
        assert len(seen) <= self.in_flight, f"{len(seen)} uncertain, {self.in_flight} were in flight"
        self._judge_books(posts, seen)
        return seen

    def posts(self) -> list[tuple[str, str]]:
        """(target, text) of all that the vendor says has reached people: for drafts, the box that a person opens.

        A reminder to the people on duty names what it is about, but it is no disclosure.
        """
        return [(target, text) for target, text in self._posts() if REMINDER not in text]

    def _posts(self) -> list[tuple[str, str]]:
        books = self.sandbox.books()
        by_address = {each.address: number for number, each in self.way.targets.items()}
        if self.way.name == "wecom_bot":
            names = {SECRETS[address]: number for address, number in by_address.items()}
            return [(names[each["key"]], each["text"]) for each in books["robot"]]
        if self.way.name == "onebot":
            return [(by_address[each["group_id"]], each["text"]) for each in books["qq"] if each["user_id"] == QQ]
        held = books["drafts"] if self.way.name == "draft" else books["wechat"]
        return [("A1", _articles(each)) for each in held]

    def _placements(self) -> dict[tuple[str, int], tuple[Status | None, int]]:
        """(target, item) -> where its live delivery stands, None if it waits for its push."""
        p, i, d = t.placements.c, t.items.c, t.deliveries.c
        query = (
            select(p.target, i.number, d.status, d.id, p.ended, p.reason)
            .join(t.items, i.id == p.item_id)
            .outerjoin(t.deliveries, d.push_id == p.push_id)
        )
        found: dict[tuple[str, int], tuple[Status | None, int]] = {}
        with self.db.read() as conn:
            for row in conn.execute(query):
                key = (row.target, int(row.number[-3:]))
                assert key not in found and not row.ended
                assert row.status is not None or row.reason, f"{key} waits without a reason"
                found[key] = (None if row.status is None else Status(row.status), row.id)
        return found

    def _judge_books(self, posts: list[tuple[str, str]], seen: dict[str, bool]) -> None:
        """Our own books: an attempt for every post, an alarm for every doubt, a date for every item that arrived."""
        u, a, i, p, d = t.pushes.c, t.attempts.c, t.items.c, t.placements.c, t.deliveries.c
        with self.db.read() as conn:
            tried = set(conn.scalars(select(u.push_key).join(t.attempts, a.push_id == u.id)))
            subjects = set(conn.scalars(select(t.alarms.c.subject).where(t.alarms.c.cleared_at.is_(None))))
            undated = select(i.number).join(t.placements, p.item_id == i.id).where(p.taken_at.is_not(None))
            assert not list(conn.scalars(undated.where(i.disclosed_on.is_(None))))
            doubted = set(conn.scalars(select(d.push_id).where(d.id.in_([int(each) for each in seen]))))
            unheard = list(conn.scalars(select(t.receipts.c.raw).where(t.receipts.c.applied_at.is_(None))))
        # A publication whose number was lost with its answer is found by its articles; the event then names nothing known.
        assert not unheard or self.way.name == "publish", f"receipts that were never applied: {unheard}"
        marks = [Bundle(key=key, school="", pieces=()).mark for key in tried]
        for target, text in posts:
            if target not in self.way.duty:
                known = sum(mark in text for mark in marks) + sum(f"xxgk={key}" in text for key in tried)
                assert known == 1, f"a post without an attempt: {text}"
        assert {f"待定:{push}" for push in doubted} <= subjects, "a doubt nobody was told of"


def _articles(held: Any) -> str:
    return "\n".join(f"{each['title']} {each['content_source_url']}" for each in held["articles"])
