"""Mass sends: quotas, the client's id, two stages, and what is left of the draft."""

from __future__ import annotations

import pytest


@pytest.fixture
def oa(box):
    box.account()
    return box


def test_a_mass_send_is_accepted_then_sending_then_sent(oa):
    media_id = oa.draft()
    answer = oa.sendall(media_id)
    assert answer["errcode"] == 0
    assert isinstance(answer["msg_id"], int)
    assert isinstance(answer["msg_data_id"], int)
    assert oa.oa("message/mass/get", {"msg_id": answer["msg_id"]})["msg_status"] == "SENDING"
    oa.admin("clock", advance=59)
    assert oa.oa("message/mass/get", {"msg_id": answer["msg_id"]})["msg_status"] == "SENDING"
    oa.admin("clock", advance=1)
    assert oa.oa("message/mass/get", {"msg_id": answer["msg_id"]})["msg_status"] == "SEND_SUCCESS"
    assert oa.oa("message/mass/get", {"msg_id": 1})["errcode"] == 40059


def test_a_sent_draft_has_left_the_box(oa):
    media_id = oa.draft()
    oa.sendall(media_id, clientmsgid="first")
    assert oa.oa("draft/get", {"media_id": media_id})["errcode"] == 40007
    assert oa.sendall(media_id, clientmsgid="second")["errcode"] == 40007
    assert oa.books()["drafts"] == []


def test_a_draft_stays_when_its_send_is_refused(oa):
    oa.account(kind="subscription")
    oa.sendall(text="占掉今天的次数")
    media_id = oa.draft()
    assert oa.sendall(media_id)["errcode"] == 45028
    assert "news_item" in oa.oa("draft/get", {"media_id": media_id})


def test_a_subscription_account_sends_once_a_shanghai_day(oa):
    oa.account(kind="subscription")
    assert oa.sendall(text="一")["errcode"] == 0
    assert oa.sendall(text="二")["errcode"] == 45028
    oa.admin("clock", now="2020-09-01T23:59:59+08:00")
    assert oa.sendall(text="二")["errcode"] == 45028
    oa.admin("clock", now="2020-09-02T00:00:00+08:00")
    assert oa.sendall(text="二")["errcode"] == 0


def test_a_service_account_sends_to_all_four_times_a_month(oa):
    assert [oa.sendall(text=str(n))["errcode"] for n in range(5)] == [0, 0, 0, 0, 45028]
    oa.admin("clock", now="2020-09-30T23:59:59+08:00")
    assert oa.sendall(text="5")["errcode"] == 45028
    oa.admin("clock", now="2020-10-01T00:00:00+08:00")
    assert oa.sendall(text="5")["errcode"] == 0


def test_a_fan_gets_no_fifth_message_in_a_month(oa):
    oa.account(tags=[{"id": 100, "name": "教职工", "fans": 30}])
    for n in range(4):
        assert (
            oa.oa(
                "message/mass/sendall",
                {"filter": {"is_to_all": False, "tag_id": 100}, "msgtype": "text", "text": {"content": str(n)}},
            )["errcode"]
            == 0
        )
    oa.sendall(text="全体")
    oa.oa("message/mass/sendall", {"filter": {"tag_id": 100}, "msgtype": "text", "text": {"content": "第六条"}})
    oa.admin("clock", advance=60)
    sends = oa.books()["wechat"]
    assert [send["sent"] for send in sends] == [30, 30, 30, 30, 970, 0]
    assert [send["total"] for send in sends] == [30, 30, 30, 30, 1000, 30]


def test_clientmsgid_is_refused_over_32_bytes_at_once_and_answered_with_the_job_later(oa):
    assert oa.sendall(text="甲", clientmsgid="x" * 33)["errcode"] == 45067
    first = oa.sendall(text="甲", clientmsgid="x" * 32)
    assert first["errcode"] == 0
    oa.admin("clock", advance=59)
    assert oa.sendall(text="甲", clientmsgid="x" * 32)["errcode"] == 45066
    oa.admin("clock", advance=1)
    again = oa.sendall(text="甲", clientmsgid="x" * 32)
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert "msg_data_id" not in again
    assert oa.sendall(text="甲", clientmsgid="x" * 32)["errcode"] == 45066


def test_clientmsgid_is_answered_before_the_quota_and_the_draft_are_looked_at(oa):
    oa.account(kind="subscription")
    media_id = oa.draft()
    first = oa.sendall(media_id, clientmsgid="once")
    oa.admin("clock", advance=90)
    again = oa.sendall(media_id, clientmsgid="once")
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])


def test_clientmsgid_is_free_again_after_24_hours(oa):
    oa.sendall(text="甲", clientmsgid="a")
    oa.admin("clock", advance=86_401)
    assert oa.sendall(text="甲", clientmsgid="a")["errcode"] == 0


def test_a_refused_send_does_not_reserve_its_clientmsgid(oa):
    assert oa.sendall("nonsense", clientmsgid="a")["errcode"] == 40007
    assert oa.sendall(oa.draft(), clientmsgid="a")["errcode"] == 0


def test_equal_sends_without_an_id_collide(oa):
    oa.sendall(text="同一句话")
    oa.admin("clock", advance=120)
    assert oa.sendall(text="同一句话")["errcode"] == 45065
    assert oa.sendall(text="另一句话")["errcode"] == 0


@pytest.mark.parametrize(
    ("chosen", "errcode"),
    [
        ({"is_to_all": False}, 40152),
        ({"is_to_all": False, "tag_id": 999}, 40152),
        ({"is_to_all": False, "group_id": 2}, 40152),
        ({"is_to_all": True, "tag_id": 2}, 40035),
        ({"is_to_all": True, "tag_id": None}, 0),
        ({"is_to_all": False, "tag_id": 2}, 0),
    ],
)
def test_the_filter_names_exactly_one_audience(oa, chosen, errcode):
    body = {"filter": chosen, "msgtype": "text", "text": {"content": "甲"}}
    assert oa.oa("message/mass/sendall", body)["errcode"] == errcode


def test_sixty_sends_a_minute_and_a_hundred_a_day(oa):
    bad = {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": "x"}}
    assert {oa.oa("message/mass/sendall", bad)["errcode"] for _ in range(60)} == {40007}
    assert oa.oa("message/mass/sendall", bad)["errcode"] == 45011
    oa.admin("clock", advance=61)
    assert [oa.oa("message/mass/sendall", bad)["errcode"] for _ in range(41)][-2:] == [40007, 45009]
    oa.admin("clock", advance=86_400)
    assert oa.sendall(text="拒绝不耗次数")["errcode"] == 0


def test_named_followers_need_at_least_two_and_exist(oa):
    ids = oa.oa("user/get")["data"]["openid"]
    send = {"msgtype": "text", "text": {"content": "甲"}}
    assert oa.oa("message/mass/send", {"touser": ids[:1], **send})["errcode"] == 40130
    assert oa.oa("message/mass/send", {"touser": ["x", "y"], **send})["errcode"] == 40003
    assert oa.oa("message/mass/send", {"touser": ids[:7], **send})["errcode"] == 0
    oa.admin("clock", advance=60)
    assert oa.books()["wechat"][0]["sent"] == 7


def test_a_planned_verdict_ends_the_job_and_its_articles_never_show(oa):
    oa.admin("job", appid=oa.appid, next="mass", status="err(20431)")
    sent = oa.sendall(oa.draft())
    oa.admin("clock", advance=60)
    assert oa.oa("message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "SEND_FAIL"
    send = oa.books()["wechat"][0]
    assert (send["verdict"], send["sent"]) == ("err(20431)", 0)
    assert "尚未发布" in oa.http.get(send["articles"][0]["url"], timeout=5).text


@pytest.mark.parametrize(("answer", "verdict"), [(True, "send success"), (False, "err(40001)"), (None, "err(40002)")])
def test_a_protected_account_waits_for_its_administrator(oa, answer, verdict):
    oa.account(protect=True)
    sent = oa.sendall(text="甲")
    oa.admin("clock", advance=600)
    assert oa.oa("message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "SENDING"
    if answer is not None:
        oa.admin("job", appid=oa.appid, msg_id=sent["msg_id"], confirm=answer)
    oa.admin("clock", advance=1200)
    assert oa.books()["wechat"][0]["verdict"] == verdict


def test_deleting_a_send_kills_its_page(oa):
    sent = oa.sendall(oa.draft())
    assert oa.oa("message/mass/delete", {"msg_id": sent["msg_id"]})["errcode"] == 40059
    oa.admin("clock", advance=60)
    url = oa.books()["wechat"][0]["articles"][0]["url"]
    assert "正文" in oa.http.get(url, timeout=5).text
    assert oa.oa("message/mass/delete", {"msg_id": sent["msg_id"]})["errcode"] == 0
    assert "已被发布者删除" in oa.http.get(url, timeout=5).text
    assert oa.oa("message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "DELETE"


def test_a_preview_keeps_the_draft_and_the_quota(oa):
    oa.account(kind="subscription")
    media_id, fan = oa.draft(), oa.oa("user/get")["data"]["openid"][0]
    body = {"touser": fan, "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    assert oa.oa("message/mass/preview", body)["errcode"] == 0
    assert oa.oa("message/mass/preview", body | {"touser": "nobody"})["errcode"] == 40003
    assert oa.sendall(media_id)["errcode"] == 0


def test_a_test_account_may_not_send_articles(oa):
    oa.account(kind="test")
    assert oa.sendall(oa.draft())["errcode"] == 48008


def test_speed_is_read_and_set_within_its_range(oa):
    assert oa.oa("message/mass/speed/get", {})["realspeed"] == 80
    assert oa.oa("message/mass/speed/set", {})["errcode"] == 45084
    assert oa.oa("message/mass/speed/set", {"speed": 5})["errcode"] == 45083
    assert oa.oa("message/mass/speed/set", {"speed": 4})["errcode"] == 0
    assert oa.oa("message/mass/speed/get", {}) == {"speed": 4, "realspeed": 10}


def test_spend_uses_up_the_mass_quota_from_outside(oa):
    oa.account(kind="subscription")
    oa.admin("spend", account=oa.appid, mass=1)
    assert oa.sendall(text="甲")["errcode"] == 45028


def test_a_tagged_follower_counts_in_the_tag(oa):
    ids = oa.oa("user/get")["data"]["openid"]
    tag = oa.oa("tags/create", {"tag": {"name": "家长"}})["tag"]["id"]
    assert oa.oa("tags/create", {"tag": {"name": "家长"}})["errcode"] == 45157
    assert oa.oa("tags/create", {"tag": {"name": "家" * 11}})["errcode"] == 45158
    assert oa.oa("tags/members/batchtagging", {"openid_list": ids[:50], "tagid": tag})["errcode"] == 0
    assert oa.oa("tags/members/batchtagging", {"openid_list": ids[:51], "tagid": tag})["errcode"] == 40032
    counts = {row["id"]: row["count"] for row in oa.oa("tags/get")["tags"]}
    assert counts == {2: 0, tag: 50}
    assert oa.oa("user/tag/get", {"tagid": tag})["data"]["openid"] == ids[:50]


def test_followers_come_in_pages_of_ten_thousand(oa):
    oa.account(fans=25_000)
    first = oa.oa("user/get")
    second = oa.oa("user/get", next_openid=first["next_openid"])
    third = oa.oa("user/get", next_openid=second["next_openid"])
    last = oa.oa("user/get", next_openid=third["next_openid"])
    assert [page["count"] for page in (first, second, third, last)] == [10_000, 10_000, 5_000, 0]
    assert "data" not in last
