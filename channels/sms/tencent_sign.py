"""Tencent Cloud's signature V3 (TC3-HMAC-SHA256): https://cloud.tencent.com/document/api/382/52071"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
VERSION = "2021-01-11"
SERVICE = "sms"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True)
class Key:
    """A secret id and its key, which is never printed."""

    id: str
    secret: str = field(repr=False)


def headers_for(
    key: Key, action: str, *, host: str, path: str, body: bytes, region: str, now: datetime
) -> dict[str, str]:
    """All headers of a POST of JSON, signed."""
    return {
        "Content-Type": CONTENT_TYPE,
        "Host": host,
        "X-TC-Action": action,
        "X-TC-Region": region,
        "X-TC-Timestamp": str(int(now.timestamp())),
        "X-TC-Version": VERSION,
        "Authorization": authorization(key, host=host, path=path, body=body, now=now),
    }


def authorization(key: Key, *, host: str, path: str, body: bytes, now: datetime) -> str:
    """The Authorization header of a POST of JSON."""
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    scope = f"{day}/{SERVICE}/tc3_request"
    lines = f"content-type:{CONTENT_TYPE}\nhost:{host}\n"
    request = f"POST\n{path}\n\n{lines}\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"{ALGORITHM}\n{int(now.timestamp())}\n{scope}\n{digest}"
    secret = f"TC3{key.secret}".encode()
    for part in (day, SERVICE, "tc3_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key.id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
