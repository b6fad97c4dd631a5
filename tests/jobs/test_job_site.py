"""What stands on the school's own site is booked there once, on the day its source published it; on all three databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from jobs import site
from jobs.amend import correct, retract
from jobs.book import book
from jobs.report import report
from jobs.site import register
from rules.dates import SchoolYear
from rules.place import WEBSITE
from store import items
from store import tables as t
from tests.factory import moment
from tests.jobs.bench import OTHER, Bench, sheet
from tests.jobs.by_hand import deed
from tests.jobs.on_site import published, with_sites

PAGE, COLUMN = "https://www.x.edu.cn/info/1/2.htm", "https://www.x.edu.cn/2020/0910/c21a41/page.htm"


@pytest.fixture
def places(bench3: Bench) -> Bench:
    return with_sites(bench3)


@pytest.fixture
def small(bench: Bench) -> Bench:
    return with_sites(bench)


def booked(bench: Bench) -> list[Any]:
    return bench.rows(t.placements, channel=WEBSITE)


def test_an_items_own_page_is_booked_once_at_the_most_particular_site_on_its_day(places: Bench) -> None:
    places.enter(published(PAGE, "2020-09-08"), published(COLUMN, "2020-09-09"), published("https://other.cn/1.htm"))
    assert register(places.office).onsite == 2
    found = [(row.target, row.origin, row.taken_at) for row in booked(places)]
    assert found == [("W1", "booked", moment("2020-09-08", "00:00")), ("W2", "booked", moment("2020-09-09", "00:00"))]
    [first, second] = places.rows(t.pushes)
    assert (first.created_at, first.target_name) == (moment("2020-09-08", "00:00"), "门户网站")
    assert COLUMN in second.text
    assert {(row.status, row.basis) for row in places.rows(t.deliveries)} == {("delivered", "网页登载")}
    assert places.rows(t.handoffs) == places.rows(t.acts) == places.rows(t.alarms) == []
    assert register(places.office).onsite == 0 and len(booked(places)) == 2


def test_a_replayed_source_an_edited_item_and_a_watch_of_the_site_itself_book_nothing_twice(places: Bench) -> None:
    one = published(COLUMN, "2020-09-09", number="甲1", title="关于作息时间的通知")
    places.enter(one)
    register(places.office)
    places.enter(one)
    register(places.office)
    places.enter(replace(one, title="关于调整作息时间的通知"))
    register(places.office)
    seen = replace(one, source=OTHER.name, number="", own_key="www.x.edu.cn:a41", place=replace(one.place, file=COLUMN))
    places.watch(sheet(seen, whole=frozenset()), OTHER)
    register(places.office)
    assert len(places.rows(t.items)) == len(booked(places)) == len(places.rows(t.pushes)) == 1


def test_a_register_that_gains_a_column_later_moves_nothing(small: Bench) -> None:
    column = small.office.school.targets["W2"]
    small.target("W2", channel=None)
    small.enter(published(COLUMN))
    register(small.office)
    targets = {**small.office.school.targets, "W2": column}
    small.office.school = replace(small.office.school, targets=targets)
    assert register(small.office).onsite == 0
    assert [row.target for row in booked(small)] == ["W1"]


@pytest.mark.parametrize(
    "over",
    [
        {"day": None},  # its source has not published it
        {"day": "2020-09-11"},  # not yet
        {"disclosure": "依申请公开"},
        {"url": ""},
    ],
)
def test_what_is_not_disclosed_there_is_not_booked(small: Bench, over: dict[str, Any]) -> None:
    small.enter(published(**{"url": PAGE, **over}))
    assert register(small.office).onsite == 0


def test_what_is_held_or_stopped_waits_until_that_is_cleared_up(small: Bench) -> None:
    small.enter(published(PAGE))
    item_id = small.rows(t.items)[0].id
    with small.db.write() as conn:
        items.set_hold(conn, item_id, "登记内容有问题")
    assert register(small.office).onsite == 0
    with small.db.write() as conn:
        items.set_hold(conn, item_id, "")
        items.stop(conn, item_id, "张三 取消")
    assert register(small.office).onsite == 0
    with small.db.write() as conn:
        items.stop(conn, item_id, "")
    assert register(small.office).onsite == 1


def test_nothing_is_ever_routed_planned_or_sent_to_a_site(small: Bench) -> None:
    small.enter(published(PAGE), published("https://www.x.edu.cn/y.htm", None, audience=("社会",)))
    for _ in range(3):
        small.tick()
        register(small.office)
    assert [row.origin for row in small.rows(t.pushes, channel=WEBSITE)] == ["booked"]
    assert {row.target for row in small.rows(t.decisions)}.isdisjoint({"W1", "W2", "W3"})
    assert not small.alarms()


def test_what_a_person_has_booked_there_is_not_booked_again(small: Bench) -> None:
    small.enter(published(PAGE))
    book(
        small.office, small.rows(t.items)[0].id, small.office.school.targets["W1"], deed(moment("2020-09-09")), "clerk"
    )
    assert register(small.office).onsite == 0
    assert [row.basis for row in small.rows(t.deliveries, channel=WEBSITE)] == ["人工登记"]


def test_an_inner_item_on_an_open_page_is_booked_and_told_by_number_once(small: Bench) -> None:
    inner = {"audience": ("校内",), "title": "关于校内停电的通知"}
    pages = [published(f"https://www.x.edu.cn/{n}.htm", number=f"内{n}", **inner) for n in range(7)]
    small.enter(*pages, published("https://in.x.edu.cn/8.htm", **inner))
    assert register(small.office).onsite == 8
    [told] = small.alarms()
    assert told.startswith("门户网站上有 7 条网页与登记不符：条目 1、2、3、4、5 等") and "超出范围" in told
    assert "停电" not in told
    register(small.office)
    small.enter(published("https://www.x.edu.cn/9.htm", number="内9", audience=("校内",), title="关于停水的通知"))
    register(small.office)
    assert len(small.alarms()) == 2 and "有 1 条" in small.alarms()[1]


def test_a_school_that_starts_with_years_of_pages_books_them_in_turns(
    small: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "MOST", 2)
    small.enter(*(published(f"https://www.x.edu.cn/{n}.htm", number=f"旧{n}") for n in range(5)))
    assert [register(small.office).onsite for _ in range(4)] == [2, 2, 1, 0]


def test_the_report_counts_the_site_under_its_own_name(places: Bench) -> None:
    places.enter(published(PAGE), published(COLUMN), published("https://www.x.edu.cn/news.htm", sub_item="学校新闻"))
    register(places.office)
    made = report(places.db, places.office.school, SchoolYear(2020), cut_off=places.clock.now)
    [line] = [each for each in made.channels if each.name == WEBSITE]
    assert (line.origin, line.items, line.due, line.results["成功"], line.pushes) == ("booked", 2, 3, 3, 3)
    assert [(each.metric, each.value, each.known, each.asked) for each in line.reach] == [("阅读", None, 0, 3)]
    assert {each.name: each.booked for each in made.targets if each.name in ("W1", "W2")} == {"W1": 2, "W2": 1}
    assert made.checked and made.items.disclosed == 2
    assert any("本校网站" not in each.name and "网站登载" in each.name for each in made.identities)


def test_a_site_with_nothing_on_it_is_counted_as_zero(small: Bench) -> None:
    made = report(small.db, small.office.school, SchoolYear(2020), cut_off=small.clock.now)
    assert [(each.origin, each.items, each.due) for each in made.channels if each.name == WEBSITE] == [("booked", 0, 0)]


def test_an_edited_page_shows_its_new_version_by_itself(small: Bench) -> None:
    one = published(PAGE, number="甲1")
    small.enter(one)
    register(small.office)
    small.enter(replace(one, summary="改过的摘要"))
    [item] = small.rows(t.items)
    assert item.changed_at is None and len(small.rows(t.versions)) == 2
    assert correct(small.office, item.id, "张三", "改错").why_not == "没有需要更正的目标"


def test_what_is_taken_back_is_taken_off_the_site_by_a_person(small: Bench) -> None:
    small.enter(published(PAGE))
    register(small.office)
    done = retract(small.office, small.rows(t.items)[0].id, "张三", "内容有误")
    assert [(each.target, each.way) for each in done.places] == [("W1", "person")]
    assert "门户网站" in small.alarms()[0]
    register(small.office)
    assert len(booked(small)) == 1


def test_a_site_that_is_switched_off_books_nothing(bench: Bench) -> None:
    bench.enter(published(PAGE))
    assert register(bench.office).onsite == 0


def test_the_day_stays_when_the_item_is_disclosed_elsewhere_first(small: Bench) -> None:
    small.enter(published(PAGE, "2020-09-10"))
    with small.db.write() as conn:
        conn.execute(update(t.items).values(disclosed_on=date(2020, 9, 1)))
    register(small.office)
    assert small.rows(t.items)[0].disclosed_on == date(2020, 9, 10)  # the source's own day is the 公开日期
