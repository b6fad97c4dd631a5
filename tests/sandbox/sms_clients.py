"""Small clients of both SMS vendors, signing by hand; the official SDKs bear witness in test_sandbox_sms_witness."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

KEY, SECRET = "LTAI-test", "aliyun-secret"
TENCENT_ID, TENCENT_KEY = "AKID-test", "tencent-secret"
SIGN = "示例学院"
NOTICE = "您有新的公开信息：${title}，请到学院网站查看。"
ONE, TWO = "19900000001", "19900000002"
OFF, NOBODY, SILENT, BLACK = "19900000991", "19900000992", "19900000993", "19900000994"


def quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def joined(params: dict[str, str]) -> str:
    return "&".join(f"{quoted(key)}={quoted(params[key])}" for key in sorted(params))


class Aliyun:
    """Calls Aliyun's door; every part of a call may be spoiled."""

    def __init__(self, box: Any, path: str = "/aliyun-sms/") -> None:
        self.box, self.path = box, path

    def post(self, action: str, params: dict[str, str], **spoil: Any) -> requests.Response:
        """A V3 call: parameters in the query, or in the body with `form=True`."""
        stamp = datetime.fromtimestamp(spoil.get("at", time.time()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = joined(params).encode() if spoil.get("form") else b""
        headers = {
            "host": self.box.base.removeprefix("http://"),
            "x-acs-action": action,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-acs-date": stamp,
            "x-acs-signature-nonce": spoil.get("nonce") or uuid.uuid4().hex,
            "x-acs-version": "2017-05-25",
            **spoil.get("signed", {}),
        }
        names = sorted(headers)
        lines = "".join(f"{name}:{headers[name]}\n" for name in names)
        query = "" if spoil.get("form") else joined(params)
        path = spoil.get("uri", self.path)
        digest = spoil.get("digest", headers["x-acs-content-sha256"])
        canonical = f"POST\n{path}\n{query}\n{lines}\n{';'.join(names)}\n{digest}"
        text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        secret = spoil.get("secret", SECRET)
        signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        key = spoil.get("key", KEY)
        headers["Authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={';'.join(names)},Signature={signature}"
        )
        if spoil.get("form"):
            headers["content-type"] = "application/x-www-form-urlencoded"
        headers |= spoil.get("unsigned", {})
        url = f"{self.box.base}{self.path}" + (f"?{query}" if query else "")
        return self.box.http.post(url, data=spoil.get("body", body), headers=headers, timeout=30)

    def call(self, action: str, **params: str) -> dict[str, Any]:
        return self.post(action, params).json()

    def send(self, numbers: str = ONE, title: str = "收费标准", **more: str) -> dict[str, Any]:
        usual = {"PhoneNumbers": numbers, "SignName": SIGN, "TemplateCode": "SMS_1"}
        usual["TemplateParam"] = json.dumps({"title": title}, ensure_ascii=False)
        return self.call("SendSms", **usual | more)

    def code(self, numbers: str = ONE, **more: str) -> str:
        return self.send(numbers, TemplateCode="SMS_CODE", TemplateParam='{"code":"1234"}', **more)["Code"]

    def details(self, number: str = ONE, day: str = "20200901", **more: str) -> dict[str, Any]:
        usual = {"PhoneNumber": number, "SendDate": day, "PageSize": "10", "CurrentPage": "1"}
        return self.call("QuerySendDetails", **usual | more)

    def old(self, method: str = "POST", secret: str = SECRET, **more: str) -> requests.Response:
        """A SendSms with the old RPC signature."""
        params = {
            "AccessKeyId": KEY,
            "Action": "SendSms",
            "Format": "JSON",
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": uuid.uuid4().hex,
            "SignatureVersion": "1.0",
            "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Version": "2017-05-25",
            "PhoneNumbers": ONE,
            "SignName": SIGN,
            "TemplateCode": "SMS_1",
            "TemplateParam": '{"title":"收费 标准"}',
            **more,
        }
        text = f"{method}&%2F&{quoted(joined(params))}"
        digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
        params["Signature"] = base64.b64encode(digest).decode()
        url, http = self.box.base + self.path, self.box.http
        return http.get(url, params=params, timeout=10) if method == "GET" else http.post(url, data=params, timeout=10)


class Tencent:
    """Calls Tencent's door; every part of a call may be spoiled."""

    def __init__(self, box: Any, path: str = "/tencent-sms/") -> None:
        self.box, self.path = box, path

    def post(self, action: str, params: Any, **spoil: Any) -> requests.Response:
        """A TC3 call."""
        stamp = int(spoil.get("at", time.time()))
        day = datetime.fromtimestamp(spoil.get("day", stamp), UTC).strftime("%Y-%m-%d")
        body = params if isinstance(params, bytes) else json.dumps(params, ensure_ascii=False).encode()
        host = self.box.base.removeprefix("http://")
        names = spoil.get("names", "content-type;host")
        lines = f"content-type:application/json\nhost:{host}\n" if "content-type" in names else f"host:{host}\n"
        canonical = f"POST\n{spoil.get('uri', '/')}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        service = spoil.get("service", "sms")
        scope = f"{day}/{service}/tc3_request"
        text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"TC3{spoil.get('secret', TENCENT_KEY)}".encode()
        for part in (day, service, "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        headers = {
            "Authorization": f"TC3-HMAC-SHA256 Credential={spoil.get('id', TENCENT_ID)}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}",
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Version": "2021-01-11",
            "X-TC-Timestamp": str(stamp),
            "X-TC-Region": "ap-guangzhou",
            **spoil.get("headers", {}),
        }
        answer = self.box.http.post(
            self.box.base + self.path, data=spoil.get("body", body), headers=headers, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        return self.post(action, {"SmsSdkAppId": "1400006666"} | params).json()["Response"]

    def send(self, *numbers: str, title: str = "收费标准", **more: Any) -> dict[str, Any]:
        usual = {"PhoneNumberSet": [f"+86{each}" for each in numbers or (ONE,)], "SignName": SIGN}
        return self.call("SendSms", **usual | {"TemplateId": "1110", "TemplateParamSet": [title]} | more)

    def codes(self, *numbers: str, **more: Any) -> list[str]:
        answer = self.send(*numbers, **more)
        return [each["Code"] for each in answer["SendStatusSet"]] if "SendStatusSet" in answer else [error(answer)]


def error(response: dict[str, Any]) -> str:
    return str(response["Error"]["Code"])
