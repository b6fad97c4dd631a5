"""The last month goes to the leader on the first working day, and a quarter to each department; each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from pytest import CaptureFixture

from desk import brief as desk
from desk.errors import DeskError
from jobs.brief import monthly, send_briefs
from rules.brief import month_of
from rules.dates import at
from store import tables as t
from tests.jobs.bench import Bench, to_students


def test_the_months_figures_are_those_of_the_log_and_are_told_once(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False, leader="G1")
    bench.publish(to_students(title="甲", number="XX-1"), to_students(title="乙", number="XX-2"))
    bench.tick()
    bench.publish(to_students(title="丙", number="XX-3", review=None, approved_on=None))
    text = monthly(bench.office, month_of(bench.clock.now.date()))
    assert "公开 2 条（上期没有登记）" in text and "推送 2 条次、1 次" in text and "待审 1 条" in text
    bench.clock.now = at(date(2020, 10, 1), time(9))
    while send_briefs(bench.office) == 0:
        bench.clock.forward(days=1)
    assert send_briefs(bench.office) == 0
    [row] = [r for r in bench.rows(t.alarms) if "简报" in r.subject and "2020-09" in r.subject and "G1" in r.subject]
    assert "2020年9月" in row.text
    assert "公开 0 条（上期 2，减 2）" in monthly(bench.office, month_of(date(2020, 10, 1)))


def test_a_month_before_the_bot_began_is_not_told_as_zero_and_not_sent(bench: Bench, capsys: CaptureFixture[str]) -> None:
    bench.office.school = replace(bench.office.school, confirm=False, leader="G1")
    began = bench.rows(t.watches)[0].since
    assert began == date(2020, 9, 10)
    bench.clock.now = at(date(2020, 9, 1), time(9))  # this month's first working day
    assert send_briefs(bench.office) == 0
    text = monthly(bench.office, month_of(date(2020, 8, 1)))
    assert text.endswith("（2020年8月）：这一期没有登记，公开达从 2020-09-10 起才有记录。没有数不等于零，请不要引用。")
    with pytest.raises(DeskError, match="2020年12月还没有到"):
        desk.show(bench.office, "2020-12", None)
    desk.show(bench.office, None, "2020-1")
    assert capsys.readouterr().out == "2020年第1季度没有登记各部门的公开情况，也没有逾期\n"


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
