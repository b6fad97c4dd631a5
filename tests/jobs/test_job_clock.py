"""Reminders of terms: once at each stage, to the department whose term it is, and over when the thing is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select

from config import places
from config.calendars import CalendarPart, read_calendar
from jobs.clock import Reminded, remind
from rules.dates import at
from rules.deadlines import Terms
from rules.item import Place, Review
from rules.outcome import Outcome
from rules.workdays import Calendar, Vacation
from store import facts, items
from store import tables as t
from store.db import Db
from tests.jobs.bench import DAY, DUTY, FILE, GROUPS, Bench, Recorder, entry, make_bench, sheet, to_staff, to_students

CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])
BUDGET = {"number": "CW-001", "title": "2020年部门预算", "department": "财务处", "place": Place(FILE, "2020", 4)}
MADE = date(2020, 9, 10)


def with_calendar(db: Db) -> Bench:
    """A school with its calendar."""
    made = make_bench(db)
    made.office.school = replace(made.office.school, calendar=CALENDAR)
    return made


def reported(bench: Bench) -> Bench:
    """It has its report out: only its items have terms."""
    report = {"title": "2019-2020学年信息公开工作年度报告", "published_on": date(2020, 9, 8), "number": "BG-1"}
    bench.enter(entry(**report))
    return bench


@pytest.fixture
def office(sqlite_db: Db) -> Iterator[Bench]:
    made = with_calendar(sqlite_db)
    yield made
    made.close()


@pytest.fixture
def quiet(office: Bench) -> Bench:
    return reported(office)


@pytest.fixture
def quiet3(db: Db) -> Iterator[Bench]:
    """On each kind of database."""
    made = with_calendar(db)
    yield reported(made)
    made.close()


def on(bench: Bench, day: date, hour: int = 9) -> None:
    bench.clock.now = at(day, time(hour))


def workday(n: int) -> date:
    return CALENDAR.after(MADE, n).day


def running(bench: Bench) -> list[str]:
    """The reminders that are not over."""
    return [row.text for row in bench.rows(t.alarms, cleared_at=None) if "期限:" in row.subject]


def test_each_stage_is_told_once_and_a_passed_stage_no_more(quiet3: Bench) -> None:
    quiet3.enter(to_staff(formed_on=MADE, **BUDGET))
    raised = []
    for n in range(1, 24):
        on(quiet3, workday(n))
        raised.append([remind(quiet3.office).reminded for _ in range(2)])
        assert len(running(quiet3)) <= 1
    assert [n for n, many in enumerate(raised, 1) if many == [1, 0]] == [15, 18, 21]
    assert sum(map(sum, raised)) == 3


def test_a_reminder_names_department_item_days_left_and_what_to_do(quiet: Bench) -> None:
    quiet.enter(entry(formed_on=MADE, **BUDGET))
    on(quiet, workday(15))
    remind(quiet.office)
    assert running(quiet) == [
        "期限临近：财务处，条目 2“2020年部门预算”应在 2020-10-14 前公开，还剩 5 个工作日。"
        "请抓紧办理；已经公开的，请在登记表填写公开日期"
    ]
    on(quiet, workday(20))
    remind(quiet.office)
    [text] = running(quiet)
    assert text.startswith("期限紧迫：财务处，") and "应在 2020-10-14 前公开，今天是最后一天" in text
    on(quiet, workday(22))
    remind(quiet.office)
    assert "已逾期 2 个工作日" in running(quiet)[0]


def test_what_is_public_is_reminded_of_no_more(quiet3: Bench) -> None:
    quiet3.enter(to_staff(formed_on=MADE, **BUDGET))
    on(quiet3, workday(15))
    assert remind(quiet3.office).reminded == 1
    quiet3.tick()
    assert remind(quiet3.office) == Reminded()
    assert running(quiet3) == []


def test_a_changed_item_has_twenty_days_of_its_own_until_a_person_corrects_it(quiet: Bench) -> None:
    quiet.publish(to_staff(formed_on=MADE, **BUDGET))
    quiet.deliver()
    quiet.watch(sheet(to_staff(formed_on=MADE, **{**BUDGET, "title": "2020年部门预算（调整）"}), whole=frozenset()))
    changed = quiet.clock.now.date()
    on(quiet, CALENDAR.after(changed, 18).day)
    assert remind(quiet.office).reminded == 1
    [text] = running(quiet)
    assert text.startswith("期限紧迫：财务处，条目 2“2020年部门预算（调整）”已变更，应在 2020-10-14 前更新")
    assert "python bot.py correct 2 --reason 原因" in text


def test_what_holds_an_item_back_stands_in_its_reminder(quiet: Bench) -> None:
    quiet.enter(to_staff(formed_on=MADE, **BUDGET))
    with quiet.db.write() as conn:
        conn.execute(t.items.update().where(t.items.c.id == 2).values(hold="等待分管校领导审定"))
    on(quiet, workday(15))
    remind(quiet.office)
    assert running(quiet)[0].endswith("现在停着：等待分管校领导审定")


@pytest.mark.parametrize(("conclusion", "waits"), [
    (None, "等待保密审查"), ("初审通过", "等待保密审查"), ("退回", "审查退回，改好后重新报审"), ("不予公开", None), ("暂缓公开", None),
])  # fmt: skip
def test_what_waits_for_its_reviewers_is_still_owed_and_what_they_have_closed_is_not(
    quiet3: Bench, conclusion: str | None, waits: str | None
) -> None:
    quiet3.enter(to_staff(formed_on=MADE, review=None, **BUDGET))
    with quiet3.db.write() as conn:
        if conclusion is not None:
            version = conn.scalar(select(func.max(t.versions.c.id)))
            assert version is not None
            items.add_review(conn, version, Review("张主任", conclusion, MADE), "", by="测试", now=quiet3.clock.now)
    on(quiet3, workday(15))
    assert remind(quiet3.office).reminded == (waits is not None)
    assert [text.rpartition("。")[2] for text in running(quiet3)] == ([f"现在停着：{waits}"] if waits else [])


def test_items_that_owe_nothing_are_not_reminded_of(quiet3: Bench) -> None:
    quiet3.enter(
        entry(disclosure="不予公开", number="A"),
        entry(disclosure="依申请公开", number="B"),
        entry(approved_on=date(2020, 9, 1), number="C"),  # before the bot's first look
        entry(published_on=date(2020, 9, 11), number="D"),
    )
    on(quiet3, date(2020, 12, 1))
    assert remind(quiet3.office) == Reminded()


def test_a_row_that_has_gone_is_reminded_of_no_more(quiet: Bench) -> None:
    quiet.watch(sheet(to_staff(formed_on=MADE, **BUDGET)))
    on(quiet, workday(15))
    assert remind(quiet.office).reminded == 1
    quiet.watch(sheet(entry(number="X", title="别的", approved_on=workday(14))))
    remind(quiet.office)
    assert running(quiet) == []


# -- whom


def with_department(bench: Bench, *, number: str = "C1") -> None:
    """财务处 has its own target in the register."""
    bench.target("C1", name="财务处信息员", address="c1", audience="教职工")
    bench.office.school = replace(bench.office.school, departments={"财务处": number})


def heard(bench: Bench) -> list[tuple[str, ...]]:
    return [call.addresses for call in bench.vendor.calls]


def due_soon(bench: Bench) -> None:
    bench.enter(to_staff(formed_on=MADE, **BUDGET), to_staff(formed_on=MADE, number="JW-1", department="教务处"))
    on(bench, workday(15))
    assert remind(bench.office).reminded == 2


def test_a_department_hears_of_its_own_terms_and_those_on_duty_of_the_rest(quiet3: Bench) -> None:
    with_department(quiet3)
    due_soon(quiet3)
    assert [quiet3.sweep().told for _ in range(2)] == [2, 0]
    assert [(call.addresses, len(call.titles)) for call in quiet3.vendor.calls] == [(("c1",), 1), (("d1",), 1)]
    assert "财务处" in quiet3.vendor.calls[0].titles[0] and "教务处" in quiet3.vendor.calls[1].titles[0]
    told = {row.told_by for row in quiet3.rows(t.alarms)}
    assert told == {"C1", "D1"}


def test_without_a_target_those_on_duty_hear_everything(quiet: Bench) -> None:
    due_soon(quiet)
    assert quiet.sweep().told == 2
    assert heard(quiet) == [("d1",)]


@pytest.mark.parametrize("number", ["C9", "A1"])
def test_a_target_that_left_the_register_or_that_anyone_reads_hears_nothing(quiet: Bench, number: str) -> None:
    with_department(quiet, number=number)
    due_soon(quiet)
    assert quiet.sweep().told == 2
    assert heard(quiet) == [("d1",)]


def test_a_department_that_cannot_be_told_for_a_day_is_told_by_those_on_duty(quiet: Bench) -> None:
    with_department(quiet)
    due_soon(quiet)
    with quiet.db.write() as conn:
        facts.pause(conn, GROUPS, by="张三", reason="群在整顿", now=quiet.clock.now)
    assert quiet.sweep().told == 1
    assert heard(quiet) == [("d1",)]
    quiet.clock.forward(days=1, hours=1)
    assert quiet.sweep().told == 1
    assert heard(quiet) == [("d1",), ("d1",)] and "财务处" in quiet.vendor.calls[-1].titles[0]


def test_a_department_outside_its_window_waits_and_is_not_bothered_at_night(quiet: Bench) -> None:
    with_department(quiet)
    quiet.enter(to_staff(formed_on=MADE, **BUDGET))
    on(quiet, workday(15), hour=23)
    assert remind(quiet.office).reminded == 1
    assert quiet.sweep().told == 0
    on(quiet, workday(15) + timedelta(days=1), hour=8)
    assert quiet.sweep().told == 1 and heard(quiet) == [("c1",)]


def test_the_fence_hides_a_title_from_a_department_that_may_not_read_it(quiet: Bench) -> None:
    with_department(quiet)
    quiet.enter(to_students(formed_on=MADE, **BUDGET))
    on(quiet, workday(15))
    remind(quiet.office)
    quiet.sweep()
    [call] = quiet.vendor.calls
    assert "条目 2 应在 2020-10-14 前公开" in call.titles[0] and "预算" not in call.titles[0]


def test_trouble_of_a_channel_is_still_for_those_on_duty(quiet: Bench) -> None:
    with_department(quiet)
    quiet.vendor.says(GROUPS, Outcome.REFUSED)
    quiet.publish(to_staff(**BUDGET))
    quiet.deliver()
    quiet.sweep()
    assert heard(quiet) == [("g1",), ("d1",)]


def test_a_department_hears_no_more_at_once_than_its_channel_shows(quiet: Bench) -> None:
    with_department(quiet)
    quiet.use(Recorder, pieces=2)
    quiet.enter(*(to_staff(formed_on=MADE, number=f"CW-{n}", department="财务处") for n in range(3)))
    on(quiet, workday(15))
    remind(quiet.office)
    assert [quiet.sweep().told for _ in range(3)] == [2, 1, 0]


# -- 公示, 征求意见, the report, the calendar


def test_a_notice_is_reminded_of_once_when_its_term_is_over(quiet: Bench) -> None:
    first, last = date(2020, 9, 11), date(2020, 9, 17)
    quiet.publish(entry(title="奖学金名单公示", department="学生工作处", notice_from=first, notice_to=last))
    quiet.deliver("account")
    days = [last + timedelta(days=n) for n in range(4)]
    raised = []
    for day in days:
        on(quiet, day)
        raised.append(remind(quiet.office).reminded)
    assert raised == [0, 1, 0, 0]
    assert running(quiet) == [
        "公示期满：学生工作处，条目 2“奖学金名单公示”公示期已于 2020-09-17 满。"
        "请从网站、公告栏等处撤下；能自动撤下的渠道由公开达撤下"
    ]
    on(quiet, last + timedelta(days=93))
    remind(quiet.office)
    assert running(quiet) == []


def test_a_notice_that_ran_at_the_first_look_is_reminded_of_like_any_other_and_one_that_was_over_is_not(
    quiet3: Bench,
) -> None:
    old = {"approved_on": date(2020, 9, 3), "published_on": date(2020, 9, 3), "department": "学生工作处"}
    runs = entry(number="A", title="奖学金名单公示", notice_from=date(2020, 9, 4), notice_to=date(2020, 9, 15), **old)
    over = entry(number="B", title="助学金名单公示", notice_from=date(2020, 9, 4), notice_to=date(2020, 9, 9), **old)
    quiet3.enter(runs, over, entry(number="C", title="别的通知", **old))
    assert [row.baseline for row in quiet3.rows(t.items)][1:] == [True, True, True]
    raised = []
    for n in range(12):
        on(quiet3, DAY + timedelta(days=n))
        raised += [n] * remind(quiet3.office).reminded
    assert raised == [6]
    [text] = running(quiet3)
    assert text.startswith("公示期满：学生工作处，") and "“奖学金名单公示”公示期已于 2020-09-15 满" in text
    assert quiet3.vendor.calls == []


def test_a_notice_that_is_too_short_is_told_while_it_can_still_be_mended(quiet: Bench) -> None:
    quiet.publish(entry(title="奖学金名单公示", notice_from=date(2020, 9, 11), notice_to=date(2020, 9, 15)))
    quiet.deliver("account")
    remind(quiet.office)
    [text] = running(quiet)
    assert text.startswith("期限需核对：学校办公室，条目 2“奖学金名单公示”公示期从 2020-09-11 算到 2020-09-15")
    assert "5 个自然日，其中 3 个工作日，不足 5 个工作日，只按自然日才够" in text


DRAFT = "关于公开征求《学生管理规定（征求意见稿）》意见的公告"


def test_a_consultation_is_followed_until_its_outcome_is_out(quiet3: Bench) -> None:
    quiet3.publish(entry(title=DRAFT, department="学生工作处", ends_on=date(2020, 9, 24)))
    quiet3.deliver("account")
    heads = []
    for day in ("2020-09-11", "2020-09-22", "2020-09-25", "2020-10-26", "2020-11-03"):
        on(quiet3, date.fromisoformat(day))
        remind(quiet3.office)
        heads += [text.partition("：")[0] for text in running(quiet3)]
    assert heads == ["期限临近", "期限提醒", "期限紧迫", "期限逾期"]
    assert "结果应在 2020-10-28 前公布" in running(quiet3)[0]
    outcome = {"title": "《学生管理规定》征求意见采纳情况的公告", "published_on": date(2020, 11, 3)}
    quiet3.enter(entry(number="JG-1", approved_on=date(2020, 11, 3), **outcome))
    remind(quiet3.office)
    assert running(quiet3) == []


def test_a_consultation_that_closes_too_early_is_told_before_it_is_public(quiet: Bench) -> None:
    quiet.enter(entry(title=DRAFT, ends_on=date(2020, 9, 20)))
    remind(quiet.office)
    [text] = running(quiet)
    assert text.startswith("期限需核对：") and "不足 10 个，截止日期应不早于 2020-09-24" in text


def test_a_consultation_without_a_closing_date_is_told_once_a_week_and_not_each_day(quiet3: Bench) -> None:
    asked = entry(title=DRAFT, department="学生工作处")
    quiet3.enter(asked)
    raised = []
    for day in range(22):
        on(quiet3, DAY + timedelta(days=day))
        raised += [day] * remind(quiet3.office).reminded
        assert len(running(quiet3)) == 1
        if day == 9:  # its being published makes no difference
            quiet3.route()
            quiet3.plan()
            quiet3.deliver("account")
    assert raised == [0, 7, 14, 21]
    assert "没有写截止日期" in running(quiet3)[0]
    quiet3.enter(replace(asked, ends_on=date(2020, 10, 30)))
    remind(quiet3.office)
    assert running(quiet3) == []


def test_the_report_is_counted_down_at_30_10_5_and_1_working_days_and_is_over_when_it_is_out(office: Bench) -> None:
    raised = {}
    day = date(2020, 9, 10)
    while day <= date(2020, 11, 5):
        on(office, day)
        if remind(office.office).reminded:
            raised[str(day)] = running(office)[0].partition("：")[0]
        day += timedelta(days=1)
    assert raised == {
        "2020-09-14": "期限提醒", "2020-10-16": "期限临近", "2020-10-23": "期限紧迫", "2020-10-29": "期限紧迫",
        "2020-10-31": "期限逾期",
    }  # fmt: skip
    report = {"title": "2019-2020学年信息公开工作年度报告", "published_on": date(2020, 11, 5)}
    office.enter(entry(approved_on=date(2020, 11, 5), **report))
    remind(office.office)
    assert running(office) == []


def test_a_report_that_is_overdue_is_told_each_week_until_it_is_out_whatever_the_year(office: Bench) -> None:
    raised = []
    for n in range(90):
        on(office, date(2020, 10, 31) + timedelta(days=n))
        raised += [n] * remind(office.office).reminded
        assert len(running(office)) == 1
    assert raised == [*range(0, 90, 7)]
    assert running(office)[0].startswith("期限逾期：《2019-2020学年信息公开工作年度报告》应在 2020-10-30 前报送并公布，已逾期")
    notice = {"title": "关于做好2019-2020学年信息公开年度报告报送工作的通知", "published_on": date(2021, 1, 20)}
    office.enter(entry(number="TZ-1", approved_on=date(2021, 1, 20), **notice))
    remind(office.office)
    assert len(running(office)) == 1, "a notice that speaks of the report is not it"
    report = {"title": "示例学院信息公开年度报告（2019-2020学年）", "published_on": date(2021, 1, 28)}
    office.enter(entry(number="BG-1", approved_on=date(2021, 1, 28), **report))
    remind(office.office)
    assert running(office) == []


def test_the_provinces_date_is_counted_down_too(quiet: Bench) -> None:
    quiet.office.school = replace(quiet.office.school, terms=Terms(filing=(11, 10)))
    on(quiet, date(2020, 11, 9))
    assert remind(quiet.office).reminded == 1
    assert running(quiet) == [
        "期限紧迫：《2019-2020学年信息公开工作年度报告》应在 2020-11-10 前报省级教育行政部门备案，还剩 1 个工作日"
    ]


def test_a_year_without_its_notice_is_told_once_and_terms_into_it_are_marked_as_estimates(quiet: Bench) -> None:
    days = {day: works for day, works in CALENDAR.days.items() if day.year < 2021}
    quiet.office.school = replace(quiet.office.school, calendar=Calendar(days, frozenset({2019, 2020})))
    made = date(2020, 12, 10)
    on(quiet, made)
    quiet.enter(to_staff(formed_on=made, approved_on=made, number="CW-9", department="财务处"))
    on(quiet, date(2020, 12, 31))
    assert [remind(quiet.office).reminded for _ in range(2)] == [2, 0]
    lacking, term = running(quiet)
    assert lacking.startswith("2021年放假安排尚未录入，期限为估算。") and "config/calendar/2021.csv" in lacking
    assert term.endswith("2021年放假安排尚未录入，期限为估算")


def test_a_vacation_is_named_and_counts(quiet: Bench) -> None:
    winter = Vacation(date(2021, 1, 20), date(2021, 2, 28), "寒假")
    quiet.office.school = replace(quiet.office.school, calendar=replace(CALENDAR, vacations=(winter,)))
    made = date(2021, 1, 5)
    on(quiet, made)
    quiet.enter(to_staff(formed_on=made, approved_on=made, number="CW-9"))
    on(quiet, CALENDAR.after(made, 15).day)
    assert remind(quiet.office).reminded == 1
    assert running(quiet)[0].endswith("。寒假照常计算工作日")


def test_nothing_is_sent_and_no_other_alarm_is_cleared_by_the_clock(quiet: Bench) -> None:
    with quiet.db.write() as conn:
        facts.raise_alarm(conn, f"渠道:{DUTY}", "已暂停", quiet.clock.now)
        facts.raise_alarm(conn, "部门:C1:别的", "别的", quiet.clock.now)
    due_soon(quiet)
    assert quiet.vendor.calls == [] and len(quiet.rows(t.alarms, cleared_at=None)) == 4
