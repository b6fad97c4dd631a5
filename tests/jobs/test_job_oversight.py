"""What ought to have reached somebody and has not is told, once, and cleared when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from channels.base import SendError
from desk import rectify
from desk.errors import DeskError
from jobs import orders
from jobs.oversight import oversee
from rules.dates import at
from rules.item import Place, Problem
from rules.outcome import Outcome
from rules.school import Column
from rules.workdays import Calendar, Vacation
from store import tables as t
from tests.jobs.bench import COLUMN, GROUPS, Bench, to_students


@pytest.fixture
def refused(bench: Bench) -> Bench:
    """A site's newest item, which every vendor has refused."""
    site = Column(name=COLUMN.name, kind="webplus", place="https://www.example.edu.cn/list.htm")
    bench.office.school = replace(bench.office.school, confirm=False, columns=(site,))
    bench.vendor.says(GROUPS, *[SendError(Outcome.REFUSED, "群已解散")] * 5)
    bench.publish(to_students(title="甲"))
    bench.tick()
    return bench


def told(bench: Bench) -> list[str]:
    oversee(bench.office)
    return [row.text for row in bench.rows(t.alarms) if row.subject.startswith("查漏:无人收到") and not row.cleared_at]


def test_what_stands_on_the_site_and_reached_nobody_is_told_after_a_quarter_of_an_hour(refused: Bench) -> None:
    assert told(refused) == []
    refused.clock.forward(minutes=16)
    [text] = told(refused)
    assert "官网上已公开" in text and "why 1" in text
    assert len(told(refused)) == 1


def test_what_a_sheet_brought_is_given_a_day(refused: Bench) -> None:
    refused.office.school = replace(refused.office.school, columns=(COLUMN,))
    refused.clock.forward(hours=2)
    assert told(refused) == []
    refused.clock.forward(days=1)
    assert len(told(refused)) == 1


def test_what_reached_somebody_or_still_waits_is_not_told(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=False)
    bench.publish(to_students(title="甲"))
    bench.clock.forward(days=2)
    assert told(bench) == []
    bench.tick()
    assert told(bench) == []


def waiting(bench: Bench) -> list[str]:
    oversee(bench.office)
    mine = ("查漏:待确认", "查漏:久等")
    return [row.text for row in bench.rows(t.alarms) if row.subject.startswith(mine) and not row.cleared_at]


def test_a_list_that_nobody_has_confirmed_is_told_each_day_until_it_is(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    bench.publish(to_students(title="甲"))
    assert waiting(bench) == []
    for _ in range(2):
        bench.clock.forward(days=1)
        [text] = waiting(bench)
        assert text == "有 1 条次从 2020-09-10 起等待确认，确认后才推送：python bot.py confirm"
    orders.confirm(bench.office, orders.day_list(bench.office), "王老师")
    bench.plan()
    assert waiting(bench) == []
    assert len([row for row in bench.rows(t.alarms) if row.subject.startswith("查漏:待确认")]) == 2


def test_what_waits_for_days_and_reached_nobody_is_told_once_with_its_reason(bench: Bench) -> None:
    bench.set(pushes_a_day=0)
    bench.publish(to_students(title="甲"), to_students(title="乙", number="2"))
    bench.clock.forward(days=4)
    bench.plan()
    assert waiting(bench) == []  # a weekend lies between
    bench.clock.forward(days=2)
    bench.plan()
    [text] = waiting(bench)
    assert "有 2 条次等了 3 个工作日以上" in text and "今日已达每天 0 次" in text and "why 1" in text
    bench.clock.forward(days=1)
    assert len(waiting(bench)) == 1
    assert len([row for row in bench.rows(t.alarms) if row.subject.startswith("查漏:久等")]) == 1


def test_what_a_person_has_set_a_later_time_for_is_not_told(bench: Bench) -> None:
    bench.publish(to_students(title="甲"))
    orders.schedule(bench.office, 1, "王老师", bench.clock.now + timedelta(days=30))
    bench.clock.forward(days=10)
    bench.plan()
    assert waiting(bench) == []


def test_a_source_is_not_called_silent_in_the_vacation_and_is_ten_working_days_after_it(bench: Bench) -> None:
    for number in range(6):
        bench.clock.now = at(date(2021, 1, 11) + timedelta(days=number), time(9))
        bench.enter(to_students(number=f"N{number}"))
    winter = Vacation(date(2021, 1, 17), date(2021, 2, 28), "寒假")
    bench.office.school = replace(bench.office.school, calendar=Calendar(vacations=(winter,)))
    told_on = []
    for day in (date(2021, 2, 28), date(2021, 3, 12), date(2021, 3, 15), date(2021, 3, 16)):
        bench.clock.now = at(day, time(9))
        oversee(bench.office)
        told_on += [str(day) for text in bench.alarms() if "没有新条目" in text]
    assert told_on == ["2021-03-15", "2021-03-16"]
    [text] = [text for text in bench.alarms() if "没有新条目" in text]
    assert f"监看“{COLUMN.name}”已 12 个工作日（寒暑假不计）没有新条目" in text  # as of today, not of when it began


def test_a_circulars_term_is_told_near_its_end_and_overdue_until_it_is_done(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    day = bench.clock.now.date()
    rectify.add(bench.office, "教务处", "补充招生计划", "院办〔2020〕9号", str(day + timedelta(days=10)), None)
    oversee(bench.office)
    stages = []
    for forward in (8, 4):
        bench.clock.forward(days=forward)
        oversee(bench.office)
        stages += [r.text for r in bench.rows(t.alarms) if "整改" in r.subject and not r.cleared_at]
    assert [text[:6] for text in stages] == ["限期整改临近", "限期整改逾期"]
    rectify.done(bench.office, 1, "已补充")
    oversee(bench.office)
    assert [r for r in bench.rows(t.alarms) if "整改" in r.subject and not r.cleared_at] == []
    with pytest.raises(DeskError, match="没有未办结"):
        rectify.done(bench.office, 1, "再来一次")
    rectify.show(bench.office, everything=True)
    assert "办结：已补充" in capsys.readouterr().out


def test_a_list_item_is_asked_of_its_department_in_the_right_month(bench: Bench) -> None:
    taxonomy = bench.office.school.taxonomy
    number, item = next(iter(taxonomy.list_items.items()))
    mine = {number: replace(item, months=(bench.clock.now.month,), applies=True, department="教务处")}
    bench.office.school = replace(bench.office.school, taxonomy=replace(taxonomy, list_items=mine))
    oversee(bench.office)
    [row] = [r for r in bench.rows(t.alarms) if "清单" in r.subject]
    assert "请教务处核对并报送" in row.text


def test_what_a_site_shows_and_no_register_could_take_is_told_and_of_a_folder_its_own_sheet_tells(bench: Bench) -> None:
    wrong = to_students(problems=(Problem(Place("https://www.example.edu.cn/1.htm"), "公开日期", "列表和文章的日期不同", "请核对"),))
    bench.enter(wrong)
    oversee(bench.office)
    assert not any("没有登记" in text for text in bench.alarms())
    bench.office.school = replace(bench.office.school, columns=(replace(COLUMN, kind="vsb"),))
    oversee(bench.office)
    assert any("有 1 条没有登记，不会推送，第一条：列表和文章的日期不同" in text for text in bench.alarms())
