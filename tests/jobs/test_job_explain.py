"""Every figure of the report opened: its rows come to what is printed, whatever the year, the cut-off and the days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from desk import explain as desk
from jobs.explain import MEANS, Behind, Explained, explain
from jobs.report import report_in
from jobs.rows import NoFigure, bookmark
from rules import registry
from rules.dates import Period, SchoolYear, period_of
from rules.states import Basis, Status
from store import registers
from store import tables as t
from store.db import Db
from store.span import Span
from tests import factory as f
from tests.desk.papers import flat, some_year

CUT_OFF = f.moment("2021-10-29")
#: What has no rows of its own: sums of other figures.
WITHOUT = re.compile(r"identities\..*|items\.list_waived\.\d+")


def every(db: Db, period: Period, cut_off: Any = CUT_OFF) -> tuple[list[Explained], list[str]]:
    """Each figure of the report with its rows, and the places that have none."""
    school = f.a_school()
    with db.snapshot() as conn:
        found = report_in(conn, school, period, cut_off=cut_off)
        rows = Behind(conn, school, Span(period.start, period.end, cut_off), found)
        opened, without = [], []
        for place, value in flat(rows.plain):
            if isinstance(value, int | float) and not isinstance(value, bool):
                try:
                    unit, mine = rows.of(place.split("."))
                except NoFigure:
                    without.append(place)
                else:
                    opened.append(Explained(place, value, unit, tuple(mine), mean=place in MEANS))
    return opened, without


#: Two rows of each register, and one beside the year.
ROWS: dict[registry.Register, list[dict[str, Any]]] = {
    registry.APPLICATIONS: [
        {"收到日期": "2020-08-20", "方式": "网络", "申请人类别": "社会", "事项": "一", "答复类型": "同意公开", "答复日期": "2020-10-20", "收费金额": "12.50"},
        {"收到日期": "2020-10-20", "方式": "当面", "申请人类别": "学生", "事项": "二", "答复类型": "部分公开", "答复日期": "2020-10-21", "收费金额": "7.25", "减免金额": "3.00"},
        {"收到日期": "2021-08-20", "方式": "信函", "申请人类别": "社会", "事项": "三"},
    ],
    registry.CLOSED: [{"日期": "2020-10-01", "事项": "一", "理由": "国家秘密"}, {"日期": "2020-10-02", "事项": "二", "理由": "其他"}],
    registry.OPINIONS: [{"日期": f"2020-10-0{n}", "渠道": "信箱", "身份": "学生", "意见": "好", **score} for n, score in enumerate(({"评分": 4}, {"评分": 5}, {"评分": 5}, {}), 1)],
    registry.SURVEYS: [{"日期": "2020-10-01", "发放": 100, "回收": 80, "满意": 70}, {"日期": "2021-05-01", "发放": 50, "回收": 45, "满意": 44}],
    registry.COMPLAINTS: [{"日期": "2020-10-01", "事由": "一"}],
    registry.REVIEWS: [{"日期": "2019-10-01", "事由": "一"}],
    registry.LAWSUITS: [],
    registry.INQUIRIES: [{"日期": "2020-10-01", "方式": "热线", "次数": 30}, {"日期": "2020-11-01", "方式": "来访", "次数": 4}],
    registry.CONSULTATIONS: [{"事项": "章程", "起": "2020-10-01", "止": "2020-10-20", "收到意见数": 9, "采纳数": 3}, {"事项": "规划", "起": "2020-12-01", "止": "2020-12-20"}],
    registry.TRAININGS: [{"日期": "2020-10-01", "内容": "培训", "人数": 42}, {"日期": "2020-11-01", "内容": "培训", "人数": 8}],
    registry.RULES_MADE: [{"日期": "2020-10-01", "名称": "办法"}],
}  # fmt: skip


def fill(db: Db) -> None:
    """Every register, and an account's articles: sent by the bot, by hand, known from the statistics alone, and gone."""
    noon = f.moment("2020-09-01")
    with db.write() as conn:
        for register, rows in ROWS.items():
            registers.open_it(conn, register.name, "王老师", noon)
            for row in rows:
                registers.add(conn, register, row, "王老师", f.moment("2021-09-01"))
        push = conn.scalar(select(t.pushes.c.id).where(t.pushes.c.channel == "wechat_oa").limit(1))
        for n, (title, push_id, gone) in enumerate((("甲", push, None), ("乙", None, noon), ("", None, None))):
            row = {"article_id": str(n), "title": title, "push_id": push_id, "gone_at": gone, "channel": "wechat_oa"}
            conn.execute(t.articles.insert().values(**row, position=1, published_at=noon, seen_at=noon))
        for n, value in enumerate((100, 23)):
            f.measure(conn, "A01", "阅读", value, noon, basis="平台统计", subject=f"{n}_1")


def receive(db: Db, *, wholly: bool = True) -> None:
    """A push that came to nothing and has readers all the same; `wholly`: also readers of no push, and a person's receipts."""
    noon = f.moment("2020-10-01")
    with db.write() as conn:
        failed = f.send(conn, "G01", [f.place(conn, f.add_item(conn, noon), "G01", noon)], noon, Status.FAILED)
        f.measure(conn, "G01", "阅读", 12, noon, basis="平台统计", push_id=failed)
        if not wholly:
            return
        f.measure(conn, "G01", "阅读", 300, noon, basis="平台统计")  # of the target, and of no push
        mine = t.deliveries.c.push_id == conn.scalar(select(t.pushes.c.id).where(t.pushes.c.channel == "onebot").limit(1))
        conn.execute(t.deliveries.update().where(mine).values(basis=Basis.PERSON))


def test_every_figure_has_its_rows_and_they_come_to_it(db: Db) -> None:
    some_year(db)
    fill(db)
    receive(db)
    opened, without = every(db, SchoolYear(2020))
    assert [each.place for each in opened if not each.holds] == []
    assert [place for place in without if not WITHOUT.fullmatch(place)] == []
    assert len(opened) > 200 and sum(each.value or 0 for each in opened) > 300
    known = {each.place: each.value for each in opened}
    assert known["registers.applications.fees"] == 19.75 and known["registers.surveys.2"] == 114
    assert known["accounts.0.articles"] == 3 and known["accounts.0.reads"] == 123 and known["beside.late"]


def test_a_figure_of_what_came_to_nothing_is_one_of_those_asked_for(sqlite_db: Db) -> None:
    receive(sqlite_db, wholly=False)
    found = [explain(sqlite_db, f.a_school(), SchoolYear(2020), f"channels.1.reach.0.{what}", cut_off=CUT_OFF) for what in ("known", "asked")]
    assert [(each.value, each.unit, each.holds) for each in found] == [(1, "次", True)] * 2


def test_of_a_register_that_nobody_opened_there_is_no_figure(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    with pytest.raises(NoFigure, match="没有一条登记有评分"):
        explain(sqlite_db, f.a_school(), SchoolYear(2020), "registers.score", cut_off=CUT_OFF)
    for place in ("registers.applications", "registers.applications.late", "registers.complaints", "registers.surveys.1"):
        with pytest.raises(NoFigure, match="登记簿没有这一期的登记"):
            explain(sqlite_db, f.a_school(), SchoolYear(2020), place, cut_off=CUT_OFF)


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


def test_of_a_year_that_nobody_counted_there_is_no_figure(sqlite_db: Db) -> None:
    fill(sqlite_db)
    for place in ("before.items.disclosed", "before.channels.0.items"):
        with pytest.raises(NoFigure, match="上一年同期没有"):
            explain(sqlite_db, f.a_school(), SchoolYear(2020), place, cut_off=CUT_OFF)


def test_the_name_of_a_bookmark_in_word_opens_the_same_figure(sqlite_db: Db) -> None:
    some_year(sqlite_db)
    for place in ("items.disclosed", "channels.0.results.成功", "items.audiences.社会"):
        asked = (sqlite_db, f.a_school(), SchoolYear(2020))
        assert explain(*asked, bookmark(place), cut_off=CUT_OFF) == explain(*asked, place, cut_off=CUT_OFF)


def test_a_mean_is_opened_into_what_it_is_the_mean_of(db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    fill(db)
    asked = (db, f.a_school(), SchoolYear(2020))
    found = explain(*asked, "registers.score", cut_off=CUT_OFF)
    assert found.mean and found.holds and [row.adds for row in found.rows] == [4, 5, 5]
    assert not replace(found, rows=found.rows[:2]).holds
    desk.show(*asked, "registers.score", cut_off=CUT_OFF, as_json=False)
    first, row, *_ = capsys.readouterr().out.splitlines()
    assert first == "registers.score ＝ 4.67（分），为以下 3 行的平均："
    assert row.startswith("  登记 ") and row.endswith("　4 分")
    with pytest.raises(NoFigure, match="上一年同期没有"):
        explain(*asked, "before.registers.score", cut_off=CUT_OFF)


def test_the_clerk_reads_no_english_and_each_row_says_what_it_is(
    sqlite_db: Db, capsys: pytest.CaptureFixture[str]
) -> None:
    some_year(sqlite_db)
    fill(sqlite_db)
    opened, _ = every(sqlite_db, SchoolYear(2020))
    states = tuple(Status)
    assert not [row.words for each in opened for row in each.rows if row.words.endswith(states)]
    kinds = {"deliveries": "投递", "articles": "文章", "opinions": "登记"}
    for place, word in ((each.place, kinds.get(each.place.split(".")[-1])) for each in opened if each.rows):
        if word and "categories" not in place and "pushes" not in place:
            desk.show(sqlite_db, f.a_school(), SchoolYear(2020), place, cut_off=CUT_OFF, as_json=False)
            out = capsys.readouterr().out
            assert f"{word} " in out and "第 " not in out, out
    read = [row for each in opened if ".reach." in each.place for row in each.rows if row.push_id is None]
    assert read and all(row.words.startswith(("触达数据 ", "目标 ")) for row in read)
