"""QQ群: the group's own history tells what became of a call."""

from __future__ import annotations

from collections import Counter

from rules.states import Status
from store import quotas
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import Fault, Never, Row, cell, one_address
from tests.kill.school import title

ME, GROUP, TOKEN = "10000001", "700000001", "fault-onebot-token"


def furnish(ground: Ground) -> None:
    groups = [{"group_id": GROUP, "name": "群一", "members": 100}]
    told = {"event_url": ground.door, "secret": TOKEN, "report_self": True} if ground.door else {}
    ground.sandbox.setup(bots=[{"self_id": ME, "token": TOKEN, **told}], groups=groups)
    if not ground.door:  # a real group is never empty
        ground.sandbox.admin("say", {"group_id": GROUP, "text": "欢迎", "user_id": 20002})


def book(ground: Ground, n: int) -> Counter[str]:
    return Counter(GROUP for post in ground.sandbox.posts("qq") if post["user_id"] == ME and title(n) in post["text"])


def spend(ground: Ground) -> None:
    """QQ itself names no limit: it is the house's own that is used up."""
    (rate,) = ground.channel.limits.rates
    with ground.db.write() as conn:
        quotas.take(conn, {(f"onebot:{rate.name}", 0): rate.most}, ground.clock.now)


FOUND = cell(Status.DELIVERED, True, words.FOUND_IN_GROUP)
ABSENT = cell(Status.DELIVERED, True, words.NOT_IN_GROUP)
ROWS = (
    Row(
        kind="onebot",
        label="QQ群",
        door="onebot",
        call="onebot.send_group_msg",
        callback="onebot.callback",
        target=GROUP,
        addresses=(GROUP,),
        secrets={"ONEBOT_TOKEN": TOKEN},
        furnish=furnish,
        book=book,
        strikes={Fault.QUOTA: spend},
        cells={
            Fault.LOST_AFTER: FOUND,
            Fault.LOST_BEFORE: ABSENT,
            Fault.PAGE_AFTER: FOUND,
            Fault.PAGE_BEFORE: ABSENT,
            Fault.KILLED_AFTER: FOUND,
            Fault.KILLED_BEFORE: ABSENT,
            Fault.TWICE: cell(Status.DELIVERED, True, words.ONCE),
            Fault.EARLY: cell(Status.DELIVERED, True, words.WAITED_FOR),
            Fault.LATE: cell(Status.DELIVERED, True, "没有感觉：QQ端的答复已经算数，几天后才来的消息上报不再改变什么。"),
            Fault.TOKEN: Never("QQ端的访问令牌由学校自己设定，不会过期；填错时渠道自动暂停，并提示核对 ONEBOT_TOKEN。"),
            Fault.QUOTA: cell(
                Status.DELIVERED,
                True,
                "QQ没有公布限额，公开达自己每分钟最多发20个群：显示待发和原因，一分钟内自动发出。不用处理。",
            ),
            Fault.HALF: one_address("一次调用只发一个群，一次推送只有一个接收地址。"),
        },
    ),
)
