"""Registers at work: what is on record stays, what was known at a cut-off is what is counted, and who is reminded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from sqlalchemy import func, select, update

from config import places
from config.calendars import CalendarPart, read_calendar
from jobs import registers as job
from jobs.answers import remind_answers
from jobs.explain import explain
from jobs.handoff import finish
from jobs.registers import Figures, Refused
from jobs.report import report
from rules.dates import SchoolYear, at
from rules.registers import Registers
from rules.registry import APPLICATIONS, COMPLAINTS, INQUIRIES, REGISTERS, SURVEYS, TRAININGS
from store import registers as store
from store import tables as t
from store.db import Db
from store.span import Span
from tests.jobs.bench import Bench, entry, make_bench
from tests.jobs.by_hand import deed, hand_over, with_places

CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])
CLERK = "张老师"
APPLIED = {"收到日期": "2020-09-10", "方式": "信函", "申请人类别": "社会", "事项": "2019年决算"}


def small(db: Db) -> Bench:
    bench = make_bench(db)
    bench.office.school = replace(bench.office.school, calendar=CALENDAR)
    return bench


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = small(sqlite_db)
    yield made
    made.close()


@pytest.fixture
def each_kind(db: Db) -> Iterator[Bench]:
    made = small(db)
    yield made
    made.close()


def opened(bench: Bench) -> Bench:
    for register in REGISTERS.values():
        assert job.open_register(bench.office, register, CLERK)
    return bench


def counted(bench: Bench, cut_off: datetime | None = None) -> Figures:
    with bench.db.read() as conn:
        span = Span(date(2020, 9, 1), date(2021, 8, 31), cut_off or bench.clock.now)
        return job.figures(conn, bench.office.school, span)


def alarms(bench: Bench) -> list[str]:
    a = t.alarms.c
    with bench.db.read() as conn:
        return list(conn.scalars(select(a.text).where(a.subject.startswith("答复:"), a.cleared_at.is_(None))))


def test_a_register_nobody_opened_is_unknown_and_an_open_empty_one_is_nought(bench: Bench) -> None:
    assert counted(bench).registers == Registers() and counted(bench).rows == {}
    with pytest.raises(Refused, match="尚未启用"):
        job.add(bench.office, COMPLAINTS, {"日期": "2020-09-10", "事由": "未按期公开"}, CLERK)
    before = bench.clock.now
    bench.clock.forward(hours=1)
    job.open_register(bench.office, COMPLAINTS, CLERK)
    assert counted(bench).registers == Registers(complaints=0)
    assert counted(bench, before).registers == Registers()
    assert not job.open_register(bench.office, COMPLAINTS, CLERK)


def test_an_application_is_answered_by_a_new_row_and_the_old_one_stays(each_kind: Bench) -> None:
    bench = opened(each_kind)
    first = job.add(bench.office, APPLICATIONS, APPLIED, CLERK)
    before = bench.clock.now
    bench.clock.forward(days=5)
    second = job.correct(
        bench.office,
        first,
        {"答复类型": "部分公开", "答复日期": "2020-09-14", "收费金额": "12.5", "减免金额": "2"},
        CLERK,
    )
    now, then = counted(bench).registers.applications, counted(bench, before).registers.applications
    assert now is not None and then is not None
    assert (now.received, now.answered, now.carried_out, now.fees, now.waived) == (1, 1, 0, 12.5, 2.0)
    assert {name: n for name, n in now.by_answer.items() if n} == {"部分公开": 1}
    assert (then.received, then.answered, then.carried_out) == (1, 0, 1)
    with bench.db.read() as conn:
        r = t.register_rows.c
        rows = conn.execute(select(r.id, r.replaces, r.void_by, r.void_why, r.fields).order_by(r.id)).all()
    assert [tuple(row[:4]) for row in rows] == [(first, None, CLERK, "办结"), (second, first, "", "")]
    assert rows[0].fields == APPLIED
    with pytest.raises(Refused, match=f"已更正为编号 {second}"):
        job.correct(bench.office, first, {"事项": "别的"}, CLERK)
    with pytest.raises(Refused, match="没有变化"):
        job.correct(bench.office, second, {}, CLERK)


def test_a_void_row_counts_no_more_but_did_before(bench: Bench) -> None:
    number = job.add(opened(bench).office, COMPLAINTS, {"日期": "2020-09-10", "事由": "未按期公开"}, CLERK)
    before = bench.clock.now
    bench.clock.forward(hours=1)
    with pytest.raises(Refused, match="原因"):
        job.void(bench.office, number, CLERK, " ")
    job.void(bench.office, number, CLERK, "重复登记")
    assert (counted(bench).registers.complaints, counted(bench, before).registers.complaints) == (0, 1)
    with pytest.raises(Refused, match="已作废"):
        job.void(bench.office, number, CLERK, "再来一次")
    with pytest.raises(Refused, match="没有编号为 999 的登记"):
        job.void(bench.office, 999, CLERK, "没有")


def test_every_register_comes_to_its_figures(bench: Bench) -> None:
    opened(bench)
    for register, said in (
        (SURVEYS, {"日期": "2020-09-01", "发放": "100", "回收": "80", "满意": "76"}),
        (INQUIRIES, {"日期": "2020-09-02", "方式": "热线", "次数": "3"}),
        (INQUIRIES, {"日期": "2020-09-02", "方式": "网络", "次数": "4"}),
        (INQUIRIES, {"日期": "2020-08-31", "方式": "网络", "次数": "50"}),
        (TRAININGS, {"日期": "2020-09-03", "内容": "信息员培训", "人数": "42"}),
    ):
        job.add(bench.office, register, said, CLERK)
    found = counted(bench)
    assert found.registers.surveys == (100, 80, 76)
    assert found.registers.inquiries == {"热线": 3, "网络": 4, "来访": 0}
    assert found.registers.trainings == (1, 42)
    r = found.registers
    assert (r.opinions, r.consultations, r.score) == (0, (0, 0, 0), None)


def test_what_was_handed_out_and_held_is_counted_by_kind_of_place(sqlite_db: Db) -> None:
    bench = with_places(small(sqlite_db))
    found = hand_over(bench, entry(audience=("校内",), title="关于校内停电的通知"))
    bench.clock.forward(days=1, hours=5)
    for each in found:
        finish(bench.office, each.what.push_id, deed(bench.clock.now, amount=2, unit="处"), places.VAR, CLERK)
    done = len([each for each in found if each.what.target == "B1"])
    assert done and counted(bench).registers.by_hand["公告栏"] == {"处": 2 * done}
    found = explain(bench.db, bench.office.school, SchoolYear(2020), "registers.by_hand.公告栏.处", cut_off=bench.clock.now)
    assert found.holds and found.unit == "处" and [row.adds for row in found.rows] == [2] * done
    assert counted(bench, bench.clock.now.replace(year=2019)).registers.by_hand == {}
    bench.close()


def test_a_broken_balance_stands_in_the_report_with_its_row(bench: Bench) -> None:
    number = job.add(opened(bench).office, APPLICATIONS, APPLIED, CLERK)
    with bench.db.write() as conn:  # as no command would
        conn.execute(update(t.register_rows).values(ended_on=date(2020, 8, 1)))
    found = report(bench.db, bench.office.school, SchoolYear(2020), cut_off=bench.clock.now)
    [broken] = [each for each in found.identities if each.name.startswith("依申请公开") and not each.holds]
    assert broken.rows[0].startswith(f"登记 {number}（")


def test_who_answers_is_reminded_once_at_each_step_until_it_is_answered(bench: Bench) -> None:
    number = job.add(opened(bench).office, APPLICATIONS, APPLIED, CLERK)
    told = []
    for n in range(9, 18):
        bench.clock.now = at(CALENDAR.after(date(2020, 9, 10), n).day, time(9))
        told.append(remind_answers(bench.office).reminded)
        assert remind_answers(bench.office).reminded == 0
    assert told == [0, 1, 0, 0, 1, 0, 1, 1, 0]
    [text] = alarms(bench)
    assert text.startswith(f"答复逾期：依申请公开登记 {number}“2019年决算”") and "register correct" in text
    job.correct(bench.office, number, {"答复类型": "同意公开", "答复日期": str(bench.clock.now.date())}, CLERK)
    assert remind_answers(bench.office).answers == 0 and alarms(bench) == []


def test_nobody_is_reminded_while_the_applicant_completes_the_application(bench: Bench) -> None:
    opened(bench)
    job.add(bench.office, APPLICATIONS, {**APPLIED, "补正通知日期": "2020-09-10"}, CLERK)
    bench.clock.now = at(date(2020, 12, 10), time(9))
    assert remind_answers(bench.office).answers == 1 and alarms(bench) == []


def test_two_clerks_who_correct_the_same_row_do_not_both_win(bench: Bench) -> None:
    number = job.add(opened(bench).office, COMPLAINTS, {"日期": "2020-09-10", "事由": "未按期公开"}, CLERK)
    with bench.db.read() as conn:
        assert store.one(conn, number)
    job.correct(bench.office, number, {"结果": "不予支持"}, CLERK)
    with pytest.raises(Refused):
        job.correct(bench.office, number, {"结果": "责令改正"}, "李老师")
    with bench.db.read() as conn:
        assert conn.scalar(select(func.count()).where(t.register_rows.c.void_at.is_(None))) == 1


def test_a_register_that_was_opened_after_the_span_says_nothing_of_it_but_what_was_entered(bench: Bench) -> None:
    opened(bench)
    job.add(bench.office, TRAININGS, {"日期": "2020-07-03", "内容": "信息员培训", "人数": "42"}, CLERK)
    with bench.db.read() as conn:
        found = job.figures(conn, bench.office.school, Span(date(2019, 9, 1), date(2020, 8, 31), bench.clock.now))
    assert found.registers.trainings == (1, 42)
    assert (found.registers.opinions, found.registers.complaints, found.registers.applications) == (None, None, None)
