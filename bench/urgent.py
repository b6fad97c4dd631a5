"""One urgent item to 12,000 phones, 12,000 WeCom members and 60 groups, each vendor answering after 100 ms.

    python -m bench.urgent [--persons 12000] [--groups 60] [--delay 0.1] [--json]

The real scheduler over a full SQLite store, against the strict sandbox in a process of its own on the same two cores.
Timed from the moment the row stands in the watched register (approval) to the answer of the last call, as the log has
it. At the end the sandbox's own books must hold every person and group once, and `log --failed --retry` must pick
exactly those who did not get it.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from bench.deliver import peak
from config.settings import Settings, load
from demo.books import BOOKS
from demo.furnish import furnish
from demo.replay import CONFIG
from demo.sandbox import Sandbox, sandbox_process
from demo.stage import DOORS, SECRETS
from desk.duty import on_duty
from desk.service import scheduled
from desk.start import prepare
from jobs.office import Office, open_office
from jobs.orders import send_again
from rules.dates import Window, day_of
from rules.routing import Route, Target
from rules.school import Column
from store import tables as t

STAFF = "教职工"
#: Of the groups so many are QQ's: all that its 20 a minute let go at once.
QQ = 20
#: So many of the listed members have left: the vendor refuses them by name.
LEFT = 7
#: How often the folder is looked at (seconds).
LOOK = 2
GOAL_SECONDS, GOAL_MIB = 10.0, 150.0
#: What the vendors themselves allow, beside which the seconds are read.
ALLOWED = {
    "sms_aliyun": "一次调用 1000 个号码，每秒 5000 次",
    "wecom_app": "一次调用 1000 人，每人每分钟 30 条",
    "wecom_bot": "每个机器人每分钟 20 条",
    "onebot": "约每分钟 20 个群",
}


@dataclass(frozen=True)
class Scale:
    """How many, and how slow the vendors are (seconds)."""

    persons: int
    groups: int
    delay: float


def main() -> None:
    """Run once and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m bench.urgent", description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=12000)
    parser.add_argument("--groups", type=int, default=60)
    parser.add_argument("--delay", type=float, default=0.1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    logging.disable(logging.INFO)
    found = run(Scale(args.persons, args.groups, args.delay))
    print(json.dumps(found, ensure_ascii=False) if args.json else _table(found))
    sys.exit(0 if found["seconds"] <= GOAL_SECONDS and found["peak_mib"] <= GOAL_MIB else 1)


def run(scale: Scale) -> dict[str, Any]:
    """The figures of one urgent item."""
    with _ready(scale) as (office, sandbox, register):
        with on_duty(office.db, "测量", office.clock) as mine, scheduled(office, mine):
            time.sleep(3)  # the first look, which sets the baseline, and the first runs of every job
            began = _approve(register)
            _wait(office, scale)
        resident = peak()  # before the whole of the sandbox's books is read here
        channels = {name: _channel(office, name, began) for name in office.channels}
        _hold_against_books(sandbox, office, scale)
        return {
            "persons": scale.persons,
            "groups": scale.groups,
            "delay": scale.delay,
            "seconds": max(each["last"] for each in channels.values()),
            "channels": channels,
            "retried": _retried(office),
            "peak_mib": round(resident, 1),
        }


@contextmanager
def _ready(scale: Scale) -> Iterator[tuple[Office, Sandbox, Path]]:
    """A school whose persons and groups the vendors know, but for LEFT members who stand in the list and have left."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        members = [f"t{n:05d}" for n in range(scale.persons)]
        _write(home / "名单" / "手机.csv", "手机号", (f"139{n:08d}" for n in range(scale.persons)))
        _write(home / "名单" / "账号.csv", "账号", members[LEFT:])
        (home / "登记表").mkdir()
        with sandbox_process(home / "sandbox.sqlite3", None) as sandbox:
            settings = _settings(scale, home, sandbox.base)
            furnish(sandbox, settings, "http://127.0.0.1:9")
            _write(home / "名单" / "账号.csv", "账号", members)
            sandbox.admin("faults", call="*", kind="slow", seconds=scale.delay, times=None)
            office = open_office(settings, lambda: datetime.now(UTC))
            try:
                _make_tables(settings.database_url)
                prepare(office)
                yield office, sandbox, home / "登记表" / "登记表.csv"
            finally:
                office.close()


def _make_tables(url: str) -> None:
    """In a process of its own, as long ago: a bot starts on tables that are there, and what makes them stays unloaded."""
    command = "import sys; from store.db import Db; from store.migrate import upgrade; upgrade(Db(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", command, url], check=True)


def _write(path: Path, column: str, values: Iterable[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[column], *([value] for value in values)])


def _settings(scale: Scale, home: Path, base: str) -> Settings:
    """The demonstration's school with these targets alone, open at every hour."""
    settings = load(CONFIG, {})
    targets = {each.number: each for each in _targets(scale)}
    robots = {each.address: f"bench-{each.number.lower()}" for each in targets.values() if each.channel == "wecom_bot"}
    whole = Window(datetime.min.time(), datetime.max.time())
    channels = {
        name: replace(each, api_base=f"{base}/{DOORS[name]}", window=whole, slots=())
        for name, each in settings.school.channels.items()
        if name in ALLOWED
    }
    column = Column(name="登记表", kind="folder", place=str(home / "登记表"), every=timedelta(seconds=LOOK))
    route = Route(name="教职工", audiences=(STAFF,), target_audiences=(STAFF,))
    school = replace(
        settings.school, targets=targets, channels=channels, columns=(column,), routes=(route,), alarm_targets=()
    )
    env = {**SECRETS, **robots, "XXGK_PEOPLE": str(home / "名单")}
    url = f"sqlite:///{(home / 'bench.sqlite3').as_posix()}"
    return replace(settings, school=school, env=env, database_url=url)


def _targets(scale: Scale) -> Iterator[Target]:
    yield Target(number="D1", name="教职工短信", channel="sms_aliyun", address="名单:手机", audience=STAFF)
    yield Target(number="W1", name="教职工应用消息", channel="wecom_app", address="名单:账号", audience=STAFF)
    for n in range(scale.groups):
        if n < QQ:
            yield Target(number=f"Q{n}", name=f"QQ群{n}", channel="onebot", address=f"{700000000 + n}", audience=STAFF)
        else:
            yield Target(number=f"G{n}", name=f"群{n}", channel="wecom_bot", address=f"WECOM_ROBOT_{n}", audience=STAFF)


HEADERS = ("编号", "标题", "责任部门", "大类", "小项", "公开属性", "受众范围", "校内公开理由", "审查人", "审查结论", "审查依据",
           "批准日期", "紧急")  # fmt: skip


def _approve(register: Path) -> datetime:
    """The row stands in the register; from here on it counts."""
    now = datetime.now(UTC)
    row = ("急-1", "关于今晚全校停水的紧急通知", "后勤处", "学校工作的重大事项", "重要改革举措和有关政策", "主动公开", STAFF,
           "仅涉及校内", "保密审查员", "可以公开", "逐项审查单", str(day_of(now)), "是")  # fmt: skip
    half = register.with_suffix(".part")
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADERS, row])
    half.replace(register)
    return now


def _wait(office: Office, scale: Scale) -> None:
    """Until every person and group has an answer; raises TimeoutError after two minutes."""
    wanted, ends = 2 * scale.persons + scale.groups, time.monotonic() + 120
    while time.monotonic() < ends:
        with office.db.read() as conn:
            found = conn.scalar(select(func.count()).select_from(t.outcomes)) or 0
        if found >= wanted:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{found} of {wanted} answers")


def _channel(office: Office, name: str, began: datetime) -> dict[str, Any]:
    """Calls, addresses, and the seconds from approval to its first call and its last answer."""
    d, a, o = t.deliveries.c, t.attempts.c, t.outcomes.c
    answers = select(func.count(), func.max(o.at)).join(t.deliveries, d.id == o.delivery_id).where(d.channel == name)
    calls = select(func.count(), func.min(a.begun_at)).join(t.pushes, t.pushes.c.id == a.push_id)
    with office.db.read() as conn:
        addresses, last = conn.execute(answers).one()
        made, first = conn.execute(calls.where(t.pushes.c.channel == name)).one()
    seconds = {"first": (first - began).total_seconds(), "last": (last - began).total_seconds()}
    return {"calls": made, "addresses": addresses, **seconds}


def _hold_against_books(sandbox: Sandbox, office: Office, scale: Scale) -> None:
    """The sandbox has every person and every group once."""
    books = sandbox.books() | sandbox.books(vendor="wecom_app")
    phones = Counter(line["number"] for line in books["sms"])
    members = Counter(line["userid"] for line in books["wecom_people"])
    assert len(phones) == scale.persons and set(phones.values()) == {1}, "short messages"
    assert len(members) == scale.persons - LEFT and set(members.values()) == {1}, "members"
    for name, groups in (("onebot", QQ), ("wecom_bot", scale.groups - QQ)):
        posted = [line for line in books[BOOKS[name]] if "停水" in line["text"]]
        assert len(posted) == groups, name


def _retried(office: Office) -> int:
    """Whom `log --failed --retry` would write to: exactly those who have left."""
    d, u = t.deliveries.c, t.pushes.c
    with office.db.read() as conn:
        [push_id] = conn.scalars(select(u.id).where(u.channel == "wecom_app"))
    again = send_again(office, push_id, "bench")
    with office.db.read() as conn:
        found = set(conn.scalars(select(d.address).where(d.push_id == again)))
    assert found == {f"t{n:05d}" for n in range(LEFT)}, found
    return len(found)


def _table(found: dict[str, Any]) -> str:
    lines = [
        f"{found['persons']} phones, {found['persons']} members, {found['groups']} groups; {found['delay']} s a call"
    ]
    for name, each in found["channels"].items():
        lines.append(
            f"{name:12} {each['calls']:4} calls {each['addresses']:6} addresses   first call {each['first']:5.2f} s   "
            f"last answer {each['last']:5.2f} s   allowed: {ALLOWED[name]}"
        )
    reached = "reached" if found["seconds"] <= GOAL_SECONDS else "missed"
    lines.append(f"last hand-over {found['seconds']:.2f} s after approval   goal ≤ {GOAL_SECONDS:.0f} s: {reached}")
    small = "reached" if found["peak_mib"] <= GOAL_MIB else "missed"
    lines.append(f"resident at most {found['peak_mib']} MiB   goal ≤ {GOAL_MIB:.0f} MiB: {small}")
    lines.append(f"log --failed --retry picks {found['retried']} persons, exactly those who had left")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
