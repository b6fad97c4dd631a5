"""The vendors' own SDKs, unmodified, drive the sandbox as if it were the vendor: they know a host and no path."""

from __future__ import annotations

import pytest
from alibabacloud_dysmsapi20170525 import models as dysms
from alibabacloud_dysmsapi20170525.client import Client as DysmsClient
from alibabacloud_tea_openapi import utils_models as open_api
from darabonba.exceptions import DaraException
from darabonba.runtime import RuntimeOptions
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models as tencent_models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from tests.sandbox.sms_clients import KEY, ONE, SECRET, SIGN, TENCENT_ID, TENCENT_KEY, TWO

# Tencent's SDK takes the time from datetime.utcnow, which Python 3.12 and later warn of.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime\.datetime\.utcnow:DeprecationWarning")

NO_RETRY = RuntimeOptions(connect_timeout=5000, read_timeout=5000, autoretry=False)
PARAM = '{"title":"收费标准 A+B*~"}'


def dysms_client(box, secret=SECRET, **more):
    host = box.base.removeprefix("http://")
    config = open_api.Config(access_key_id=KEY, access_key_secret=secret, endpoint=host, protocol="HTTP", **more)
    return DysmsClient(config)


def order(**more):
    usual = {"phone_numbers": ONE, "sign_name": SIGN, "template_code": "SMS_1", "template_param": PARAM}
    return dysms.SendSmsRequest(**usual | more)


def test_aliyuns_sdk_sends_and_asks_after_it(aliyun, box):
    client = dysms_client(box)
    sent = client.send_sms_with_options(order(phone_numbers=f"{ONE},{TWO}", out_id="尝试 1"), NO_RETRY).body
    assert (sent.code, sent.message) == ("OK", "OK")
    box.admin("clock", advance=10)
    query = dysms.QuerySendDetailsRequest(
        phone_number=ONE, biz_id=sent.biz_id, send_date="20200901", page_size=10, current_page=1
    )
    found = client.query_send_details_with_options(query, NO_RETRY).body
    (detail,) = found.sms_send_detail_dtos.sms_send_detail_dto
    assert (found.total_count, detail.send_status, detail.err_code, detail.out_id) == (1, 3, "DELIVERED", "尝试 1")
    assert "收费标准 A+B*~" in detail.content
    assert [line["number"] for line in box.books(vendor="aliyun")["sms"]] == [ONE, TWO]


def test_aliyuns_sdk_sends_a_batch_in_a_form(aliyun, box):
    request = dysms.SendBatchSmsRequest(
        phone_number_json=f'["{ONE}","{TWO}"]',
        sign_name_json=f'["{SIGN}","{SIGN}"]',
        template_code="SMS_1",
        template_param_json='[{"title":"甲"},{"title":"乙"}]',
    )
    assert dysms_client(box).send_batch_sms_with_options(request, NO_RETRY).body.code == "OK"
    assert ["甲" in line["text"] for line in box.books()["sms"]] == [True, False]


def test_aliyuns_sdk_counts_days(aliyun, box):
    aliyun.send()
    request = dysms.QuerySendStatisticsRequest(
        is_globe=1, start_date="20200901", end_date="20200901", page_index=1, page_size=10
    )
    (day,) = dysms_client(box).query_send_statistics_with_options(request, NO_RETRY).body.data.target_list
    assert (day.send_date, day.total_count, day.no_responded_count) == ("20200901", 1, 1)


def test_aliyuns_sdk_reads_both_kinds_of_error(aliyun, box):
    answer = dysms_client(box).send_sms_with_options(order(template_code="SMS_X"), NO_RETRY)
    assert (answer.status_code, answer.body.code) == (200, "isv.SMS_TEMPLATE_ILLEGAL")
    with pytest.raises(DaraException) as caught:
        dysms_client(box, secret="wrong").send_sms_with_options(order(), NO_RETRY)
    assert caught.value.code == "SignatureDoesNotMatch"


def test_aliyuns_sdk_signs_the_old_way_too(aliyun, box):
    client = dysms_client(box, signature_algorithm="v2")
    assert client.send_sms_with_options(order(), NO_RETRY).body.code == "OK"
    with pytest.raises(DaraException) as caught:
        dysms_client(box, secret="wrong", signature_algorithm="v2").send_sms_with_options(order(), NO_RETRY)
    assert caught.value.code == "SignatureDoesNotMatch"


def tencent_client(box, secret=TENCENT_KEY):
    http = HttpProfile(protocol="http", endpoint=box.base.removeprefix("http://"), reqTimeout=5)
    return SmsClient(Credential(TENCENT_ID, secret), "ap-guangzhou", ClientProfile(httpProfile=http))


def tencent_order(**more):
    request = tencent_models.SendSmsRequest()
    usual = {
        "PhoneNumberSet": [f"+86{ONE}", f"+86{TWO}"],
        "SmsSdkAppId": "1400006666",
        "TemplateId": "1110",
        "SignName": SIGN,
        "TemplateParamSet": ["收费标准"],
        "SessionContext": "尝试 1",
    }
    for name, value in (usual | more).items():
        setattr(request, name, value)
    return request


def test_tencents_sdk_sends_and_pulls_the_receipts(tencent, box):
    client = tencent_client(box)
    sent = client.SendSms(tencent_order()).SendStatusSet
    assert [(each.Code, each.Fee, each.SessionContext, each.IsoCode) for each in sent] == [
        ("Ok", 1, "尝试 1", "CN")
    ] * 2
    box.admin("clock", advance=10)
    request = tencent_models.PullSmsSendStatusRequest()
    request.SmsSdkAppId, request.Limit = "1400006666", 100
    pulled = client.PullSmsSendStatus(request).PullSmsSendStatusSet
    assert [(each.SerialNo, each.ReportStatus) for each in pulled] == [(each.SerialNo, "SUCCESS") for each in sent]
    assert client.PullSmsSendStatus(request).PullSmsSendStatusSet == []


def test_tencents_sdk_asks_after_one_number(tencent, box):
    client = tencent_client(box)
    client.SendSms(tencent_order())
    box.admin("clock", advance=10)
    request = tencent_models.PullSmsSendStatusByPhoneNumberRequest()
    request.SmsSdkAppId, request.PhoneNumber, request.Limit, request.Offset = "1400006666", f"+86{TWO}", 10, 0
    request.BeginTime = int(box.now()) - 60
    (found,) = client.PullSmsSendStatusByPhoneNumber(request).PullSmsSendStatusSet
    assert (found.SubscriberNumber, found.Description, found.UserReceiveTime) == (TWO, "DELIVRD", int(box.now()))


def test_tencents_sdk_reads_errors_of_the_call_and_of_a_number(tencent, box):
    client = tencent_client(box)
    assert {each.Code for each in client.SendSms(tencent_order(TemplateId="9")).SendStatusSet} == {
        "FailedOperation.TemplateIncorrectOrUnapproved"
    }
    with pytest.raises(TencentCloudSDKException) as caught:
        tencent_client(box, secret="wrong").SendSms(tencent_order())
    assert caught.value.code == "AuthFailure.SignatureFailure"
