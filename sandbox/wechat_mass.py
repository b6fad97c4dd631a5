"""Mass sending: accepted first, sent later.

https://developers.weixin.qq.com/doc/service/api/notify/message/api_sendall
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox import articles
from sandbox.clock import day_of, month_of
from sandbox.state import Doc
from sandbox.texts import oddity
from sandbox.wechat_call import Api, Oa
from sandbox.wechat_drafts import draft_of
from sandbox.wechat_fans import fan_of, tag_of
from sandbox.wechat_jobs import start_mass
from sandbox.wechat_media import sendable
from sandbox.wire import Refused

ID_BYTES = 32
ID_LIFE = 86_400.0
RETRY_AFTER = 60.0
ALL_PER_MONTH = 4
PER_MINUTE = 60
SPEEDS = (80, 60, 45, 30, 10)


def sendall(oa: Oa) -> Doc:
    """Send to everybody or to one tag."""
    return accept(oa, audience_of_filter(oa))


def send(oa: Oa) -> Doc:
    """Send to named followers, two to ten thousand."""
    ids = oa.body().get("touser")
    if not isinstance(ids, list) or len(ids) < 2:
        raise Refused(40130, "invalid openid list size, at least two openid")
    if len(ids) > 10_000:
        raise Refused(40032, "invalid openid list size")
    fans = [fan for fan in (fan_of(oa.account, openid) for openid in ids) if fan is not None]
    if not fans:
        raise Refused(40003, "invalid openid")
    return accept(oa, {"fans": sorted(set(fans))})


def audience_of_filter(oa: Oa) -> Doc:
    """Exactly one of everybody and a known tag; the old `group_id` names nothing any more."""
    chosen = oa.body().get("filter")
    if not isinstance(chosen, dict) or not isinstance(chosen.get("is_to_all", False), bool):
        raise Refused(47001, "data format error: filter")
    tag = chosen.get("tag_id")
    if chosen.get("is_to_all"):
        if tag not in (None, ""):
            raise Refused(40035, "invalid parameter: is_to_all with tag_id")
        return {"all": True}
    found = tag_of(oa.state, oa.appid, tag)
    if found is None:
        raise Refused(40152, "invalid tag_id")
    return {"tag": found["id"]}


def accept(oa: Oa, audience: Doc) -> Doc:
    """Check, in the vendor's order, and start the job."""
    msgtype = oa.text("msgtype", 40008)
    check_switches(oa)
    client_id = client_id_of(oa, audience, msgtype)
    check_repeat(oa, client_id)
    content = content_of(oa, msgtype)
    if mass_left(oa, audience) <= 0:
        raise Refused(45028, "has no masssend quota")
    take_quota(oa, audience)
    job = start_mass(oa, audience, msgtype, content, client_id)
    oa.state.put("client_id", oa.appid, client_id, {"at": oa.now, "last": oa.now, "msg_id": job["msg_id"]})
    answer: Doc = {"errcode": 0, "errmsg": "send job submission success", "msg_id": job["msg_id"]}
    return answer | ({"msg_data_id": job["msg_data_id"]} if msgtype == "mpnews" else {})


def check_switches(oa: Oa) -> None:
    """send_ignore_reprint is 0 or 1."""
    if oa.body().get("send_ignore_reprint", 0) not in (0, 1):
        raise Refused(40035, "invalid parameter: send_ignore_reprint")


def client_id_of(oa: Oa, audience: Doc, msgtype: str) -> str:
    """The caller's id for this send, or the digest that the vendor makes of audience and content."""
    given = oa.body().get("clientmsgid")
    if given in (None, ""):
        content = json.dumps([audience, msgtype, oa.body().get(msgtype)], sort_keys=True, ensure_ascii=False)
        return "digest:" + hashlib.sha256(content.encode()).hexdigest()
    if not isinstance(given, str) or len(given.encode()) > ID_BYTES:
        raise Refused(45067, "clientmsgid size out of limit")
    return given


def check_repeat(oa: Oa, client_id: str) -> None:
    """An id seen in 24 hours names the job it belongs to, but not to callers in a hurry."""
    seen = oa.state.get("client_id", oa.appid, client_id)
    if seen is None or oa.now - seen["at"] > ID_LIFE:
        return
    if oa.now - seen["last"] < RETRY_AFTER:
        raise Refused(45066, "same clientmsgid retry too fast")
    oa.state.put("client_id", oa.appid, client_id, seen | {"last": oa.now})
    raise Refused(45065, "clientmsgid exist", msg_id=seen["msg_id"])


def content_of(oa: Oa, msgtype: str) -> Doc:
    """What is to be sent, checked by its type."""
    if msgtype == "mpnews" and oa.account.kind == "test":
        raise Refused(48008, "no permission for this msgtype")
    body = oa.body().get("images" if msgtype == "image" and "images" in oa.body() else msgtype)
    if msgtype not in ("mpnews", "text", "image", "voice", "mpvideo"):
        raise Refused(40008, "invalid message type")
    if not isinstance(body, dict):
        raise Refused(44002, f"empty {msgtype}")
    if msgtype == "mpnews":
        return {"media_id": draft_of(oa, str(body.get("media_id", "")))["media_id"]}
    if msgtype == "text":
        return {"text": text_content(oa, body)}
    ids = body.get("media_ids") if "media_ids" in body else [body.get("media_id")]
    if not isinstance(ids, list) or not 1 <= len(ids) <= 20:
        raise Refused(40007, "invalid media_id")
    kind = {"mpvideo": "video"}.get(msgtype, msgtype)
    return {"blobs": [sendable(oa, str(id), kind)["blob"] for id in ids]}


def text_content(oa: Oa, body: Doc) -> str:
    """The text of a text send."""
    text = body.get("content")
    if not isinstance(text, str) or not text:
        raise Refused(44004, "empty content")
    if len(text.encode()) > 2048:
        raise Refused(45002, "content size out of limit")
    if odd := oddity(text):
        oa.call.flag(f"mass text {odd}: {text[:60]}")
    return text


def mass_left(oa: Oa, audience: Doc) -> int:
    """How many such sends the account may still make: one a day, or four to all a month."""
    if oa.account.kind == "subscription":
        return oa.account.limits.get("mass_day", 1) - oa.state.used(f"{oa.appid}:mass", day_of(oa.now))
    if audience.get("all"):
        return oa.account.limits.get("mass_month", ALL_PER_MONTH) - oa.state.used(
            f"{oa.appid}:mass_all", month_of(oa.now)
        )
    return 1  # tags and lists are held back per fan, when the job runs


def take_quota(oa: Oa, audience: Doc) -> None:
    """Count an accepted send; refused ones never get here."""
    oa.state.use(f"{oa.appid}:mass", day_of(oa.now))
    if audience.get("all"):
        oa.state.use(f"{oa.appid}:mass_all", month_of(oa.now))


def preview(oa: Oa) -> Doc:
    """Show the content to one person; the draft stays in the box."""
    if not oa.text("towxname") and fan_of(oa.account, oa.body().get("touser")) is None:
        raise Refused(40003, "invalid openid")
    content = content_of(oa, oa.text("msgtype", 40008))
    msg_id = oa.state.next_number(f"{oa.appid}:preview", 30_000_000)
    to = oa.text("towxname") or oa.text("touser")
    oa.state.put("preview", oa.appid, msg_id, {"appid": oa.appid, "to": to, "at": oa.now, "content": content})
    return {"errcode": 0, "errmsg": "preview success", "msg_id": msg_id}


def job_of(oa: Oa) -> Doc:
    """The job with the call's msg_id."""
    value: Any = oa.body().get("msg_id")
    job = oa.state.get("mass", oa.appid, value) if isinstance(value, (int, str)) else None
    if job is None:
        raise Refused(40059, "invalid msg id")
    return job


def get(oa: Oa) -> Doc:
    """How far a job is; it never tells counts."""
    job = job_of(oa)
    return {"msg_id": job["msg_id"], "msg_status": "SENDING" if job["status"] == "CONFIRMING" else job["status"]}


def delete(oa: Oa) -> Doc:
    """Kill the pages of a sent job, and of every other send of the same material; the cards stay in the chats."""
    job = job_of(oa)
    if job["status"] != "SEND_SUCCESS" or job["msgtype"] not in ("mpnews", "mpvideo"):
        raise Refused(40059, "invalid msg id")
    index = oa.number("article_idx", 0)
    if index > len(job["articles"]):
        raise Refused(40114, "invalid article_idx")
    for other in oa.state.page("mass", oa.appid):
        if other["material"] == job["material"] and other["status"] == "SEND_SUCCESS":
            ids = other["articles"]
            articles.set_state(oa.world, ids if index == 0 else ids[index - 1 : index], "deleted")
            if all(articles.get(oa.world, id)["state"] == "deleted" for id in ids):
                oa.state.put("mass", oa.appid, other["msg_id"], other | {"status": "DELETE"})
    return {"errcode": 0, "errmsg": "ok"}


def speed_get(oa: Oa) -> Doc:
    """How fast jobs run, in ten thousands a minute."""
    speed = (oa.state.get("speed", oa.appid, "now") or {"speed": 0})["speed"]
    return {"speed": speed, "realspeed": SPEEDS[speed]}


def speed_set(oa: Oa) -> Doc:
    """Choose one of five speeds."""
    if "speed" not in oa.body():
        raise Refused(45084, "speed missing")
    speed = oa.body()["speed"]
    if speed not in (0, 1, 2, 3, 4) or isinstance(speed, bool):
        raise Refused(45083, "speed out of range")
    oa.state.put("speed", oa.appid, "now", {"speed": speed})
    return {"errcode": 0, "errmsg": "ok"}


APIS = {
    "message/mass/sendall": Api(sendall, right="verified", per_day=100, per_minute=PER_MINUTE, group="mass"),
    "message/mass/send": Api(send, right="service", per_day=100, per_minute=PER_MINUTE, group="mass"),
    "message/mass/preview": Api(preview, right="verified", per_day=100, per_minute=PER_MINUTE),
    "message/mass/get": Api(get, right="verified"),
    "message/mass/delete": Api(delete, right="verified", per_day=10),
    "message/mass/speed/get": Api(speed_get, right="verified"),
    "message/mass/speed/set": Api(speed_set, right="verified"),
}
