"""The page on time shows real output of `due` and of the clock; what it says of the worked example is reckoned here again.

GOLDEN=write puts today's output into the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

import bot
import desk.start
from config import places
from config.calendars import CalendarPart, read_calendar
from jobs.clock import remind
from rules.dates import at
from rules.workdays import Vacation
from store import tables as t
from store.db import Db
from tests.docs.test_docs_output import BLOCK, hold, ran
from tests.jobs.bench import Bench, entry, make_bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "时间与额度.md"
CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])
#: The commands of the first half; the second half has its own test.
MINE = ("python bot.py due", "python bot.py once clock")


@pytest.fixture
def office(sqlite_db: Db, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A school on 2020-10-09, the first day after the holidays."""
    bench = make_bench(sqlite_db)
    winter = Vacation(date(2021, 1, 20), date(2021, 2, 28), "寒假")
    bench.office.school = replace(bench.office.school, calendar=replace(CALENDAR, vacations=(winter,)))
    monkeypatch.setattr(bot, "_office", lambda: bench.office)
    monkeypatch.setattr(desk.start, "look_office", lambda: bench.office)
    bench.clock.now = at(date(2020, 10, 9), time(9))
    plan = "关于公开征求《学生管理规定（征求意见稿）》意见的公告"
    names = "2019-2020学年国家励志奖学金拟推荐名单公示"
    made, late = date(2020, 9, 10), date(2020, 9, 4)
    bench.enter(
        entry(title="2020年部门预算", department="财务处", formed_on=made),
        entry(title="2020年秋季学期教学计划", department="教务处", formed_on=late, approved_on=date(2020, 9, 11)),
        entry(title="2020年秋季学期校历", department="教务处", formed_on=date(2020, 9, 30), approved_on=date(2020, 10, 9)),
        entry(title="学费收费标准", department="财务处", formed_on=made, published_on=date(2020, 9, 11)),
        entry(title=plan, department="学生工作处", published_on=date(2020, 9, 22), ends_on=date(2020, 10, 12)),
        entry(
            title=names, department="学生工作处", published_on=date(2020, 9, 30), notice_from=date(2020, 10, 1),
            notice_to=date(2020, 10, 10),
        ),
    )  # fmt: skip
    yield bench
    bench.close()


def test_every_output_in_the_page_is_what_the_command_prints(office: Bench) -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = [found for found in BLOCK.finditer(page) if found[1].startswith(MINE)]
    written = [(found[0], f"```\n$ {found[1]}\n{ran(found[1])}```") for found in blocks]
    assert len(written) >= 3
    hold(PAGE, written)


def test_the_reminder_in_the_page_is_what_the_department_reads(office: Bench) -> None:
    remind(office.office)
    [text] = [row.text for row in office.rows(t.alarms) if "部门预算" in row.text]
    assert f"> {text}\n" in PAGE.read_text(encoding="utf-8")


def test_the_worked_example_is_right() -> None:
    made = date(2020, 9, 10)
    assert CALENDAR.after(made, 1).day == date(2020, 9, 11)
    assert CALENDAR.is_workday(date(2020, 9, 27)) and CALENDAR.is_workday(date(2020, 10, 10))
    assert not any(CALENDAR.is_workday(date(2020, 10, day)) for day in range(1, 9))
    assert CALENDAR.after(made, 20).day == date(2020, 10, 14)
    assert replace(CALENDAR, days={}).after(made, 20).day == date(2020, 10, 8)
    assert CALENDAR.last_workday_of(2026, 10).day == date(2026, 10, 30)
