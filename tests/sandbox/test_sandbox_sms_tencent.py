"""Tencent Cloud's SMS: a code for every number, receipts that can be pulled once, errors with HTTP 200."""

from __future__ import annotations

import time

import pytest
import requests

from tests.sandbox.sms_clients import BLACK, NOBODY, OFF, ONE, SIGN, SILENT, TENCENT_ID, TWO, Tencent, error


def test_a_call_answers_for_every_number(tencent, box):
    answer = tencent.send(ONE, BLACK, TWO, SessionContext="尝试1")
    first, second, third = answer["SendStatusSet"]
    assert first | {"SerialNo": ""} == {
        "SerialNo": "",
        "PhoneNumber": f"+86{ONE}",
        "Fee": 1,
        "SessionContext": "尝试1",
        "Code": "Ok",
        "Message": "send success",
        "IsoCode": "CN",
    }
    assert (second["Code"], second["SerialNo"], second["Fee"]) == ("FailedOperation.PhoneNumberInBlacklist", "", 0)
    lines = box.books(vendor="tencent")["sms"]
    assert [(line["number"], line["serial"], line["ref"]) for line in lines] == [
        (ONE, first["SerialNo"], "尝试1"),
        (TWO, third["SerialNo"], "尝试1"),
    ]
    assert first["SerialNo"] != third["SerialNo"]


@pytest.mark.parametrize("number", [ONE, f"86{ONE}", f"0086{ONE}", f"+86{ONE}"])
def test_a_mainland_number_may_be_written_four_ways(tencent, number):
    (status,) = tencent.send(PhoneNumberSet=[number])["SendStatusSet"]
    assert (status["Code"], status["PhoneNumber"]) == ("Ok", f"+86{ONE}")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"PhoneNumberSet": [ONE, "1990000"]}, ["Ok", "InvalidParameterValue.IncorrectPhoneNumber"]),
        ({"SignName": "未审核"}, ["FailedOperation.SignatureIncorrectOrUnapproved"]),
        ({"SignName": ""}, ["FailedOperation.SignatureIncorrectOrUnapproved"]),
        ({"TemplateId": "9"}, ["FailedOperation.TemplateIncorrectOrUnapproved"]),
        ({"TemplateId": "1111"}, ["FailedOperation.TemplateIncorrectOrUnapproved"]),
        ({"TemplateParamSet": []}, ["FailedOperation.TemplateParamSetNotMatchApprovedTemplate"]),
        ({"TemplateParamSet": ["甲", "乙"]}, ["FailedOperation.TemplateParamSetNotMatchApprovedTemplate"]),
        ({"TemplateParamSet": ["字" * 13]}, ["InvalidParameterValue.TemplateParameterLengthLimit"]),
        ({"TemplateParamSet": ["x.edu.cn"]}, ["InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"]),
        (
            {"TemplateId": "1112", "TemplateParamSet": ["1234567", "5"]},
            ["InvalidParameterValue.TemplateParameterFormatError"],
        ),
    ],
)
def test_what_is_wrong_is_said_number_by_number(tencent, box, more, code):
    assert tencent.codes(**more) == code
    assert len(box.books()["sms"]) == code.count("Ok")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"PhoneNumberSet": []}, "MissingParameter.EmptyPhoneNumberSet"),
        ({"PhoneNumberSet": [ONE] * 201}, "LimitExceeded.PhoneNumberCountLimit"),
        ({"PhoneNumberSet": ONE}, "InvalidParameter"),
        ({"PhoneNumberSet": [int(ONE)]}, "InvalidParameter"),
        (
            {"PhoneNumberSet": [f"+86{ONE}", "+85290000000"]},
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
        ),
        ({"SmsSdkAppId": "1400000000"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ({"SmsSdkAppId": None}, "MissingParameter"),
        ({"TemplateId": 1110}, "InvalidParameter"),
        ({"TemplateParamSet": [1]}, "InvalidParameter"),
        ({"SessionContext": "x" * 512}, "InvalidParameter"),
        ({"TemplateID": "1110"}, "UnknownParameter"),
    ],
)
def test_what_is_wrong_with_the_call_is_one_error(tencent, box, more, code):
    assert error(tencent.send(**more)) == code
    assert box.books()["sms"] == []


def test_a_session_of_511_bytes_is_echoed(tencent):
    assert tencent.send(SessionContext="x" * 511)["SendStatusSet"][0]["SessionContext"] == "x" * 511


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"in_service": False}, "UnauthorizedOperation.ServiceSuspendDueToArrears"),
        ({"permitted": False}, "AuthFailure.UnauthorizedOperation"),
        ({"ip_allow": ["10.0.0.1"]}, "UnauthorizedOperation.RequestIpNotInWhitelist"),
        ({"black_words": ["公开"]}, "FailedOperation.ContainSensitiveWord"),
    ],
)
def test_an_account_may_be_in_no_state_to_send(tencent, box, fields, code):
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, **fields}])
    assert tencent.codes() == [code]
    assert box.books()["sms"] == []


def test_a_package_that_runs_out_serves_the_first_numbers(tencent, box):
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, "balance": 1}])
    assert tencent.codes(ONE, TWO) == ["Ok", "FailedOperation.InsufficientBalanceInSmsPackage"]


def test_an_answer_of_timeout_does_not_say_that_it_went_but_it_did(tencent, box):
    box.admin("setup", sms_numbers=[{"number": TWO, "fate": "timeout"}])
    first, second = tencent.send(ONE, TWO)["SendStatusSet"]
    assert (first["Code"], second["Code"], second["SerialNo"]) == ("Ok", "InternalError.Timeout", "")
    assert [line["number"] for line in box.books()["sms"]] == [ONE, TWO]


ORDER = {
    "SmsSdkAppId": "1400006666",
    "PhoneNumberSet": [ONE],
    "SignName": SIGN,
    "TemplateId": "1110",
    "TemplateParamSet": ["收费"],
}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"secret": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"id": "AKID-nobody"}, "AuthFailure.SecretIdNotFound"),
        ({"uri": "/elsewhere"}, "AuthFailure.SignatureFailure"),
        ({"service": "cvm"}, "AuthFailure.SignatureFailure"),
        ({"day": 0}, "AuthFailure.SignatureFailure"),
        ({"names": "host"}, "AuthFailure.SignatureFailure"),
        ({"body": b"{}"}, "AuthFailure.SignatureFailure"),
        ({"headers": {"Authorization": "TC3-HMAC-SHA256 nonsense"}}, "AuthFailure.InvalidAuthorization"),
        ({"headers": {"X-TC-Timestamp": "soon"}}, "AuthFailure.InvalidAuthorization"),
        ({"headers": {"X-TC-Version": "2019-07-11"}}, "NoSuchVersion"),
        ({"headers": {"X-TC-Region": ""}}, "MissingParameter"),
        ({"headers": {"X-TC-Region": "mars-north"}}, "UnsupportedRegion"),
        ({"headers": {"X-TC-Action": "SendPigeon"}}, "InvalidAction"),
    ],
)
def test_the_gateway_refuses_with_http_200(tencent, box, spoil, code):
    assert error(tencent.post("SendSms", ORDER, **spoil).json()["Response"]) == code
    assert box.books()["sms"] == []


@pytest.mark.parametrize("seconds", [-330, 330])
def test_a_signature_is_stale_after_five_minutes(tencent, box, seconds):
    assert (
        error(tencent.post("SendSms", ORDER, at=box.now() + seconds).json()["Response"])
        == "AuthFailure.SignatureExpire"
    )
    assert (
        error(tencent.post("SendSms", ORDER, at=time.time() + seconds).json()["Response"])
        == "AuthFailure.SignatureExpire"
    )


@pytest.mark.parametrize("seconds", [-270, 270])
def test_a_signature_is_good_within_five_minutes(tencent, box, seconds):
    assert "SendStatusSet" in tencent.post("SendSms", ORDER, at=box.now() + seconds).json()["Response"]


@pytest.mark.parametrize(("path", "uri"), [("/", "/"), ("/tencent-sms/", "/"), ("/tencent-sms/", "/tencent-sms/")])
def test_root_and_base_path_are_one_door(tencent, box, path, uri):
    assert "SendStatusSet" in Tencent(box, path).post("SendSms", ORDER, uri=uri).json()["Response"]


def test_a_body_that_is_no_object_is_refused(tencent):
    for body in (b"[]", b"{not json", b""):
        assert error(tencent.post("SendSms", body).json()["Response"]) == "InvalidParameter"


def pull(tencent, limit=100):
    return tencent.call("PullSmsSendStatus", Limit=limit)


def test_a_receipt_can_be_pulled_once_when_it_is_there(tencent, box):
    sent = tencent.send(ONE, OFF, NOBODY, SILENT, SessionContext="a1")["SendStatusSet"]
    assert pull(tencent)["PullSmsSendStatusSet"] == []
    box.admin("clock", advance=10)
    first = pull(tencent, limit=1)["PullSmsSendStatusSet"]
    assert first == [
        {
            "UserReceiveTime": int(box.now()),
            "CountryCode": "86",
            "SubscriberNumber": ONE,
            "PhoneNumber": f"+86{ONE}",
            "SerialNo": sent[0]["SerialNo"],
            "ReportStatus": "SUCCESS",
            "Description": "DELIVRD",
            "SessionContext": "",
        }
    ]
    rest = pull(tencent)["PullSmsSendStatusSet"]
    assert [(each["SubscriberNumber"], each["ReportStatus"], each["Description"]) for each in rest] == [
        (OFF, "FAIL", "002"),
        (NOBODY, "FAIL", "UNDELIV"),
    ]
    assert pull(tencent)["PullSmsSendStatusSet"] == []


def test_the_session_comes_back_only_where_the_vendor_opened_it(tencent, box):
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, "session_in_receipts": True}])
    tencent.send(SessionContext="a1")
    box.admin("clock", advance=10)
    assert pull(tencent)["PullSmsSendStatusSet"][0]["SessionContext"] == "a1"


def test_pulling_can_be_closed_and_takes_a_hundred_at_most(tencent, box):
    assert error(pull(tencent, limit=101)) == "InvalidParameterValue.LimitVerifyFail"
    box.admin("setup", sms_accounts=[{"key_id": TENCENT_ID, "pull": False}])
    assert error(pull(tencent)) == "UnauthorizedOperation.RequestPermissionDeny"


def by_number(tencent, box, **more):
    usual = {"BeginTime": int(box.now()) - 3600, "Offset": 0, "Limit": 100, "PhoneNumber": f"+86{ONE}"}
    return tencent.call("PullSmsSendStatusByPhoneNumber", **usual | more)


def test_one_numbers_receipts_can_be_asked_for_again_and_again(tencent, box):
    sent = tencent.send(ONE, TWO)["SendStatusSet"]
    assert by_number(tencent, box)["PullSmsSendStatusSet"] == []
    box.admin("clock", advance=10)
    pull(tencent)
    for _ in range(2):
        found = by_number(tencent, box)["PullSmsSendStatusSet"]
        assert [each["SerialNo"] for each in found] == [sent[0]["SerialNo"]]
    assert by_number(tencent, box, EndTime=int(box.now()) - 60)["PullSmsSendStatusSet"] == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"BeginTime": -7 * 86_400 - 1}, "InvalidParameterValue.BeginTimeVerifyFail"),
        ({"EndTime": -7200}, "InvalidParameterValue.InvalidStartTime"),
        ({"Offset": 1}, "InvalidParameterValue.OffsetVerifyFail"),
        ({"Limit": 101}, "InvalidParameterValue.LimitVerifyFail"),
        ({"PhoneNumber": "123"}, "InvalidParameterValue.IncorrectPhoneNumber"),
        ({"SendDateTime": 1}, "UnknownParameter"),
    ],
)
def test_one_numbers_query_reaches_back_seven_days(tencent, box, more, code):
    more = {name: value + int(box.now()) if name.endswith("Time") else value for name, value in more.items()}
    assert error(by_number(tencent, box, **more)) == code


def test_seven_days_back_is_still_answered(tencent, box):
    assert by_number(tencent, box, BeginTime=int(box.now()) - 7 * 86_400)["PullSmsSendStatusSet"] == []


def test_a_call_dropped_after_executing_has_sent(tencent, box):
    box.admin("faults", call="tencent.SendSms", kind="after", match={"SessionContext": "a1"})
    with pytest.raises(requests.ConnectionError):
        tencent.send(SessionContext="a1")
    assert [line["ref"] for line in box.books()["sms"]] == ["a1"]


def test_a_planned_error_takes_the_vendors_shape(tencent, box):
    box.admin("faults", call="tencent.SendSms", kind="error", code="RequestLimitExceeded", errmsg="slow down")
    assert tencent.send()["Error"] == {"Code": "RequestLimitExceeded", "Message": "slow down"}
    assert box.books()["refused"] == {"tencent.SendSms": {"RequestLimitExceeded": 1}}


def test_twelve_thousand_numbers_cost_no_more_than_a_moment(tencent, box):
    numbers = [f"199{n:08d}" for n in range(12_000) if n % 1000 != 994]
    before = time.process_time()
    for start in range(0, len(numbers), 200):
        assert set(tencent.codes(*numbers[start : start + 200])) == {"Ok"}
    assert time.process_time() - before < 4
    assert [line["number"] for line in box.books()["sms"]] == numbers
