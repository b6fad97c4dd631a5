"""邮件 (SMTP): one letter to each person, who stands alone in To; the server's 250 is the last word anybody gives us.

https://www.rfc-editor.org/rfc/rfc5321. SMTP knows no idempotency and no query, so a letter whose answer was lost waits for
a person; it keeps its Message-ID if it is sent again. What a server far away reports later goes to the Return-Path mailbox
(channels.email.bounces), where people read it: it is not read here.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Mapping, Sequence
from datetime import time as clock_time
from datetime import timedelta
from typing import Any, ClassVar

from channels.base import Clock, Content, Finding, Limits, Prepared, Sample, SendError, Sent
from channels.mail import letter
from channels.mail.checkup import check, missing
from channels.mail.options import Options, is_mailbox
from channels.mail.wire import Login, alive, begin, connect, hand_over, leave
from rules.bundle import Bundle
from rules.dates import at
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.text import size

TAKEN = "已提交（对方邮件服务器已接收）"
#: No letter is begun after so many seconds of a call: it must end within its lease (jobs/deliver.py, LONGEST_CALL).
PATIENCE = 30.0
AT_ONCE = timedelta(0)


class Mail:
    """One mail server, one sender; an address is a mailbox: a person's, or a mailing list's."""

    name: ClassVar[str] = "email"
    label: ClassVar[str] = "邮件"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self.options = Options.of(setting)
        self._secrets = secrets
        self._seal_key = secrets.get("XXGK_SEAL_KEY", "")
        self._clock = clock

    @property
    def limits(self) -> Limits:
        """Several letters go over one connection; more would leave more in doubt if the process died."""
        return Limits(pieces=20, bytes=None, addresses=20, rates=self.options.rates, person="邮箱", senders=2)

    def render(self, bundle: Bundle, target: Target) -> Content:
        """Subject, text and HTML; a 公示 is its notice and link."""
        shown, shortened = letter.fitted(bundle)
        text, html = letter.text(shown), letter.html(shown)
        payload = {"subject": letter.subject(shown), "text": text, "html": html}
        return Content(text=text, payload=payload, bytes=size(text) + size(html), shortened=shortened)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """A letter to each, over one connection; what is no mailbox is refused here and never leaves."""
        good = [address for address in addresses if is_mailbox(address)]
        answers = [_refused(address) for address in addresses if not is_mailbox(address)]
        if not good:
            return answers
        begun = time.monotonic()  # a slow greeting takes from the time for letters
        try:
            line = connect(self.options, self._login())
        except SendError as error:
            if not answers:
                raise
            return [*answers, *(error.to(address) for address in good)]
        try:
            return [*answers, *self._letters(line, prepared.payload, good, key, begun)]
        finally:
            leave(line)

    def _letters(
        self, line: smtplib.SMTP, content: Mapping[str, Any], addresses: Sequence[str], key: str, begun: float
    ) -> list[Sent]:
        """What ends the call, the server's no to our sender among it, is the answer for all that are left."""
        answers = list[Sent]()
        ended: SendError | None = None
        for address in addresses:
            number = letter.message_id(key, address, self._seal_key, self.options.domain)
            written = letter.written(content, self.options, address, number, self._clock())
            ended = ended or _over(line, begun) or begin(line, self.options.bounces, len(written))
            answers.append(ended.to(address) if ended else _handed(line, address, number, written))
        return answers

    def _login(self) -> Login | None:
        if not self.options.login:
            return None
        if found := missing(self.options, self._secrets):
            raise SendError(Outcome.MISCONFIGURED, f"{found[0].key} 没有填写", advice=found[0].fix)
        return Login(self._secrets["MAIL_USER"].strip(), self._secrets["MAIL_PASSWORD"].strip())

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The login, unless the server asks for none."""
        return missing(self.options, self._secrets)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Connection, encryption, login and sender, without a letter; and each target's address."""
        return [*(self.missing(targets) or check(self.options, self._login())), *map(_finding, targets)]

    def measure(self, target: Target) -> list[Sample]:
        """The members of a mailing list as the register has them, true on the day somebody checked it."""
        if target.members is None or _is_list(target):
            return []
        day = target.checked_on
        true_at = self._clock() if day is None else at(day, clock_time())
        return [Sample(metric="应达", value=target.members, basis="人工填报", true_at=true_at)]


def _over(line: smtplib.SMTP, begun: float) -> SendError | None:
    """Why no further letter of this call is begun, if so."""
    if not alive(line):
        return SendError(Outcome.UNAVAILABLE, "与邮件服务器的连接已断，这一封还没有发，稍后再发")
    if time.monotonic() - begun > PATIENCE:
        return SendError(Outcome.UNAVAILABLE, "邮件服务器较慢，这一封还没有发，接着再发", retry_after=AT_ONCE)
    return None


def _handed(line: smtplib.SMTP, address: str, number: str, written: bytes) -> Sent:
    try:
        said = hand_over(line, address, written)
    except SendError as error:
        return error.to(address)
    return Sent(address=address, outcome=Outcome.ACCEPTED, vendor_id=number, code="250", reason=TAKEN, raw=said)


def _is_list(target: Target) -> bool:
    return target.address.replace("：", ":").startswith("名单:")


def _finding(target: Target) -> Finding:
    key = f"targets.csv {target.number}"
    if _is_list(target) or is_mailbox(target.address):
        return Finding(key=key, ok=True, text=f"{target.name}：{'每人一封' if _is_list(target) else '发到这一个邮箱'}")
    fix = "地址写 名单:教职工（名单里有“邮箱”列），或一个邮箱，如 staff@example.edu.cn"
    return Finding(key=key, ok=False, text=f"{target.name}：地址不是邮箱也不是名单", fix=fix)


def _refused(address: str) -> Sent:
    return Sent(address=address, outcome=Outcome.REFUSED, reason="不是邮箱。请在名单或登记表中改正后补发")
