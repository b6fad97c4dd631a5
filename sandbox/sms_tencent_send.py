"""Tencent Cloud's SendSms: each number has its own Code, so one call may go for some and not for others.

https://cloud.tencent.com/document/api/382/55981, /59177 (errors), product/382/13303 (limits)
Where the pages are silent: a SessionContext of 512 bytes or more is InvalidParameter; a number in a wrong form, a
signature or a template that is not approved refuse number by number, as answers quoted by users show.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import sms_receipts
from sandbox.actors import SmsAccount, SmsNumber, SmsTemplate, save
from sandbox.clock import day_of, day_start
from sandbox.sms import (
    CONTENT_CHARS,
    HOUR,
    URL,
    Limit,
    Meter,
    Refusal,
    Sms,
    book,
    fill,
    mainland,
    numbers_of,
    rolling,
    segments_of,
)
from sandbox.sms_tencent_sign import Door
from sandbox.state import Doc

MAX_NUMBERS = 200
SESSION_BYTES = 512
# An account opened since 2024-01-25 has 6: set `limits: {"variable": 6}`.
VARIABLE_CHARS = 12
HOLE = re.compile(r"\{(\d+)\}")
KNOWN = (
    "PhoneNumberSet",
    "SmsSdkAppId",
    "TemplateId",
    "SignName",
    "TemplateParamSet",
    "ExtendCode",
    "SessionContext",
    "SenderId",
)
TOO_MANY = "the number of SMS messages sent from a single mobile number {} exceeds the upper limit"
# The middle two are off until the customer sets them in the console.
LIMITS = (
    Limit(
        "thirty_seconds",
        1,
        rolling(30),
        ("account", "text"),
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        TOO_MANY.format("within 30 seconds"),
    ),
    Limit(
        "hour",
        0,
        rolling(HOUR),
        ("account",),
        "LimitExceeded.PhoneNumberOneHourLimit",
        TOO_MANY.format("within 1 hour"),
    ),
    Limit(
        "same_day",
        0,
        lambda now: day_start(day_of(now)),
        ("account", "text"),
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "the number of the same sms messages sent from a single mobile number exceeds the upper limit",
    ),
    Limit(
        "day",
        10,
        lambda now: day_start(day_of(now)),
        ("account",),
        "LimitExceeded.PhoneNumberDailyLimit",
        TOO_MANY.format("every day"),
    ),
)
RECEIPTS = {
    "delivered": ("DELIVRD", "用户短信送达成功"),
    "timeout": ("DELIVRD", "用户短信送达成功"),
    "failed": ("UNDELIV", "空号或停机"),
    "off": ("002", "关机/停机/无法接通手机/不在服务区"),
    "never": ("", ""),
}
OK = Refusal("Ok", "send success")
BLACKLISTED = Refusal("FailedOperation.PhoneNumberInBlacklist", "the mobile number is in blacklist")
INCORRECT = Refusal("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number")
POOR = Refusal("FailedOperation.InsufficientBalanceInSmsPackage", "insufficient balance in SMS package")
TIMEOUT = Refusal("InternalError.Timeout", "the request timed out")


@dataclass(frozen=True)
class Text:
    """What one call says to everybody."""

    sign: str
    template: SmsTemplate
    content: str
    session: str


def send_sms(door: Door) -> Doc:
    """One text to up to two hundred numbers."""
    door.only(*KNOWN)
    door.check_app()
    raw = door.take("PhoneNumberSet", list)
    session = door.take("SessionContext", str, required=False)
    sign, template = door.take("SignName", str, required=False), door.take("TemplateId", str)
    values = door.take("TemplateParamSet", list, required=False)
    check_call(door, raw, values, session)
    try:
        text = text_of(door.account, sign, template, values, session)
    except Refusal as refusal:
        return {"SendStatusSet": [status(each, refusal, session) for each in raw]}
    return {"SendStatusSet": submit(door, raw, text)}


def check_call(door: Door, raw: list[str], values: list[str], session: str) -> None:
    """What refuses the call as a whole."""
    if not raw:
        raise Refusal("MissingParameter.EmptyPhoneNumberSet", "The PhoneNumberSet is empty.")
    if len(raw) > MAX_NUMBERS:
        raise Refusal("LimitExceeded.PhoneNumberCountLimit", "The number of phone numbers exceeds the upper limit 200.")
    for name, given in (("PhoneNumberSet", raw), ("TemplateParamSet", values)):
        if not all(isinstance(each, str) for each in given):
            raise Refusal("InvalidParameter", f"The value type of parameter `{name}` is not valid.")
    if len(session.encode()) >= SESSION_BYTES:
        raise Refusal("InvalidParameter", "The length of SessionContext must be less than 512 bytes.")
    if len({each.startswith("+") and not each.startswith("+86") for each in raw}) > 1:
        raise Refusal(
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
            "contain domestic and international phone number in one request",
        )
    if not door.account.in_service:
        raise Refusal("UnauthorizedOperation.ServiceSuspendDueToArrears", "service suspend due to arrears")


def text_of(account: SmsAccount, name: str, code: str, values: list[str], session: str) -> Text:
    """The signed and filled text; what is wrong here is wrong for every number."""
    sign, template = account.sign(name), account.template(code)
    if sign is None:
        raise Refusal("FailedOperation.SignatureIncorrectOrUnapproved", "signature is incorrect or unapproved")
    if template is None:
        raise Refusal("FailedOperation.TemplateIncorrectOrUnapproved", "template is incorrect or unapproved")
    content = f"【{sign.name}】{fill(template, HOLE, checked(account, template, values))}"
    if len(content) > CONTENT_CHARS:
        raise Refusal("InvalidParameterValue.ContentLengthLimit", "The content of message is too long")
    if any(word in content for word in account.black_words):
        raise Refusal("FailedOperation.ContainSensitiveWord", "the message contains sensitive word")
    return Text(sign.name, template, content, session)


def checked(account: SmsAccount, template: SmsTemplate, values: list[str]) -> Mapping[str, str]:
    """The template's values by the number of their hole, as many as it has, each by the rules on variables."""
    holes = set(HOLE.findall(template.text))
    if holes != {str(place) for place in range(1, len(values) + 1)}:
        raise Refusal(
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            "request content does not match the approved template content",
        )
    for value in values:
        check_value(account, template, value)
    return {str(place): value for place, value in enumerate(values, 1)}


def check_value(account: SmsAccount, template: SmsTemplate, value: str) -> None:
    """A verification code is up to six digits; anything else is short and holds no address."""
    if template.kind == "code" and not re.fullmatch(r"\d{0,6}", value):
        raise Refusal(
            "InvalidParameterValue.TemplateParameterFormatError", "Verification code template parameter format error"
        )
    if len(value) > account.limits.get("variable", VARIABLE_CHARS):
        raise Refusal(
            "InvalidParameterValue.TemplateParameterLengthLimit", "template parameter length exceeds the upper limit"
        )
    if URL.search(value):
        raise Refusal(
            "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "prohibited use url in template parameter"
        )


def submit(door: Door, raw: list[str], text: Text) -> list[Doc]:
    """Try every number in turn; what goes is booked, paid and reported."""
    account, world = door.account, door.call.world
    found = numbers_of(world.state, {number for number in map(mainland, raw) if number})
    tried = [(each, message(door, found[number], text) if (number := mainland(each)) else None) for each in raw]
    meter = Meter(world, account, LIMITS, [sms for _, sms in tried if sms])
    gone: list[Sms] = []
    answers = []
    for each, sms in tried:
        verdict = INCORRECT if sms is None else judge(account, meter, sms)
        if sms is not None and verdict in (OK, TIMEOUT):
            meter.take(sms)
            account.balance -= sms.segments
            gone.append(sms)
        answers.append(status(each, verdict, text.session, sms))
    save(world.state, account)
    book(door.call, gone)
    sms_receipts.queue(world, account, door.call.name, gone)
    return answers


def message(door: Door, number: SmsNumber, text: Text) -> Sms:
    """The message as it would go to the number."""
    account, now = door.account, door.call.world.now()
    code, words = RECEIPTS.get(number.fate, ("", ""))
    known_at = None if number.fate == "never" else now + account.receipt_delay
    serial = f"2640:{secrets.randbelow(10**27):027d}"
    return Sms(
        now, "tencent", account.key_id, number.number, text.sign, text.template.code, text.template.kind, text.content,
        segments_of(text.content), serial, text.session, number.fate, number.code or code, words, known_at,
    )  # fmt: skip


def judge(account: SmsAccount, meter: Meter, sms: Sms) -> Refusal:
    """Whether this number's message goes; TIMEOUT is said although it does."""
    if sms.fate == "blacklisted":
        return BLACKLISTED
    if broken := meter.breach(sms):
        return Refusal(broken[0].code, broken[0].words)
    if sms.segments > account.balance:
        return POOR
    return TIMEOUT if sms.fate == "timeout" else OK


def status(number: str, verdict: Refusal, session: str, sms: Sms | None = None) -> Doc:
    """One number's answer; only a clear yes has a serial number and a fee."""
    went = sms if verdict is OK else None
    full = mainland(number)
    return {
        "SerialNo": went.serial if went else "",
        "PhoneNumber": f"+86{full}" if full else number,
        "Fee": went.segments if went else 0,
        "SessionContext": session,
        "Code": verdict.code,
        "Message": verdict.words,
        "IsoCode": "CN" if full else "DEF",
    }
