"""The door of WeCom's apps: token, permission and shape of the answer, in the vendor's order."""

from __future__ import annotations

from flask import Request, Response

from sandbox import wecom_app, wecom_cards, wecom_chat, wecom_directory, wecom_media
from sandbox.actors import Corp, load
from sandbox.wecom import JSON_TYPE, refusal
from sandbox.wecom_call import Api, Work
from sandbox.wecom_tokens import app_of, gettoken, token_doc
from sandbox.wire import Call, Refused, json_answer, perform
from sandbox.world import World

APIS: dict[str, Api] = {
    **wecom_app.APIS,
    **wecom_cards.APIS,
    **wecom_chat.APIS,
    **wecom_directory.APIS,
    **wecom_media.APIS,
}


def answer(world: World, request: Request, path: str) -> Response:
    """Answer one call below /wecom/cgi-bin/ that is no robot's."""
    call = Call(world, "wecom." + path.replace("/", "."), request)
    params = {key: str(value) for key, value in request.args.items()}
    if token := token_doc(call):
        params |= {"corpid": token["corpid"], "agentid": token["key"].rpartition(":")[2]}

    with world.crowd.joined(token["key"] if token else "") as company:

        def run() -> Response:
            with world.state.transaction():
                return shaped(call, path, company)

        return perform(call, params, run, lambda fault: refusal(call, Refused(fault.errcode, fault.errmsg)))


def shaped(call: Call, path: str, company: int) -> Response:
    """Run one call and give its result or refusal the vendor's shape."""
    call.world.state.tally(call.name)
    try:
        if path == "gettoken":
            check_method(call, "GET")
            result = gettoken(call)
        else:
            work, api = admitted(call, path, company)
            result = api.handle(work)
        return json_answer({"errcode": 0, "errmsg": "ok", **result}, JSON_TYPE)
    except Refused as refused:
        return refusal(call, refused)


def check_method(call: Call, method: str) -> None:
    """A call has one method."""
    if call.method != method:
        raise Refused(43002 if method == "POST" else 43001, f"require {method} method")


def admitted(call: Call, path: str, company: int) -> tuple[Work, Api]:
    """Let a call in: method, token, crowd, permission."""
    api = APIS.get(path)
    if api is None:
        raise Refused(40066, "invalid url")
    check_method(call, api.method)
    app = app_of(call)
    corp = load(call.world.state, Corp, app.corpid)
    if corp is None:
        raise Refused(40013, "invalid corpid")
    if app.concurrent is not None and company > app.concurrent:
        raise Refused(45033, "api concurrent out of limit")
    if app.sync and "sync" not in api.secrets:
        raise Refused(48009, "api forbidden for contacts secret")
    if not app.sync and "app" not in api.secrets:
        raise Refused(48002, "api forbidden")
    return Work(call, corp, app), api
