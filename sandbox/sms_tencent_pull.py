"""Tencent Cloud's two ways of asking for receipts: a queue that gives each once, and one number's last seven days.

https://cloud.tencent.com/document/api/382/55977, /55976
A message whose carrier has not reported yet is in neither: nothing here proves that a message was not sent.
"""

from __future__ import annotations

import json

from sandbox.sms import COLUMNS, DAY, Refusal, Sms, mainland
from sandbox.sms_tencent_sign import Door
from sandbox.state import Doc

LIMIT = 100
KEPT = 7 * DAY


def limit_of(door: Door) -> int:
    """How many records at most, 1 to 100."""
    limit = int(door.take("Limit", int))
    if not 1 <= limit <= LIMIT:
        raise Refusal("InvalidParameterValue.LimitVerifyFail", "Limit verify fail")
    return limit


def pull_status(door: Door) -> Doc:
    """Take receipts off the queue, oldest first; the vendor opens this call on request only."""
    door.only("Limit", "SmsSdkAppId")
    door.check_app()
    if not door.account.pull:
        raise Refusal("UnauthorizedOperation.RequestPermissionDeny", "request permission deny")
    state = door.call.world.state
    rows = state.rows(
        f"SELECT id, {COLUMNS} FROM sms WHERE account=? AND pulled=0 AND known_at<=?"  # noqa: S608 - our own columns
        " ORDER BY known_at, id LIMIT ?",
        (door.account.key_id, door.call.world.now(), limit_of(door)),
    )
    ids = json.dumps([row[0] for row in rows])
    state.run("UPDATE sms SET pulled=1 WHERE id IN (SELECT value FROM json_each(?))", (ids,))
    return {"PullSmsSendStatusSet": [record(door, Sms(*row[1:])) for row in rows]}


def pull_status_by_number(door: Door) -> Doc:
    """One number's receipts for what was sent between two moments, as often as asked."""
    door.only("BeginTime", "EndTime", "Offset", "Limit", "PhoneNumber", "SmsSdkAppId")
    door.check_app()
    now = door.call.world.now()
    begin, end = door.take("BeginTime", int), door.take("EndTime", int, required=False) or int(now)
    if begin < int(now - KEPT):
        raise Refusal("InvalidParameterValue.BeginTimeVerifyFail", "BeginTime verify fail")
    if end < begin:
        raise Refusal("InvalidParameterValue.InvalidStartTime", "invalid start time")
    if door.take("Offset", int) != 0:
        raise Refusal("InvalidParameterValue.OffsetVerifyFail", "Offset verify fail")
    number = mainland(door.take("PhoneNumber", str))
    if number is None:
        raise Refusal("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number")
    rows = door.call.world.state.rows(
        f"SELECT {COLUMNS} FROM sms WHERE number=? AND at>=? AND at<? AND account=? AND known_at<=?"  # noqa: S608
        " ORDER BY at, id LIMIT ?",
        (number, begin, end + 1, door.account.key_id, now - door.account.query_delay, limit_of(door)),
    )
    return {"PullSmsSendStatusSet": [record(door, Sms(*row)) for row in rows]}


def record(door: Door, sms: Sms) -> Doc:
    """One receipt; the session comes back only to customers who asked the vendor for it."""
    return {
        "UserReceiveTime": int(sms.known_at or sms.at),
        "CountryCode": "86",
        "SubscriberNumber": sms.number,
        "PhoneNumber": f"+86{sms.number}",
        "SerialNo": sms.serial,
        "ReportStatus": "SUCCESS" if sms.fate in ("delivered", "timeout") else "FAIL",
        "Description": sms.code,
        "SessionContext": sms.ref if door.account.session_in_receipts else "",
    }
