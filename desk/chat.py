"""`bot.py chat`: make the group chat of a target, where the vendor lets an app make its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import click

from channels.base import SendError
from config.tables import Wrong
from desk.errors import DeskError
from jobs.office import Office

#: The column of a list that holds a member's id.
COLUMN = "账号"


@runtime_checkable
class Gathers(Protocol):
    """A channel that can make a chat under an id of ours; harmless to repeat."""

    def create(self, chatid: str, name: str, owner: str, users: Sequence[str]) -> str:
        """Make it; returns its id. Raises SendError."""
        ...


def make(office: Office, number: str, owner: str, members: Sequence[str], listed: str | None) -> None:
    """Make the chat and say so; raises DeskError with what is wrong and what to do."""
    try:
        target = office.school.targets.get(number)
        if target is None:
            raise DeskError(f"登记册（targets.csv）中没有目标“{number}”")
        channel = office.channels.get(target.channel)
        if not isinstance(channel, Gathers):
            raise DeskError(f"{target.name}（{number}）不是由应用建立的群聊，请在平台上建群")
        try:
            found = [*members, *(office.people.addresses(f"名单:{listed}", COLUMN) if listed else ())]
            channel.create(target.address, target.name, owner, found)
        except (SendError, Wrong) as error:
            raise DeskError(f"没有建立群聊：{error}") from None
    finally:
        office.close()
    click.echo(f"群聊“{target.name}”（{target.address}）已建立，群主 {owner}。可以推送到目标 {number} 了。")
