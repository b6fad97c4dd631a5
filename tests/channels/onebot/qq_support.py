"""Two accounts in one group, and the calls a QQ test makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.base import Attempt, Content, Resolution, SendError, Sent
from channels.onebot import OneBot
from rules.bundle import Bundle
from tests.channels.samples import Ticks, bundle, setting, target
from tests.channels.servers import Sandbox

ONE, TWO = "3889001234", "3889005678"
TOKEN, SECOND = "s3cret-token", "an0ther-token"
SECRETS = {"ONEBOT_TOKEN": TOKEN, "ONEBOT_TOKEN_2": SECOND}
GROUP, OTHER = "700000001", "700000002"
BOARD = f"公告:{GROUP}"
NOBODY = "http://127.0.0.1:1"
TARGET = target("onebot", GROUP, name="学生工作群", number="Q01", members=168)
SEND = "onebot.send_group_msg"


def furnish(sandbox: Sandbox, dialect: str = "napcat", **group: Any) -> None:
    """Both accounts in the group, which has been talked in."""
    sandbox.setup(
        bots=[
            {"self_id": ONE, "token": TOKEN, "dialect": dialect},
            {"self_id": TWO, "token": SECOND, "dialect": dialect, "nickname": "信息公开二号"},
        ],
        groups=[{"group_id": GROUP, "name": "学生工作群", "members": 168, **group}],
    )


def sits(sandbox: Sandbox, self_id: str, **seat: Any) -> None:
    """Change how one account sits in the group."""
    sandbox.admin("group", {"group_id": GROUP, "self_id": self_id, **seat})


def one(sandbox: Sandbox, ticks: Ticks, **options: Any) -> OneBot:
    """The channel with one account."""
    return OneBot(setting("onebot", f"{sandbox.base}/onebot", **options), SECRETS, ticks)


def two(
    sandbox: Sandbox, ticks: Ticks, secrets: Mapping[str, str] = SECRETS, first: str = "", **options: Any
) -> OneBot:
    """The channel with an account (at `first`, if given) and one that stands by."""
    second = {"name": "备用账号", "api_base": f"{sandbox.base}/onebot/{TWO}", "token": "ONEBOT_TOKEN_2"}
    more: dict[str, Any] = {"bots": [second], **options}
    return OneBot(setting("onebot", first or f"{sandbox.base}/onebot/{ONE}", **more), secrets, ticks)


def rendered(channel: OneBot, address: str = GROUP, of: Bundle | None = None) -> Content:
    return channel.render(of or bundle(), target("onebot", address, number="Q01"))


def send(channel: OneBot, address: str = GROUP, of: Bundle | None = None) -> Sent:
    """Prepare and send one bundle."""
    prepared = channel.prepare(rendered(channel, address, of).payload, "k")
    (sent,) = channel.send(prepared, [address], "k")
    return sent


def failure(channel: OneBot, address: str = GROUP, of: Bundle | None = None) -> SendError:
    """The error of a send that must fail."""
    try:
        sent = send(channel, address, of)
    except SendError as error:
        return error
    raise AssertionError(f"sent: {sent}")


def refused(channel: OneBot, order: Attempt) -> SendError:
    """The error of taking back what cannot be taken back."""
    try:
        sent = channel.retract(order)
    except SendError as error:
        return error
    raise AssertionError(f"taken back: {sent}")


def attempt(begun: datetime, address: str = GROUP, vendor_id: str = "") -> Attempt:
    """A call of the ordinary bundle that began then."""
    return Attempt(
        address=address, push_key=bundle().key, mark=bundle().mark, text="", begun_at=begun, payload={}, handles={},
        evidence={}, vendor_id=vendor_id,
    )  # fmt: skip


def passes(sandbox: Sandbox, ticks: Ticks, **by: float) -> None:
    """Time passes on both sides."""
    sandbox.forward(timedelta(**by))
    ticks.forward(**by)


def talk(sandbox: Sandbox, ticks: Ticks) -> None:
    """A member wrote a quarter of an hour ago, as in any real group."""
    sandbox.admin("say", {"group_id": GROUP, "text": "收到", "user_id": 20002})
    passes(sandbox, ticks, minutes=15)


def resolve(sandbox: Sandbox, channel: OneBot, ticks: Ticks, address: str = GROUP, **later: float) -> Resolution:
    """Ask, some time later, what became of a call begun now."""
    begun = ticks.now
    passes(sandbox, ticks, **later)
    return channel.resolve(attempt(begun, address))
