"""The office's pages show real output: each `$ python bot.py …` in them is run here, in the page's order, and compared.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

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

PAGE = Path(__file__).resolve().parents[2] / "docs" / "推送之后.md"
BLOCK = re.compile(r"```\n\$ (python bot\.py [^\n]*)\n(.*?)```", re.DOTALL)
#: What the issue promises to this page.
PROMISED = ("log", "why", "uncertain", "retract", "correct", "recalls", "channels", "quota", "pause", "resume", "hand-off",
            "book")  # fmt: skip


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


def ran(command: str) -> str:
    """What the command prints, or the plain words of why it does not."""
    words = shlex.split(command.removeprefix("python bot.py"))
    found = CliRunner().invoke(bot.bot, words, prog_name="bot.py")
    said = found.output if found.exception is None or isinstance(found.exception, SystemExit) else str(found.exception)
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def hold(page: Path, written: list[tuple[str, str]]) -> None:
    """What stands in the page (first of each pair) is what was printed (second); GOLDEN=write puts it there."""
    if os.environ.get("GOLDEN") == "write":
        text = page.read_text(encoding="utf-8")
        for old, new in written:
            text = text.replace(old, new, 1)
        page.write_text(text, encoding="utf-8")
        return
    for old, new in written:
        assert old == new


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written: list[tuple[str, str]] = []
    for found in BLOCK.finditer(page):
        written.append((found[0], f"```\n$ {found[1]}\n{ran(found[1])}```"))
        office.tick()
    assert len(written) >= len(PROMISED)
    hold(PAGE, written)


def test_every_command_that_was_promised_is_shown() -> None:
    shown = {found[1].split()[2] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    assert set(PROMISED) <= shown
