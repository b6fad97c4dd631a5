"""Aliyun's SMS: whose call it is, what is refused and how, and what a call leaves in the books."""

from __future__ import annotations

import hashlib
import json
import time

import pytest
import requests

from tests.sandbox.sms_clients import BLACK, KEY, NOBODY, OFF, ONE, SECRET, SIGN, SILENT, TWO, Aliyun


def test_one_call_reaches_every_number_under_one_id(aliyun, box):
    answer = aliyun.send(f"{ONE},+86{TWO}", OutId="尝试1")
    assert (answer["Code"], answer["Message"]) == ("OK", "OK")
    first, second = box.books(vendor="sms")["sms"]
    assert first == {
        "number": ONE,
        "at": "2020-09-01T08:00:00+08:00",
        "vendor": "aliyun",
        "account": KEY,
        "sign": SIGN,
        "template": "SMS_1",
        "text": "【示例学院】您有新的公开信息：收费标准，请到学院网站查看。",
        "segments": 1,
        "serial": answer["BizId"],
        "ref": "尝试1",
        "fate": "delivered",
        "code": "DELIVERED",
        "known": False,
    }
    assert (second["number"], second["serial"]) == (TWO, answer["BizId"])


def test_two_equal_calls_are_two_messages(aliyun, box):
    assert aliyun.send()["BizId"] != aliyun.send()["BizId"]
    assert len(box.books()["sms"]) == 2


def test_a_number_that_stands_twice_gets_it_twice_and_is_flagged(aliyun, box):
    assert aliyun.send(f"{ONE},{ONE}")["Code"] == "OK"
    assert len(box.books()["sms"]) == 2
    assert "stand twice" in box.books()["flags"][0]["text"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"PhoneNumbers": f"{ONE},1990000000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": f"{ONE},"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "+85290000000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": ",".join([ONE] * 1001)}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"SignName": "没有的"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"SignName": "未审核"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"SignName": ""}, "MissingSignName"),
        ({"TemplateCode": "SMS_9"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateCode": "SMS_BAD"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateParam": "{title:1}"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '["收费"]'}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"title":7}'}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "{}"}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": ""}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": json.dumps({"title": "字" * 36})}, "isv.PARAM_LENGTH_LIMIT"),
        ({"TemplateParam": '{"title":""}'}, "isv.PARAM_LENGTH_LIMIT"),
        ({"TemplateParam": '{"title":"见 www.x.edu.cn"}'}, "isv.PARAM_NOT_SUPPORT_URL"),
        ({"TemplateCode": "SMS_CODE", "TemplateParam": '{"code":"12"}'}, "isv.TEMPLATE_PARAMS_ILLEGAL"),
        ({"OutId": "x" * 256}, "isv.INVALID_PARAMETERS"),
    ],
)
def test_a_wrong_call_is_refused_whole_with_its_own_code(aliyun, box, more, code):
    assert aliyun.send(**more)["Code"] == code
    assert box.books()["sms"] == []
    assert box.books()["refused"]["aliyun.SendSms"] == {code: 1}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"permitted": False}, "isp.RAM_PERMISSION_DENY"),
        ({"in_service": False}, "isv.OUT_OF_SERVICE"),
        ({"balance": 1}, "isv.AMOUNT_NOT_ENOUGH"),
        ({"black_words": ["收费"]}, "isv.BLACK_KEY_CONTROL_LIMIT"),
    ],
)
def test_an_account_may_be_in_no_state_to_send(aliyun, box, fields, code):
    box.admin("setup", sms_accounts=[{"key_id": KEY, **fields}])
    assert aliyun.send(f"{ONE},{TWO}")["Code"] == code
    assert box.books()["sms"] == []


def test_a_variable_the_template_does_not_have_is_let_pass_and_flagged(aliyun, box):
    assert aliyun.send(TemplateParam='{"title":"甲","more":"乙"}')["Code"] == "OK"
    assert "no variables ['more']" in box.books()["flags"][0]["text"]


@pytest.mark.parametrize(("length", "segments"), [(70, 1), (71, 2), (134, 2), (135, 3), (500, 8)])
def test_a_text_is_billed_with_its_signature_and_sixty_seven_to_a_part(aliyun, box, length, segments):
    text = "字" * (length - len(f"【{SIGN}】"))
    box.admin("setup", sms_accounts=[{"key_id": KEY, "templates": [{"code": "SMS_1", "text": text}], "balance": 8}])
    assert aliyun.send(TemplateParam="{}")["Code"] == "OK"
    (line,) = box.books()["sms"]
    assert (len(line["text"]), line["segments"]) == (length, segments)
    assert aliyun.send(TemplateParam="{}")["Code"] == ("OK" if segments <= 4 else "isv.AMOUNT_NOT_ENOUGH")


def test_five_hundred_and_one_characters_are_too_many(aliyun, box):
    templates = [{"code": "SMS_1", "text": "字" * (501 - len(f"【{SIGN}】"))}]
    box.admin("setup", sms_accounts=[{"key_id": KEY, "templates": templates}])
    assert aliyun.send(TemplateParam="{}")["Code"] == "isv.PARAM_LENGTH_LIMIT"


def batch(aliyun, numbers, signs=None, values=None):
    signs = [SIGN] * len(numbers) if signs is None else signs
    values = [{"title": str(n)} for n in range(len(numbers))] if values is None else values
    params = {"PhoneNumberJson": numbers, "SignNameJson": signs, "TemplateParamJson": values}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in params.items()}
    return aliyun.post("SendBatchSms", texts | {"TemplateCode": "SMS_1"}, form=True).json()


def test_a_batch_gives_each_number_its_own_signature_and_words(aliyun, box):
    answer = batch(aliyun, [ONE, TWO], signs=[SIGN, "二号签名"])
    lines = box.books()["sms"]
    assert {line["serial"] for line in lines} == {answer["BizId"]}
    assert [(line["sign"], line["text"][:17]) for line in lines] == [
        (SIGN, "【示例学院】您有新的公开信息：0，"),
        ("二号签名", "【二号签名】您有新的公开信息：1，"),
    ]


def test_a_batch_takes_a_hundred_and_lists_of_one_length(aliyun, box):
    hundred = [f"199000{n:05d}" for n in range(100)]
    assert batch(aliyun, hundred)["Code"] == "OK"
    assert batch(aliyun, [*hundred, ONE])["Code"] == "isv.MOBILE_COUNT_OVER_LIMIT"
    assert batch(aliyun, [ONE, TWO], signs=[SIGN])["Code"] == "isv.INVALID_PARAMETERS"
    assert batch(aliyun, [])["Code"] == "isv.INVALID_PARAMETERS"
    assert batch(aliyun, [ONE], values=["x"])["Code"] == "isv.INVALID_JSON_PARAM"
    assert len(box.books()["sms"]) == 100


EMPTY = hashlib.sha256(b"").hexdigest()
ORDER = {"PhoneNumbers": ONE, "SignName": SIGN, "TemplateCode": "SMS_2"}


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        ({"secret": "wrong"}, 400, "SignatureDoesNotMatch"),
        ({"key": "LTAI-nobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"uri": "/elsewhere/"}, 400, "SignatureDoesNotMatch"),
        ({"form": True, "body": b"PhoneNumbers=19900000009"}, 400, "SignatureDoesNotMatch"),
        ({"signed": {"x-acs-content-sha256": "0" * 64}, "digest": EMPTY}, 400, "SignatureDoesNotMatch"),
        ({"unsigned": {"x-acs-extra": "1"}}, 400, "SignatureDoesNotMatch"),
        ({"unsigned": {"x-acs-action": "SendBatchSms"}}, 400, "SignatureDoesNotMatch"),
        ({"unsigned": {"Authorization": "ACS3-HMAC-SHA256 nonsense"}}, 400, "IncompleteSignature"),
        ({"signed": {"x-acs-date": "yesterday"}}, 400, "InvalidTimeStamp.Format"),
        ({"signed": {"x-acs-signature-nonce": ""}}, 400, "Missingx-acs-signature-nonce"),
        ({"signed": {"x-acs-version": "2016-01-01"}}, 400, "InvalidVersion"),
        ({"signed": {"x-acs-action": "SendPigeon"}}, 404, "InvalidApi.NotFound"),
    ],
)
def test_the_gateway_refuses_with_its_own_status(aliyun, box, spoil, status, code):
    answer = aliyun.post("SendSms", ORDER, **spoil)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)
    assert answer.json()["HostId"].startswith("127.0.0.1")
    assert box.books()["sms"] == []


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-901, "InvalidTimeStamp.Expired"), (901, "InvalidTimeStamp.Expired"), (-899, "OK"), (899, "OK")],
)
def test_a_signature_is_good_for_a_quarter_of_an_hour_to_either_side(aliyun, box, seconds, code):
    assert aliyun.post("SendSms", ORDER, at=box.now() + seconds).json()["Code"] == code


def test_a_client_on_the_machines_clock_is_let_in_on_a_virtual_one(aliyun):
    assert aliyun.post("SendSms", ORDER, at=time.time()).json()["Code"] == "OK"
    assert aliyun.post("SendSms", ORDER, at=time.time() - 1000).json()["Code"] == "InvalidTimeStamp.Expired"


def test_a_nonce_is_good_once(aliyun, box):
    assert aliyun.post("SendSms", ORDER, nonce="n1").json()["Code"] == "OK"
    again = aliyun.post("SendSms", ORDER, nonce="n1")
    assert (again.status_code, again.json()["Code"]) == (400, "SignatureNonceUsed")
    assert aliyun.post("SendSms", ORDER, nonce="n2").json()["Code"] == "OK"
    assert len(box.books()["sms"]) == 2


def test_a_stranger_cannot_burn_a_nonce(aliyun):
    assert aliyun.post("SendSms", ORDER, nonce="n1", secret="wrong").json()["Code"] == "SignatureDoesNotMatch"
    assert aliyun.post("SendSms", ORDER, nonce="n1").json()["Code"] == "OK"


@pytest.mark.parametrize(("path", "uri"), [("/", "/"), ("/aliyun-sms/", "/aliyun-sms/"), ("/aliyun-sms/", "/")])
def test_root_and_base_path_are_one_door(aliyun, box, path, uri):
    assert Aliyun(box, path).post("SendSms", ORDER, uri=uri).json()["Code"] == "OK"


@pytest.mark.parametrize("path", ["/", "/aliyun-sms/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_signature_is_taken_by_either_method(aliyun, box, method, path):
    assert Aliyun(box, path).old(method).json()["Code"] == "OK"
    assert "收费 标准" in box.books()["sms"][0]["text"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"SignatureMethod": "HMAC-MD5"}, "SignatureDoesNotMatch"),
        ({"AccessKeyId": "LTAI-nobody"}, "InvalidAccessKeyId.NotFound"),
        ({"Timestamp": "2020-08-31T23:00:00Z"}, "InvalidTimeStamp.Expired"),
        ({"SignatureNonce": ""}, "MissingSignatureNonce"),
        ({"Format": "XML"}, "InvalidParameter.Format"),
    ],
)
def test_the_old_signature_is_checked_as_strictly(aliyun, box, more, code):
    assert aliyun.old(**more).json()["Code"] == code
    assert box.books()["sms"] == []


def test_the_old_signature_covers_the_parameters_and_its_nonce_is_good_once(aliyun):
    assert aliyun.old(SignatureNonce="n1").json()["Code"] == "OK"
    assert aliyun.old(SignatureNonce="n1").json()["Code"] == "SignatureNonceUsed"


def test_what_a_browser_asks_of_the_root_is_the_phone_page(aliyun, box):
    assert "演练环境" in box.http.get(box.base + "/", timeout=5).text
    assert box.http.post(box.base + "/", data={"x": "1"}, timeout=5).status_code == 404


def test_a_number_waits_arrives_or_fails_and_the_query_says_which(aliyun, box):
    sent = aliyun.send(f"{ONE},{OFF},{NOBODY},{SILENT},{BLACK}", OutId="a1")
    assert [aliyun.details(n)["SmsSendDetailDTOs"]["SmsSendDetailDTO"][0]["SendStatus"] for n in (ONE, SILENT)] == [
        1,
        1,
    ]
    box.admin("clock", advance=10)
    (line,) = aliyun.details()["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    assert line == {
        "PhoneNum": ONE,
        "SendStatus": 3,
        "TemplateCode": "SMS_1",
        "Content": "【示例学院】您有新的公开信息：收费标准，请到学院网站查看。",
        "SendDate": "2020-09-01 08:00:00",
        "ReceiveDate": "2020-09-01 08:00:10",
        "OutId": "a1",
        "ErrCode": "DELIVERED",
    }
    found = [
        aliyun.details(n, BizId=sent["BizId"])["SmsSendDetailDTOs"]["SmsSendDetailDTO"][0]
        for n in (OFF, NOBODY, BLACK, SILENT)
    ]
    assert [(each["SendStatus"], each.get("ErrCode")) for each in found] == [
        (2, "IS_CLOSED"),
        (2, "MOBILE_NOT_ON_SERVICE"),
        (2, "MOBILE_IN_BLACK"),
        (1, None),
    ]


def test_a_number_set_up_has_the_fate_and_code_it_was_given(aliyun, box):
    box.admin("setup", sms_numbers=[{"number": ONE, "fate": "failed", "code": "MK:0001"}, {"number": OFF}])
    aliyun.send(f"{ONE},{OFF}")
    assert [(line["fate"], line["code"]) for line in box.books()["sms"]] == [
        ("failed", "MK:0001"),
        ("delivered", "DELIVERED"),
    ]


def test_the_query_is_by_day_page_and_id_newest_first(aliyun, box):
    first = aliyun.send(title="一")["BizId"]
    for title in ("二", "三"):
        box.admin("clock", advance=1)
        aliyun.send(title=title)
    page = aliyun.details(PageSize="2", CurrentPage="2")
    assert page["TotalCount"] == 3
    assert ["一" in each["Content"] for each in page["SmsSendDetailDTOs"]["SmsSendDetailDTO"]] == [True]
    assert aliyun.details(BizId=first)["TotalCount"] == 1
    assert aliyun.details(BizId="0^0")["TotalCount"] == 0
    assert aliyun.details(day="20200831")["TotalCount"] == 0
    assert aliyun.details(TWO)["TotalCount"] == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"PageSize": "51"}, "isv.INVALID_PARAMETERS"),
        ({"PageSize": "0"}, "isv.INVALID_PARAMETERS"),
        ({"CurrentPage": ""}, "MissingCurrentPage"),
        ({"day": "2020-09-01"}, "isv.INVALID_PARAMETERS"),
        ({"day": "20200801"}, "isv.INVALID_PARAMETERS"),
        ({"day": "20200902"}, "isv.INVALID_PARAMETERS"),
        ({"day": "20200802"}, "OK"),
        ({"number": f"{ONE},{TWO}"}, "isv.MOBILE_NUMBER_ILLEGAL"),
    ],
)
def test_the_query_reaches_back_thirty_days_and_fifty_lines(aliyun, more, code):
    assert aliyun.details(**more)["Code"] == code


def test_the_query_may_lag_behind_the_sending(aliyun, box):
    box.admin("setup", sms_accounts=[{"key_id": KEY, "query_delay": 120}])
    aliyun.send()
    box.admin("clock", advance=119)
    assert aliyun.details()["TotalCount"] == 0
    box.admin("clock", advance=1)
    assert aliyun.details()["TotalCount"] == 1


def test_the_statistics_count_billed_messages_by_day(aliyun, box):
    aliyun.send(f"{ONE},{OFF},{SILENT}")
    box.admin("clock", now="2020-09-02T00:00:00+08:00")
    aliyun.send(SignName="二号签名")
    query = {"IsGlobe": "1", "StartDate": "20200901", "EndDate": "20200902", "PageIndex": "1", "PageSize": "10"}
    first, second = aliyun.call("QuerySendStatistics", **query)["Data"]["TargetList"]
    assert first == {
        "SendDate": "20200901",
        "TotalCount": 3,
        "RespondedSuccessCount": 1,
        "RespondedFailCount": 1,
        "NoRespondedCount": 1,
    }
    assert (second["SendDate"], second["TotalCount"], second["NoRespondedCount"]) == ("20200902", 1, 1)
    data = aliyun.call("QuerySendStatistics", **query, SignName="二号签名")["Data"]
    assert (data["TotalSize"], data["TargetList"]) == (1, [second])


def test_a_call_dropped_after_executing_has_sent_and_can_be_found(aliyun, box):
    box.admin("faults", call="aliyun.SendSms", kind="after", match={"OutId": "a1"})
    with pytest.raises(requests.ConnectionError):
        aliyun.send(OutId="a1")
    assert [each["OutId"] for each in aliyun.details()["SmsSendDetailDTOs"]["SmsSendDetailDTO"]] == ["a1"]


def test_a_call_dropped_before_executing_has_sent_nothing(aliyun):
    aliyun.box.admin("faults", call="aliyun.*", kind="before")
    with pytest.raises(requests.ConnectionError):
        aliyun.send()
    assert aliyun.details()["TotalCount"] == 0


@pytest.mark.parametrize(
    ("code", "status"), [("isv.DAY_LIMIT_CONTROL", 200), ("Throttling.User", 400), ("ServiceUnavailable", 503)]
)
def test_a_planned_error_has_a_word_for_a_code(aliyun, box, code, status):
    box.admin("faults", call="aliyun.SendSms", kind="error", code=code, errmsg="触发日发送限额")
    answer = aliyun.post("SendSms", ORDER)
    assert (answer.status_code, answer.json()["Code"], answer.json()["Message"]) == (status, code, "触发日发送限额")
    assert box.books()["sms"] == []


def test_twelve_thousand_numbers_cost_no_more_than_a_moment(aliyun, box):
    numbers = [f"199{n:08d}" for n in range(12_000)]
    before = time.process_time()
    for start in range(0, 12_000, 1000):
        assert aliyun.send(",".join(numbers[start : start + 1000]))["Code"] == "OK"
    assert time.process_time() - before < 3
    assert [line["number"] for line in box.books()["sms"]] == numbers


def test_the_phone_page_shows_a_few_numbers_and_only_what_arrived_there(aliyun, box):
    aliyun.send(",".join([OFF, *(f"199{n:08d}" for n in range(1, 51))]))
    html = box.http.get(box.base + "/", params={"chat": "sms-1"}, timeout=5).text
    assert html.count('href="?chat=sms-') == 5
    assert "199****0001" in html
    assert ONE not in html
    assert "【示例学院】您有新的公开信息：收费标准" in html


@pytest.mark.parametrize(
    "order",
    [
        {"sms_accounts": [{"key_id": "k", "vendor": "pigeon"}]},
        {"sms_accounts": [{"key_id": "k", "signs": [{"nmae": "x"}]}]},
        {"sms_accounts": [{"key_id": "k", "templates": [{"code": "c", "text": "x", "kind": "poem"}]}]},
        {"sms_numbers": [{"number": ONE, "fate": "eaten"}]},
    ],
)
def test_a_misspelt_setup_is_refused(box, order):
    assert box.http.post(f"{box.base}/__sandbox__/setup", json=order, timeout=5).status_code == 400


def test_secrets_stay_out_of_books_and_answers(aliyun, box):
    aliyun.post("SendSms", ORDER, secret="wrong")
    assert SECRET not in json.dumps(box.books())
