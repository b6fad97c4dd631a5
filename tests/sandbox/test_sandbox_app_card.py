"""Template cards and the callbacks of a press; wechatpy's own code is the judge of the encryption."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import xmltodict
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.work.crypto import WeChatCrypto
from wechatpy.work.parser import parse_message

CORP, AGENT, TOKEN = "ww1", 1000002, "apptoken"


@pytest.fixture
def office(company, listener):
    company.app(callback_url=listener.url, token=TOKEN, aes_key=company.aes_key)
    return company


def card(**fields):
    button = {"text": "已阅", "style": 1, "key": "read"}
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "停水通知", "desc": "明日八时"},
        "button_list": [button, {"text": "看全文", "type": 1, "url": "https://x.edu.cn/1"}],
        "task_id": "t1",
    } | fields


def notice(**fields):
    action = {"card_action": {"type": 1, "url": "https://x.edu.cn/1"}}
    return {"card_type": "text_notice", "main_title": {"title": "停水"}} | action | fields


def send(office, card, **more):
    return office.tell(msgtype="template_card", template_card=card, **more)


def press(office, **order):
    usual = {"corpid": CORP, "agentid": AGENT, "userid": "ZhangSan", "task_id": "t1", "key": "read"}
    return office.admin("wecom_press", **usual | order)


def refused(office, **order):
    usual = {"corpid": CORP, "agentid": AGENT, "userid": "ZhangSan", "task_id": "t1", "key": "read"}
    answer = office.http.post(f"{office.base}/__sandbox__/wecom_press", json=usual | order, timeout=5)
    assert answer.status_code == 400
    return answer.json()["error"]


def opened(call):
    query = {key: values[0] for key, values in parse_qs(urlsplit(call["path"]).query).items()}
    crypto = WeChatCrypto(TOKEN, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", CORP)
    return crypto.decrypt_message(call["body"], query["msg_signature"], query["timestamp"], query["nonce"])


def test_a_press_is_called_back_encrypted_for_the_company(office, listener):
    sent = send(office, card())
    done = press(office, userid="zhangsan")
    (call,) = listener.calls
    envelope = xmltodict.parse(call["body"])["xml"]
    assert (envelope["ToUserName"], envelope["AgentID"]) == (CORP, str(AGENT))
    event = xmltodict.parse(opened(call))["xml"]
    assert event == {
        "ToUserName": CORP,
        "FromUserName": "ZhangSan",
        "CreateTime": "1598918400",
        "MsgType": "event",
        "Event": "template_card_event",
        "EventKey": "read",
        "TaskId": "t1",
        "CardType": "button_interaction",
        "ResponseCode": done["response_code"],
        "AgentID": str(AGENT),
    }
    assert done["response_code"] != sent["response_code"]
    line = next(line for line in office.people() if line["userid"] == "ZhangSan")
    assert (line["pressed"], line["pressed_at"]) == ("read", "2020-09-01T08:00:00+08:00")
    assert sum("pressed" in line for line in office.people()) == 1
    assert [message["pressed"] for message in office.books()["wecom_messages"]] == [1]


def test_entering_the_app_is_called_back(office, listener):
    office.admin("wecom_enter", corpid=CORP, agentid=AGENT, userid="lisi")
    event = parse_message(opened(listener.calls[0]))
    assert (event.event, event.source, event.target, event.agent) == ("enter_agent", "lisi", CORP, AGENT)


def test_the_address_is_checked_with_an_encrypted_echo(office, listener):
    url = f"{office.base}/__sandbox__/wecom_verify_url"
    order = {"corpid": CORP, "agentid": AGENT}
    assert office.http.post(url, json=order, timeout=5).status_code == 400
    crypto = WeChatCrypto(TOKEN, office.aes_key, CORP)
    listener.echo = lambda query: crypto.check_signature(
        query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
    ).encode()
    assert office.http.post(url, json=order, timeout=5).json() == {"ok": True}
    listener.echo = lambda query: b'"quoted"'
    assert office.http.post(url, json=order, timeout=5).status_code == 400


def test_a_callback_that_is_not_taken_comes_three_times_with_one_body(office, listener):
    listener.answers = [(500, b""), (200, b"fail"), (500, b"")]
    send(office, card())
    press(office)
    office.admin("clock", advance=60)
    assert len(listener.calls) == 3
    assert len({call["body"] for call in listener.calls}) == 1
    notes = office.people("wecom_callbacks")
    assert [(note["try"], note["at"][17:19], note["userid"]) for note in notes] == [
        (1, "00", "ZhangSan"),
        (2, "05", "ZhangSan"),
        (3, "10", "ZhangSan"),
    ]


def test_planned_callback_faults_double_delay_swallow_and_forge(office, listener):
    send(office, card())
    for kind, after in (("callback_dup", 2), ("callback_never", 2), ("callback_late", 2)):
        office.admin("faults", call="wecom.callback.template_card_event", kind=kind, seconds=600)
        press(office)
        assert len(listener.calls) == after
    assert listener.calls[0]["body"] == listener.calls[1]["body"]
    office.admin("clock", advance=600)
    assert len(listener.calls) == 3
    office.admin("faults", call="wecom.callback", kind="callback_bad_signature", match={"userid": "ZhangSan"})
    press(office)
    with pytest.raises(InvalidSignatureException):
        opened(listener.calls[3])


def test_only_who_has_the_card_can_press_what_is_on_it(office):
    sent = send(office, card(), touser="ZhangSan|zhaoliu")
    assert "not received" in refused(office, userid="lisi")
    assert "not received" in refused(office, userid="zhaoliu")
    assert "no such member" in refused(office, userid="nobody")
    assert "no such button" in refused(office, key="看全文")
    assert "sent no such card" in refused(office, task_id="t2")
    office.work("message/recall", {"msgid": sent["msgid"]})
    assert "recalled" in refused(office)


def test_a_menu_in_the_corner_makes_its_own_event(office, listener):
    menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "stop"}]}
    sent = send(office, notice(action_menu=menu, task_id="t9"))
    assert "response_code" in sent
    assert press(office, msgid=sent["msgid"], task_id=None, key="stop")["event"] == "template_card_menu_event"
    assert xmltodict.parse(opened(listener.calls[0]))["xml"]["EventKey"] == "stop"


def test_a_vote_tells_what_was_chosen(office, listener):
    options = [{"id": "a", "text": "甲"}, {"id": "b", "text": "乙"}]
    vote = card(
        card_type="vote_interaction",
        checkbox={"question_key": "q1", "option_list": options, "mode": 1},
        submit_button={"text": "提交", "key": "vote"},
    )
    assert "response_code" in send(office, vote)
    press(office, key="vote", selected={"q1": ["a", "b"]})
    item = xmltodict.parse(opened(listener.calls[0]))["xml"]["SelectedItems"]["SelectedItem"]
    assert item == {"QuestionKey": "q1", "OptionIds": {"OptionId": ["a", "b"]}}


def test_a_plain_card_has_no_code_and_shows_its_words(office):
    sent = send(office, notice(sub_title_text="八时至十时"))
    assert "response_code" not in sent
    assert office.people()[0]["text"] == "停水\n八时至十时"


def update(office, code, **more):
    body = {"userids": ["ZhangSan"], "agentid": AGENT, "response_code": code, "button": {"replace_name": "已确认"}}
    return office.work("message/update_template_card", body | more)


def test_a_code_changes_the_card_once_for_those_named(office):
    code = send(office, card())["response_code"]
    assert update(office, code, userids=["ZHANGSAN", "zhaoliu"])["invaliduser"] == ["zhaoliu"]
    assert update(office, code)["errcode"] == 42022
    assert [line.get("replaced") for line in office.people()] == [None, None, None, "已确认"]
    assert "grey" in refused(office)
    assert press(office, userid="lisi")["event"] == "template_card_event"


def test_a_code_lives_72_hours(office):
    code = send(office, card())["response_code"]
    office.admin("clock", advance=72 * 3600)
    assert update(office, code)["errcode"] == 40058
    assert update(office, "nonsense")["errcode"] == 40058


def test_the_code_of_a_press_changes_the_card_too(office):
    send(office, card())
    assert update(office, press(office)["response_code"])["errcode"] == 0


def test_a_card_can_be_changed_for_all_or_by_department(office):
    first, second = send(office, card()), send(office, card(task_id="t2"))
    assert update(office, first["response_code"], userids=[], atall=1)["errcode"] == 0
    assert [line.get("replaced") for line in office.people()[:4]] == ["已确认"] * 4
    other = {"template_card": card(main_title={"title": "已恢复供水"}), "button": None}
    assert update(office, second["response_code"], userids=[], partyids=[3], **other)["errcode"] == 0
    assert [line.get("replaced") for line in office.people()[4:]] == [None, "已恢复供水", "已恢复供水", None]


def test_updates_that_the_vendor_would_not_take_are_refused_and_leave_the_code_good(office):
    office.app(agentid=1000003, secret="s2")
    code = send(office, card())["response_code"]
    assert update(office, code, agentid=1000003)["errcode"] == 301002
    assert update(office, code, userids=[])["errcode"] == 82001
    assert update(office, code, userids=["zhaoliu"])["errcode"] == 81013
    assert update(office, code, button={})["errcode"] == 40058
    body = {"userids": ["lisi"], "agentid": 1000003, "response_code": code, "button": {"replace_name": "改"}}
    assert office.work("message/update_template_card", body, secret="s2")["errcode"] == 42015
    assert update(office, code)["errcode"] == 0


@pytest.mark.parametrize(
    ("made", "errcode"),
    [
        (card(card_type="x"), 40058),
        (card(main_title={}), 40058),
        (card(button_list=[]), 40058),
        (card(button_list=[{"text": "甲", "key": str(n)} for n in range(7)]), 40058),
        (card(button_list=[{"text": "甲"}]), 42019),
        (card(button_list=[{"key": "a"}]), 42020),
        (card(button_list=[{"text": "甲", "key": "a"}, {"text": "乙", "key": "a"}]), 42018),
        (card(button_list=[{"text": "甲", "key": "a" * 1025}]), 42018),
        (card(button_list=[{"text": "甲", "type": 1}]), 41010),
        (card(task_id=""), 42014),
        (card(task_id="含汉字"), 42014),
        (card(task_id="a" * 129), 42014),
        (notice(card_action=None), 40058),
        (notice(main_title={}), 40058),
        (notice(card_type="news_notice"), 40058),
        (notice(action_menu={"action_list": [{"text": "甲", "key": "a"}]}), 42014),
        (card(card_type="vote_interaction", submit_button={"text": "提交", "key": "v"}), 40058),
        (card(card_type="multiple_interaction", submit_button={"text": "提交", "key": "v"}), 40058),
    ],
)
def test_a_bad_card_is_refused_with_its_own_code(office, made, errcode):
    assert send(office, made)["errcode"] == errcode
    assert office.people() == []


def test_a_task_id_is_good_for_one_card_and_a_button_needs_a_callback_address(office):
    assert send(office, card())["errcode"] == 0
    assert send(office, card())["errcode"] == 42014
    office.app(callback_url=None)
    assert send(office, card(task_id="t2"))["errcode"] == 43012
    menu = {"action_list": [{"text": "甲", "key": "a"}]}
    assert send(office, notice(action_menu=menu, task_id="t3"))["errcode"] == 43012
    assert send(office, notice())["errcode"] == 0
