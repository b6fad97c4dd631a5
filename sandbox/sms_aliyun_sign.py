"""Aliyun's gateway: whose call it is, recomputed from both kinds of signature, and whether it is fresh and new.

V3: https://help.aliyun.com/document_detail/2593177.html
V1: https://help.aliyun.com/document_detail/315526.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from flask import Request

from sandbox.actors import SmsAccount, load
from sandbox.sms import Refusal, paths_of, signed_now
from sandbox.wire import Call

BASE = "/aliyun-sms"
ALGORITHM = "ACS3-HMAC-SHA256"
HEADER = re.compile(rf"{ALGORITHM} Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{{64}})")
SKEW = 900.0
BAD_SIGNATURE = Refusal("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")


@dataclass(frozen=True)
class Stamp:
    """What a signed call says of itself."""

    key_id: str
    action: str
    version: str
    time: str
    nonce: str


def encoded(text: str) -> str:
    """RFC 3986."""
    return quote(text, safe="-_.~")


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters in order, encoded, joined."""
    return "&".join(f"{encoded(key)}={encoded(value)}" for key, value in sorted(pairs))


def params_of(request: Request) -> dict[str, str]:
    """Query and form together, as the gateway reads them."""
    request.get_data(cache=True)  # before the form, which would eat the body
    return {**request.args.to_dict(), **request.form.to_dict()}


def stamp_of(request: Request, params: Mapping[str, str]) -> Stamp:
    """The call's stamp, from its headers (V3) or its parameters (V1); a missing part is refused by its name."""
    headers = request.headers
    # The SDK names its action in a header even when it signs the old way.
    if "Authorization" in headers or ("x-acs-action" in headers and "AccessKeyId" not in params):
        found = HEADER.fullmatch(headers.get("Authorization", ""))
        if found is None:
            raise Refusal("IncompleteSignature", "The request signature does not conform to Aliyun standards.")
        names = ("x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce")
        values = [headers.get(name, "") for name in names]
        asked, key_id = names, found.group(1)
    else:
        asked = ("Action", "Version", "Timestamp", "SignatureNonce")
        values, key_id = [params.get(name, "") for name in asked], params.get("AccessKeyId", "")
        if not key_id:
            raise missing("AccessKeyId")
    for name, value in zip(asked, values, strict=True):
        if not value:
            raise missing(name)
    return Stamp(key_id, *values)


def missing(name: str) -> Refusal:
    """The gateway's word for a parameter that is not there."""
    return Refusal(f"Missing{name}", f"{name} is mandatory for this action.")


def account_of(call: Call, params: Mapping[str, str]) -> tuple[SmsAccount, Stamp]:
    """The account that signed this call, just now and for the first time; Refusal says what is wrong."""
    stamp = stamp_of(call.request, params)
    account = load(call.world.state, SmsAccount, stamp.key_id)
    if account is None or account.vendor != "aliyun":
        raise Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    check_time(call, stamp.time)
    good = good_v3 if "Authorization" in call.request.headers else good_v1
    if not good(call.request, params, account.secret):
        raise BAD_SIGNATURE
    check_nonce(call, stamp)
    return account, stamp


def check_time(call: Call, text: str) -> None:
    """Fifteen minutes to either side."""
    try:
        moment = datetime.strptime(re.sub(r"\.\d+Z$", "Z", text), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Refusal("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.") from None
    if not signed_now(call.world, moment.timestamp(), SKEW):
        raise Refusal("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def check_nonce(call: Call, stamp: Stamp) -> None:
    """A nonce is good once while its timestamp could be."""
    state, now, name = call.world.state, call.world.now(), f"sms_nonce:{stamp.key_id}:{stamp.nonce}"
    if state.hits_since(name, now - 2 * SKEW):
        raise Refusal("SignatureNonceUsed", "Specified signature nonce was used already.")
    state.hit(name, now)


def good_v3(request: Request, params: Mapping[str, str], secret: str) -> bool:
    """Recompute the header signature; host and every x-acs- header must be under it, and the body its hash."""
    found = HEADER.fullmatch(request.headers.get("Authorization", ""))
    digest = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    if found is None or request.headers.get("x-acs-content-sha256") != digest:
        return False
    signed, theirs = found.group(2), found.group(3)
    names = signed.split(";")
    needed = {"host"} | {name.lower() for name, _ in request.headers if name.lower().startswith("x-acs-")}
    if names != sorted(names) or not needed <= set(names):
        return False
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    query = canonical_query(parse_qsl(request.query_string.decode(), keep_blank_values=True))
    for path in paths_of(request, BASE):
        canonical = f"{request.method}\n{path}\n{query}\n{headers}\n{signed}\n{digest}"
        text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        ours = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if hmac.compare_digest(ours, theirs):
            return True
    return False


def good_v1(request: Request, params: Mapping[str, str], secret: str) -> bool:
    """Recompute the old RPC signature, which covers the parameters and always the path /."""
    if params.get("SignatureMethod") != "HMAC-SHA1" or params.get("SignatureVersion") != "1.0":
        return False
    query = canonical_query((key, value) for key, value in params.items() if key != "Signature")
    text = f"{request.method}&%2F&{encoded(query)}"
    ours = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()).decode()
    return hmac.compare_digest(ours, params.get("Signature", ""))


@dataclass
class Door:
    """One call of an account whose signature was good."""

    call: Call
    account: SmsAccount
    params: Mapping[str, str]

    def need(self, name: str) -> str:
        """A parameter that the gateway insists on."""
        value = self.params.get(name, "")
        if not value:
            raise missing(name)
        return value

    def number(self, name: str, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.need(name)
        if not value.isdigit() or not low <= int(value) <= high:
            raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
        return int(value)
