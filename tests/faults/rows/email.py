"""邮件: the server's 250 is the last word; a letter whose answer was lost cannot be asked after, so a person decides."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jobs.deliver import deliver
from rules.states import Status
from tests.faults import words
from tests.faults.ground import ITEM, Ground
from tests.faults.model import DELIVERED, RESEND, Fault, Never, Row, cell, no_callback
from tests.kill.school import title

USER, PASSWORD = "xxgk@example.edu.cn", "fault-mail-password"
PERSONS = tuple(f"t{n:03d}@example.edu.cn" for n in range(1, 5))


def account(ground: Ground, **fields: Any) -> None:
    ground.sandbox.setup(mail_accounts=[{"user": USER, "password": PASSWORD, "senders": [USER], **fields}])


def furnish(ground: Ground) -> None:
    account(ground)


def book(ground: Ground, n: int) -> Counter[str]:
    return Counter(each["rcpt"] for each in ground.sandbox.books()["mail"] if title(n) in each["text"])


def spend(ground: Ground) -> None:
    account(ground, limits={"minute": 0})


def give(ground: Ground) -> None:
    account(ground, limits={})


def close(ground: Ground) -> None:
    ground.sandbox.setup(mailboxes=[{"address": each, "fate": "unknown"} for each in PERSONS[2:]])


def password_pauses(ground: Ground) -> bool:
    """The server knows another password: no letter leaves, all wait, and a person is told which key to mend."""
    ground.publish(ITEM)
    account(ground, password="another")
    deliver(ground.office, ground.row.kind)
    wait = {status for status, _ in ground.standing().values()} == {Status.QUEUED}
    told = any("已自动暂停" in text and "MAIL_PASSWORD" in text for text in ground.alarms())
    return wait and told and not ground.booked()


TAKEN, THERE = Status.ACCEPTED, Status.DELIVERED
ASKED = "收到提醒“结果待定”（只有答复丢失的那一封，其余照常发出）。问收件人，或请管理员查邮件服务器日志，"
SENT = cell(
    (THERE, TAKEN, TAKEN, TAKEN),
    True,
    f"{ASKED}已收到的登记 `python bot.py uncertain delivered 推送号`，不会再发。",
    DELIVERED,
)
UNSENT = cell(TAKEN, True, f"{ASKED}没有的登记 `python bot.py uncertain resend 推送号`，只补发这一封。", RESEND)
DEAD = (
    "收到提醒“结果待定”，列出被杀时正在发的几封。问收件人，或请管理员查邮件服务器日志，再登记 `python bot.py uncertain "
)
ROWS = (
    Row(
        kind="email",
        label="邮件",
        door="",
        base=lambda sandbox: str(sandbox.admin("healthz")["smtp"]),
        call="mail.END",
        # A mail server speaks no HTTP: what is no SMTP reply stands for the 502 page.
        planned={Fault.PAGE_AFTER: {"kind": "html", "when": "after"}, Fault.PAGE_BEFORE: {"kind": "html"}},
        target="名单:名单",
        people="邮箱",
        addresses=PERSONS,
        secrets={"MAIL_USER": USER, "MAIL_PASSWORD": PASSWORD, "XXGK_SEAL_KEY": "fault-table-seal-key-0123456789"},
        options={"from": f"示例学院信息公开 <{USER}>"},
        furnish=furnish,
        book=book,
        strikes={Fault.QUOTA: spend, Fault.HALF: close},
        lifts={Fault.QUOTA: give},
        cells={
            Fault.LOST_AFTER: SENT,
            Fault.LOST_BEFORE: UNSENT,
            Fault.PAGE_AFTER: SENT,
            Fault.PAGE_BEFORE: UNSENT,
            **no_callback("邮件没有回调；对方退信到 bounces 信箱，由人查看。"),
            Fault.TOKEN: Never(
                "用账号和密码登录，没有令牌；密码失效时渠道自动暂停，并提示改 MAIL_PASSWORD。", password_pauses
            ),
            Fault.QUOTA: cell(TAKEN, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: cell(
                (TAKEN, TAKEN, Status.FAILED, Status.FAILED),
                (True, True, False, False),
                "推送显示“部分”：不存在的邮箱逐人列出，其余照常收到。改正名单后 "
                "`python bot.py log --failed --retry --push 推送号` 只补发给没收到的人。",
            ),
            Fault.KILLED_AFTER: cell(THERE, True, f"{DEAD}delivered 推送号`，不会再发。", DELIVERED),
            Fault.KILLED_BEFORE: cell(TAKEN, True, f"{DEAD}resend 推送号`，补发这几封。", RESEND),
        },
    ),
)
