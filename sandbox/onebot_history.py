"""Reading back what was said in a group: get_msg and get_group_msg_history."""

from __future__ import annotations

from sandbox.actors import Bot
from sandbox.onebot_call import Door, Failed, as_id, message_number
from sandbox.onebot_text import to_cq
from sandbox.state import Doc, Post

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
    rows = door.world.state.posts_by_handle("qq", door.number("message_id"))
    return rows[0] if rows and not rows[0][4].get("recalled") else None


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
    return {"messages": [message_of(doc, at, seq, handle_of(door, id), door.bot) for id, _, at, seq, doc in rows]}


def history_start(door: Door, group_id: str) -> int | None:
    """The row to read back from; None for the newest."""
    if door.params.get("message_seq") in (None, "", 0, "0"):
        return None
    start = door.number("message_seq")
    found = door.world.state.one(
        "SELECT id FROM posts WHERE vendor='qq' AND chat=? AND (handle=? OR seq=?) ORDER BY handle=? DESC LIMIT 1",
        (group_id, start, start, start),
    )
    if found is None:
        raise Failed(f"消息{start}不存在")
    return int(found)


def handle_of(door: Door, id: int) -> int:
    """The message id of a row; one that a restart has forgotten gets a new one."""
    state = door.world.state
    handle = state.one("SELECT handle FROM posts WHERE id=?", (id,))
    if handle is None:
        handle = message_number(door.world)
        state.run("UPDATE posts SET handle=? WHERE id=?", (handle, id))
    return int(handle)
