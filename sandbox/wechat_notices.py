"""Template notices of a service account: one follower a call, known again for ten minutes, their end told by an event.

https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage
Where the pages are silent: a notice known again is answered with the first one's msgid; a client_msg_id over 32
characters is 45067 as for mass sends; a thing field over 20 characters is 47003.
"""

from __future__ import annotations

import json
import re

from sandbox import wechat_callbacks
from sandbox.clock import iso
from sandbox.state import Doc
from sandbox.wechat_call import Api, Oa
from sandbox.wechat_fans import fan_of
from sandbox.wire import Refused

HOLE = re.compile(r"\{\{(\w+)\.DATA\}\}")
KNOWN_FOR = 600.0
ID_CHARS, THING_CHARS = 32, 20
FIRST_MSGID = 2_000_000_001
#: What the account's setup may say becomes of a notice to one follower, and the event's words.
FATES = {
    "delivered": "success",
    "blocked": "failed:user block",
    "failed": "failed: system failed",
    "limited": "failed:freq limit",
}
NEVER = "never"


def template_of(oa: Oa) -> Doc:
    """The named template, one of the account's own."""
    wanted = oa.text("template_id", 40037)
    found = next((each for each in oa.account.templates if each["template_id"] == wanted), None)
    if found is None:
        raise Refused(40037, "invalid template_id")
    return found


def receiver(oa: Oa) -> str:
    """The follower; who is none, or has blocked the account, is refused by name."""
    openid = oa.text("touser", 40003)
    if len(openid) != 28 or not openid.startswith("o"):
        raise Refused(40003, "invalid openid")
    if fan_of(oa.account, openid) is None:
        raise Refused(43004, "require subscribe")
    if openid in oa.account.blacklist:
        raise Refused(43019, "require remove blacklist")
    return openid


def filled(oa: Oa, template: Doc) -> str:
    """The template's text with its fields; all of them, no others, each within its kind's length."""
    given = oa.body().get("data")
    if not isinstance(given, dict) or not given:
        raise Refused(47003, "argument invalid! data is empty")
    names = set(HOLE.findall(template["content"]))
    for name in sorted(names | given.keys()):
        value = given.get(name)
        text = value.get("value") if isinstance(value, dict) else None
        long = isinstance(text, str) and name.startswith("thing") and len(text) > THING_CHARS
        if name not in names or not isinstance(text, str) or not text or long:
            raise Refused(47003, f"argument invalid! data.{name}.value invalid")
    return HOLE.sub(lambda hole: str(given[hole[1]]["value"]), template["content"])


def known_again(oa: Oa, openid: str) -> int | None:
    """The msgid of the same notice within ten minutes."""
    client_id = oa.text("client_msg_id")
    if len(client_id) > ID_CHARS:
        raise Refused(45067, "client_msg_id size out of limit")
    if not client_id:
        return None
    for doc in oa.state.page("notice", oa.appid):
        if (doc["openid"], doc["client_id"]) == (openid, client_id) and oa.now - doc["moment"] < KNOWN_FOR:
            return int(doc["msgid"])
    return None


def send(oa: Oa) -> Doc:
    """Take one notice and queue the event of its end."""
    openid, template = receiver(oa), template_of(oa)
    text = filled(oa, template)
    url = oa.text("url")
    number = known_again(oa, openid)
    if number is None:
        number = oa.state.next_number(f"{oa.appid}:notice", FIRST_MSGID)
        fate = oa.account.notice_fates.get(openid, "delivered")
        doc = {
            "appid": oa.appid, "msgid": number, "openid": openid, "client_id": oa.text("client_msg_id"), "text": text,
            "url": url, "at": iso(oa.now), "moment": oa.now, "fate": fate,
        }  # fmt: skip
        oa.state.put("notice", oa.appid, number, doc)
        if fate == "delivered":
            shown = "\n".join(filter(None, [str(template.get("title", "")), text, url]))
            oa.state.post("notice", openid, oa.now, {"at": iso(oa.now), "nickname": oa.account.name, "text": shown})
        if fate != NEVER:
            told_end(oa, openid, number, FATES[fate])
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def told_end(oa: Oa, openid: str, number: int, status: str) -> None:
    """The event that says how it ended."""
    inner = wechat_callbacks.element("MsgID", number) + f"<Status>{wechat_callbacks.cdata(status)}</Status>"
    cause = "wechat.message.template.send"
    wechat_callbacks.queue(oa.world, oa.account, "TEMPLATESENDJOBFINISH", inner, cause, sender=openid)


def listed(oa: Oa) -> Doc:
    """The account's own templates."""
    return {"template_list": json.loads(json.dumps(oa.account.templates))}


APIS: dict[str, Api] = {
    "message/template/send": Api(send, right="service", per_day=100_000),
    "template/get_all_private_template": Api(listed, method="GET", right="service"),
}
