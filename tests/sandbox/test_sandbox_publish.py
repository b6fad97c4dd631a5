"""Publishing, the office person beside the bot, and reading figures."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.fixture
def oa(box):
    box.account()
    return box


def submit(oa, media_id=None):
    return oa.oa("freepublish/submit", {"media_id": media_id or oa.draft()})


def test_publishing_ends_with_an_article_that_can_be_read(oa):
    job = submit(oa)
    assert job["errcode"] == 0
    status = oa.oa("freepublish/get", {"publish_id": job["publish_id"]})
    assert (status["publish_status"], status["fail_idx"]) == (1, [])
    oa.admin("clock", advance=60)
    status = oa.oa("freepublish/get", {"publish_id": job["publish_id"]})
    assert status["publish_status"] == 0
    assert "正文" in oa.http.get(status["article_detail"]["item"][0]["article_url"], timeout=5).text
    listed = oa.oa("freepublish/batchget", {"offset": 0, "count": 10, "no_content": 1})
    assert listed["item"][0]["article_id"] == status["article_id"]
    assert listed["item"][0]["content"]["news_item"][0]["title"] == "收费标准公示"
    assert "正文" in oa.oa("freepublish/getarticle", {"article_id": status["article_id"]})["news_item"][0]["content"]


def test_a_published_draft_cannot_be_published_twice(oa):
    media_id = oa.draft()
    assert submit(oa, media_id)["errcode"] == 0
    assert submit(oa, media_id)["errcode"] == 40007


def test_publishing_uses_no_mass_quota(oa):
    oa.account(kind="subscription")
    submit(oa)
    assert oa.sendall(text="甲")["errcode"] == 0


def test_a_planned_failure_names_the_articles_at_fault(oa):
    oa.admin("job", appid=oa.appid, next="publish", status=4, fail_idx=[1])
    job = submit(oa)
    oa.admin("clock", advance=60)
    status = oa.oa("freepublish/get", {"publish_id": job["publish_id"]})
    assert (status["publish_status"], status["fail_idx"]) == (4, [1])
    assert oa.oa("freepublish/batchget", {"offset": 0, "count": 10})["total_count"] == 0


def test_a_test_account_publishes_nothing(oa):
    oa.account(kind="test")
    job = submit(oa)
    oa.admin("clock", advance=60)
    assert oa.oa("freepublish/get", {"publish_id": job["publish_id"]})["publish_status"] == 3


def test_deleting_every_article_ends_in_status_5(oa):
    article = oa.article()
    job = submit(oa, oa.draft(article, article))
    oa.admin("clock", advance=60)
    article_id = oa.oa("freepublish/get", {"publish_id": job["publish_id"]})["article_id"]
    assert oa.oa("freepublish/delete", {"article_id": article_id, "index": 2})["errcode"] == 0
    items = oa.oa("freepublish/getarticle", {"article_id": article_id})["news_item"]
    assert [item["is_deleted"] for item in items] == [False, True]
    assert oa.oa("freepublish/delete", {"article_id": article_id})["errcode"] == 0
    assert oa.oa("freepublish/get", {"publish_id": job["publish_id"]})["publish_status"] == 5


def test_the_hundred_and_first_submit_of_a_day_is_refused(oa):
    codes = [oa.oa("freepublish/submit", {"media_id": "x"})["errcode"] for _ in range(101)]
    assert codes[-2:] == [40007, 45009]


def test_a_draft_sent_by_hand_leaves_the_box_uses_quota_and_is_listed(oa):
    oa.account(kind="subscription")
    media_id = oa.draft()
    oa.admin("person", appid=oa.appid, draft=media_id, do="mass")
    assert oa.oa("draft/get", {"media_id": media_id})["errcode"] == 40007
    assert oa.sendall(text="甲")["errcode"] == 45028
    assert oa.oa("freepublish/batchget", {"offset": 0, "count": 1})["total_count"] == 1
    send = oa.books()["wechat"][0]
    assert (send["how"], send["do"], send["status"], send["sent"]) == ("person", "mass", "SEND_SUCCESS", 1000)


def test_a_person_edits_deletes_and_publishes_drafts(oa):
    media_id = oa.draft()
    oa.admin("person", appid=oa.appid, draft=media_id, do="edit", fields={"title": "人工改过的标题"})
    assert oa.oa("draft/get", {"media_id": media_id})["news_item"][0]["title"] == "人工改过的标题"
    oa.admin("person", appid=oa.appid, draft=media_id, do="publish")
    assert oa.books()["wechat"][0]["articles"][0]["title"] == "人工改过的标题"
    other = oa.draft()
    oa.admin("person", appid=oa.appid, draft=other, do="delete")
    assert oa.oa("draft/count") == {"total_count": 0}
    again = oa.http.post(
        f"{oa.base}/__sandbox__/person", json={"appid": oa.appid, "draft": other, "do": "delete"}, timeout=5
    )
    assert (again.status_code, again.json()["error"]) == (400, "草稿箱里没有这篇草稿")


def test_an_api_send_is_not_listed_among_the_published_unless_asked(oa):
    oa.sendall(oa.draft())
    oa.admin("clock", advance=60)
    assert oa.oa("freepublish/batchget", {"offset": 0, "count": 1})["total_count"] == 0
    oa.account(mass_in_batchget=True)
    oa.sendall(oa.draft())
    oa.admin("clock", advance=60)
    assert oa.oa("freepublish/batchget", {"offset": 0, "count": 1})["total_count"] == 1


def total(oa, day):
    return oa.oa("datacube/getarticletotaldetail", {"begin_date": day, "end_date": day})


def test_figures_come_the_next_day_after_eight(oa):
    job = oa.sendall(oa.draft())
    oa.admin("clock", advance=60)
    assert total(oa, "2020-09-01")["errcode"] == 61501
    oa.admin("clock", now="2020-09-02T07:59:59+08:00")
    assert total(oa, "2020-09-01") == {"list": [], "is_delay": True}
    oa.admin("clock", now="2020-09-02T08:00:00+08:00")
    row = total(oa, "2020-09-01")["list"][0]
    assert (row["msgid"], row["publish_type"]) == (f"{job['msg_data_id']}_1", 0)
    assert [line["stat_date"] for line in row["detail_list"]] == ["2020-09-01"]


def test_figures_grow_for_thirty_days_and_are_the_same_each_time(oa):
    oa.sendall(oa.draft())
    oa.admin("clock", now="2020-11-01T09:00:00+08:00")
    lines = total(oa, "2020-09-01")["list"][0]["detail_list"]
    reads = [line["read_user"] for line in lines]
    assert len(lines) == 30
    assert 0 < reads[0] <= reads[-1] < 1000
    assert reads == sorted(reads)
    assert total(oa, "2020-09-01")["list"][0]["detail_list"] == lines


def test_figures_may_be_late_and_old_calls_may_be_stopped(oa):
    oa.sendall(oa.draft())
    oa.admin("clock", now="2020-09-03T09:00:00+08:00")
    day = {"begin_date": "2020-09-01", "end_date": "2020-09-01"}
    details = oa.oa("datacube/getarticletotal", day)["list"][0]["details"]
    assert [line["target_user"] for line in details] == [1000, 1000]
    oa.account(stats_delay=True, old_stats="empty")
    assert total(oa, "2020-09-01")["is_delay"] is True
    assert oa.oa("datacube/getarticletotal", day) == {"list": []}
    oa.account(old_stats="error")
    assert oa.oa("datacube/getarticlesummary", day)["errcode"] == 47009


@pytest.mark.parametrize(
    ("begin", "end", "errcode"),
    [("2020-08-31", "2020-09-01", 61501), ("2020-08-31", "2020-08-30", 61501), ("31.8.2020", "2020-08-31", 61500)],
)
def test_impossible_days_are_refused(oa, begin, end, errcode):
    assert oa.oa("datacube/getarticletotaldetail", {"begin_date": begin, "end_date": end})["errcode"] == errcode


def test_a_person_writes_in_the_console_and_publishes_or_sends(oa):
    oa.account(kind="subscription")
    oa.admin("person", appid=oa.appid, do="publish", articles=[{"title": "甲"}, {"title": "乙"}])
    oa.admin(
        "person", appid=oa.appid, do="mass", articles=[{"title": "丙", "content_source_url": "https://x.example/1"}]
    )
    items = oa.oa("freepublish/batchget", {"offset": 0, "count": 20})["item"]
    titles = [[news["title"] for news in item["content"]["news_item"]] for item in items]
    assert titles == [["丙"], ["甲", "乙"]] and oa.sendall(text="甲")["errcode"] == 45028
    oa.admin("clock", now="2020-09-02T08:00:00+08:00")
    rows = total(oa, "2020-09-01")["list"]
    assert [row["publish_type"] for row in rows] == [1, 1, 0]
    assert len({row["msgid"].split("_")[0] for row in rows[:2]}) == 1


def test_the_figures_name_an_article_by_the_number_in_its_full_address_and_by_no_title(oa):
    oa.admin("person", appid=oa.appid, do="publish", articles=[{"title": "甲"}, {"title": "乙"}])
    [item] = oa.oa("freepublish/batchget", {"offset": 0, "count": 20})["item"]
    urls = [news["url"] for news in item["content"]["news_item"]]
    asked = [parse_qs(urlsplit(url).query) for url in urls]
    oa.admin("clock", now="2020-09-02T08:00:00+08:00")
    rows = total(oa, "2020-09-01")["list"]
    assert [row["msgid"] for row in rows] == [f"{each['mid'][0]}_{each['idx'][0]}" for each in asked]
    assert [sorted(row) for row in rows] == [["detail_list", "msgid", "publish_type", "ref_date"]] * 2
    oa.account(stats_named=True)
    named = total(oa, "2020-09-01")["list"]
    assert [row["title"] for row in named] == ["甲", "乙"]
    assert (
        named[0]["content_url"] != urls[0] and named[0]["content_url"].split("&chksm")[0] == urls[0].split("&chksm")[0]
    )
    assert "甲" in oa.http.get(urls[0], timeout=5).text


def test_an_article_without_a_title_is_not_written(oa):
    answer = oa.http.post(
        f"{oa.base}/__sandbox__/person",
        json={"appid": oa.appid, "do": "publish", "articles": [{"content": "甲"}]},
        timeout=5,
    )
    assert answer.status_code == 400 and oa.oa("freepublish/batchget", {"offset": 0, "count": 1})["total_count"] == 0


def test_followers_of_yesterday_are_known_from_eight_on(oa):
    days = {"begin_date": "2020-08-31", "end_date": "2020-09-01"}
    oa.admin("clock", now="2020-09-02T07:59:59+08:00")
    assert [row["ref_date"] for row in oa.oa("datacube/getusercumulate", days)["list"]] == ["2020-08-31"]
    oa.admin("clock", now="2020-09-02T08:00:00+08:00")
    assert [row["cumulate_user"] for row in oa.oa("datacube/getusercumulate", days)["list"]] == [1000, 1000]
