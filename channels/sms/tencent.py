"""腾讯云短信 (sms 2021-01-11): up to two hundred numbers a call, each with its own answer and its own receipt.

https://cloud.tencent.com/document/api/382/55981 (SendSms). Nothing prevents a double, and the only query
(https://cloud.tencent.com/document/api/382/55977) knows a message from its receipt on: absence proves nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from channels.base import Attempt, Clock, Finding, Rate, Receipt, Resolution, SendError, Sent
from channels.http import MOST, json_of, post, utf8
from channels.sms import checkup, tencent_checkup, tencent_codes
from channels.sms.channel import SETTLED, STEPS, TIMEOUT, Sms, unsure
from channels.sms.numbers import masked, mobile_of
from channels.sms.options import Options
from channels.sms.receipts import Reader, Report, dicts, stored
from channels.sms.tencent_sign import Key, headers_for
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting

HOLES = re.compile(r"\{(\d+)\}")
PULLED = 100
#: The vendor's clock and ours may differ by this much.
SKEW = timedelta(minutes=5)
SUCCESS = "SUCCESS"


class Tencent(Sms):
    """One Tencent Cloud account, one application, one signature, one template."""

    name: ClassVar[str] = "sms_tencent"
    label: ClassVar[str] = "腾讯云短信"
    numbers = 200
    answer = '{"result":0,"errmsg":"OK"}'

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        super().__init__(setting, Options.of(setting, HOLES, "app_id"), secrets, clock)
        names = self.options.template.names
        if sorted(names, key=int) != [str(place) for place in range(1, len(names) + 1)]:
            raise ValueError("channels.sms_tencent.text 中的变量应为 {1}、{2}……，从1起不间断")
        self._secrets = secrets
        self._key = Key(
            secrets.get("TENCENT_SMS_SECRET_ID", "").strip(), secrets.get("TENCENT_SMS_SECRET_KEY", "").strip()
        )

    @property
    def _reader(self) -> Reader:
        return report_of

    @property
    def _fingerprint_key(self) -> str:
        return self._key.secret

    def _rates(self) -> tuple[Rate, ...]:
        """The same text to one number once in 30 s, and 10 a day, https://cloud.tencent.com/document/product/382/13303."""
        return (Rate(name="每号30秒", most=1, per=timedelta(seconds=30)), Rate(name="每号每日", most=10, per="day"))

    def _body(self, values: Mapping[str, str]) -> dict[str, Any]:
        return {
            "SmsSdkAppId": self.options.app_id,
            "SignName": self.options.template.sign,
            "TemplateId": self.options.code,
            "TemplateParamSet": [values[name] for name in sorted(values, key=int)],
        }

    def _submit(self, body: Mapping[str, Any], numbers: Sequence[str], key: str) -> list[Sent]:
        """One call; the same no for every number is the call's own, so that a wrong key or template stops the channel."""
        named = [f"+86{number}" for number in numbers]
        answer, raw = self.call("SendSms", {**body, "PhoneNumberSet": named, "SessionContext": key})
        rows = dicts(answer.get("SendStatusSet"))
        if not rows:
            raise SendError(Outcome.UNCERTAIN, "答复中没有各号码的结果，不能确定是否已发出", raw=raw)
        codes = {str(row.get("Code", "")) for row in rows}
        if len(codes) == 1 and len(rows) == len(numbers) and tencent_codes.OK not in codes:
            raise tencent_codes.refusal(codes.pop(), raw, self._clock())
        return [self._sent(row) for row in rows if mobile_of(row.get("PhoneNumber")) in numbers]

    def _sent(self, row: Mapping[str, Any]) -> Sent:
        number, code = mobile_of(row.get("PhoneNumber")), str(row.get("Code", ""))
        serial = str(row.get("SerialNo") or "")[:60]
        raw = masked(json.dumps(row, ensure_ascii=False))[:500]
        if code != tencent_codes.OK:
            return tencent_codes.refusal(code, raw, self._clock()).to(number)
        return Sent(address=number, outcome=Outcome.ACCEPTED, vendor_id=serial, code=code, raw=raw)

    def _resolved(self, attempt: Attempt, age: timedelta) -> Resolution:
        """Look for our key among the number's receipts; where it is not told, only a person can compare."""
        if age < SETTLED:
            return unsure("等待腾讯云的手机回执", SETTLED - age)
        records = self._records(attempt)
        if found := _mine(records, attempt):
            return found.resolution()
        if any(not record.get("SessionContext") for record in records):
            reason = "腾讯云有该号码此时段的手机回执，但没有附带推送编号，不能确定是哪一条"
            return unsure(f"{reason}。请在短信控制台“发送记录查询”中核对，或联系腾讯云开通 SessionContext 回传")
        later = next((step - age for step in STEPS if step > age), None)
        reason = "腾讯云尚无手机回执；没有回执不能证明没有发出"
        return unsure(reason if later else f"{reason}，请在短信控制台“发送记录查询”中核对", later)

    def _reported(self, attempt: Attempt) -> Resolution | None:
        found = _mine(self._records(attempt), attempt)
        return found.resolution() if found else None

    def _records(self, attempt: Attempt) -> list[Mapping[str, Any]]:
        """The number's receipts since the first call of the push; the vendor keeps seven days."""
        since = max(attempt.begun_at - SKEW, self._clock() - timedelta(days=7) + SKEW)
        answer, _ = self.call(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": int(since.timestamp()),
                "EndTime": int(self._clock().timestamp()),
                "Offset": 0,
                "Limit": PULLED,
                "PhoneNumber": f"+86{attempt.address}",
                "SmsSdkAppId": self.options.app_id,
            },
        )
        return dicts(answer.get("PullSmsSendStatusSet"))

    def pull(self) -> Sequence[Receipt]:
        """The next receipts of the account's queue; empty unless `pull = true`. Raises SendError."""
        if not self.options.pull:
            return ()
        answer, _ = self.call("PullSmsSendStatus", {"Limit": PULLED, "SmsSdkAppId": self.options.app_id})
        return stored(dicts(answer.get("PullSmsSendStatusSet")), self._reader, self._fingerprint_key)

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The secret's id and key."""
        return checkup.missing(tencent_checkup.KEYS, self._secrets)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Keys, application, signature, template, package and callback; sends nothing and takes no receipt away."""
        return list(tencent_checkup.findings(self.call, self.options, self._secrets, self._clock()))

    def call(self, action: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """The answer of a call that went well, and its text without numbers; raises SendError."""
        where, body, now = urlsplit(self._api), utf8(params), self._clock()
        headers = headers_for(
            self._key, action, host=where.netloc, path=f"{where.path}/", body=body, region=self.options.region, now=now
        )
        response = post(f"{self._api}/", timeout=TIMEOUT, data=body, headers=headers)
        # Hidden before it is cut: what is left of a number after a cut is too short to be known as one.
        raw = masked(response.text.replace(self._key.id or "\0", "***"))[:MOST]
        try:
            answer = json_of(response).get("Response")
        except SendError as error:
            error.raw = raw
            raise
        if not isinstance(answer, dict):
            raise SendError(Outcome.UNCERTAIN, "答复不是腾讯云的格式，不能确定是否已执行", raw=raw)
        if isinstance(said := answer.get("Error"), dict):
            raise tencent_codes.refusal(str(said.get("Code", "")), raw, now)
        return answer, raw


def report_of(record: Mapping[str, Any]) -> Report | None:
    """A record of the callback or of either pull; they carry the same under different names.

    https://cloud.tencent.com/document/api/382/59178 (mobile, errmsg, sid), /55977 (SubscriberNumber, SerialNo)
    """
    number = mobile_of(_first(record, "mobile", "SubscriberNumber", "PhoneNumber"))
    status = _first(record, "report_status", "ReportStatus")
    if not number or not status:
        return None
    return Report(
        number=number,
        arrived=status == SUCCESS,
        vendor_id=_first(record, "sid", "SerialNo"),
        push_key=_first(record, "ext", "SessionContext"),
        code=_first(record, "errmsg", "Description"),
        words=_first(record, "description"),
    )


def _first(record: Mapping[str, Any], *names: str) -> str:
    return next((str(record[name]) for name in names if record.get(name)), "")


def _mine(records: Sequence[Mapping[str, Any]], attempt: Attempt) -> Report | None:
    """Our message's receipt, known by its serial number or by our key."""
    reports = [report for record in records if (report := report_of(record))]
    mine = [r for r in reports if r.push_key == attempt.push_key or (r.vendor_id and r.vendor_id == attempt.vendor_id)]
    return next((report for report in mine if report.arrived), mine[-1] if mine else None)
