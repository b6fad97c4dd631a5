"""服务号模板消息: one call a person, known again by the platform for ten minutes, its end told by an event alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from rules.states import Status
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import DELIVERED, RESEND, Fault, Row, cell
from tests.kill.school import title

APP_ID = "wxfault0123456789a"
SECRETS = {
    "WECHAT_SERVICE_APP_ID": APP_ID, "WECHAT_SERVICE_APP_SECRET": "0" * 32, "WECHAT_SERVICE_TOKEN": "faulttoken",
    "WECHAT_SERVICE_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}  # fmt: skip
CONTENT = "信息公开提醒\n{{thing1.DATA}}\n部门：{{thing2.DATA}}"
_HEAD = "o" + hashlib.sha256(APP_ID.encode()).hexdigest()[:15]
PERSONS = tuple(f"{_HEAD}{n:012d}" for n in range(1, 5))


def set_up(ground: Ground, **fields: Any) -> None:
    account = {
        "appid": APP_ID, "secret": SECRETS["WECHAT_SERVICE_APP_SECRET"], "token": SECRETS["WECHAT_SERVICE_TOKEN"],
        "aes_key": SECRETS["WECHAT_SERVICE_AES_KEY"], "kind": "service", "fans": 50, "callback_mode": "safe",
        "callback_url": ground.door or None, "templates": [{"template_id": "TPL-1", "content": CONTENT}],
    }  # fmt: skip
    ground.sandbox.setup(accounts=[account | fields])


def furnish(ground: Ground) -> None:
    set_up(ground)


def book(ground: Ground, n: int) -> Counter[str]:
    return Counter(each["openid"] for each in ground.sandbox.books()["wechat_notices"] if title(n) in each["text"])


def expire(ground: Ground) -> None:
    ground.channel.check([])  # which fetches the token and sends nothing
    ground.sandbox.admin("expire_tokens", {"appid": APP_ID})


def spend(ground: Ground) -> None:
    set_up(ground, limits={"message.template.send": 0})


def give(ground: Ground) -> None:
    set_up(ground, limits={})


def leave(ground: Ground) -> None:
    """Two of the four have blocked the account, each in a way of its own."""
    set_up(ground, blacklist=[PERSONS[2]], notice_fates={PERSONS[3]: "blocked"})


DONE = Status.DELIVERED
SAME_NUMBER = (
    "这个人先显示结果待定；半分钟后公开达以同一编号再发一次，平台十分钟内不重复下发，没有人收到两条。不用处理。"
)
AGAIN = cell(DONE, True, SAME_NUMBER)
#: The lease of a dead process outlasts the time within which the platform surely knows the number again.
DEAD = (
    "收到提醒“结果待定”，列出被杀时正在发的几人。被杀到重新认领已过五分钟，不能确保平台不重复下发，因此不自动再发："
    "请问收件人，再登记 `python bot.py uncertain "
)
ROWS = (
    Row(
        kind="wechat_notice",
        label="服务号模板消息",
        door="wechat",
        call="wechat.message.template.send",
        callback="wechat.callback",
        target="名单:名单",
        people="OpenID",
        addresses=PERSONS,
        secrets=SECRETS,
        options={
            "account": "service",
            "consent": "订阅确认书",
            "template_id": "TPL-1",
            "fields": {"thing1": "标题", "thing2": "部门"},
        },
        furnish=furnish,
        book=book,
        strikes={Fault.TOKEN: expire, Fault.QUOTA: spend, Fault.HALF: leave},
        lifts={Fault.QUOTA: give},
        cells={
            Fault.LOST_AFTER: AGAIN,
            Fault.LOST_BEFORE: AGAIN,
            Fault.PAGE_AFTER: AGAIN,
            Fault.PAGE_BEFORE: AGAIN,
            Fault.TWICE: cell(DONE, True, words.ONCE),
            Fault.EARLY: cell(DONE, True, words.WAITED_FOR),
            Fault.LATE: cell(
                DONE, True, "先显示已提交（无回执）；几天后结果才来的，照样记为逐人回执（那时只留散列，仍能对上）。"
            ),
            Fault.TOKEN: cell(DONE, True, words.NEW_TOKEN),
            Fault.QUOTA: cell(DONE, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: cell(
                (DONE, DONE, Status.FAILED, Status.FAILED),
                (True, True, False, True),
                "推送显示“部分”：拉黑、拒收的逐人列出原因，其余照常收到。不宜再发，请从名单中删去。",
            ),
            Fault.KILLED_AFTER: cell(DONE, True, f"{DEAD}delivered 推送号`，不会再发。", DELIVERED),
            Fault.KILLED_BEFORE: cell(DONE, True, f"{DEAD}resend 推送号`，补发这几人。", RESEND),
        },
    ),
)
