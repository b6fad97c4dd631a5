"""Group chats that an app makes and writes into.

https://developer.work.weixin.qq.com/document/path/90245
"""

from __future__ import annotations

import re

from sandbox.state import Doc
from sandbox.wecom_call import Api, Work
from sandbox.wecom_content import CHAT_READERS, read
from sandbox.wecom_directory import ROOT, key_of, people
from sandbox.wecom_inbox import post
from sandbox.wire import Refused, hex_id

FEWEST, MOST = 2, 2000
NAME_LENGTH = 50
CREATES_PER_DAY, UPDATES_PER_HOUR = 1000, 1000
PERSONS_PER_MINUTE = 20_000


def create(work: Work) -> Doc:
    """Make a chat under an id of one's own, or one the vendor thinks up."""
    check_root(work)
    chatid = work.text("chatid") or hex_id(32)
    check_id(chatid)
    if work.state.get("wecom_chat", work.corp.corpid, chatid) is not None:
        raise Refused(86215, "chatid has existed")
    users = members_of(work, "userlist")
    owner = owner_of(work, users) or users[0]
    take(work, "creates", work.today, CREATES_PER_DAY)
    chat = {"chatid": chatid, "key": work.app.key, "name": work.text("name")[:NAME_LENGTH], "owner": owner}
    work.state.put("wecom_chat", work.corp.corpid, chatid, chat | {"corpid": work.corp.corpid, "users": users})
    return {"chatid": chatid}


def check_root(work: Work) -> None:
    """Only an app that sees the whole company may have chats."""
    if ROOT not in {int(id) for id in work.app.scope.get("departments", [])}:
        raise Refused(48002, "api forbidden")


def check_id(chatid: str) -> None:
    """A chat's id is short and plain."""
    if not re.fullmatch(r"[0-9a-zA-Z]{1,32}", chatid):
        raise Refused(86001, "invalid chatid")


def members_of(work: Work, name: str) -> list[str]:
    """The user ids of a list, as the company writes them; each must exist."""
    asked = list(dict.fromkeys(key_of(user) for user in work.names(name)))
    if name == "userlist" and not FEWEST <= len(asked) <= MOST:
        raise Refused(86006, "invalid chat member count")
    found = people(work.state, work.corp.corpid, asked)
    if len(found) < len(asked):
        raise Refused(86216, "exist invalid chat member")
    return [found[key][0] for key in asked]


def owner_of(work: Work, users: list[str]) -> str:
    """The owner a body names, who must be in the chat; or an empty string."""
    asked = key_of(work.text("owner"))
    if not asked:
        return ""
    owner = next((user for user in users if key_of(user) == asked), None)
    if owner is None:
        raise Refused(86207, "owner not in userlist")
    return owner


def take(work: Work, what: str, period: str, most: int, n: int = 1) -> None:
    """Count against a company-wide limit of a day, an hour or a minute."""
    name = f"{work.corp.corpid}:chat_{what}"
    if work.state.used(name, period) + n > most:
        raise Refused(45009, "api freq out of limit")
    work.state.use(name, period, n)


def own_chat(work: Work, chatid: str) -> Doc:
    """A chat that this app has made."""
    check_root(work)
    check_id(chatid)
    chat = work.state.get("wecom_chat", work.corp.corpid, chatid)
    if chat is None:
        raise Refused(86003, "chatid not exist")
    if chat["key"] != work.app.key:
        raise Refused(86008, "chat is not created by this agent")
    return chat


def get(work: Work) -> Doc:
    """A chat's name, owner and members."""
    chat = own_chat(work, work.call.query("chatid"))
    info = {name: chat[name] for name in ("chatid", "name", "owner")}
    return {"chat_info": info | {"userlist": chat["users"], "chat_type": 0}}


def update(work: Work) -> Doc:
    """Change a chat's name, owner or members."""
    chat = own_chat(work, work.text("chatid"))
    added, removed = members_of(work, "add_user_list"), [key_of(user) for user in work.names("del_user_list")]
    if set(removed) - {key_of(user) for user in chat["users"]}:
        raise Refused(86216, "exist invalid chat member")
    users = [user for user in dict.fromkeys([*chat["users"], *added]) if key_of(user) not in removed]
    if not FEWEST <= len(users) <= MOST:
        raise Refused(86006, "invalid chat member count")
    owner = owner_of(work, users) or chat["owner"]
    if owner not in users:
        raise Refused(86207, "owner not in userlist")
    take(work, "updates", f"{work.now // 3600:.0f}h", UPDATES_PER_HOUR)
    name = work.text("name")[:NAME_LENGTH] or chat["name"]
    changed = chat | {"name": name, "owner": owner, "users": users}
    work.state.put("wecom_chat", work.corp.corpid, chat["chatid"], changed)
    return {}


def send(work: Work) -> Doc:
    """Write into a chat; there is no message id, so nothing said here can be recalled or asked after."""
    chat = own_chat(work, work.text("chatid"))
    message = read(work, CHAT_READERS)
    # Whoever has left the company has left its chats.
    members = list(people(work.state, work.corp.corpid, [key_of(user) for user in chat["users"]]))
    take(work, "persons", f"{work.now // 60:.0f}m", PERSONS_PER_MINUTE, len(members))
    post(work, "chats", f"{work.corp.corpid}:{chat['chatid']}", message | {"chatid": chat["chatid"]}, members)
    return {}


APIS = {
    "appchat/create": Api(create),
    "appchat/get": Api(get, method="GET"),
    "appchat/update": Api(update),
    "appchat/send": Api(send),
}
