"""人工渠道: nothing leaves this machine, so that only the machine itself can fail."""

from __future__ import annotations

from collections import Counter

from rules.states import Status
from store import handoffs
from tests.faults.ground import Ground
from tests.faults.model import Fault, Never, Row, cell, no_callback, one_address
from tests.kill.school import title

BOARD = "公告栏:一号楼大厅"


def furnish(ground: Ground) -> None:
    """It has no vendor."""


def book(ground: Ground, n: int) -> Counter[str]:
    """What lies ready for its person."""
    with ground.db.read() as conn:
        return Counter(BOARD for each in handoffs.find(conn, "manual") if title(n) in each.title)


def calls_nobody(ground: Ground) -> bool:
    """An undisturbed push makes not one call to any vendor."""
    ground.walk(Fault.KILLED_BEFORE)
    return ground.sandbox.books()["calls"] == {}


def no_call(what: str) -> Never:
    return Never(f"公开达不调用任何平台，{what}。", calls_nobody)


HANDED = "交办单照常列在 `python bot.py hand-off`，只有一份；办完后登记。"
ROWS = (
    Row(
        kind="manual",
        label="人工渠道",
        door="manual",
        call="",
        target=BOARD,
        addresses=(BOARD,),
        furnish=furnish,
        book=book,
        cells={
            **{
                each: no_call("没有会丢失或变样的答复")
                for each in (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.PAGE_AFTER, Fault.PAGE_BEFORE)
            },
            Fault.KILLED_AFTER: cell(Status.HANDED, True, HANDED),
            Fault.KILLED_BEFORE: cell(Status.HANDED, True, HANDED),
            **no_callback("没有平台，也就没有回执；办理情况由经办人登记。"),
            Fault.TOKEN: no_call("没有令牌"),
            Fault.QUOTA: no_call("没有额度"),
            Fault.HALF: one_address("一张交办单只交给一处。"),
        },
    ),
)
