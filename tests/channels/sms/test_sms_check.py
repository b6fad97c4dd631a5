"""自检 names the setting and the fix, sends nothing and takes no receipt away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from channels.base import Finding
from channels.sms.aliyun import Aliyun
from channels.sms.tencent import Tencent
from tests.channels.samples import Ticks, setting
from tests.channels.servers import Vendor
from tests.channels.sms.sms_support import ALIYUN, MAKE, SECRETS, SIGN, TENCENT, aliyun, tencent

Answers = dict[str, dict[str, Any]]
OK = {"Code": "OK"}
ALIYUN_FINE: Answers = {
    "QuerySendStatistics": OK,
    "GetSmsSign": {**OK, "SignStatus": 1},
    "GetSmsTemplate": {**OK, "TemplateStatus": "1", "TemplateContent": ALIYUN["text"]},
}
TENCENT_FINE: Answers = {
    "PullSmsSendStatusByPhoneNumber": {"PullSmsSendStatusSet": None},
    "DescribeSmsSignList": {"DescribeSignListStatusSet": [{"SignName": SIGN, "StatusCode": 0}]},
    "DescribeSmsTemplateList": {
        "DescribeTemplateStatusSet": [{"TemplateId": 1000001, "StatusCode": 0, "TemplateContent": TENCENT["text"]}]
    },
    "SmsPackagesStatistics": {
        "SmsPackagesStatisticsSet": [
            {"PackageAmount": 1000, "CurrentUsage": 400, "PackageExpiredTime": 4102444800},
            {"PackageAmount": 500, "CurrentUsage": 0, "PackageExpiredTime": 1500000000},
        ]
    },
}


def tencent_error(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": ""}}


def check(vendor: Vendor, name: str, answers: Mapping[str, Any], **options: Any) -> dict[str, Finding]:
    """The findings by key; what is not answered, the vendor does not know."""

    def decide(*_: object) -> object:
        headers = {key.lower(): value for key, value in vendor.asked[-1][1].items()}
        if name == "sms_aliyun":
            return answers.get(headers["x-acs-action"], {"Code": "InvalidApi.NotFound"})
        return {"Response": answers.get(headers["x-tc-action"], tencent_error("InvalidAction"))}

    vendor.decides = decide
    found = MAKE[name](vendor.base, **options).check([])
    return {finding.key: finding for finding in found}


@pytest.mark.parametrize(("name", "answers", "keys"), [
    ("sms_aliyun", ALIYUN_FINE, ["ALIYUN_SMS_KEY_SECRET", "channels.sms_aliyun.sign", "channels.sms_aliyun.template"]),
    ("sms_tencent", TENCENT_FINE, [
        "TENCENT_SMS_SECRET_KEY", "channels.sms_tencent.sign", "channels.sms_tencent.template",
        "channels.sms_tencent.app_id",
    ]),
])  # fmt: skip
def test_when_all_is_well_it_says_so(vendor: Vendor, name: str, answers: Answers, keys: list[str]) -> None:
    found = check(vendor, name, answers)
    assert list(found) == keys
    assert all(finding.ok for finding in found.values())


def test_the_package_says_what_is_left_of_what_has_not_expired(vendor: Vendor) -> None:
    assert "600条" in check(vendor, "sms_tencent", TENCENT_FINE)["channels.sms_tencent.app_id"].text
    used_up = {"SmsPackagesStatisticsSet": [{"PackageAmount": 9, "CurrentUsage": 9, "PackageExpiredTime": 4102444800}]}
    finding = check(vendor, "sms_tencent", {**TENCENT_FINE, "SmsPackagesStatistics": used_up})[
        "channels.sms_tencent.app_id"
    ]
    assert not finding.ok
    assert "购买" in finding.fix


def test_nothing_is_sent_and_no_receipt_is_taken_off_the_queue(vendor: Vendor) -> None:
    check(vendor, "sms_aliyun", ALIYUN_FINE)
    check(vendor, "sms_tencent", TENCENT_FINE)
    asked = {h.get("x-acs-action") or h.get("X-TC-Action") for _, h, _ in vendor.asked}
    assert asked == {*ALIYUN_FINE, *TENCENT_FINE}
    assert not asked & {"SendSms", "PullSmsSendStatus"}


@pytest.mark.parametrize("name", MAKE)
def test_a_vendor_without_those_calls_is_no_trouble(vendor: Vendor, name: str) -> None:
    first = {"sms_aliyun": "QuerySendStatistics", "sms_tencent": "PullSmsSendStatusByPhoneNumber"}[name]
    answers = {**ALIYUN_FINE, **TENCENT_FINE}
    found = check(vendor, name, {first: answers[first]})
    assert all(finding.ok for finding in found.values())
    assert "无法自动核对" in found[f"channels.{name}.template"].text


@pytest.mark.parametrize(("name", "code", "key"), [
    ("sms_aliyun", "InvalidAccessKeyId.NotFound", "ALIYUN_SMS_KEY_ID"),
    ("sms_aliyun", "SignatureDoesNotMatch", "ALIYUN_SMS_KEY_SECRET"),
    ("sms_aliyun", "isp.RAM_PERMISSION_DENY", "channels.sms_aliyun.api_base"),
    ("sms_tencent", "AuthFailure.SecretIdNotFound", "TENCENT_SMS_SECRET_ID"),
    ("sms_tencent", "AuthFailure.SignatureFailure", "TENCENT_SMS_SECRET_KEY"),
    ("sms_tencent", "UnauthorizedOperation.SmsSdkAppIdVerifyFail", "channels.sms_tencent.app_id"),
    ("sms_tencent", "UnsupportedRegion", "channels.sms_tencent.region"),
])  # fmt: skip
def test_a_wrong_key_is_found_under_its_name_with_the_fix(vendor: Vendor, name: str, code: str, key: str) -> None:
    answers = {"QuerySendStatistics": {"Code": code}, "PullSmsSendStatusByPhoneNumber": tencent_error(code)}
    found = check(vendor, name, answers)
    assert list(found) == [key]
    assert not found[key].ok
    assert found[key].fix
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(("name", "missing"), [
    ("sms_aliyun", "ALIYUN_SMS_KEY_ID"), ("sms_aliyun", "ALIYUN_SMS_KEY_SECRET"),
    ("sms_tencent", "TENCENT_SMS_SECRET_ID"), ("sms_tencent", "TENCENT_SMS_SECRET_KEY"),
])  # fmt: skip
def test_a_key_that_is_not_filled_in_is_named_and_nobody_is_called(vendor: Vendor, name: str, missing: str) -> None:
    kind, options = (Aliyun, ALIYUN) if name == "sms_aliyun" else (Tencent, TENCENT)
    (finding,) = kind(setting(name, vendor.base, **options), {**SECRETS, missing: " "}, Ticks()).check([])
    assert (finding.key, finding.ok) == (missing, False)
    assert missing in finding.fix
    assert vendor.asked == []


@pytest.mark.parametrize("name", MAKE)
def test_without_a_callback_secret_it_says_what_is_lost_and_what_to_set(vendor: Vendor, name: str) -> None:
    kind, options = (Aliyun, ALIYUN) if name == "sms_aliyun" else (Tencent, TENCENT)
    findings = kind(setting(name, vendor.base, **options), {"SMS_CALLBACK_SECRET": "short"}, Ticks()).check([])
    assert findings[0].key == "SMS_CALLBACK_SECRET"
    assert f"/callbacks/{name}?key=" in findings[0].fix


@pytest.mark.parametrize(("name", "answers"), [
    ("sms_aliyun", {**ALIYUN_FINE, "GetSmsSign": {**OK, "SignStatus": 2, "AuditInfo": {"RejectInfo": "缺少证明"}}}),
    ("sms_tencent", {**TENCENT_FINE, "DescribeSmsSignList": {
        "DescribeSignListStatusSet": [{"SignName": SIGN, "StatusCode": -1, "ReviewReply": "缺少证明"}]}}),
])  # fmt: skip
def test_a_signature_that_was_rejected_says_why(vendor: Vendor, name: str, answers: Answers) -> None:
    finding = check(vendor, name, answers)[f"channels.{name}.sign"]
    assert not finding.ok
    assert "缺少证明" in finding.text


def test_a_signature_or_template_that_the_account_does_not_have_is_found(vendor: Vendor) -> None:
    none = {"DescribeSmsSignList": {"DescribeSignListStatusSet": []}, "DescribeSmsTemplateList": {}}
    found = check(vendor, "sms_tencent", {**TENCENT_FINE, **none})
    assert not found["channels.sms_tencent.sign"].ok
    assert not found["channels.sms_tencent.template"].ok
    found = check(vendor, "sms_aliyun", {**ALIYUN_FINE, "GetSmsTemplate": {"Code": "isv.SMS_TEMPLATE_ILLEGAL"}})
    assert not found["channels.sms_aliyun.template"].ok


@pytest.mark.parametrize(("name", "answers", "text"), [
    ("sms_aliyun", ALIYUN_FINE, "${school}另行通知：${title}（${dept}）"), ("sms_tencent", TENCENT_FINE, "{1}另行通知：{2}（{3}）"),
])  # fmt: skip
def test_a_text_that_is_not_the_approved_one_is_found(vendor: Vendor, name: str, answers: Answers, text: str) -> None:
    finding = check(vendor, name, answers, text=text)[f"channels.{name}.text"]
    assert not finding.ok
    assert {"sms_aliyun": ALIYUN, "sms_tencent": TENCENT}[name]["text"] in finding.fix


def test_a_server_that_cannot_be_reached_is_found_under_its_address() -> None:
    for channel in (aliyun(), tencent()):
        (finding,) = channel.check([])
        assert finding.key == f"channels.{channel.name}.api_base"
        assert not finding.ok
