"""Tencent Cloud's gateway: TC3-HMAC-SHA256 recomputed, and what every call must carry.

https://cloud.tencent.com/document/api/382/52071
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Request

from sandbox.actors import SmsAccount, load
from sandbox.sms import Refusal, paths_of, signed_now
from sandbox.state import Doc
from sandbox.wire import Call

BASE = "/tencent-sms"
ALGORITHM = "TC3-HMAC-SHA256"
HEADER = re.compile(
    rf"{ALGORITHM} Credential=([^/\s]+)/(\d{{4}}-\d\d-\d\d)/(\w+)/tc3_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
SKEW = 300.0
VERSION = "2021-01-11"
REGIONS = ("ap-beijing", "ap-guangzhou", "ap-nanjing")
NOT_MATCHED = "The provided credentials could not be validated. Please check your signature is correct."


def account_of(call: Call) -> SmsAccount:
    """The account that signed this call within five minutes; Refusal says what is wrong."""
    headers = call.request.headers
    found = HEADER.fullmatch(headers.get("Authorization", ""))
    stamp = headers.get("X-TC-Timestamp", "")
    if found is None or not stamp.isdigit():
        raise Refusal("AuthFailure.InvalidAuthorization", "Authorization or X-TC-Timestamp is malformed.")
    account = load(call.world.state, SmsAccount, found.group(1))
    if account is None or account.vendor != "tencent":
        raise Refusal("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure it is correct.")
    if not signed_now(call.world, float(stamp), SKEW):
        raise Refusal("AuthFailure.SignatureExpire", "The provided credentials have expired: check your clock.")
    if not good(call.request, found, stamp, account.secret):
        raise Refusal("AuthFailure.SignatureFailure", NOT_MATCHED)
    if account.ip_allow is not None and call.remote not in account.ip_allow:
        raise Refusal("UnauthorizedOperation.RequestIpNotInWhitelist", "request ip is not in whitelist")
    return account


def good(request: Request, found: re.Match[str], stamp: str, secret: str) -> bool:
    """Recompute the signature; it must cover content type and host, and name the day of its own timestamp."""
    _, date, service, signed, theirs = found.groups()
    names = signed.split(";")
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    if names != sorted(names) or not {"content-type", "host"} <= set(names) or (date, service) != (day, "sms"):
        return False
    headers = "".join(f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in names)
    key = f"TC3{secret}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    digest = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    for path in paths_of(request, BASE):
        canonical = f"POST\n{path}\n\n{headers}\n{signed}\n{digest}"
        text = f"{ALGORITHM}\n{stamp}\n{date}/{service}/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        if hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), theirs):
            return True
    return False


def check_frame(call: Call) -> None:
    """Version and region, which every call names in its headers."""
    headers = call.request.headers
    if headers.get("X-TC-Version") != VERSION:
        raise Refusal("NoSuchVersion", "The requested API version is not found.")
    region = headers.get("X-TC-Region", "")
    if not region:
        raise Refusal("MissingParameter", "The request is missing the parameter `Region`.")
    if region not in REGIONS:
        raise Refusal("UnsupportedRegion", "This action is not supported in this region.")


@dataclass
class Door:
    """One call of an account whose signature was good."""

    call: Call
    account: SmsAccount
    params: Doc

    def take(self, name: str, kind: type[Any], required: bool = True) -> Any:
        """A parameter of the wanted type; an absent one that is not required is that type's empty value."""
        value = self.params.get(name)
        if value is None:
            if required:
                raise Refusal("MissingParameter", f"The request is missing a required parameter `{name}`.")
            return kind()
        if not isinstance(value, kind) or isinstance(value, bool):
            raise Refusal("InvalidParameter", f"The value type of parameter `{name}` is not valid.")
        return value

    def only(self, *names: str) -> None:
        """Refuse a parameter this call does not know."""
        for name in self.params:
            if name not in names:
                raise Refusal("UnknownParameter", f"The parameter `{name}` is not recognized.")

    def check_app(self) -> None:
        """The application must be this account's."""
        if self.take("SmsSdkAppId", str) != self.account.app_id:
            raise Refusal("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "Verify SmsSdkAppId Fail")
