"""Events a OneBot posts to its user, signed.

https://github.com/botuniverse/onebot-11/blob/master/communication/http-post.md
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging

import requests

from sandbox.actors import Bot, Group, load, load_all
from sandbox.faults import CALLBACK_KINDS
from sandbox.onebot_call import as_id
from sandbox.state import Doc
from sandbox.world import World

log = logging.getLogger(__name__)
POST_TIMEOUT = 5.0


def emit(world: World, bot: Bot, event: Doc) -> None:
    """Queue an event; without a URL nobody listens, and a fault may bring it twice, late, forged or never."""
    if not bot.event_url:
        return
    fault = world.faults.pick(("onebot.callback",), {"self_id": bot.self_id}, CALLBACK_KINDS)
    kind = fault.kind if fault else ""
    at = world.now() + (fault.seconds if fault and kind == "callback_late" else 0.0)
    event = {"time": int(world.now()), "self_id": as_id(bot.self_id), **event}
    entry = {"self_id": bot.self_id, "event": event, "forged": kind == "callback_bad_signature"}
    for _ in range({"callback_dup": 2, "callback_never": 0}.get(kind, 1)):
        world.due.add(at, "onebot_event", entry)


def signature(secret: str, body: bytes) -> str:
    """The X-Signature header of a body."""
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def deliver(world: World, entry: Doc) -> None:
    """Post one queued event once; the protocol has no retries."""
    bot = load(world.state, Bot, entry["self_id"])
    if bot is None or not bot.event_url:
        return
    body = json.dumps(entry["event"], ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-Self-ID": bot.self_id, "User-Agent": "OneBot/11"}
    secret = bot.secret or (bot.token if bot.dialect == "napcat" else "")  # NapCat has one secret for both ways
    if entry.get("forged"):
        secret = f"not {secret}"
    if secret:
        headers["X-Signature"] = signature(secret, body)
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.post(bot.event_url, data=body, headers=headers, timeout=POST_TIMEOUT)
    except requests.RequestException as error:
        log.info("event not taken: %s", type(error).__name__, extra={"action": "event_lost"})


def group_changed(world: World, old: Group, new: Group) -> None:
    """Tell the bots what an administrator did to them in a group, and to all of it."""
    base: Doc = {"post_type": "notice", "group_id": as_id(new.group_id), "operator_id": 10001}
    for bot in load_all(world.state, Bot):
        before, after = old.seat(bot.self_id), new.seat(bot.self_id)
        mine = base | {"user_id": as_id(bot.self_id)}
        if before.joined and not after.joined:
            emit(world, bot, mine | {"notice_type": "group_decrease", "sub_type": "kick_me"})
        if not before.joined and after.joined:
            emit(world, bot, mine | {"notice_type": "group_increase", "sub_type": "invite"})
        if before.role != after.role and "member" in (before.role, after.role):
            how = "unset" if after.role == "member" else "set"
            emit(world, bot, mine | {"notice_type": "group_admin", "sub_type": how})
        if before.muted != after.muted:
            emit(world, bot, mine | banned(after.muted))
        if old.all_muted != new.all_muted:
            emit(world, bot, base | banned(new.all_muted) | {"user_id": 0})


def banned(muted: bool) -> Doc:
    """What a ban or its end says of itself."""
    ban = {"notice_type": "group_ban", "sub_type": "ban" if muted else "lift_ban"}
    return ban | {"duration": 2592000 if muted else 0}


def recalled(world: World, bot: Bot, group_id: str, message_id: int, author: str) -> None:
    """Tell the bot that a message was taken back."""
    event = {
        "post_type": "notice",
        "notice_type": "group_recall",
        "group_id": as_id(group_id),
        "message_id": message_id,
    }
    emit(world, bot, event | {"user_id": as_id(author), "operator_id": as_id(bot.self_id)})


def lifecycle(world: World, bot: Bot, sub_type: str) -> None:
    """Tell the user that the bot came up or went down."""
    emit(world, bot, {"post_type": "meta_event", "meta_event_type": "lifecycle", "sub_type": sub_type})


def heartbeat(world: World, bot: Bot) -> None:
    """One beat; a real bot sends one every few seconds, here one comes when its state has changed or is asked for."""
    status = {"online": bot.online, "good": bot.online or bot.dialect == "napcat"}
    emit(world, bot, {"post_type": "meta_event", "meta_event_type": "heartbeat", "status": status, "interval": 30_000})
