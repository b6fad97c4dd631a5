"""阿里云短信: its records tell of each number what became of a call; nothing is sent again while that is in doubt."""

from __future__ import annotations

from rules.states import Status
from tests.channels.sms.sms_support import ALIYUN, SECRETS
from tests.faults import sms, words
from tests.faults.ground import Ground
from tests.faults.model import Fault, Never, Row, cell

ACCOUNT = {
    "key_id": SECRETS["ALIYUN_SMS_KEY_ID"], "secret": SECRETS["ALIYUN_SMS_KEY_SECRET"], "vendor": "aliyun",
    "templates": [{"code": ALIYUN["template"], "text": ALIYUN["text"]}],
}  # fmt: skip


def furnish(ground: Ground) -> None:
    sms.account(ground, ACCOUNT)


def spend(ground: Ground) -> None:
    """Each number has had its one message of the day."""
    sms.account(ground, ACCOUNT, limits={"day": 1})
    ground.send_before()


def give(ground: Ground) -> None:
    sms.account(ground, ACCOUNT, limits={})


def bad_numbers(ground: Ground) -> None:
    sms.go_bad(ground, "failed", "off")


FOUND = "先显示结果待定；手机回执到了，或公开达查到阿里云的发送记录，改为已发出（手机回执）。不会再发。不用处理。"
ABSENT = "先显示结果待定；五分钟后公开达查阿里云的发送记录，确认没有发出，自动补发一次。不用处理。"
AFTER, BEFORE = cell(Status.DELIVERED, True, FOUND), cell(Status.DELIVERED, True, ABSENT)
ROWS = (
    Row(
        kind="sms_aliyun",
        label="阿里云短信",
        door="aliyun-sms",
        call="aliyun.SendSms",
        callback="aliyun.callback",
        target="名单:名单",
        people="手机号",
        addresses=sms.NUMBERS,
        secrets=SECRETS,
        options=ALIYUN,
        furnish=furnish,
        book=sms.book,
        strikes={Fault.QUOTA: spend, Fault.HALF: bad_numbers},
        lifts={Fault.QUOTA: give},
        cells={
            Fault.LOST_AFTER: AFTER,
            Fault.LOST_BEFORE: BEFORE,
            Fault.PAGE_AFTER: AFTER,
            Fault.PAGE_BEFORE: BEFORE,
            Fault.KILLED_AFTER: AFTER,
            Fault.KILLED_BEFORE: BEFORE,
            Fault.TWICE: cell(Status.DELIVERED, True, words.ONCE),
            Fault.EARLY: cell(Status.DELIVERED, True, words.WAITED_FOR),
            Fault.LATE: cell(
                Status.DELIVERED,
                True,
                "没有感觉：公开达自己查发送记录（5分钟、1小时、24小时、72小时），几天后才来的回执不再改变什么。",
            ),
            Fault.TOKEN: Never("每次调用用密钥现场签名，没有令牌；密钥失效时渠道自动暂停，并提示换密钥。"),
            Fault.QUOTA: cell(Status.DELIVERED, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: cell(
                (Status.DELIVERED, Status.DELIVERED, Status.FAILED, Status.FAILED),
                True,
                "推送显示“部分”：空号、关机的逐人列出原因，其余照常收到。改正名单后 "
                "`python bot.py log --failed --retry --push 推送号` 只补发给没收到的人。",
            ),
        },
    ),
)
