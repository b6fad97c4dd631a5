"""QQ群: the echo of our own message (a signed event) tells what became of a call, or else the group's own history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rules.states import Status
from store import quotas
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import CALLBACKS, Cell, Fault, Never, Row, cell, one_address
from tests.kill.school import title

ME, GROUP, TOKEN = "10000001", "700000001", "fault-onebot-token"


def furnish(ground: Ground) -> None:
    """An account that reports nothing."""
    _account(ground, None)


def furnish_reporting(ground: Ground) -> None:
    """An account that posts its own messages to our door."""
    _account(ground, ground.door or None)


def _account(ground: Ground, url: str | None) -> None:
    groups = [{"group_id": GROUP, "name": "群一", "members": 100}]
    bot = {"self_id": ME, "token": TOKEN, "secret": TOKEN, "event_url": url, "report_self": True}
    ground.sandbox.setup(bots=[bot], groups=groups)
    if not ground.door:  # a real group is never empty
        ground.sandbox.admin("say", {"group_id": GROUP, "text": "欢迎", "user_id": 20002})


def book(ground: Ground, n: int) -> Counter[str]:
    return Counter(GROUP for post in ground.sandbox.posts("qq") if post["user_id"] == ME and title(n) in post["text"])


def spend(ground: Ground) -> None:
    """QQ itself names no limit: it is the house's own that is used up."""
    (rate,) = ground.channel.limits.rates
    with ground.db.write() as conn:
        quotas.take(conn, {(f"onebot:{rate.name}", 0): rate.most}, ground.clock.now)


ABSENT = cell(Status.DELIVERED, True, words.NOT_IN_GROUP)
#: The same whether the account reports or not.
SAME = {
    Fault.LOST_BEFORE: ABSENT,
    Fault.PAGE_BEFORE: ABSENT,
    Fault.KILLED_BEFORE: ABSENT,
    Fault.TOKEN: Never("QQ端的访问令牌由学校自己设定，不会过期；填错时渠道自动暂停，并提示核对 ONEBOT_TOKEN。"),
    Fault.QUOTA: cell(
        Status.DELIVERED,
        True,
        "QQ没有公布限额，公开达自己每分钟最多发20个群：显示待发和原因，一分钟内自动发出。不用处理。",
    ),
    Fault.HALF: one_address("一次调用只发一个群，一次推送只有一个接收地址。"),
}


def executed(office: str) -> dict[Fault, Cell | Never]:
    """The vendor has done it, and nobody heard."""
    found = cell(Status.DELIVERED, True, office)
    return dict.fromkeys((Fault.LOST_AFTER, Fault.PAGE_AFTER, Fault.KILLED_AFTER), found)


def row(label: str, furnish: Callable[[Ground], None], cells: dict[Fault, Cell | Never], callback: str = "") -> Row:
    return Row(
        kind="onebot", label=label, door="onebot", call="onebot.send_group_msg", callback=callback, target=GROUP,
        addresses=(GROUP,), secrets={"ONEBOT_TOKEN": TOKEN}, furnish=furnish, book=book, strikes={Fault.QUOTA: spend},
        cells={**SAME, **cells},
    )  # fmt: skip


NOT_ON = Never("QQ端没有打开事件上报；发出与否由公开达自己去读群消息记录。")
ROWS = (
    row(
        "QQ群（QQ端已打开上报自身消息）",
        furnish_reporting,
        {
            **executed("先显示结果待定；QQ端随即回报群内已出现此条，改为已发出。不用处理。"),
            Fault.TWICE: cell(Status.DELIVERED, True, words.ONCE),
            Fault.EARLY: cell(Status.DELIVERED, True, words.WAITED_FOR),
            Fault.LATE: cell(Status.DELIVERED, True, "没有感觉：早已记为已发出，迟到的回报不再改变什么。"),
        },
        callback="onebot.callback",
    ),
    row("QQ群（没有打开上报）", furnish, executed(words.FOUND_IN_GROUP) | dict.fromkeys(CALLBACKS, NOT_ON)),
)
