"""What every OneBot action works with: the call, the bot behind it, and its parameters read strictly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sandbox.actors import Bot, Group, Seat, load
from sandbox.state import Doc
from sandbox.wire import Call
from sandbox.world import World

NT_SEND = (
    "EventChecker Failed: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg ListenerName:"
    "NodeIKernelMsgListener/onMsgInfoListUpdate EventRet:\n"
)


class Failed(Exception):
    """An action that did not work; `by_caller` when its parameters were wrong."""

    def __init__(self, text: str, by_caller: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.by_caller = by_caller


def checker(result: int, text: str) -> Failed:
    """QQ's own refusal of a message: definite, nothing was posted."""
    return Failed(f'{NT_SEND}{{"result":{result},"errMsg":"{text}"}}\n')


def as_id(text: str) -> int | str:
    """Ids travel as numbers where they are numbers."""
    return int(text) if text.lstrip("-").isdigit() else text


def message_number(world: World) -> int:
    """A fresh int32 message id, scattered like QQ's, so that nobody takes it for a sequence."""
    serial = world.state.next_number("qq_message")
    return int.from_bytes(hashlib.sha256(f"m{serial}".encode()).digest()[:4], "big") % 2_000_000_000 + 100_000_000


@dataclass
class Door:
    """One action's call."""

    call: Call
    bot: Bot
    params: Doc

    @property
    def world(self) -> World:
        """The world acted on."""
        return self.call.world

    def number(self, name: str, default: int | None = None) -> int:
        """A number, given as a number or as its digits."""
        value = self.params.get(name, default)
        if isinstance(value, bool) or value is None or not str(value).lstrip("-").isdigit():
            raise Failed(f"参数 {name} 缺失或不是数字", by_caller=True)
        return int(value)

    def truth(self, name: str) -> bool:
        """A switch, given as a boolean or as its word."""
        return str(self.params.get(name, "")).lower() in ("true", "1", "yes")

    def group(self) -> Group:
        """The group named by the call, if the bot is in it."""
        group = load(self.world.state, Group, self.number("group_id"))
        if group is None or not self.seat(group).joined:
            raise Failed(f"群聊 {self.params['group_id']} 不存在或机器人不在群内")
        return group

    def seat(self, group: Group) -> Seat:
        """How the bot sits in a group."""
        return group.seat(self.bot.self_id)
