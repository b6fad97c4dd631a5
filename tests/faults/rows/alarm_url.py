"""提醒地址 (Apprise): reminders to the people on duty alone; the fence lets no item through, so there is no push to fail."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from store import tables as t
from tests.faults.ground import ITEM, Ground
from tests.faults.model import CALLBACKS, Fault, Never, Row, no_callback, one_address

NAME = "ALARM_URL_1"


def carries_no_item(ground: Ground) -> bool:
    """An item for everybody, with a route to it, makes no push there."""
    ground.publish(ITEM)
    with ground.db.read() as conn:
        return conn.scalar(select(func.count()).select_from(t.pushes)) == 0


NEVER = Never(
    "只用来提醒值班人员，任何条目都不经这里推送；提醒没有确认送出的，十分钟后再提醒，宁可重复。", carries_no_item
)
ROWS = (
    Row(
        kind="alarm_url",
        label="提醒地址（Apprise）",
        door="",
        call="",
        target=NAME,
        addresses=(NAME,),
        furnish=lambda ground: None,
        book=lambda ground, n: Counter(),
        cells={
            **{each: NEVER for each in Fault if each not in (*CALLBACKS, Fault.HALF)},
            **no_callback("提醒没有回执。"),
            Fault.HALF: one_address("一个提醒地址就是一处，没有接收人名单。"),
        },
    ),
)
