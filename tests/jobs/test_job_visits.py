"""The visits of the school's own pages become reach on the days they are asked for; what cannot be read becomes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from jobs import visits
from jobs.report import report
from jobs.site import register
from jobs.visits import Visited, read_visits
from rules.dates import SchoolYear, day_of
from rules.place import WEBSITE
from store import facts
from store import tables as t
from tests.jobs.bench import Bench
from tests.jobs.on_site import published, with_sites
from tests.sources.counter_sites import VSB, VSB_FIGURE, WEBPLUS, WEBPLUS_FIGURE, counted, put_vsb, put_webplus
from tests.sources.webplus_site import FakeSite, serving


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with serving(FakeSite()) as running:
        yield running


@pytest.fixture
def places(bench: Bench, site: FakeSite) -> Bench:
    """Two pages of a site of this machine, published on the first day and booked."""
    with_sites(bench, site.root)
    put_webplus(site)
    put_vsb(site)
    bench.enter(published(site.root + WEBPLUS, number="甲"), published(site.root + VSB, number="乙"))
    register(bench.office)
    return bench


def after(bench: Bench, days: int) -> Visited:
    bench.clock.forward(days=days)
    return read_visits(bench.office, pause=0.0)


def samples(bench: Bench) -> list[tuple[str, int, str, str]]:
    found = [row for row in bench.rows(t.reach) if row.channel == WEBSITE]
    assert all(row.true_at == row.known_at and row.push_id for row in found)
    return [(row.target, row.value, row.basis, f"{day_of(row.true_at):%m-%d}") for row in found]


def articles(site: FakeSite) -> list[str]:
    return [path for _, path in site.asked if path in (WEBPLUS, VSB)]


def test_visits_are_kept_on_their_days_and_no_visit_is_counted(places: Bench, site: FakeSite) -> None:
    assert after(places, 0) == Visited()  # on the first day there is nothing to say yet
    assert site.asked == []
    assert after(places, 1) == Visited(visits=2)
    assert after(places, 0) == Visited()
    put_webplus(site, "200")
    put_vsb(site, "456")
    assert after(places, 6) == Visited(visits=2)
    assert samples(places) == [
        ("W1", 456, "平台统计", "09-11"),
        ("W2", 123, "平台统计", "09-11"),
        ("W1", 456, "平台统计", "09-17"),
        ("W2", 200, "平台统计", "09-17"),
    ]
    assert counted(site) == []
    assert [after(places, 1).visits for _ in range(100)] == [2 * (n in (30, 60, 90)) for n in range(8, 108)]
    assert len(articles(site)) == 10 and counted(site) == []


def test_the_report_takes_the_latest_figure_known_by_its_cut_off(places: Bench, site: FakeSite) -> None:
    after(places, 1)
    first = places.clock.now
    put_webplus(site, "200")
    after(places, 6)
    for cut_off, value in ((first, 579), (places.clock.now, 656)):
        made = report(places.db, places.office.school, SchoolYear(2020), cut_off=cut_off)
        [line] = [each for each in made.channels if each.name == WEBSITE]
        [reads] = line.reach
        assert (reads.metric, reads.value, reads.basis, reads.known, reads.asked) == ("阅读", value, "平台统计", 2, 2)


@pytest.mark.parametrize("answer", ["", "0", "<html>请登录</html>", "3"])
def test_what_is_no_figure_or_went_down_is_no_sample_but_a_hint(
    places: Bench, site: FakeSite, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    after(places, 1)
    put_webplus(site, answer)
    with caplog.at_level(logging.WARNING):
        assert after(places, 6) == Visited(visits=1, unread=1)
    assert [value for target, value, _, _ in samples(places) if target == "W2"] == [123]
    assert f"{site.root}{WEBPLUS}" in caplog.text and "没有读到" in caplog.text
    put_webplus(site, "500")  # and is asked again the next day
    assert after(places, 1) == Visited(visits=1)


def test_a_site_that_does_not_answer_is_left_alone_after_three_failures(bench: Bench, site: FakeSite) -> None:
    with_sites(bench, site.root)
    for n in range(6):
        site.put(f"/info/7/{n}.htm", "防火墙", status=502)
        bench.enter(published(f"{site.root}/info/7/{n}.htm", number=f"n{n}"))
    register(bench.office)
    assert after(bench, 1) == Visited(unread=3)
    assert len([1 for _, path in site.asked if path.startswith("/info")]) == 3


def test_a_run_reads_no_more_pages_of_a_site_than_the_school_allows(bench: Bench, site: FakeSite) -> None:
    with_sites(bench, site.root, pages=1)
    put_webplus(site)
    put_vsb(site)
    bench.enter(published(site.root + WEBPLUS, number="甲"), published(site.root + VSB, number="乙"))
    register(bench.office)
    assert [after(bench, 1).visits, after(bench, 0).visits, after(bench, 0).visits] == [1, 1, 0]


def test_the_days_are_the_schools(bench: Bench, site: FakeSite) -> None:
    with_sites(bench, site.root, days=7)
    put_vsb(site)
    bench.enter(published(site.root + VSB))
    register(bench.office)
    assert [after(bench, days).visits for days in (1, 6, 1, 25)] == [1, 1, 0, 0]


def test_before_going_live_no_site_but_this_machines_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(visits, "read", lambda where, url: asked.append(url) or 5)
    with_sites(bench, "https://www.x.edu.cn")
    bench.enter(published("https://www.x.edu.cn/info/1/2.htm"))
    register(bench.office)
    assert after(bench, 1) == Visited() and asked == []
    bench.office.live = True
    assert after(bench, 0) == Visited(visits=1) and asked == ["https://www.x.edu.cn/info/1/2.htm"]


def test_a_paused_or_switched_off_channel_asks_nobody(places: Bench, site: FakeSite) -> None:
    with places.db.write() as conn:
        facts.ensure_channels(conn, places.office.channels)
        facts.pause(conn, WEBSITE, by="张三", reason="网站维护", now=places.clock.now)
    assert after(places, 1) == Visited() and site.asked == []
    places.office.channels = {name: each for name, each in places.office.channels.items() if name != WEBSITE}
    assert after(places, 0) == Visited()


def test_a_page_whose_item_now_points_elsewhere_is_not_asked_there(places: Bench, site: FakeSite) -> None:
    targets = {**places.office.school.targets}
    for number in ("W1", "W2"):
        places.target(number, address="https://elsewhere.cn/")
    assert after(places, 1) == Visited() and site.asked == []
    for number in ("W1", "W2"):
        places.target(number, address=targets[number].address)
    assert after(places, 0) == Visited(visits=2)


def test_a_bug_with_one_page_does_not_hide_the_others(
    places: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(where: Any, url: str) -> int:
        if url.endswith(WEBPLUS):
            raise RuntimeError("boom")
        return 9

    monkeypatch.setattr(visits, "read", broken)
    assert after(places, 1) == Visited(visits=1, unread=1)
    assert "程序出错" in caplog.text


def test_one_connection_serves_a_whole_site(places: Bench, site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = visits.Site
    monkeypatch.setattr(visits, "Site", lambda home, *rest: made.append(home) or real(home, *rest))
    after(places, 1)
    assert len(made) == 1
    assert [path for _, path in site.asked] == ["/robots.txt", VSB, VSB_FIGURE, WEBPLUS, WEBPLUS_FIGURE]
