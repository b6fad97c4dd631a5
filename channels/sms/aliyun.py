"""阿里云短信 (Dysmsapi 2017-05-25): one text to up to a thousand numbers a call, receipts for each number.

https://help.aliyun.com/document_detail/419273.html (SendSms): domestic messages know no idempotency, so nothing is
sent again while it is in doubt; https://help.aliyun.com/document_detail/419277.html (QuerySendDetails) tells.
"""

from __future__ import annotations

import json
import re
import secrets as random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from channels.base import Attempt, Clock, Finding, Rate, Resolution, SendError, Sent
from channels.http import MOST, json_of, post
from channels.sms import aliyun_checkup, aliyun_codes, checkup
from channels.sms.aliyun_sign import Key, canonical_query, headers_for
from channels.sms.channel import SETTLED, TIMEOUT, Sms, unsure
from channels.sms.numbers import masked, mobile_of
from channels.sms.options import Options
from channels.sms.receipts import Reader, Report, dicts
from rules.dates import day_of
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting

HOLES = re.compile(r"\$\{(\w+)\}")
#: Records that are not there by then will not come: the call never arrived.
SURE = timedelta(minutes=5)
KEPT = timedelta(days=29)
PAGE, PAGES = 50, 20
#: Calls and time that one send may take to find the numbers for which the vendor refuses a whole call.
CALLS, PATIENCE = 40, timedelta(seconds=45)
#: SendStatus of QuerySendDetails.
WAITING, FAILED, ARRIVED = "1", "2", "3"


class Aliyun(Sms):
    """One Aliyun account, one signature, one template."""

    name: ClassVar[str] = "sms_aliyun"
    label: ClassVar[str] = "阿里云短信"
    numbers = 1000
    answer = '{"code":0,"msg":"成功"}'

    def __init__(
        self,
        setting: ChannelSetting,
        secrets: Mapping[str, str],
        clock: Clock,
        nonce: Callable[[], str] = lambda: random.token_hex(16),
    ) -> None:
        super().__init__(setting, Options.of(setting, HOLES), secrets, clock)
        self._secrets = secrets
        self._key = Key(secrets.get("ALIYUN_SMS_KEY_ID", "").strip(), secrets.get("ALIYUN_SMS_KEY_SECRET", "").strip())
        self._nonce = nonce

    @property
    def _reader(self) -> Reader:
        return report_of

    @property
    def _fingerprint_key(self) -> str:
        return self._key.secret

    def _rates(self) -> tuple[Rate, ...]:
        """Notices: 50 in 24 hours to one number, https://help.aliyun.com/document_detail/44335.html."""
        return (Rate(name="每号24小时", most=50, per=timedelta(hours=24)),)

    def _body(self, values: Mapping[str, str]) -> dict[str, Any]:
        return {
            "SignName": self.options.template.sign,
            "TemplateCode": self.options.code,
            "TemplateParam": json.dumps(values, ensure_ascii=False, separators=(",", ":")),
        }

    def _submit(self, body: Mapping[str, Any], numbers: Sequence[str], key: str) -> list[Sent]:
        try:
            return self._send_sms(body, numbers, key)
        except SendError as error:
            if error.code not in aliyun_codes.NUMBERS_FAULT or len(numbers) == 1:
                raise
        return self._in_halves(body, numbers, key)

    def _in_halves(self, body: Mapping[str, Any], numbers: Sequence[str], key: str) -> list[Sent]:
        """One number made the vendor refuse the call whole: smaller calls, so that it does not hold the others."""
        begun, answers = self._clock(), list[Sent]()
        groups = _halves(numbers)
        for _ in range(CALLS):
            if not groups or self._clock() - begun > PATIENCE:
                break
            group = groups.pop()
            try:
                answers += self._send_sms(body, group, key)
            except SendError as error:
                numbers_fault = error.code in aliyun_codes.NUMBERS_FAULT
                if numbers_fault and len(group) > 1:
                    groups += _halves(group)
                    continue
                answers += [error.to(number) for number in group]
                if not numbers_fault:
                    break
        later = SendError(Outcome.UNAVAILABLE, "同一批中有号码被拒，其余稍后再发", retry_after=timedelta(minutes=1))
        return [*answers, *(later.to(number) for group in groups for number in group)]

    def _send_sms(self, body: Mapping[str, Any], numbers: Sequence[str], key: str) -> list[Sent]:
        answer, raw = self.call("SendSms", {**body, "PhoneNumbers": ",".join(numbers), "OutId": key})
        biz_id = str(answer.get("BizId", ""))[:60]
        ok = aliyun_codes.OK
        return [
            Sent(address=number, outcome=Outcome.ACCEPTED, vendor_id=biz_id, code=ok, raw=raw) for number in numbers
        ]

    def _resolved(self, attempt: Attempt, age: timedelta) -> Resolution:
        """Look for our OutId among the number's records; their absence after five minutes proves that nothing left."""
        if age < SETTLED:
            return unsure("等待阿里云的发送记录", SETTLED - age)
        if age > KEPT:
            return unsure("阿里云只保留30天的发送记录，已查不到")
        records, complete = self._records(attempt)
        if records:
            return _resolution(attempt, records)
        if age < SURE:
            return unsure("阿里云尚无发送记录", timedelta(minutes=1))
        if not complete:
            return unsure("该号码当日的发送记录过多，未能查完")
        return Resolution(outcome=Outcome.UNAVAILABLE, reason="阿里云的发送记录中没有此条，确认未发出")

    def _reported(self, attempt: Attempt) -> Resolution | None:
        found = _resolution(attempt, self._records(attempt)[0])
        return None if found.outcome is Outcome.ACCEPTED else found

    def _records(self, attempt: Attempt) -> tuple[list[Mapping[str, Any]], bool]:
        """The number's records with our OutId, and whether all of its records were seen."""
        found: list[Mapping[str, Any]] = []
        complete = True
        for day in self._days(attempt):
            for page in range(1, PAGES + 1):
                records = self._page(attempt.address, day, page)
                found += [each for each in records if each.get("OutId") == attempt.push_key]
                if len(records) < PAGE:
                    break
            else:
                complete = False
        return found, complete

    def _days(self, attempt: Attempt) -> list[date]:
        """The vendor books a message on its own day, which may be the next one around midnight."""
        ends = (attempt.begun_at, attempt.called_at, attempt.called_at + SURE)
        oldest, today = day_of(self._clock() - KEPT), day_of(self._clock())
        return sorted({day_of(end) for end in ends if oldest <= day_of(end) <= today})

    def _page(self, number: str, day: date, page: int) -> list[Mapping[str, Any]]:
        answer, _ = self.call(
            "QuerySendDetails",
            {"PhoneNumber": number, "SendDate": f"{day:%Y%m%d}", "PageSize": str(PAGE), "CurrentPage": str(page)},
        )
        listed = answer.get("SmsSendDetailDTOs")
        return dicts(listed.get("SmsSendDetailDTO")) if isinstance(listed, dict) else []

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The access key."""
        return checkup.missing(aliyun_checkup.KEYS, self._secrets)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Keys, signature, template and callback; sends nothing."""
        return list(aliyun_checkup.findings(self.call, self.options, self._secrets, self._clock()))

    def call(self, action: str, params: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """The answer of a call that went well, and its text without numbers; raises SendError."""
        where = urlsplit(self._api)
        query, path = canonical_query(params), f"{where.path}/"
        headers = headers_for(
            self._key, action, host=where.netloc, path=path, query=query, now=self._clock(), nonce=self._nonce()
        )
        response = post(f"{self._api}/?{query}", timeout=TIMEOUT, headers=headers)
        # Hidden before it is cut: what is left of a number after a cut is too short to be known as one.
        raw = masked(response.text.replace(self._key.id or "\0", "***"))[:MOST]
        try:
            answer = json_of(response)
        except SendError as error:
            error.raw = raw
            raise
        code = answer.get("Code")
        if not isinstance(code, str):
            raise SendError(Outcome.UNCERTAIN, "答复不是阿里云的格式，不能确定是否已执行", raw=raw)
        if code != aliyun_codes.OK:
            raise aliyun_codes.refusal(code, str(answer.get("Message", "")), raw)
        return answer, raw


def report_of(record: Mapping[str, Any]) -> Report | None:
    """A record of the receipt push: https://help.aliyun.com/document_detail/101867.html."""
    number = mobile_of(record.get("phone_number"))
    if not number or "success" not in record:
        return None
    return Report(
        number=number,
        arrived=str(record["success"]).lower() == "true",
        vendor_id=str(record.get("biz_id", "")),
        push_key=str(record.get("out_id", "")),
        code=str(record.get("err_code", "")),
        words=str(record.get("err_msg", "")),
    )


def _resolution(attempt: Attempt, records: Sequence[Mapping[str, Any]]) -> Resolution:
    """What the records of one push at one number say together: arrived once is arrived, and waiting is no failure."""
    said = {str(record.get("SendStatus")): record for record in records}
    if ARRIVED not in said and (FAILED not in said or WAITING in said):
        reason = "在阿里云的发送记录中找到，等待手机回执"
        return Resolution(outcome=Outcome.ACCEPTED, reason=reason, vendor_id=attempt.vendor_id)
    code = str(said[FAILED].get("ErrCode") or "") if ARRIVED not in said else ""
    return Report(number=attempt.address, arrived=ARRIVED in said, vendor_id=attempt.vendor_id, code=code).resolution()


def _halves(numbers: Sequence[str]) -> list[Sequence[str]]:
    half = len(numbers) // 2
    return [numbers[half:], numbers[:half]]
