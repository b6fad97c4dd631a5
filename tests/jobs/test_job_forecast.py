"""The coming days before they happen: nothing is written, and what is held, paused or made already is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from jobs import orders
from jobs.forecast import Forecast, forecast
from rules.dates import Window, at
from rules.planner import Other
from rules.school import Lessons
from rules.workdays import Vacation
from store import quotas
from store import tables as t
from store.db import Db
from tests.jobs.bench import ACCOUNT, DAY, GROUPS, Bench, entry, make_bench, to_staff, to_students
from tests.jobs.sparing import DAILY, MONTHLY, use_account


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


def placed(bench: Bench, *entries: object) -> None:
    """Entered and routed, not planned."""
    bench.enter(*entries)  # type: ignore[arg-type]
    bench.route()


def leaving(found: Forecast) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (f"{each.at.astimezone(at(DAY, time()).tzinfo):%m-%d %H:%M}", each.way, each.titles) for each in found.leaving
    ]


def staying(found: Forecast) -> list[tuple[str, str]]:
    return [(each.title, each.reason) for each in found.staying]


def test_what_waits_for_a_slot_leaves_in_one_push_then_and_the_rest_the_next_day(bench: Bench) -> None:
    bench.set(slots=(time(12), time(18)), pushes_a_day=1)
    bench.use(type(bench.office.channels[GROUPS]), GROUPS, pieces=2)  # type: ignore[arg-type]
    placed(bench, *(to_staff(title=title) for title in "甲乙丙"))
    assert leaving(forecast(bench.office, 7)) == [
        ("09-10 12:00", "合并推送", ("甲", "乙")),
        ("09-11 12:00", "推送", ("丙",)),
    ]
    found = forecast(bench.office, 1)
    assert len(found.leaving) == 1 and staying(found) == [("丙", "今日已达每天 1 次，明日再推")]


def test_class_hours_rest_days_and_vacations_are_kept(bench: Bench) -> None:
    lessons = (Lessons("学生", (Window(time(8), time(11, 30)),)),)
    bench.office.school = replace(bench.office.school, lessons=lessons)
    placed(bench, to_students(title="甲"))
    assert leaving(forecast(bench.office, 7)) == [("09-10 11:30", "推送", ("甲",))]
    bench.clock.now = at(date(2020, 9, 12), time(9))  # a Saturday
    bench.set(holidays=False)
    assert leaving(forecast(bench.office, 7)) == [("09-14 11:30", "推送", ("甲",))]
    away = replace(bench.office.school.calendar, vacations=(Vacation(date(2020, 9, 1), date(2020, 9, 30), "暑假"),))
    bench.office.school = replace(bench.office.school, calendar=away)
    bench.set(vacations=False, holidays=True)
    found = forecast(bench.office, 7)
    assert (leaving(found), staying(found)) == ([], [("甲", "暑假期间不推送")])


def test_what_is_held_or_unconfirmed_stays_and_what_is_scheduled_leaves_at_its_time(bench: Bench) -> None:
    placed(bench, to_staff(title="甲"), to_staff(title="乙"), to_staff(title="丙"))
    orders.schedule(bench.office, 2, "王老师", at(date(2020, 9, 14), time(15, 20)))
    with bench.db.write() as conn:
        conn.execute(t.items.update().where(t.items.c.id == 3).values(hold="待核对"))
    found = forecast(bench.office, 7)
    assert leaving(found) == [("09-10 09:00", "推送", ("甲",)), ("09-14 15:20", "推送", ("乙",))]
    assert staying(found) == [("丙", "待核对")]
    bench.office.school = replace(bench.office.school, confirm=True)
    assert [why[:4] for _title, why in staying(forecast(bench.office, 7))] == ["确认模式", "确认模式", "待核对"]


def test_what_ends_before_it_can_leave_stays_and_says_so(bench: Bench) -> None:
    placed(bench, to_staff(title="甲", ends_on=DAY))
    orders.schedule(bench.office, 1, "王老师", at(DAY + timedelta(days=1), time(9)))
    assert staying(forecast(bench.office, 3)) == [("甲", "期限 2020-09-10 已过，不再推送")]


def test_what_ends_before_anybody_confirms_it_says_that_it_waits_for_a_person(bench: Bench) -> None:
    bench.office.school = replace(bench.office.school, confirm=True)
    placed(bench, to_staff(title="甲", ends_on=DAY + timedelta(days=1)))
    [(_, why)] = staying(forecast(bench.office, 7))
    assert why == "确认模式：等待确认（python bot.py confirm）；期限 2020-09-11 已过，不再推送"


def test_the_months_sends_are_spent_as_the_clock_moves_and_come_back_with_the_month(bench: Bench) -> None:
    use_account(bench, MONTHLY, other=Other.WAIT, min_pieces=1)
    bench.set(ACCOUNT, slots=(time(11),))
    bench.use(type(bench.office.channels[ACCOUNT]), ACCOUNT, **{**_limits(bench), "pieces": 1})  # type: ignore[arg-type]
    with bench.db.write() as conn:
        quotas.book_others(conn, f"{ACCOUNT}:群发", 2, bench.clock.now)
    placed(bench, *(entry(title=title) for title in "甲乙"))
    found = forecast(bench.office, 7)
    assert leaving(found) == [("09-10 11:00", "群发", ("甲",))]
    assert staying(found) == [("乙", "本月群发还剩 1 次，留给紧急事项，等待 10-01 起的群发")]
    assert leaving(forecast(bench.office, 30))[1:] == [("10-01 11:00", "群发", ("乙",))]


def _limits(bench: Bench) -> dict[str, object]:
    limits = bench.office.channels[ACCOUNT].limits
    return {"exposure": "社会", "rates": limits.rates, "thrift": limits.thrift, "way": limits.way}


def test_a_push_that_is_made_already_comes_first_and_takes_its_send(bench: Bench) -> None:
    use_account(bench, DAILY)
    bench.publish(entry(title="甲"))
    placed(bench, entry(title="乙"))
    found = forecast(bench.office, 2)
    assert leaving(found) == [("09-10 09:00", "群发", ("甲",)), ("09-11 08:00", "群发", ("乙",))]
    assert [each.made for each in found.leaving] == [True, False]


def test_a_paused_channel_and_a_target_that_is_gone_let_nothing_out(bench: Bench) -> None:
    bench.publish(to_staff(title="甲"))
    placed(bench, to_staff(title="乙"), to_students(title="丙"))
    bench.target("Q1", channel=None)
    orders.pause(bench.office, GROUPS, "王老师", "")
    found = forecast(bench.office, 7)
    assert leaving(found) == []
    assert sorted(staying(found)) == [("丙", "目标已不在登记册中，或其渠道未启用"), ("乙", "渠道已暂停")]


def test_what_the_channel_cannot_show_is_split_or_stays(bench: Bench) -> None:
    bench.office.channels[GROUPS].room = 5  # type: ignore[attr-defined]
    placed(bench, to_staff(title="甲甲甲"), to_staff(title="乙乙乙"), to_staff(title="丙丙丙丙丙丙"))
    found = forecast(bench.office, 1)
    assert [titles for _at, _way, titles in leaving(found)] == [("甲甲甲",), ("乙乙乙",)]
    assert staying(found) == [("丙丙丙丙丙丙", "该渠道放不下：放不下")]


def test_a_forecast_writes_nothing(bench: Bench, tmp_path: Path) -> None:
    use_account(bench, DAILY)
    bench.set(slots=(time(12),), pushes_a_day=1)
    bench.publish(entry(title="甲"), to_staff(title="乙"))
    placed(bench, entry(title="丙"), to_staff(title="丁", ends_on=DAY + timedelta(days=1)), to_students(title="戊"))
    before, calls = _everything(bench), len(bench.vendor.calls)
    forecast(bench.office, 30)
    assert _everything(bench) == before and len(bench.vendor.calls) == calls


def _everything(bench: Bench) -> dict[str, list[tuple[object, ...]]]:
    with bench.db.read() as conn:
        return {table.name: [tuple(row) for row in conn.execute(table.select())] for table in t.metadata.sorted_tables}
