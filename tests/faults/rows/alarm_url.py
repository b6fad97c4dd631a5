"""提醒地址 (Apprise): reminders to the people on duty alone; the fence lets no item through, so there is no push to fail."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace

from sqlalchemy import func, select

from channels import make
from jobs.sweep import sweep
from store import tables as t
from tests.faults.ground import ITEM, Ground
from tests.faults.model import CALLBACKS, Fault, Never, Row, no_callback, one_address

KIND, FIRST, NEXT = "alarm_url", "ALARM_URL_1", "ALARM_URL_2"


def furnish(ground: Ground) -> None:
    """Nobody has to be set up to be reminded."""


def book(ground: Ground, n: int) -> Counter[str]:
    """No item is ever put there."""
    return Counter()


def carries_no_item(ground: Ground) -> bool:
    """An item for everybody, with a route to it, makes no push; that it goes nowhere is heard by the next on duty."""
    two_on_duty(ground)
    ground.publish(ITEM)
    with warnings.catch_warnings():  # one of Apprise's senders imports a module that Python 3.13 has removed
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        sweep(ground.office, ground.clock.now)
    with ground.db.read() as conn:
        pushes = conn.scalar(select(func.count()).select_from(t.pushes))
        told_by = list(conn.scalars(select(t.alarms.c.told_by)))
    books = ground.sandbox.books()
    [heard] = books["alarms"]
    assert "没有任何目标可以推送" in heard["message"]
    return pushes == 0 and told_by == ["T2"] and books["calls"] == {"alarm.POST": 1}


def two_on_duty(ground: Ground) -> None:
    """Nobody listens at the first one's address; the next one's is the sandbox's."""
    office, first = ground.office, ground.office.school.targets["T1"]
    door = ground.sandbox.base.replace("http://", "json://") + "/alarm"
    urls = {FIRST: "json://127.0.0.1:1/alarm", NEXT: door}
    office.channels = {KIND: make(office.setting(KIND), urls, ground.clock)}
    targets = {"T1": first, "T2": replace(first, number="T2", address=NEXT)}
    office.school = replace(office.school, targets=targets, alarm_targets=("T1", "T2"))


NEVER = Never(
    "只用来提醒值班人员，任何条目都不经这里推送；提醒没有确认送出的，当场改告下一个值班目标，都不通的稍后再提醒，宁可重复。",
    carries_no_item,
)
ROWS = (
    Row(
        kind=KIND,
        label="提醒地址（Apprise）",
        door="",
        call="",
        target=FIRST,
        addresses=(FIRST,),
        furnish=furnish,
        book=book,
        cells={
            **{each: NEVER for each in Fault if each not in (*CALLBACKS, Fault.HALF)},
            **no_callback("提醒没有回执。"),
            Fault.HALF: one_address("一个提醒地址就是一处，没有接收人名单。"),
        },
    ),
)
