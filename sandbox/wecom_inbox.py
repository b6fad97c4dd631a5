"""What arrives with each member: one row per person and message, and the silent dropping above the limits."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sandbox.actors import Corp, load_all
from sandbox.clock import iso
from sandbox.state import Doc, State
from sandbox.wecom_call import Work
from sandbox.wecom_directory import key_of
from sandbox.world import World

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
# How often one member may hear from an app, and from all of a company's app chats; more is dropped without a word.
PER_MEMBER = {"app": ((MINUTE, 30), (HOUR, 1000)), "chats": ((MINUTE, 200), (DAY, 10_000))}
VENDORS = {"app": "wecom_app", "chats": "wecom_chat"}
SHOWN = 12


def post(work: Work, kind: str, chat: str, doc: Doc, members: Collection[str]) -> Doc:
    """Keep a message and put it into its members' inboxes; returns it with its number and how many got it."""
    number = work.state.next_number("wecom_post")
    dropped = deliver(work, number, members, kind)
    doc |= {"corpid": work.corp.corpid, "agentid": work.app.agentid, "at": iso(work.now), "post": number}
    doc |= {"addressed": len(members), "received": len(members) - dropped, "nickname": work.app.name or "应用"}
    work.state.post(VENDORS[kind], chat, work.now, doc, handle=number)
    return doc


def deliver(work: Work, number: int, members: Collection[str], kind: str) -> int:
    """Fill the inboxes; returns how many members were passed over in silence."""
    state, now = work.state, work.now
    door = work.app.key if kind == "app" else f"{work.corp.corpid}:chats"
    full: set[str] = set()
    for window, most in PER_MEMBER[kind]:
        full |= overfed(state, door, members, now, window, most)
        state.hit(f"{door}:{window:.0f}", now)
    state.run_many(
        "INSERT INTO wecom_inbox (post, corp, member, door, at, dropped) VALUES (?,?,?,?,?,?)",
        [(number, work.corp.corpid, member, door, now, int(member in full)) for member in members],
    )
    return sum(member in full for member in members)


def overfed(state: State, door: str, members: Collection[str], now: float, window: float, most: int) -> set[str]:
    """Who of the members has had all that a window allows."""
    # Nobody gets a message twice, so with fewer messages than the limit there is no need to count per member.
    if state.hits_since(f"{door}:{window:.0f}", now - window) < most:
        return set()
    sql = (
        "SELECT a.value FROM json_each(?) a CROSS JOIN wecom_inbox i ON i.door=? AND i.member=a.value"
        " WHERE i.at>? AND NOT i.dropped GROUP BY a.value HAVING count(*)>=?"
    )
    return {member for (member,) in state.rows(sql, (json.dumps(list(members)), door, now - window, most))}


def find(state: State, number: int) -> tuple[int, Doc]:
    """A message of an app by its number: its row and what is kept of it."""
    ((row, _, _, _, doc),) = state.posts_by_handle("wecom_app", number)
    return row, doc


def people(state: State, since: float, dropped: bool, userid: str = "", msgid: str = "") -> list[Doc]:
    """Every delivery since a moment, or every one silently dropped; of one member or one message if that is named."""
    sql = (
        "SELECT coalesce(m.userid, i.member), i.corp, i.at, i.pressed, i.pressed_at, i.replaced, p.doc"
        " FROM wecom_inbox i JOIN posts p ON p.handle=i.post AND p.vendor IN ('wecom_app', 'wecom_chat')"
        " LEFT JOIN wecom_members m ON m.corp=i.corp AND m.member=i.member"
        " WHERE i.at>=? AND i.dropped=? AND ? IN ('', i.member) AND ? IN ('', i.post) ORDER BY i.post, i.member"
    )
    number = (state.get("wecom_msgid", "", msgid) or {"post": 0})["post"] if msgid else ""
    docs: dict[str, Doc] = {}  # a message to thousands is read once
    return [line(row, docs) for row in state.rows(sql, (since, int(dropped), key_of(userid), number))]


def line(row: tuple[Any, ...], docs: dict[str, Doc]) -> Doc:
    """One delivery as the books show it."""
    userid, corpid, at, pressed, pressed_at, replaced, text = row
    if text not in docs:
        docs[text] = json.loads(text)
    doc = docs[text]
    entry = {"userid": userid, "corpid": corpid, "at": iso(at)}
    entry |= {name: doc[name] for name in ("agentid", "chatid", "msgid", "msgtype", "text", "recalled") if name in doc}
    if pressed:
        entry |= {"pressed": pressed, "pressed_at": iso(pressed_at)}
    return entry | ({"replaced": replaced} if replaced else {})


def recent(world: World, chosen: str) -> list[tuple[str, str, str]]:
    """(address, name, company) of the members whom something reached last, few enough for a list, and a chosen one."""
    sql = (
        "SELECT i.corp, i.member, min(m.name) FROM (SELECT corp, member, post FROM wecom_inbox"
        " WHERE NOT dropped AND door NOT LIKE '%:chats' ORDER BY post DESC, member LIMIT 500) i JOIN wecom_members m USING (corp, member)"
        " GROUP BY i.corp, i.member ORDER BY max(i.post) DESC, i.member LIMIT ?"
    )
    names = {corp.corpid: corp.name or corp.corpid for corp in load_all(world.state, Corp)}
    rows = world.state.rows(sql, (SHOWN,))
    rows += world.state.rows("SELECT corp, member, name FROM wecom_members WHERE corp || ':' || member = ?", (chosen,))
    return [(f"{corp}:{member}", name, names[corp]) for corp, member, name in dict.fromkeys(rows)]


def messages(world: World, address: str, limit: int, recalled: bool = True) -> list[tuple[str, float, str]]:
    """(vendor, time, content) of what reached a member, newest first, with or without what was recalled."""
    corpid, _, member = address.partition(":")
    sql = (
        "SELECT p.vendor, p.at, p.doc FROM wecom_inbox i JOIN posts p ON p.handle=i.post AND p.vendor='wecom_app'"
        " WHERE i.corp=? AND i.member=? AND NOT i.dropped AND p.recalled<=? ORDER BY i.post DESC LIMIT ?"
    )
    return [(vendor, at, doc) for vendor, at, doc in world.state.rows(sql, (corpid, member, int(recalled), limit))]


def received(world: World, address: str) -> int:
    """How many messages of apps reached a member."""
    corpid, _, member = address.partition(":")
    sql = "SELECT count(*) FROM wecom_inbox WHERE corp=? AND member=? AND NOT dropped AND door NOT LIKE '%:chats'"
    return int(world.state.one(sql, (corpid, member)))
