"""腾讯云短信: only a receipt tells; where there is none, nothing proves that nothing was sent, and a person decides."""

from __future__ import annotations

from rules.states import Status
from tests.channels.sms.sms_support import SECRETS, TENCENT
from tests.faults import sms, words
from tests.faults.ground import Ground
from tests.faults.model import RESEND, Fault, Never, Row, cell

ACCOUNT = {
    "key_id": SECRETS["TENCENT_SMS_SECRET_ID"], "secret": SECRETS["TENCENT_SMS_SECRET_KEY"], "vendor": "tencent",
    "app_id": TENCENT["app_id"], "templates": [{"code": TENCENT["template"], "text": TENCENT["text"]}],
    "limits": {"variable": 35}, "session_in_receipts": True,
}  # fmt: skip


def furnish(ground: Ground) -> None:
    sms.account(ground, ACCOUNT)


def spend(ground: Ground) -> None:
    """Each number has had its one message of the day."""
    sms.account(ground, ACCOUNT, limits={"variable": 35, "day": 1})
    ground.send_before()


def bad_numbers(ground: Ground) -> None:
    sms.go_bad(ground, "blacklisted", "failed")


FOUND = "先显示结果待定；手机回执带着推送编号到来，改为已发出（手机回执）。不会再发。不用处理。"
NOBODY_KNOWS = (
    "先显示结果待定；没有回执不能证明没有发出，72小时后收到提醒。到短信控制台“发送记录查询”按手机号核对，没有的登记 "
    "`python bot.py uncertain resend 推送号`，公开达再发一次。"
)
AFTER, BEFORE = cell(Status.DELIVERED, True, FOUND), cell(Status.DELIVERED, True, NOBODY_KNOWS, RESEND)
ROWS = (
    Row(
        kind="sms_tencent",
        label="腾讯云短信（已开通推送编号回传）",
        door="tencent-sms",
        call="tencent.SendSms",
        callback="tencent.callback",
        target="名单:名单",
        people="手机号",
        addresses=sms.NUMBERS,
        secrets=SECRETS,
        options=TENCENT,
        furnish=furnish,
        book=sms.book,
        strikes={Fault.QUOTA: spend, Fault.HALF: bad_numbers},
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
                "没有感觉：公开达自己查回执（5分钟、1小时、24小时、72小时），几天后才来的回执不再改变什么。",
            ),
            Fault.TOKEN: Never("每次调用用密钥现场签名，没有令牌；密钥失效时渠道自动暂停，并提示换密钥。"),
            Fault.QUOTA: cell(Status.DELIVERED, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: cell(
                (Status.DELIVERED, Status.DELIVERED, Status.FAILED, Status.FAILED),
                (True, True, False, True),
                "推送显示“部分”：退订的当场被拒，空号的以回执为准，逐人列出原因，其余照常收到。改正名单后 "
                "`python bot.py log --failed --retry --push 推送号` 只补发给没收到的人。",
            ),
        },
    ),
)
