"""自检 of the Tencent Cloud account: each call only asks, and none takes receipts off the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.base import Finding, SendError
from channels.sms.checkup import Call, approved, callback, missing, same_text, trouble, untold
from channels.sms.options import Options
from channels.sms.receipts import dicts
from channels.sms.tencent_codes import NO_SUCH_CALL
from rules.dates import SHANGHAI

_CHANNEL = "sms_tencent"
_SIGN, _TEMPLATE, _TEXT, _APP = (f"channels.{_CHANNEL}.{name}" for name in ("sign", "template", "text", "app_id"))
_SIGNS, _TEMPLATES = "签名管理", "正文模板管理"
_CONSOLE = "腾讯云控制台“访问管理—访问密钥—API密钥管理”"
KEYS = {"TENCENT_SMS_SECRET_ID": _CONSOLE, "TENCENT_SMS_SECRET_KEY": f"{_CONSOLE}，只在创建时显示一次"}
#: StatusCode of DescribeSmsSignList and DescribeSmsTemplateList: 审核通过且已生效.
#: https://cloud.tencent.com/document/api/382/52077
PASSED = 0
#: A stretch that no carrier has given out: the question is about the key, the number does not matter.
NOBODY = "+8619900000000"
PAGE, PAGES = 100, 10


def findings(call: Call, options: Options, secrets: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Every line of the check; stops at the keys if they do not work."""
    yield from callback(secrets, _CHANNEL)
    absent = missing(KEYS, secrets)
    yield from absent
    if absent:
        return
    second = int(now.timestamp())
    try:
        call(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": second - 60, "EndTime": second, "Offset": 0, "Limit": 1, "PhoneNumber": NOBODY,
                "SmsSdkAppId": options.app_id,
            },
        )  # fmt: skip
    except SendError as error:
        yield trouble(error, KEYS, _CHANNEL)
        return
    yield Finding(key="TENCENT_SMS_SECRET_KEY", ok=True, text="密钥和应用有效，可按号码查询回执")
    for ask, key, where in ((_sign, _SIGN, _SIGNS), (_template, _TEMPLATE, _TEMPLATES)):
        try:
            yield from ask(call, options)
        except SendError as error:
            yield untold(error, key, where, NO_SUCH_CALL)
    yield from _package(call, options, now)


def _sign(call: Call, options: Options) -> Iterator[Finding]:
    for page in range(PAGES):
        answer, _ = call("DescribeSmsSignList", {"International": 0, "Limit": PAGE, "Offset": page * PAGE})
        rows = dicts(answer.get("DescribeSignListStatusSet"))
        for row in rows:
            if row.get("SignName") == options.template.sign:
                yield approved(_SIGN, row.get("StatusCode"), PASSED, str(row.get("ReviewReply") or ""), _SIGNS)
                return
        if len(rows) < PAGE:
            break
    yield Finding(key=_SIGN, ok=False, text="账号下没有这个签名", fix=f"请在短信控制台“{_SIGNS}”中核对")


def _template(call: Call, options: Options) -> Iterator[Finding]:
    if not options.code.isdigit():
        yield Finding(key=_TEMPLATE, ok=False, text="应为数字", fix=f"请填写短信控制台“{_TEMPLATES}”中的模板 ID")
        return
    answer, _ = call("DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": [int(options.code)]})
    rows = dicts(answer.get("DescribeTemplateStatusSet"))
    if not rows:
        yield Finding(key=_TEMPLATE, ok=False, text="账号下没有这个模板", fix=f"请在短信控制台“{_TEMPLATES}”中核对")
        return
    yield approved(_TEMPLATE, rows[0].get("StatusCode"), PASSED, str(rows[0].get("ReviewReply") or ""), _TEMPLATES)
    yield from same_text(_TEXT, options.template.text, rows[0].get("TemplateContent"))


def _package(call: Call, options: Options, now: datetime) -> Iterator[Finding]:
    """How many segments the packages bought in three years still hold; an account without any pays by the message."""
    begin, end = (f"{moment.astimezone(SHANGHAI):%Y%m%d%H}" for moment in (now - timedelta(days=3 * 365), now))
    query = {"SmsSdkAppId": options.app_id, "Limit": 500, "Offset": 0, "BeginTime": begin, "EndTime": end}
    try:
        answer, _ = call("SmsPackagesStatistics", query)
    except SendError:
        return
    packages = [each for each in dicts(answer.get("SmsPackagesStatisticsSet")) if _alive(each, now)]
    left = sum(int(each.get("PackageAmount") or 0) - int(each.get("CurrentUsage") or 0) for each in packages)
    if packages and left <= 0:
        yield Finding(key=_APP, ok=False, text="套餐包已用完", fix="请登录腾讯云控制台购买短信套餐包")
    elif packages:
        yield Finding(key=_APP, ok=True, text=f"套餐包余量{left}条")


def _alive(package: Mapping[str, Any], now: datetime) -> bool:
    return int(package.get("PackageExpiredTime") or 0) > now.timestamp()
