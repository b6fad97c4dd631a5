"""The sandbox's web site, read as the bot reads a school's: the counter is asked, the beacon never."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sources.counters import read
from sources.web import Site, WebError

PATH = "/xxgk/2020/0901/c51a1209/page.htm"


def _site(box: Any) -> Site:
    return Site(box.base, lambda: datetime.now(UTC), {}, 0)


def test_the_figure_that_a_page_shows_is_the_one_that_the_sandbox_writes_down(box: Any) -> None:
    box.admin("setup", pages=[{"path": PATH, "title": "收费公告"}])
    first = read(_site(box), box.base + PATH)
    box.admin("clock", now="2020-09-08T09:00:00+08:00")
    later = read(_site(box), box.base + PATH)
    assert first is not None and later is not None and later > first > 0
    books = box.books(vendor="site")
    assert [(each["path"], each["figure"]) for each in books["site"]] == [(PATH, first), (PATH, later)]
    assert books["beacons"] == []


def test_who_asks_the_beacon_stands_in_the_books(box: Any) -> None:
    box.http.get(f"{box.base}/_visitcount?siteId=2&type=3&articleId=1209", timeout=10)
    [asked] = box.books(vendor="site")["beacons"]
    assert "articleId=1209" in asked["asked"]


def test_a_page_that_answers_502_shows_no_figure_and_the_next_call_is_well(box: Any) -> None:
    box.admin("setup", pages=[{"path": PATH, "title": "收费公告"}])
    box.admin("faults", call="site.page", kind="502", times=1)
    with pytest.raises(WebError, match="502"):
        read(_site(box), box.base + PATH)
    assert box.books(vendor="site")["site"] == []
    assert read(_site(box), box.base + PATH)


def test_a_page_that_was_not_set_up_is_not_there(box: Any) -> None:
    assert box.http.get(box.base + PATH, timeout=10).status_code == 404
