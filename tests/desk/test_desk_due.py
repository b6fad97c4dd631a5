"""`bot.py due`: by when each item must be public, how much time is left, and the days that come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from config import places
from config.calendars import CalendarPart, read_calendar
from desk import due as desk
from desk import rounds
from desk.errors import DeskError
from rules.dates import at
from rules.workdays import Calendar, Vacation
from store import tables as t
from store.db import Db
from tests.desk.conftest import Front
from tests.jobs.bench import Bench, entry, make_bench

CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])
DRAFT = "关于公开征求《学生管理规定（征求意见稿）》意见的公告"


@pytest.fixture
def bench(db: Db) -> Iterator[Bench]:
    """Four items of two departments, looked at on 2020-10-09, a Friday."""
    made = make_bench(db)
    made.office.school = replace(made.office.school, calendar=CALENDAR)
    on(made, "2020-10-09")
    made.enter(
        entry(number="A", title="部门预算", department="财务处", formed_on=date(2020, 9, 10)),
        entry(number="B", title="教学计划", department="教务处", formed_on=date(2020, 9, 30), approved_on=date(2020, 10, 9)),
        entry(number="C", title="收费标准", department="财务处", published_on=date(2020, 9, 11)),
        entry(number="D", title="校历", department="教务处", formed_on=date(2020, 9, 1), published_on=date(2020, 9, 29)),
        entry(number="E", title=DRAFT, department="教务处", published_on=date(2020, 9, 30), ends_on=date(2020, 10, 15)),
        entry(number="F", title="启用前的通知", approved_on=date(2020, 9, 2), department="教务处"),
    )
    yield made
    made.close()


def on(bench: Bench, day: str) -> None:
    bench.clock.now = at(date.fromisoformat(day), time(9))


def shown(bench: Bench, capsys: pytest.CaptureFixture[str], department: str | None = None) -> dict[str, Any]:
    desk.show(bench.office, department, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def printed(bench: Bench, capsys: pytest.CaptureFixture[str], department: str | None = None) -> list[str]:
    desk.show(bench.office, department, as_json=False)
    return capsys.readouterr().out.splitlines()


def test_every_item_that_is_not_public_has_its_term_the_days_left_and_its_state(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shown(bench, capsys)
    facts = [(each["title"], each["begins_on"], each["due"], each["left"], each["state"]) for each in found["items"]]
    assert facts == [
        ("部门预算", "2020-09-10", "2020-10-14", 4, "临近"), ("教学计划", "2020-09-30", "2020-11-04", 19, "正常"),
    ]  # fmt: skip
    assert {each["estimated"] for each in found["items"]} == {False}


def test_the_days_that_come_are_listed_with_what_is_wrong_about_them(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    coming = shown(bench, capsys)["coming"]
    assert [(each["kind"], each["due"], each["item"] is None) for each in coming] == [
        ("征求意见", "2020-10-15", False), ("年度报告", "2020-10-30", True),
    ]  # fmt: skip
    assert coming[0]["wrong"] == (
        "2020-09-30 公布、2020-10-15 截止，只有 6 个工作日，不足 10 个，截止日期应不早于 2020-10-21"
    )


def test_the_years_disclosed_items_are_counted_as_in_time_or_late(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shown(bench, capsys)
    assert found["disclosed"] == {"year": "2020-2021学年", "in_time": 2, "late": 1}
    assert found["notes"] == [
        "2020-2021学年已公开 3 条有形成或批准日期的：按期 2 条，逾期公开 1 条。",
        "另有 1 条启用之前批准、没有公开日期，只统计，不计期限；已公开的请补填公开日期。",
    ]


def test_one_department_sees_its_own_terms_and_the_report(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(bench, capsys, "财务处")
    assert [each["title"] for each in found["items"]] == ["部门预算"]
    assert [each["kind"] for each in found["coming"]] == ["年度报告"]
    assert found["notes"] == ["财务处2020-2021学年已公开 1 条有形成或批准日期的：按期 1 条，逾期公开 0 条。"]


def test_a_department_nobody_knows_is_refused_with_those_there_are(bench: Bench) -> None:
    with pytest.raises(DeskError, match=r"没有责任部门“后勤处”。可用：.*财务处"):
        desk.show(bench.office, "后勤处", as_json=False)


def test_the_table_is_read_from_top_to_bottom_the_most_pressing_first(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(bench, capsys)
    assert lines[0] == "今天 2020-10-09，工作日。"
    assert lines[2].split() == [
        "条目", "标题", "责任部门", "事项", "起算日", "应公开期限", "剩余工作日", "状态", "停着的原因",
    ]  # fmt: skip
    assert lines[3].split()[1:] == ["部门预算", "财务处", "公开", "2020-09-10", "2020-10-14", "4", "临近"]
    assert lines[5] == "共 2 项：临近 1，正常 1。"


def test_with_nothing_to_do_it_says_so(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    empty = make_bench(sqlite_db)
    empty.office.school = replace(empty.office.school, calendar=CALENDAR)
    with sqlite_db.write() as conn:  # it began after the report was due
        conn.execute(t.watches.update().values(since=date(2020, 11, 2)))
    on(empty, "2021-03-06")
    assert printed(empty, capsys) == [
        "今天 2021-03-06，休息日。", "", "没有等待公开或更新的条目。", "",
        "2020-2021学年已公开 0 条有形成或批准日期的：按期 0 条，逾期公开 0 条。",
    ]  # fmt: skip


def test_a_year_without_its_notice_marks_the_terms_it_touches_and_says_what_to_do(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    days = {day: works for day, works in CALENDAR.days.items() if day.year == 2019}
    bench.office.school = replace(bench.office.school, calendar=Calendar(days, frozenset({2019})))
    lines = printed(bench, capsys)
    assert any("2020-10-08（估算）" in line for line in lines)
    assert lines[-1].startswith("2020年放假安排尚未录入，期限为估算。") and "config/calendar/2020.csv" in lines[-1]
    assert shown(bench, capsys)["items"][0]["estimated"] is True


def test_in_a_vacation_it_says_that_the_days_count(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    autumn = Vacation(date(2020, 10, 1), date(2020, 10, 11), "秋假")
    bench.office.school = replace(bench.office.school, calendar=replace(CALENDAR, vacations=(autumn,)))
    assert "正值秋假，照常计算工作日。" in shown(bench, capsys)["notes"]
    assert shown(bench, capsys)["items"][0]["left"] == 4


def test_the_clock_looks_between_midnight_and_the_opening_of_the_windows(bench: Bench) -> None:
    job, every = rounds.jobs_of(bench.office)["clock"]
    assert every.total_seconds() < 8 * 3600
    assert rounds.say(job()) == "查看期限 4 项，新提醒 3 条"


def test_the_front_door_opens_on_it_and_check_names_the_years(front: Front) -> None:
    assert front("once", "clock").exit_code == 0
    found = front("due", "--json")
    assert found.exit_code == 0 and json.loads(found.output)["items"] == []
    [line] = [line for line in front("check").output.splitlines() if "config/calendar" in line and "已录入" in line]
    assert line.startswith("✓ config/calendar：已录入放假安排的年份：2019、2020、")
