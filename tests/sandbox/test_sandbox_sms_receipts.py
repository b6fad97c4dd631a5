"""Receipts pushed to the customer's server: in arrays, late, twice, never, and again when they were not taken."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.sms_clients import KEY, NOBODY, ONE, SILENT, TENCENT_ID, TWO

TAKEN = (200, b'{"code":0,"msg":"OK"}')
RESULT = (200, b'{"result":0,"errmsg":"OK"}')


@pytest.fixture
def heard(aliyun, box, listener):
    box.admin("setup", sms_accounts=[{"key_id": KEY, "callback_url": listener.url}])
    listener.answers = [TAKEN] * 20
    return listener


@pytest.fixture
def heard_tencent(tencent, box, listener):
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, "callback_url": listener.url}])
    listener.answers = [RESULT] * 20
    return listener


def arrays(listener):
    return [json.loads(call["body"]) for call in listener.calls]


def test_aliyuns_receipts_come_in_one_array_after_a_while(aliyun, box, heard):
    sent = aliyun.send(f"{ONE},{NOBODY},{SILENT}", OutId="a1")
    box.admin("clock", advance=9)
    assert heard.calls == []
    box.admin("clock", advance=1)
    ((first, second),) = arrays(heard)
    assert first == {
        "phone_number": ONE,
        "send_time": "2020-09-01 08:00:00",
        "report_time": "2020-09-01 08:00:10",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": sent["BizId"],
        "out_id": "a1",
    }
    assert (second["phone_number"], second["success"], second["err_code"]) == (NOBODY, False, "MOBILE_NOT_ON_SERVICE")
    assert heard.calls[0]["headers"]["Content-Type"].startswith("application/json")
    box.admin("clock", advance=86_400)
    assert len(heard.calls) == 1


def test_a_hundred_receipts_fit_into_one_push(aliyun, box, heard):
    aliyun.send(",".join(f"199001{n:05d}" for n in range(250)))
    box.admin("clock", advance=10)
    assert [len(array) for array in arrays(heard)] == [100, 100, 50]


def test_what_aliyun_thinks_was_not_taken_comes_again_after_one_five_and_ten_minutes(aliyun, box, heard):
    heard.answers = [(500, b""), (200, b"success"), (200, b'{"code":"0"}'), (200, b"{}")]
    aliyun.send()
    seen = []
    for seconds in (10, 59, 1, 299, 1, 599, 1, 86_400):
        box.admin("clock", advance=seconds)
        seen.append(len(heard.calls))
    assert seen == [1, 1, 2, 2, 3, 3, 4, 4]
    assert len({call["body"] for call in heard.calls}) == 1
    notes = [(note["try"], note["taken"], note["answer"]) for note in box.books(vendor="sms")["sms_pushes"]]
    assert notes == [(1, False, "HTTP 500"), (2, False, "no JSON"), (3, False, '{"code":"0"}'), (4, False, "{}")]


def test_aliyun_minds_only_that_the_code_is_a_number(aliyun, box, heard):
    heard.answers = [(200, b'{"code":7}')]
    aliyun.send()
    box.admin("clock", advance=3600)
    assert len(heard.calls) == 1


def test_a_server_that_is_down_costs_no_more_than_four_tries(aliyun, box):
    box.admin("setup", sms_accounts=[{"key_id": KEY, "callback_url": "http://127.0.0.1:9/sms"}])
    aliyun.send()
    assert box.admin("clock", advance=86_400)["fired"] == 4
    assert {note["answer"] for note in box.books()["sms_pushes"]} == {"ConnectionError"}


def test_a_server_that_answers_too_late_is_called_again(aliyun, box, heard, monkeypatch):
    monkeypatch.setattr("sandbox.sms_receipts.ANSWER_WITHIN", 0.2)
    heard.delays = [0.5]
    aliyun.send()
    box.admin("clock", advance=3600)
    assert next(note["answer"] for note in box.books()["sms_pushes"]) == "ReadTimeout"
    assert [note["taken"] for note in box.books()["sms_pushes"]] == [False, True]


def test_planned_faults_double_delay_and_swallow_receipts(aliyun, box, heard):
    box.admin("faults", call="aliyun.callback", kind="callback_dup", match={"ref": "a1"})
    aliyun.send(OutId="a0")
    aliyun.send(OutId="a1")
    box.admin("clock", advance=10)
    assert [array[0]["out_id"] for array in arrays(heard)] == ["a0", "a1", "a1"]
    box.admin("faults", call="aliyun.SendSms", kind="callback_late", seconds=3600)
    aliyun.send(OutId="a2")
    box.admin("clock", advance=3600)
    assert len(heard.calls) == 3
    box.admin("clock", advance=10)
    assert len(heard.calls) == 4
    box.admin("faults", call="aliyun.*", kind="callback_never")
    aliyun.send(TWO, OutId="a3")
    box.admin("clock", advance=86_400)
    assert len(heard.calls) == 4
    assert aliyun.details(TWO)["SmsSendDetailDTOs"]["SmsSendDetailDTO"][0]["SendStatus"] == 3


def test_a_refused_call_has_no_receipts(aliyun, box, heard):
    aliyun.send(SignName="没有的")
    assert box.admin("clock", advance=3600)["fired"] == 0


def test_tencents_receipts_have_their_own_names(tencent, box, heard_tencent):
    sent = tencent.send(ONE, NOBODY, SessionContext="a1")["SendStatusSet"]
    box.admin("clock", advance=10)
    ((first, second),) = arrays(heard_tencent)
    assert first == {
        "user_receive_time": "2020-09-01 08:00:10",
        "nationcode": "86",
        "mobile": ONE,
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": sent[0]["SerialNo"],
    }
    assert (second["mobile"], second["report_status"], second["errmsg"]) == (NOBODY, "FAIL", "UNDELIV")


def test_tencents_receipts_carry_the_session_where_the_vendor_opened_it(tencent, box, heard_tencent):
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, "session_in_receipts": True}])
    tencent.send(SessionContext="a1")
    box.admin("clock", advance=10)
    assert arrays(heard_tencent)[0][0]["ext"] == "a1"


def test_tencent_tries_twice_more_until_the_result_is_zero(tencent, box, heard_tencent):
    heard_tencent.answers = [(200, b'{"result":1,"errmsg":"busy"}'), TAKEN, RESULT, RESULT]
    tencent.send()
    box.admin("clock", advance=86_400)
    assert [note["taken"] for note in box.books()["sms_pushes"]] == [False, False, True]
    heard_tencent.answers = [(500, b"")] * 9
    tencent.send()
    box.admin("clock", advance=86_400)
    assert len(heard_tencent.calls) == 6
