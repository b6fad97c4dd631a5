"""The door of OneBot 11 over HTTP: who may come in, how a call is read, how it is answered.

https://github.com/botuniverse/onebot-11/blob/master/communication/http.md
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from sandbox.actors import Bot, load, load_all
from sandbox.faults import Fault
from sandbox.onebot_actions import ACTIONS
from sandbox.onebot_call import Door, Failed
from sandbox.state import Doc
from sandbox.wire import Call, json_answer, perform
from sandbox.world import World

JSON_TYPE = "application/json"
TIMEOUT_TEXT = (
    "Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg ListenerName:NodeIKernelMsgListener/"
    'onMsgInfoListUpdate EventRet:\n{"result":0,"errMsg":""}\n'
)


@dataclass(frozen=True)
class Dialect:
    """Where implementations differ; None for a status means that the thing is not minded at all."""

    no_token: int
    wrong_token: int
    bad_type: int | None
    unknown_action: int
    bad_params: int
    execution: int
    decorated: bool


DIALECTS = {
    "spec": Dialect(401, 403, 406, 404, bad_params=100, execution=200, decorated=False),
    "napcat": Dialect(403, 403, None, 200, bad_params=400, execution=200, decorated=True),
}
# NapCat itself gives up a send after so many milliseconds, and a second more for every 256 KB.
SENDS, SEND_TIMEOUT, SEND_RATE = ("send_group_msg", "send_private_msg", "send_msg"), 10_000, 262_144


class Turned(Exception):
    """The call is answered at the door, with an HTTP status of its own."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def answer(world: World, request: Request, path: str) -> Response:
    """Answer one call below /onebot/: `<action>` for the first bot, or `<self_id>/<action>`."""
    head, _, tail = path.strip("/").partition("/")
    bot = load(world.state, Bot, head) if tail else next(iter(load_all(world.state, Bot)), None)
    action, queued = base_action(tail or head)
    call = Call(world, "onebot." + action, request)
    if bot is None:
        return Response("no such bot in this sandbox", status=404)
    dialect = DIALECTS[bot.dialect]
    try:
        check_token(request, bot, dialect)
        params = read_params(request, dialect)
        if action not in ACTIONS or action in bot.lacks:
            raise Turned(dialect.unknown_action, f"不支持的Api {action}")
    except Turned as turned:
        return turned_away(call, dialect, turned)
    door = Door(call, bot, params)
    if bot.dialect == "napcat" and action in SENDS:
        call.patience = patience(params, len(request.get_data(cache=True)))
    told = flat(params) | {"self_id": bot.self_id}
    return perform(call, told, lambda: run(door, action, dialect, queued), lambda fault: planned(door, dialect, fault))


def patience(params: Doc, size: int) -> float:
    """How many seconds NapCat waits for QQ to take a message; `timeout` (ms) overrides its own rule."""
    given = str(params.get("timeout") or "")
    return int(given) / 1000 if given.isdigit() else SEND_TIMEOUT / 1000 + size / SEND_RATE


def base_action(name: str) -> tuple[str, bool]:
    """The action without its suffix, and whether the suffix asks for a queued call."""
    for suffix in ("_async", "_rate_limited"):
        if name.endswith(suffix):
            return name.removesuffix(suffix), True
    return name, False


def flat(params: Doc) -> dict[str, str]:
    """What a fault's `match` may name."""
    return {key: str(value) for key, value in params.items() if isinstance(value, (str, int))}


def check_token(request: Request, bot: Bot, dialect: Dialect) -> None:
    """Bearer header or query parameter; a bot without a token is open."""
    if not bot.token:
        return
    header = request.headers.get("Authorization", "")
    given = (
        header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else request.args.get("access_token", "")
    )
    if not given:
        raise Turned(dialect.no_token, "token verify failed!")
    if not hmac.compare_digest(given.encode(), bot.token.encode()):
        raise Turned(dialect.wrong_token, "token verify failed!")


def read_params(request: Request, dialect: Dialect) -> Doc:
    """Parameters from the query, and from a JSON or form body."""
    params: Doc = {key: value for key, value in request.args.items() if key != "access_token"}
    data = request.get_data(cache=True)
    if request.method == "GET" or (not data and not request.form):
        return params
    if request.mimetype == "application/x-www-form-urlencoded" and dialect.bad_type is not None:
        return params | dict(request.form.items())
    if request.mimetype != JSON_TYPE and dialect.bad_type is not None:
        raise Turned(dialect.bad_type)
    try:
        body = json.loads(data.decode("utf-8"))
    except ValueError:
        raise Turned(400, "Invalid JSON") from None
    if not isinstance(body, dict):
        raise Turned(400, "Invalid JSON")
    return params | body


def turned_away(call: Call, dialect: Dialect, turned: Turned) -> Response:
    """An answer given at the door; NapCat writes JSON even here."""
    call.world.state.tally(call.name)
    call.world.state.tally(call.name, turned.status)
    if not dialect.decorated:
        return Response(status=turned.status)
    if turned.status == 200:
        return shaped(dialect, "failed", dialect.execution, None, turned.text)
    return json_answer({"message": turned.text}, JSON_TYPE, turned.status)


def run(door: Door, action: str, dialect: Dialect, queued: bool) -> Response:
    """Execute one action as one transaction."""
    state = door.call.world.state
    with state.transaction():
        state.tally(door.call.name)
        try:
            data = ACTIONS[action](door)
        except Failed as failed:
            code = dialect.bad_params if failed.by_caller else dialect.execution
            state.tally(door.call.name, code)
            data, answered = None, shaped(dialect, "failed", code, None, failed.text)
        else:
            answered = shaped(dialect, "ok", 0, worded(data) if door.bot.text_ids else data, "")
    return shaped(dialect, "async", 1, None, "") if queued else answered


def worded(data: Any) -> Any:
    """The same with every id as text, as some builds write them."""
    if isinstance(data, list):
        return [worded(each) for each in data]
    if not isinstance(data, dict):
        return data
    return {key: str(each) if key.endswith("_id") and each is not None else worded(each) for key, each in data.items()}


def planned(door: Door, dialect: Dialect, fault: Fault) -> Response:
    """A planned failure; after the ambiguous one nobody can tell from the answer whether the message was posted."""
    timeout = fault.kind in ("onebot_timeout", "slow")
    code = dialect.execution if timeout else fault.errcode
    door.call.world.state.tally(door.call.name, code)
    return shaped(dialect, "failed", code, None, TIMEOUT_TEXT if timeout else fault.errmsg)


def shaped(dialect: Dialect, status: str, retcode: int, data: Any, text: str) -> Response:
    """The common envelope; failures carry their words in every implementation, successes only in some."""
    doc: Doc = {"status": status, "retcode": retcode, "data": data}
    if text or dialect.decorated:
        doc |= {"message": text, "wording": text}
    if dialect.decorated:
        doc |= {"echo": None, "stream": "normal-action"}
    return json_answer(doc, JSON_TYPE)
