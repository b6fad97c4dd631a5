"""学年封存: what was handed in stays, and whatever changes a figure or a row behind it afterwards is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from desk import frozen as desk
from jobs.freeze import Refused, Standing, freeze, standing
from jobs.report import report_in
from rules.dates import SchoolYear
from rules.registry import TRAININGS
from store import registers
from store import tables as t
from store.db import Db
from tests import factory as f
from tests.desk.papers import facts_of as facts
from tests.desk.papers import some_year

CUT_OFF = f.moment("2021-10-29")
LATER = CUT_OFF + timedelta(days=30)


def frozen_year(db: Db) -> None:
    some_year(db)
    freeze(db, f.a_school(), SchoolYear(2020), cut_off=CUT_OFF, by="张三", now=CUT_OFF)


def now(db: Db, cut_off: datetime = CUT_OFF) -> Standing:
    with db.snapshot() as conn:
        printed = report_in(conn, f.a_school(), SchoolYear(2020), cut_off=cut_off)
        found = standing(conn, f.a_school(), SchoolYear(2020), printed)
    assert found is not None
    return found


def test_what_was_handed_in_and_not_touched_has_not_changed(db: Db) -> None:
    frozen_year(db)
    found = now(db)
    assert (found.changes, found.same_rows, found.frozen.frozen_by) == ((), True, "张三")
    assert list(desk.lines(found))[-1] == "按封存时的截止日重新统计，没有变化。"


def test_what_is_entered_later_with_its_own_time_changes_nothing(db: Db) -> None:
    frozen_year(db)
    with db.write() as conn:
        f.publish(conn, "Q01", LATER)
    assert now(db).changes == () and now(db).same_rows


def test_a_report_of_a_later_day_says_where_it_differs_from_what_was_handed_in(db: Db) -> None:
    frozen_year(db)
    with db.write() as conn:
        f.publish(conn, "Q01", LATER, title="后来补录", approved_on=date(2020, 12, 1), published_on=date(2020, 12, 1))
    found = now(db, LATER + timedelta(days=1))
    assert found.changes == () and found.same_rows
    told = {each.place: (each.then, each.now) for each in found.printed}
    assert told["items.disclosed"][1] == told["items.disclosed"][0] + 1
    said = list(desk.lines(found))
    assert "按封存时的截止日重新统计，没有变化。" in said and any("个不同（封存 → 本次）" in line for line in said)


def test_an_item_that_is_filed_otherwise_later_is_told_figure_by_figure(db: Db) -> None:
    frozen_year(db)
    with db.write() as conn:
        conn.execute(update(t.items).where(t.items.c.title == "张贴的通知").values(department="后勤处"))
    found = now(db)
    told = {each.place: (each.then, each.now) for each in found.changes}
    assert told["items.departments.后勤处"] == (None, 1) and not found.same_rows
    assert "条目／责任部门／后勤处：— → 1" in list(desk.lines(found))


def test_every_change_is_listed_once_in_words_of_the_office(sqlite_db: Db) -> None:
    frozen_year(sqlite_db)
    with sqlite_db.write() as conn:
        for n in range(40):
            f.publish(conn, "Q01", f.moment("2020-11-02"), title=f"后来的{n}", department=f"部门{n}")
        conn.execute(update(t.items).values(created_at=f.moment("2020-09-01")))
    told = list(desk.lines(now(sqlite_db, LATER + timedelta(days=1))))
    changes = [line for line in told if " → " in line]
    assert len(changes) > 40 and len(changes) == len(set(changes)) and not any("另有" in line for line in told)
    assert not [line for line in changes if "wecom_bot" in line or "onebot" in line or "，bot" in line]
    assert any("，自动推送／" in line for line in changes)


def test_a_row_that_was_removed_is_told(db: Db) -> None:
    frozen_year(db)
    with db.write() as conn:
        conn.execute(delete(t.reach).where(t.reach.c.value == 321))
    found = now(db)
    assert not found.same_rows and any(each.then == 321 or each.now is None for each in found.changes)


def test_a_title_that_was_mended_changes_no_figure_and_is_told_all_the_same(db: Db) -> None:
    frozen_year(db)
    with db.write() as conn:
        conn.execute(update(t.items).where(t.items.c.title == "张贴的通知").values(title="张贴的通知（更正）"))
    found = now(db)
    assert found.changes == () and not found.same_rows
    assert list(desk.lines(found))[-1].startswith("按封存时的截止日重新统计，各数字没有变化，但有的记录封存之后改动过")


def test_a_second_freeze_stands_beside_the_first_and_is_the_one_compared(db: Db) -> None:
    frozen_year(db)
    with db.write() as conn:
        conn.execute(update(t.items).where(t.items.c.title == "张贴的通知").values(department="后勤处"))
    freeze(db, f.a_school(), SchoolYear(2020), cut_off=CUT_OFF, by="李四", now=LATER)
    assert now(db).changes == () and now(db).frozen.frozen_by == "李四"
    [(first, changes)] = now(db).earlier
    assert first.frozen_by == "张三" and ("items.departments.后勤处", 1) in {(c.place, c.now) for c in changes}
    assert any("曾于" in line and "张三" in line for line in desk.lines(now(db)))
    with db.read() as conn:
        assert len(conn.execute(t.frozen.select()).all()) == 2


def test_figures_that_do_not_add_up_and_a_cut_off_to_come_are_not_frozen(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    year, school = SchoolYear(2020), f.a_school()
    with pytest.raises(Refused, match="截止日"):
        freeze(sqlite_db, school, year, cut_off=CUT_OFF, by="张三", now=CUT_OFF - timedelta(days=1))
    with sqlite_db.write() as conn:
        conn.execute(update(t.items).where(t.items.c.title == "张贴的通知").values(department=""))
    with pytest.raises(Refused, match="未核对"):
        freeze(sqlite_db, school, year, cut_off=CUT_OFF, by="张三", now=CUT_OFF)
    with sqlite_db.read() as conn:
        assert standing(conn, school, year, report_in(conn, school, year, cut_off=CUT_OFF)) is None


def test_the_papers_say_what_has_changed(sqlite_db: Db) -> None:
    from desk.papers.prose import document

    frozen_year(sqlite_db)
    with sqlite_db.write() as conn:
        conn.execute(update(t.items).where(t.items.c.title == "张贴的通知").values(department="后勤处"))
    said = [block.text for block in document(facts(sqlite_db))]
    assert "（三）封存说明" in said and "条目／责任部门／后勤处：— → 1" in said


def test_a_registers_row_that_is_voided_after_the_freeze_is_told(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    with sqlite_db.write() as conn:
        registers.open_it(conn, TRAININGS.name, "王老师", f.moment("2020-09-01"))
        row = {"日期": "2020-10-01", "内容": "培训", "人数": 45}
        number = registers.add(conn, TRAININGS, row, "王老师", f.moment("2020-10-01"))
    freeze(sqlite_db, f.a_school(), SchoolYear(2020), cut_off=CUT_OFF, by="张三", now=CUT_OFF)
    with sqlite_db.write() as conn:
        registers.void(conn, number, "王老师", "重复", CUT_OFF - timedelta(days=1))
    told = list(desk.lines(now(sqlite_db)))
    assert "登记簿／培训／1：45 → 0" in told


def test_a_freeze_after_the_registers_were_filled_has_another_fingerprint(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    school, year, prints = f.a_school(), SchoolYear(2020), []
    asked = {"cut_off": CUT_OFF, "by": "张三", "now": CUT_OFF}
    with sqlite_db.write() as conn:
        registers.open_it(conn, TRAININGS.name, "王老师", f.moment("2020-09-01"))
    for day in ("2019-10-01", "2020-10-01", "2020-10-02"):
        prints.append(freeze(sqlite_db, school, year, **asked).fingerprint)
        with sqlite_db.write() as conn:
            row = {"日期": day, "内容": "培训", "人数": 45}
            registers.add(conn, TRAININGS, row, "王老师", CUT_OFF - timedelta(days=1))
    prints.append(freeze(sqlite_db, school, year, **asked).fingerprint)
    assert [len(set(prints[:n])) for n in (2, 3, 4)] == [1, 2, 3]  # a row of a year before is none of this one's
    assert now(sqlite_db).same_rows


@pytest.mark.parametrize(
    ("year", "cut_off", "word"),
    [(2020, "2021-08-31", "结束之后再封存"), (2030, "2031-10-29", "没有登记任何条目")],
)
def test_what_is_not_over_or_holds_nothing_is_not_frozen(sqlite_db: Db, year: int, cut_off: str, word: str) -> None:
    some_year(sqlite_db)
    day = f.moment(cut_off)
    with pytest.raises(Refused, match=word):
        freeze(sqlite_db, f.a_school(), SchoolYear(year), cut_off=day, by="张三", now=day)


def test_an_older_cut_off_takes_no_later_ones_place(sqlite_db: Db) -> None:
    frozen_year(sqlite_db)
    with pytest.raises(Refused, match="早于上一次封存的截止日 2021-10-29"):
        freeze(sqlite_db, f.a_school(), SchoolYear(2020), cut_off=CUT_OFF - timedelta(days=1), by="李四", now=LATER)
