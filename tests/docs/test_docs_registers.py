"""The page on registers shows real output: each command in it is run here, in the page's order, and compared.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import bot
from config import places
from config.calendars import CalendarPart, read_calendar
from rules.registry import REGISTERS
from store.db import Db
from tests.docs.test_docs_output import BLOCK, ran
from tests.jobs.bench import Bench, make_bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "登记各类事项.md"
CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])


@pytest.fixture
def office(sqlite_db: Db, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    """A school that has never kept a register."""
    bench = make_bench(sqlite_db)
    bench.office.school = replace(bench.office.school, calendar=CALENDAR)
    monkeypatch.setattr(bot, "_office", lambda: bench.office)
    monkeypatch.setattr("getpass.getuser", lambda: "张老师")
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.chdir(tmp_path)
    yield bench
    bench.close()


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written = [(found[0], f"```\n$ {found[1]}\n{ran(found[1])}```", found.start()) for found in BLOCK.finditer(page)]
    assert len(written) >= 10
    if os.environ.get("GOLDEN") == "write":
        for old, new, start in reversed(written):
            page = page[:start] + new + page[start + len(old) :]
        PAGE.write_text(page, encoding="utf-8")
        return
    for old, new, _start in written:
        assert old == new


def test_the_page_names_every_register_with_all_its_columns() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name: line for names, line in rows for name in names.split("、")}
    for register in REGISTERS.values():
        said = [re.sub(r"（.*?）", "", each) for each in re.sub(r"（[^）]*）", "", told[register.name]).split("、")]
        assert said == [f"{each.name}{'*' if each.needed else ''}" for each in register.columns]
