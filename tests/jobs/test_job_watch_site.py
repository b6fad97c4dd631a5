"""A column of a site through the watch, over real HTTP: its list, its items, their versions, and what vanishes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from jobs.watch import Watched, watch
from rules.item import Review
from rules.school import Column
from sources import listing, make
from sources.base import Source
from store import tables as t
from tests import factory as f
from tests.jobs.bench import OTHER, Bench
from tests.sources.webplus_site import FakeSite, item, serving

ONE, TWO, OLD = "/2020/0910/c21a41/page.htm", "/2020/0911/c21a42/page.htm", "/2020/0901/c21a7/page.htm"
SECOND_PAGE = "/21/list2.htm"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAUSE", 0.0)


@pytest.fixture
def site() -> Iterator[FakeSite]:
    """Two articles on the first page of the list, one on the second."""
    with serving(FakeSite()) as running:
        listed(running)
        running.column(item(OLD, "九月一日的通知", "2020-09-10"), path=SECOND_PAGE)
        running.article(ONE, "甲通知", day="2020-09-10")
        running.article(TWO, "乙通知", day="2020-09-10")
        running.article(OLD, "九月一日的通知", day="2020-09-10")
        yield running


def listed(site: FakeSite, *more: str) -> None:
    paging = f"<div id='wp_paging_w6'><a class='next' href='{SECOND_PAGE}'>下一页</a></div>"
    site.column(item(TWO, "乙通知", "2020-09-10"), item(ONE, "甲通知", "2020-09-10"), *more, paging=paging)


@pytest.fixture
def column(site: FakeSite) -> Column:
    review = Review("办公室主任", "可以公开", None, "上网信息三审制度", "栏目审核")
    return replace(
        OTHER, place=f"{site.root}/21/list.htm", audience=("学生",), inner_reason="校内事务", category=f.WORK, sub_item="重要改革举措和有关政策",
        department="学校办公室", review=review,
    )  # fmt: skip


@pytest.fixture
def source(bench: Bench, column: Column) -> Source:
    return make(column, bench.clock, {})


def look(bench: Bench, column: Column, source: Source, **later: float) -> Watched:
    bench.clock.forward(**later)
    return watch(bench.office, column, source, bench.clock.now)


def sent(bench: Bench) -> list[str]:
    return [title for each in bench.vendor.titles("groups") for title in each]


def test_what_the_list_shows_becomes_items_and_an_edited_article_a_new_version(
    bench: Bench, site: FakeSite, column: Column, source: Source
) -> None:
    first = look(bench, column, source)
    assert (first.new, first.problems, first.missing, first.health) == (3, 0, 0, "good")
    rows = bench.rows(t.items)
    assert {row.title for row in rows} == {"甲通知", "乙通知", "九月一日的通知"}
    assert {row.kind for row in bench.rows(t.reviews)} == {"栏目审核"}
    bench.tick()
    assert sorted(sent(bench)) == sorted(row.title for row in rows)
    site.article(ONE, "甲通知", "<p>改过的正文</p>", day="2020-09-10")
    second = look(bench, column, source, hours=25)
    bench.tick()
    assert (second.new, second.changed) == (0, 1)
    [edited] = [row for row in bench.rows(t.items) if row.changed_at is not None]
    assert [v.number for v in bench.rows(t.versions, item_id=edited.id)] == [1, 2]
    assert len(sent(bench)) == 3


def test_an_article_gone_once_may_come_back_and_gone_twice_has_vanished(
    bench: Bench, site: FakeSite, column: Column, source: Source
) -> None:
    look(bench, column, source)
    site.put(ONE, "<html>404</html>", status=404)
    assert look(bench, column, source, hours=25).missing == 0
    assert [row.hold for row in bench.rows(t.items)] == ["", "", ""]
    assert look(bench, column, source, hours=2).missing == 1
    [held] = [row for row in bench.rows(t.items) if row.hold]
    assert (held.title, bench.subjects()) == ("甲通知", ["消失"])
    assert f"已从 {site.root}{ONE} 中消失" in held.hold
    site.article(ONE, "甲通知", day="2020-09-10")
    look(bench, column, source, hours=25)
    assert [row.hold for row in bench.rows(t.items)] == ["", "", ""]


def test_what_has_moved_to_the_second_page_or_off_the_list_has_not_vanished(
    bench: Bench, site: FakeSite, column: Column, source: Source
) -> None:
    look(bench, column, source)
    site.column(item(TWO, "乙通知", "2020-09-10"))
    site.column(item(ONE, "甲通知", "2020-09-10"), path=SECOND_PAGE)
    for hours in (1, 25, 25):
        done = look(bench, column, source, hours=hours)
        assert (done.new, done.missing) == (0, 0)
    assert [(row.hold, row.missed) for row in bench.rows(t.items)] == [("", 0)] * 3


def test_a_site_that_answers_with_a_wall_loses_nothing_and_is_told(
    bench: Bench, site: FakeSite, column: Column, source: Source
) -> None:
    look(bench, column, source)
    site.put("/21/list.htm", "<html>系统提示：校内访问</html>")
    done = look(bench, column, source, hours=1)
    assert (done.health, done.missing, bench.subjects()) == ("bad", 0, ["监看"])
    listed(site)
    assert look(bench, column, source, hours=1).health != "bad"
    assert [row.cleared_at is None for row in bench.rows(t.alarms)] == [False]
