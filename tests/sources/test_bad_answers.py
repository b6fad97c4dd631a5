"""Whatever comes instead of a list, for every kind of list: bad health, nothing kept of it, and nothing lost by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.item import Attachment
from sources import make
from sources.article import Closed
from sources.base import Checked, Cursor, Fetched, Health, Opens, Unread
from sources.listing import MOST_ASKED_FOR
from sources.listing_cursor import Kept, Known
from tests.sources.list_kinds import HTML_LIST, JSON, KINDS, VSB, WEBPLUS, Clock, Kind
from tests.sources.webplus_site import Answer, FakeSite, header

TOLD = [
    (44, "丁通知", "2020-10-30"),
    (43, "丙通知", "2020-10-29"),
    (42, "乙通知", "2020-10-28"),
    (41, "甲通知", "2020-10-27"),
]
OLD = [(n, f"旧通知{n}", f"2019-11-{n:02d}") for n in range(20, 10, -1)]
LOGIN = "<html><title>统一身份认证</title><body><form><input name='u'><input type='password' name='p'>请登录</form></body></html>"
DENIED = "<html><title>系统提示</title><body><ul><li>系统提示：本页面仅限校内访问</li></ul></body></html>"
WALL = "<html><body>您的访问可能对网站造成危险，已被拦截。事件编号：<b>10021</b></body></html>"
INSTEAD: dict[str, Callable[[Kind, FakeSite], Any]] = {
    "垃圾": lambda kind, site: site.put(kind.source, bytes(range(256)) * 40),
    "空白": lambda kind, site: site.put(kind.source, ""),
    "空列表": lambda kind, site: kind.show(site, []),
    "登录页": lambda kind, site: site.put(kind.source, LOGIN),
    "拒绝": lambda kind, site: site.put(kind.source, DENIED),
    "防火墙": lambda kind, site: site.put(kind.source, WALL),
    "转走": lambda kind, site: site.put(kind.source, status=302, Location="http://waf.example.com/block"),
    "无此页": lambda kind, site: site.put(kind.source, status=404),
    "禁止": lambda kind, site: site.put(kind.source, "Forbidden", status=403),
    "故障": lambda kind, site: site.put(kind.source, status=502),
    "别的内容": lambda kind, site: site.put(kind.source, '{"code": 0, "rows": []}', Content_Type="application/json"),
    "一年前": lambda kind, site: kind.show(site, OLD),
    "一年前，文章也没了": lambda kind, site: (
        [site.pages.pop(kind.page(n, day)) for n, _, day in TOLD],
        kind.show(site, OLD),
    ),
    "少了最新的": lambda kind, site: kind.show(site, TOLD[1:]),
    "另一栏目": lambda kind, site: kind.show(
        site, [(n + 50, f"他栏{n}", day) for n, _, day in TOLD] + [(80, "他栏", "2020-10-01")]
    ),
}
kinds = pytest.mark.parametrize("kind", KINDS, ids=str)


@kinds
@pytest.mark.parametrize("instead", INSTEAD)
def test_what_is_no_list_brings_nothing_and_the_next_good_look_loses_nothing(
    site: FakeSite, kind: Kind, instead: str
) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    assert [entry.title for entry in first.entries] == [title for _, title, _ in TOLD]
    INSTEAD[instead](kind, site)
    clock.later(days=2)
    bad = kind.look(site, clock, first)
    assert (bad.health, bad.entries, bad.gone, bad.problems) == (Health.BAD, (), frozenset(), ())
    assert bad.note.startswith(f"{site.root}{kind.path}：")
    assert bad.cursor == json.loads(json.dumps(first.cursor))
    kind.show(site, [(45, "戊通知", "2020-11-04"), *TOLD])
    good = kind.look(site, clock, bad)
    assert (good.health, [entry.title for entry in good.entries]) == (Health.GOOD, ["戊通知"])
    assert kind.look(site, clock, good).health is Health.UNCHANGED


@kinds
@pytest.mark.parametrize("instead", ["垃圾", "空白", "登录页", "拒绝", "防火墙", "转走", "无此页", "故障"])
def test_the_first_look_of_all_is_not_mistaken_for_an_empty_column(site: FakeSite, kind: Kind, instead: str) -> None:
    kind.show(site, TOLD)
    INSTEAD[instead](kind, site)
    found = kind.look(site, Clock())
    assert (found.health, found.entries, found.cursor) == (Health.BAD, (), {})


@kinds
def test_the_newest_taken_down_is_no_old_copy(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    number, _, day = TOLD[0]
    kind.show(site, TOLD[1:])
    site.put(kind.page(number, day), status=404)
    second = kind.look(site, clock, first)
    assert (second.health, second.entries) == (Health.GOOD, ())
    assert second.gone == {site.root + kind.page(number, day)}


LONG = [(n, f"通知{n}", f"2020-10-{n - 40:02d}") for n in range(70, 50, -1)]


def taken_down(site: FakeSite, kind: Kind, many: int) -> list[str]:
    """The newest so many answer 404 and the list goes on with the ones below; returns their addresses."""
    kind.show(site, LONG[many:])
    gone = [kind.page(number, day) for number, _, day in LONG[:many]]
    for path in gone:
        site.put(path, status=404)
    return [site.root + path for path in gone]


@kinds
@pytest.mark.parametrize("many", [3, MOST_ASKED_FOR])
def test_several_of_the_newest_taken_down_at_once_are_no_old_copy_and_the_list_is_read_on(
    site: FakeSite, kind: Kind, many: int
) -> None:
    clock = Clock()
    kind.show(site, LONG)
    first = kind.look(site, clock)
    gone = taken_down(site, kind, many)
    clock.later(hours=1)
    second = kind.look(site, clock, first)
    assert (second.health, second.entries, second.gone) == (Health.GOOD, (), set(gone))
    assert second.note == f"列表中最新的{many}条已撤下，其余照旧"
    clock.later(hours=2)
    third = kind.look(site, clock, second)
    assert (third.health, third.gone) == (Health.GOOD, set(gone)), "gone twice is 消失"
    kind.show(site, [(71, "新通知", "2020-11-04"), *LONG[many:]])
    assert [entry.title for entry in kind.look(site, clock, third).entries] == ["新通知"]


@kinds
@pytest.mark.parametrize("sign", ["一条还在", "拒绝", "故障", "太多", "顺序不同", "夹着没见过的", "中间少一条"])
def test_what_lacks_its_newest_and_is_not_surely_a_take_down_is_still_bad(site: FakeSite, kind: Kind, sign: str) -> None:
    clock = Clock()
    kind.show(site, LONG)
    first = kind.look(site, clock)
    many = MOST_ASKED_FOR + 1 if sign == "太多" else 3
    taken_down(site, kind, many)
    number, _, day = LONG[0]
    rest = LONG[many:]
    if sign == "一条还在":
        kind.show(site, LONG[:1])  # its page is there again
        kind.show(site, rest)
    elif sign in ("拒绝", "故障"):
        site.put(kind.page(number, day), DENIED, status=200 if sign == "拒绝" else 502)
    elif sign == "顺序不同":
        kind.show(site, [rest[1], rest[0], *rest[2:]])
    elif sign == "夹着没见过的":
        kind.show(site, [(50, "没见过", rest[0][2]), *rest])
    elif sign == "中间少一条":
        kind.show(site, [rest[0], *rest[2:]])
    clock.later(hours=1)
    bad = kind.look(site, clock, first)
    assert (bad.health, bad.entries, bad.gone) == (Health.BAD, (), frozenset())
    assert bad.cursor == json.loads(json.dumps(first.cursor))


@kinds
def test_after_a_long_pause_a_list_that_moved_on_is_no_other_list(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    kind.show(site, [(n, f"通知{n}", f"2020-11-{n - 40:02d}") for n in range(60, 50, -1)])
    clock.later(days=30)
    assert len(kind.look(site, clock, first).entries) == 10


def listed_on(*days: int) -> list[tuple[int, str, str]]:
    return [(200 - n, f"他栏{n}", f"2020-11-{day:02d}") for n, day in enumerate(days)]


def after_a_quiet_month(site: FakeSite, kind: Kind, told: list[tuple[int, str, str]]) -> Fetched:
    """A column with no news until the 25th, and a list of none of its articles an hour after that look."""
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    clock.later(days=22)
    quiet = kind.look(site, clock, first)
    assert quiet.health is Health.UNCHANGED
    kind.show(site, told)
    clock.later(hours=1)
    return kind.look(site, clock, quiet)


@kinds
@pytest.mark.parametrize("days", [range(19, 4, -1), (25, 24, *range(20, 10, -1)), (12, 11, 10)], ids=str)
def test_a_newer_list_that_the_last_look_would_have_shown_is_another_column_s(
    site: FakeSite, kind: Kind, days: Sequence[int]
) -> None:
    bad = after_a_quiet_month(site, kind, listed_on(*days))
    assert (bad.health, bad.entries, bad.gone) == (Health.BAD, (), frozenset())
    assert "可能是旧的网页或换了栏目" in bad.note


@kinds
@pytest.mark.parametrize("days", [[25] * 9, [25, 25, 24, 23, 22, 22], [25, 25, 25, 12, 11, 10], [12, 11]], ids=str)
def test_a_short_list_that_rolled_over_since_the_last_look_is_believed(
    site: FakeSite, kind: Kind, days: Sequence[int]
) -> None:
    found = after_a_quiet_month(site, kind, listed_on(*days))
    assert (found.health, len(found.entries)) == (Health.GOOD, len(days))


@kinds
def test_a_list_that_an_older_version_has_looked_at_is_believed_as_it_was(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    clock.later(days=22)
    kind.show(site, listed_on(*range(19, 4, -1)))
    cursor = {name: value for name, value in first.cursor.items() if name != "looked"}
    assert len(kind.look(site, clock, replace(first, cursor=cursor)).entries) == 15


@pytest.mark.parametrize("kind", [VSB, HTML_LIST], ids=str)
def test_two_days_that_disagree_are_left_blank_for_a_clerk(site: FakeSite, kind: Kind) -> None:
    kind.show(site, TOLD)
    page = site.pages[kind.page(44, "")]
    assert isinstance(page, Answer)
    page.body = page.body.replace(b"2020-10-30", b"2020-09-30")
    found = kind.look(site, Clock())
    days = {
        entry.title: (entry.published_on, entry.approved_on, entry.review and entry.review.on)
        for entry in found.entries
    }
    assert days["丁通知"] == (None, None, None)
    assert None not in days["丙通知"]


@kinds
def test_a_site_in_trouble_is_asked_more_and_more_seldom(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    source = make(kind.column(site), clock, {})
    cursor: Cursor = source.fetch(None).cursor
    site.put(kind.source, status=500)
    asked = []
    for _ in range(18):
        clock.later(minutes=10)
        before = site.count(kind.source)
        found = source.fetch(cursor)
        assert (found.health, "HTTP 500" in found.note) == (Health.BAD, True)
        asked.append(site.count(kind.source) - before)
    assert asked[:3] == [1, 1, 1]
    assert sum(asked) <= 7
    kind.show(site, [(45, "戊通知", "2020-11-03"), *TOLD])
    clock.later(hours=1)
    assert [entry.title for entry in source.fetch(cursor).entries] == ["戊通知"]


def test_one_failure_does_not_make_the_next_look_wait(site: FakeSite) -> None:
    clock = Clock()
    VSB.show(site, TOLD)
    source = make(VSB.column(site), clock, {})
    site.put(VSB.source, status=500)
    assert source.fetch(None).health is Health.BAD
    VSB.show(site, TOLD)
    clock.later(minutes=1)
    assert len(source.fetch(None).entries) == 4


@kinds
def test_a_site_that_asks_to_be_left_alone_is(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    source = make(kind.column(site), clock, {})
    site.put(kind.source, status=503, Retry_After="1800")
    assert source.fetch(None).health is Health.BAD
    clock.later(minutes=29)
    before = len(site.asked)
    assert "之后再读取" in source.fetch(None).note
    assert len(site.asked) == before
    kind.show(site, TOLD)
    clock.later(minutes=2)
    assert len(source.fetch(None).entries) == 4


# The self-check


def checked(kind: Kind, site: FakeSite) -> list[Any]:
    source = make(kind.column(site), Clock(), {})
    assert isinstance(source, Checked)
    return list(source.check())


@kinds
def test_a_self_check_says_what_list_and_article_read_like(site: FakeSite, kind: Kind) -> None:
    kind.show(site, TOLD)
    (said,) = checked(kind, site)
    assert (said.key, said.ok, said.fix) == ("watch.公开栏", True, "")
    assert said.text == "试读：列表第一页4条，第一条“丁通知”，2020-10-30，正文2字，附件0个"


@kinds
@pytest.mark.parametrize("instead", ["空白", "登录页", "防火墙", "无此页"])
def test_a_self_check_of_what_is_no_list_says_so_and_what_to_do(site: FakeSite, kind: Kind, instead: str) -> None:
    kind.show(site, TOLD)
    INSTEAD[instead](kind, site)
    (said,) = checked(kind, site)
    assert (said.ok, said.text.startswith(f"试读 {site.root}{kind.path}：")) == (False, True)
    assert said.fix.startswith("请打开网址查看，核对 ")


@pytest.mark.parametrize("kind", [VSB, HTML_LIST], ids=str)
def test_a_self_check_tells_an_article_that_cannot_be_read_or_dated(site: FakeSite, kind: Kind) -> None:
    kind.show(site, TOLD)
    page = site.pages[kind.page(44, "")]
    assert isinstance(page, Answer)
    page.body = page.body.replace(b"2020-10-30", b"2020-09-30")
    (said,) = checked(kind, site)
    assert (said.ok, "列表显示的日期2020-10-30与文章中的日期2020-09-30不一致" in said.text) == (False, True)
    site.put(kind.page(44, ""), WALL)
    (said,) = checked(kind, site)
    assert (said.ok, "认不出正文" in said.text) == (False, True)


# What an attachment holds


def opened(kind: Kind, site: FakeSite, path: str, name: str = "名单.xlsx") -> bytes:
    source = make(kind.column(site), Clock(), {})
    assert isinstance(source, Opens)
    return source.open(f"{site.root}/1", Attachment(name, path if "://" in path else site.root + path))


@kinds
def test_an_attachment_is_fetched_from_its_site(site: FakeSite, kind: Kind) -> None:
    site.put("/down?id=3", b"PK\x03\x04...", Content_Disposition=header("名单.xlsx"))
    assert opened(kind, site, "/down?id=3") == b"PK\x03\x04..."


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(LOGIN.encode()), "网页而不是文件"),
        (Answer(b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><html>"), "网页而不是文件"),
        (Answer(b""), "是空的"),
        (Answer(b"", 404), "页面不存在"),
        (Answer(b"", 403), "HTTP 403"),
        (Answer(b"", 302, {"Location": "http://169.254.169.254/latest"}), "别的网站"),
        (Answer(b"", 302, {"Location": "http://[::1"}), "连接不上"),
        (Answer(b"x" * (20 * 1024 * 1024 + 1)), "超过20MB"),
    ],
)
def test_an_attachment_that_cannot_be_had_is_told_in_words(site: FakeSite, answer: Answer, why: str) -> None:
    site.pages["/down"] = answer
    with pytest.raises(Unread, match=why) as told:
        opened(VSB, site, "/down")
    assert "附件“名单.xlsx”没有取到" in str(told.value)


def test_an_attachment_that_is_a_page_itself_is_fetched(site: FakeSite) -> None:
    site.put("/down", "<html>名单</html>")
    assert opened(VSB, site, "/down", "名单.html") == "<html>名单</html>".encode()


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/a.xlsx", "http://other.example.com/a.xlsx", "file:///etc/passwd", "://"]
)
def test_an_attachment_elsewhere_is_not_asked_for(site: FakeSite, address: str) -> None:
    with pytest.raises(Unread, match="别的网站"):
        opened(VSB, site, address)
    assert site.asked == []


def test_an_attachment_that_robots_txt_closes_is_not_asked_for(site: FakeSite) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /down")
    with pytest.raises(Unread, match="请网站管理员为 xxgk-bot 放行"):
        opened(VSB, site, "/down")
    assert site.count("/down") == 0


# The cursor


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *Kept.__dataclass_fields__,
    "article",
    "url",
    "title",
    "day",
    "again",
    "read",
    "failed",
    "gone",
    "later_version",
]
broken = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=8)


@given(cursor=broken, articles=st.lists(broken | json_values, max_size=4), listed=st.booleans())
def test_no_stored_cursor_whatever_it_holds_stops_a_look(
    cursor: dict[str, Any], articles: list[Any], listed: bool
) -> None:
    stored = {**cursor, "articles": articles} if listed else cursor
    before = json.dumps(stored)
    once = Kept.of(stored, "vsb", "http://a/").cursor()
    assert Kept.of(json.loads(json.dumps(once)), "vsb", "http://a/").cursor() == once
    assert json.dumps(stored) == before
    assert Kept.of(stored, "vsb", "http://a/").due(Clock().now) is not None


@kinds
def test_a_cursor_survives_the_store_and_keys_of_another_version(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    stored = json.loads(json.dumps(first.cursor))
    stored["later"] = {"a": [1]}
    for article in stored["articles"]:
        article["later"] = 1
    found = make(kind.column(site), clock, {}).fetch(stored)
    assert (found.health, found.entries) == (Health.UNCHANGED, ())


@kinds
def test_a_watch_that_is_pointed_at_another_list_starts_anew(site: FakeSite, kind: Kind) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    before = {**first.cursor, "place": "https://www.example.edu.cn/other"}
    found = make(kind.column(site), clock, {}).fetch(before)
    assert (found.health, len(found.entries)) == (Health.GOOD, 4)


@kinds
def test_an_option_that_a_kind_has_not_is_refused(site: FakeSite, kind: Kind) -> None:
    with pytest.raises(ValueError, match="没有“选择器”这个设置项"):
        make(kind.column(site, options={"选择器": "li"}), Clock(), {})


# Further pages


def show_more(kind: Kind, site: FakeSite) -> str:
    """Two pages, and the address of the second; the first is as long as its kind's pages are."""
    if kind.kind == "webplus" and kind.options:
        kind.show(site, [(n, f"通知{n}", "2020-10-30") for n in range(140, 100, -1)])
        return kind.source
    kind.show(site, TOLD[2:])
    second = site.pages.pop(kind.source)
    kind.show(site, TOLD[:2])
    first = site.pages[kind.source]
    assert isinstance(first, Answer)
    following = "<a class='next' href='/second'>下一页</a>"
    if kind.kind == "webplus":
        following = f"<div id='wp_paging_w6'>{following}</div>"
    link = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='{site.root}/second'/></channel>"
    for mark, more in ((b"</body>", following), (b"</channel>", link)):
        first.body = first.body.replace(mark, more.encode() + (b"" if mark == b"</channel>" else mark))
    site.pages["/second"] = second
    return "/second"


@kinds
@pytest.mark.parametrize("instead", ["空白", "登录页", "防火墙", "故障"])
def test_a_second_page_that_is_none_does_not_end_the_list(site: FakeSite, kind: Kind, instead: str) -> None:
    options = {"options": {"next": "a.next"}} if kind is HTML_LIST else {}
    clock = Clock()
    where = show_more(kind, site)
    good = site.pages[where]
    INSTEAD[instead](replace(kind, source="/elsewhere"), site)
    wrong = site.pages.pop("/elsewhere")
    assert isinstance(wrong, Answer)

    def second(headers: dict[str, str]) -> Answer:
        if where == "/second" or "pageIndex=2" in headers["body"]:
            return wrong
        assert callable(good)
        return good(headers)

    site.pages[where] = second
    first = kind.look(site, clock, **options)
    assert (first.health, "后续页面未读完" in first.note) == (Health.PARTIAL, True)
    site.pages[where] = good
    rest = kind.look(site, clock, first, **options)
    assert len(first.entries) + len(rest.entries) == (40 if where == kind.source else 4)


@kinds
def test_an_article_dated_ahead_by_mistake_and_taken_off_the_list_is_no_sign_of_an_old_copy(
    site: FakeSite, kind: Kind
) -> None:
    clock = Clock()
    kind.show(site, [(50, "日期写错的通知", "2028-10-30"), *TOLD])
    first = kind.look(site, clock)
    kind.show(site, TOLD)
    assert kind.look(site, clock, first).health is Health.UNCHANGED


@pytest.mark.parametrize("kind", [WEBPLUS, JSON, VSB, HTML_LIST], ids=str)
@pytest.mark.parametrize("answer", [Answer(b"", 302, {"Location": "http://www.example.com/"}), Answer(DENIED.encode())])
def test_the_newest_that_is_listed_no_more_and_cannot_be_read_is_no_old_copy(
    site: FakeSite, kind: Kind, answer: Answer
) -> None:
    clock = Clock()
    kind.show(site, TOLD)
    first = kind.look(site, clock)
    kind.show(site, TOLD[1:])
    site.pages[kind.page(44, "2020-10-30")] = answer
    found = kind.look(site, clock, first)
    assert (found.health, found.gone) == (Health.UNCHANGED, frozenset())


PIECES = [
    "<ul class='news'>", "</ul>", "<li id='line_u8_0'>", "<li>", "<a href='", "http://[::1", "//", "info/1/2.htm'>", "'>", "</a>",
    "<div class='v_news_content'>", "<div id='zoom'>", "<div class='wp_articlecontent'>", "<rss version='2.0'><channel><item>",
    "<link>/1</link><title>", "</item></channel></rss>", '{"data":[', '{"title":"a","url":"/2020/1030/c1a1/page.htm"}', "]}",
    "<?xml version='1.0'?>", "<![CDATA[", "<!DOCTYPE", "&#x0;", "\x00", "[12-28]", "2020-13-40", "9999-12-31", "0001-01-01", "<script>",
]  # fmt: skip


@given(kind=st.sampled_from(KINDS), pieces=st.lists(st.sampled_from(PIECES), max_size=12))
def test_whatever_the_pages_hold_a_kind_says_what_it_is_and_raises_nothing_else(kind: Kind, pieces: list[str]) -> None:
    source: Any = make(kind.column(FakeSite("http://www.example.edu.cn")), Clock(), {})
    text, today = "".join(pieces), date(2020, 11, 3)
    found = source._list(text, "http://www.example.edu.cn/21/list.htm", today)
    assert all(line.url.startswith("http://www.example.edu.cn") and line.title is not None for line in found.lines)
    with suppress(Closed):
        assert source._article(text, "http://www.example.edu.cn/1", Known("a", "b", "c")) is not None


# Whether nobody answered, or something else than the list did


@kinds
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_site_that_cannot_answer_now_is_away(site: FakeSite, kind: Kind, status: int) -> None:
    kind.show(site, TOLD)
    site.put(kind.source, "busy", status=status)
    found = kind.look(site, Clock())
    assert (found.health, found.away, found.asked) == (Health.BAD, True, True)


@pytest.mark.parametrize("kind", [each for each in KINDS if each is not JSON], ids=str)
@pytest.mark.parametrize("instead", [name for name in INSTEAD if name != "故障"])
def test_a_site_that_answers_something_else_is_not_away(site: FakeSite, kind: Kind, instead: str) -> None:
    kind.show(site, TOLD)
    first = kind.look(site, Clock())
    INSTEAD[instead](kind, site)
    clock = Clock()
    clock.later(days=2)
    found = kind.look(site, clock, first)
    assert (found.health, found.away) == (Health.BAD, False)


@kinds
def test_a_site_that_refuses_the_connection_is_away_and_while_it_is_left_alone_nothing_is_asked(
    site: FakeSite, kind: Kind
) -> None:
    clock, column = Clock(), replace(kind.column(site), place=f"http://127.0.0.1:1{kind.path}")
    source = make(column, clock, {})
    looks = []
    for _ in range(3):
        looks.append(source.fetch(None))
        clock.later(minutes=1)
    assert [(each.health, each.away, each.asked) for each in looks] == [
        (Health.BAD, True, True), (Health.BAD, True, True), (Health.BAD, False, False),
    ]  # fmt: skip
