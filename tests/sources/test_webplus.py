from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from rules.identity import keys_of
from rules.item import Attachment, Review
from rules.school import Column
from sources import listing, listing_cursor, make
from sources.base import Fetched, Health
from tests.sources.list_kinds import REVIEW, Clock
from tests.sources.webplus_site import Answer, FakeSite, header, item

A39, A40, A41 = "/2020/1030/c21a39/page.htm", "/2020/1101/c21a40/page.htm", "/2020/1102/c21a41/page.htm"


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    site.column(item(A39))
    site.article(A39)
    return site


@pytest.fixture
def look(site: FakeSite, clock: Clock) -> Callable[..., Fetched]:
    """One look at the column, from the cursor of the one before."""

    def once(before: Fetched | None = None, path: str = "/21/list.htm", **settings: Any) -> Fetched:
        common = {
            "audience": ("社会",),
            "category": "大类",
            "sub_item": "小项",
            "review": REVIEW,
            "department": "学校办公室",
        }
        column = Column(name="公开栏", kind="webplus", place=site.root + path, **{**common, **settings})
        cursor = json.loads(json.dumps(before.cursor)) if before else None
        return make(column, clock, {}).fetch(cursor)

    return once


Look = Callable[..., Fetched]


def titles(found: Fetched) -> list[str]:
    return [entry.title for entry in found.entries]


def test_what_the_column_shows_is_published_and_reviewed_as_the_column_is(site: FakeSite, look: Look) -> None:
    found = look()
    (entry,) = found.entries
    day = date(2020, 10, 30)
    assert (found.health, found.note, found.problems) == (Health.GOOD, "", ())
    assert (entry.title, entry.body, entry.url, str(entry.place)) == (
        "关于公布收费标准的通知",
        "<p>正文</p>",
        site.root + A39,
        site.root + A39,
    )
    assert (entry.published_on, entry.approved_on, entry.formed_on) == (day, day, None)
    assert entry.review == Review("办公室主任", "可以公开", day, "上网信息三审制度", "栏目审核")
    assert (entry.disclosure, entry.audience, entry.category, entry.sub_item) == ("主动公开", ("社会",), "大类", "小项")
    assert (entry.department, entry.own_key) == ("学校办公室", site.root.removeprefix("http://") + ":a39")
    assert keys_of(entry)[0] == f"web:{entry.own_key}"


def test_without_a_department_of_the_column_the_publisher_s_office_is_it(look: Look) -> None:
    assert look(department="").entries[0].department == "财务处"


def test_nothing_new_is_said_briefly_and_asked_briefly(site: FakeSite, look: Look) -> None:
    site.column(item(A39), ETag='"1"')
    first = look()
    site.asked.clear()
    second = look(first)
    assert (second.health, second.entries) == (Health.UNCHANGED, ())
    assert site.asked == [("GET", "/21/list.htm")]


def test_we_say_who_we_are(site: FakeSite, look: Look) -> None:
    look()
    assert site.agents == {f"xxgk-bot (+{site.root}/)"}


# (a) to (n): the shapes in which real list pages mislead.


def test_a_title_cut_on_screen_is_read_whole(site: FakeSite, look: Look) -> None:
    site.column(
        item(A39, "关于…采购询...", whole="关于数据中心采购询价的公告"),
        item(A40, "关于公...", whole="关于公开招聘的通知"),
    )
    for path in (A39, A40):
        site.put(path, "<div class='wp_articlecontent'>正文</div>")
    assert titles(look()) == ["关于数据中心采购询价的公告", "关于公开招聘的通知"]


@pytest.mark.parametrize(
    ("shown", "made", "day"),
    [
        ("01-03", "2020/0109", date(2020, 1, 3)),
        ("04-25", "2020/0514", date(2020, 4, 25)),
        ("12-28", "2020/0105", date(2019, 12, 28)),
        (" 2020-06-23", "2020/0701", date(2020, 6, 23)),
        ("[10月30日]", "2020/1030", date(2020, 10, 30)),
        ("2020/10/30", "2020/1101", date(2020, 10, 30)),
        ("<b>30</b><i>2020-10</i>", "2020/1101", date(2020, 10, 30)),
        ("<b>10-30</b><i>2019</i>", "2020/1101", date(2019, 10, 30)),
    ],
)
def test_the_day_shown_is_the_day_published_and_the_address_only_tells_the_year(
    site: FakeSite, look: Look, shown: str, made: str, day: date
) -> None:
    path = f"/{made}/c21a39/page.htm"
    site.column(item(path, day=shown))
    site.article(path)
    assert look().entries[0].published_on == day


def test_without_a_day_in_the_list_the_article_s_own_counts(site: FakeSite, look: Look) -> None:
    site.column(item(A39, day=""))
    site.article(A39, day="2020-10-28")
    assert look().entries[0].published_on == date(2020, 10, 28)


def test_the_day_may_stand_inside_the_link(site: FakeSite, look: Look) -> None:
    site.column(f"<li><a href='{A39}'><span>2020年招生简章</span><span>2020-10-29</span></a></li>")
    site.put(A39, "<div class='wp_articlecontent'>正文</div>")
    (entry,) = look().entries
    assert (entry.title, entry.published_on) == ("2020年招生简章", date(2020, 10, 29))


def test_five_items_of_one_title_are_five_items(site: FakeSite, look: Look) -> None:
    paths = [f"/2020/10{day}/c21a{day}/page.htm" for day in range(11, 16)]
    site.column(*(item(path, "预备党员转正公示") for path in paths))
    for path in paths:
        site.article(path, "预备党员转正公示")
    found = look()
    assert len({keys_of(entry)[0] for entry in found.entries}) == 5


def test_two_addresses_of_one_article_are_one_item(site: FakeSite, look: Look) -> None:
    psp = A39.replace("c21", "c77").replace(".htm", ".psp")
    site.column(item(psp), item(A39))
    first = look()
    assert [entry.url for entry in first.entries] == [site.root + A39]
    site.column(item(psp))
    site.article(psp)
    assert look(first).entries == ()


def test_an_article_that_moved_keeps_its_identity_and_takes_its_new_address(
    site: FakeSite, look: Look, clock: Clock
) -> None:
    first = look()
    psp = A39.replace(".htm", ".psp")
    site.column(item(psp))
    site.article(psp)
    site.pages.pop(A39)
    clock.later(days=1)
    second = look(first)
    assert (second.gone, [entry.url for entry in second.entries]) == (frozenset(), [site.root + psp])
    assert second.entries[0].own_key == first.entries[0].own_key


def test_links_to_other_sites_are_not_ours(site: FakeSite, look: Look) -> None:
    site.column(
        item(A39), item("http://other.example.com/2020/1030/c1a1/page.htm"), item("/_upload/x.pdf"), item("javascript:void(0)"),
        "<li><a href='/21/list.htm'>更多</a></li>",
    )  # fmt: skip
    found = look()
    assert len(found.entries) == 1
    assert found.note == "列表中有2条指向其他网站或不是文章，未读取"


def test_attachments_are_named_by_the_site_s_note_the_link_or_the_download(site: FakeSite, look: Look) -> None:
    site.article(
        A39,
        body="<p>见附件</p><a href='/_upload/article/files/1.xlsx' sudyfile-attr=\"{'title':'名单.xlsx'}\">点击</a>"
        "<a href='/_upload/article/files/2.docx'>实施办法</a><a href='/down?id=3' sudyfile-attr=\"{}\">附件下载</a>"
        "<div class='wp_pdf_player' pdfsrc='/_upload/article/files/4.pdf' sudyfile-attr=\"{'title':'公示.pdf'}\"></div>"
        "<a href='/21/list.htm'>返回</a>",
        beside="<a href='/_upload/article/files/5.zip'></a>",
    )
    site.put("/down?id=3", Content_Disposition=header("申请表 2020.docx"))
    assert look().entries[0].attachments == (
        Attachment("名单.xlsx", f"{site.root}/_upload/article/files/1.xlsx"),
        Attachment("实施办法.docx", f"{site.root}/_upload/article/files/2.docx"),
        Attachment("申请表 2020.docx", f"{site.root}/down?id=3"),
        Attachment("公示.pdf", f"{site.root}/_upload/article/files/4.pdf"),
        Attachment("附件", f"{site.root}/_upload/article/files/5.zip"),
    )


@pytest.mark.parametrize(
    "page",
    [
        "<html><title>系统提示</title><body>对不起，您无权访问</body></html>",
        "<html><body><form>请登录</form></body></html>",
        "<div class='wp_articlecontent'>本文仅限校内访问</div>",
        "<html><body>安全验证中</body></html>",
    ],
)
def test_an_inner_page_is_left_out_and_has_not_vanished(site: FakeSite, look: Look, clock: Clock, page: str) -> None:
    site.column(item(A39), item(A40, "校内通知"))
    site.put(A40, page)
    found = look()
    assert (found.health, len(found.entries), found.gone) == (Health.PARTIAL, 1, frozenset())
    assert site.root + A40 in found.note
    assert look(found).health is Health.UNCHANGED
    site.article(A40, "校内通知")
    clock.later(hours=1)
    assert titles(look(found)) == ["校内通知"]


def test_an_article_that_speaks_of_logging_in_is_an_article(site: FakeSite, look: Look) -> None:
    site.article(A39, body="<p>成绩已公布，请登录教务系统查询。</p>")
    assert len(look().entries) == 1


def test_pinned_and_coloured_titles_and_scripts_in_the_list_do_no_harm(site: FakeSite, look: Look) -> None:
    site.column(
        "<script>document.write(\"<li><a href='/2020/1001/c21a1/page.htm'>x</a></li>\");</script>",
        f"<li><a href='{A39}'><font color='red'>[置顶] 招生章程</font></a><i> 2018-01-01</i></li>",
        item(A40, "新通知"),
    )
    for path in (A39, A40):
        site.put(path, "<div class='wp_articlecontent'>正文</div>")
    assert titles(look()) == ["招生章程", "新通知"]


def test_a_pinned_known_item_hides_no_new_one_below_it(site: FakeSite, look: Look) -> None:
    first = look()
    site.column(item(A39), item(A41, "新通知"))
    site.article(A41, "新通知")
    assert titles(look(first)) == ["新通知"]


@pytest.mark.parametrize(
    ("header_type", "meta"),
    [("text/html; charset=GBK", ""), ("text/html", "<meta charset='gb2312'>"), ("text/html", "")],
)
def test_an_old_site_in_gbk_is_read(site: FakeSite, look: Look, header_type: str, meta: str) -> None:
    page = f"{meta}<div id='wp_news_w6'><ul>{item(A39, '关于䶮老师的通知')}</ul></div>".encode("gb18030")
    site.put("/21/list.htm", page, Content_Type=header_type)
    site.put(A39, f"{meta}<div class='wp_articlecontent'>正文</div>".encode("gbk"), Content_Type=header_type)
    (entry,) = look().entries
    assert (entry.title, entry.body) == ("关于䶮老师的通知", "正文")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"not found", 404),
        Answer(b"", 302, {"Location": "http://waf.example.com/block"}),
        Answer(b"", 302, {"Location": "/21/list.htm"}),
        Answer("<html><body>您的访问被拦截</body></html>".encode(), 200),
        Answer(b"<div id='wp_news_w6'><ul></ul></div>", 200),
        Answer(b"", 503),
        Answer(b"x" * 6_000_000, 200),
    ],
)
def test_an_answer_without_a_list_is_never_no_news(site: FakeSite, look: Look, answer: Answer) -> None:
    first = look()
    site.pages["/21/list.htm"] = answer
    found = look(first)
    assert (found.health, found.entries, found.gone) == (Health.BAD, (), frozenset())
    assert found.note.startswith(f"{site.root}/21/list.htm：")
    assert found.cursor == json.loads(json.dumps(first.cursor))


def test_a_site_that_does_not_answer_is_bad(site: FakeSite, look: Look, clock: Clock) -> None:
    column = Column(name="公开栏", kind="webplus", place="http://127.0.0.1:9/21/list.htm")
    found = make(column, clock, {}).fetch(None)
    assert (found.health, found.cursor) == (Health.BAD, {})


# Lists, pages and time


def test_other_lists_on_the_page_are_not_the_column_s(site: FakeSite, look: Look) -> None:
    hot = "<ul>" + "".join(item(f"/2020/0901/c9a{n}/page.htm", "热点") for n in range(5)) + "</ul>"
    site.put(
        "/21/list.htm",
        f"<body>{hot}<table><tbody><tr><td><a href='{A39}'>通知</a></td><td>2020-10-30</td></tr></tbody></table></body>",
    )
    assert [entry.url for entry in look().entries] == [site.root + A39]
    site.column(item(A39), around=f"<div id='wp_news_w4'>{hot}</div>", paging="<div id='wp_paging_w6'></div>")
    assert [entry.url for entry in look().entries] == [site.root + A39]


def pages(site: FakeSite, days: list[list[str]]) -> None:
    """List pages of articles by their days, ten a page in real life."""
    number = 100
    for page, shown in enumerate(days, start=1):
        lines = []
        for day in shown:
            number += 1
            path = f"/{day[:4]}/{day[5:7]}{day[8:]}/c21a{number}/page.htm"
            lines.append(item(path, f"通知{number}", day))
            site.article(path, f"通知{number}", day=day)
        site.column(*lines, path="/21/list.htm" if page == 1 else f"/21/list{page}.htm")


def test_a_first_look_goes_back_to_the_start_of_the_school_year(site: FakeSite, look: Look) -> None:
    pages(site, [["2020-11-01", "2019-01-01"], ["2020-10-01"], ["2020-08-01"], ["2020-07-01"]])
    assert titles(look()) == ["通知101", "通知102", "通知103", "通知104"]
    assert site.count("/21/list4.htm") == 0


def test_a_later_look_turns_the_page_only_while_it_brings_news(site: FakeSite, look: Look) -> None:
    pages(site, [["2020-11-01"], ["2020-10-01"], ["2020-08-01"]])
    first = look()
    site.asked.clear()
    site.article(A41)
    site.column(item(A41), item("/2020/1101/c21a101/page.htm", "通知101", "2020-11-01"))
    assert len(look(first).entries) == 1
    assert [site.count(f"/21/list{page}.htm") for page in ("", 2, 3)] == [1, 1, 0]


def test_where_the_paging_says_it_is_the_last_page_none_is_asked_for(site: FakeSite, look: Look) -> None:
    site.column(
        item(A39),
        paging="<div id='wp_paging_w6'><ul class='wp_paging'><a class='next' href='javascript:void(0);'></a></ul></div>",
    )
    look()
    assert site.count("/21/list2.htm") == 0


def test_a_page_that_cannot_be_read_now_is_read_by_the_next_look(site: FakeSite, look: Look) -> None:
    pages(site, [["2020-11-01"], ["2020-10-01"], ["2020-08-01"]])
    second = site.pages["/21/list2.htm"]
    site.put("/21/list2.htm", status=503)
    first = look()
    assert (first.health, titles(first)) == (Health.PARTIAL, ["通知101"])
    site.pages["/21/list2.htm"] = second
    assert titles(look(first)) == ["通知102", "通知103"]


def test_a_page_that_no_link_leads_to_may_be_no_list(site: FakeSite, look: Look) -> None:
    site.put("/21/list2.htm", "<html>您访问的页面不存在</html>")
    assert look().health is Health.GOOD


def test_a_long_first_look_is_done_in_parts(site: FakeSite, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_READ", 2)
    pages(site, [["2020-11-01"] * 3, ["2020-10-01"] * 2, ["2020-08-01"]])
    looks = [look()]
    while looks[-1].health is not Health.UNCHANGED:
        looks.append(look(looks[-1]))
    assert [len(found.entries) for found in looks] == [2, 2, 2, 0]
    assert looks[0].note == "还有4篇，下次再读取"


def test_an_edited_article_is_seen_within_a_day_and_has_another_digest(
    site: FakeSite, look: Look, clock: Clock
) -> None:
    first = look()
    site.article(A39, body="<p>更正后的正文</p>")
    assert look(first).health is Health.UNCHANGED
    clock.later(days=1)
    second = look(first)
    assert second.entries[0].digest() != first.entries[0].digest()
    clock.later(days=1)
    assert (look(second).health, look(second).entries) == (Health.UNCHANGED, ())


def test_a_changed_line_is_read_at_once(site: FakeSite, look: Look) -> None:
    first = look()
    site.column(item(A39, "关于公布收费标准的通知（更新）"))
    site.article(A39, "关于公布收费标准的通知（更新）")
    assert titles(look(first)) == ["关于公布收费标准的通知（更新）"]


def test_what_left_page_one_has_not_vanished_but_what_is_gone_is_told_each_time(
    site: FakeSite, look: Look, clock: Clock
) -> None:
    first = look()
    site.column(item(A40))
    site.article(A40)
    second = look(first)
    assert (len(second.entries), second.gone) == (1, frozenset())
    site.pages.pop(A39)
    clock.later(days=1)
    third = look(second)
    assert (third.gone, third.health) == ({site.root + A39}, Health.GOOD)
    assert look(third).gone == frozenset()
    clock.later(hours=1)
    fourth = look(third)
    assert fourth.gone == {site.root + A39}
    site.article(A39)
    clock.later(days=1)
    assert [entry.url for entry in look(fourth).entries] == [site.root + A39]


def test_the_cursor_stays_small(site: FakeSite, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_cursor, "MOST_ARTICLES", 3)
    pages(site, [["2020-11-01"] * 5])
    assert len(look().cursor["articles"]) == 3


# Manners and safety


def test_robots_txt_is_kept_and_asked_once_a_day(site: FakeSite, look: Look, clock: Clock) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /2020/1101/")
    site.column(item(A39), item(A40))
    site.article(A40)
    first = look()
    assert (len(first.entries), first.health) == (1, Health.PARTIAL)
    assert "robots.txt" in first.note
    assert site.count(A40) == 0
    look(first)
    assert site.count("/robots.txt") == 1
    clock.later(days=1)
    look(first)
    assert site.count("/robots.txt") == 2


def test_a_column_that_robots_txt_closes_is_bad_and_says_whom_to_ask(site: FakeSite, look: Look) -> None:
    site.put("/robots.txt", "User-agent: xxgk-bot\nDisallow: /")
    found = look()
    assert found.health is Health.BAD
    assert "请网站管理员为 xxgk-bot 放行" in found.note
    assert site.count("/21/list.htm") == 0


def test_a_robots_txt_that_cannot_be_had_allows_nothing(site: FakeSite, look: Look) -> None:
    site.put("/robots.txt", status=503)
    assert look().health is Health.BAD


def test_an_article_that_leads_off_the_site_is_not_followed(site: FakeSite, look: Look) -> None:
    site.column(item(A39), item(A40), item(A41))
    site.put(A40, status=302, Location="http://169.254.169.254/latest/meta-data")
    site.put(A41, status=302, Location=site.root.replace("127.0.0.1", "localhost") + A39)
    found = look()
    assert len(found.entries) == 1
    assert found.note.count("页面转到了别的网站，未读取") == 2


def test_a_redirect_within_the_site_is_followed(site: FakeSite, look: Look) -> None:
    site.column(item(A40))
    site.put(A40, status=301, Location=A40.replace("page.htm", "page.psp"))
    site.article(A40.replace("page.htm", "page.psp"), title="通知")
    assert len(look().entries) == 1


def test_a_redirect_to_another_article_is_not_read_as_this_one(site: FakeSite, look: Look) -> None:
    site.column(item(A40))
    site.put(A40, status=301, Location=A39)
    found = look()
    assert not found.entries and "转到了另一篇文章" in found.note


@pytest.mark.parametrize(
    ("place", "health"),
    [("https://cas.example.edu.cn/login?service=1", Health.PARTIAL), ("https://other.example/1.htm", Health.UNCHANGED)],
)
def test_an_article_that_leads_to_where_one_logs_in_is_told(
    site: FakeSite, look: Look, place: str, health: Health
) -> None:
    site.column(item(A40))
    site.put(A40, status=302, Location=place)
    assert look().health is health


def test_a_site_in_trouble_is_left_alone(site: FakeSite, look: Look) -> None:
    site.column(*(item(f"/2020/1001/c21a{n}/page.htm") for n in range(1, 9)))
    for n in range(1, 9):
        site.put(f"/2020/1001/c21a{n}/page.htm", status=502)
    found = look()
    assert found.health is Health.PARTIAL
    assert sum(path.endswith("page.htm") for _, path in site.asked) == listing.GIVE_UP


def test_the_counter_of_visits_is_never_asked_nor_read(site: FakeSite, look: Look) -> None:
    site.article(
        A39,
        body="<p>正文<span class='WP_VisitCount' url='/_visitcountdisplay?siteId=1'>10</span></p><img src='/_visitcount?siteId=1'>",
    )
    assert ">10<" not in look().entries[0].body
    assert not any("visitcount" in path for _, path in site.asked)
