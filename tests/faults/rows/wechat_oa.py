"""微信公众号 in its three modes: 草稿, 发布, 群发. One account is one address; its followers are the platform's business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rules.states import Status
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import Fault, Row, cell, one_address
from tests.kill.school import APP_ID, title
from tests.kill.school import SECRETS as KILL

ACCOUNT = "全体关注者"
SECRETS = {name: KILL[name] for name in ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY")}


def set_up(ground: Ground, **fields: Any) -> None:
    account = {
        "appid": APP_ID, "secret": SECRETS["WECHAT_APP_SECRET"], "token": SECRETS["WECHAT_TOKEN"], "fans": 50,
        "aes_key": SECRETS["WECHAT_AES_KEY"], "kind": "subscription", "callback_mode": "safe", "job_delay": 60,
        "callback_url": ground.door or None,
    }  # fmt: skip
    ground.sandbox.setup(accounts=[account | fields])


def furnish(ground: Ground) -> None:
    set_up(ground)


def in_box(ground: Ground, n: int) -> Counter[str]:
    """In the draft box, or on the page when a person has published it."""
    return _of(ground.sandbox.books()["drafts"], n) + sent(ground, n)


def sent(ground: Ground, n: int) -> Counter[str]:
    """What the platform has sent to followers or put on the page."""
    return _of(ground.sandbox.books()["wechat"], n)


def _of(held: list[Any], n: int) -> Counter[str]:
    return Counter(ACCOUNT for each in held for article in each["articles"] if article["title"] == title(n))


def expire(ground: Ground) -> None:
    ground.channel.check([])  # which fetches the token and sends nothing
    ground.sandbox.admin("expire_tokens", {"appid": APP_ID})


def publish_by_hand(ground: Ground) -> None:
    for draft in ground.sandbox.books()["drafts"]:
        ground.sandbox.admin("person", {"appid": APP_ID, "do": "publish", "draft": draft["media_id"]})


def no_calls_left(name: str) -> Callable[[Ground], None]:
    return lambda ground: set_up(ground, limits={name: 0})


def mass_spent(ground: Ground) -> None:
    ground.sandbox.admin("spend", {"account": APP_ID, "mass": 1})


HALF = one_address("一个公众号就是一个接收地址；哪些粉丝收得到由平台决定，收不到的计在平台给出的人数里。")
DONE, IN_BOX = Status.DELIVERED, Status.HANDED
BOX_FOUND = "先显示结果待定；两分钟后公开达在草稿箱里找到这篇草稿，改为已存入。照常到后台发出。"
BOX_ABSENT = "先显示结果待定；公开达查过草稿箱和发布记录，确认没有存入，再存一次，只有一篇。照常到后台发出。"
BY_HAND = "人在后台发出后，公开达在发布记录里找到，登记为已发出（人工）。"
DRAFT = Row(
    kind="wechat_oa",
    label="微信公众号·草稿",
    door="wechat",
    call="wechat.draft.add",
    callback="wechat.callback",
    target=ACCOUNT,
    addresses=(ACCOUNT,),
    secrets=SECRETS,
    options={"mode": "draft", "account": "subscription", "home": "https://www.example.edu.cn"},
    furnish=furnish,
    book=in_box,
    answers=publish_by_hand,
    strikes={Fault.TOKEN: expire, Fault.QUOTA: no_calls_left("draft.add")},
    lifts={Fault.QUOTA: lambda ground: set_up(ground, limits={})},
    cells={
        Fault.LOST_AFTER: cell(IN_BOX, True, BOX_FOUND),
        Fault.LOST_BEFORE: cell(IN_BOX, True, BOX_ABSENT),
        Fault.PAGE_AFTER: cell(IN_BOX, True, BOX_FOUND),
        Fault.PAGE_BEFORE: cell(IN_BOX, True, BOX_ABSENT),
        Fault.KILLED_AFTER: cell(DONE, True, f"若被杀期间已有人把这篇草稿发出：{BY_HAND}不会再存一篇。"),
        Fault.KILLED_BEFORE: cell(IN_BOX, True, BOX_ABSENT),
        Fault.TWICE: cell(DONE, True, f"{BY_HAND}平台把“发布完成”送来两次，只记一次。"),
        Fault.EARLY: cell(DONE, True, f"刚存入就有人在后台发出，通知先到：{BY_HAND}"),
        Fault.LATE: cell(DONE, True, f"草稿放了几天才有人发出：{BY_HAND}"),
        Fault.TOKEN: cell(IN_BOX, True, words.NEW_TOKEN),
        Fault.QUOTA: cell(IN_BOX, True, words.AGAIN_BY_ITSELF),
        Fault.HALF: HALF,
    },
)
PAGE_FOUND = "先显示结果待定；公开达在发布记录里找到这篇文章，改为已发出。不用处理。"
PAGE_ABSENT = "先显示结果待定；草稿还在草稿箱、发布记录里没有，公开达用同一篇草稿再提交一次。不用处理。"
PUBLISH = replace(
    DRAFT,
    label="微信公众号·发布",
    call="wechat.freepublish.submit",
    options={**DRAFT.options, "mode": "publish"},
    book=sent,
    answers=None,
    strikes={Fault.TOKEN: expire, Fault.QUOTA: no_calls_left("freepublish.submit")},
    cells={
        Fault.LOST_AFTER: cell(DONE, True, PAGE_FOUND),
        Fault.LOST_BEFORE: cell(DONE, True, PAGE_ABSENT),
        Fault.PAGE_AFTER: cell(DONE, True, PAGE_FOUND),
        Fault.PAGE_BEFORE: cell(DONE, True, PAGE_ABSENT),
        Fault.KILLED_AFTER: cell(DONE, True, PAGE_FOUND),
        Fault.KILLED_BEFORE: cell(
            DONE, True, "显示待发，几分钟后照常发出：被杀时还没有存入草稿，确定没有发出。不用处理。"
        ),
        Fault.TWICE: cell(DONE, True, words.ONCE),
        Fault.EARLY: cell(DONE, True, words.WAITED_FOR),
        Fault.LATE: cell(DONE, True, "没有感觉：公开达自己查到发布完成，几天后才来的通知不再改变什么。"),
        Fault.TOKEN: cell(DONE, True, words.NEW_TOKEN),
        Fault.QUOTA: cell(DONE, True, words.AGAIN_BY_ITSELF),
        Fault.HALF: HALF,
    },
)
SAME_KEY = "先显示结果待定；一分钟后公开达以同一编号再问，平台答复已受理过（45065），没有群发第二次。不用处理。"
SAME_KEY_NEW = "先显示结果待定；一分钟后公开达以同一编号再发，平台此前没有收到，这一次群发。不用处理。"
MASS = replace(
    PUBLISH,
    label="微信公众号·群发",
    call="wechat.message.mass.sendall",
    options={**DRAFT.options, "mode": "mass"},
    strikes={Fault.TOKEN: expire, Fault.QUOTA: mass_spent},
    lifts={},
    cells={
        **PUBLISH.cells,
        Fault.LOST_AFTER: cell(DONE, True, SAME_KEY),
        Fault.LOST_BEFORE: cell(DONE, True, SAME_KEY_NEW),
        Fault.PAGE_AFTER: cell(DONE, True, SAME_KEY),
        Fault.PAGE_BEFORE: cell(DONE, True, SAME_KEY_NEW),
        Fault.KILLED_AFTER: cell(DONE, True, SAME_KEY),
        Fault.LATE: cell(DONE, True, "没有感觉：公开达自己查到群发完成；群发人数要等通知来了才有，晚到也照记。"),
        Fault.QUOTA: cell(DONE, True, "显示待发和原因（今日群发次数已用完）；次日自动群发。不用处理。"),
    },
)
ROWS = (DRAFT, PUBLISH, MASS)
