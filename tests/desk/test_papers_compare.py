"""The year before stands beside the year's figures, where somebody counted it, and never where nobody did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from desk.papers.facts import Facts, gather
from desk.papers.prose import document
from jobs import compare
from jobs.explain import explain
from rules.dates import Days, SchoolYear, year_before
from rules.registers import Registers
from store import facts as store
from store.db import Db
from tests import factory as f
from tests.desk.papers import CUT_OFF, a_clock, facts_of, some_year


def two_years(db: Db, *, since: date = date(2019, 9, 1)) -> Facts:
    """A year of thirty items, and three of the year before; the bot's first look was on `since`."""
    some_year(db)
    with db.write() as conn:
        for n in range(3):
            f.publish(conn, "Q01", f.moment(f"2019-10-0{n + 1}"), title=f"上年{n}", number=f"上-{n}")
        store.set_watch(conn, "登记表", now=CUT_OFF, since=since, cursor={}, health="good", note="")
    return facts_of(db)


def text(facts: Facts) -> str:
    return "\n".join(each.text + "\n".join("|".join(row) for row in each.rows) for each in document(facts))


def lines(facts: Facts) -> dict[str, compare.Line]:
    assert facts.before is not None
    return {each.name: each for each in compare.lines(facts.year, facts.before)}


def test_each_figure_stands_beside_that_of_the_year_before(sqlite_db: Db) -> None:
    facts = two_years(sqlite_db)
    assert facts.before is not None and facts.before.report.year == "2019-2020学年"
    line = lines(facts)["主动公开条目"]
    assert (line.now, line.before) == (facts.report.items.disclosed, 3)
    assert line.change == f"增加{line.now - 3}（{100 * (line.now - 3) / 3:+.1f}%）"
    assert "与上一学年比较" in text(facts) and "不作比较" not in text(facts)


def test_a_figure_of_the_year_before_opens_into_its_rows(sqlite_db: Db) -> None:
    facts = two_years(sqlite_db)
    for line in lines(facts).values():
        found = explain(sqlite_db, f.a_school(), SchoolYear(2020), line.place_before, cut_off=CUT_OFF)
        assert found.holds and found.value == line.before, line.place_before
        found = explain(sqlite_db, f.a_school(), SchoolYear(2020), line.place, cut_off=CUT_OFF)
        assert found.holds and found.value == line.now, line.place


def test_a_year_that_nobody_counted_is_not_compared(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    facts = facts_of(sqlite_db)
    assert facts.before is None and facts.as_json()["before"] is None
    assert "上一学年" not in text(facts)


def test_what_was_pushed_is_compared_only_if_the_bot_was_there_all_the_year(sqlite_db: Db) -> None:
    facts = two_years(sqlite_db, since=date(2020, 1, 10))
    assert not any(each.endswith("推送") for each in lines(facts)) and "不作比较" in text(facts)
    assert any(each.endswith("推送") for each in lines(replace(facts, before=replace(facts.before, pushed=True))))  # type: ignore[type-var]


def test_a_register_is_compared_only_if_it_was_open_in_both_years(sqlite_db: Db) -> None:
    facts = two_years(sqlite_db)
    assert facts.before is not None
    opened = replace(facts, registers=Registers(complaints=2, opinions=5))
    found = lines(replace(opened, before=replace(facts.before, registers=Registers(complaints=0))))
    assert found["举报"].change == "增加2" and "评议意见" not in found


def test_any_days_are_compared_with_the_same_days_a_year_earlier(sqlite_db: Db) -> None:
    two_years(sqlite_db)
    days = Days(date(2020, 10, 1), date(2020, 10, 31))
    facts = gather(sqlite_db, f.a_school(), days, cut_off=CUT_OFF, clock=a_clock())
    assert facts.before is not None and facts.before.report.items.disclosed == 3
    assert "与上年同期比较" in text(facts) and "学年|上" not in text(facts)
    assert year_before(Days(date(2020, 2, 29), date(2020, 2, 29))) == Days(date(2019, 2, 28), date(2019, 2, 28))
