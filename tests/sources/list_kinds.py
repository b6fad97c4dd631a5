"""Every kind of list on a site, put on a site on loopback in its own shape; and one look at it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs

from rules.item import Review
from rules.school import Column
from sources import make
from sources.base import Fetched
from tests.sources.webplus_site import Answer, FakeSite, item

REVIEW = Review("办公室主任", "可以公开", None, "上网信息三审制度", "栏目审核")
#: number, title, day
Told = tuple[int, str, str]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2020, 11, 3, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **step: float) -> None:
        self.now += timedelta(**step)


@dataclass(frozen=True)
class Kind:
    """One kind: where its list lies, what school.toml says of it, and how its site shows some articles."""

    name: str
    kind: str
    path: str
    #: Where the list itself is answered from.
    source: str
    show: Callable[[FakeSite, Sequence[Told]], None]
    #: The address of an article.
    page: Callable[[int, str], str]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def column(self, site: FakeSite, **settings: Any) -> Column:
        common = {
            "audience": ("社会",),
            "category": "大类",
            "sub_item": "小项",
            "review": REVIEW,
            "department": "学校办公室",
        }
        options = {**self.options, **settings.pop("options", {})}
        place = site.root + settings.pop("path", self.path)
        return Column(name="公开栏", kind=self.kind, place=place, options=options, **{**common, **settings})

    def look(
        self, site: FakeSite, clock: Callable[[], datetime], before: Fetched | None = None, **more: Any
    ) -> Fetched:
        """One look by a bot started anew, from the cursor of the one before."""
        cursor = json.loads(json.dumps(before.cursor)) if before else None
        return make(self.column(site, **more), clock, {}).fetch(cursor)


def webplus_page(number: int, day: str) -> str:
    return f"/{day[:4]}/{day[5:7]}{day[8:]}/c21a{number}/page.htm"


def show_webplus(site: FakeSite, told: Sequence[Told]) -> None:
    site.column(*(item(webplus_page(n, day), title, day) for n, title, day in told))
    for n, title, day in told:
        site.article(webplus_page(n, day), title, day=day)


def show_json(site: FakeSite, told: Sequence[Told]) -> None:
    site.put("/21/list.htm", "<html><body sudy-wp-siteId='7'><div id='list'></div></body></html>")
    rows = [
        {"title": title, "publishTime": f"{day} 09:30:00", "url": site.root + webplus_page(n, day)}
        for n, title, day in told
    ]
    put_query(site, rows)
    for n, title, day in told:
        site.article(webplus_page(n, day), title, day=day)


QUERY = "/_wp3services/generalQuery?queryObj=articles"


def put_query(site: FakeSite, rows: Sequence[dict[str, Any]], size: int = 20) -> None:
    """The interface as it pages; a form without a number of its site or column is refused."""

    def answer(headers: dict[str, str]) -> Answer:
        form = {key: values[0] for key, values in parse_qs(headers.get("body", "")).items()}
        if (form.get("siteId"), form.get("columnId")) != ("7", "21"):
            return Answer(b'{"data":[],"total":0,"pageCount":0}')
        at = (int(form["pageIndex"]) - 1) * size
        found = {"total": len(rows), "pageCount": -(-len(rows) // size), "data": list(rows[at : at + size])}
        return Answer(json.dumps(found).encode(), 200, {"Content-Type": "application/json;charset=UTF-8"})

    site.pages[QUERY] = answer


def vsb_page(number: int, day: str = "") -> str:
    return f"/info/1116/{number}.htm"


def vsb_line(index: int, href: str, title: str, day: str, unit: str = "u8") -> str:
    return f"<li id='line_{unit}_{index}'><span> {day}</span><a href='{href}' title='{escape(title)}'><em>{title}</em></a></li>"


def vsb_list(*lines: str, paging: str = "", around: str = "") -> str:
    return f"<html><body>{around}<div class='list'><ul>{''.join(lines)}</ul><div class='pb_sys_common'>{paging}</div></div></body></html>"


def vsb_article(title: str, day: str = "2020-10-30", body: str = "<p>正文</p>", beside: str = "") -> str:
    return (
        f"<html><head><title>{title}-示例职业技术学院</title></head><body><form name='_newscontent_fromname'><h1>{title}</h1>"
        f"<div>发布时间：{day} 来源：教务处 点击：<span id='dynclicks'></span></div>"
        f"<div id='vsb_content_2'><div class='v_news_content'>{body}</div></div>{beside}</form></body></html>"
    )


def show_vsb(site: FakeSite, told: Sequence[Told]) -> None:
    site.put("/tzgg.htm", vsb_list(*(vsb_line(i, vsb_page(n), title, day) for i, (n, title, day) in enumerate(told))))
    for n, title, day in told:
        site.put(vsb_page(n), vsb_article(title, day))


def asp_page(number: int, day: str = "") -> str:
    return f"/shownews.asp?newsid={number}"


def show_asp(site: FakeSite, told: Sequence[Told]) -> None:
    lines = "".join(
        f"<li><span class='newsDate'>[{day}]</span><a href='shownews.asp?newsid={n}' title='{title}'>{title}</a></li>"
        for n, title, day in told
    )
    site.put("/list.asp", f"<html><body><ul class='news'>{lines}</ul></body></html>")
    for n, title, day in told:
        site.put(
            asp_page(n),
            f"<html><title>{title}</title><div class='time'>日期：{day}</div><div id='zoom'><p>正文</p></div></html>",
        )


def feed_page(number: int, day: str = "") -> str:
    return f"/archives/{number}"


def feed_item(
    root: str, number: int, title: str, day: str, body: str = "&lt;p&gt;正文&lt;/p&gt;", more: str = ""
) -> str:
    when = datetime.fromisoformat(day).strftime("%a, %d %b %Y 02:30:00 +0000")
    return (
        f"<item><title>{title}</title><link>{root}{feed_page(number)}</link><guid isPermaLink='false'>{root}/?p={number}</guid>"
        f"<pubDate>{when}</pubDate><description>{body}</description>{more}</item>"
    )


def rss(*items: str, more: str = "") -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>通知</title>{more}{''.join(items)}</channel></rss>"


def show_feed(site: FakeSite, told: Sequence[Told]) -> None:
    site.put("/feed", rss(*(feed_item(site.root, *each) for each in told)), Content_Type="application/rss+xml")
    for n, _, _ in told:
        site.put(feed_page(n), "<html>正文</html>")


WEBPLUS = Kind("webplus", "webplus", "/21/list.htm", "/21/list.htm", show_webplus, webplus_page)
JSON = Kind("webplus_json", "webplus", "/21/list.htm", QUERY, show_json, webplus_page, {"list": "json"})
VSB = Kind("vsb", "vsb", "/tzgg.htm", "/tzgg.htm", show_vsb, vsb_page)
SELECTORS = {
    "item": "ul.news li", "link": "a", "date": ".newsDate", "body": "#zoom", "article_date": ".time", "id_param": "newsid"
}  # fmt: skip
HTML_LIST = Kind("html_list", "html_list", "/list.asp", "/list.asp", show_asp, asp_page, SELECTORS)
FEED = Kind("feed", "feed", "/feed", "/feed", show_feed, feed_page)
KINDS = (WEBPLUS, JSON, VSB, HTML_LIST, FEED)
