"""What Aliyun is sent, what its answers mean, and that a doubt is asked about and never sent again."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels import make
from channels.base import Resolution, SendError, Sent
from channels.sms.aliyun_codes import CODES
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import KEY, NOW, Ticks, check_golden, setting
from tests.channels.servers import Vendor
from tests.channels.sms.sms_support import (
    ALIYUN,
    NUMBERS,
    ONE,
    SECRETS,
    aliyun,
    attempt,
    everything,
    failure,
    query_of,
    send,
)

GOLDEN = Path(__file__).parent / "golden"
OK = {
    "Code": "OK",
    "Message": "OK",
    "BizId": "900619746936498440^0",
    "RequestId": "F655A8D5-B967-440B-8683-DAD6FF8DE990",
}
M, H = timedelta(minutes=1), timedelta(hours=1)


def refused(code: str, message: str = "") -> dict[str, str]:
    return {"Code": code, "Message": message, "RequestId": "F655A8D5-B967-440B-8683-DAD6FF8DE990"}


def test_the_call_is_what_the_golden_file_says(vendor: Vendor) -> None:
    vendor.says(OK)
    send(aliyun(vendor.base), NUMBERS[:2])
    ((path, headers, body),) = vendor.asked
    signed = {name: value for name, value in headers.items() if name.startswith("x-acs-")}
    wire = {"path": path.partition("?")[0], "query": query_of(path), "headers": signed, "body": body.decode()}
    check_golden(GOLDEN / "send.sms_aliyun.json", wire)


def test_one_yes_is_every_numbers_yes_with_the_vendors_id(vendor: Vendor) -> None:
    vendor.says(OK)
    sent = send(aliyun(vendor.base), NUMBERS)
    assert [each.address for each in sent] == NUMBERS
    assert {(each.outcome, each.vendor_id, each.code) for each in sent} == {(Outcome.ACCEPTED, OK["BizId"], "OK")}
    assert len(vendor.asked) == 1


def test_a_row_that_is_no_mobile_number_is_refused_here_and_the_others_go(vendor: Vendor) -> None:
    vendor.says(OK)
    by = {each.address: each for each in send(aliyun(vendor.base), [ONE, "1380000", "张三", NUMBERS[1]])}
    assert query_of(vendor.asked[0][0])["PhoneNumbers"] == f"{ONE},{NUMBERS[1]}"
    assert by[ONE].outcome is Outcome.ACCEPTED
    assert by["1380000"].outcome is by["张三"].outcome is Outcome.REFUSED
    assert "尾号00" in by["1380000"].reason
    assert "1380000" not in everything(by["1380000"])
    assert "张三" not in everything(by["张三"])


def test_a_wrong_row_stays_refused_whatever_becomes_of_the_others(vendor: Vendor) -> None:
    vendor.says(b"", 502)
    sent = send(aliyun(vendor.base), [ONE, "1380000"])
    assert {each.address: each.outcome for each in sent} == {ONE: Outcome.UNCERTAIN, "1380000": Outcome.REFUSED}


def test_a_wrong_row_of_a_call_that_died_never_left(vendor: Vendor) -> None:
    found = aliyun(vendor.base).resolve(attempt(address="1380000"))
    assert found.outcome is Outcome.REFUSED
    assert "1380000" not in found.reason
    assert vendor.asked == []


def test_a_list_of_wrong_rows_calls_nobody(vendor: Vendor) -> None:
    (sent,) = send(aliyun(vendor.base), ["not a number"])
    assert sent.outcome is Outcome.REFUSED
    assert vendor.asked == []


REFUSED, OURS, SLOW, UNSURE = Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED, Outcome.UNCERTAIN
TABLE: dict[Outcome, list[str]] = {
    REFUSED: [
        "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.TEMPLATE_PARAMS_ILLEGAL",
        "isv.INVALID_JSON_PARAM", "isv.INVALID_PARAMETERS", "isv.EXTEND_CODE_ERROR", "isv.PARAM_LENGTH_LIMIT",
        "isv.PARAM_NOT_SUPPORT_URL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.SMS_CONTENT_ILLEGAL",
        "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE",
    ],
    OURS: [
        "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL",
        "isv.SECURITY_FROZEN_ACCOUNT", "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE",
        "isp.RAM_PERMISSION_DENY", "NoPermission", "isv.DENY_IP_RANGE", "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL", "isv.SIGN_STATE_ILLEGAL", "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
        "isv.SMS_TEMPLATE_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
        "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "SignatureDoesNotMatch", "IncompleteSignature",
        "InvalidTimeStamp.Expired",
    ],
    SLOW: [
        "isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "Throttling",
        "Throttling.User", "Throttling.Api",
    ],
    UNSURE: ["isp.SYSTEM_ERROR", "isp.UNKNOWN", "isp.GATEWAY_ERROR", "SignatureNonceUsed"],
    Outcome.UNKNOWN_CODE: ["isv.BRAND_NEW"],
}  # fmt: skip
ROWS = [(code, outcome) for outcome, codes in TABLE.items() for code in codes]


def test_every_code_we_know_is_in_this_table() -> None:
    assert {code for code, _ in ROWS} == {*CODES, "isv.BRAND_NEW"}


@pytest.mark.parametrize(("code", "outcome"), ROWS)
def test_a_code_becomes_an_outcome_with_words_and_the_fix(vendor: Vendor, code: str, outcome: Outcome) -> None:
    vendor.says(refused(code), 200 if code.startswith("is") else 400)
    error = failure(aliyun(vendor.base))
    assert (error.outcome, error.code) == (outcome, code)
    assert error.reason
    assert error.advice or outcome in (UNSURE, SLOW)
    assert error.retry_after is not None or outcome is not SLOW
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(("message", "wait"), [
    ("触发分钟级流控Permits:1", timedelta(seconds=65)), ("触发小时级流控Permits:5", H), ("触发天级流控Permits:10", H),
])  # fmt: skip
def test_a_limit_waits_as_long_as_its_kind(vendor: Vendor, message: str, wait: timedelta) -> None:
    vendor.says(refused("isv.BUSINESS_LIMIT_CONTROL", message))
    assert failure(aliyun(vendor.base)).retry_after == wait


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b"<html>502</html>", 502), (b"", 200), (b"<html>login</html>", 200), ({"ok": True}, 200), ([], 200), (OK, 503)],
)
def test_an_answer_that_is_not_the_vendors_proves_nothing(vendor: Vendor, answer: object, status: int) -> None:
    vendor.says(answer, status)
    assert failure(aliyun(vendor.base), NUMBERS).outcome is UNSURE
    assert len(vendor.asked) == 1


def test_nobody_listening_means_surely_not_sent() -> None:
    assert failure(aliyun()).outcome is Outcome.UNAVAILABLE


def refusing(bad: set[str], code: str = "isv.MOBILE_NUMBER_ILLEGAL", **others: object) -> Any:
    """A vendor that refuses a call whole for any of these numbers, and answers some numbers in a way of its own."""

    def decide(path: str, _: object) -> object:
        numbers = query_of(path)["PhoneNumbers"].split(",")
        own = next((others[number] for number in numbers if number in others and len(numbers) == 1), None)
        return own or (refused(code) if bad & set(numbers) else {**OK, "BizId": f"{numbers[0][-2:]}^0"})

    return decide


def test_one_bad_number_does_not_hold_the_others(vendor: Vendor) -> None:
    many = [f"1380001{n:04d}" for n in range(1000)]
    vendor.decides = refusing({many[700]})
    by = {each.address: each for each in send(aliyun(vendor.base), many)}
    assert set(by) == set(many)
    assert [n for n, each in by.items() if each.outcome is not Outcome.ACCEPTED] == [many[700]]
    assert (by[many[700]].outcome, by[many[700]].code) == (REFUSED, "isv.MOBILE_NUMBER_ILLEGAL")
    taken = [query_of(path)["PhoneNumbers"] for path, _, _ in vendor.asked if many[700] not in path]
    assert sorted(",".join(taken).split(",")) == sorted(set(many) - {many[700]}), "nobody is sent to twice"


def test_a_list_full_of_bad_numbers_is_put_off_and_not_tried_for_ever(vendor: Vendor) -> None:
    many = [f"1380001{n:04d}" for n in range(200)]
    vendor.decides = refusing(set(many), "isv.BUSINESS_LIMIT_CONTROL")
    sent = send(aliyun(vendor.base), many)
    assert len(vendor.asked) == 41
    assert {each.outcome for each in sent} == {SLOW, Outcome.UNAVAILABLE}
    assert sorted(each.address for each in sent) == many
    assert all(each.retry_after for each in sent)


def test_a_slow_vendor_is_not_asked_so_long_that_the_claim_runs_out(vendor: Vendor) -> None:
    clock = Ticks()
    refuse = refusing({NUMBERS[0]})

    def slowly(path: str, body: object) -> object:
        clock.forward(seconds=20)
        return refuse(path, body)

    vendor.decides = slowly
    sent = send(aliyun(vendor.base, clock), NUMBERS * 8)
    assert len(vendor.asked) == 4
    assert {each.outcome for each in sent} == {Outcome.UNAVAILABLE}


def test_a_lost_answer_among_the_halves_is_uncertain_for_its_own_numbers_only(vendor: Vendor) -> None:
    a, b, c, d = NUMBERS[:4]
    vendor.decides = refusing({a}, **{a: refused("isp.SYSTEM_ERROR")})
    by = {each.address: each.outcome for each in send(aliyun(vendor.base), [a, b, c, d])}
    assert by == {a: UNSURE, b: Outcome.UNAVAILABLE, c: Outcome.UNAVAILABLE, d: Outcome.UNAVAILABLE}


@pytest.mark.parametrize("cut", range(470, 500))
def test_no_whole_number_stays_in_an_error_however_the_answer_is_cut(vendor: Vendor, cut: int) -> None:
    vendor.says(b"x" * cut + f"{ONE}%2C{ONE}%20{ONE}".encode(), 502)
    error = failure(aliyun(vendor.base))
    assert ONE[:6] not in everything(error)


@pytest.mark.parametrize("answer", [
    {**OK, "Echo": f"{ONE},+86{ONE}"},
    refused("isv.MOBILE_NUMBER_ILLEGAL", f"{ONE} is bad"),
    refused("SignatureDoesNotMatch", f"server string to sign is: PhoneNumbers%3D{ONE}%252C{ONE} test-key-id"),
])  # fmt: skip
def test_neither_number_nor_key_is_in_a_result_an_error_or_a_log(
    vendor: Vendor, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.says(answer)
    channel = aliyun(vendor.base)
    told: Sent | SendError
    try:
        (told,) = send(channel)
    except SendError as error:
        told = error
    said = everything(told) + caplog.text + repr(channel.check([]))
    assert not [secret for secret in (ONE, "test-key-id", "test-key-secret") if secret in said]


# --- what became of it -------------------------------------------------------------------------------------------


def detail(status: int, key: str = KEY, **more: object) -> dict[str, object]:
    return {"PhoneNum": ONE, "SendStatus": status, "OutId": key, "Content": "…", "TemplateCode": "SMS_1", **more}


def details(*rows: dict[str, object]) -> dict[str, object]:
    return {**refused("OK"), "TotalCount": len(rows), "SmsSendDetailDTOs": {"SmsSendDetailDTO": list(rows)}}


def resolve(vendor: Vendor, answer: object, **changes: Any) -> Resolution:
    vendor.says(answer)
    return aliyun(vendor.base).resolve(attempt(**changes))


def test_the_question_is_the_one_the_vendor_documents(vendor: Vendor) -> None:
    resolve(vendor, details())
    ((path, _, _),) = vendor.asked
    assert query_of(path) == {"PhoneNumber": ONE, "SendDate": "20210301", "PageSize": "50", "CurrentPage": "1"}


@pytest.mark.parametrize(("rows", "outcome", "basis", "words"), [
    ([detail(3, ErrCode="DELIVERED")], Outcome.DELIVERED, Basis.HANDSET, "手机已收到"),
    ([detail(2, ErrCode="MK:0001")], REFUSED, None, "空号（MK:0001）"),
    ([detail(1)], Outcome.ACCEPTED, None, "等待手机回执"),
    ([detail(9)], Outcome.ACCEPTED, None, "等待手机回执"),
    ([detail(2, ErrCode="MK:0001"), detail(3)], Outcome.DELIVERED, Basis.HANDSET, "手机已收到"),
    ([detail(2, ErrCode="MK:0001"), detail(1)], Outcome.ACCEPTED, None, "等待手机回执"),
])  # fmt: skip
def test_our_key_among_the_records_tells(
    vendor: Vendor, rows: list[dict[str, object]], outcome: Outcome, basis: Basis | None, words: str
) -> None:
    found = resolve(vendor, details(detail(3, key="another push"), *rows))
    assert (found.outcome, found.basis) == (outcome, basis)
    assert words in found.reason


def test_it_is_not_asked_before_two_minutes(vendor: Vendor) -> None:
    found = resolve(vendor, details(), begun_at=NOW - 0.5 * M)
    assert (found.outcome, found.ask_again) == (UNSURE, 1.5 * M)
    assert vendor.asked == []


def test_absence_before_five_minutes_proves_nothing_and_after_them_that_nothing_left(vendor: Vendor) -> None:
    early = resolve(vendor, details(detail(3, key="another push")), begun_at=NOW - 3 * M)
    assert (early.outcome, early.ask_again) == (UNSURE, M)
    assert resolve(vendor, details(detail(3, key="another push"))).outcome is Outcome.UNAVAILABLE


def test_the_age_that_counts_is_that_of_the_last_call(vendor: Vendor) -> None:
    found = resolve(vendor, details(), begun_at=NOW - 24 * H, last_begun_at=NOW - 3 * M)
    assert found.outcome is UNSURE
    assert {query_of(path)["SendDate"] for path, _, _ in vendor.asked} == {"20210228", "20210301"}


def test_a_call_just_before_midnight_is_looked_for_on_both_days(vendor: Vendor) -> None:
    vendor.says(details())
    clock = Ticks(NOW.replace(hour=0, minute=10))
    aliyun(vendor.base, clock).resolve(attempt(begun_at=NOW.replace(day=1, hour=0) - M))
    assert [query_of(path)["SendDate"] for path, _, _ in vendor.asked] == ["20210228", "20210301"]


def test_further_pages_are_read_and_too_many_prove_nothing(vendor: Vendor) -> None:
    full = [detail(3, key=f"other {n}") for n in range(50)]
    vendor.decides = lambda path, _: details(*full) if query_of(path)["CurrentPage"] == "1" else details(detail(3))
    assert aliyun(vendor.base).resolve(attempt()).outcome is Outcome.DELIVERED
    vendor.decides = None
    found = resolve(vendor, details(*full))
    assert (found.outcome, found.ask_again) == (UNSURE, None)


def test_after_thirty_days_only_a_person_can_tell(vendor: Vendor) -> None:
    found = resolve(vendor, details(), begun_at=NOW - timedelta(days=31))
    assert (found.outcome, found.ask_again) == (UNSURE, None)
    assert vendor.asked == []


def test_a_vendor_that_does_not_answer_proves_nothing(vendor: Vendor) -> None:
    vendor.says(b"", 502)
    with pytest.raises(SendError):
        aliyun(vendor.base).resolve(attempt())


AGES = [(5 * M, 55 * M), (H, 23 * H), (24 * H, 48 * H), (71 * H, H)]


@pytest.mark.parametrize(("age", "again"), AGES)
def test_without_a_receipt_it_is_asked_again_at_the_next_step(vendor: Vendor, age: timedelta, again: timedelta) -> None:
    vendor.says(details(detail(1)))
    found = aliyun(vendor.base).follow(attempt(begun_at=NOW - age, vendor_id="1^0"))
    assert (found.outcome, found.ask_again) == (UNSURE, again)


def test_it_is_followed_from_five_minutes_to_three_days() -> None:
    assert (aliyun().follow_after, aliyun().follow_until) == (5 * M, 72 * H)


def test_after_the_last_step_it_stays_submitted_without_a_receipt(vendor: Vendor) -> None:
    vendor.says(details(detail(1)))
    found = aliyun(vendor.base).follow(attempt(begun_at=NOW - 72 * H, vendor_id="1^0"))
    assert (found.outcome, found.ask_again, found.reason) == (UNSURE, None, "已提交（无回执）")


def test_following_finds_the_receipt_that_was_never_pushed(vendor: Vendor) -> None:
    vendor.says(details(detail(2, ErrCode="IS_CLOSE")))
    found = aliyun(vendor.base).follow(attempt(vendor_id="1^0"))
    assert (found.outcome, found.vendor_id) == (REFUSED, "1^0")
    assert "短信通道被关停" in found.reason


def test_a_vendor_that_is_away_is_asked_at_the_next_step(vendor: Vendor) -> None:
    vendor.says(b"", 502)
    found = aliyun(vendor.base).follow(attempt(begun_at=NOW - 5 * M))
    assert (found.outcome, found.ask_again) == (UNSURE, 55 * M)


def test_the_registry_makes_it() -> None:
    channel = make(setting("sms_aliyun", **ALIYUN), SECRETS, Ticks())
    assert (channel.name, channel.label) == ("sms_aliyun", "阿里云短信")


def test_each_call_has_a_nonce_of_its_own(vendor: Vendor) -> None:
    vendor.says(OK)
    channel: Any = make(setting("sms_aliyun", vendor.base, **ALIYUN), SECRETS, Ticks())
    for _ in range(2):
        send(channel)
    assert len({headers["x-acs-signature-nonce"] for _, headers, _ in vendor.asked}) == 2


def test_the_payload_holds_no_number() -> None:
    from tests.channels.sms.test_sms_text import show

    assert "PhoneNumbers" not in json.dumps(dict(show(aliyun()).payload))
