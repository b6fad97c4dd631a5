"""Mobile numbers (手机号): which are sent to, and how they are spoken of where nobody needs the whole of them."""

from __future__ import annotations

import hashlib
import hmac
import re

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_VENDORS_FORM = re.compile(rf"(?:\+86|0086|86)?({_MOBILE.pattern})")
#: Neighbours may stand close ("%2013800000000" is a blank and a number), so the whole run of digits is hidden.
_LONG = re.compile(r"\d{11,}")


def is_mobile(address: str) -> bool:
    """True for the eleven digits of a mainland mobile number, and for nothing else."""
    return _MOBILE.fullmatch(address) is not None


def mobile_of(text: object) -> str:
    """The eleven digits of a number as a vendor writes it (+86…); empty if it is none."""
    found = _VENDORS_FORM.fullmatch(str(text).strip())
    return found[1] if found else ""


def masked(text: str) -> str:
    """`text` with every run of eleven or more digits hidden but for its last two: no whole number is left in it."""
    return _LONG.sub(lambda run: "*" * (len(run[0]) - 2) + run[0][-2:], text)


def ending(address: str) -> str:
    """How a number, or what stands in its place, may be named: 尾号12."""
    digits = re.sub(r"\D", "", address)
    return f"尾号{digits[-2:]}" if digits else "没有数字"


def fingerprint(number: str, key: str) -> str:
    """A keyed hash (32 hex characters) by which a number is known again and not found out."""
    return hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest()[:32]
