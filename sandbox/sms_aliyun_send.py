"""Aliyun's two sending calls: SendSms and SendBatchSms.

https://help.aliyun.com/document_detail/419273.html, /101346.html (errors), /44335.html (limits and lengths)
Where the pages are silent: one number that is malformed or over its limit refuses the whole call, and nothing of it
goes; a text over 500 characters is isv.PARAM_LENGTH_LIMIT; a call that costs more than is left is refused whole.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from typing import Any

from sandbox import sms_receipts
from sandbox.actors import SmsAccount, SmsNumber, SmsTemplate, save
from sandbox.sms import (
    CONTENT_CHARS,
    DAY,
    HOUR,
    MINUTE,
    URL,
    Limit,
    Meter,
    Refusal,
    Sms,
    book,
    by_the_clock,
    fill,
    mainland,
    numbers_of,
    rolling,
    segments_of,
)
from sandbox.sms_aliyun_sign import Door
from sandbox.state import Doc

MAX_NUMBERS, MAX_BATCH = 1000, 100
HOLE = re.compile(r"\$\{(\w+)\}")
VARIABLE_CHARS = 35
OUT_ID_CHARS = 255
# https://help.aliyun.com/document_detail/2806243.html; attributes not listed here take any text.
TYPES = {
    "numberCaptcha": re.compile(r"\d{4,6}"),
    "characterWithNumber2": re.compile(r"[0-9A-Za-z]{4,6}"),
    "phone_number2": re.compile(r"1\d{10}|(?=.{5,15}$)\d[\d-]*\d"),
    "time": re.compile(r"[\d年月日时点分秒:：/\-. 上下午晚]+"),
    "money": re.compile(r"[\d.,，元角分整零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+"),
}
CODE_SCOPE = ("account", "sign", "kind")
CONTROL = "isv.BUSINESS_LIMIT_CONTROL"
LIMITS = {
    "notice": (Limit("day", 50, rolling(DAY), ("account", "sign", "template"), CONTROL, "触发天级流控Permits:{n}"),),
    "code": (
        Limit("minute", 1, by_the_clock(MINUTE), CODE_SCOPE, CONTROL, "触发分钟级流控Permits:{n}"),
        Limit("hour", 5, by_the_clock(HOUR), CODE_SCOPE, CONTROL, "触发小时级流控Permits:{n}"),
        Limit("code_day", 10, rolling(DAY), CODE_SCOPE, CONTROL, "触发天级流控Permits:{n}"),
        Limit("number_day", 40, rolling(DAY), ("kind",), CONTROL, "触发号码天级流控Permits:{n}"),
    ),
}
RECEIPTS = {
    "delivered": ("DELIVERED", "用户接收成功"),
    "timeout": ("DELIVERED", "用户接收成功"),
    "failed": ("MOBILE_NOT_ON_SERVICE", "手机号停机、空号"),
    "off": ("IS_CLOSED", "手机关机"),
    "blacklisted": ("MOBILE_IN_BLACK", "手机号在黑名单"),
    "never": ("", ""),
}


def send_sms(door: Door) -> Doc:
    """One text to up to a thousand numbers, under one BizId."""
    raw = door.need("PhoneNumbers").split(",")
    if len(raw) > MAX_NUMBERS:
        raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制")
    sign, template = door.need("SignName"), door.need("TemplateCode")
    values = read_json(door.params.get("TemplateParam") or "{}", dict)
    return accept(door, raw, [sign] * len(raw), template, [values] * len(raw))


def send_batch_sms(door: Door) -> Doc:
    """A text of its own for each of up to a hundred numbers, still under one BizId."""
    raw = read_json(door.need("PhoneNumberJson"), list)
    signs = read_json(door.need("SignNameJson"), list)
    template = door.need("TemplateCode")
    values = read_json(door.params.get("TemplateParamJson") or json.dumps([{}] * len(raw)), list)
    if len(raw) > MAX_BATCH:
        raise Refusal("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制")
    if not raw or not len(raw) == len(signs) == len(values):
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
    return accept(door, [str(each) for each in raw], signs, template, values)


def read_json(text: str, kind: type[Any]) -> Any:
    """A JSON parameter of the wanted kind."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise Refusal("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值")
    return value


def accept(door: Door, raw: Sequence[str], signs: Sequence[Any], code: str, values: Sequence[Any]) -> Doc:
    """Check everything, then take the call as a whole or not at all."""
    account, call = door.account, door.call
    if not account.in_service:
        raise Refusal("isv.OUT_OF_SERVICE", "业务停机")
    numbers = [mainland(each.strip()) for each in raw]
    if None in numbers:
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "手机号码格式错误")
    if any(account.sign(str(name)) is None for name in set(map(str, signs))):
        raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
    template = account.template(code)
    if template is None:
        raise Refusal("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法")
    if len(door.params.get("OutId", "")) > OUT_ID_CHARS:
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
    texts = [f"【{sign}】{text}" for sign, text in zip(signs, texts_of(door, template, values), strict=True)]
    messages = written(door, [number for number in numbers if number], signs, template, texts)
    check_limits(door, template, messages)
    pay(door, sum(sms.segments for sms in messages))
    book(call, messages)
    sms_receipts.queue(call.world, account, call.name, messages)
    return {"BizId": messages[0].serial}


def texts_of(door: Door, template: SmsTemplate, values: Sequence[Any]) -> list[str]:
    """The filled template for each number; equal values are checked once."""
    done: dict[str, str] = {}
    for each in values:
        key = json.dumps(each)
        if key not in done:
            done[key] = text_of(door, template, each)
    return [done[json.dumps(each)] for each in values]


def text_of(door: Door, template: SmsTemplate, values: Any) -> str:
    """One filled template; each of the vendor's rules on variables has its own error."""
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refusal("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值")
    wanted = set(HOLE.findall(template.text))
    if not wanted <= values.keys():
        raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS", "模板缺少变量")
    if extra := values.keys() - wanted:
        door.call.flag(f"template {template.code} has no variables {sorted(extra)}")
    for name in wanted:
        check_value(door.account, template, name, values[name])
    return fill(template, HOLE, values)


def check_value(account: SmsAccount, template: SmsTemplate, name: str, value: str) -> None:
    """One variable: length, no address, no forbidden word, and its attribute where the template gives it one."""
    if not value or len(value) > account.limits.get("variable", VARIABLE_CHARS):
        raise Refusal("isv.PARAM_LENGTH_LIMIT", "参数超过长度限制")
    if URL.search(value):
        raise Refusal("isv.PARAM_NOT_SUPPORT_URL", "不支持URL")
    if any(word in value for word in account.black_words):
        raise Refusal("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单管控")
    kind = TYPES.get(template.types.get(name, ""))
    if kind is not None and not kind.fullmatch(value):
        raise Refusal("isv.TEMPLATE_PARAMS_ILLEGAL", f"传入的变量内容和实际申请模板时变量所选择的属性类型不配:{name}")


def written(
    door: Door, numbers: Sequence[str], signs: Sequence[str], template: SmsTemplate, texts: Sequence[str]
) -> list[Sms]:
    """The messages of this call, before anything is counted or paid."""
    if any(len(text) > CONTENT_CHARS for text in texts):
        raise Refusal("isv.PARAM_LENGTH_LIMIT", "参数超过长度限制")
    fates = numbers_of(door.call.world.state, numbers)
    biz_id = f"{secrets.randbelow(10**18):018d}^0"
    return [
        message(door, template, biz_id, fates[number], sign, text)
        for number, sign, text in zip(numbers, signs, texts, strict=True)
    ]


def message(door: Door, template: SmsTemplate, biz_id: str, number: SmsNumber, sign: str, text: str) -> Sms:
    """The message to one number, with what its carrier will report; a number may have a code of its own."""
    account, now = door.account, door.call.world.now()
    code, words = RECEIPTS[number.fate]
    known_at = None if number.fate == "never" else now + account.receipt_delay
    return Sms(
        now, "aliyun", account.key_id, number.number, sign, template.code, template.kind, text, segments_of(text),
        biz_id, door.params.get("OutId", ""), number.fate, number.code or code, words, known_at,
    )  # fmt: skip


def check_limits(door: Door, template: SmsTemplate, messages: Sequence[Sms]) -> None:
    """Nobody's limit may break, counting this very call's own repeats."""
    meter = Meter(door.call.world, door.account, LIMITS[template.kind], messages)
    for sms in messages:
        if broken := meter.breach(sms):
            limit, n = broken
            raise Refusal(limit.code, limit.words.format(n=n))
        meter.take(sms)


def pay(door: Door, segments: int) -> None:
    """Take the segments from the package."""
    account = door.account
    if segments > account.balance:
        raise Refusal("isv.AMOUNT_NOT_ENOUGH", "账户余额不足")
    account.balance -= segments
    save(door.call.world.state, account)
