"""What a mail server's replies mean: one table of enhanced and basic codes, in the words an office reads."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from channels.base import SendError
from channels.words import Meaning
from rules.outcome import Outcome

_NO, _OURS, _SLOW, _LATER = Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED, Outcome.UNAVAILABLE
_GREY, _LONG = timedelta(minutes=5), timedelta(hours=1)
_ADDRESS = "请在名单或登记表中改正邮箱后补发"
_REPORT = "请将此条记录交系统管理员"
_LOGIN = "请核对 .env 中的 MAIL_USER 和 MAIL_PASSWORD；有的邮箱要填“客户端授权码”，不是网页登录密码"
_SENDER = "请核对 channels.email.from 和 bounces：须是本账号可以使用的发件地址"
_TLS = "请核对 channels.email.api_base：smtps:// 为 SSL（常用端口465），smtp:// 为 STARTTLS（常用端口587）"
_ADMIN = "请联系邮件服务器管理员"


class Phase(StrEnum):
    """What the server was answering."""

    #: The connection itself: greeting, EHLO, STARTTLS.
    HELLO = "hello"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


#: A refusal here concerns every letter: it is our setting that is wrong, whatever the code says.
OURS: dict[Phase, str] = {
    Phase.HELLO: "请核对 channels.email.api_base，并请邮件服务器管理员放行本机的出网地址",
    Phase.LOGIN: _LOGIN,
    Phase.SENDER: _SENDER,
}

# Enhanced: https://www.rfc-editor.org/rfc/rfc3463 and the register that continues it,
# https://www.iana.org/assignments/smtp-enhanced-status-codes/. Basic: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3
# and https://www.rfc-editor.org/rfc/rfc4954#section-6 (login). An enhanced code is looked up first.
CODES: dict[str, Meaning] = {
    "5.1.1": Meaning(_NO, "没有这个邮箱", _ADDRESS),
    "5.1.2": Meaning(_NO, "邮箱的域名不存在", _ADDRESS),
    "5.1.3": Meaning(_NO, "邮箱写法有误", _ADDRESS),
    "5.1.6": Meaning(_NO, "邮箱已迁走", _ADDRESS),
    "5.1.7": Meaning(_OURS, "发件地址写法有误", _SENDER),
    "5.1.8": Meaning(_OURS, "发件地址的域名不存在", _SENDER),
    "5.1.10": Meaning(_NO, "邮箱的域名不收邮件", _ADDRESS),
    "4.2.0": Meaning(_LATER, "对方要求稍后再来（灰名单）", retry_after=_GREY),
    "4.2.1": Meaning(_LATER, "对方邮箱暂停收信", retry_after=_LONG),
    "5.2.1": Meaning(_NO, "对方邮箱已停用", _ADDRESS),
    "4.2.2": Meaning(_LATER, "对方邮箱已满", retry_after=_LONG),
    "5.2.2": Meaning(_NO, "对方邮箱已满", "请本人清理邮箱后补发"),
    "5.2.3": Meaning(_NO, "邮件超过对方邮箱的大小限制", "请减少一次推送的条数"),
    "4.3.1": Meaning(_LATER, "邮件服务器空间不足", retry_after=_GREY),
    "4.3.2": Meaning(_LATER, "邮件服务器暂停服务", retry_after=_GREY),
    "5.3.4": Meaning(_NO, "邮件超过服务器的大小限制", "请减少一次推送的条数"),
    "4.4.5": Meaning(_SLOW, "邮件服务器拥塞", retry_after=_GREY),
    "5.4.5": Meaning(
        _SLOW, "本账号的发信额度已用完", "额度恢复后自动再试，也可设置 channels.email.per_day", retry_after=_LONG
    ),
    "4.5.3": Meaning(_SLOW, "一次的收件人过多", retry_after=timedelta(minutes=1)),
    "5.6.0": Meaning(_NO, "邮件格式不被接受", _REPORT),
    "5.6.7": Meaning(_NO, "邮箱含有对方不支持的字符", _ADDRESS),
    "4.7.0": Meaning(_SLOW, "对方限制了发信", retry_after=_GREY),
    "4.7.1": Meaning(_SLOW, "对方限制了发信或要求稍后再来（灰名单）", retry_after=_GREY),
    "5.7.0": Meaning(_OURS, "发信前须先登录", "请在 .env 中填写 MAIL_USER 和 MAIL_PASSWORD，并去掉 login = false"),
    "5.7.1": Meaning(_NO, "对方不允许本地址发来，或不转发到该域名", f"校外邮箱收不到时{_ADMIN}"),
    "5.7.8": Meaning(_OURS, "账号或密码不对", _LOGIN),
    "5.7.9": Meaning(_OURS, "登录方式不被接受", _LOGIN),
    "5.7.11": Meaning(_OURS, "服务器要求加密连接", _TLS),
    "5.7.26": Meaning(_NO, "没有通过发件域名验证（SPF、DKIM）", f"{_ADMIN}为发件域名设置 SPF 和 DKIM"),
    "421": Meaning(_LATER, "邮件服务器要求稍后再来", retry_after=timedelta(minutes=1)),
    "450": Meaning(_LATER, "对方邮箱暂不能收信（繁忙或灰名单）", retry_after=_GREY),
    "451": Meaning(_LATER, "邮件服务器处理出错，未接收"),
    "452": Meaning(_LATER, "邮件服务器或对方邮箱空间不足", retry_after=_GREY),
    "454": Meaning(_LATER, "邮件服务器暂时不能验证登录", retry_after=timedelta(minutes=1)),
    "500": Meaning(_NO, "命令不被接受", _REPORT),
    "501": Meaning(_NO, "命令的写法不被接受", _REPORT),
    "503": Meaning(_NO, "命令的次序不被接受", _REPORT),
    "530": Meaning(_OURS, "发信前须先登录或加密", f"{_LOGIN}；{_TLS}"),
    "534": Meaning(_OURS, "登录方式不被接受", _LOGIN),
    "535": Meaning(_OURS, "账号或密码不对", _LOGIN),
    "538": Meaning(_OURS, "服务器要求加密连接", _TLS),
    "550": Meaning(_NO, "没有这个邮箱，或对方拒收", _ADDRESS),
    "551": Meaning(_NO, "不是该服务器的邮箱", _ADDRESS),
    "552": Meaning(_NO, "超过对方邮箱的容量或邮件大小限制", "请本人清理邮箱后补发，或减少一次推送的条数"),
    "553": Meaning(_NO, "邮箱写法不被接受", _ADDRESS),
    "554": Meaning(_NO, "被服务器拒绝，常见原因是被判为垃圾邮件或不准转发", _ADMIN),
    "555": Meaning(_NO, "命令的参数不被接受", _REPORT),
}
#: The letter's own fault even where a refusal is otherwise ours.
SIZE = frozenset({"5.2.3", "5.3.4", "552"})
SOFT, HARD = Meaning(_LATER, "邮件服务器暂不接收"), Meaning(_NO, "被邮件服务器拒绝", _ADMIN)

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_MAILBOX = re.compile(r"[^\s<>@,;:\"'()\[\]]+@([^\s<>@,;:\"'()\[\]]+)")


def is_reply(code: int) -> bool:
    """True for what a mail server says; smtplib calls anything else -1."""
    return 200 <= code < 600


def words_of(said: bytes | str) -> str:
    """A server's text as it may be kept: on one line, no mailbox in it but for its domain."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _MAILBOX.sub(r"***@\1", " ".join(text.split()))[:500]


def error_of(phase: Phase, code: int, said: bytes | str) -> SendError:
    """The server's no (4yz or 5yz) in a phase as an error."""
    raw = words_of(said)
    enhanced = found[1] if (found := _ENHANCED.match(raw)) else ""
    name = next((each for each in (enhanced, str(code)) if each in CODES), "")
    meaning = CODES.get(name, HARD if code >= 500 else SOFT)
    if phase in OURS and meaning.outcome is _NO and name not in SIZE:
        meaning = replace(meaning, outcome=_OURS, reason=_OURS_REASON[phase], advice=OURS[phase])
    return meaning.error(f"{code} {enhanced}".strip(), f"{code} {raw}")


_OURS_REASON = {
    Phase.HELLO: "邮件服务器拒绝连接",
    Phase.LOGIN: "邮件服务器拒绝登录",
    Phase.SENDER: "邮件服务器不接受发件地址",
}
