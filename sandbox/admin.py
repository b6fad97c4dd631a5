"""The admin API below /__sandbox__/: set the stage, move the clock, plan faults, read the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Request, Response

from sandbox import (
    books,
    onebot_events,
    onebot_history,
    person,
    wechat_callbacks,
    wechat_jobs,
    wecom_admin,
    wecom_books,
)
from sandbox.actors import (
    Account,
    Bot,
    Group,
    MailAccount,
    Mailbox,
    Page,
    Robot,
    SmsAccount,
    SmsNumber,
    load,
    load_all,
    one_of,
    save,
    upsert,
)
from sandbox.clock import day_of, iso, month_of, parse_time
from sandbox.faults import parse_fault
from sandbox.onebot_call import message_number
from sandbox.onebot_text import read_message, shown
from sandbox.state import Doc
from sandbox.wechat_fans import set_up_tags
from sandbox.wechat_tokens import expire_all
from sandbox.wire import json_answer
from sandbox.world import World

JSON_TYPE = "application/json; charset=utf-8"


def answer(world: World, request: Request, name: str) -> Response:
    """Answer one admin call; a mistake of the caller is HTTP 400 with its reason."""
    getters = {"healthz": healthz, "books": read_books, "faults": list_faults, "clock": read_clock}
    if request.method == "GET":
        if name not in getters:
            return json_answer({"ok": False, "error": f"no such page; known: {sorted(getters)}"}, JSON_TYPE, 404)
        order: Doc = dict(request.args.items())
        deed: Callable[[World, Doc], Doc] = getters[name]
    else:
        if name not in DEEDS:
            return json_answer({"ok": False, "error": f"no such call; known: {sorted(DEEDS)}"}, JSON_TYPE, 404)
        body = request.get_json(force=True, silent=True) if request.get_data() else {}
        if not isinstance(body, dict):
            return json_answer({"ok": False, "error": "the body is not a JSON object"}, JSON_TYPE, 400)
        order, deed = body, DEEDS[name]
    try:
        return json_answer({"ok": True, **deed(world, order)}, JSON_TYPE)
    except (ValueError, TypeError, KeyError) as error:
        return json_answer({"ok": False, "error": str(error)}, JSON_TYPE, 400)


def healthz(world: World, order: Doc) -> Doc:
    """That the sandbox lives, and what time it has."""
    return {"base": world.base, "smtp": world.smtp, **read_clock(world, order)}


def read_clock(world: World, order: Doc) -> Doc:
    """What time the sandbox has."""
    return {"now": iso(world.now()), "virtual": world.clock.virtual}


def read_books(world: World, order: Doc) -> Doc:
    """The books, of one vendor or since a moment; those of WeCom's apps also of one member or message."""
    vendor = str(order.get("vendor", ""))
    if vendor:
        one_of("vendor", vendor, tuple(books.PARTS))
    since = parse_time(str(order["since"]).replace(" ", "+")) if order.get("since") else 0.0
    read = books.written(world, vendor, since)
    if vendor == "wecom_app":
        read |= wecom_books.persons(world, since, str(order.get("userid", "")), str(order.get("msgid", "")))
    return read


def list_faults(world: World, order: Doc) -> Doc:
    """The fault plan."""
    return {"faults": world.faults.listed()}


def plan_faults(world: World, order: Doc) -> Doc:
    """Add one fault, or several in a list, or clear the plan."""
    if order.get("clear"):
        world.faults.clear()
        return {}
    planned = [parse_fault(raw) for raw in order.get("faults", [order])]
    return {"ids": [world.faults.add(fault) for fault in planned]}


def setup(world: World, order: Doc) -> Doc:
    """Create or change accounts, robots, bots, groups, companies and their apps, SMS accounts and numbers, mailboxes, web pages."""
    kinds: dict[str, type[Any]] = {"accounts": Account, "robots": Robot, "bots": Bot, "groups": Group}
    kinds |= {"sms_accounts": SmsAccount, "sms_numbers": SmsNumber}
    kinds |= {"mail_accounts": MailAccount, "mailboxes": Mailbox, "pages": Page}
    parts = {*kinds, *wecom_admin.PARTS}
    if unknown := set(order) - parts:
        raise ValueError(f"unknown parts of the setup: {sorted(unknown)}; known: {sorted(parts)}")
    with world.state.transaction():
        for part, cls in kinds.items():
            for raw in order.get(part, []):
                actor = upsert(world.state, cls, raw)
                if isinstance(actor, Account) and "tags" in raw:
                    set_up_tags(world.state, actor)
        wecom_admin.set_up(world.state, order)
    return {}


def move_clock(world: World, order: Doc) -> Doc:
    """Set or advance the clock, running everything due on the way before answering."""
    target = parse_time(order["now"]) if "now" in order else world.now() + float(order["advance"])
    if target < world.now() and world.clock.virtual:
        raise ValueError(f"the clock stands at {iso(world.now())} and cannot go back")
    if not world.clock.virtual:
        # From here on the clock stands still between two calls.
        world.clock.set(min(target, world.now()))
    fired = world.due.run_until(target)
    world.clock.set(max(target, world.now()))
    world.save_clock()
    return {"now": iso(world.now()), "fired": fired}


def spend(world: World, order: Doc) -> Doc:
    """Another system uses the same robot, or the office the same account's mass quota."""
    now = world.now()
    with world.state.transaction():
        if "robot" in order:
            world.state.hit("robot:" + known(world, Robot, order["robot"]).key, now, int(order.get("n", 1)))
        else:
            appid = known(world, Account, order["account"]).appid
            world.state.use(f"{appid}:mass", day_of(now), int(order["mass"]))
            world.state.use(f"{appid}:mass_all", month_of(now), int(order["mass"]))
    return {}


def known(world: World, cls: type[Any], key: object) -> Any:
    """An actor that must exist."""
    actor = load(world.state, cls, key)
    if actor is None:
        raise ValueError(f"no such {cls.__name__.lower()} in this sandbox: {key}")
    return actor


def expire_tokens(world: World, order: Doc) -> Doc:
    """Turn an account's tokens into expired ones."""
    with world.state.transaction():
        return {"expired": expire_all(world, known(world, Account, order["appid"]).appid)}


def change_group(world: World, order: Doc) -> Doc:
    """Change a QQ group, or with `self_id` how one bot sits in it; the bots hear of it before the answer."""
    old = known(world, Group, order.get("group_id"))
    if "self_id" in order:
        seat = {key: value for key, value in order.items() if key not in ("group_id", "self_id")}
        id = known(world, Bot, order["self_id"]).self_id
        order = {"group_id": old.group_id, "seats": old.seats | {id: old.seats.get(id, {}) | seat}}
    with world.state.transaction():
        onebot_events.group_changed(world, old, upsert(world.state, Group, order))
    world.due.run_until(world.now())
    return {}


def change_bot(world: World, order: Doc) -> Doc:
    """Take a bot on- or offline, or restart it: it then forgets the ids of its messages. `beat` lets it say how it is."""
    bot = known(world, Bot, order.get("self_id"))
    with world.state.transaction():
        if "online" in order:
            bot.online = bool(order["online"])
            save(world.state, bot)
        if "online" in order or order.get("beat"):
            onebot_events.heartbeat(world, bot)
        if order.get("restart"):
            onebot_history.forget(world, bot)
            onebot_events.lifecycle(world, bot, "enable")
    world.due.run_until(world.now())
    return {}


def say(world: World, order: Doc) -> Doc:
    """Somebody else writes into a QQ group."""
    group = known(world, Group, order.get("group_id"))
    segments = read_message(order.get("text", ""), auto_escape=True)
    now, message_id = world.now(), message_number(world)
    doc: Doc = {"group_id": group.group_id, "name": group.name, "at": iso(now), "message_id": message_id}
    doc |= {"text": shown(segments), "segments": segments, "user_id": str(order.get("user_id", 10001))}
    doc |= {"nickname": str(order.get("nickname", "群成员")), "role": "member", "guest": True}
    with world.state.transaction():
        seq = world.state.next_number(f"qq_seq:{group.group_id}")
        world.state.post("qq", group.group_id, now, doc, seq=seq)
    return {"message_id": message_id}


def office_person(world: World, order: Doc) -> Doc:
    """Act as the office person in the WeChat console."""
    done = person.act(world, order)
    world.due.run_until(world.now())
    return done


def steer_job(world: World, order: Doc) -> Doc:
    """Plan how the next job ends ({"next": "mass"|"publish", ...}), or answer for the administrator ({"confirm": true})."""
    appid = known(world, Account, order.get("appid")).appid
    with world.state.transaction():
        if "next" in order:
            one_of("next", order["next"], ("mass", "publish"))
            outcome = {key: value for key, value in order.items() if key not in ("appid", "next")}
            world.state.put("outcome", appid, order["next"], outcome)
        elif not wechat_jobs.confirm(world, appid, order["msg_id"], bool(order["confirm"])):
            raise ValueError("no job waits for this confirmation")
    world.due.run_until(world.now())
    return {}


def verify_url(world: World, order: Doc) -> Doc:
    """Check an account's callback address as the console does when it is saved."""
    account = known(world, Account, order.get("appid"))
    good, said = wechat_callbacks.verify_url(world, account)
    if not good:
        raise ValueError(f"the address did not echo: {said}")
    return {}


def reset(world: World, order: Doc) -> Doc:
    """Forget everything; the clock goes back to how the sandbox was started."""
    world.faults.clear()
    world.state.clear()
    world.clock.reset()
    return {}


def actors(world: World, order: Doc) -> Doc:
    """Who is set up, secrets left out."""
    groups = [group.group_id for group in load_all(world.state, Group)]
    robots = [robot.name for robot in load_all(world.state, Robot)]
    return {
        "groups": groups,
        "robots": robots,
        "accounts": [account.appid for account in load_all(world.state, Account)],
    }


DEEDS: dict[str, Callable[[World, Doc], Doc]] = {
    "setup": setup,
    "clock": move_clock,
    "faults": plan_faults,
    "spend": spend,
    "expire_tokens": expire_tokens,
    "group": change_group,
    "bot": change_bot,
    "say": say,
    "person": office_person,
    "job": steer_job,
    "verify_url": verify_url,
    "reset": reset,
    "actors": actors,
    **wecom_admin.DEEDS,
}
