"""企业微信应用消息, with its button 已阅: the same bytes sent again within four hours are dropped by the platform itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rules.states import Status
from tests.faults import words
from tests.faults.ground import Ground
from tests.faults.model import Fault, Row, cell
from tests.kill.school import title

CORP, AGENT, SECRET = "ww0123456789faults", 1000002, "fault-app-secret"
CALL_TOKEN, AES_KEY = "calltoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PERSONS = ("t001", "t002", "t003", "t004")
SECRETS = {
    "WECOM_CORP_ID": CORP, "WECOM_APP_SECRET": SECRET, "WECOM_APP_AGENT_ID": str(AGENT), "WECOM_APP_TOKEN": CALL_TOKEN,
    "WECOM_APP_AES_KEY": AES_KEY,
}  # fmt: skip


def set_up(ground: Ground, **fields: Any) -> None:
    app = {
        "corpid": CORP,
        "agentid": AGENT,
        "secret": SECRET,
        "name": "信息公开",
        "token": CALL_TOKEN,
        "aes_key": AES_KEY,
    }
    ground.sandbox.setup(apps=[app | {"callback_url": ground.door or "http://127.0.0.1:1/"} | fields])


def furnish(ground: Ground) -> None:
    if not ground.door:
        members = [{"userid": each, "departments": [1]} for each in PERSONS]
        ground.sandbox.setup(corps=[{"corpid": CORP, "name": "示例学院", "members": members}])
    set_up(ground)


def book(ground: Ground, n: int) -> Counter[str]:
    """Each person's own inbox, a chat's messages apart."""
    books = ground.sandbox.admin("books?vendor=wecom_app")
    mine = {each["msgid"] for each in books["wecom_messages"] if title(n) in each["text"]}
    return Counter(each["userid"] for each in books["wecom_people"] if each.get("msgid") in mine)


def press(ground: Ground) -> None:
    """Two of the four press 已阅, one of them twice."""
    (message,) = [each for each in ground.sandbox.books()["wecom_messages"] if each.get("task_id")]
    for userid in (PERSONS[0], PERSONS[0], PERSONS[1]):
        who = {"corpid": CORP, "agentid": AGENT, "userid": userid, "msgid": message["msgid"], "key": "ack"}
        ground.sandbox.admin("wecom_press", who)


def expire(ground: Ground) -> None:
    assert ground.channel._client.token
    ground.sandbox.admin("wecom_expire_tokens", {"corpid": CORP, "agentid": AGENT})


def spend(ground: Ground) -> None:
    set_up(ground, day_limit=0)


def give(ground: Ground) -> None:
    set_up(ground, day_limit=None)


def leave(ground: Ground) -> None:
    """Two members leave between the plan and the call."""
    members = [{"userid": each, "gone": True} for each in PERSONS[2:]]
    ground.sandbox.setup(corps=[{"corpid": CORP, "members": members}])


TAKEN, PRESSED = Status.ACCEPTED, (Status.DELIVERED, Status.DELIVERED, Status.ACCEPTED, Status.ACCEPTED)
SAME_BYTES = (
    "先显示结果待定；一分钟后公开达以完全相同的内容再发一次，企业微信自己识别重复，没有人收到两条。不用处理；"
    "但首次的消息编号没有收到，这条不能再由公开达撤回。"
)
FIRST_TIME = "先显示结果待定；一分钟后公开达以完全相同的内容再发一次，这一次送到。不用处理。"
AFTER, BEFORE = cell(TAKEN, True, SAME_BYTES), cell(TAKEN, True, FIRST_TIME)
ROWS = (
    Row(
        kind="wecom_app",
        label="企业微信应用消息（带“已阅”按钮）",
        door="wecom",
        call="wecom.message.send",
        callback="wecom.callback",
        target="部门:1",
        addresses=PERSONS,
        secrets=SECRETS,
        options={"ack": True},
        furnish=furnish,
        book=book,
        answers=press,
        strikes={Fault.TOKEN: expire, Fault.QUOTA: spend, Fault.HALF: leave},
        lifts={Fault.QUOTA: give},
        cells={
            Fault.LOST_AFTER: AFTER,
            Fault.LOST_BEFORE: BEFORE,
            Fault.PAGE_AFTER: AFTER,
            Fault.PAGE_BEFORE: BEFORE,
            Fault.KILLED_AFTER: cell(
                PRESSED,
                True,
                "被杀期间有人已点“已阅”：点过的记为已发出（逐人回执）；其余的原样再发，企业微信识别重复，没有人收到两条。不用处理。",
            ),
            Fault.KILLED_BEFORE: BEFORE,
            Fault.TWICE: cell(PRESSED, True, "没有感觉：一个人点几次“已阅”、平台送来几次，都只记一次。"),
            Fault.EARLY: cell(PRESSED, True, words.WAITED_FOR),
            Fault.LATE: cell(PRESSED, True, "几天后才点“已阅”的，照样记为逐人回执（那时账号已只留散列，仍能对上）。"),
            Fault.TOKEN: cell(TAKEN, True, words.NEW_TOKEN),
            Fault.QUOTA: cell(TAKEN, True, words.AGAIN_BY_ITSELF),
            Fault.HALF: cell(
                (TAKEN, TAKEN, Status.FAILED, Status.FAILED),
                (True, True, False, False),
                "推送显示“部分”：收不到的逐人列出（账号不存在或不在可见范围），其余照常收到。核对通讯录后 "
                "`python bot.py log --failed --retry --push 推送号` 只补发给这些人。",
            ),
        },
    ),
)
