"""What a target's address names: a group, or a group's announcement board (群公告), which is a target of its own.

Message and announcement are two calls that cannot be taken back, so they are two deliveries: the loss of one answer
never repeats the other. `公告:700000001` takes all that the routes bring, `紧急公告:700000001` only what is urgent.
"""

from __future__ import annotations

from dataclasses import dataclass

BOARD, URGENT_BOARD = "公告", "紧急公告"


@dataclass(frozen=True)
class Place:
    """Where a target's address points."""

    group: str
    board: bool = False
    urgent_only: bool = False


def place_of(address: str) -> Place:
    """The place of an address; what is no board is a group, whose number the QQ side judges."""
    kind, colon, group = address.replace("：", ":").partition(":")
    kind = kind.strip()
    if colon and kind in (BOARD, URGENT_BOARD):
        return Place(group.strip(), board=True, urgent_only=kind == URGENT_BOARD)
    return Place(address.strip())
