"""本校网站: the bot sends nothing there, so that no send of its own can fail; what stands there is booked."""

from __future__ import annotations

from collections import Counter

from channels.base import Calls, Prepared, SendError
from tests.faults.ground import Ground
from tests.faults.model import Fault, Never, Row

SITE = "https://www.example.edu.cn/"


def furnish(ground: Ground) -> None:
    """It has no vendor."""


def book(ground: Ground, n: int) -> Counter[str]:
    """Nothing is put there by the bot."""
    return Counter()


def sends_nothing(ground: Ground) -> bool:
    """Not even when it is told to."""
    try:
        ground.channel.send(Prepared(payload={}), [SITE], "0" * 32)
    except SendError:
        return not isinstance(ground.channel, Calls) and ground.sandbox.books()["calls"] == {}
    return False


WHY = "公开达不向网站发送，只登记条目在网站上的公开；读取访问次数失败只是少一个数字。"
ROWS = (
    Row(
        kind="website",
        label="本校网站",
        door="",
        call="",
        target=SITE,
        addresses=(SITE,),
        furnish=furnish,
        book=book,
        cells={each: Never(WHY, sends_nothing) for each in Fault},
    ),
)
