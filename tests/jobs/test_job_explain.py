"""Every figure of the report opened: its rows come to what is printed, whatever the year, the cut-off and the days."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from jobs.explain import Behind, Explained, NoFigure, explain
from jobs.report import report_in
from rules.dates import Period, SchoolYear, period_of
from store.db import Db
from store.span import Span
from tests import factory as f
from tests.desk.papers import flat, some_year

CUT_OFF = f.moment("2021-10-29")
#: What has no rows of its own: sums of other figures, how many were asked, what an account or a register holds.
WITHOUT = re.compile(r"channels\.\d+\.reach\.\d+\.(known|asked)|identities\..*|items\.list_waived\.\d+|accounts\..*")


def every(db: Db, period: Period, cut_off: Any = CUT_OFF) -> tuple[list[Explained], list[str]]:
    """Each figure of the report with its rows, and the places that have none."""
    school = f.a_school()
    with db.snapshot() as conn:
        found = report_in(conn, school, period, cut_off=cut_off)
        rows = Behind(conn, school, Span(period.start, period.end, cut_off), found)
        opened, without = [], []
        for place, value in flat(found.as_json()):
            if isinstance(value, int) and not isinstance(value, bool):
                try:
                    unit, mine = rows.of(place.split("."))
                except NoFigure:
                    without.append(place)
                else:
                    opened.append(Explained(place, value, unit, tuple(mine)))
    return opened, without


def test_every_figure_has_its_rows_and_they_come_to_it(db: Db) -> None:
    some_year(db)
    opened, without = every(db, SchoolYear(2020))
    assert [each.place for each in opened if not each.holds] == []
    assert [place for place in without if not WITHOUT.fullmatch(place)] == []
    assert len(opened) > 200 and sum(each.value or 0 for each in opened) > 300


@pytest.mark.parametrize(
    "period", [period_of(date(2020, 9, 15), date(2020, 10, 2)), period_of(date(2021, 2, 10), date(2021, 3, 9))]
)
def test_so_it_is_of_broken_months(sqlite_db: Db, period: Period) -> None:
    some_year(sqlite_db)
    opened, _ = every(sqlite_db, period)
    assert [each.place for each in opened if not each.holds] == [] and any(each.value for each in opened)


@pytest.mark.parametrize("day", ["2020-09-20", "2020-10-01", "2021-02-01"])
def test_so_it_is_as_of_an_earlier_day(sqlite_db: Db, day: str) -> None:
    some_year(sqlite_db)
    opened, _ = every(sqlite_db, SchoolYear(2020), f.moment(day))
    assert [each.place for each in opened if not each.holds] == []


def test_a_row_says_whose_it_is(sqlite_db: Db) -> None:
    noon = f.moment("2020-10-01")
    with sqlite_db.write() as conn:
        item = f.publish(conn, "Q01", noon, title="收费公示")
    found = explain(sqlite_db, f.a_school(), SchoolYear(2020), "items.registered", cut_off=CUT_OFF)
    assert (found.value, found.unit, found.holds) == (1, "条", True)
    assert [row.item_id for row in found.rows] == [item] and "收费公示" in found.rows[0].words
    due = explain(sqlite_db, f.a_school(), SchoolYear(2020), "targets.0.due", cut_off=CUT_OFF)
    assert due.unit == "条次" and all("→" in row.words for row in due.rows)


@pytest.mark.parametrize("place", ["", "items", "items.disclosed.x", "channels.99.due", "school", "identities.0.left"])
def test_what_is_no_figure_is_told(sqlite_db: Db, place: str) -> None:
    with pytest.raises(NoFigure):
        explain(sqlite_db, f.a_school(), SchoolYear(2020), place, cut_off=CUT_OFF)
