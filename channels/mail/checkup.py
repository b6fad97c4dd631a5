"""自检 of a mail server: the keys that are not filled in, and a connection up to the point where a letter would begin."""

from __future__ import annotations

from collections.abc import Mapping

from channels.base import Finding, SendError
from channels.mail.options import WHERE, Options
from channels.mail.wire import Login, begin, connect, leave

#: .env variable -> where its value is found.
KEYS = {
    "MAIL_USER": "学校邮件系统中专用账号的登录名，多为完整的邮箱地址",
    "MAIL_PASSWORD": "该账号的密码，或邮箱设置里生成的客户端授权码",
}


def missing(options: Options, secrets: Mapping[str, str]) -> list[Finding]:
    """The keys that are not filled in; none are needed where the server asks for no login."""
    if not options.login:
        return []
    fix = "；服务器不需要登录时在 [channels.email] 写 login = false"
    return [
        Finding(key=name, ok=False, text="没有填写", fix=f"请在 .env 中填写 {name}（{where}）{fix}")
        for name, where in KEYS.items()
        if not secrets.get(name, "").strip()
    ]


def check(options: Options, login: Login | None) -> list[Finding]:
    """Connect, log in, name the sender, and leave."""
    try:
        line = connect(options, login)
    except SendError as error:
        return [_trouble(error)]
    safe = "SSL" if options.ssl else "STARTTLS" if options.starttls else "不加密"
    fine = Finding(key=f"{WHERE}.api_base", ok=True, text=f"可以连接（{safe}），{'登录成功' if login else '不登录'}")
    refusal = begin(line, options.bounces)  # and no letter follows
    leave(line)
    return [fine, _trouble(refusal) if refusal else Finding(key=f"{WHERE}.from", ok=True, text="发件地址可以使用")]


def _trouble(error: SendError) -> Finding:
    """An error under the variable or the setting that its advice names first."""
    names = ("MAIL_USER", f"{WHERE}.from", f"{WHERE}.ca_file")
    key = next((name for name in names if name in error.advice), f"{WHERE}.api_base")
    return Finding(key=key, ok=False, text=str(error).split("。")[0], fix=error.advice or "请稍后再试")
