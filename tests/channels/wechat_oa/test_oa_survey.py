"""What the account holds, as the platform tells it: its list, its statistics, and what it does not tell."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.base import Survey
from channels.wechat_oa.articles import marked, unmarked
from tests.channels.wechat_oa.oa_support import KEY, NOW, Time, Vendor, account, listed

GOLDEN = Path(__file__).parent / "golden"
LIST, FIGURES = "freepublish/batchget", "/datacube/getarticletotaldetail"
DAY = date(2020, 9, 6)
LINE = {"stat_date": "2020-09-06", "read_user": 130, "share_user": 3}
ROW = {"ref_date": "2020-09-06", "msgid": "206227730_2", "title": "甲", "publish_type": 0, "detail_list": [LINE]}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def surveyed(vendor: Vendor, clock: Time, since: date = DAY, **options: Any) -> Survey:
    return account(vendor.base, clock, **options).survey(since, [DAY])


def page(moment: datetime, many: int = 1, **news: Any) -> dict[str, Any]:
    item = {"article_id": "ART", "update_time": int(moment.timestamp())}
    item["content"] = {
        "news_item": [{"title": "甲", "url": "http://mp.weixin.qq.com/s/a", "is_deleted": False, **news}]
    }
    return {"total_count": many, "item_count": many, "item": [item] * many}


def test_list_and_figures_are_asked_for_as_the_golden_files_say(vendor: Vendor, clock: Time) -> None:
    vendor.answers[FIGURES] = {"list": [], "is_delay": False}
    surveyed(vendor, clock)
    assert vendor.bodies(LIST) == [golden("survey_list")] and vendor.bodies(FIGURES) == [golden("survey_figures")]


def test_an_article_of_ours_is_known_by_our_mark_and_its_source_is_told_without_it(vendor: Vendor, clock: Time) -> None:
    vendor.answers[LIST] = listed(article_id="ART")
    vendor.answers[LIST]["item"][0]["update_time"] = int(NOW.timestamp())
    [found] = surveyed(vendor, clock).articles
    assert (found.article_id, found.position, found.push_key) == ("ART", 1, KEY)
    assert found.source == "https://xxgk.example.edu.cn/info/1001/2002.htm" and found.published_at == NOW


def test_the_schools_own_front_page_is_no_items_address(vendor: Vendor, clock: Time) -> None:
    vendor.answers[LIST] = page(NOW, content_source_url="https://xxgk.example.edu.cn/")
    assert surveyed(vendor, clock).articles[0].source == ""


def test_the_list_is_read_page_after_page_until_it_is_older_than_asked_for(vendor: Vendor, clock: Time) -> None:
    vendor.answers[LIST] = [page(NOW, 20), page(NOW, 20), page(datetime(2020, 9, 5, tzinfo=NOW.tzinfo), 20)]
    found = surveyed(vendor, clock)
    assert [body["offset"] for body in vendor.bodies(LIST)] == [0, 20, 40] and found.listed


def test_of_a_list_too_long_the_newest_400_are_read_and_that_is_said(vendor: Vendor, clock: Time) -> None:
    vendor.answers[LIST] = page(NOW, 20)
    found = surveyed(vendor, clock)
    assert len(vendor.bodies(LIST)) == 20 and found.listed and "只读了最近 400 次发表" in found.note


def test_the_figures_name_the_article_by_its_number_and_place(vendor: Vendor, clock: Time) -> None:
    vendor.answers[FIGURES] = {"list": [ROW], "is_delay": False}
    found = surveyed(vendor, clock)
    [counted] = found.articles
    assert (counted.article_id, counted.position, counted.url) == ("206227730", 2, "")
    [sample] = counted.samples
    assert (sample.metric, sample.value, sample.basis) == ("阅读", 130, "平台统计")
    assert sample.true_at == datetime(2020, 9, 6, 23, 59, 59, tzinfo=NOW.tzinfo) and found.told == {DAY: {DAY}}


def test_list_and_figures_name_an_article_alike_where_its_address_tells(vendor: Vendor, clock: Time) -> None:
    full = "http://mp.weixin.qq.com/s?__biz=B&mid=206227730&idx=2&sn=x"
    vendor.answers[LIST] = page(NOW, url=f"{full}&chksm=aaa#rd")
    vendor.answers[FIGURES] = {"list": [{name: value for name, value in ROW.items() if name != "title"}]}
    shown, counted = surveyed(vendor, clock).articles
    assert (shown.article_id, shown.position) == (counted.article_id, counted.position) == ("206227730", 2)
    assert shown.url == full and (counted.url, counted.title) == ("", "")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"list": [ROW], "is_delay": True}, ""),
        ({"errcode": 48001, "errmsg": "api unauthorized rid: x"}, "账号没有这项接口权限（48001）"),
        ({"errcode": 61503, "errmsg": "data not ready"}, "统计数据尚未就绪（61503）"),
        ({"list": [{**ROW, "detail_list": [{"stat_date": "昨天"}]}]}, "平台答复缺少应有的内容"),
        ({"list": "维护中"}, "平台答复缺少应有的内容"),
        ((502, b"<html>bad gateway</html>"), "读不到文章统计"),
    ],
)
def test_what_is_not_told_is_unknown_and_never_zero(vendor: Vendor, clock: Time, answer: Any, said: str) -> None:
    vendor.answers[FIGURES] = answer
    found = surveyed(vendor, clock)
    assert found.told == {} and found.articles == () and said in found.note and bool(found.note) is bool(said)


def test_an_article_without_a_figure_has_none(vendor: Vendor, clock: Time) -> None:
    line = {"stat_date": "2020-09-06"}
    vendor.answers[FIGURES] = {"list": [{**ROW, "detail_list": [line]}]}
    assert surveyed(vendor, clock).articles[0].samples == ()


def test_a_day_on_which_nothing_was_published_is_told_all_the_same(vendor: Vendor, clock: Time) -> None:
    vendor.answers[FIGURES] = {"list": [], "is_delay": False}
    assert surveyed(vendor, clock).told == {DAY: {DAY}}


def test_an_account_that_may_not_read_its_list_still_has_figures(vendor: Vendor, clock: Time) -> None:
    vendor.answers |= {LIST: {"errcode": 48001, "errmsg": "api unauthorized"}, FIGURES: {"list": [ROW]}}
    found = surveyed(vendor, clock)
    assert len(found.articles) == 1 and not found.listed and "48001" in found.note


@pytest.mark.parametrize(
    "url", ["https://a.example/b", "https://a.example/b?c=1", "https://a.example/b#c", "https://a.example/b?c=1#d"]
)
def test_our_mark_is_taken_off_as_it_was_put_on(url: str) -> None:
    assert unmarked(marked(url, KEY)) == (url, KEY) and unmarked(url) == (url, "")
