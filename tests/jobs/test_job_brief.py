"""The last month goes to the leader on the first working day, and a quarter to each department; each once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time

import pytest
from pytest import CaptureFixture

from desk import brief as desk
from desk.errors import DeskError
from jobs.brief import monthly, quarterly, send_briefs
from jobs.office import Office
from jobs.report import report_in
from rules.brief import month_of, quarter_of
from rules.dates import SchoolYear, at
from store import tables as t
from store.db import Db
from tests import factory as f
from tests.desk.papers import some_year
from tests.jobs.bench import Bench, to_students


def test_the_months_figures_are_those_of_the_log_and_are_told_once(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False, leader="G1")
    bench.publish(to_students(title="甲", number="XX-1"), to_students(title="乙", number="XX-2"))
    bench.tick()
    bench.publish(to_students(title="丙", number="XX-3", review=None, approved_on=None))
    text = monthly(bench.office, month_of(bench.clock.now.date())).text
    assert "公开 2 条（上期没有记录）" in text and "推送 2 条次、1 次" in text and "待审 1 条" in text
    bench.clock.now = at(date(2020, 10, 1), time(9))
    while send_briefs(bench.office) == 0:
        bench.clock.forward(days=1)
    assert send_briefs(bench.office) == 0
    [row] = [r for r in bench.rows(t.alarms) if "简报" in r.subject and "2020-09" in r.subject and "G1" in r.subject]
    assert "2020年9月" in row.text
    assert "公开 0 条（上期 2，减 2）" in monthly(bench.office, month_of(date(2020, 10, 1))).text


def test_a_month_before_the_bot_began_is_not_told_as_zero_and_not_sent(bench: Bench, capsys: CaptureFixture[str]) -> None:
    bench.office.school = replace(bench.office.school, confirm=False, leader="G1")
    began = bench.rows(t.watches)[0].since
    assert began == date(2020, 9, 10)
    bench.clock.now = at(date(2020, 9, 1), time(9))  # this month's first working day
    assert send_briefs(bench.office) == 0
    text = monthly(bench.office, month_of(date(2020, 8, 1))).text
    assert text.endswith("（2020年8月）：没有这一期的记录，公开达从 2020-09-10 起才有记录。没有数不等于零，请不要引用。")
    for month in ("2020-10", "2020-12"):
        with pytest.raises(DeskError, match="还没有到"):
            desk.show(bench.office, month, None)
    desk.show(bench.office, "2020-09", None)  # it has begun
    assert "2020年9月" in capsys.readouterr().out
    with pytest.raises(DeskError, match="只能写一个"):
        desk.show(bench.office, "2020-09", "2020-3")


def test_an_overdue_item_of_today_is_in_no_circular_of_a_quarter_before_the_bot(
    bench: Bench, capsys: CaptureFixture[str]
) -> None:
    row = to_students(title="甲", number="XX-1", review=None)
    bench.publish(row)
    bench.clock.now = at(date(2020, 12, 28), time(9))
    assert "目前逾期未公开 1 条" in dict(quarterly(bench.office, quarter_of(date(2020, 12, 1))))[row.department]
    assert quarterly(bench.office, quarter_of(date(2019, 1, 1))) == []
    desk.show(bench.office, None, "2019-1")
    assert capsys.readouterr().out == "2019年第1季度没有各部门公开情况的记录\n"


def test_twelve_briefs_come_to_what_the_years_report_says(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    office = Office(f.a_school(), sqlite_db, {}, lambda: f.moment("2021-10-29"))
    with sqlite_db.snapshot() as conn:
        year = report_in(conn, office.school, SchoolYear(2020), cut_off=office.now())
    texts = [monthly(office, month_of(date(2020 + (n > 3), (n + 8) % 12 + 1, 1))).text for n in range(12)]
    said = re.compile(r"公开 (\d+) 条.*推送 (\d+) 条次、(\d+) 次(?:.*网站登载 (\d+) 条次)?")
    told = [found.groups() for text in texts if (found := said.search(text))]
    sums = [sum(int(n or 0) for n in each) for each in zip(*told, strict=True)]
    assert sums[0] == year.items.disclosed > 20
    months = [(each.placements, each.pushes, each.booked) for each in year.months]
    assert tuple(sums[1:]) == tuple(map(sum, zip(*months, strict=True))) and sums[3]


def test_each_department_hears_of_its_own_quarter_at_its_end(bench: Bench) -> None:
    row = to_students(title="甲", number="XX-1")
    bench.office.school = replace(bench.office.school, confirm=False, departments={row.department: "G1"})
    bench.publish(row)
    bench.tick()
    bench.clock.now = at(date(2020, 10, 1), time(9))
    while send_briefs(bench.office) == 0:
        bench.clock.forward(days=1)
    texts = [r.text for r in bench.rows(t.alarms) if "2020年第3季度" in r.text]
    assert len(texts) == 1 and row.department in texts[0] and "公开 1 条" in texts[0]


def test_the_command_prints_a_month_or_a_quarter(bench: Bench, capsys: CaptureFixture[str]) -> None:
    desk.show(bench.office, "2020-09", None)
    desk.show(bench.office, None, "2020-3")
    out = capsys.readouterr().out
    assert "2020年9月" in out and "2020年第3季度" in out
