"""Every kind of list on a site through the watch: what a garbled answer may not do, and what a clerk is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.watch import Watched, watch
from rules.school import Column
from sources import listing, make
from store import facts
from store import tables as t
from tests import factory as f
from tests.jobs.bench import Bench
from tests.sources.list_kinds import KINDS, VSB, Kind
from tests.sources.test_bad_answers import INSTEAD
from tests.sources.webplus_site import Answer, FakeSite, serving

TOLD = [(42, "乙通知", "2020-09-10"), (41, "甲通知", "2020-09-10")]
NEWER = (43, "丙通知", "2020-09-11")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    monkeypatch.setattr(listing, "PAUSE", 0.0)
    with serving(FakeSite()) as running:
        yield running


def column_of(kind: Kind, site: FakeSite) -> Column:
    return kind.column(
        site, audience=("学生",), inner_reason="校内事务", category=f.WORK, sub_item="重要改革举措和有关政策"
    )


def look(bench: Bench, column: Column, **later: float) -> Watched:
    """By a bot started anew: what the store kept is all it knows."""
    bench.clock.forward(**later)
    return watch(bench.office, column, make(column, bench.clock, {}), bench.clock.now)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("instead", ["垃圾", "空列表", "登录页", "拒绝", "防火墙", "一年前"])
def test_what_is_no_list_loses_no_item_and_brings_no_second_push(
    bench: Bench, site: FakeSite, kind: Kind, instead: str
) -> None:
    column = column_of(kind, site)
    kind.show(site, TOLD)
    assert look(bench, column).new == 2
    bench.tick()
    before = bench.vendor.titles("groups")
    INSTEAD[instead](kind, site)
    done = look(bench, column, days=1, hours=1)
    bench.tick()
    assert (done.health, done.new, done.changed, done.missing, bench.subjects()) == ("bad", 0, 0, 0, ["监看"])
    assert bench.vendor.titles("groups") == before
    kind.show(site, [NEWER, *TOLD])
    done = look(bench, column, hours=1)
    assert (done.health, done.new, done.changed) == ("good", 1, 0)
    assert [row.hold for row in bench.rows(t.items)] == [""] * 3
    bench.tick()
    sent = [title for each in bench.vendor.titles("groups") for title in each]
    assert sorted(sent) == sorted(title for _, title, _ in [*TOLD, NEWER])


def test_an_item_whose_days_disagree_is_listed_for_a_clerk_and_pushed_once_the_site_is_mended(
    bench: Bench, site: FakeSite
) -> None:
    column = column_of(VSB, site)
    VSB.show(site, TOLD)
    page = site.pages[VSB.page(42, "")]
    assert isinstance(page, Answer)
    page.body = page.body.replace(b"2020-09-10", b"2020-09-01")
    done = look(bench, column)
    assert (done.new, done.problems) == (1, 1)
    with bench.db.read() as conn:
        (problem,) = facts.list_problems(conn, column.name)
    assert "列表显示的日期2020-09-10与文章中的日期2020-09-01不一致" in str(problem)
    page.body = page.body.replace(b"2020-09-01", b"2020-09-10")
    done = look(bench, column, days=1, hours=1)
    assert (done.new, done.problems) == (1, 0)
    with bench.db.read() as conn:
        assert facts.list_problems(conn, column.name) == []
    bench.tick()
    assert sorted(title for each in bench.vendor.titles("groups") for title in each) == ["乙通知", "甲通知"]
