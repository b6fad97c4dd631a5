"""The statutory clock: 20 working days, 公示, 征求意见, and the year's report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import places
from config.calendars import CalendarPart, read_calendar
from rules.deadlines import (
    Clock,
    Deadline,
    Kind,
    Span,
    State,
    Terms,
    consult_wrong,
    countdown,
    notice_span,
    notice_term,
    notice_wrong,
    report_terms,
)
from rules.due import Dated, is_outcome, is_report, open_terms, subject_of
from rules.workdays import Calendar, Reckoned

CALENDAR = read_calendar(places.CONFIG / "calendar", CalendarPart(), [])
TERMS = Terms()
DRAFT = "关于公开征求《学生管理规定（征求意见稿）》意见的公告"


def day(text: str) -> date:
    return date.fromisoformat(text)


def on(today: str, terms: Terms = TERMS, calendar: Calendar = CALENDAR) -> Clock:
    return Clock(day(today), calendar, terms)


def an_item(**over: Any) -> Dated:
    known = {"item": 1, "title": "年度预算", "department": "财务处", "formed_on": None, "approved_on": day("2020-09-01")}
    return Dated(**{**known, "entered_on": day("2020-09-03"), **over})


def of_items(items: list[Dated], clock: Clock) -> list[Deadline]:
    """Without the year's report."""
    return [each for each in open_terms(items, clock) if each.item is not None]


def only(found: list[Deadline], kind: Kind) -> Deadline:
    [term] = [each for each in found if each.kind is kind]
    return term


# -- 20 working days


def test_amber_is_the_15th_red_the_18th_and_late_the_day_after_the_20th_working_day() -> None:
    states = {n: on(str(CALENDAR.after(day("2020-09-01"), n).day)) for n in (14, 15, 17, 18, 20, 21)}
    found = {n: only(open_terms([an_item()], clock), Kind.PUBLISH) for n, clock in states.items()}
    assert {n: each.state for n, each in found.items()} == {
        14: State.NORMAL, 15: State.NEAR, 17: State.NEAR, 18: State.URGENT, 20: State.URGENT, 21: State.LATE,
    }  # fmt: skip
    assert {n: each.left for n, each in found.items()} == {14: 6, 15: 5, 17: 3, 18: 2, 20: 0, 21: -1}
    assert {each.due for each in found.values()} == {Reckoned(day("2020-09-28"), False)}


RANK = {State.NORMAL: 0, State.NEAR: 1, State.URGENT: 2, State.LATE: 3}


@given(st.dates(day("2019-01-01"), day("2026-10-01")), st.integers(-5, 60))
def test_a_term_only_ever_grows_worse_and_done_in_time_means_by_its_last_day(begins: date, after: int) -> None:
    today = begins + timedelta(days=after)
    due = CALENDAR.after(begins, 20).day
    now, next_day = (Clock(each, CALENDAR).state(begins, due, None) for each in (today, today + timedelta(days=1)))
    assert RANK[now] <= RANK[next_day]
    assert (now is State.LATE) == (today > due)
    done = Clock(today, CALENDAR).state(begins, due, today)
    assert done is (State.IN_TIME if today <= due else State.OPENED_LATE)


def test_it_begins_when_the_item_was_made_else_approved_else_registered() -> None:
    made = an_item(formed_on=day("2020-08-31"))
    rows = [made, an_item(), an_item(approved_on=None)]
    found = [only(open_terms([each], on("2020-09-05")), Kind.PUBLISH).begins_on for each in rows]
    assert found == [day("2020-08-31"), day("2020-09-01"), day("2020-09-03")]


def test_what_is_disclosed_owes_nothing_until_it_is_changed() -> None:
    done = an_item(disclosed_on=day("2020-09-10"))
    assert open_terms([done], on("2021-03-01")) == []
    changed = replace(done, changed_on=day("2020-09-22"))
    term = only(open_terms([changed], on("2020-10-19")), Kind.UPDATE)
    assert (term.due, term.state, term.left) == (Reckoned(day("2020-10-26"), False), State.NEAR, 5)


def test_what_was_approved_before_the_bot_began_is_not_chased_but_its_later_changes_are() -> None:
    old = an_item(baseline=True)
    assert open_terms([old], on("2021-03-01")) == []
    changed = replace(old, disclosed_on=day("2020-09-02"), changed_on=day("2020-09-22"))
    assert [each.kind for each in of_items([changed], on("2020-10-19"))] == [Kind.UPDATE]


def test_a_school_with_terms_of_its_own_is_held_to_them() -> None:
    terms = Terms(publish=10, near=5, urgent=8)
    term = only(open_terms([an_item()], on("2020-09-08", terms)), Kind.PUBLISH)
    assert (term.due.day, term.state) == (day("2020-09-15"), State.NEAR)


def test_a_term_into_a_year_without_its_notice_is_marked() -> None:
    term = only(open_terms([an_item(formed_on=day("2026-12-04"))], on("2026-12-10")), Kind.PUBLISH)
    assert term.due == Reckoned(day("2027-01-01"), True)


# -- 公示


def test_a_notice_stands_from_the_day_after_in_working_or_natural_days() -> None:
    wednesday = day("2021-06-23")
    assert notice_term(wednesday, 5, True, CALENDAR) == Reckoned(day("2021-06-30"), False)
    assert notice_term(wednesday, 5, False, CALENDAR) == Reckoned(day("2021-06-28"), False)
    before_the_holidays = day("2021-09-28")
    assert notice_term(before_the_holidays, 5, True, CALENDAR).day == day("2021-10-11")
    assert notice_term(before_the_holidays, 5, False, CALENDAR).day == day("2021-10-08")


def test_the_real_notice_of_five_natural_days_has_three_working_days_and_fits_no_five() -> None:
    span = notice_span(day("2021-06-23"), day("2021-06-27"), day("2021-06-22"), CALENDAR)
    assert span == Span(day("2021-06-23"), day("2021-06-27"), working=3, natural=5)
    assert not span.fits(5, working=True) and span.fits(5, working=False)
    wrong = notice_wrong(span, TERMS)
    assert wrong == "公示期从 2021-06-23 算到 2021-06-27，5 个自然日，其中 3 个工作日，不足 5 个工作日，只按自然日才够"
    assert notice_wrong(span, Terms(notice_working=False)) == ""


@pytest.mark.parametrize("published", [day("2021-06-23"), None])
def test_the_day_of_publication_is_not_counted(published: date | None) -> None:
    span = notice_span(day("2021-06-23"), day("2021-06-27"), published, CALENDAR)
    assert (span.first, span.natural, span.working) == (day("2021-06-24"), 4, 2)
    assert notice_wrong(span, TERMS).endswith("不足 5 个工作日")
    assert notice_wrong(span, Terms(notice_working=False)).endswith("不足 5 个自然日")


@given(st.dates(day("2019-06-01"), day("2026-06-01")), st.integers(1, 20), st.booleans())
def test_a_notice_that_ends_on_the_last_day_of_its_term_is_long_enough_and_a_day_earlier_is_not(
    published: date, days: int, working: bool
) -> None:
    terms = Terms(notice=days, notice_working=working)
    ends = notice_term(published, days, working, CALENDAR).day
    assert notice_wrong(notice_span(published, ends, published, CALENDAR), terms) == ""
    shortest = ends if working else published + timedelta(days=days)
    earlier = notice_span(published, shortest - timedelta(days=1), published, CALENDAR)
    assert "不足" in notice_wrong(earlier, terms)


def a_notice(**over: Any) -> Dated:
    known = {"title": "奖学金名单公示", "is_notice": True, "disclosed_on": day("2021-06-22"), "approved_on": day("2021-06-21")}
    return an_item(**{**known, "notice_from": day("2021-06-23"), "notice_to": day("2021-06-29"), **over})


def test_a_notice_runs_and_is_over_the_day_after_its_last() -> None:
    states = {
        today: [each.state for each in open_terms([a_notice()], on(today)) if each.kind is Kind.NOTICE]
        for today in ("2021-06-29", "2021-06-30", "2021-09-29", "2021-09-30")
    }
    assert states == {
        "2021-06-29": [State.NORMAL], "2021-06-30": [State.OVER], "2021-09-29": [State.OVER], "2021-09-30": [],
    }  # fmt: skip
    assert only(open_terms([a_notice()], on("2021-06-29")), Kind.NOTICE).wrong == ""


def test_a_notice_without_its_end_gets_the_usual_term_and_is_told() -> None:
    term = only(open_terms([a_notice(notice_from=None, notice_to=None)], on("2021-06-23")), Kind.NOTICE)
    assert term.due.day == day("2021-06-29") and term.wrong.startswith("没有写公示止")


# -- 征求意见


def test_opinions_are_asked_for_ten_working_days_at_least() -> None:
    published = day("2020-09-22")
    last = CALENDAR.after(published, 10).day
    assert last == day("2020-10-12")
    assert consult_wrong(published, last, CALENDAR, TERMS) == ""
    wrong = consult_wrong(published, day("2020-10-09"), CALENDAR, TERMS)
    assert wrong == "2020-09-22 公布、2020-10-09 截止，只有 8 个工作日，不足 10 个，截止日期应不早于 2020-10-12"
    assert consult_wrong(published, None, CALENDAR, TERMS) == "没有写截止日期"


@given(st.dates(day("2019-06-01"), day("2026-06-01")), st.integers(-10, 40))
def test_a_consultation_is_long_enough_exactly_from_its_tenth_working_day_on(published: date, days: int) -> None:
    ends = published + timedelta(days=days)
    wrong = consult_wrong(published, ends, CALENDAR, TERMS)
    assert (wrong == "") == (ends >= CALENDAR.after(published, 10).day)


def a_draft(**over: Any) -> Dated:
    known = {"title": DRAFT, "approved_on": day("2020-09-21"), "disclosed_on": day("2020-09-22")}
    return an_item(**{**known, "ends_on": day("2020-10-12"), **over})


def test_it_closes_soon_then_its_outcome_is_owed_within_twenty_working_days() -> None:
    assert only(open_terms([a_draft()], on("2020-09-30")), Kind.CONSULT).state is State.NEAR
    assert only(open_terms([a_draft()], on("2020-09-29")), Kind.CONSULT).state is State.NORMAL
    owed = only(open_terms([a_draft()], on("2020-10-13")), Kind.OUTCOME)
    assert (owed.begins_on, owed.due.day, owed.state) == (day("2020-10-12"), day("2020-11-09"), State.NORMAL)
    assert only(open_terms([a_draft()], on("2020-11-10")), Kind.OUTCOME).state is State.LATE


def test_an_outcome_under_the_same_name_answers_it_once_it_is_disclosed() -> None:
    outcome = an_item(item=2, title="《学生管理规定》征求意见采纳情况的公告", disclosed_on=day("2020-10-20"))
    assert of_items([a_draft(), outcome], on("2020-10-21")) == []
    other = replace(outcome, title="《教师管理规定》征求意见采纳情况的公告")
    assert [each.item for each in of_items([a_draft(), other], on("2020-10-21"))] == [1]
    waiting = replace(outcome, disclosed_on=None)
    assert {each.kind for each in of_items([a_draft(), waiting], on("2020-10-21"))} == {Kind.OUTCOME, Kind.PUBLISH}


def test_a_draft_that_is_not_out_yet_is_measured_from_today() -> None:
    term = only(open_terms([a_draft(disclosed_on=None)], on("2020-09-23")), Kind.CONSULT)
    assert term.wrong.startswith("2020-09-23 公布、2020-10-12 截止，只有 9 个工作日")


@pytest.mark.parametrize(("title", "asks"), [
    (DRAFT, True), ("关于食堂价格调整公开征求意见的通知", True), ("关于征集校训修改意见的通知", True),
    ("学生管理规定（征求意见稿）", True), ("关于召开征求意见座谈会的通知", True), ("《学生管理规定》征求意见结果公告", False),
    ("关于做好意见箱管理的通知", False),
])  # fmt: skip
def test_a_consultation_is_known_by_its_title_and_its_closing_date(title: str, asks: bool) -> None:
    assert an_item(title=title, ends_on=day("2020-10-12")).is_consultation is asks


@pytest.mark.parametrize("title", ["学生管理规定（征求意见稿）", "关于召开征求意见座谈会的通知"])
def test_a_title_that_only_mentions_one_is_none_without_a_closing_date(title: str) -> None:
    assert not an_item(title=title).is_consultation


def test_a_question_and_its_outcome_have_the_same_subject() -> None:
    pairs = [
        (DRAFT, "关于《学生管理规定》征求意见结果的公告"),
        ("关于食堂价格调整公开征求意见的通知", "食堂价格调整征求意见采纳情况公告"),
    ]
    for asked, answered in pairs:
        assert subject_of(asked) == subject_of(answered) != ""
        assert is_outcome(answered) and not is_outcome(asked)


# -- the year's report


def test_the_report_is_due_on_the_last_working_day_of_october() -> None:
    [term] = report_terms(on("2026-09-10"), None, None)
    assert (term.due, term.title) == (Reckoned(day("2026-10-30"), False), "2025-2026学年信息公开工作年度报告")


def test_the_countdown_has_its_steps_and_ends_in_late() -> None:
    assert [countdown(n) for n in (31, 30, 11, 10, 6, 5, 2, 1, 0)] == [None, 30, 30, 10, 10, 5, 5, 1, 1]
    states = {today: [each.state for each in report_terms(on(today), None, day("2026-09-01"))] for today in (
        "2026-08-31", "2026-09-10", "2026-10-19", "2026-10-26", "2026-10-31", "2026-12-31", "2027-01-01", "2027-08-31",
        "2027-09-01",
    )}  # fmt: skip
    assert states == {
        "2026-08-31": [], "2026-09-10": [State.NORMAL], "2026-10-19": [State.NEAR], "2026-10-26": [State.URGENT],
        "2026-10-31": [State.LATE], "2026-12-31": [State.LATE], "2027-01-01": [State.LATE], "2027-08-31": [State.LATE],
        "2027-09-01": [State.NORMAL],
    }  # fmt: skip


def test_a_report_that_is_disclosed_ends_the_countdown_but_not_last_years() -> None:
    report = an_item(title="示例学院信息公开工作年度报告", disclosed_on=day("2026-10-20"))
    assert open_terms([report], on("2026-10-21")) == []
    old = replace(report, disclosed_on=day("2025-10-30"))
    assert [each.kind for each in open_terms([old], on("2026-10-21"))] == [Kind.REPORT]


def test_a_report_that_comes_after_new_year_ends_the_overdue_reminder() -> None:
    late = an_item(title="示例学院2025-2026学年信息公开工作年度报告", disclosed_on=day("2027-01-03"))
    began = day("2026-09-01")
    assert [each.state for each in open_terms([], on("2027-01-02"), began)] == [State.LATE]
    assert open_terms([late], on("2027-01-04"), began) == []
    assert open_terms([late], on("2027-08-31"), began) == []
    [following] = open_terms([late], on("2027-09-01"), began)
    assert following.title == "2026-2027学年信息公开工作年度报告"


@pytest.mark.parametrize("title", [
    "示例学院2025-2026学年信息公开工作年度报告", "示例学院 2025-2026学年度信息公开工作报告", "信息公开年度报告（2025-2026学年）",
    "示例学院信息公开工作年度报告", "《2025—2026学年信息公开年度报告》", "信息公开年度报告 (2025-2026学年)（全文）",
    "示例学院2025至26学年信息公开年度报告", "2026年信息公开工作报告", "示例学院2025-2026学年信息公开年报", "信息公开年度报告.pdf",
    "关于公布2025-2026学年信息公开年度报告的通知", "关于发布《2025-2026学年信息公开工作年度报告》的公告",
])  # fmt: skip
def test_the_years_report_is_known_by_its_title(title: str) -> None:
    assert is_report(title, 2026)


@pytest.mark.parametrize("title", [
    "关于做好2025-2026学年信息公开年度报告编制工作的通知", "关于报送2025-2026学年信息公开年度报告的函",
    "信息公开工作自查报告", "关于报送信息公开工作自查情况的报告", "信息公开年度报告编制说明", "信息公开专项检查情况报告",
    "信息公开工作评议报告", "信息公开年度报告（征求意见稿）", "信息公开年度报告（模板）", "关于信息公开工作报告的通知", "信息公开年度报告公示",
    "2025-2026学年本科教学质量报告", "信息公开指南", "2024-2025学年信息公开工作年度报告",
    "信息公开年度报告（2024-2025学年）",
])  # fmt: skip
def test_what_speaks_of_the_report_or_is_another_one_is_not_it(title: str) -> None:
    assert not is_report(title, 2026)


def test_a_school_that_began_after_the_report_was_due_is_not_told_of_it() -> None:
    for began_on in (day("2026-10-31"), None):
        assert list(report_terms(on("2026-11-02"), None, began_on)) == []
    assert [each.state for each in report_terms(on("2026-11-02"), None, day("2026-10-30"))] == [State.LATE]


def test_the_provinces_date_is_the_last_working_day_by_then_and_is_silent_afterwards() -> None:
    terms = Terms(filing=(11, 8))
    filing = only(list(report_terms(on("2026-11-02", terms), day("2026-10-20"), None)), Kind.FILING)
    assert filing.due.day == day("2026-11-06")
    assert list(report_terms(on("2026-11-09", terms), day("2026-10-20"), None)) == []
