"""One connection to a mail server, by the standard library's smtplib; what may have been taken is told apart to the byte.

https://www.rfc-editor.org/rfc/rfc5321: a letter is taken when the server answers 250 to its final dot. Until the dot has
left it surely is not; after it and before the answer nobody can know. No letter is ever sent again from here.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from channels.base import SendError
from channels.mail.codes import OURS, Phase, error_of, is_reply, words_of
from channels.mail.options import Options
from rules.outcome import Outcome

#: Seconds for each step, and for the answer to the final dot, which a server may need longer for.
STEP, END = 10.0, 40.0
READY = 354
DOT = re.compile(rb"(?m)^\.")
UNREACHED = "连接不上邮件服务器"
REACH = "请检查网络、出网白名单和 channels.email.api_base"
Reply = tuple[int, bytes]


@dataclass(frozen=True)
class Login:
    """What .env holds."""

    user: str
    password: str


def connect(options: Options, login: Login | None) -> smtplib.SMTP:
    """Greeting, EHLO, encryption, login. Raises SendError; no letter is under way yet."""
    try:
        line = _opened(options)
    except smtplib.SMTPConnectError as error:
        raise _refusal(Phase.HELLO, error.smtp_code, error.smtp_error) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _unreached(error) from None
    try:
        _introduce(line, options)
        if login is not None:
            line.login(login.user, login.password)
        return line
    except SendError:
        line.close()
        raise
    except (OSError, smtplib.SMTPException, ValueError) as error:
        line.close()
        raise _not_ready(error) from None


def _opened(options: Options) -> smtplib.SMTP:
    hello = options.domain  # smtplib would ask the network for this machine's name
    if options.ssl:
        context = _context(options)
        line: smtplib.SMTP = smtplib.SMTP_SSL(options.host, options.port, hello, timeout=STEP, context=context)
    else:
        line = smtplib.SMTP(options.host, options.port, hello, timeout=STEP)
    assert line.sock is not None
    line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the final dot goes out by itself
    return line


def _context(options: Options) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=options.ca_file or None)


def _introduce(line: smtplib.SMTP, options: Options) -> None:
    _expect(Phase.HELLO, line.ehlo())
    if options.starttls:
        if not line.has_extn("starttls"):
            advice = "请改用 smtps://主机:465，或请邮件服务器管理员启用 STARTTLS"
            raise SendError(Outcome.MISCONFIGURED, "邮件服务器不支持 STARTTLS 加密", advice=advice)
        _expect(Phase.HELLO, line.starttls(context=_context(options)))
        _expect(Phase.HELLO, line.ehlo())


def _expect(phase: Phase, reply: Reply, *codes: int) -> str:
    """The server's words if it says yes, by default with any 2yz; raises SendError."""
    code, said = reply
    if code in codes or (not codes and 200 <= code < 300):
        return words_of(said)
    raise _refusal(phase, code, said)


def _refusal(phase: Phase, code: int, said: bytes | str) -> SendError:
    if code >= 400 and is_reply(code):
        return error_of(phase, code, said)
    return SendError(Outcome.UNAVAILABLE, "邮件服务器的答复不合规范，邮件没有发出", advice=REACH, raw=words_of(said))


def _unreached(error: Exception) -> SendError:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = "请核对主机名与证书；学校自建的证书请在 channels.email.ca_file 填写 CA 证书"
        return SendError(Outcome.MISCONFIGURED, "邮件服务器的证书不可信", advice=advice)
    if isinstance(error, ssl.SSLError):
        advice = "请核对 channels.email.api_base：smtps:// 为 SSL（常用端口465），smtp:// 为 STARTTLS（常用端口587）"
        return SendError(Outcome.MISCONFIGURED, "与邮件服务器的加密方式不符", advice=advice)
    return SendError(Outcome.UNAVAILABLE, UNREACHED, advice=REACH)


def _not_ready(error: Exception) -> SendError:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _refusal(Phase.LOGIN, error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        advice = "请核对端口；服务器不需要登录时在 [channels.email] 写 login = false"
        return SendError(Outcome.MISCONFIGURED, "邮件服务器不支持登录", advice=advice)
    if isinstance(error, UnicodeError):
        return SendError(Outcome.MISCONFIGURED, "账号或密码含有中文等字符", advice=OURS[Phase.LOGIN])
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(Phase.HELLO, error.smtp_code, error.smtp_error)
    return _unreached(error)


def alive(line: smtplib.SMTP) -> bool:
    """True while the connection may be used."""
    return line.sock is not None


def begin(line: smtplib.SMTP, sender: str, size: int = 0) -> SendError | None:
    """Name the sender of the next letter; the server's no, if it is one, concerns every letter of ours."""
    options = [f"SIZE={size}"] if size and line.has_extn("size") else []
    try:
        _step(line, Phase.SENDER, lambda: line.mail(sender, options))
    except SendError as error:
        return error
    return None


def hand_over(line: smtplib.SMTP, to: str, letter: bytes) -> str:
    """The letter that has begun, to one person; returns the server's words. Raises SendError, UNCERTAIN after the dot alone."""
    try:
        _step(line, Phase.RECIPIENT, lambda: line.rcpt(to))
        _step(line, Phase.CONTENT, lambda: line.docmd("DATA"), READY)
        _before_the_dot(line, letter)
        return _after_the_dot(line)
    except SendError:
        _reset(line)
        raise


def _step(line: smtplib.SMTP, phase: Phase, call: Callable[[], Reply], *codes: int) -> None:
    """A command and its answer; no letter is under way yet."""
    try:
        reply = call()
    except (OSError, smtplib.SMTPException, ValueError):
        line.close()
        raise SendError(Outcome.UNAVAILABLE, "与邮件服务器的连接中断，邮件没有发出") from None
    try:
        _expect(phase, reply, *codes)
    except SendError:
        if not 400 <= reply[0] < 600:  # no refusal: we no longer understand each other
            line.close()
        raise


def _before_the_dot(line: smtplib.SMTP, letter: bytes) -> None:
    assert line.sock is not None
    try:
        line.sock.sendall(DOT.sub(b"..", letter))
    except OSError:
        line.close()
        raise SendError(Outcome.UNAVAILABLE, "邮件传送中连接中断，没有发完") from None


def _after_the_dot(line: smtplib.SMTP) -> str:
    assert line.sock is not None
    try:
        line.sock.settimeout(END)
        line.sock.sendall(b".\r\n")
        code, said = line.getreply()
        if line.sock is not None:
            line.sock.settimeout(STEP)
    except (OSError, smtplib.SMTPException):
        line.close()
        raise SendError(Outcome.UNCERTAIN, "邮件发完后没有收到答复，不能确定是否已接收") from None
    if not is_reply(code) or 300 <= code < 400:
        line.close()
        raise SendError(Outcome.UNCERTAIN, "邮件发完后的答复不合规范，不能确定是否已接收", raw=words_of(said))
    return _expect(Phase.CONTENT, (code, said))


def _reset(line: smtplib.SMTP) -> None:
    """The next letter begins anew; a server that cannot do that is left."""
    if not alive(line):
        return
    try:
        code, _ = line.rset()
    except (OSError, smtplib.SMTPException):
        code = 0
    if code != 250:
        line.close()


def leave(line: smtplib.SMTP) -> None:
    """QUIT, whatever comes of it."""
    try:
        if alive(line):
            line.quit()
    except (OSError, smtplib.SMTPException):
        line.close()
