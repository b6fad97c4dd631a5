"""A small school in the middle of its day, at which the commands of the office's pages are typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import bot
import config.settings
import desk.log
import desk.start
from channels.base import SendError
from jobs import orders
from rules.dates import Window
from rules.item import Place
from rules.outcome import Outcome
from store.db import Db
from tests.jobs.bench import ACCOUNT, FILE, GROUPS, Bench, entry, make_bench, sheet, to_staff, to_students
from tests.jobs.by_hand import BY_HAND, with_places


@pytest.fixture
def office(sqlite_db: Db, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    """A small school in the middle of its day: pushed, failed, nobody knows, handed over, edited since."""
    bench = with_places(make_bench(sqlite_db))
    labels = {GROUPS: "教职工、学生群", ACCOUNT: "官方微信公众平台", "duty": "值班群", BY_HAND: "人工渠道"}
    for name, label in labels.items():
        bench.set(name, label=label, window=Window(), pushes_a_day=2 if name == GROUPS else None)
    monkeypatch.setattr(bot, "_db", lambda: bench.db)
    monkeypatch.setattr(bot, "_office", lambda: bench.office)
    monkeypatch.setattr(desk.start, "look_office", lambda: bench.office)
    monkeypatch.setattr(desk.start, "now", bench.clock)
    monkeypatch.setattr(config.settings, "load", lambda *_: SimpleNamespace(school=bench.office.school))
    monkeypatch.setattr(desk.log, "registered", lambda: bench.office.school.targets)
    monkeypatch.setattr("getpass.getuser", lambda: "张老师")
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.chdir(tmp_path)
    _a_day(bench)
    yield bench
    bench.close()


def _a_day(bench: Bench) -> None:
    notice = entry(
        number="XX-001",
        place=Place(FILE, "2020", 4),
        title="2020年秋季学期收费标准公示",
        url="https://www.example.edu.cn/1.htm",
    )
    bench.vendor.says(
        GROUPS, Outcome.DELIVERED, SendError(Outcome.UNKNOWN_CODE, "平台返回了未登记的错误", code="50099")
    )
    bench.publish(
        notice,
        to_staff(number="XX-002", place=Place(FILE, "2020", 5), title="关于开展2020年职称评审工作的通知"),
        to_students(number="XX-003", place=Place(FILE, "2020", 6), title="关于国家助学金申请的通知"),
        entry(number="XX-004", place=Place(FILE, "2020", 7), title="关于校内道路施工的通知", audience=("校内",)),
    )
    bench.tick()
    bench.clock.forward(minutes=30)
    bench.vendor.says(GROUPS, SendError(Outcome.UNCERTAIN, "请求发出后没有收到完整答复（等待超时）"))
    bench.publish(to_staff(number="XX-005", place=Place(FILE, "2020", 8), title="关于教职工体检安排的通知"))
    bench.tick()
    bench.clock.forward(minutes=30)
    bench.watch(sheet(replace(notice, title="2020年秋季学期收费标准公示（修订）"), whole=frozenset()))
    bench.tick()
    orders.pause(bench.office, ACCOUNT, "张老师", "账号正在年审")
