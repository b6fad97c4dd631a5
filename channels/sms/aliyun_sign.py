"""Aliyun's signature V3 (ACS3-HMAC-SHA256): https://help.aliyun.com/document_detail/2593177.html"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
VERSION = "2017-05-25"


@dataclass(frozen=True)
class Key:
    """An access key; its secret is never printed."""

    id: str
    secret: str = field(repr=False)


def canonical_query(params: Mapping[str, str]) -> str:
    """The parameters sorted and encoded by RFC 3986, as they are signed and sent."""
    return "&".join(f"{_encoded(name)}={_encoded(params[name])}" for name in sorted(params))


def headers_for(
    key: Key, action: str, *, host: str, path: str, query: str, now: datetime, nonce: str
) -> dict[str, str]:
    """All headers of a POST without a body, signed."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": _sha256(""),
        "x-acs-date": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
    }
    return {**headers, "Authorization": authorization(key, path, query, headers)}


def authorization(key: Key, path: str, query: str, headers: Mapping[str, str]) -> str:
    """The Authorization header over these headers (lower-case names) of a POST."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    request = "\n".join(("POST", path, query, lines, signed, headers["x-acs-content-sha256"]))
    text = f"{ALGORITHM}\n{_sha256(request)}"
    signature = hmac.new(key.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key.id},SignedHeaders={signed},Signature={signature}"


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
