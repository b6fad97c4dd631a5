"""What every vendor of short messages has in common: the text, the numbers, the door, and asking again until receipts close."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from channels.base import (
    Attempt,
    Clock,
    Content,
    Limits,
    Prepared,
    Rate,
    Receipt,
    Resolution,
    SendError,
    Sent,
    Word,
)
from channels.sms.numbers import ending, is_mobile
from channels.sms.options import Options
from channels.sms.receipts import SECRET, Reader, admit, receipts_of, word_of
from channels.sms.text import segments
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.text import size

# urllib3 prints each path with its query at DEBUG level, and a query may hold the numbers.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

TIMEOUT = (5.0, 15.0)
SEGMENTS = "segments"
#: When an accepted message without a receipt is asked about, counted from its call.
STEPS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24), timedelta(hours=72))
#: A call whose answer was lost may still be on its way to the carriers.
SETTLED = timedelta(minutes=2)
NO_RECEIPT = "已提交（无回执）"


class Sms(ABC):
    """One account of one vendor; an address is a mainland mobile number, and no text of ours ever shows a whole one."""

    #: Numbers one call takes.
    numbers: ClassVar[int]
    #: What the vendor wants to hear when it brings receipts.
    answer: ClassVar[str]
    follow_after = STEPS[0]
    follow_until = STEPS[-1]

    def __init__(self, setting: ChannelSetting, options: Options, secrets: Mapping[str, str], clock: Clock) -> None:
        self.options = options
        self._api = setting.api_base.rstrip("/")
        self._callback_secret = secrets.get(SECRET, "").strip()
        self._clock = clock

    @property
    def limits(self) -> Limits:
        """The month's budget counts segments: a longer text uses it up faster."""
        budget = self.options.budget
        monthly = () if budget is None else (Rate(name="每月预算", most=budget, per="month", of="delivery"),)
        return Limits(
            pieces=1,
            bytes=None,
            addresses=self.numbers,
            rates=(*self._rates(), *monthly),
            resolvable=True,
            receipts=True,
            person="手机号",
            senders=4,
            look="到短信平台控制台的发送记录里，按手机号查 {time} 之后有没有“{title}”这一条；或问接收人",
        )

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The approved template with the bundle's words; raises SendError REFUSED for what it cannot carry."""
        values, shortened = self.options.template.values(bundle)
        text = self.options.template.shown(values)
        payload = {**self._body(values), SEGMENTS: segments(text)}
        return Content(text=text, payload=payload, bytes=size(text), shortened=shortened)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One message to each number; what is no mobile number is refused here and never leaves."""
        good = [address for address in addresses if is_mobile(address)]
        refused = [_refused(address) for address in addresses if not is_mobile(address)]
        if not good:
            return refused
        body = {name: value for name, value in prepared.payload.items() if name != SEGMENTS}
        try:
            return [*refused, *self._submit(body, good, key)]
        except SendError as error:
            if not refused:
                raise
            return [*refused, *(error.to(number) for number in good)]

    def resolve(self, attempt: Attempt) -> Resolution:
        """What the vendor knows of a call whose answer was lost; nothing is sent again while that is in doubt."""
        if not is_mobile(attempt.address):  # swept with the others of its call, but it never left
            refused = _refused(attempt.address)
            return Resolution(outcome=refused.outcome, reason=refused.reason)
        return self._resolved(attempt, self._clock() - attempt.called_at)

    def follow(self, attempt: Attempt) -> Resolution:
        """The vendor's records of this number, asked at STEPS; after the last it stays 已提交（无回执）."""
        age = self._clock() - attempt.called_at
        reason = "尚无手机回执"
        try:
            if found := self._reported(attempt):
                return found
        except SendError as error:
            reason = f"暂时查不到手机回执：{error}"
        later = next((step - age for step in STEPS if step > age), None)
        return unsure(reason if later else NO_RECEIPT, later)

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """Receipts as the vendor pushes them; raises PermissionError without the secret in the address."""
        admit(query, self._callback_secret)
        return self.answer, receipts_of(body, self._reader, self._fingerprint_key)

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        """What a receipt says of one number."""
        return word_of(receipt, self._reader)

    @property
    @abstractmethod
    def _reader(self) -> Reader:
        """How this vendor's records are read."""

    @property
    @abstractmethod
    def _fingerprint_key(self) -> str:
        """The key under which numbers are hashed."""

    @abstractmethod
    def _rates(self) -> tuple[Rate, ...]:
        """The vendor's own allowances."""

    @abstractmethod
    def _body(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The vendor's parameters for a filled template."""

    @abstractmethod
    def _submit(self, body: Mapping[str, Any], numbers: Sequence[str], key: str) -> list[Sent]:
        """The vendor's call; raises SendError for all of the numbers."""

    @abstractmethod
    def _resolved(self, attempt: Attempt, age: timedelta) -> Resolution:
        """What the vendor's records say of a call of that age whose answer was lost. Raises SendError."""

    @abstractmethod
    def _reported(self, attempt: Attempt) -> Resolution | None:
        """What the vendor knows by now of an accepted message; None: no receipt yet. Raises SendError."""


def unsure(reason: str, again: timedelta | None = None) -> Resolution:
    """Not known (yet)."""
    return Resolution(outcome=Outcome.UNCERTAIN, reason=reason, ask_again=again)


def _refused(address: str) -> Sent:
    reason = f"不是11位手机号（{ending(address)}）。请在名单中改正后补发"
    return Sent(address=address, outcome=Outcome.REFUSED, reason=reason)
