"""Sites that write the visitor's session into each link, because we keep no cookie: each look sees other addresses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rules.identity import keys_of
from sources.base import Health
from tests.sources.list_kinds import FEED, HTML_LIST, KINDS, VSB, Clock, Kind, feed_item, rss, vsb_article, vsb_page
from tests.sources.webplus_site import Answer, FakeSite

TOLD = [(44, "丁通知", "2020-10-30"), (43, "丙通知", "2020-10-29"), (42, "乙通知", "2020-10-28")]


def with_session(path: str, visit: str) -> str:
    bare, mark, query = path.partition("?")
    return f"{bare};jsessionid={visit}.node1{mark}{query}"


def show(site: FakeSite, kind: Kind, visit: str) -> None:
    kind.show(site, TOLD)
    shown = site.pages[kind.source]

    def answer(headers: dict[str, str]) -> Answer:
        found = shown(headers) if callable(shown) else shown
        body = found.body.decode()
        for number, _, day in TOLD:
            path = kind.page(number, day).lstrip("/")
            assert path in body
            body = body.replace(path, with_session(path, visit))
        return replace(found, body=body.encode())

    site.pages[kind.source] = answer


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_an_article_is_the_same_at_the_next_visit_and_its_link_is_kept_without_session(
    site: FakeSite, kind: Kind
) -> None:
    clock = Clock()
    show(site, kind, "A1")
    first = kind.look(site, clock)
    assert [entry.url for entry in first.entries] == [site.root + kind.page(n, day) for n, _, day in TOLD]
    show(site, kind, "B2")
    clock.later(days=2)
    second = kind.look(site, clock, first)
    assert (second.health, second.entries) == (Health.UNCHANGED, ())
    kind.show(site, TOLD)
    whole = kind.look(site, clock).entries
    assert [keys_of(entry) for entry in whole] == [keys_of(entry) for entry in first.entries]


@pytest.mark.parametrize("visit", ["A1", "B2"])
def test_a_feed_may_name_its_articles_by_addresses_with_a_session(site: FakeSite, visit: str) -> None:
    def shown(visit: str) -> str:
        items = (feed_item(site.root, n, title, day) for n, title, day in TOLD)
        return rss(*(each.replace("/?p=", f"/show.do;jsessionid={visit}?id=") for each in items))

    clock = Clock()
    site.put("/feed", shown("A1"), Content_Type="application/rss+xml")
    first = FEED.look(site, clock)
    site.put("/feed", shown(visit), Content_Type="application/rss+xml")
    clock.later(days=1)
    second = FEED.look(site, clock, first)
    assert (len(first.entries), second.health, second.entries) == (3, Health.UNCHANGED, ())


@pytest.mark.parametrize("kind", [each for each in KINDS if each is not FEED], ids=str)
def test_the_files_of_an_article_are_kept_without_session(site: FakeSite, kind: Kind) -> None:
    kind.show(site, TOLD[:1])
    path = kind.page(44, "2020-10-30")
    page: Any = site.pages[path]
    page.body = page.body.replace(
        "<p>正文</p>".encode(), "<p>正文<a href='/a/1.pdf;jsessionid=A1'>名单</a></p>".encode()
    )
    (entry,) = kind.look(site, Clock()).entries
    assert [(each.name, each.url) for each in entry.attachments] == [("名单.pdf", f"{site.root}/a/1.pdf")]


def test_what_was_kept_with_its_session_is_known_again(site: FakeSite) -> None:
    clock = Clock()
    HTML_LIST.show(site, TOLD)
    first = HTML_LIST.look(site, clock)
    cursor = json.loads(json.dumps(first.cursor))
    for each in cursor["articles"]:
        each["article"], each["url"] = with_session(each["article"], "A1"), with_session(each["url"], "A1")
    again = HTML_LIST.look(site, clock, replace(first, cursor=cursor))
    assert (again.health, again.entries) == (Health.UNCHANGED, ())


def test_a_site_that_leads_to_a_session_is_followed_there(site: FakeSite) -> None:
    VSB.show(site, TOLD[:1])
    there = with_session(vsb_page(44), "A1")
    site.put(vsb_page(44), status=302, Location=there)
    site.put(there, vsb_article("丁通知"))
    assert [entry.title for entry in VSB.look(site, Clock()).entries] == ["丁通知"]
