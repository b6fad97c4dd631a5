"""An app's messages to members: send, recall, and the day's count.

https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

import hashlib
import json

from sandbox.actors import App, load_all
from sandbox.clock import day_of, iso
from sandbox.state import Doc
from sandbox.wecom_call import Api, Work, missing, whole
from sandbox.wecom_cards import new_code, read_card, remember_task
from sandbox.wecom_content import CHAT_READERS, read
from sandbox.wecom_directory import count
from sandbox.wecom_inbox import find, post
from sandbox.wecom_reach import Reach, addressed, expand
from sandbox.wire import Refused, hex_id

READERS = {**CHAT_READERS, "template_card": read_card}
PER_ACCOUNT_DAY = 200
REPEAT_USUAL, REPEAT_MOST = 1800, 14_400
RECALL_WITHIN = 86_400.0


def send(work: Work) -> Doc:
    """Send one message; the answer tells who was no good, never who was passed over for having had too many."""
    check_agent(work)
    users, parties, tags = addressed(work.body())
    repeat, message = repeat_window(work), read(work, READERS)
    reach = expand(work, users, parties, tags)
    digest = hashlib.sha256(json.dumps(work.body(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    if repeat and is_repeat(work, digest, repeat):
        note_repeat(work, message)
        return reach.told() | {"msgid": hex_id(40)}
    check_task(work, message)
    take_day(work, len(reach.members))
    if repeat:
        work.state.put("wecom_sent", work.app.key, digest, {"at": work.now})
    return reach.told() | keep(work, message, reach)


def check_agent(work: Work) -> None:
    """The agent must be the token's own."""
    agentid = work.body().get("agentid")
    if agentid is None:
        raise Refused(41011, "missing agentid")
    if isinstance(agentid, bool) or not str(agentid).isdecimal():
        raise Refused(40056, "invalid agentid")
    if int(agentid) != work.app.agentid:
        raise Refused(301002, "not allow operate another agent with this accesstoken")


def repeat_window(work: Work) -> int:
    """For how many seconds the same body is held back; 0 when no check is asked for."""
    if whole(work.body(), "enable_duplicate_check", 0) == 0:
        return 0
    interval = whole(work.body(), "duplicate_check_interval", REPEAT_USUAL)
    if not 1 <= interval <= REPEAT_MOST:
        raise missing("duplicate_check_interval", "out of range")
    return interval


def is_repeat(work: Work, digest: str, interval: int) -> bool:
    """Whether the same body was sent within the interval."""
    sent = work.state.get("wecom_sent", work.app.key, digest)
    return sent is not None and work.now - float(sent["at"]) < interval


def note_repeat(work: Work, message: Doc) -> None:
    """Put a suppressed repeat into the books; the caller learns nothing of it."""
    doc = {"corpid": work.corp.corpid, "agentid": work.app.agentid, "at": iso(work.now), "text": message["text"]}
    work.state.put("wecom_repeat", "", work.state.next_number("wecom_repeat"), doc | {"moment": work.now})


def check_task(work: Work, message: Doc) -> None:
    """A task id is good for one card."""
    task_id = message.get("task_id")
    if task_id and work.state.get("wecom_task", work.app.key, task_id) is not None:
        raise Refused(42014, "task_id has been used")


def take_day(work: Work, n: int) -> None:
    """Count persons times messages against the app's day."""
    accounts = work.corp.accounts or count(work.state, work.corp.corpid)
    limit = work.app.day_limit if work.app.day_limit is not None else accounts * PER_ACCOUNT_DAY
    if work.state.used(f"{work.app.key}:sent", work.today) + n > limit:
        raise Refused(45009, "api freq out of limit")
    work.state.use(f"{work.app.key}:sent", work.today, n)


def keep(work: Work, message: Doc, reach: Reach) -> Doc:
    """Deliver the message; returns its id, and the code to change it where it can be pressed."""
    msgid = hex_id(40)
    message = post(work, "app", work.app.key, message | {"msgid": msgid}, reach.members)
    work.state.put("wecom_msgid", "", msgid, {"key": work.app.key, "post": message["post"], "at": work.now})
    remember_task(work, message)
    if not message.get("buttons") and not message.get("menu"):
        return {"msgid": msgid}
    return {"msgid": msgid, "response_code": new_code(work.world, work.app.key, message["post"])}


def recall(work: Work) -> Doc:
    """Take a message back within 24 hours; only the app that sent it can."""
    doc = work.state.get("wecom_msgid", "", work.text("msgid"))
    if doc is None or doc["key"] != work.app.key or work.now - doc["at"] > RECALL_WITHIN:
        raise missing("msgid", "invalid")
    row, message = find(work.state, int(doc["post"]))
    if "recalled" not in message:
        work.state.amend_post(row, message | {"recalled": iso(work.now)})
    return {}


def get_statistics(work: Work) -> Doc:
    """How many persons times messages each of the company's apps sent today or yesterday, the dropped ones included."""
    kind = whole(work.body(), "time_type", 0)
    if kind not in (0, 1):
        raise missing("time_type", "out of range")
    day = day_of(work.now - kind * 86_400)
    apps = [app for app in load_all(work.state, App) if app.corpid == work.corp.corpid and not app.sync]
    return {
        "statistics": [
            {"agentid": app.agentid, "app_name": app.name, "count": work.state.used(f"{app.key}:sent", day)}
            for app in apps
        ]
    }


APIS = {
    "message/send": Api(send),
    "message/recall": Api(recall),
    "message/get_statistics": Api(get_statistics),
}
