"""Our signatures are those of the vendors' own libraries, header for header."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from alibabacloud_dysmsapi20170525 import models as dysms
from alibabacloud_dysmsapi20170525.client import Client as AliyunSdk
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models as tcsms
from tencentcloud.sms.v20210111.sms_client import SmsClient

from channels.sms import aliyun_sign, tencent_sign
from tests.channels.servers import Vendor
from tests.channels.sms.sms_support import NUMBERS, aliyun, send, tencent

#: Tencent's library asks for the time in a way that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")

HOSTILE = "关于 a+b&c=d~e*f 的“通知”/100%\n（更正）🏫"


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_the_published_example_of_acs3_gives_the_published_signature() -> None:
    """https://help.aliyun.com/document_detail/2593177.html, 固定参数示例."""
    key = aliyun_sign.Key("YourAccessKeyId", "YourAccessKeySecret")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": empty,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = aliyun_sign.canonical_query(
        {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    )
    assert aliyun_sign.authorization(key, "/", query, headers).endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.mark.parametrize("value", ["通知", HOSTILE])
def test_what_aliyuns_library_signs_we_sign_alike(vendor: Vendor, value: str) -> None:
    vendor.says({"Code": "OK", "Message": "OK", "BizId": "1^0", "RequestId": "R"})
    host = vendor.base.removeprefix("http://")
    sdk = AliyunSdk(
        Config(access_key_id="id", access_key_secret="secret", endpoint=host, protocol="HTTP", region_id="cn-hangzhou")
    )
    request = dysms.SendSmsRequest(
        phone_numbers=",".join(NUMBERS), sign_name="示例职院", template_code="SMS_1", out_id="k",
        template_param=json.dumps({"title": value}, ensure_ascii=False),
    )  # fmt: skip
    sdk.send_sms_with_options(request, RuntimeOptions(autoretry=False))
    ((path, sent, _),) = vendor.asked
    headers = lower(sent)
    signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    params = {
        "PhoneNumbers": request.phone_numbers, "SignName": request.sign_name, "TemplateCode": request.template_code,
        "OutId": "k", "TemplateParam": request.template_param,
    }  # fmt: skip
    ours = aliyun_sign.authorization(
        aliyun_sign.Key("id", "secret"),
        path.partition("?")[0],
        aliyun_sign.canonical_query(params),
        {name: headers[name] for name in signed},
    )
    assert ours == headers["authorization"]


@pytest.mark.parametrize("value", ["通知", HOSTILE])
def test_what_tencents_library_signs_we_sign_alike(vendor: Vendor, value: str) -> None:
    vendor.says({"Response": {"SendStatusSet": [], "RequestId": "R"}})
    host = vendor.base.removeprefix("http://")
    profile = ClientProfile(httpProfile=HttpProfile(endpoint=host, protocol="http"))
    sdk = SmsClient(Credential("id", "secret"), "ap-guangzhou", profile)
    request = tcsms.SendSmsRequest()
    request.PhoneNumberSet, request.TemplateParamSet, request.SmsSdkAppId = [f"+86{NUMBERS[0]}"], [value], "1400000001"
    sdk.SendSms(request)
    ((path, sent, body),) = vendor.asked
    headers = lower(sent)
    now = datetime.fromtimestamp(int(headers["x-tc-timestamp"])).astimezone()
    ours = tencent_sign.headers_for(
        tencent_sign.Key("id", "secret"), "SendSms", host=host, path=path, body=json.dumps(body).encode(),
        region="ap-guangzhou", now=now,
    )  # fmt: skip
    theirs = {name: headers[name] for name in lower(ours)}
    assert lower(ours) == theirs


def test_what_aliyun_receives_is_what_was_signed(vendor: Vendor) -> None:
    vendor.says({"Code": "OK", "BizId": "1^0"})
    send(aliyun(vendor.base), NUMBERS)
    ((path, sent, _),) = vendor.asked
    headers = lower(sent)
    route, _, query = path.partition("?")
    signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert signed == sorted(name for name in headers if name == "host" or name.startswith("x-acs-"))
    ours = aliyun_sign.authorization(
        aliyun_sign.Key("test-key-id", "test-key-secret"), route, query, {name: headers[name] for name in signed}
    )
    assert ours == headers["authorization"]


def test_what_tencent_receives_is_what_was_signed(vendor: Vendor) -> None:
    vendor.says({"Response": {"SendStatusSet": [{"PhoneNumber": f"+86{NUMBERS[0]}", "Code": "Ok"}]}})
    channel = tencent(vendor.base)
    send(channel)
    ((path, sent, body),) = vendor.asked
    headers = lower(sent)
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    now = datetime.fromtimestamp(int(headers["x-tc-timestamp"])).astimezone()
    key = tencent_sign.Key("test-secret-id", "test-secret-key")
    assert headers["authorization"] == tencent_sign.authorization(
        key, host=headers["host"], path=path, body=raw, now=now
    )


def test_no_secret_is_printed_with_its_key() -> None:
    assert "secret" not in repr(aliyun_sign.Key("id", "secret")) + repr(tencent_sign.Key("id", "secret"))
