"""企业微信群机器人: the vendor tells nothing afterwards, so a person looks into the group."""

from __future__ import annotations

from collections import Counter

from rules.states import Status
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import DELIVERED, RESEND, Fault, Never, Row, cell, no_callback, one_address
from tests.kill.school import title

NAME, KEY = "WECOM_ROBOT_1", "fault-0000-0000-0000-000000000001"


def furnish(ground: Ground) -> None:
    ground.sandbox.setup(robots=[{"key": KEY, "name": "群一"}])


def book(ground: Ground, n: int) -> Counter[str]:
    return Counter(NAME for post in ground.sandbox.posts("robot") if title(n) in post["text"])


def spend(ground: Ground) -> None:
    ground.sandbox.admin("spend", {"robot": KEY, "n": 20})


SENT, UNSENT = (
    cell(Status.DELIVERED, True, words.ASKED_SENT, DELIVERED),
    cell(Status.DELIVERED, True, words.ASKED_MISSING, RESEND),
)
ROWS = (
    Row(
        kind="wecom_bot",
        label="企业微信群机器人",
        door="wecom",
        call="wecom.webhook.send",
        target=NAME,
        addresses=(NAME,),
        secrets={NAME: KEY},
        furnish=furnish,
        book=book,
        strikes={Fault.QUOTA: spend},
        cells={
            Fault.LOST_AFTER: SENT,
            Fault.LOST_BEFORE: UNSENT,
            Fault.PAGE_AFTER: SENT,
            Fault.PAGE_BEFORE: UNSENT,
            Fault.KILLED_AFTER: SENT,
            Fault.KILLED_BEFORE: UNSENT,
            **no_callback("群机器人没有回执，企业微信不会回调。"),
            Fault.TOKEN: Never("群机器人凭地址中的密钥发送，没有会过期的令牌；密钥失效按“机器人已被移出群”处理。"),
            Fault.QUOTA: cell(Status.DELIVERED, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: one_address("一个机器人对应一个群，一次推送只有一个接收地址。"),
        },
    ),
)
