"""What both vendors of short messages have in common in the table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.channels.sms.sms_support import SECRETS, SIGN
from tests.faults.ground import Ground
from tests.kill.school import title

NUMBERS = ("13800000001", "13800000002", "13800000003", "13800000004")


def account(ground: Ground, fields: dict[str, Any], **changes: Any) -> None:
    """The vendor's account, with our door if it is open."""
    url = f"{ground.door}?key={SECRETS['SMS_CALLBACK_SECRET']}" if ground.door else None
    ground.sandbox.setup(sms_accounts=[{**fields, "signs": [{"name": SIGN}], "callback_url": url, **changes}])


def book(ground: Ground, n: int) -> Counter[str]:
    """What the vendor holds to have sent, whatever the handset says of it."""
    return Counter(each["number"] for each in ground.sandbox.books()["sms"] if title(n) in each["text"])


def go_bad(ground: Ground, *fates: str) -> None:
    """The last numbers of the list meet these fates."""
    numbers = NUMBERS[-len(fates) :]
    bad = [{"number": number, "fate": fate} for number, fate in zip(numbers, fates, strict=True)]
    ground.sandbox.setup(sms_numbers=bad)
