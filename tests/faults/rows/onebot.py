"""QQ群: the group's own history tells what became of a call."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from rules.states import Status
from store import quotas
from store import tables as t
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import CALLBACKS, Fault, Never, Row, cell, one_address
from tests.kill.school import title

ME, GROUP, TOKEN = "10000001", "700000001", "fault-onebot-token"


def silent(ground: Ground) -> None:
    """The QQ side reports no events."""
    set_up(ground)


def reporting(ground: Ground) -> None:
    """It reports every message of ours that stands in a group, signed."""
    set_up(ground, dialect="napcat", report_self=True, event_url=ground.door or None)


def set_up(ground: Ground, **fields: Any) -> None:
    groups = [{"group_id": GROUP, "name": "群一", "members": 100}]
    ground.sandbox.setup(bots=[{"self_id": ME, "token": TOKEN, **fields}], groups=groups)
    if not ground.door:  # a real group is never empty
        ground.sandbox.admin("say", {"group_id": GROUP, "text": "欢迎", "user_id": 20002})


def hears_nothing(ground: Ground) -> bool:
    """An undisturbed push brings no receipt."""
    ground.walk(Fault.KILLED_BEFORE)
    with ground.db.read() as conn:
        return conn.scalar(select(func.count()).select_from(t.receipts)) == 0


def book(ground: Ground, n: int) -> Counter[str]:
    return Counter(GROUP for post in ground.sandbox.posts("qq") if post["user_id"] == ME and title(n) in post["text"])


def spend(ground: Ground) -> None:
    """QQ itself names no limit: it is the house's own that is used up."""
    (rate,) = ground.channel.limits.rates
    with ground.db.write() as conn:
        quotas.take(conn, {(f"onebot:{rate.name}", 0): rate.most}, ground.clock.now)


FOUND = cell(Status.DELIVERED, True, words.FOUND_IN_GROUP)
TOLD = cell(Status.DELIVERED, True, words.TOLD_BY_GROUP)
ABSENT = cell(Status.DELIVERED, True, words.NOT_IN_GROUP)
SILENT = Row(
    kind="onebot",
    label="QQ群（没有开启事件上报）",
    door="onebot",
    call="onebot.send_group_msg",
    target=GROUP,
    addresses=(GROUP,),
    secrets={"ONEBOT_TOKEN": TOKEN},
    furnish=silent,
    book=book,
    strikes={Fault.QUOTA: spend},
    cells={
        Fault.LOST_AFTER: FOUND,
        Fault.LOST_BEFORE: ABSENT,
        Fault.PAGE_AFTER: FOUND,
        Fault.PAGE_BEFORE: ABSENT,
        Fault.KILLED_AFTER: FOUND,
        Fault.KILLED_BEFORE: ABSENT,
        **{
            each: Never("QQ端没有开启事件上报，就没有回执；发出与否由公开达自己去读群消息记录。", hears_nothing)
            for each in CALLBACKS
        },
        Fault.TOKEN: Never("QQ端的访问令牌由学校自己设定，不会过期；填错时渠道自动暂停，并提示核对 ONEBOT_TOKEN。"),
        Fault.QUOTA: cell(
            Status.DELIVERED,
            True,
            "QQ没有公布限额，公开达自己每分钟最多发20个群：显示待发和原因，一分钟内自动发出。不用处理。",
        ),
        Fault.HALF: one_address("一次调用只发一个群，一次推送只有一个接收地址。"),
    },
)
REPORTING = replace(
    SILENT,
    label="QQ群（开启了事件上报）",
    callback="onebot.callback",
    furnish=reporting,
    cells={
        **SILENT.cells,
        Fault.LOST_AFTER: TOLD,
        Fault.PAGE_AFTER: TOLD,
        Fault.KILLED_AFTER: TOLD,
        Fault.TWICE: cell(Status.DELIVERED, True, words.ONCE),
        Fault.EARLY: cell(Status.DELIVERED, True, words.WAITED_FOR),
        Fault.LATE: cell(Status.DELIVERED, True, "没有感觉：已按平台的答复记为已发出，几天后才来的回报不再改变什么。"),
    },
)
ROWS = (SILENT, REPORTING)
