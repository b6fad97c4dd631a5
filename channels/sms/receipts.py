"""Receipts (手机回执): who may bring them, how they are stored, and what they say."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.base import Receipt, Resolution, Word
from channels.sms.numbers import fingerprint, masked
from channels.sms.operators import not_arrived
from rules.outcome import Outcome
from rules.states import Basis

REPORT, UNREADABLE = "SMS_REPORT", "SMS_UNREADABLE"
SECRET = "SMS_CALLBACK_SECRET"  # noqa: S105 - the name of a variable
SECRET_LENGTH = 32
ARRIVED = "手机已收到"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of one message at one number."""

    number: str
    arrived: bool
    vendor_id: str = ""
    push_key: str = ""
    code: str = ""
    words: str = ""

    @property
    def outcome(self) -> Outcome:
        """The vendor's last word: yes or no."""
        return Outcome.DELIVERED if self.arrived else Outcome.REFUSED

    @property
    def basis(self) -> Basis | None:
        """How an arrival is known."""
        return Basis.HANDSET if self.arrived else None

    @property
    def reason(self) -> str:
        """In plain words."""
        return ARRIVED if self.arrived else not_arrived(self.code, self.words)

    def resolution(self) -> Resolution:
        """The report as the answer to a question of ours."""
        return Resolution(outcome=self.outcome, reason=self.reason, vendor_id=self.vendor_id, basis=self.basis)

    def word(self) -> Word:
        """The report as news from the vendor."""
        return Word(
            outcome=self.outcome, reason=self.reason, vendor_id=self.vendor_id, push_key=self.push_key,
            address=self.number, basis=self.basis,
        )  # fmt: skip


#: How a vendor's record is read; None: it says nothing of a message.
Reader = Callable[[Mapping[str, Any]], Report | None]


def admit(query: Mapping[str, str], secret: str) -> None:
    """Raise PermissionError unless the caller knows the secret: these callbacks are not signed."""
    if len(secret) < SECRET_LENGTH:
        raise PermissionError(f"{SECRET} 没有填写，或不足{SECRET_LENGTH}个字符")
    if not hmac.compare_digest(query.get("key", "").encode(), secret.encode()):
        raise PermissionError("回调地址中的 key 不符")


def records_of(body: bytes) -> list[Mapping[str, Any]] | None:
    """The records of a callback's body; None if it is not the vendor's JSON."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    found = [found] if isinstance(found, dict) else found
    return dicts(found) if isinstance(found, list) else None


def dicts(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing if it is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def receipts_of(body: bytes, read: Reader, key: str) -> list[Receipt]:
    """A receipt for each record of a callback; what cannot be read is kept too, without its numbers."""
    records = records_of(body)
    if records is None:
        digest = hashlib.sha256(body).hexdigest()
        raw = masked(body.decode("utf-8", errors="replace"))[:2000]
        return [Receipt(kind=UNREADABLE, dedup=f"{UNREADABLE}:{digest}", vendor_id="", raw=raw)]
    return stored(records, read, key)


def stored(records: Sequence[Mapping[str, Any]], read: Reader, key: str) -> list[Receipt]:
    """A receipt for each record that speaks of a message; its number stays in `raw`, for it is the delivery's address."""
    return [_receipt(record, report, key) for record in records if (report := read(record)) is not None]


def _receipt(record: Mapping[str, Any], report: Report, key: str) -> Receipt:
    vendor_id = report.vendor_id[:60]
    dedup = f"{vendor_id}:{fingerprint(report.number, key)}"
    return Receipt(kind=REPORT, dedup=dedup, vendor_id=vendor_id, raw=json.dumps(record, ensure_ascii=False))


def word_of(receipt: Receipt, read: Reader) -> Word | None:
    """What a stored receipt means; None if it concerns no push."""
    records = records_of(receipt.raw.encode()) if receipt.kind == REPORT else None
    report = read(records[0]) if records else None
    return report.word() if report else None
