"""Template notices: followers only, the template's own fields, one notice for one number within ten minutes, an event."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient, parse_message

from tests.sandbox.conftest import APPID, Box

TEMPLATE = {"template_id": "T1", "title": "提醒", "content": "{{thing1.DATA}}\n部门：{{thing2.DATA}}"}
DATA = {"thing1": {"value": "收费公示"}, "thing2": {"value": "财务处"}}


@pytest.fixture
def ready(box: Box) -> Box:
    box.account(templates=[TEMPLATE])
    return box


def fan(box: Box, number: int = 0) -> str:
    openid: str = box.oa("user/get")["data"]["openid"][number]
    return openid


def send(box: Box, **over: Any) -> dict[str, Any]:
    body = {"touser": fan(box), "template_id": "T1", "data": DATA, "client_msg_id": "n1"} | over
    return box.oa("message/template/send", body)


def test_a_notice_is_booked_for_its_follower_with_the_text_that_is_shown(ready: Box) -> None:
    answer = send(ready, url="https://x.edu.cn/1")
    [line] = ready.books(vendor="wechat_notice")["wechat_notices"]
    assert (line["msgid"], line["openid"], line["url"]) == (answer["msgid"], fan(ready), "https://x.edu.cn/1")
    assert line["text"] == "收费公示\n部门：财务处"


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"touser": "someone"}, 40003),
        ({"touser": "o" + "x" * 27}, 43004),
        ({"template_id": "T9"}, 40037),
        ({"data": {"thing1": {"value": "一"}}}, 47003),
        ({"data": DATA | {"thing3": {"value": "一"}}}, 47003),
        ({"data": DATA | {"thing1": {"value": "字" * 21}}}, 47003),
        ({"data": DATA | {"thing1": {"value": ""}}}, 47003),
        ({"client_msg_id": "n" * 33}, 45067),
    ],
)
def test_what_the_vendor_refuses_is_refused_and_not_booked(ready: Box, over: dict[str, Any], code: int) -> None:
    assert send(ready, **over)["errcode"] == code
    assert ready.books()["wechat_notices"] == []


def test_only_service_accounts_may_send_notices(ready: Box) -> None:
    ready.account(kind="subscription")
    assert send(ready)["errcode"] == 48001


def test_the_same_number_is_one_notice_for_ten_minutes_and_two_afterwards(ready: Box) -> None:
    first = send(ready)
    ready.admin("clock", advance=599)
    assert send(ready)["msgid"] == first["msgid"] and len(ready.books()["wechat_notices"]) == 1
    ready.admin("clock", advance=2)
    assert send(ready)["msgid"] != first["msgid"] and len(ready.books()["wechat_notices"]) == 2


def test_one_that_was_refused_reserves_no_number(ready: Box) -> None:
    assert send(ready, template_id="T9")["errcode"] == 40037
    assert send(ready)["errcode"] == 0 and len(ready.books()["wechat_notices"]) == 1


@pytest.mark.parametrize(
    ("fate", "status"),
    [("delivered", "success"), ("blocked", "failed:user block"), ("failed", "failed: system failed")],
)
def test_the_event_names_the_follower_and_how_it_ended(ready: Box, listener: Any, fate: str, status: str) -> None:
    ready.account(templates=[TEMPLATE], callback_url=listener.url, notice_fates={fan(ready): fate})
    number = send(ready)["msgid"]
    ready.admin("clock", advance=1)
    message = parse_message(listener.calls[-1]["body"].decode())
    assert (message.source, message.id, message.status) == (fan(ready), number, status)


def test_the_phone_shows_a_notice_to_whom_it_reached(ready: Box) -> None:
    ready.account(templates=[TEMPLATE], notice_fates={fan(ready, 1): "blocked"})
    for number in (0, 1):
        send(ready, touser=fan(ready, number), url="https://x.edu.cn/1")
    page = ready.http.get(f"{ready.base}/", params={"chat": f"notice-{fan(ready)}"}, timeout=5).text
    assert "部门：财务处" in page and 'href="https://x.edu.cn/1"' in page and "服务通知" in page
    assert fan(ready, 1) not in page


def test_wechatpy_sends_a_notice_unmodified(ready: Box) -> None:
    class Redirect(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *more: Any, **rest: Any) -> requests.Response:
            assert request.url is not None
            request.url = request.url.replace("https://api.weixin.qq.com", f"{ready.base}/wechat")
            return super().send(request, *more, **rest)

    client = WeChatClient(APPID, "secret", auto_retry=False)
    client._http.trust_env = False
    client._http.mount("https://api.weixin.qq.com/", Redirect())
    answer = client.message.send_template(fan(ready), "T1", DATA)
    assert answer["errcode"] == 0 and len(ready.books()["wechat_notices"]) == 1
    client._http.close()
