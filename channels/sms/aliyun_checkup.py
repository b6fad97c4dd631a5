"""自检 of the Aliyun account: each call only asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels.base import Finding, SendError
from channels.sms.aliyun_codes import NO_SUCH_CALL
from channels.sms.checkup import Call, approved, callback, missing, same_text, trouble, untold
from channels.sms.options import Options
from rules.dates import day_of

_CHANNEL = "sms_aliyun"
_SIGN, _TEMPLATE, _TEXT = (f"channels.{_CHANNEL}.{name}" for name in ("sign", "template", "text"))
_SIGNS, _TEMPLATES = "签名管理", "模板管理"
_CONSOLE = "阿里云控制台“RAM 访问控制—用户—AccessKey”"
KEYS = {"ALIYUN_SMS_KEY_ID": _CONSOLE, "ALIYUN_SMS_KEY_SECRET": f"{_CONSOLE}，只在创建时显示一次"}
#: SignStatus of GetSmsSign and TemplateStatus of GetSmsTemplate: 审核通过.
#: https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-dir-template-management
PASSED = 1


def findings(call: Call, options: Options, secrets: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Every line of the check; stops at the keys if they do not work."""
    yield from callback(secrets, _CHANNEL)
    absent = missing(KEYS, secrets)
    yield from absent
    if absent:
        return
    day = f"{day_of(now):%Y%m%d}"
    query = {"StartDate": day, "EndDate": day, "IsGlobe": "1", "PageIndex": "1", "PageSize": "1"}
    try:
        call("QuerySendStatistics", query)
    except SendError as error:
        yield trouble(error, KEYS, _CHANNEL)
        return
    yield Finding(key="ALIYUN_SMS_KEY_SECRET", ok=True, text="密钥有效，短信服务已开通")
    yield from _sign(call, options)
    yield from _template(call, options)


def _sign(call: Call, options: Options) -> Iterator[Finding]:
    try:
        answer, _ = call("GetSmsSign", {"SignName": options.template.sign})
    except SendError as error:
        yield untold(error, _SIGN, _SIGNS, NO_SUCH_CALL)
        return
    yield approved(_SIGN, answer.get("SignStatus"), PASSED, _why(answer), _SIGNS)


def _template(call: Call, options: Options) -> Iterator[Finding]:
    try:
        answer, _ = call("GetSmsTemplate", {"TemplateCode": options.code})
    except SendError as error:
        yield untold(error, _TEMPLATE, _TEMPLATES, NO_SUCH_CALL)
        return
    yield approved(_TEMPLATE, answer.get("TemplateStatus"), PASSED, _why(answer), _TEMPLATES)
    yield from same_text(_TEXT, options.template.text, answer.get("TemplateContent"))


def _why(answer: Mapping[str, Any]) -> str:
    audit = answer.get("AuditInfo")
    return str(audit.get("RejectInfo") or "") if isinstance(audit, Mapping) else ""
