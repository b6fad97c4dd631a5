"""A list on any site, read by the school's own selectors; the administrator's guide is tried as it stands."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from rules.item import Attachment
from rules.school import Column
from sources import make
from sources.base import Fetched, Health
from tests.sources.list_kinds import HTML_LIST, SELECTORS, Clock, asp_page
from tests.sources.webplus_site import FakeSite, header

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "接入你的数据源.md"
Look = Callable[..., Fetched]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    HTML_LIST.show(site, [(30738, "关于采购网络共享设备项目的询价公告", "2020-10-19")])
    return site


@pytest.fixture
def look(site: FakeSite, clock: Clock) -> Look:
    def once(before: Fetched | None = None, **more: Any) -> Fetched:
        return HTML_LIST.look(site, clock, before, **more)

    return once


def blocks(language: str, heading: str) -> list[str]:
    """The guide's examples of a language under a heading."""
    section = GUIDE.read_text(encoding="utf-8").split(f"\n## {heading}")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def column_of(text: str, root: str = "") -> Column:
    """A [[watch]] of school.toml as config/ hands it on."""
    (part,) = tomllib.loads(text)["watch"]
    known = {name: part.pop(name, "") for name in ("name", "kind", "place", "category", "sub_item", "department")}
    place = root + known.pop("place").removeprefix("https://www.example.edu.cn") if root else known.pop("place")
    audience = tuple(part.pop("audience"))
    part.pop("every"), part.pop("review")
    return Column(place=place, audience=audience, options=part, **known)


def test_the_guide_s_example_reads_the_page_that_the_guide_shows(site: FakeSite, clock: Clock) -> None:
    (setting,) = blocks("toml", "任意网站")
    listed, article = blocks("html", "任意网站")
    site.put("/xxgk/list.asp", listed)
    site.put("/xxgk/shownews.asp?newsid=30738&col=7", article)
    clock.later(days=600)
    found = make(column_of(setting, site.root), clock, {}).fetch(None)
    (entry,) = found.entries
    assert (found.health, found.note) == (Health.GOOD, "列表中有1条指向其他网站或不是文章，未读取")
    assert entry.title == "关于采购USB网络共享设备项目的询价公告"
    assert (entry.published_on, entry.body) == (date(2022, 3, 19), "<p>正文第一段。</p>询价文件")
    assert entry.own_key == f"{site.root.removeprefix('http://')}:/xxgk/shownews.asp?newsid=30738"
    assert entry.attachments == (Attachment("询价文件.docx", f"{site.root}/xxgk/upload/202203/1.docx"),)


@pytest.mark.parametrize("heading", ["博达", "任意网站", "订阅源", "苏迪"])
def test_every_example_of_the_guide_is_taken(heading: str, clock: Clock) -> None:
    settings = blocks("toml", heading)
    assert settings
    for setting in settings:
        make(column_of(setting), clock, {})


def test_the_examples_in_school_toml_are_taken_once_they_are_uncommented(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    text = (folder / "school.toml").read_text(encoding="utf-8")
    lists = re.compile(
        r'^# \[\[watch\]\]\n# name = .+\n# kind = "(?:webplus|vsb|html_list|feed)"\n(?:# .+\n)+', re.MULTILINE
    )
    plain = lists.sub(lambda each: each[0].replace("# ", ""), text)
    (folder / "school.toml").write_text(plain, encoding="utf-8")
    columns = {column.kind: column for column in load(folder, {}).school.columns}
    for kind in ("webplus", "vsb", "html_list", "feed"):
        make(columns[kind], clock, {})


def test_an_article_is_told_by_the_part_of_its_address_that_counts(site: FakeSite, look: Look) -> None:
    first = look()
    site.put(
        "/list.asp",
        "<ul class='news'><li><a href='/shownews.asp?page=2&newsid=30738'>改了地址</a><i class='newsDate'>2020-10-19</i></li></ul>",
    )
    site.put("/shownews.asp?page=2&newsid=30738", "<div id='zoom'>正文</div>")
    second = look(first)
    assert [entry.own_key for entry in second.entries] == [first.entries[0].own_key]
    other = look(options={"id_param": "pid"})
    assert (other.health, other.entries) == (Health.BAD, ())


def test_without_such_a_part_the_whole_address_counts(site: FakeSite, look: Look) -> None:
    key = look(options={"id_param": ""}).entries[0].own_key
    assert key == f"{site.root.removeprefix('http://')}:/shownews.asp?newsid=30738"


def test_the_item_may_be_the_link_itself_and_the_title_stand_beside_it(site: FakeSite, look: Look) -> None:
    site.put(
        "/list.asp",
        "<div class='news'><a class='row' href='/shownews.asp?newsid=30738'><p class='t' title='完整的标题'>完整的...</p><em>10-19</em></a></div>",
    )
    (entry,) = look(options={"item": "a.row", "link": "a.row", "title": ".t", "date": "em"}).entries
    assert (entry.title, entry.published_on) == ("完整的标题", date(2020, 10, 19))


def test_the_article_s_own_title_and_chosen_attachments_are_taken(site: FakeSite, look: Look) -> None:
    site.put(
        asp_page(30738),
        "<h2 class='t'>文章的标题</h2><div class='time'>2020-10-19</div><div id='zoom'>正文<a href='/x.pdf'>不选</a></div>"
        "<p class='fj'><a href='/down?id=1'>附件1</a></p>",
    )
    site.put("/down?id=1", Content_Disposition=header("申请表.docx"))
    (entry,) = look(options={"article_title": "h2.t", "attachments": ".fj a"}).entries
    assert entry.title == "文章的标题"
    assert entry.attachments == (Attachment("申请表.docx", f"{site.root}/down?id=1"),)


def test_the_next_page_is_the_one_that_the_school_s_selector_finds(site: FakeSite, look: Look) -> None:
    lines = "<ul class='news'><li><span class='newsDate'>2020-10-1{0}</span><a href='/shownews.asp?newsid={0}'>通知{0}</a></li></ul>{1}"
    for n in (1, 2, 3):
        site.put(asp_page(n), "<div id='zoom'>正文</div>")
    site.put("/list.asp", lines.format(3, "<a class='np' href='list.asp?p=2'>&gt;</a>"))
    site.put("/list.asp?p=2", lines.format(2, "<a class='np' href='http://other.example.com/list.asp?p=3'>&gt;</a>"))
    assert [entry.title for entry in look(options={"next": "a.np"}).entries] == ["通知3", "通知2"]
    assert [entry.title for entry in look().entries] == ["通知3"]


def test_what_has_no_day_anywhere_is_listed_for_a_clerk(site: FakeSite, look: Look) -> None:
    site.put(asp_page(30738), "<div id='zoom'>正文</div>")
    (entry,) = look(options={"date": ".nothing"}).entries
    assert (entry.published_on, entry.approved_on) == (None, None)
    assert [str(problem) for problem in entry.problems] == [
        f"{site.root}{asp_page(30738)}“批准日期”列：列表和文章中都找不到发布日期。请网站管理员在文章中写明发布日期并与列表一致，改好后自动再次读取"
    ]


def test_a_page_where_the_text_is_not_found_is_left_for_later(site: FakeSite, look: Look) -> None:
    found = look(options={"body": "#content"})
    assert (found.health, found.entries) == (Health.PARTIAL, ())
    assert "认不出正文" in found.note


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"item": None}, "缺少 item（列表中的一行）。请写它的 CSS 选择器"),
        ({"body": ""}, "缺少 body（文章的正文）"),
        ({"date": None, "article_date": None}, "的 date（一行中的日期）和 article_date（文章中的发布日期）至少写一个"),
        ({"item": "ul.news li["}, "的 item 写的“ul.news li[”不是 CSS 选择器（列表中的一行）。请核对括号、引号和点号"),
        ({"next": 3}, "的 next 应是一个加引号的 CSS 选择器"),
        ({"title": ""}, "的 title 应是一个加引号的 CSS 选择器，如 \"ul.news li\"；不用的请删去这一行"),
        ({"id_param": 3}, "的 id_param 应是网址中编号的名称"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_key_and_the_fix(site: FakeSite, clock: Clock, change: dict[str, Any], told: str) -> None:
    options = {key: value for key, value in {**SELECTORS, **change}.items() if value is not None}
    column = Column(name="公开栏", kind="html_list", place=site.root, options=options)
    with pytest.raises(ValueError, match=re.escape(f"监看“公开栏”{told}")):
        make(column, clock, {})


def test_selectors_are_tried_on_nothing_but_the_named_host(site: FakeSite, look: Look) -> None:
    site.put("/list.asp", "<ul class='news'><li><a href='http://10.0.0.1/shownews.asp?newsid=1'>内网</a></li>"
        "<li><a href='/shownews.asp?newsid=30738'>通知</a><b class='newsDate'>2020-10-19</b></li></ul>")  # fmt: skip
    found = look()
    assert (len(found.entries), found.note) == (1, "列表中有1条指向其他网站或不是文章，未读取")
