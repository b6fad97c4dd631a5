"""A page's own visit figure is read as its script reads it, and the beacon that counts a visit is never touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from sources.counters import Unread, all_counters, counts_a_visit, read
from sources.web import Elsewhere, Forbidden, Gone, Site, WebError
from tests.sources.counter_sites import (
    VSB,
    VSB_FIGURE,
    WEBPLUS,
    WEBPLUS_FIGURE,
    counted,
    put_vsb,
    put_webplus,
    vsb_page,
    webplus_page,
)
from tests.sources.webplus_site import FakeSite, serving

Put = Callable[..., None]
PAGES = [(put_webplus, WEBPLUS), (put_vsb, VSB)]


def now() -> datetime:
    return datetime(2020, 9, 11, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with serving(FakeSite()) as running:
        yield running


def look(site: FakeSite, path: str) -> int | None:
    where = Site(site.root, now, {}, pause=0)
    try:
        return read(where, site.root + path)
    finally:
        where.close()


def test_the_figure_is_asked_for_as_the_page_itself_asks_and_nothing_is_counted(site: FakeSite) -> None:
    put_webplus(site)
    put_vsb(site)
    assert (look(site, WEBPLUS), look(site, VSB)) == (123, 456)
    assert [asked for asked in site.asked if asked[1] != "/robots.txt"] == [
        ("GET", WEBPLUS),
        ("POST", WEBPLUS_FIGURE),
        ("GET", VSB),
        ("GET", VSB_FIGURE),
    ]
    assert counted(site) == []
    assert all(agent.startswith("xxgk-bot") for agent in site.agents)


@pytest.mark.parametrize("answer", ["<span>123</span>", "<p>123</p>", " 123 ", '<span class="n">123</span>\n'])
def test_a_figure_may_come_in_one_tag(site: FakeSite, answer: str) -> None:
    put_webplus(site, answer)
    assert look(site, WEBPLUS) == 123


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "0",
        "<span>0</span>",
        "非法请求",
        "<html><body>请登录 123</body></html>",
        "-1",
        "12.5",
        "null",
        "9" * 12,
        "1 2",
    ],
)
@pytest.mark.parametrize(("put", "path"), PAGES)
def test_what_is_no_figure_is_none_and_never_0(site: FakeSite, put: Put, path: str, answer: str) -> None:
    put(site, answer)
    assert look(site, path) is None
    assert counted(site) == []


@pytest.mark.parametrize("status", [403, 500, 502])
@pytest.mark.parametrize(("put", "path"), PAGES)
def test_a_counter_that_does_not_answer_well_is_an_error(site: FakeSite, put: Put, path: str, status: int) -> None:
    put(site, "123", status=status)
    with pytest.raises(WebError, match=str(status)):
        look(site, path)


@pytest.mark.parametrize(("put", "path"), PAGES)
def test_a_counter_that_leads_away_is_not_followed(site: FakeSite, put: Put, path: str) -> None:
    for where in ("http://10.0.0.1/", "/_visitcount?siteId=180&type=3&articleId=41"):
        put(site, "", status=302, Location=where)
        with pytest.raises(Elsewhere):
            look(site, path)
    assert counted(site) == []


@pytest.mark.parametrize(
    "figure",
    [
        "http://127.0.0.2:9/_visitcountdisplay?siteId=180&type=3&articleId=41",
        "http://10.1.2.3/_visitcountdisplay?siteId=180&type=3&articleId=41",
    ],
)
def test_a_page_that_names_another_network_leads_nowhere(site: FakeSite, figure: str) -> None:
    site.put(WEBPLUS, webplus_page(figure))
    with pytest.raises(Elsewhere):
        look(site, WEBPLUS)


@pytest.mark.parametrize(
    "figure",
    [
        "/_visitcount?siteId=180&type=3&articleId=41",  # the beacon in the figure's place
        "/_visitcountdisplay?siteId=180&type=3&articleId=42",  # another article
        "/_visitcountdisplay?siteId=180&type=2&articleId=41",  # what its column was visited
        "javascript:alert(1)",
    ],
)
def test_only_the_figure_of_this_very_article_is_read(site: FakeSite, figure: str) -> None:
    site.put(WEBPLUS, webplus_page(figure))
    with pytest.raises(Unread):
        look(site, WEBPLUS)
    assert [asked[0] for asked in site.asked] == ["GET", "GET"] and counted(site) == []


@pytest.mark.parametrize("path", [WEBPLUS, VSB])
def test_a_login_page_in_the_articles_place_shows_no_figure(site: FakeSite, path: str) -> None:
    site.put(path, "<html><title>统一身份认证</title><form>请登录</form></html>")
    with pytest.raises(Unread, match="没有显示访问次数"):
        look(site, path)
    site.put(path, "", status=302, Location="/login.htm")
    site.put("/login.htm", vsb_page() + webplus_page())
    with pytest.raises(Unread, match="转到了别处"):
        look(site, path)
    site.put(path, "", status=302, Location="http://10.0.0.1/cas/login")
    with pytest.raises(Elsewhere):
        look(site, path)


def test_a_page_that_is_gone_says_so(site: FakeSite) -> None:
    with pytest.raises(Gone):
        look(site, VSB)


def test_a_page_that_is_rendered_on_the_way_may_count_us_and_is_not_opened(site: FakeSite) -> None:
    for path in ("/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1116&wbnewsid=5946", "/shownews.asp?newsid=7"):
        with pytest.raises(Unread, match="认不出"):
            look(site, path)
    assert site.asked == []


def test_robots_txt_is_kept_to(site: FakeSite) -> None:
    put_webplus(site)
    site.put("/robots.txt", "User-agent: *\nDisallow: /_visitcountdisplay\n", Content_Type="text/plain")
    with pytest.raises(Forbidden):
        look(site, WEBPLUS)
    assert ("POST", WEBPLUS_FIGURE) not in site.asked


def test_every_kind_of_site_names_its_beacons_and_none_is_mistaken_for_a_figure() -> None:
    assert [counter.name for counter in all_counters()] == ["苏迪 WebPlus", "博达 VSB"]
    assert all(counter.beacons for counter in all_counters())
    for path in (
        "/_visitcount?siteId=1",
        "/a/_visitcount",
        "/code/news/click/addclicktimes.jsp?x",
        "/code/DataInput.jsp",
    ):
        assert counts_a_visit(f"http://127.0.0.1{path}")
    for path in (WEBPLUS_FIGURE, VSB_FIGURE):
        assert not counts_a_visit(f"http://127.0.0.1{path}")
