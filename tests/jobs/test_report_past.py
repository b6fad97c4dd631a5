"""What was known at a cut-off stays so, whatever is written down afterwards as of an earlier day."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from jobs.book import book
from jobs.handoff import Deed, finish
from jobs.report import report
from rules.dates import Days, SchoolYear, at
from store import tables as t
from store.db import Db
from tests.jobs.bench import Bench, entry, make_bench
from tests.jobs.by_hand import hand_over, with_places

CUT_OFF = at(date(2020, 9, 30), time(23))
LATER = at(date(2020, 10, 20), time(9))
DEED = Deed(by="王五", at=at(date(2020, 9, 20), time(10)), place="教职工大会", amount=30, unit="人次")


def known(bench: Bench, cut_off: datetime = CUT_OFF) -> dict[str, Any]:
    plain = report(bench.db, bench.office.school, SchoolYear(2020), cut_off=cut_off).as_json()
    part = report(bench.db, bench.office.school, Days(date(2020, 9, 1), date(2020, 9, 30)), cut_off=cut_off).as_json()
    return {"year": plain, "month": part}


@pytest.fixture
def bench(db: Db) -> Any:
    made = with_places(make_bench(db))
    yield made
    made.close()


def test_a_booking_of_an_earlier_day_changes_no_report_of_before_it_was_made(bench: Bench) -> None:
    bench.enter(entry(title="甲"))
    before = known(bench)
    bench.clock.now = LATER
    [item] = [row.id for row in bench.rows(t.items)]
    book(bench.office, item, bench.office.school.targets["G1"], DEED, "王五")
    assert known(bench) == before
    now = known(bench, LATER)["month"]
    assert now["items"]["disclosed"] == 1 and [each["pushes"] for each in now["channels"] if each["due"]] == [1]


def test_a_hand_off_that_is_reported_late_neither(bench: Bench, tmp_path: Path) -> None:
    [first, *_] = hand_over(bench, entry(title="甲", audience=("教职工",)))
    before = known(bench)
    bench.clock.now = LATER
    finish(bench.office, first.what.push_id, DEED, tmp_path, "王五")
    assert known(bench) == before
    assert known(bench, LATER)["month"]["items"]["disclosed"] == 1
