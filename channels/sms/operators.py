"""What the carriers and the vendors' platforms say of a message that did not arrive, in the words an office reads."""

from __future__ import annotations

from channels.sms.numbers import masked
from rules.text import cut_chars

# https://help.aliyun.com/document_detail/101347.html (回执错误码) and
# https://cloud.tencent.com/document/product/382/59177 (状态回执错误码); the MK, MI, MN and SGIP codes are the carriers'.
_OFF, _NONE, _GONE = "手机关机或不在服务区", "空号", "停机"
_STATE = "号码状态异常（空号、停机、关机等）"
_BLACK, _BLOCKED = "号码在黑名单中（多为本人退订）", "内容被运营商拦截"
REASONS: dict[str, str] = {
    "UNDELIV": _STATE,
    "EXPIRED": f"{_OFF}，超时未送达",
    "REJECTD": "被运营商拒绝",
    "REJECT": "被运营商拒绝",
    "NOROUTE": _STATE,
    "MK:0000": _NONE,
    "MK:0001": _NONE,
    "MN:0001": _NONE,
    "SGIP:1": _NONE,
    "LT:0001": _NONE,
    "CB:0001": _NONE,
    "CB:0053": _NONE,
    "MK:0005": _GONE,
    "MK:0012": _NONE,
    "MK:0013": _GONE,
    "MI:0013": _GONE,
    "MN:0013": _GONE,
    "SGIP:5": _GONE,
    "SGIP:13": _GONE,
    "MK:0024": _OFF,
    "MI:0024": _OFF,
    "MN:0054": _OFF,
    "SGIP:24": _OFF,
    "SGIP:54": _OFF,
    "BLACK": _BLACK,
    "BLOCKED": _BLACK,
    "MOBILE_IN_BLACK": _BLACK,
    "USER_REJECT": _BLACK,
    "KEYWORD": _BLOCKED,
    "CONTENT_KEYWORD": _BLOCKED,
    "CONTENT_ERROR": _BLOCKED,
    "MOBILE_NOT_ON_SERVICE": _STATE,
    "MOBILE_ACCOUNT_ABNORMAL": "号码异常（欠费、携号转网等）",
    "MOBILE_TERMINAL_ERROR": "手机故障（存储已满等）",
    "MOBLLE_TERMINAL_ERROR": "手机故障（存储已满等）",
    "MOBILE_SEND_LIMIT": "该号码接收过于频繁，被平台限制",
    "INVALID_NUMBER": "号码状态异常或格式错误",
    "SIGNATURE_BLACKLIST": "签名被运营商拦截",
    "NO_ROUTE": "没有可用的短信通道",
    "IS_CLOSE": "短信通道被关停",
    "REQUEST_SUCCESS": "已提交运营商，没有状态报告",
}
#: The rest of a carrier's family of codes says no more than that the number or the handset was at fault.
FAMILIES = ("MK:", "MI:", "MN:", "SGIP:", "LT:", "CB:")


def not_arrived(code: str, words: str) -> str:
    """Why it did not arrive, with the code; a code that is not in the table is told in the vendor's own words."""
    known = REASONS.get(code.upper())
    if known is None and code.upper().startswith(FAMILIES):
        known = _STATE
    reason = known or cut_chars(masked(words.strip()), 60) or "运营商未说明原因"
    return f"未送达：{reason}" + (f"（{masked(code)[:40]}）" if code else "")
