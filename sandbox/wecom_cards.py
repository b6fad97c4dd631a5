"""Template cards: what they must have, their buttons, and how one is changed after it was sent.

https://developer.work.weixin.qq.com/document/path/94888
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sandbox.state import Doc
from sandbox.wecom_call import Api, Work, missing, string, whole
from sandbox.wecom_content import Read, link
from sandbox.wecom_directory import find_tag, key_of, seated, subtree, tagged
from sandbox.wecom_inbox import find
from sandbox.wire import Refused, hex_id
from sandbox.world import World

CODE_LIFE = 72 * 3600.0
KEY_BYTES = 1024
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
# Cards that must say where a tap on them leads, and cards that must have something to press.
LINKED = ("text_notice", "news_notice")
PRESSED = ("button_interaction", "vote_interaction", "multiple_interaction")


def read_card(work: Work, body: Doc) -> Read:
    """A card of one of the five kinds."""
    kind = body.get("card_type")
    if kind not in LINKED + PRESSED:
        raise missing("template_card.card_type", "invalid")
    title, more = words(body, str(kind))
    if kind == "news_notice" and not (body.get("card_image") or body.get("image_text_area")):
        raise missing("template_card.card_image")
    url = card_url(body, str(kind))
    if (kind in PRESSED or part(body, "action_menu")) and not work.app.callback_url:
        raise Refused(43012, "callback url of the app is needed")
    buttons, menu = pressables(body, str(kind)), menu_of(body)
    task_id = read_task(body, needed=bool(menu) or kind in PRESSED)
    extra: Doc = {"card_type": kind, "task_id": task_id, "buttons": buttons, "menu": menu, "url": url}
    said = [title, more, *(f"[{text}]" for text in buttons.values())]
    return "\n".join(part for part in said if part), extra


def words(body: Doc, kind: str) -> tuple[str, str]:
    """The card's title and the text below it."""
    main = part(body, "main_title")
    title, more = string(main, "title"), string(body, "sub_title_text") or string(main, "desc")
    if not title and not (kind == "text_notice" and string(body, "sub_title_text")):
        raise missing("template_card.main_title.title")
    return title or more, more if title else ""


def part(body: Doc, name: str) -> Doc:
    """A part of a card, empty when it is left out."""
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise missing(f"template_card.{name}", "should be object")
    return value


def parts(body: Doc, name: str, most: int) -> list[Doc]:
    """One to so many parts of a card."""
    value = body.get(name)
    if not isinstance(value, list) or not 1 <= len(value) <= most or not all(isinstance(v, dict) for v in value):
        raise missing(f"template_card.{name}", f"should hold 1 to {most} objects")
    return value


def card_url(body: Doc, kind: str) -> str:
    """Where a tap on the whole card leads."""
    action = part(body, "card_action")
    if action.get("type") not in (1, 2):
        if kind in LINKED:
            raise missing("template_card.card_action")
        return ""
    return link(action) if action["type"] == 1 else ""


def pressables(body: Doc, kind: str) -> dict[str, str]:
    """Key and words of what a member may press."""
    if kind not in PRESSED:
        return {}
    if kind == "button_interaction":
        buttons = parts(body, "button_list", 6)
        for one in buttons:
            if one.get("type") == 1:
                link(one)
        return keyed(one for one in buttons if one.get("type", 0) == 0)
    if kind == "vote_interaction":
        parts(part(body, "checkbox"), "option_list", 20)
    else:
        parts(body, "select_list", 3)
    return keyed([part(body, "submit_button")])


def menu_of(body: Doc) -> dict[str, str]:
    """Key and words of the menu in the card's corner."""
    menu = part(body, "action_menu")
    return keyed(parts(menu, "action_list", 3)) if menu else {}


def keyed(buttons: Iterable[Doc]) -> dict[str, str]:
    """Buttons by their keys, which must differ."""
    found: dict[str, str] = {}
    for button in buttons:
        key = string(button, "key")
        if not key:
            raise Refused(42019, "missing button key")
        if len(key.encode()) > KEY_BYTES or key in found:
            raise Refused(42018, "invalid button key")
        if not string(button, "text"):
            raise Refused(42020, "missing button name")
        found[key] = string(button, "text")
    return found


def read_task(body: Doc, needed: bool) -> str:
    """The card's task id; a card that can be pressed must have one."""
    task_id = string(body, "task_id")
    if not task_id and not needed:
        return ""
    if not TASK_ID.fullmatch(task_id):
        raise Refused(42014, "invalid task_id")
    return task_id


def remember_task(work: Work, message: Doc) -> None:
    """Let a press name the card by its task id."""
    if message.get("task_id"):
        work.state.put("wecom_task", work.app.key, message["task_id"], {"post": message["post"]})


def new_code(world: World, key: str, post: int) -> str:
    """A code with which the app may change the card, once and within 72 hours."""
    code = hex_id(43)
    world.state.put("wecom_code", "", code, {"key": key, "post": post, "until": world.now() + CODE_LIFE, "used": False})
    return code


def update_card(work: Work) -> Doc:
    """Change a card for some or all who have it: its button turns grey, or another card takes its place."""
    if whole(work.body(), "agentid") != work.app.agentid:
        raise Refused(301002, "not allow operate another agent with this accesstoken")
    code = work.text("response_code")
    doc = work.state.get("wecom_code", "", code)
    if doc is None or doc["until"] <= work.now:
        raise missing("response_code", "invalid")
    if doc["key"] != work.app.key:
        raise Refused(42015, "the card was sent by another agent")
    if doc["used"]:
        raise Refused(42022, "response_code has been used")
    words = replacement(work)
    members, strangers = owners(work, int(doc["post"]))
    work.state.put("wecom_code", "", code, doc | {"used": True})
    work.state.run_many(
        "UPDATE wecom_inbox SET replaced=? WHERE post=? AND member=?",
        [(words, doc["post"], member) for member in members],
    )
    return {"invaliduser": strangers}


def replacement(work: Work) -> str:
    """What the card says afterwards."""
    button, card = work.body().get("button"), work.body().get("template_card")
    if isinstance(button, dict) and string(button, "replace_name"):
        return string(button, "replace_name")
    if not isinstance(card, dict):
        raise missing("button.replace_name")
    return "\n".join(text for text in words(card, str(card.get("card_type"))) if text)


def owners(work: Work, post: int) -> tuple[set[str], list[str]]:
    """Those of the people named who have the card, and the user ids among them that do not."""
    rows = work.state.rows("SELECT member FROM wecom_inbox WHERE post=? AND NOT dropped", (post,))
    have = {member for (member,) in rows}
    if whole(work.body(), "atall", 0) == 1:
        return have, []
    users = [key_of(user) for user in work.names("userids")]
    departments = subtree(work.corp, [id for id in work.names("partyids") if id.isdecimal()])
    found = set(users) | seated(work.state, work.corp.corpid, departments)
    for tag in (find_tag(work.corp, id) for id in work.names("tagids")):
        found |= tagged(work.state, work.corp, tag) if tag else set()
    if not found:
        raise Refused(82001, "userids, partyids and tagids are all empty")
    if not found & have:
        raise Refused(81013, "user & party & tag all invalid")
    return found & have, [user for user in users if user not in have]


def press(world: World, key: str, member: str, order: Doc) -> tuple[Doc, str]:
    """A member presses a button of a card they have; returns the card and the event's name, ValueError says why not."""
    number = named_post(world, key, order)
    _, doc = find(world.state, number)
    rows = world.state.rows("SELECT dropped, replaced FROM wecom_inbox WHERE post=? AND member=?", (number, member))
    if not rows or rows[0][0]:
        raise ValueError("this member has not received the card")
    if "recalled" in doc:
        raise ValueError("the card was recalled")
    pressed = str(order.get("key", ""))
    event = event_of(doc, pressed, grey=bool(rows[0][1]))
    sql = "UPDATE wecom_inbox SET pressed=?, pressed_at=? WHERE post=? AND member=?"
    world.state.run(sql, (pressed, world.now(), number, member))
    return doc, event


def event_of(card: Doc, pressed: str, grey: bool) -> str:
    """What a press makes: the menu in the corner and the buttons have events of their own."""
    buttons, menu = card.get("buttons", {}), card.get("menu", {})
    if pressed in menu:
        return "template_card_menu_event"
    if pressed not in buttons:
        raise ValueError(f"the card has no such button; it has {sorted([*buttons, *menu])}")
    if grey:
        raise ValueError("the card's buttons are grey: it was updated")
    return "template_card_event"


def named_post(world: World, key: str, order: Doc) -> int:
    """The number of the card that an order names by task id or message id."""
    kind, scope, id = "wecom_task", key, order.get("task_id")
    if id is None:
        kind, scope, id = "wecom_msgid", "", order.get("msgid")
    found = world.state.get(kind, scope, id)
    if found is None or found.get("key", key) != key:
        raise ValueError("this app has sent no such card")
    return int(found["post"])


APIS = {"message/update_template_card": Api(update_card)}
