"""OneBot 11: the door, messages in both forms, group states, history, events."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.onebot_text import parse_cq, read_message, to_cq


def status(box, path="send_group_msg", **how):
    return box.http.post(f"{box.base}/onebot/{path}", timeout=5, **how).status_code


def test_the_door_answers_as_the_specification_says(groups):
    good = {"Authorization": "Bearer tok"}
    assert status(groups, json={}) == 401
    assert status(groups, json={}, headers={"Authorization": "Bearer wrong"}) == 403
    assert status(groups, path="send_group_msg?access_token=wrong", json={}) == 403
    assert status(groups, data=b"x", headers=good | {"Content-Type": "text/plain"}) == 406
    assert status(groups, data=b"{x", headers=good | {"Content-Type": "application/json"}) == 400
    assert status(groups, path="no_such_action", json={}, headers=good) == 404
    assert status(groups, path="get_status?access_token=tok") == 200
    assert status(groups, path="get_status/?access_token=tok") == 200


def test_napcat_differs_at_the_door(groups):
    groups.admin("setup", bots=[{"self_id": 10001, "dialect": "napcat"}])
    good = {"Authorization": "Bearer tok"}
    assert status(groups, json={}) == 403
    assert status(groups, data=b'{"group_id":555}', headers=good | {"Content-Type": "text/plain"}) == 200
    assert groups.qq("no_such_action")["retcode"] == 200
    assert groups.qq("send_group_msg")["retcode"] == 400
    assert groups.qq("get_status")["message"] == ""


def test_parameters_may_be_text_or_numbers_and_come_by_query_form_or_json(groups):
    url = f"{groups.base}/onebot/send_group_msg"
    good = {"Authorization": "Bearer tok"}
    by_query = groups.http.get(url, params={"group_id": "555", "message": "甲"}, headers=good, timeout=5).json()
    by_form = groups.http.post(url, data={"group_id": "555", "message": "乙"}, headers=good, timeout=5).json()
    by_json = groups.http.post(url, json={"group_id": "555", "message": "丙"}, headers=good, timeout=5).json()
    assert {answer["status"] for answer in (by_query, by_form, by_json)} == {"ok"}
    assert [post["text"] for post in groups.books()["qq"]] == ["甲", "乙", "丙"]


def test_a_bot_can_be_named_in_the_path(groups):
    groups.admin("setup", bots=[{"self_id": 10002, "token": "tok2", "nickname": "第二个"}])
    assert groups.qq("10002/get_login_info", _token="tok2")["data"] == {"user_id": 10002, "nickname": "第二个"}
    assert groups.qq("get_login_info")["data"]["user_id"] == 10001


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"group_id": 555},
        {"group_id": 555, "message": ""},
        {"group_id": "x", "message": "甲"},
        {"group_id": 555, "message": [{"type": "hologram", "data": {}}]},
    ],
)
def test_bad_parameters_fail_with_http_200(groups, params):
    answer = groups.qq("send_group_msg", **params)
    assert (answer["status"], answer["retcode"], answer["data"]) == ("failed", 100, None)


def test_async_calls_promise_nothing(groups):
    answer = groups.qq("send_group_msg_async", group_id=555, message="甲")
    assert answer == {"status": "async", "retcode": 1, "data": None}
    assert len(groups.books()["qq"]) == 1


def test_cq_codes_are_read_from_strings_and_left_alone_when_asked(groups):
    text = "公示[CQ:at,qq=123]&#91;重要&#93;&amp;amp;"
    groups.qq("send_group_msg", group_id=555, message=text)
    groups.qq("send_group_msg", group_id=555, message=text, auto_escape=True)
    assert [post["text"] for post in groups.books()["qq"]] == ["公示@123 [重要]&amp;", text]


@given(st.text(min_size=1))
def test_text_survives_the_way_into_a_cq_string_and_back(text):
    segments = [{"type": "text", "data": {"text": text}}]
    assert read_message(to_cq(segments), auto_escape=False) == segments


@given(st.text())
def test_a_value_inside_a_cq_code_survives_too(value):
    segments = [{"type": "share", "data": {"title": value}}]
    assert parse_cq(to_cq(segments)) == segments


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"joined": False}, 110, "发送失败，你已被移出该群，请重新加群。"),
        ({"muted": True}, 120, "禁言"),
        ({"all_muted": True}, 120, "全员禁言"),
    ],
)
def test_a_group_that_cannot_be_written_to_says_so_definitely(groups, change, code, words):
    groups.admin("group", group_id=555, **change)
    answer = groups.post("甲")
    assert (answer["status"], answer["retcode"]) == ("failed", 200)
    assert answer["message"].startswith("EventChecker Failed: ")
    assert f'"result":{code}' in answer["message"]
    assert words in answer["message"]
    assert groups.books()["qq"] == []


def test_an_administrator_writes_into_a_muted_group(groups):
    groups.admin("group", group_id=555, all_muted=True, role="admin")
    assert groups.post("甲")["status"] == "ok"


def test_calling_everybody_needs_a_role_and_a_rest_of_the_days_quota(groups):
    call = [{"type": "at", "data": {"qq": "all"}}, {"type": "text", "data": {"text": "甲"}}]
    assert '"result":121' in groups.qq("send_group_msg", group_id=555, message=call)["message"]
    groups.admin("setup", groups=[{"group_id": 556, "at_all_left": 1}])
    assert groups.qq("get_group_at_all_remain", group_id=556)["data"]["can_at_all"] is True
    assert groups.qq("send_group_msg", group_id=556, message=call)["status"] == "ok"
    assert '"result":122' in groups.qq("send_group_msg", group_id=556, message=call)["message"]
    assert groups.qq("get_group_at_all_remain", group_id=556)["data"]["remain_at_all_count_for_group"] == 0
    groups.admin("clock", advance=86_400)
    assert groups.qq("send_group_msg", group_id=556, message=call)["status"] == "ok"


@pytest.mark.parametrize("delivered", [True, False])
def test_an_ambiguous_timeout_leaves_the_truth_to_the_history(groups, delivered):
    groups.post("早先的一条")
    groups.admin(
        "faults", call="onebot.send_group_msg", kind="onebot_timeout", delivered=delivered, match={"group_id": 555}
    )
    assert groups.post("别的群", group_id=556)["status"] == "ok"
    answer = groups.post("收费公示【通知#A1B2】")
    assert (answer["status"], answer["retcode"], answer["data"]) == ("failed", 200, None)
    assert answer["message"].startswith("Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg")
    assert '"result":0' in answer["message"]
    history = groups.qq("get_group_msg_history", group_id=555, count=20)["data"]["messages"]
    assert any("A1B2" in message["raw_message"] for message in history) is delivered
    assert all(message["sender"]["user_id"] == message["self_id"] == 10001 for message in history)


def test_history_is_read_back_page_by_page_and_fails_when_empty(groups):
    assert groups.qq("get_group_msg_history", group_id=555)["status"] == "failed"
    for n in range(25):
        groups.post(f"第{n}条")
    groups.admin("say", group_id=555, user_id=777, nickname="同学", text="收到")
    page = groups.qq("get_group_msg_history", group_id=555, count=10)["data"]["messages"]
    assert [message["user_id"] for message in page] == [10001] * 9 + [777]
    for mark in ("message_seq", "message_id"):
        older = groups.qq("get_group_msg_history", group_id=555, count=10, message_seq=page[0][mark])["data"][
            "messages"
        ]
        assert older[-1]["message_id"] == page[0]["message_id"]
        assert older[0]["message"][0]["data"]["text"] == "第7条"


def test_a_message_is_got_and_recalled_by_its_id_within_two_minutes(groups):
    first, second = (groups.post(text)["data"]["message_id"] for text in ("甲", "乙"))
    assert groups.qq("get_msg", message_id=first)["data"]["raw_message"] == "甲"
    assert groups.qq("delete_msg", message_id=str(first))["status"] == "ok"
    assert groups.qq("get_msg", message_id=first)["status"] == "failed"
    groups.admin("clock", advance=121)
    assert groups.qq("delete_msg", message_id=second)["message"] == "Recall failed"
    groups.admin("group", group_id=555, role="admin")
    assert groups.qq("delete_msg", message_id=second)["status"] == "ok"


def test_a_restarted_bot_has_forgotten_its_message_ids(groups):
    old = groups.post("甲")["data"]["message_id"]
    groups.admin("bot", self_id=10001, restart=True)
    assert groups.qq("delete_msg", message_id=old)["message"] == "Recall failed"
    (message,) = groups.qq("get_group_msg_history", group_id=555)["data"]["messages"]
    assert message["message_id"] != old
    assert groups.qq("delete_msg", message_id=message["message_id"])["status"] == "ok"


def test_an_offline_bot_still_answers_but_posts_nothing(groups):
    groups.admin("bot", self_id=10001, online=False)
    assert groups.qq("get_status")["data"] == {"online": False, "good": False}
    assert groups.post("甲")["status"] == "failed"
    groups.admin("bot", self_id=10001, online=True)
    assert groups.post("甲")["status"] == "ok"


def test_groups_and_members_are_described(groups):
    groups.admin("group", group_id=556, muted=True)
    assert groups.qq("get_group_info", group_id=555)["data"] == {
        "group_id": 555,
        "group_name": "新生群",
        "member_count": 200,
        "max_member_count": 500,
    }
    assert [group["group_id"] for group in groups.qq("get_group_list")["data"]] == [555, 556]
    member = groups.qq("get_group_member_info", group_id=556, user_id=10001)["data"]
    assert member["role"] == "admin"
    assert member["shut_up_timestamp"] > 0
    groups.admin("group", group_id=556, joined=False)
    assert groups.qq("get_group_info", group_id=556)["status"] == "failed"
    assert len(groups.qq("get_group_list")["data"]) == 1


def test_a_notice_needs_an_administrator_and_is_read_back(groups):
    assert groups.qq("_send_group_notice", group_id=555, content="公告")["status"] == "failed"
    assert groups.qq("_send_group_notice", group_id=556, content="公告")["status"] == "ok"
    (notice,) = groups.qq("_get_group_notice", group_id=556)["data"]
    assert notice["message"]["text"] == "公告"
    assert groups.qq("_del_group_notice", group_id=556, notice_id=notice["notice_id"])["status"] == "ok"
    assert groups.qq("_get_group_notice", group_id=556)["data"] == []


def test_a_picture_is_rehosted_and_a_local_path_fails(groups):
    data = base64.b64encode(groups.png).decode()
    groups.qq("send_group_msg", group_id=555, message=[{"type": "image", "data": {"file": "base64://" + data}}])
    (message,) = groups.qq("get_group_msg_history", group_id=555)["data"]["messages"]
    assert groups.http.get(message["message"][0]["data"]["url"], timeout=5).content == groups.png
    answer = groups.qq("send_group_msg", group_id=555, message="[CQ:image,file=file:///tmp/a.png]")
    assert answer["message"] == "rich media transfer failed"


def test_events_are_signed_and_tell_what_happened_to_the_bot(groups, listener):
    groups.admin("setup", bots=[{"self_id": 10001, "secret": "geheim", "event_url": listener.url, "report_self": True}])
    groups.post("甲")
    groups.admin("group", group_id=555, muted=True)
    groups.admin("group", group_id=555, joined=False)
    events = [json.loads(call["body"]) for call in listener.calls]
    kinds = [event.get("notice_type", event["post_type"]) for event in events]
    assert kinds == ["message_sent", "group_ban", "group_decrease"]
    assert (events[1]["sub_type"], events[1]["user_id"], events[2]["sub_type"]) == ("ban", 10001, "kick_me")
    for call in listener.calls:
        digest = hmac.new(b"geheim", call["body"], hashlib.sha1).hexdigest()
        assert call["headers"]["X-Signature"] == "sha1=" + digest
        assert call["headers"]["X-Self-ID"] == "10001"


@pytest.fixture
def pair(groups):
    """A second bot in the groups, and NapCat's dialect for both."""
    bots = [{"self_id": 10001, "dialect": "napcat"}, {"self_id": 10002, "token": "tok2", "dialect": "napcat"}]
    groups.admin("setup", bots=bots)
    return groups


def second(box, action, **params):
    return box.qq(f"10002/{action}", _token="tok2", **params)


def test_each_bot_sits_in_a_group_in_its_own_way(pair, listener):
    pair.admin("setup", bots=[{"self_id": id, "event_url": listener.url} for id in (10001, 10002)])
    text = [{"type": "text", "data": {"text": "甲"}}]
    pair.admin("group", group_id=555, self_id=10001, muted=True)
    assert '"result":120' in pair.post("甲")["message"]
    assert second(pair, "send_group_msg", group_id=555, message=text)["status"] == "ok"
    pair.admin("group", group_id=555, self_id=10002, joined=False)
    assert '"result":110' in second(pair, "send_group_msg", group_id=555, message=text)["message"]
    assert [group["group_id"] for group in second(pair, "get_group_list")["data"]] == [556]
    assert second(pair, "get_group_info", group_id=555)["status"] == "failed"
    pair.admin("group", group_id=555, self_id=10001, muted=False, role="owner")
    assert pair.qq("get_group_member_info", group_id=555, user_id=10001)["data"]["role"] == "owner"
    assert [post["user_id"] for post in pair.books()["qq"]] == ["10002"]
    told = [json.loads(call["body"]) for call in listener.calls]
    assert [(each["notice_type"], each["self_id"]) for each in told] == [
        ("group_ban", 10001),
        ("group_decrease", 10002),
        ("group_admin", 10001),
        ("group_ban", 10001),
    ]
    answer = pair.http.post(
        f"{pair.base}/__sandbox__/group", json={"group_id": 555, "self_id": 10001, "rol": "x"}, timeout=5
    )
    assert answer.status_code == 400


def test_a_message_has_an_id_of_its_own_for_each_bot(pair):
    mine = pair.post("甲")["data"]["message_id"]
    (seen,) = second(pair, "get_group_msg_history", group_id=555)["data"]["messages"]
    assert seen["message_id"] != mine
    assert (seen["post_type"], seen["user_id"], seen["self_id"]) == ("message", 10001, 10002)
    assert (
        second(pair, "get_group_msg_history", group_id=555)["data"]["messages"][0]["message_id"] == seen["message_id"]
    )
    assert second(pair, "delete_msg", message_id=mine)["message"] == "Recall failed"
    assert second(pair, "delete_msg", message_id=seen["message_id"])["message"] == "Recall failed"
    pair.admin("group", group_id=555, self_id=10002, role="admin")
    assert second(pair, "delete_msg", message_id=seen["message_id"])["status"] == "ok"
    other = pair.post("乙")["data"]["message_id"]
    second(pair, "get_group_msg_history", group_id=555)
    pair.admin("bot", self_id=10002, restart=True)
    assert pair.qq("delete_msg", message_id=other)["status"] == "ok"


def test_napcat_gives_up_a_slow_send_at_its_timeout_though_the_message_goes_out(pair):
    pair.admin("faults", call="onebot.send_group_msg", kind="slow", seconds=30, match={"self_id": 10001})
    text = [{"type": "text", "data": {"text": "甲"}}]
    answer = pair.qq("send_group_msg", group_id=555, message=text, timeout=200)
    assert answer["message"].startswith("Timeout: NTEvent")
    assert len(pair.books()["qq"]) == 1
    pair.admin("faults", call="onebot.send_group_msg", kind="slow", seconds=0.1)
    assert pair.qq("send_group_msg", group_id=555, message=text, timeout="5000")["status"] == "ok"


def test_some_builds_write_ids_as_text_and_leave_out_what_they_do_not_know(pair):
    pair.admin("setup", bots=[{"self_id": 10001, "text_ids": True}], groups=[{"group_id": 555, "members": 0}])
    assert pair.qq("get_login_info")["data"]["user_id"] == "10001"
    sent = pair.post("甲")["data"]["message_id"]
    assert isinstance(sent, str)
    (message,) = pair.qq("get_group_msg_history", group_id="555")["data"]["messages"]
    assert (message["message_id"], message["sender"]["user_id"]) == (sent, "10001")
    assert "member_count" not in pair.qq("get_group_info", group_id=555)["data"]
    pair.admin("setup", bots=[{"self_id": 10001, "lacks": ["get_group_at_all_remain"]}])
    assert pair.qq("get_group_at_all_remain", group_id=555)["message"] == "不支持的Api get_group_at_all_remain"


def test_a_bot_has_a_days_allowance_of_its_own_for_calling_everybody(pair):
    pair.admin("setup", bots=[{"self_id": 10001, "at_all_left": 1}])
    call = [{"type": "at", "data": {"qq": "all"}}, {"type": "text", "data": {"text": "甲"}}]
    assert pair.qq("send_group_msg", group_id=556, message=call)["status"] == "ok"
    left = pair.qq("get_group_at_all_remain", group_id=556)["data"]
    assert left == {"can_at_all": False, "remain_at_all_count_for_group": 9, "remain_at_all_count_for_uin": 0}
    assert '"result":122' in pair.qq("send_group_msg", group_id=556, message=call)["message"]
    assert second(pair, "send_group_msg", group_id=556, message=call)["status"] == "ok"


def test_a_beat_tells_a_change_and_calls_itself_good_in_any_case(pair, listener):
    pair.admin("setup", bots=[{"self_id": 10001, "event_url": listener.url}])
    pair.admin("bot", self_id=10001, online=False)
    pair.admin("bot", self_id=10001, beat=True)
    told = [json.loads(call["body"]) for call in listener.calls]
    assert [each["meta_event_type"] for each in told] == ["heartbeat", "heartbeat"]
    assert [each["status"] for each in told] == [{"online": False, "good": True}] * 2
    assert all(call["headers"]["X-Signature"].startswith("sha1=") for call in listener.calls)  # NapCat's token signs


def test_an_event_may_come_twice_late_forged_or_not_at_all(pair, listener):
    pair.admin("setup", bots=[{"self_id": 10001, "event_url": listener.url, "report_self": True}])
    for kind in ("callback_dup", "callback_never", "callback_late", "callback_bad_signature"):
        pair.admin("faults", call="onebot.callback", kind=kind, seconds=60, match={"self_id": 10001})
    for text in ("甲", "乙", "丙", "丁"):
        pair.post(text)
    pair.admin("clock", advance=0)
    told = [json.loads(call["body"])["raw_message"] for call in listener.calls]
    assert told == ["甲", "甲", "丁"]
    signed = ["sha1=" + hmac.new(b"tok", call["body"], hashlib.sha1).hexdigest() for call in listener.calls]
    assert [call["headers"]["X-Signature"] == s for call, s in zip(listener.calls, signed, strict=True)] == [
        True,
        True,
        False,
    ]
    pair.admin("clock", advance=60)
    assert json.loads(listener.calls[-1]["body"])["raw_message"] == "丙"
