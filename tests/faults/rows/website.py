"""本校网站: nothing is ever sent to it, so that nothing of a sending can fail."""

from __future__ import annotations

from collections import Counter

from channels.base import Prepared, SendError
from rules.outcome import Outcome
from tests.faults.ground import Ground
from tests.faults.model import CALLBACKS, Fault, Never, Row, no_callback, one_address

SITE = "https://www.example.edu.cn/"


def sends_nothing(ground: Ground) -> bool:
    """Whatever it is given, it refuses before any call."""
    try:
        ground.channel.send(Prepared(payload={}), [SITE], "k")
    except SendError as error:
        return error.outcome is Outcome.REFUSED and ground.sandbox.books()["calls"] == {}
    return False


NEVER = Never("网站由网站编辑发布，公开达只登记已公开的网页、读取访问数，从不向网站发送。", sends_nothing)
ROWS = (
    Row(
        kind="website",
        label="本校网站",
        door="website",
        call="",
        target=SITE,
        addresses=(SITE,),
        furnish=lambda ground: None,
        book=lambda ground, n: Counter(),
        cells={
            **{each: NEVER for each in Fault if each not in (*CALLBACKS, Fault.HALF)},
            **no_callback("网站不会回调公开达；访问数由公开达按日去读，读不到时下一日再读。"),
            Fault.HALF: one_address("一个网站就是一处，没有接收人名单。"),
        },
    ),
)
