"""Lists of 博达 VSB sites: the fourteen shapes in which real pages mislead, each on a page in that shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.identity import keys_of
from rules.item import Attachment, Review
from sources import make
from sources.base import Fetched, Health
from tests.sources.list_kinds import VSB, Clock, vsb_article, vsb_line, vsb_list, vsb_page
from tests.sources.webplus_site import Answer, FakeSite, header

LIST = "/tzgg.htm"
Look = Callable[..., Fetched]


@pytest.fixture
def look(site: FakeSite, clock: Clock) -> Look:
    def once(before: Fetched | None = None, **more: Any) -> Fetched:
        return VSB.look(site, clock, before, **more)

    return once


def listed(site: FakeSite, *lines: str, path: str = LIST, **more: str) -> None:
    site.put(path, vsb_list(*lines, **more))


def articles(site: FakeSite, *numbers: int, title: str = "关于公布收费标准的通知", day: str = "2020-10-30") -> None:
    for number in numbers:
        site.put(vsb_page(number), vsb_article(title, day))


def line(index: int, number: int, title: str = "关于公布收费标准的通知", day: str = "2020-10-30") -> str:
    return vsb_line(index, vsb_page(number).lstrip("/"), title, day)


def test_what_the_column_shows_is_published_and_reviewed_as_the_column_is(site: FakeSite, look: Look) -> None:
    listed(site, line(0, 5946))
    articles(site, 5946)
    found = look(department="")
    (entry,) = found.entries
    day = date(2020, 10, 30)
    assert (found.health, found.note) == (Health.GOOD, "")
    assert (entry.title, entry.body, entry.url) == ("关于公布收费标准的通知", "<p>正文</p>", site.root + vsb_page(5946))
    assert (entry.published_on, entry.approved_on, entry.department) == (day, day, "教务处")
    assert entry.review == Review("办公室主任", "可以公开", day, "上网信息三审制度", "栏目审核")
    assert keys_of(entry)[0] == f"web:{site.root.removeprefix('http://')}:n5946"
    assert look(found, department="").health is Health.UNCHANGED


def test_a_a_title_cut_on_screen_is_read_whole(site: FakeSite, look: Look) -> None:
    listed(
        site,
        f"<li id='line_u8_0'><a href='{vsb_page(1)}' title='关于数据中心采购询价的公告'>关于数据...</a><span>2020-10-30</span></li>",
        f"<li id='line_u8_1'><a href='{vsb_page(2)}'>关于公...</a><span>2020-10-30</span></li>",
    )
    for number, whole in ((1, "关于数据中心采购询价的公告"), (2, "关于公开招聘的通知")):
        page = f"<title>{whole}-示例职业技术学院</title><div class='v_news_content'>正文</div>"
        site.put(vsb_page(number), page)
    assert [entry.title for entry in look().entries] == ["关于数据中心采购询价的公告", "关于公开招聘的通知"]


def test_b_a_day_without_its_year_takes_the_year_that_the_article_prints(site: FakeSite, look: Look) -> None:
    listed(site, line(0, 1, day="04-25"), line(1, 2, day="01-03"), line(2, 3, day="05-14"))
    articles(site, 1, day="2020-04-25")
    articles(site, 2, day="2017年1月3日")
    articles(site, 3, day="2020-05-20")
    days = [entry.published_on for entry in look().entries]
    assert days == [date(2020, 4, 25), date(2017, 1, 3), None]


def test_c_a_later_month_below_an_earlier_one_is_last_year_s(site: FakeSite, look: Look, clock: Clock) -> None:
    clock.now = clock.now.replace(year=2018, month=3, day=23)
    shown = ["[3-22]", "[3-19]", "[3-20]", "[12-28]", "[11-15]", "[10-10]"]
    listed(site, *(line(n, 30758 - n, day=day) for n, day in enumerate(shown)))
    for n in range(len(shown)):
        site.put(vsb_page(30758 - n), "<div class='v_news_content'>正文</div>")
    first = look()
    assert [entry.published_on for entry in first.entries] == [
        date(2018, 3, 22), date(2018, 3, 19), date(2018, 3, 20), date(2017, 12, 28), date(2017, 11, 15), date(2017, 10, 10),
    ]  # fmt: skip
    clock.later(days=400)
    assert look(first).entries == ()


def test_c_a_pinned_day_without_its_year_makes_no_year_up_for_those_below(
    site: FakeSite, look: Look, clock: Clock
) -> None:
    listed(site, line(0, 1, day="01-05"), line(1, 2, day="10-19"), line(2, 3, day="10-18"))
    for number in (1, 2, 3):
        site.put(vsb_page(number), "<div class='v_news_content'>正文</div>")
    assert [entry.published_on for entry in look().entries] == [date(2020, 1, 5), None, None]


def test_d_five_items_of_one_title_are_five_items(site: FakeSite, look: Look) -> None:
    listed(site, *(line(n, 100 + n, "预备党员转正公示") for n in range(5)))
    articles(site, *range(100, 105), title="预备党员转正公示")
    assert len({keys_of(entry)[0] for entry in look().entries}) == 5


def test_e_page_numbers_that_run_backwards_are_followed_by_the_page_s_own_link(site: FakeSite, look: Look) -> None:
    following = "<a class='Next' href='tzgg/{}.htm'>下页</a>"
    last = "<span class='p_next_d'>下页</span>"
    listed(site, line(0, 3, "丙"), paging="<a href='#'>首页</a>" + following.format(77))
    site.put(
        "/tzgg/77.htm",
        vsb_list(
            vsb_line(0, "../info/1116/2.htm", "乙", "2020-10-29"), paging=following.format(76).replace("tzgg/", "")
        ),
    )
    site.put("/tzgg/76.htm", vsb_list(vsb_line(0, "../info/1116/1.htm", "甲", "2020-10-28"), paging=last))
    for number, title in ((1, "甲"), (2, "乙"), (3, "丙")):
        site.put(vsb_page(number), vsb_article(title, f"2020-10-{27 + number}"))
    assert [entry.title for entry in look().entries] == ["丙", "乙", "甲"]
    lists = [path for _, path in site.asked if path.startswith("/tzgg")]
    assert lists == ["/tzgg.htm", "/tzgg/77.htm", "/tzgg/76.htm"]


def test_e_a_next_page_on_another_site_is_none(site: FakeSite, look: Look) -> None:
    listed(site, line(0, 1), paging="<a class='Next' href='http://10.0.0.1/tzgg/77.htm'>下页</a>")
    articles(site, 1)
    assert look().health is Health.GOOD


def test_f_both_addresses_of_an_article_are_one_item(site: FakeSite, look: Look) -> None:
    jsp = "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1116&wbnewsid=30301"
    site.put(jsp, vsb_article("2026年拟增设专业情况公示"))
    listed(site, vsb_line(0, ".." + jsp, "2026年拟增设专业情况公示", "2020-10-30"))
    first = look()
    assert [entry.url for entry in first.entries] == [site.root + jsp]
    listed(site, line(0, 30301, "2026年拟增设专业情况公示"))
    site.put(vsb_page(30301), vsb_article("2026年拟增设专业情况公示"))
    assert look(first).entries == ()
    listed(site, vsb_line(0, jsp, "某公示", "2020-10-30"), line(1, 30301, "某公示"))
    assert [entry.url for entry in look().entries] == [site.root + vsb_page(30301)]


def test_two_sites_in_folders_of_one_host_number_their_articles_each_for_itself(site: FakeSite, look: Look) -> None:
    for folder in ("/jwc", "/xsc"):
        listed(site, vsb_line(0, "info/1116/5946.htm", "某通知", "2020-10-30"), path=folder + LIST)
        site.put(folder + vsb_page(5946), vsb_article("某通知"))
    one, other = (look(path=folder + LIST).entries[0] for folder in ("/jwc", "/xsc"))
    assert not set(keys_of(one)) & set(keys_of(other))
    listed(site, vsb_line(0, "/jwc/info/1116/5946.htm", "甲", "2020-10-30"), line(1, 5946, "乙"))
    articles(site, 5946, title="乙")
    assert len(look().entries) == 2


def test_an_article_in_a_folder_that_an_older_version_kept_by_its_number_alone_is_known(site: FakeSite, look: Look) -> None:
    listed(site, vsb_line(0, "info/1116/5946.htm", "某通知", "2020-10-30"), path="/jwc" + LIST)
    site.put("/jwc" + vsb_page(5946), vsb_article("某通知"))
    first = look(path="/jwc" + LIST)
    (known,) = first.cursor["articles"]
    assert known["article"] == "/jwc/n5946"
    before = replace(first, cursor={**first.cursor, "articles": [{**known, "article": "n5946"}]})
    again = look(before, path="/jwc" + LIST)
    assert (again.health, again.entries) == (Health.UNCHANGED, ())


def test_g_links_to_other_sites_are_told_and_not_read(site: FakeSite, look: Look) -> None:
    other = "http://other.example.com/info/1116/1.htm"
    listed(site, line(0, 1), vsb_line(1, other, "外站", "2020-10-30"), vsb_line(2, "http://[::1", "错", "2020-10-30"))
    articles(site, 1)
    found = look()
    assert len(found.entries) == 1
    assert found.note == "列表中有1条指向其他网站或不是文章，未读取"


def test_h_attachments_are_named_by_the_link_or_by_the_download(site: FakeSite, look: Look) -> None:
    down = "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid={}"
    listed(site, line(0, 1))
    beside = (
        f"<ul><li>附件【<a href='{down.format(7)}'><span>名单.xlsx</span></a>】已下载<span>9</span>次</li>"
        f"<li><a href='{down.format(8)}'>点击下载</a></li><li><a href='{down.format(9)}'>申请表</a></li></ul>"
    )
    body = (
        "<p>见附件</p><a href='/__local/1.docx'>实施办法</a><a href='/index.htm'>首页</a>"
        "<script>showVsbpdfIframe('/__local/公示.pdf','100%','600','0','','')</script>"
    )
    site.put(vsb_page(1), vsb_article("某通知", body=body, beside=beside))
    site.put(down.format(8), Content_Disposition=header("申请表 2020.docx"))
    site.put(
        down.format(9),
        Content_Disposition='attachment; filename="' + "审批表.doc".encode("gbk").decode("latin-1") + '"',
    )
    assert look().entries[0].attachments == (
        Attachment("实施办法.docx", f"{site.root}/__local/1.docx"),
        Attachment("名单.xlsx", site.root + down.format(7)),
        Attachment("申请表 2020.docx", site.root + down.format(8)),
        Attachment("审批表.doc", site.root + down.format(9)),
        Attachment("公示.pdf", f"{site.root}/__local/公示.pdf"),
    )


@pytest.mark.parametrize(
    "page",
    [
        "<html><title>系统提示</title><body>系统提示：对不起，您无权访问</body></html>",
        "<html><body><form name='login'>用户登录</form></body></html>",
        "<form name='_newscontent_fromname'><div class='v_news_content'>本文仅限校内访问</div></form>",
        "<html><body>安全验证中</body></html>",
        "<div class='v_news_content'><p>您当前ip并非校内地址，该信息仅允许校内地址访问</p></div>",
        "<div class='v_news_content'>您没有权限查看该文章</div>",
        "<div class='v_news_content'>仅限校园网用户访问</div>",
        "<div class='v_news_content'>当前IP无权限访问</div>",
        "<div class='v_news_content'>本文内容登录后方可查看</div>",
    ],
)
def test_i_an_inner_page_is_left_out_and_read_once_it_opens(
    site: FakeSite, look: Look, clock: Clock, page: str
) -> None:
    listed(site, line(0, 2), line(1, 1, "校内通知"))
    articles(site, 2)
    site.put(vsb_page(1), page)
    found = look()
    assert (found.health, len(found.entries), found.gone) == (Health.PARTIAL, 1, frozenset())
    assert site.root + vsb_page(1) in found.note
    articles(site, 1, title="校内通知")
    clock.later(hours=1)
    assert [entry.title for entry in look(found).entries] == ["校内通知"]


def test_a_second_link_to_an_article_does_not_name_it(site: FakeSite, look: Look) -> None:
    again = f"<a href='{vsb_page(1)}'>查看详情&gt;&gt;</a>"
    listed(site, f"<li id='line_u8_0'><a href='{vsb_page(1)}'>关于招标的通知</a>{again}<span>2020-10-30</span></li>")
    site.put(vsb_page(1), "<div id='vsb_content'>正文</div>")
    assert [entry.title for entry in look().entries] == ["关于招标的通知"]


def test_j_a_blank_before_the_day_is_no_part_of_it(site: FakeSite, look: Look) -> None:
    listed(
        site, vsb_line(0, vsb_page(1), "某通知", "  2020-06-23"), vsb_line(1, vsb_page(2), "乙", "\xa0[2020年6月2日]")
    )
    for number in (1, 2):
        site.put(vsb_page(number), "<div id='vsb_content'>正文</div>")
    assert [entry.published_on for entry in look().entries] == [date(2020, 6, 23), date(2020, 6, 2)]


def test_k_pinned_and_coloured_titles_hide_no_new_one_below(site: FakeSite, look: Look) -> None:
    pinned = f"<li id='line_u8_0'><a href='{vsb_page(1)}'><font color='red'>[置顶] 招生章程</font></a><span> 2018-01-01</span></li>"
    site.put(vsb_page(1), vsb_article("招生章程", "2018-01-01"))
    articles(site, 2, 3)
    listed(site, pinned, line(1, 2))
    first = look()
    assert first.entries[0].title == "招生章程"
    listed(site, pinned, line(1, 3), line(2, 2))
    assert [entry.url for entry in look(first).entries] == [site.root + vsb_page(3)]


def test_l_a_script_in_the_list_is_no_line(site: FakeSite, look: Look) -> None:
    script = f"<script>document.write(\"<li id='line_u8_9'><a href='{vsb_page(9)}'>x</a></li>\")</script>"
    listed(site, script, line(0, 1))
    articles(site, 1)
    assert len(look().entries) == 1


@pytest.mark.parametrize(
    ("content_type", "meta"),
    [("text/html; charset=GBK", ""), ("text/html", "<meta charset='gb2312'>"), ("text/html", "")],
)
def test_m_an_old_site_in_gbk_is_read(site: FakeSite, look: Look, content_type: str, meta: str) -> None:
    site.put(LIST, (meta + vsb_list(line(0, 1, "关于䶮老师的通知"))).encode("gb18030"), Content_Type=content_type)
    site.put(vsb_page(1), (meta + vsb_article("关于䶮老师的通知")).encode("gb18030"), Content_Type=content_type)
    assert [entry.title for entry in look().entries] == ["关于䶮老师的通知"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"not found", 404),
        Answer(b"", 302, {"Location": "http://waf.example.com/block"}),
        Answer(b"", 302, {"Location": "/waf.html"}),
        Answer(vsb_list().encode()),
    ],
)
def test_n_an_answer_without_a_list_is_never_no_news(site: FakeSite, look: Look, answer: Answer) -> None:
    site.put("/waf.html", "<html><body>您的访问被拦截</body></html>")
    listed(site, line(0, 1))
    articles(site, 1)
    first = look()
    site.pages[LIST] = answer
    found = look(first)
    assert (found.health, found.entries, found.gone) == (Health.BAD, (), frozenset())


# Which of the lists on a page


def hot(unit: str = "u5", most: int = 8) -> str:
    return "<ul>" + "".join(vsb_line(n, vsb_page(900 + n), "热点", "2020-09-01", unit) for n in range(most)) + "</ul>"


def test_of_several_lists_the_one_with_the_paging_is_the_column_s(site: FakeSite, look: Look) -> None:
    listed(site, line(0, 1), around=hot(), paging="共1条 1/1")
    articles(site, 1)
    assert [entry.url for entry in look().entries] == [site.root + vsb_page(1)]


def test_a_paging_that_stands_beside_two_lists_tells_nothing(site: FakeSite, look: Look) -> None:
    site.put(LIST, f"<div>{hot()}<ul>{line(0, 1)}</ul><div class='pb_sys_common'>共1条</div></div>")
    articles(site, 1)
    assert look().health is Health.BAD


def test_where_nothing_tells_which_list_it_is_the_school_says_it(site: FakeSite, look: Look) -> None:
    site.put(LIST, f"<body>{hot(most=1)}<ul>{line(0, 1)}</ul></body>")
    articles(site, 1)
    assert look().health is Health.BAD
    assert [entry.url for entry in look(options={"unit": "u8"}).entries] == [site.root + vsb_page(1)]
    assert look(options={"unit": "u9"}).health is Health.BAD


def test_a_list_without_numbered_lines_is_the_one_with_most_articles(site: FakeSite, look: Look) -> None:
    links = "".join(f"<li><a href='{vsb_page(n)}'>通知{n}</a><span>2020-10-30</span></li>" for n in (1, 2))
    site.put(LIST, f"<ul><li><a href='/info/1/9.htm'>推荐</a></li></ul><ul>{links}</ul>")
    articles(site, 1, 2)
    assert [entry.url for entry in look().entries] == [site.root + vsb_page(n) for n in (1, 2)]


def test_a_unit_that_is_none_is_refused_with_the_way_to_write_it(site: FakeSite, clock: Clock) -> None:
    with pytest.raises(ValueError, match=r'unit 写的是“line_u8_0”.*写 unit = "u8"'):
        make(VSB.column(site, options={"unit": "line_u8_0"}), clock, {})


def test_the_counter_of_clicks_is_never_asked(site: FakeSite, look: Look) -> None:
    script = (
        '<script>_showDynClicks("wbnews", 12345, 1)</script><script src="/system/resource/js/dynclicks.js"></script>'
    )
    listed(site, line(0, 1))
    site.put(vsb_page(1), vsb_article("某通知", body=f"<p>正文</p>{script}"))
    assert look().entries[0].body == "<p>正文</p>"
    assert not any("dynclicks" in path for _, path in site.asked)
