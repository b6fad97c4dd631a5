"""Aliyun's queries: what became of the messages to one number, and the totals of days.

https://help.aliyun.com/document_detail/419277.html, /419276.html
Where the pages are silent: newest first; a wrong date or page is isv.INVALID_PARAMETERS.
"""

from __future__ import annotations

from datetime import datetime

from sandbox.clock import SHANGHAI
from sandbox.sms import COLUMNS, DAY, Refusal, Sms, mainland
from sandbox.sms_aliyun_sign import Door
from sandbox.sms_receipts import stamp
from sandbox.state import Doc

KEPT_DAYS = 30
PAGE_SIZE = 50
# Days are Shanghai's; what is not known to have arrived or failed by now still waits.
BY_DAY = """
SELECT strftime('%Y%m%d', at + 28800, 'unixepoch') AS day, sum(segments),
    sum(CASE WHEN known_at <= ?1 AND fate IN ('delivered', 'timeout') THEN segments ELSE 0 END),
    sum(CASE WHEN known_at <= ?1 AND fate NOT IN ('delivered', 'timeout') THEN segments ELSE 0 END)
FROM sms WHERE account = ?2 AND at >= ?3 AND at < ?4 AND (?5 = '' OR sign = ?5)
GROUP BY day ORDER BY day
"""


def day_at(door: Door, name: str) -> float:
    """The Shanghai midnight of a yyyyMMdd parameter."""
    text = door.need(name)
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=SHANGHAI).timestamp()
    except ValueError:
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常") from None


def query_send_details(door: Door) -> Doc:
    """The messages to one number on one day of the last thirty, fifty to a page at most."""
    number, day = mainland(door.need("PhoneNumber")), day_at(door, "SendDate")
    if number is None:
        raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "手机号码格式错误")
    size, page = door.number("PageSize", 1, PAGE_SIZE), door.number("CurrentPage", 1, 10**6)
    now = door.call.world.now()
    if not now - (KEPT_DAYS + 1) * DAY < day <= now:
        raise Refusal("isv.INVALID_PARAMETERS", "参数异常")
    where = "number=? AND at>=? AND at<? AND at<=? AND vendor='aliyun' AND account=?"
    args: list[object] = [number, day, day + DAY, now - door.account.query_delay, door.account.key_id]
    if biz_id := door.params.get("BizId"):
        where += " AND serial=?"
        args.append(biz_id)
    state = door.call.world.state
    total = state.one(f"SELECT count(*) FROM sms WHERE {where}", args)  # noqa: S608 - our own words
    sql = f"SELECT {COLUMNS} FROM sms WHERE {where} ORDER BY at DESC, id DESC LIMIT ? OFFSET ?"  # noqa: S608
    rows = state.rows(sql, [*args, size, (page - 1) * size])
    return {"TotalCount": total, "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail(Sms(*row), now) for row in rows]}}


def detail(sms: Sms, now: float) -> Doc:
    """One message: 1 waits for its receipt, 2 failed, 3 arrived."""
    line: Doc = {
        "PhoneNum": sms.number,
        "SendStatus": 1,
        "TemplateCode": sms.template,
        "Content": sms.text,
        "SendDate": stamp(sms.at),
        "OutId": sms.ref,
    }
    if sms.known_at is None or sms.known_at > now:
        return line
    arrived = sms.fate in ("delivered", "timeout")
    return line | {"SendStatus": 3 if arrived else 2, "ErrCode": sms.code, "ReceiveDate": stamp(sms.known_at)}


def query_send_statistics(door: Door) -> Doc:
    """The totals of each day that had any, in billed messages."""
    first, last = day_at(door, "StartDate"), day_at(door, "EndDate")
    size, page = door.number("PageSize", 1, PAGE_SIZE), door.number("PageIndex", 1, 10**6)
    if door.number("IsGlobe", 1, 2) == 2 or last < first:
        return {"Data": {"TotalSize": 0, "TargetList": []}}
    world, sign = door.call.world, door.params.get("SignName", "")
    rows = world.state.rows(BY_DAY, (world.now(), door.account.key_id, first, last + DAY, sign))
    days = [
        {
            "SendDate": day,
            "TotalCount": total,
            "RespondedSuccessCount": good,
            "RespondedFailCount": bad,
            "NoRespondedCount": total - good - bad,
        }
        for day, total, good, bad in rows
    ]
    return {"Data": {"TotalSize": len(days), "TargetList": days[(page - 1) * size : page * size]}}
