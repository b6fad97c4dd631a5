"""The school's settings for its mail server, checked when the bot starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from channels.base import Rate
from channels.words import one_line
from rules.school import ChannelSetting

WHERE = "channels.email"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SCHEMES = {"smtp": 587, "smtps": 465}
PER_MINUTE = 60
#: RFC 5321 section 4.1.2 (Dot-string) and 4.5.3.1; quoted local parts are not for people. No control sign, no blank.
_MAILBOX = re.compile(r"(?=.{3,100}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def is_mailbox(address: str) -> bool:
    """True for one plain e-mail address, and for nothing else."""
    return _MAILBOX.fullmatch(address) is not None and ".." not in address and ".@" not in address


@dataclass(frozen=True, kw_only=True)
class Options:
    """One mail server and one sender, as the school has set them."""

    host: str
    port: int
    #: SSL from the first byte (smtps://), STARTTLS, or neither: only on this machine, or without a login.
    ssl: bool
    starttls: bool
    #: The school's own certificate authority; empty: the machine's.
    ca_file: str
    login: bool
    #: From: the name people see, and the address.
    name: str
    sender: str
    reply_to: str
    #: Return-Path: where a server far away reports what it could not deliver.
    bounces: str
    list_id: str
    rates: tuple[Rate, ...]

    @property
    def domain(self) -> str:
        """The sender's domain."""
        return self.sender.rpartition("@")[2]

    @classmethod
    def of(cls, setting: ChannelSetting) -> Options:
        """The options of a setting; raises ValueError with key and fix."""
        given = setting.options
        host, port, ssl = _server(setting.api_base)
        name, sender = parseaddr(str(given.get("from", "")))
        if not is_mailbox(sender):
            raise ValueError(f'{WHERE}.from 没有填写或不是邮箱，请写成 from = "示例学院信息公开 <xxgk@example.edu.cn>"')
        starttls, login = _flag(given, "starttls", not ssl and host not in LOOPBACK), _flag(given, "login", True)
        if login and not (ssl or starttls or host in LOOPBACK):
            raise ValueError(f"{WHERE}.starttls 为 false 时密码会明文传送，请去掉这一项，或改用 smtps://")
        return cls(
            host=host,
            port=port,
            ssl=ssl,
            starttls=starttls and not ssl,
            ca_file=_file(given),
            login=login,
            name=one_line(name),
            sender=sender,
            reply_to=_mailbox(given, "reply_to", ""),
            bounces=_mailbox(given, "bounces", sender),
            list_id=_list_id(given, sender),
            rates=tuple(_rates(given)),
        )


def _server(address: str) -> tuple[str, int, bool]:
    parts = urlsplit(address)
    if (
        parts.scheme not in SCHEMES
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise ValueError(f"{WHERE}.api_base 应写成 smtps://主机:465（SSL）或 smtp://主机:587（STARTTLS）")
    return parts.hostname, parts.port or SCHEMES[parts.scheme], parts.scheme == "smtps"


def _flag(given: Mapping[str, Any], key: str, usual: bool) -> bool:
    found = given.get(key, usual)
    if not isinstance(found, bool):
        raise ValueError(f"{WHERE}.{key} 应为 true 或 false")
    return found


def _mailbox(given: Mapping[str, Any], key: str, usual: str) -> str:
    found = str(given.get(key, usual))
    if found and not is_mailbox(found):
        raise ValueError(f"{WHERE}.{key} 应为一个邮箱，如 xxgk@example.edu.cn")
    return found


def _file(given: Mapping[str, Any]) -> str:
    found = str(given.get("ca_file", ""))
    if found and not Path(found).is_file():
        raise ValueError(f"{WHERE}.ca_file 找不到文件 {found}，请填写学校 CA 证书（.pem）的路径")
    return found


def _list_id(given: Mapping[str, Any], sender: str) -> str:
    """https://www.rfc-editor.org/rfc/rfc2919"""
    found = str(given.get("list_id", f"xxgk.{sender.rpartition('@')[2]}"))
    if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", found):
        raise ValueError(f"{WHERE}.list_id 应写成 xxgk.example.edu.cn 这样的域名")
    return found


def _rates(given: Mapping[str, Any]) -> list[Rate]:
    found = []
    for key, usual, name, per in (
        ("per_minute", PER_MINUTE, "每分钟邮件", timedelta(minutes=1)),
        ("per_day", None, "每日邮件", "day"),
    ):
        most = given.get(key, usual)
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
            raise ValueError(f"{WHERE}.{key} 应为封数，如 60")
        if most is not None:
            found.append(Rate(name=name, most=most, per=per, of="delivery"))
    return found
