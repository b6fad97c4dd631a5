"""Where the people on duty would hear: a door for Apprise's JSON addresses (json://127.0.0.1:PORT/alarm), and its book.

https://appriseit.com/services/json/
"""

from __future__ import annotations

from flask import Request, Response

from sandbox.clock import iso
from sandbox.state import Doc
from sandbox.wire import Call, html_answer, perform
from sandbox.world import World

NAMES = ("version", "title", "message", "type")
FIELDS = ("at", *NAMES)


def answer(world: World, request: Request) -> Response:
    """Take one reminder; what is none of Apprise's is refused."""
    call = Call(world, "alarm.POST", request)

    def run() -> Response:
        try:
            body = call.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in NAMES):
            return html_answer("not a notification of Apprise", 400)
        doc: Doc = {"at": iso(world.now()), "nickname": "提醒", **{name: body[name] for name in NAMES}}
        with world.state.transaction():
            world.state.tally(call.name)
            world.state.post("alarm", "alarm", world.now(), doc | {"text": f"{body['title']}\n{body['message']}"})
        return Response(status=204)

    return perform(call, {}, run, lambda fault: html_answer(fault.errmsg, 500))
