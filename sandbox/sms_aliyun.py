"""The door of Aliyun's SMS (Dysmsapi 2017-05-25): four calls at one path, business errors in 200, the gateway's in 4xx.

https://help.aliyun.com/document_detail/419273.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from flask import Request, Response

from sandbox.faults import Fault
from sandbox.sms import Refusal
from sandbox.sms_aliyun_query import query_send_details, query_send_statistics
from sandbox.sms_aliyun_send import send_batch_sms, send_sms
from sandbox.sms_aliyun_sign import Door, account_of, params_of
from sandbox.state import Doc
from sandbox.wire import Call, json_answer, perform
from sandbox.world import World

JSON_TYPE = "application/json;charset=utf-8"
VERSION = "2017-05-25"
CALLS: dict[str, Callable[[Door], Doc]] = {
    "SendSms": send_sms,
    "SendBatchSms": send_batch_sms,
    "QuerySendDetails": query_send_details,
    "QuerySendStatistics": query_send_statistics,
}
STATUS = {
    "InvalidAccessKeyId.NotFound": 404,
    "InvalidApi.NotFound": 404,
    "InternalError": 500,
    "ServiceUnavailable": 503,
}


def addressed(request: Request) -> bool:
    """Whether a call of the root path is meant for this vendor."""
    return "x-acs-action" in request.headers or {"Action", "AccessKeyId"} <= params_of(request).keys()


def answer(world: World, request: Request) -> Response:
    """Answer one call, whichever of the two signatures it carries."""
    params = params_of(request)
    action = request.headers.get("x-acs-action") or params.get("Action", "")
    call = Call(world, f"aliyun.{action}", request)

    def run() -> Response:
        with world.state.transaction():
            return shaped(call, params)

    return perform(call, dict(params), run, lambda fault: planned(call, fault))


def shaped(call: Call, params: Mapping[str, str]) -> Response:
    """Run the call and give its result or refusal the vendor's shape."""
    call.world.state.tally(call.name)
    try:
        account, stamp = account_of(call, params)
        handle = CALLS.get(stamp.action)
        if handle is None:
            raise Refusal("InvalidApi.NotFound", "Specified api is not found, please check your url and method.")
        if stamp.version != VERSION:
            raise Refusal("InvalidVersion", "Specified parameter Version is not valid.")
        if "Action" in params and params.get("Format", "").upper() != "JSON":
            # Without it the real gateway answers the old signature in XML, which no client of ours reads.
            raise Refusal("InvalidParameter.Format", "Specified parameter format is not valid.")
        if not account.permitted:
            raise Refusal("isp.RAM_PERMISSION_DENY", "RAM权限不足")
        doc = handle(Door(call, account, params))
    except Refusal as refusal:
        return refused(call, refusal)
    return json_answer({"Message": "OK", "RequestId": request_id(), "Code": "OK", **doc}, JSON_TYPE)


def request_id() -> str:
    """A fresh request id."""
    return str(uuid.uuid4()).upper()


def planned(call: Call, fault: Fault) -> Response:
    """A planned error; `code` names it."""
    return refused(call, Refusal(fault.code or "isp.SYSTEM_ERROR", fault.errmsg))


def refused(call: Call, refusal: Refusal) -> Response:
    """The business's errors travel with HTTP 200, the gateway's with 4xx and 5xx."""
    call.world.state.tally(call.name, refusal.code)
    doc = {"RequestId": request_id(), "Message": refusal.words, "Code": refusal.code}
    if refusal.code.startswith(("isv.", "isp.")):
        return json_answer(doc, JSON_TYPE)
    link = f"https://api.aliyun.com/troubleshoot?q={refusal.code}&product=Dysmsapi&requestId={doc['RequestId']}"
    doc |= {"HostId": call.request.host, "Recommend": link}
    return json_answer(doc, JSON_TYPE, STATUS.get(refusal.code, 400))
