"""The books of WeCom's apps: what each member and chat really got, and what nobody was told of."""

from __future__ import annotations

import json

from sandbox import wecom_inbox
from sandbox.actors import Corp, load_all
from sandbox.clock import iso
from sandbox.state import Doc, State
from sandbox.world import World

MESSAGE_FIELDS = (
    "corpid",
    "agentid",
    "chatid",
    "at",
    "msgid",
    "msgtype",
    "text",
    "bytes",
    "articles",
    "pages",
    "file",
    "image",
    "task_id",
    "buttons",
    "addressed",
    "received",
    "recalled",
)


def written(world: World, since: float) -> Doc:
    """Messages, chats, callbacks and repeats."""
    state = world.state
    return {
        "wecom_messages": messages(state, "wecom_app", since),
        "wecom_chats": chats(state, since),
        "wecom_repeats": repeats(state, since),
        "wecom_callbacks": state.page("wecom_callback", ""),
    }


def persons(world: World, since: float, userid: str, msgid: str) -> Doc:
    """Each person's own lines, which may be many thousands unless a member or a message is named."""
    return {
        name: wecom_inbox.people(world.state, since, dropped, userid, msgid)
        for name, dropped in (("wecom_people", False), ("wecom_dropped", True))
    }


def messages(state: State, vendor: str, since: float, chat: str = "") -> list[Doc]:
    """Accepted messages, with how many were addressed, how many got it and how many pressed a button."""
    sql = "SELECT doc FROM posts WHERE vendor=? AND at>=? AND ? IN ('', chat) ORDER BY id"
    docs = [json.loads(text) for (text,) in state.rows(sql, (vendor, since, chat))]
    pressed = dict(state.rows("SELECT post, count(*) FROM wecom_inbox WHERE pressed<>'' GROUP BY post"))
    return [
        {name: doc[name] for name in MESSAGE_FIELDS if name in doc} | {"pressed": pressed.get(doc["post"], 0)}
        for doc in docs
    ]


def chats(state: State, since: float) -> list[Doc]:
    """Every chat with what was said in it."""
    found = [chat for corp in load_all(state, Corp) for chat in state.page("wecom_chat", corp.corpid)]
    return [
        {name: chat[name] for name in ("corpid", "chatid", "name", "owner", "users")}
        | {"messages": messages(state, "wecom_chat", since, f"{chat['corpid']}:{chat['chatid']}")}
        for chat in found
    ]


def repeats(state: State, since: float) -> list[Doc]:
    """Repeats that were answered with 0 and delivered to nobody."""
    kept = [doc for doc in state.page("wecom_repeat", "") if doc["moment"] >= since]
    return [{key: value for key, value in doc.items() if key != "moment"} | {"at": iso(doc["moment"])} for doc in kept]
