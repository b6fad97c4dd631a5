"""What the admin API can do with a WeCom company: set it up, and act as its members and its console."""

from __future__ import annotations

from collections.abc import Callable

from sandbox import wecom_callbacks
from sandbox.actors import App, Corp, load, upsert
from sandbox.state import Doc, State
from sandbox.wechat_callbacks import cdata
from sandbox.wecom_cards import new_code, press
from sandbox.wecom_directory import Person, key_of, people, set_up_members, set_up_tags
from sandbox.wecom_tokens import expire_all
from sandbox.world import World

PARTS = ("corps", "apps")


def set_up(state: State, order: Doc) -> None:
    """Create or change companies, with their members, and apps."""
    for raw in order.get("corps", []):
        fields = {key: value for key, value in raw.items() if key != "members"}
        if "tags" in raw:
            fields["tags"] = [{key: value for key, value in tag.items() if key != "users"} for tag in raw["tags"]]
        corp = upsert(state, Corp, fields)
        set_up_members(state, corp.corpid, raw.get("members", []))
        set_up_tags(state, corp.corpid, raw.get("tags", []))
    for raw in order.get("apps", []):
        app = upsert(state, App, raw | {"key": f"{raw['corpid']}:{raw['agentid']}"})
        if load(state, Corp, app.corpid) is None:
            raise ValueError(f"no such corp in this sandbox: {app.corpid}")


def app_named(world: World, order: Doc) -> App:
    """The app an order is about."""
    app = load(world.state, App, f"{order.get('corpid')}:{order.get('agentid')}")
    if app is None:
        raise ValueError(f"no such app in this sandbox: {order.get('corpid')}:{order.get('agentid')}")
    return app


def member_named(world: World, app: App, order: Doc) -> Person:
    """The member an order is about."""
    key = key_of(order.get("userid"))
    found = people(world.state, app.corpid, [key])
    if key not in found:
        raise ValueError(f"no such member in this company: {order.get('userid')}")
    return found[key]


def press_button(world: World, order: Doc) -> Doc:
    """A member presses a card's button, named by `task_id` or `msgid` and `key`; the app hears of it before the answer."""
    app = app_named(world, order)
    userid, _, _ = member_named(world, app, order)
    with world.state.transaction():
        card, event = press(world, app.key, key_of(userid), order)
        code = new_code(world, app.key, card["post"])
        fields = {"EventKey": order["key"], "TaskId": card["task_id"], "CardType": card["card_type"]}
        inner = "".join(f"<{name}>{cdata(value)}</{name}>" for name, value in fields.items())
        inner += f"<ResponseCode>{cdata(code)}</ResponseCode>{selected(order.get('selected') or {})}"
        wecom_callbacks.queue(world, app, event, inner, userid)
    world.due.run_until(world.now())
    return {"event": event, "response_code": code}


def selected(choices: dict[str, list[str]]) -> str:
    """The options a member chose, by question."""
    items = "".join(
        f"<SelectedItem><QuestionKey>{cdata(question)}</QuestionKey><OptionIds>"
        + "".join(f"<OptionId>{cdata(option)}</OptionId>" for option in options)
        + "</OptionIds></SelectedItem>"
        for question, options in choices.items()
    )
    return f"<SelectedItems>{items}</SelectedItems>" if items else ""


def enter(world: World, order: Doc) -> Doc:
    """A member opens the app."""
    app = app_named(world, order)
    userid, _, _ = member_named(world, app, order)
    with world.state.transaction():
        wecom_callbacks.queue(world, app, "enter_agent", f"<EventKey>{cdata('')}</EventKey>", userid)
    world.due.run_until(world.now())
    return {}


def verify_url(world: World, order: Doc) -> Doc:
    """Check an app's callback address as the console does when it is saved."""
    good, said = wecom_callbacks.verify_url(world, app_named(world, order))
    if not good:
        raise ValueError(f"the address did not echo: {said}")
    return {}


def expire_tokens(world: World, order: Doc) -> Doc:
    """Turn an app's tokens into expired ones."""
    with world.state.transaction():
        return {"expired": expire_all(world, app_named(world, order))}


def dissolve(world: World, order: Doc) -> Doc:
    """The members of a chat dissolve it."""
    if not world.state.drop("wecom_chat", str(order.get("corpid")), order.get("chatid")):
        raise ValueError(f"no such chat in this company: {order.get('chatid')}")
    return {}


DEEDS: dict[str, Callable[[World, Doc], Doc]] = {
    "wecom_press": press_button,
    "wecom_enter": enter,
    "wecom_verify_url": verify_url,
    "wecom_expire_tokens": expire_tokens,
    "wecom_dissolve": dissolve,
}
