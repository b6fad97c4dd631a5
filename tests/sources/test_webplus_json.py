"""WebPlus by its JSON list: what is asked, what is taken, and what is no list."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest

from sources import make
from sources.base import Fetched, Health
from tests.sources.list_kinds import JSON, QUERY, WEBPLUS, Clock, put_query, webplus_page
from tests.sources.webplus_site import Answer, FakeSite

Look = Callable[..., Fetched]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    JSON.show(site, [(39, "关于公布收费标准的通知", "2020-10-30")])
    return site


@pytest.fixture
def look(site: FakeSite, clock: Clock) -> Look:
    def once(before: Fetched | None = None, **more: Any) -> Fetched:
        return JSON.look(site, clock, before, **more)

    return once


def rows(site: FakeSite, *told: tuple[int, str]) -> list[dict[str, Any]]:
    for n, day in told:
        site.article(webplus_page(n, day), f"通知{n}", day=day)
    return [
        {"title": f"通知{n}", "publishTime": f"{day} 17:30:00", "url": webplus_page(n, day), "id": n, "wapUrl": ""}
        for n, day in told
    ]


def test_the_list_is_asked_for_as_the_site_s_own_page_asks(site: FakeSite, look: Look) -> None:
    asked: list[dict[str, str]] = []
    answer = site.pages[QUERY]
    assert callable(answer)
    site.pages[QUERY] = lambda headers: asked.append(headers) or answer(headers)
    (entry,) = look().entries
    assert (entry.title, entry.published_on) == ("关于公布收费标准的通知", date(2020, 10, 30))
    assert entry.own_key.endswith(":a39")
    form = {key: values[0] for key, values in parse_qs(asked[0]["body"]).items()}
    assert (form["siteId"], form["columnId"], form["pageIndex"]) == ("7", "21", "1")
    assert {each["name"] for each in json.loads(form["returnInfos"])} == {"title", "publishTime", "link"}
    assert ("POST", QUERY) in site.asked


def test_the_time_in_the_list_is_exact_and_the_address_s_day_is_not_it(site: FakeSite, look: Look) -> None:
    site.article("/2020/0514/c21a40/page.htm", "通知")
    put_query(site, [{"title": "通知", "publishTime": "2020-04-25 23:59:59", "url": "/2020/0514/c21a40/page.htm"}])
    assert look().entries[0].published_on == date(2020, 4, 25)


def test_the_same_articles_by_either_list_are_the_same_items(site: FakeSite, look: Look, clock: Clock) -> None:
    first = look()
    WEBPLUS.show(site, [(39, "关于公布收费标准的通知", "2020-10-30")])
    assert WEBPLUS.look(site, clock, first).entries == ()


def test_addresses_of_newer_sites_are_articles_too(site: FakeSite, look: Look) -> None:
    site.article("/d3/2d/c26263a840493/page.htm", "通知")
    put_query(
        site,
        [{"title": "通知", "publishTime": "2020-10-30 10:00:00", "url": f"{site.root}/d3/2d/c26263a840493/page.htm"}],
    )
    assert look().entries[0].own_key.endswith(":a840493")


def test_the_numbers_may_be_given_and_the_list_page_is_then_not_asked(site: FakeSite, look: Look) -> None:
    site.pages.pop("/21/list.htm")
    assert len(look(options={"site_id": 7, "column_id": "21"}).entries) == 1
    assert site.count("/21/list.htm") == 0
    assert look(options={"site_id": 8}).entries == ()


def test_the_site_s_number_is_read_again_only_if_the_page_has_changed(site: FakeSite, look: Look) -> None:
    site.put("/21/list.htm", '<body sudy-wp-siteid="7">', ETag='"1"')
    first = look()
    assert first.cursor["found"]["site_id"] == "7"
    assert look(first).health is Health.UNCHANGED
    site.put("/21/list.htm", '<body sudy-wp-siteid="8">', ETag='"2"')
    found = look(first)
    assert (found.health, found.cursor["found"]["site_id"]) == (Health.BAD, "7")


def test_a_list_page_without_the_number_is_bad_and_says_what_to_do(site: FakeSite, look: Look) -> None:
    site.put("/21/list.htm", "<html>请登录</html>")
    found = look()
    assert found.health is Health.BAD
    assert "找不到 siteId" in found.note and "写 site_id" in found.note


def test_further_pages_are_asked_for_back_to_the_start_of_the_school_year(site: FakeSite, look: Look) -> None:
    days = [f"2020-{month:02d}-{day:02d}" for month in (10, 9, 8, 7, 6) for day in range(12, 2, -1)]
    put_query(site, rows(site, *((n, day) for n, day in zip(range(200, 100, -1), days, strict=False))))
    first = look()
    assert site.count(QUERY) == 2
    assert len(first.entries) == 40
    site.asked.clear()
    assert look(first).entries == ()
    assert site.count(QUERY) == 1


def test_links_to_other_sites_and_rows_without_a_title_are_not_ours(site: FakeSite, look: Look) -> None:
    good = rows(site, (41, "2020-10-30"))
    bad = [
        {**good[0], "url": "http://10.0.0.1/2020/1030/c21a9/page.htm"},
        {**good[0], "url": "http://[::1"},
        {**good[0], "title": None},
        {"title": "没有链接"},
    ]
    put_query(site, [*bad, *good])
    found = look()
    assert (len(found.entries), found.note) == (1, "列表中有4条指向其他网站或不是文章，未读取")


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>\xe7\xb3\xbb\xe7\xbb\x9f\xe6\x8f\x90\xe7\xa4\xba</html>", b"[]", b'{"data":null}', b'{"data":[1]}', b'{"data":{}}', b"null", b"1" * 5000],
)  # fmt: skip
def test_an_answer_of_another_shape_is_no_list(site: FakeSite, look: Look, answer: bytes) -> None:
    site.pages[QUERY] = Answer(answer)
    found = look()
    assert (found.health, found.cursor) == (Health.BAD, {})


@pytest.mark.parametrize(
    ("options", "path", "told"),
    [
        ({"list": "xml"}, "/21/list.htm", "的 list 写的是“xml”。请写 html（读列表页）或 json（读列表接口）"),
        ({"site_id": "七"}, "/21/list.htm", "的 site_id 写的是“七”。请写网站管理员告知的编号，如 site_id = 414"),
        ({}, "/ggtz/list.htm", "缺少 column_id：从 place 的网址看不出栏目编号"),
        ({"list": "html", "site_id": 7}, "/21/list.htm", "写了 site_id 或 column_id，只有 list = \"json\" 时才用得上"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_key_and_the_fix(
    site: FakeSite, clock: Clock, options: dict[str, Any], path: str, told: str
) -> None:
    with pytest.raises(ValueError, match="监看“公开栏”") as error:
        make(JSON.column(site, options=options, path=path), clock, {})
    assert told in str(error.value)
