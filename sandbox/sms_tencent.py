"""The door of Tencent Cloud's SMS (sms 2021-01-11): three calls at one path, every answer with HTTP 200.

https://cloud.tencent.com/document/api/382/52077
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Request, Response

from sandbox.faults import Fault
from sandbox.sms import Refusal
from sandbox.sms_tencent_pull import pull_status, pull_status_by_number
from sandbox.sms_tencent_send import send_sms
from sandbox.sms_tencent_sign import Door, account_of, check_frame
from sandbox.state import Doc
from sandbox.wire import Call, json_answer, perform
from sandbox.world import World

JSON_TYPE = "application/json"
CALLS: dict[str, Callable[[Door], Doc]] = {
    "SendSms": send_sms,
    "PullSmsSendStatus": pull_status,
    "PullSmsSendStatusByPhoneNumber": pull_status_by_number,
}


def addressed(request: Request) -> bool:
    """Whether a call of the root path is meant for this vendor."""
    return request.method == "POST" and "X-TC-Action" in request.headers


def answer(world: World, request: Request) -> Response:
    """Answer one call; the header names it."""
    call = Call(world, f"tencent.{request.headers.get('X-TC-Action', '')}", request)

    def run() -> Response:
        with world.state.transaction():
            return shaped(call)

    return perform(call, flat(call), run, lambda fault: planned(call, fault))


def flat(call: Call) -> dict[str, str]:
    """What a fault's `match` may name."""
    try:
        params = read(call)
    except Refusal:
        return {}
    return {key: str(value) for key, value in params.items() if isinstance(value, str | int)}


def read(call: Call) -> Doc:
    """The body, a JSON object."""
    try:
        params = call.json()
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise Refusal("InvalidParameter", "The request body is not a JSON object.")
    return params


def shaped(call: Call) -> Response:
    """Run the call and give its result or refusal the vendor's shape."""
    call.world.state.tally(call.name)
    try:
        account = account_of(call)
        handle = CALLS.get(call.request.headers.get("X-TC-Action", ""))
        if handle is None:
            raise Refusal("InvalidAction", "The request action is invalid or not found.")
        check_frame(call)
        if not account.permitted:
            raise Refusal("AuthFailure.UnauthorizedOperation", "you are not authorized to perform operation")
        doc = handle(Door(call, account, read(call)))
    except Refusal as refusal:
        return refused(call, refusal)
    return json_answer({"Response": {**doc, "RequestId": str(uuid.uuid4())}}, JSON_TYPE)


def planned(call: Call, fault: Fault) -> Response:
    """A planned error; `code` names it."""
    return refused(call, Refusal(fault.code or "InternalError.OtherError", fault.errmsg))


def refused(call: Call, refusal: Refusal) -> Response:
    """An error of the whole call."""
    call.world.state.tally(call.name, refusal.code)
    error = {"Code": refusal.code, "Message": refusal.words}
    return json_answer({"Response": {"Error": error, "RequestId": str(uuid.uuid4())}}, JSON_TYPE)
