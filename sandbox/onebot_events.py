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
from sandbox.onebot_call import as_id
from sandbox.state import Doc
from sandbox.world import World

log = logging.getLogger(__name__)
POST_TIMEOUT = 5.0


def emit(world: World, bot: Bot, event: Doc) -> None:
    """Queue an event; without a URL nobody listens."""
    if bot.event_url:
        event = {"time": int(world.now()), "self_id": as_id(bot.self_id), **event}
        world.due.add(world.now(), "onebot_event", {"self_id": bot.self_id, "event": event})


def emit_all(world: World, event: Doc) -> None:
    """Queue an event for every bot."""
    for bot in load_all(world.state, Bot):
        emit(world, bot, event | ({"user_id": as_id(bot.self_id)} if event.get("user_id") == "self" else {}))


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
    if secret:
        headers["X-Signature"] = signature(secret, body)
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.post(bot.event_url, data=body, headers=headers, timeout=POST_TIMEOUT)
    except requests.RequestException as error:
        log.info("event not taken: %s", type(error).__name__, extra={"action": "event_lost"})


def group_changed(world: World, old: Group, new: Group) -> None:
    """Tell the bots what an administrator did to them in a group."""
    base: Doc = {"post_type": "notice", "group_id": as_id(new.group_id), "operator_id": 10001}
    if old.joined and not new.joined:
        emit_all(world, base | {"notice_type": "group_decrease", "sub_type": "kick_me", "user_id": "self"})
    if not old.joined and new.joined:
        emit_all(world, base | {"notice_type": "group_increase", "sub_type": "invite", "user_id": "self"})
    if old.role != new.role and "member" in (old.role, new.role):
        emit_all(
            world,
            base
            | {"notice_type": "group_admin", "sub_type": "unset" if new.role == "member" else "set", "user_id": "self"},
        )
    for before, after, who in ((old.muted, new.muted, "self"), (old.all_muted, new.all_muted, 0)):
        if before != after:
            ban = {"notice_type": "group_ban", "sub_type": "ban" if after else "lift_ban", "user_id": who}
            emit_all(world, base | ban | {"duration": 2592000 if after else 0})


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
