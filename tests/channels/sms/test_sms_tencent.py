"""What Tencent Cloud is sent, each number's own answer, and that a missing receipt proves nothing."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels import make
from channels.base import Resolution
from channels.sms.tencent_codes import CODES
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import KEY, NOW, SCHOOL, Ticks, check_golden, setting
from tests.channels.servers import Vendor
from tests.channels.sms.sms_support import NUMBERS, ONE, SECRETS, TENCENT, attempt, everything, failure, send, tencent

GOLDEN = Path(__file__).parent / "golden"
M, H = timedelta(minutes=1), timedelta(hours=1)
REFUSED, OURS, SLOW, UNSURE = Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED, Outcome.UNCERTAIN


def row(number: str = ONE, code: str = "Ok", serial: str = "5000:1045710669157053657849499619") -> dict[str, object]:
    ok = code == "Ok"
    return {
        "SerialNo": serial if ok else "", "PhoneNumber": f"+86{number}", "Fee": int(ok), "SessionContext": KEY,
        "Code": code, "Message": f"{code} +86{number}", "IsoCode": "CN",
    }  # fmt: skip


def sets(*rows: dict[str, object]) -> dict[str, object]:
    return {"Response": {"SendStatusSet": list(rows), "RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"}}


def fault(code: str) -> dict[str, object]:
    return {"Response": {"Error": {"Code": code, "Message": f"{ONE}"}, "RequestId": "ed93f3cb"}}


def test_the_call_is_what_the_golden_file_says(vendor: Vendor) -> None:
    vendor.says(sets(*(row(number) for number in NUMBERS[:2])))
    send(tencent(vendor.base), NUMBERS[:2])
    ((path, headers, body),) = vendor.asked
    kept = {n: v for n, v in headers.items() if n.startswith("X-TC-") or n == "Content-Type"}
    check_golden(GOLDEN / "send.sms_tencent.json", {"path": path, "headers": kept, "body": body})


def test_each_number_has_its_own_answer_and_its_own_id(vendor: Vendor) -> None:
    a, b, c, d = NUMBERS[:4]
    vendor.says(
        sets(
            row(a), row(b, "FailedOperation.PhoneNumberInBlacklist"), row(c, "LimitExceeded.PhoneNumberDailyLimit"),
            row(d, "InternalError.Timeout"),
        )
    )  # fmt: skip
    by = {each.address: each for each in send(tencent(vendor.base), [a, b, c, d, "row 12"])}
    assert {n: each.outcome for n, each in by.items()} == {
        a: Outcome.ACCEPTED, b: REFUSED, c: SLOW, d: UNSURE, "row 12": REFUSED,
    }  # fmt: skip
    assert by[a].vendor_id == "5000:1045710669157053657849499619"
    assert by[c].retry_after == 15 * H, "until midnight in Shanghai"
    assert "免打扰" in by[b].reason
    assert by[b].code not in by[b].reason  # the log shows it beside the reason
    assert "尾号12" in by["row 12"].reason


def test_a_number_that_is_missing_in_the_answer_gets_none(vendor: Vendor) -> None:
    vendor.says(sets(row(NUMBERS[0]), row("13800009999")))
    assert [each.address for each in send(tencent(vendor.base), NUMBERS[:2])] == NUMBERS[:1]


def test_the_same_no_for_some_of_the_numbers_says_nothing_of_the_others(vendor: Vendor) -> None:
    vendor.says(sets(row(NUMBERS[0], "FailedOperation.PhoneNumberInBlacklist")))
    assert [(e.address, e.outcome) for e in send(tencent(vendor.base), NUMBERS[:2])] == [(NUMBERS[0], REFUSED)]


def test_values_stand_in_the_order_of_their_numbers_beyond_nine_too(vendor: Vendor) -> None:
    takes = {str(n): "部门" if n == 10 else "学校" if n == 2 else "标题" for n in range(10, 0, -1)}
    text = "".join(f"{{{n}}}" for n in range(10, 0, -1))
    vendor.says(sets(row()))
    send(tencent(vendor.base, text=text, variables=takes))
    values = vendor.asked[0][2]["TemplateParamSet"]
    assert (values[1], values[9], len(values)) == (SCHOOL, "计划财务处", 10)


TABLE: dict[Outcome, list[str]] = {
    SLOW: [
        "LimitExceeded.PhoneNumberThirtySecondLimit", "LimitExceeded.PhoneNumberOneHourLimit",
        "LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit", "LimitExceeded.AppDailyLimit",
        "LimitExceeded.AppMainlandChinaDailyLimit", "LimitExceeded.DailyLimit", "RequestLimitExceeded",
    ],
    UNSURE: [
        "InternalError", "InternalError.Timeout", "InternalError.SendAndRecvFail", "InternalError.OtherError",
        "InternalError.UnknownError", "InternalError.ParseBackendResponseFail",
    ],
    OURS: [
        "InternalError.RequestTimeException", "AuthFailure.SignatureExpire", "AuthFailure.SecretIdNotFound",
        "AuthFailure.InvalidSecretId", "AuthFailure.InvalidAuthorization", "AuthFailure.SignatureFailure",
        "AuthFailure.UnauthorizedOperation", "UnauthorizedOperation", "UnauthorizedOperation.RequestPermissionDeny",
        "UnauthorizedOperation.RequestIpNotInWhitelist", "UnauthorizedOperation.SmsSdkAppIdVerifyFail",
        "UnauthorizedOperation.SdkAppIdIsDisabled", "UnauthorizedOperation.ServiceSuspendDueToArrears",
        "InvalidParameterValue.SdkAppIdNotExist", "InvalidParameter.AppidAndBizId", "UnsupportedRegion",
        "FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.SignatureIncorrectOrUnapproved",
        "FailedOperation.TemplateIncorrectOrUnapproved", "FailedOperation.TemplateUnapprovedOrNotExist",
        "FailedOperation.TemplateIdNotExist", "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
        "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
    ],
    REFUSED: [
        "LimitExceeded.PhoneNumberCountLimit", "FailedOperation.ContainSensitiveWord", "InvalidParameter.DirtyWordFound",
        "FailedOperation.PhoneNumberInBlacklist", "FailedOperation.PhoneNumberParseFail",
        "FailedOperation.MarketingSendTimeConstraint", "FailedOperation.OtherError", "FailedOperation.JsonParseFail",
        "InvalidParameter", "InvalidParameter.InvalidParameters", "InvalidParameterValue.IncorrectPhoneNumber",
        "InvalidParameterValue.ContentLengthLimit", "InvalidParameterValue.TemplateParameterLengthLimit",
        "InvalidParameterValue.TemplateParameterFormatError",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "MissingParameter",
        "MissingParameter.EmptyPhoneNumberSet", "UnknownParameter",
    ],
}  # fmt: skip
ROWS = [(code, outcome) for outcome, codes in TABLE.items() for code in codes]


def test_every_code_we_know_is_in_this_table() -> None:
    assert {code for code, _ in ROWS} == set(CODES)


@pytest.mark.parametrize(("code", "outcome"), [
    *ROWS, ("FailedOperation.BrandNew", Outcome.UNKNOWN_CODE), ("InvalidParameter.New", Outcome.UNKNOWN_CODE),
    ("RequestLimitExceeded.IPLimitExceeded", SLOW),
])  # fmt: skip
def test_a_code_means_the_same_for_the_call_and_for_every_number(vendor: Vendor, code: str, outcome: Outcome) -> None:
    for answer in (fault(code), sets(*(row(number, code) for number in NUMBERS))):
        vendor.says(answer)
        error = failure(tencent(vendor.base), NUMBERS)
        assert (error.outcome, error.code) == (outcome, code[:50])
        assert error.reason
        assert error.advice or outcome in (UNSURE, SLOW)
        assert error.retry_after is not None or outcome is not SLOW
    assert len(vendor.asked) == 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"<html>502</html>", 502), (b"", 200), ({"ok": 1}, 200), ([], 200), (sets(), 200), (sets(row()), 503),
        ({"Response": {"SendStatusSet": None}}, 200), ({"Response": []}, 200),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_vendors_proves_nothing(vendor: Vendor, answer: object, status: int) -> None:
    vendor.says(answer, status)
    assert failure(tencent(vendor.base), NUMBERS).outcome is UNSURE
    assert len(vendor.asked) == 1


def test_nobody_listening_means_surely_not_sent() -> None:
    assert failure(tencent()).outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize("cut", range(470, 500))
def test_no_whole_number_stays_in_an_error_however_the_answer_is_cut(vendor: Vendor, cut: int) -> None:
    vendor.says(b"x" * cut + f"+86{ONE}".encode(), 502)
    assert ONE[:6] not in everything(failure(tencent(vendor.base)))


def test_neither_number_nor_key_is_in_a_result_an_error_or_a_log(
    vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.says(sets(row(ONE), row(NUMBERS[1], "FailedOperation.PhoneNumberInBlacklist")))
    said = "".join(everything(each) for each in send(tencent(vendor.base), NUMBERS[:2]))
    vendor.says(fault("InvalidParameterValue.IncorrectPhoneNumber"))
    said += everything(failure(tencent(vendor.base))) + repr(tencent(vendor.base).check([])) + caplog.text
    assert not [s for s in (*NUMBERS[:2], "test-secret-id", "test-secret-key") if s in said]


# --- what became of it -------------------------------------------------------------------------------------------


def record(status: str = "SUCCESS", session: str = KEY, serial: str = "2640:1", **more: object) -> dict[str, object]:
    return {
        "UserReceiveTime": 1614560405, "CountryCode": "86", "SubscriberNumber": ONE, "PhoneNumber": f"+86{ONE}",
        "SerialNo": serial, "ReportStatus": status, "Description": "DELIVRD" if status == "SUCCESS" else "UNDELIV",
        "SessionContext": session, **more,
    }  # fmt: skip


def pulled(*records: dict[str, object]) -> dict[str, object]:
    return {"Response": {"PullSmsSendStatusSet": list(records) or None, "RequestId": "x"}}


def resolve(vendor: Vendor, answer: object, **changes: Any) -> Resolution:
    vendor.says(answer)
    return tencent(vendor.base).resolve(attempt(**changes))


def test_the_question_is_the_one_the_vendor_documents(vendor: Vendor) -> None:
    resolve(vendor, pulled())
    ((_, headers, body),) = vendor.asked
    now = int(NOW.timestamp())
    assert headers["X-TC-Action"] == "PullSmsSendStatusByPhoneNumber"
    assert body == {
        "BeginTime": now - 900, "EndTime": now, "Offset": 0, "Limit": 100, "PhoneNumber": f"+86{ONE}",
        "SmsSdkAppId": "1400000001",
    }  # fmt: skip


@pytest.mark.parametrize(("found", "outcome", "basis"), [
    (record(), Outcome.DELIVERED, Basis.HANDSET),
    (record("FAIL"), REFUSED, None),
    (record(session="", serial="ours"), Outcome.DELIVERED, Basis.HANDSET),
])  # fmt: skip
def test_our_key_or_our_serial_number_tells(
    vendor: Vendor, found: dict[str, object], outcome: Outcome, basis: Basis | None
) -> None:
    stranger = record("FAIL", session="another push", serial="2640:9")
    told = resolve(vendor, pulled(stranger, found), vendor_id="ours")
    assert (told.outcome, told.basis, told.vendor_id) == (outcome, basis, found["SerialNo"])


def test_a_receipt_without_a_key_is_a_persons_question(vendor: Vendor) -> None:
    told = resolve(vendor, pulled(record(session="")))
    assert (told.outcome, told.ask_again) == (UNSURE, None)
    assert "不能确定是哪一条" in told.reason


def test_a_serial_number_we_never_had_matches_nothing(vendor: Vendor) -> None:
    assert resolve(vendor, pulled(record(session="", serial=""))).outcome is UNSURE


@pytest.mark.parametrize(("age", "again"), [(M, M), (3 * M, 2 * M), (10 * M, 50 * M), (24 * H, 48 * H), (72 * H, None)])
def test_a_missing_receipt_never_proves_that_nothing_was_sent(
    vendor: Vendor, age: timedelta, again: timedelta | None
) -> None:
    told = resolve(vendor, pulled(record(session="another push")), begun_at=NOW - age)
    assert (told.outcome, told.ask_again) == (UNSURE, again)


def test_the_vendor_is_not_asked_beyond_its_seven_days(vendor: Vendor) -> None:
    resolve(vendor, pulled(), begun_at=NOW - timedelta(days=9))
    assert vendor.asked[0][2]["BeginTime"] > (NOW - timedelta(days=7)).timestamp()


def test_following_finds_the_receipt_and_else_asks_again_until_the_end(vendor: Vendor) -> None:
    channel = tencent(vendor.base)
    vendor.says(pulled(record("FAIL", session="", serial="ours")))
    assert channel.follow(attempt(vendor_id="ours")).outcome is REFUSED
    vendor.says(pulled(record(session="", serial="another")))
    told = channel.follow(attempt(vendor_id="ours", begun_at=NOW - 5 * M))
    assert (told.outcome, told.ask_again) == (UNSURE, 55 * M)
    told = channel.follow(attempt(vendor_id="ours", begun_at=NOW - 73 * H))
    assert (told.outcome, told.ask_again, told.reason) == (UNSURE, None, "已提交（无回执）")


def test_nothing_is_pulled_unless_the_school_says_so(vendor: Vendor) -> None:
    vendor.says(pulled(record()))
    assert list(tencent(vendor.base).pull()) == []
    assert vendor.asked == []
    channel = tencent(vendor.base, pull=True)
    (receipt,) = channel.pull()
    assert vendor.asked[0][1]["X-TC-Action"] == "PullSmsSendStatus"
    word = channel.word(receipt, NOW)
    assert word is not None
    assert (word.outcome, word.address, word.vendor_id, word.push_key) == (Outcome.DELIVERED, ONE, "2640:1", KEY)


def test_a_pushed_and_a_pulled_receipt_are_known_as_one(vendor: Vendor) -> None:
    vendor.says(pulled(record()))
    channel = tencent(vendor.base, pull=True)
    (taken,) = channel.pull()
    body = json.dumps([{"mobile": ONE, "sid": "2640:1", "report_status": "SUCCESS", "errmsg": "DELIVRD"}]).encode()
    _, (brought,) = channel.door("POST", {"key": SECRETS["SMS_CALLBACK_SECRET"]}, body)
    assert taken.dedup == brought.dedup


def test_the_registry_makes_it() -> None:
    channel = make(setting("sms_tencent", **TENCENT), SECRETS, Ticks())
    assert (channel.name, channel.label) == ("sms_tencent", "腾讯云短信")
