"""The report: sums that hold, sums broken on purpose with the rows that break them, and unknown that is not zero."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from jobs.report import Report, report
from rules.dates import SchoolYear, period_of
from rules.figures import months_of
from rules.states import Basis, Result, Status
from store import articles
from store import tables as t
from store.db import Db
from store.span import Span
from tests import factory as f

NOON, CUT_OFF = f.moment("2020-10-01"), f.moment("2021-10-29")


def made(db: Db, **over: Any) -> Report:
    return report(db, f.a_school(), SchoolYear(2020), **{"cut_off": CUT_OFF, **over})


def test_a_year_of_pushes_adds_up_everywhere(db: Db) -> None:
    with db.write() as conn:
        f.a_year(conn, size=16)
    found = made(db)
    items = found.items
    assert found.checked and [each.name for each in found.identities if not each.holds] == []
    assert items.registered == sum(items.states.values()) == 14 and items.beside_registered == 2
    for parts in (items.departments, items.months, items.audiences):
        assert sum(parts.values()) == items.disclosed
    assert sum(category.items for category in items.categories) == items.disclosed
    for channel in found.channels:
        assert sum(channel.results.values()) == channel.due
        assert sum(channel.push_results.values()) == channel.pushes
    for tallies in (found.targets, found.months, found.audiences, found.categories):
        assert sum(each.due for each in tallies) == sum(channel.due for channel in found.channels) == 64
        assert sum(each.placements for each in tallies) == sum(
            channel.results[Result.SUCCESS] for channel in found.channels
        )


@pytest.mark.parametrize("first_part_ends", ["2020-09-01", "2020-10-15", "2021-02-28", "2021-08-30"])
def test_a_year_cut_in_two_anywhere_adds_up_to_the_year(sqlite_db: Db, first_part_ends: str) -> None:
    with sqlite_db.write() as conn:
        f.a_year(conn, size=40)
    year, cut = SchoolYear(2020), date.fromisoformat(first_part_ends)
    parts = period_of(year.start, cut), period_of(cut + timedelta(days=1), year.end)
    whole, *halves = (report(sqlite_db, f.a_school(), each, cut_off=CUT_OFF) for each in (year, *parts))
    assert all(each.checked for each in (whole, *halves)) and whole.items.disclosed > 30
    assert whole.items.disclosed == sum(each.items.disclosed for each in halves)
    assert Counter(whole.items.months) == sum((Counter(each.items.months) for each in halves), Counter())
    due = [Counter({line.name: line.due for line in each.channels}) for each in (whole, *halves)]
    assert due[0] == due[1] + due[2]
    assert halves[0].year == f"2020年9月1日至{cut.year}年{cut.month}月{cut.day}日"


def test_the_days_of_a_school_year_are_that_year_and_no_period_ends_before_it_begins() -> None:
    assert period_of(date(2020, 9, 1), date(2021, 8, 31)) == SchoolYear(2020)
    assert months_of(period_of(date(2020, 12, 31), date(2021, 1, 1))) == ("2020-12", "2021-01")
    with pytest.raises(ValueError, match="早于"):
        period_of(date(2021, 1, 1), date(2020, 12, 31))


def test_what_was_never_used_is_counted_as_zero_and_what_nobody_knows_is_none(db: Db) -> None:
    found = made(db)
    assert [category.name for category in found.items.categories] == [f.WORK, f.MONEY, f.STUDENTS]
    assert all(sub.items == 0 for category in found.items.categories for sub in category.sub_items)
    assert list(found.items.months) == list(months_of(SchoolYear(2020)))
    assert [channel.due for channel in found.channels] == [0, 0, 0] and found.checked
    assert all(reach.value is None for channel in found.channels for reach in channel.reach)


def test_what_only_reminds_persons_on_duty_is_no_channel_of_the_report(sqlite_db: Db) -> None:
    school = f.a_school()
    usual = school.channels["onebot"]
    school = replace(school, channels={**school.channels, "alarm_url": replace(usual, name="alarm_url")})
    found = report(sqlite_db, school, SchoolYear(2020), cut_off=CUT_OFF)
    assert [each.name for each in found.channels] == [each.name for each in made(sqlite_db).channels]


def test_what_does_not_count_stands_beside(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON, sub_item="学校新闻")
        f.publish(conn, "Q01", NOON)
    items = made(db).items
    assert (items.disclosed, items.registered, items.beside_disclosed, items.beside_registered) == (1, 1, 1, 1)
    news = next(sub for sub in items.categories[0].sub_items if sub.name == "学校新闻")
    assert (news.counts, news.items, news.beside) == (False, 0, 1)


def test_what_a_person_booked_stands_on_its_own_line(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        f.book(conn, f.add_item(conn, NOON), "Q01", NOON)
    found = made(db)
    lines = {(each.name, each.origin): each for each in found.channels}
    bot, booked = lines["onebot", "bot"], lines["onebot", "booked"]
    assert (bot.due, bot.items, bot.pushes) == (1, 1, 1) and (booked.due, booked.items, booked.pushes) == (1, 1, 0)
    target = next(each for each in found.targets if each.name == "Q01")
    assert (target.placements, target.booked, target.items) == (1, 1, 1)
    assert found.items.disclosed == 2 and found.checked


def test_items_from_before_the_first_watch_are_counted_and_named(db: Db) -> None:
    with db.write() as conn:
        f.add_item(conn, NOON, baseline=True, published_on=NOON.date())
        f.add_item(conn, NOON, baseline=True)
    items = made(db).items
    assert (items.baseline, items.baseline_awaited, items.disclosed) == (1, 1, 1)


def test_only_a_persons_own_receipt_prints_as_delivered(db: Db) -> None:
    with db.write() as conn:
        placed = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        push = f.send(conn, "Q01", [placed], NOON, Status.DELIVERED, Status.DELIVERED, Status.FAILED)
    received = [each for each in _reach(made(db), "onebot") if each.metric == "送达"]
    assert [each.value for each in received] == [None]
    with db.write() as conn:
        mine = (t.deliveries.c.push_id == push, t.deliveries.c.status == Status.DELIVERED)
        conn.execute(update(t.deliveries).where(*mine).values(basis=Basis.HANDSET))
    received = [each for each in _reach(made(db), "onebot") if each.metric == "送达"]
    assert [(each.value, each.basis) for each in received] == [(2, "手机回执")]


def _reach(found: Report, name: str) -> Any:
    return next(channel for channel in found.channels if channel.name == name).reach


def test_a_reach_figure_says_how_many_have_one(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        f.publish(conn, "Q02", NOON)
        f.measure(conn, "Q01", "应达", 180, NOON)
        f.measure(conn, "G01", "应达", 5, NOON)  # got nothing: its people were not reached by anything
    members = _reach(made(db), "onebot")[0]
    assert (members.value, members.basis, members.known, members.asked, members.true_to) == (
        180,
        "群成员数",
        1,
        2,
        NOON,
    )


def test_the_readers_of_a_push_are_those_of_its_articles_as_known_at_the_cut_off(db: Db) -> None:
    with db.write() as conn:
        placed = [f.place(conn, f.add_item(conn, NOON), "A01", NOON) for _ in range(2)]
        push = f.send(conn, "A01", placed, NOON, Status.DELIVERED)
        read: dict[str, Any] = {"basis": "平台统计", "push_id": push}
        first, third = f.moment("2020-10-01", "23:59"), f.moment("2020-10-03", "23:59")
        for subject, day_1, day_3 in (("1_1", 100, 130), ("1_2", 40, 45)):
            f.measure(conn, "A01", "阅读", day_1, first, subject=subject, known_at=f.moment("2020-10-02"), **read)
            f.measure(conn, "A01", "阅读", day_3, third, subject=subject, known_at=f.moment("2020-10-09"), **read)
        f.measure(conn, "A01", "阅读", 999, first, subject="9_1", basis="平台统计")  # an article of no push
    for cut_off, value in (("2020-10-01", None), ("2020-10-05", 140), ("2020-10-10", 175)):
        found = [each for each in _reach(made(db, cut_off=f.moment(cut_off)), "wechat_oa") if each.metric == "阅读"]
        assert [(each.value, each.known, each.asked) for each in found] == [(value, int(value is not None), 1)]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (("category",), {"category": "没有的大类"}),
        (("sub_item", f.WORK), {"sub_item": "没有的小项"}),
        (("department",), {"department": ""}),
        (("audience_class",), {"audience_class": "未知"}),
        (("state",), {"disclosure": "未定", "disclosed_on": None}),
    ],
)
def test_an_item_that_has_no_place_is_named_and_the_report_says_so(
    db: Db, key: tuple[str, ...], values: dict[str, Any]
) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
        odd = f.publish(conn, "Q01", NOON, title="没有位置的条目")
        conn.execute(update(t.items).where(t.items.c.id == odd).values(**values))
    found = made(db)
    broken = [each for each in found.identities if not each.holds]
    assert [each.key for each in broken] == [key] and not found.checked
    assert len(broken[0].rows) == 1 and f"条目 {odd} " in broken[0].rows[0] and "没有位置的条目" in broken[0].rows[0]


def test_a_disclosed_item_that_reached_nobody_is_named(db: Db) -> None:
    with db.write() as conn:
        odd = f.add_item(conn, NOON)
        conn.execute(update(t.items).where(t.items.c.id == odd).values(disclosed_on=NOON.date()))
    broken = [each for each in made(db).identities if not each.holds]
    assert [each.key for each in broken] == [("evidenced",)] and f"条目 {odd} " in broken[0].rows[0]


def test_a_placement_that_came_to_nothing_known_is_named(db: Db) -> None:
    with db.write() as conn:
        odd = f.place(conn, f.add_item(conn, NOON), "Q01", NOON)
        conn.execute(update(t.placements).values(ended="lost"))
    broken = [each for each in made(db).identities if not each.holds]
    assert [each.key for each in broken] == [("results", "onebot", "bot")]
    assert [row.startswith(f"条次 {odd}（") for row in broken[0].rows] == [True]


def test_a_push_that_lost_a_placement_is_named(db: Db) -> None:
    with db.write() as conn:
        push = f.send(conn, "Q01", [f.place(conn, f.add_item(conn, NOON), "Q01", NOON)], NOON, Status.DELIVERED)
        conn.execute(update(t.pushes).values(pieces=2))
    broken = [each for each in made(db).identities if not each.holds]
    assert [each.key for each in broken] == [("pieces",)]
    assert broken[0].rows == (f"推送 {push}（Q01）：记有 2 条次，找到 1 条次",)


def test_the_json_holds_every_figure_and_says_whether_it_was_checked(db: Db) -> None:
    with db.write() as conn:
        f.publish(conn, "Q01", NOON)
    plain = json.loads(json.dumps(made(db).as_json(), ensure_ascii=False))
    assert plain["year"] == "2020-2021学年" and plain["cut_off"] == "2021-10-29T12:00:00+08:00" and plain["checked"]
    assert plain["items"]["months"]["2020-10"] == 1 and plain["channels"][2]["results"]["成功"] == 1
    assert all(each["holds"] for each in plain["identities"])


def test_an_article_that_only_the_statistics_know_is_neither_ours_nor_said_to_be_by_hand(db: Db) -> None:
    row = {"channel": "wechat_oa", "position": 1, "published_at": NOON, "seen_at": NOON}
    with db.write() as conn:
        conn.execute(t.articles.insert().values(article_id="a", title="", **row))
        conn.execute(t.articles.insert().values(article_id="b", title="校庆", **row))
        found = articles.counted(conn, Span(date(2020, 9, 1), date(2021, 8, 31), CUT_OFF), "wechat_oa")
    assert found is not None and [found.many(each) for each in ("sent", "by_hand", "unmatched")] == [0, 1, 1]


def test_of_days_after_the_last_survey_an_account_has_no_figure(db: Db) -> None:
    row = {"channel": "wechat_oa", "position": 1, "published_at": NOON, "seen_at": NOON, "article_id": "a", "title": ""}
    with db.write() as conn:
        conn.execute(t.articles.insert().values(**row))
        articles.keep_state(conn, "wechat_oa", articles.Surveyed(first=NOON, last=NOON + timedelta(days=40)))
        spans = {
            day: articles.counted(conn, Span(day, date(2021, 8, 31), CUT_OFF), "wechat_oa")
            for day in (date(2020, 10, 1), date(2020, 11, 10), date(2020, 11, 11))
        }
    assert [each and each.many("articles") for each in spans.values()] == [1, 0, None]
