"""RSS and Atom as sites really write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from rules.item import Attachment
from sources import make
from sources.base import Fetched, Health
from tests.sources.list_kinds import FEED, Clock, feed_item, rss
from tests.sources.webplus_site import FakeSite

Look = Callable[..., Fetched]
XML = "application/rss+xml"


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    FEED.show(site, [(12, "关于公布收费标准的通知", "2020-10-30")])
    return site


@pytest.fixture
def look(site: FakeSite, clock: Clock) -> Look:
    def once(before: Fetched | None = None, **more: Any) -> Fetched:
        return FEED.look(site, clock, before, **more)

    return once


def atom(*entries: str, more: str = "") -> str:
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>通知</title><id>urn:1</id>{more}{''.join(entries)}</feed>"


def atom_entry(site: FakeSite, inside: str) -> str:
    return f"<entry><id>urn:a:1</id><title type='html'>&lt;b&gt;某通知&lt;/b&gt; &amp;amp; 附件</title><link href='{site.root}/a/1'/>{inside}</entry>"


def test_a_feed_carries_its_items_whole_and_nothing_else_is_asked(site: FakeSite, look: Look) -> None:
    found = look()
    (entry,) = found.entries
    day = date(2020, 10, 30)
    assert (found.health, entry.title, entry.body) == (Health.GOOD, "关于公布收费标准的通知", "<p>正文</p>")
    assert (entry.published_on, entry.approved_on, entry.url) == (day, day, f"{site.root}/archives/12")
    assert entry.own_key == f"{site.root.removeprefix('http://')}:{site.root}/?p=12"
    assert [path for _, path in site.asked] == ["/robots.txt", "/feed"]


@pytest.mark.parametrize("known", [{"ETag": '"7"'}, {"Last_Modified": "Fri, 30 Oct 2020 02:30:00 GMT"}])
def test_a_feed_that_has_not_changed_is_asked_briefly(site: FakeSite, look: Look, known: dict[str, str]) -> None:
    site.put("/feed", rss(feed_item(site.root, 12, "某通知", "2020-10-30")), Content_Type=XML, **known)
    asked: list[dict[str, str]] = []
    whole = site.pages["/feed"]
    first = look()

    def seen(headers: dict[str, str]) -> Any:
        asked.append(headers)
        return whole

    site.pages["/feed"] = seen
    assert look(first).health is Health.UNCHANGED
    name = "If-None-Match" if "ETag" in known else "If-Modified-Since"
    assert asked[0][name] == next(iter(known.values()))


def test_an_edited_item_is_handed_over_again_and_one_that_fell_out_has_not_vanished(site: FakeSite, look: Look) -> None:
    site.put("/feed", rss(feed_item(site.root, 13, "乙", "2020-10-31"), feed_item(site.root, 12, "甲", "2020-10-30")))
    first = look()
    site.put("/feed", rss(feed_item(site.root, 13, "乙（更正）", "2020-10-31")))
    second = look(first)
    assert ([entry.title for entry in second.entries], second.gone) == (["乙（更正）"], frozenset())
    assert second.entries[0].own_key == first.entries[0].own_key


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Fri, 30 Oct 2020 15:59:00 +0000", date(2020, 10, 30)),
        ("Fri, 30 Oct 2020 16:01:00 GMT", date(2020, 10, 31)),
        ("Fri, 30 Oct 2020 23:30:00 +0800", date(2020, 10, 30)),
        ("Fri, 30 Oct 2020 23:30:00", date(2020, 10, 30)),
        ("Fri, 30 Oct 2020 23:30:00 CST", date(2020, 10, 30)),
        ("2020-10-30 23:30:00", date(2020, 10, 30)),
        ("2020-10-30T23:30:00+08:00", date(2020, 10, 30)),
        ("2020年10月30日", date(2020, 10, 30)),
        ("昨天", None),
        ("", None),
    ],
)
def test_the_day_is_the_school_s_own_however_it_is_written(
    site: FakeSite, look: Look, written: str, day: date | None
) -> None:
    body = feed_item(site.root, 12, "某通知", "2020-10-30").replace("Fri, 30 Oct 2020 02:30:00 +0000", written)
    site.put("/feed", rss(body))
    (entry,) = look().entries
    assert (entry.published_on, bool(entry.problems)) == (day, day is None)


def test_the_day_of_an_edit_is_no_day_of_publication_unless_the_school_says_so(site: FakeSite, look: Look) -> None:
    entry = atom_entry(
        site, "<updated>2020-10-30T08:00:00Z</updated><content type='html'>&lt;p&gt;正文&lt;/p&gt;</content>"
    )
    site.put("/feed", atom(entry))
    assert look().entries[0].published_on is None
    (taken,) = look(options={"updated": True}).entries
    assert (taken.title, taken.body, taken.published_on) == ("某通知 & 附件", "<p>正文</p>", date(2020, 10, 30))
    both = atom_entry(site, "<updated>2020-11-01T08:00:00Z</updated><published>2020-10-29T08:00:00Z</published>")
    site.put("/feed", atom(both))
    assert look(options={"updated": True}).entries[0].published_on == date(2020, 10, 29)


def test_an_rss_1_feed_with_dc_date_is_read(site: FakeSite, look: Look) -> None:
    site.put(
        "/feed",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'><channel/><item rdf:about='{site.root}/1'><title>某通知</title>"
        f"<link>{site.root}/1</link><dc:date>2020-10-30T09:00:00+08:00</dc:date></item></rdf:RDF>",
    )
    assert look().entries[0].published_on == date(2020, 10, 30)


def test_a_feed_in_gbk_is_read(site: FakeSite, look: Look) -> None:
    text = rss(feed_item(site.root, 12, "关于䶮老师的通知", "2020-10-30")).replace("UTF-8", "GBK")
    site.put("/feed", text.encode("gb18030"), Content_Type="text/xml")
    assert look().entries[0].title == "关于䶮老师的通知"


def test_what_a_feed_encloses_or_links_to_is_attached(site: FakeSite, look: Look) -> None:
    body = "&lt;p&gt;见&lt;a href='/f/2.docx'&gt;办法&lt;/a&gt;&lt;script&gt;x&lt;/script&gt;&lt;/p&gt;"
    more = f"<enclosure url='{site.root}/f/%E5%90%8D%E5%8D%95.xlsx' type='application/octet-stream' length='1'/>"
    site.put("/feed", rss(feed_item(site.root, 12, "某通知", "2020-10-30", body, more)))
    (entry,) = look().entries
    assert entry.body == "<p>见办法</p>"
    assert entry.attachments == (
        Attachment("办法.docx", f"{site.root}/f/2.docx"),
        Attachment("名单.xlsx", f"{site.root}/f/%E5%90%8D%E5%8D%95.xlsx"),
    )


def test_items_that_lead_elsewhere_are_told_and_a_denial_in_one_is_no_item(site: FakeSite, look: Look) -> None:
    site.put(
        "/feed",
        rss(
            feed_item(site.root, 12, "某通知", "2020-10-30"),
            feed_item("http://10.0.0.1", 13, "内网", "2020-10-30"),
            feed_item(site.root, 14, "校内", "2020-10-30", "本文仅限校内访问"),
        ),
    )
    found = look()
    assert ([entry.title for entry in found.entries], found.health) == (["某通知"], Health.PARTIAL)
    assert "列表中有1条指向其他网站或不是文章，未读取" in found.note
    assert f"{site.root}/archives/14：要求登录或仅限校内访问" in found.note


def test_older_pages_of_a_feed_are_read_back_to_the_start_of_the_school_year(site: FakeSite, look: Look) -> None:
    def page(number: int, day: str, following: str) -> str:
        more = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='{following}'/>"
        return rss(feed_item(site.root, number, f"通知{number}", day), more=more)

    site.put("/feed", page(13, "2020-10-30", f"{site.root}/feed?paged=2"))
    site.put("/feed?paged=2", page(12, "2020-09-30", f"{site.root}/feed?paged=3"))
    site.put("/feed?paged=3", page(11, "2020-08-30", "http://10.0.0.1/feed"))
    assert [entry.title for entry in look().entries] == ["通知13", "通知12", "通知11"]


@pytest.mark.parametrize(
    "text",
    [
        rss("<item><title>某通知</title><link>/1</link></item>")[:-20],
        "<!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b SYSTEM 'file:///etc/passwd'>]>" + rss(),
        "http://127.0.0.1/feed",
        "<html><body>404</body></html>",
        "<html><body>x</body></html><!-- --></rss>",
    ],
)
def test_a_torn_feed_or_one_with_entities_of_its_own_is_none(site: FakeSite, look: Look, text: str) -> None:
    site.put("/feed", text)
    found = look()
    assert (found.health, found.entries) == (Health.BAD, ())
    assert "页面中认不出订阅源（RSS、Atom）" in found.note


def test_a_feed_that_is_not_quite_xml_but_whole_is_read(site: FakeSite, look: Look) -> None:
    site.put("/feed", rss(feed_item(site.root, 12, "甲 & 乙 <br> 的通知", "2020-10-30")))
    assert look().entries[0].title.startswith("甲 & 乙")


def test_a_mistake_names_the_key_and_the_fix(site: FakeSite, clock: Clock) -> None:
    with pytest.raises(ValueError, match="监看“公开栏”的 updated 写的是“是”。请写 true"):
        make(FEED.column(site, options={"updated": "是"}), clock, {})
