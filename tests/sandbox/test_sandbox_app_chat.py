"""Group chats that an app makes, and who may do what in them."""

from __future__ import annotations

import pytest


def make(company, **more):
    body = {"name": "软件教研室", "owner": "boss", "userlist": ["boss", "LISI", "wangwu"], "chatid": "c1"}
    return company.work("appchat/create", body | more)


def say(company, text="通知", **more):
    body = {"chatid": "c1", "msgtype": "text", "text": {"content": text}, "safe": 0}
    return company.work("appchat/send", body | more)


def test_a_chat_is_made_written_into_and_shown(company):
    assert make(company)["chatid"] == "c1"
    assert say(company, "周三教研活动") == {"errcode": 0, "errmsg": "ok"}
    (chat,) = company.people("wecom_chats")
    assert (chat["name"], chat["owner"], chat["users"]) == ("软件教研室", "boss", ["boss", "lisi", "wangwu"])
    assert [message["text"] for message in chat["messages"]] == ["周三教研活动"]
    assert [line["userid"] for line in company.people()] == ["boss", "lisi", "wangwu"]
    page = company.http.get(company.base, params={"chat": "wecom_chat-ww1:c1"}, timeout=5).text
    assert "周三教研活动" in page
    assert "3 人" in page


def test_a_chat_can_be_looked_up_and_changed(company):
    make(company)
    changes = {"chatid": "c1", "name": "改名", "add_user_list": ["ZhangSan"], "del_user_list": ["boss"]}
    assert company.work("appchat/update", changes)["errcode"] == 86207
    assert company.work("appchat/update", changes | {"owner": "zhangsan"})["errcode"] == 0
    info = company.work("appchat/get", chatid="c1")["chat_info"]
    assert (info["name"], info["owner"], info["userlist"]) == ("改名", "ZhangSan", ["lisi", "wangwu", "ZhangSan"])


def test_without_an_id_and_an_owner_the_vendor_thinks_them_up(company):
    answer = make(company, chatid=None, owner=None)
    assert len(answer["chatid"]) == 32
    assert company.work("appchat/get", chatid=answer["chatid"])["chat_info"]["owner"] == "boss"


def test_a_long_name_is_cut_in_silence(company):
    make(company, name="字" * 60)
    assert company.work("appchat/get", chatid="c1")["chat_info"]["name"] == "字" * 50


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"chatid": "有汉字"}, 86001),
        ({"chatid": "a" * 33}, 86001),
        ({"userlist": ["boss"]}, 86006),
        ({"userlist": [f"u{n}" for n in range(2001)]}, 86006),
        ({"userlist": ["boss", "nobody"]}, 86216),
        ({"userlist": "boss|lisi"}, 40058),
        ({"owner": "ZhangSan"}, 86207),
    ],
)
def test_a_bad_chat_is_refused_with_its_own_code(company, more, errcode):
    assert make(company, **more)["errcode"] == errcode
    assert company.people("wecom_chats") == []


def test_an_id_is_taken_once(company):
    assert make(company)["errcode"] == 0
    assert make(company)["errcode"] == 86215


def test_an_app_that_does_not_see_the_whole_company_has_no_chats(company):
    make(company)
    company.app(scope={"departments": [3], "users": ["boss"]})
    assert make(company, chatid="c2")["errcode"] == 48002
    assert say(company)["errcode"] == 48002


def test_a_chat_belongs_to_the_app_that_made_it(company):
    make(company)
    company.app(agentid=1000003, secret="s2")
    body = {"chatid": "c1", "msgtype": "text", "text": {"content": "别的应用"}}
    assert company.work("appchat/send", body, secret="s2")["errcode"] == 86008
    assert company.work("appchat/get", secret="s2", chatid="c1")["errcode"] == 86008


def test_wrong_ids_and_messages_are_refused(company):
    make(company)
    assert say(company, chatid="")["errcode"] == 86001
    assert say(company, chatid="c2")["errcode"] == 86003
    assert company.work("appchat/get", chatid="c2")["errcode"] == 86003
    assert say(company, msgtype="template_card", template_card={"card_type": "text_notice"})["errcode"] == 40008
    assert say(company, msgtype="markdown", markdown={"content": "字" * 683})["errcode"] == 45002
    changes = {"chatid": "c1", "del_user_list": ["ZhangSan"]}
    assert company.work("appchat/update", changes)["errcode"] == 86216
    assert company.work("appchat/update", {"chatid": "c1", "del_user_list": ["lisi", "wangwu"]})["errcode"] == 86006


def test_a_dissolved_chat_is_gone(company):
    make(company)
    company.admin("wecom_dissolve", corpid="ww1", chatid="c1")
    assert say(company)["errcode"] == 86003


def test_a_member_hears_no_more_than_200_a_minute_from_chats_and_nobody_is_told(company):
    make(company)
    assert {say(company, str(n))["errcode"] for n in range(201)} == {0}
    dropped = company.people("wecom_dropped")
    assert [(line["userid"], line["text"]) for line in dropped] == [
        ("boss", "200"),
        ("lisi", "200"),
        ("wangwu", "200"),
    ]


def test_chats_and_messages_to_persons_have_limits_of_their_own(company):
    make(company)
    for n in range(31):
        say(company, str(n))
    company.tell("给本人", touser="lisi")
    assert company.people("wecom_dropped") == []


def test_a_company_has_20000_person_times_a_minute(company, monkeypatch):
    monkeypatch.setattr("sandbox.wecom_chat.PERSONS_PER_MINUTE", 7)
    make(company)
    assert [say(company)["errcode"] for _ in range(3)] == [0, 0, 45009]
    company.admin("clock", advance=60)
    assert say(company)["errcode"] == 0


def test_a_thousand_chats_a_day_and_a_thousand_changes_an_hour_are_enough(company, monkeypatch):
    monkeypatch.setattr("sandbox.wecom_chat.CREATES_PER_DAY", 1)
    monkeypatch.setattr("sandbox.wecom_chat.UPDATES_PER_HOUR", 1)
    make(company)
    assert make(company, chatid="c2")["errcode"] == 45009
    assert [company.work("appchat/update", {"chatid": "c1", "name": n})["errcode"] for n in "甲乙"] == [0, 45009]
    company.admin("clock", now="2020-09-02T00:00:00+08:00")
    assert make(company, chatid="c2")["errcode"] == 0
    assert company.work("appchat/update", {"chatid": "c1", "name": "丙"})["errcode"] == 0


def test_who_has_left_the_company_hears_no_more_of_its_chats(company):
    make(company)
    company.admin("setup", corps=[{"corpid": "ww1", "members": [{"userid": "lisi", "gone": True}]}])
    say(company)
    assert [line["userid"] for line in company.people()] == ["boss", "wangwu"]
