"""Registers: what may be written, the clock of an application, and the sums of any span."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import places
from config.calendars import CalendarPart, read_calendar
from rules import registry
from rules import registry_sums as sums
from rules.answers import answer_due, step
from rules.registry import ANSWERS, APPLICATIONS, REGISTERS, Kind, Row, day_in, read
from rules.registry_sums import Days

CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])
TODAY = date(2021, 3, 1)
APPLIED = {"收到日期": "2020-09-10", "方式": "信函", "申请人类别": "社会", "事项": "2019年决算"}


def application(number: int = 1, *, on: date, ended: date | None = None, **more: str) -> Row:
    said = {**APPLIED, "收到日期": on.isoformat(), **more}
    if ended:
        said |= {"答复类型": "同意公开", "答复日期": ended.isoformat(), **more}
    return Row(id=number, register=APPLICATIONS.name, fields=said, on_day=on, ended_on=ended)


def problems(register: registry.Register, **said: str) -> dict[str, str]:
    return {each.column: each.text for each in read(register, said, TODAY)[1]}


def test_every_register_is_found_by_its_name_and_by_its_word() -> None:
    for name, each in REGISTERS.items():
        assert registry.find(name) is each and registry.find(each.word) is each
    assert registry.find("没有这本") is None


def test_the_columns_that_are_spoken_of_are_there() -> None:
    for each in REGISTERS.values():
        spoken = {each.on, *filter(None, [each.ends]), *(c for pair in (*each.rising, *each.together) for c in pair)}
        assert spoken <= {column.name for column in each.columns}
        on = each.field(each.on)
        assert on is not None and on.kind is Kind.DAY and on.needed


def test_what_is_good_is_stored_in_one_form() -> None:
    said = {**APPLIED, "收到日期": "2020年9月10日", "事项": " 2019年  决算 ", "收费金额": "1,020元", "减免金额": ""}
    fields, wrong = read(APPLICATIONS, said, TODAY)
    assert wrong == ()
    assert fields == {**APPLIED, "事项": "2019年 决算", "收费金额": "1020.00"}
    assert read(APPLICATIONS, {k: str(v) for k, v in fields.items()}, TODAY) == (fields, ())


@pytest.mark.parametrize(
    ("change", "column", "told"),
    [
        ({"收到日期": ""}, "收到日期", "未填写"),
        ({"收到日期": "2020-13-01"}, "收到日期", "2020-13-01"),
        ({"收到日期": "2021-03-02"}, "收到日期", "还没有到"),
        ({"方式": "鸽子"}, "方式", "当面、信函"),
        ({"收费金额": "-3"}, "收费金额", "应为金额（元）"),
        ({"收费金额": "1.234"}, "收费金额", "应为金额（元）"),
        ({"事项": "本人110101199003070038的学籍"}, "事项", "身份证号"),
        ({"事项": "多" * 2001}, "事项", "写摘要"),
        ({"答复类型": "同意公开"}, "答复日期", "未填写，请补上"),
        ({"答复日期": "2020-09-20"}, "答复类型", "未填写，请补上"),
        ({"答复类型": "撤回", "答复日期": "2020-09-09"}, "收到日期", "晚于“答复日期”"),
        ({"补正收到日期": "2020-09-20", "补正通知日期": "2020-09-21"}, "补正通知日期", "晚于“补正收到日期”"),
        ({"备注": "有"}, "备注", "没有这一列"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_its_column_and_the_fix(change: dict[str, str], column: str, told: str) -> None:
    assert told in problems(APPLICATIONS, **{**APPLIED, **change})[column]


def test_numbers_that_contradict_each_other_are_refused() -> None:
    found = problems(registry.SURVEYS, 日期="2020-12-01", 发放="100", 回收="101", 满意="102")
    assert "大于“发放”（100）" in found["回收"] and "大于“回收”（101）" in found["满意"]
    assert "1 至 5" in problems(registry.OPINIONS, 日期="2020-12-01", 评分="6")["评分"]


def test_a_consultation_may_end_after_today_but_not_before_it_began() -> None:
    said = {"事项": "学生管理规定", "起": "2021-02-20", "止": "2021-03-10"}
    assert problems(registry.CONSULTATIONS, **said) == {}
    assert "止" in problems(registry.CONSULTATIONS, **{**said, "止": "2021-02-19"})["起"]


# -- the clock


def test_fifteen_working_days_are_counted_over_the_october_holidays() -> None:
    due = answer_due(application(on=date(2020, 9, 21)), CALENDAR, 15)
    assert due is not None and due.day == date(2020, 10, 16)  # 中秋、国庆 off, 27 Sept and 10 Oct worked


def test_the_days_of_a_completion_are_not_counted() -> None:
    row = application(on=date(2020, 11, 2), 补正通知日期="2020-11-06")
    assert answer_due(row, CALENDAR, 15) is None
    done = application(on=date(2020, 11, 2), 补正通知日期="2020-11-06", 补正收到日期="2020-11-20")
    due = answer_due(done, CALENDAR, 15)
    assert due is not None and due.day == CALENDAR.after(date(2020, 11, 20), 11).day


def test_what_had_run_out_is_not_brought_back_by_a_completion() -> None:
    late = application(on=date(2020, 9, 1), 补正通知日期="2020-10-30")
    due = answer_due(late, CALENDAR, 15)
    assert due is not None and due.day == CALENDAR.after(date(2020, 9, 1), 15).day


def test_the_steps_are_five_two_and_none_left_and_late() -> None:
    due = CALENDAR.after(date(2020, 11, 2), 15).day
    said = [step(CALENDAR.after(date(2020, 11, 2), n).day, due, CALENDAR) for n in range(9, 17)]
    assert said == ["", "5", "5", "5", "2", "2", "0", "逾期"]


# -- the sums

DAY_ONE = date(2020, 6, 1)
days = st.integers(0, 700).map(lambda n: DAY_ONE + timedelta(n))


@st.composite
def some_rows(draw: st.DrawFn) -> list[Row]:
    """Applications as the validator lets them through."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        on = draw(days)
        more = {"收费金额": f"{draw(st.integers(0, 10**6)) / 100:.2f}"}
        ended = on + timedelta(draw(st.integers(0, 400))) if draw(st.booleans()) else None
        if draw(st.booleans()):
            more["补正通知日期"] = str(on + timedelta(draw(st.integers(0, 40))))
        if ended is not None:
            more["答复类型"] = draw(st.sampled_from(ANSWERS))
        found.append(application(number + 1, on=on, ended=ended, **more))
    return found


@given(some_rows(), days, st.integers(0, 400))
def test_what_came_in_is_what_went_out_and_what_is_left_in_any_span(rows: list[Row], first: date, many: int) -> None:
    span = Days(first, first + timedelta(many), date(2023, 1, 1))
    found = sums.applications(rows, span, CALENDAR, 15)
    assert all(each.holds for each in sums.identities(rows, span, found))
    assert found.carried_in + found.received <= len(rows)


@given(some_rows(), days, st.integers(0, 400), st.integers(1, 400))
def test_a_span_and_the_next_count_no_row_twice_and_hand_over_what_is_open(
    rows: list[Row], first: date, many: int, more: int
) -> None:
    known = date(2023, 1, 1)
    last = first + timedelta(many)
    one, two = Days(first, last, known), Days(last + timedelta(1), last + timedelta(more), known)
    whole = Days(first, two.last, known)
    a, b, both = (sums.applications(rows, each, CALENDAR, 15) for each in (one, two, whole))
    assert a.carried_out == b.carried_in and both.carried_in == a.carried_in and both.carried_out == b.carried_out
    assert (a.received + b.received, a.answered + b.answered, a.late + b.late) == (
        both.received, both.answered, both.late
    )  # fmt: skip
    assert round(a.fees + b.fees, 2) == round(both.fees, 2)


def test_a_row_answered_before_it_came_breaks_the_balance_and_is_named() -> None:
    span = Days(date(2020, 9, 1), date(2021, 8, 31), TODAY)
    rows = [application(7, on=date(2020, 9, 10), ended=date(2020, 8, 20)), application(8, on=date(2020, 9, 10))]
    balance, _answers = sums.identities(rows, span, sums.applications(rows, span, CALENDAR, 15))
    assert not balance.holds and balance.left != balance.right
    [named] = balance.rows
    assert named.startswith("登记 7（")


def test_an_answer_without_its_kind_is_named() -> None:
    span = Days(date(2020, 9, 1), date(2021, 8, 31), TODAY)
    row = Row(id=9, register=APPLICATIONS.name, fields=APPLIED, on_day=date(2020, 9, 10), ended_on=date(2020, 9, 11))
    _balance, answers = sums.identities([row], span, sums.applications([row], span, CALENDAR, 15))
    assert not answers.holds and answers.rows[0].startswith("登记 9（")


def test_a_late_answer_is_late_in_the_span_in_which_its_term_ran_out() -> None:
    row = application(on=date(2020, 8, 3), ended=date(2020, 9, 15))
    before, after = (
        Days(date(2019, 9, 1), date(2020, 8, 31), TODAY),
        Days(date(2020, 9, 1), date(2021, 8, 31), TODAY),
    )
    assert [len(sums.late([row], each, CALENDAR, 15)) for each in (before, after)] == [1, 0]
    unseen = Days(before.first, before.last, date(2020, 8, 10))
    assert sums.late([row], unseen, CALENDAR, 15) == []
    assert sums.late_open([row], before, CALENDAR, 15) == []
    asked = Days(before.first, before.last, date(2020, 8, 31))  # nobody had answered by then
    assert sums.late_open([row], asked, CALENDAR, 15) == [row]
    assert sums.applications([row], asked, CALENDAR, 15).late_open == 1


def test_the_day_of_an_empty_column_is_none() -> None:
    assert day_in(APPLIED, "") is None and day_in(APPLIED, "答复日期") is None
