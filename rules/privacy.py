"""What is kept of a person's number or account once nothing more will be sent to it: a keyed hash and its last two signs."""

from __future__ import annotations

import hashlib
import hmac
import re

#: Half of SHA-256 in hexadecimal: no two addresses of a school meet.
DIGITS = 32
#: The name of the key in .env.
SEAL_KEY = "XXGK_SEAL_KEY"
MARK = "#"
#: Where a vendor's words, XML or JSON, name an account: whose act they tell of.
_NAMED = re.compile(
    r"""(<FromUserName>\s*(?:<!\[CDATA\[)?|"(?:FromUserName|openid|touser|userid|user_id|operator_id)"\s*:\s*"?)([^"\]<,}\s]+)"""
)


def sealed(address: str, key: str) -> str:
    """`#` + keyed hash + `…` + last two signs: the same address and key give the same; without the key nobody finds it.

    A phone number has too few digits for a plain hash: all of them are tried in minutes, so the key stays in .env.
    """
    if is_sealed(address):
        return address
    digest = hmac.new(key.encode(), address.encode(), hashlib.sha256).hexdigest()[:DIGITS]
    return f"{MARK}{digest}…{address[-2:]}"


def digest_of(text: str, key: str) -> str:
    """A keyed hash of a text that may name a person: it proves the text and tells nothing of it."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_sealed(address: str) -> bool:
    """True for what `sealed` has made."""
    return address.startswith(MARK) and address[DIGITS + 1 : DIGITS + 2] == "…"


def masked(address: str) -> str:
    """For eyes: `…` and the last two signs."""
    return f"…{address[-2:]}"


def without_accounts(raw: str) -> str:
    """A vendor's words without the accounts that they name: the last two signs of each stay."""
    return _NAMED.sub(lambda found: found[1] + masked(found[2]), raw)
