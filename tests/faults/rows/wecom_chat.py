"""企业微信应用群聊: no key, no history, no receipt, so that a person looks into the chat."""

from __future__ import annotations

from collections import Counter

from rules.states import Status
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import DELIVERED, RESEND, Fault, Row, cell, no_callback, one_address
from tests.faults.rows import wecom_app
from tests.kill.school import title

CHAT = "xxgk01"


def furnish(ground: Ground) -> None:
    wecom_app.furnish(ground)


def open_chat(ground: Ground) -> None:
    """Our own app makes its chat, once the channel is there."""
    ground.channel.create(CHAT, "群一", wecom_app.PERSONS[0], wecom_app.PERSONS)


def book(ground: Ground, n: int) -> Counter[str]:
    chats = ground.sandbox.books()["wecom_chats"]
    return Counter(CHAT for chat in chats for each in chat["messages"] if title(n) in each["text"])


def spend(ground: Ground) -> None:
    ground.sandbox.fault("wecom.appchat.send", "error", errcode=45009, errmsg="api freq out of limit")


SENT, UNSENT = (
    cell(Status.DELIVERED, True, words.ASKED_SENT, DELIVERED),
    cell(Status.DELIVERED, True, words.ASKED_MISSING, RESEND),
)
ROWS = (
    Row(
        kind="wecom_chat",
        label="企业微信应用群聊",
        door="wecom",
        call="wecom.appchat.send",
        target=CHAT,
        addresses=(CHAT,),
        secrets=wecom_app.SECRETS,
        furnish=furnish,
        ready=open_chat,
        book=book,
        strikes={Fault.TOKEN: wecom_app.expire, Fault.QUOTA: spend},
        cells={
            Fault.LOST_AFTER: SENT,
            Fault.LOST_BEFORE: UNSENT,
            Fault.PAGE_AFTER: SENT,
            Fault.PAGE_BEFORE: UNSENT,
            Fault.KILLED_AFTER: SENT,
            Fault.KILLED_BEFORE: UNSENT,
            **no_callback("应用群聊没有回执，企业微信不会为群消息回调。"),
            Fault.TOKEN: cell(Status.DELIVERED, True, words.NEW_TOKEN),
            Fault.QUOTA: cell(Status.DELIVERED, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: one_address("一次调用只发一个群聊，一次推送只有一个接收地址。"),
        },
    ),
)
