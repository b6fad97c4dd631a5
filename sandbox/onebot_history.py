"""Reading back what was said in a group: get_msg and get_group_msg_history.

A message's id is the bot's own short one: another bot has another for the same message, and a restart forgets it.
"""

from __future__ import annotations

import json

from sandbox.actors import Bot
from sandbox.onebot_call import Door, Failed, as_id, message_number
from sandbox.onebot_text import to_cq
from sandbox.state import Doc, Post
from sandbox.world import World

MAX_COUNT = 100


def message_of(doc: Doc, at: float, seq: int | None, handle: int | None, bot: Bot) -> Doc:
    """A kept message in the shape of an event; the bot's own carry its own id as the sender."""
    sender = {
        "user_id": as_id(doc["user_id"]),
        "nickname": doc.get("nickname", ""),
        "card": "",
        "role": doc.get("role", "member"),
    }
    return {
        "self_id": as_id(bot.self_id),
        "user_id": as_id(doc["user_id"]),
        "time": int(at),
        "message_id": handle,
        "message_seq": seq,
        "real_id": seq,
        "message_type": "group",
        "sub_type": "normal",
        "group_id": as_id(doc["group_id"]),
        "sender": sender,
        "message": doc["segments"],
        "raw_message": to_cq(doc["segments"]),
        "message_format": "array",
        "font": 14,
        "post_type": "message_sent" if doc["user_id"] == bot.self_id else "message",
    }


def read_post(door: Door) -> Post | None:
    """The message with the call's message_id, unless recalled or forgotten in a restart."""
    sql = (
        "SELECT p.id, p.chat, p.at, p.seq, p.doc FROM qq_ids i JOIN posts p ON p.id=i.post WHERE i.bot=? AND i.handle=?"
    )
    rows = door.world.state.rows(sql, (door.bot.self_id, door.number("message_id")))
    found = [(id, str(chat), at, seq, json.loads(doc)) for id, chat, at, seq, doc in rows]
    return found[0] if found and not found[0][4].get("recalled") else None


def get_msg(door: Door) -> Doc:
    """One message by its id."""
    row = read_post(door)
    if row is None:
        raise Failed("消息不存在")
    _, _, at, seq, doc = row
    return message_of(doc, at, seq, door.number("message_id"), door.bot)


def get_group_msg_history(door: Door) -> Doc:
    """The newest messages up to message_seq (a sequence number or a message id), oldest first."""
    group = door.group()
    count = min(MAX_COUNT, max(1, door.number("count", 20)))
    upto = history_start(door, group.group_id)
    rows = door.world.state.posts("qq", group.group_id, upto=upto, limit=count)
    if not rows:
        raise Failed(f"消息{door.params.get('message_seq', '')}不存在")
    return {"messages": [message_of(doc, at, seq, id_of(door, id), door.bot) for id, _, at, seq, doc in rows]}


def history_start(door: Door, group_id: str) -> int | None:
    """The row to read back from; None for the newest."""
    if door.params.get("message_seq") in (None, "", 0, "0"):
        return None
    start = door.number("message_seq")
    found = door.world.state.one(
        "SELECT p.id FROM posts p LEFT JOIN qq_ids i ON i.post=p.id AND i.bot=? AND i.handle=?"
        " WHERE p.vendor='qq' AND p.chat=? AND (i.handle IS NOT NULL OR p.seq=?) ORDER BY i.handle IS NULL LIMIT 1",
        (door.bot.self_id, start, group_id, start),
    )
    if found is None:
        raise Failed(f"消息{start}不存在")
    return int(found)


def id_of(door: Door, post: int) -> int:
    """The id under which the bot knows a message; one it has not met, or has forgotten, gets a new one."""
    state = door.world.state
    known = state.one("SELECT handle FROM qq_ids WHERE bot=? AND post=?", (door.bot.self_id, post))
    if known is not None:
        return int(known)
    handle = message_number(door.world)
    remember(door.world, door.bot, handle, post)
    return handle


def remember(world: World, bot: Bot, handle: int, post: int) -> None:
    """The bot knows a message by this id from now on."""
    world.state.run("INSERT INTO qq_ids VALUES (?,?,?)", (bot.self_id, handle, post))


def forget(world: World, bot: Bot) -> None:
    """The bot was restarted: what it still names by an old id it does not find."""
    world.state.run("DELETE FROM qq_ids WHERE bot=?", (bot.self_id,))
