"""The door of the official account: token, permission, quota and shape of the answer, in the vendor's order."""

from __future__ import annotations

from typing import cast

from flask import Request, Response

from sandbox import (
    wechat_drafts,
    wechat_fans,
    wechat_mass,
    wechat_media,
    wechat_notices,
    wechat_publish,
    wechat_stats,
)
from sandbox.actors import Account
from sandbox.clock import month_of
from sandbox.state import Doc
from sandbox.wechat_call import Api, Oa
from sandbox.wechat_tokens import account_of, stable_token, token
from sandbox.wire import Call, Refused, hex_id, json_answer, perform
from sandbox.world import World

JSON_TYPE = "application/json; encoding=utf-8"
# Which kinds of account have which right; no right named means everybody.
RIGHTS = {"verified": ("subscription", "service", "test"), "service": ("service", "test")}
CLEARS_PER_MONTH = 10


def answer(world: World, request: Request, path: str) -> Response:
    """Answer one call below /wechat/: `cgi-bin/...` or `datacube/...`."""
    name = path.removeprefix("cgi-bin/").strip("/")
    call = Call(world, "wechat." + name.replace("/", "."), request)
    later: list[Oa] = []

    def run() -> Response:
        with world.state.transaction():
            response = shaped(call, name, later)
        if later and later[0].run_due:
            # The order some bots forget: the job's callback arrives before the call's own answer.
            world.due.run_until(world.now())
        return response

    return perform(call, fault_params(call), run, lambda fault: refusal(call, Refused(fault.errcode, fault.errmsg)))


def fault_params(call: Call) -> dict[str, str]:
    """What a fault's `match` may name: the query, and whose token it is."""
    params = {key: str(value) for key, value in call.request.args.items()}
    doc = call.world.state.get("token", "", params["access_token"]) if "access_token" in params else None
    return params | ({"appid": doc["appid"]} if doc else {})


def shaped(call: Call, name: str, later: list[Oa]) -> Response:
    """Run one call and give its result or refusal the vendor's shape."""
    call.world.state.tally(call.name)
    try:
        if name in ("token", "stable_token"):
            return json_answer((token if name == "token" else stable_token)(call), JSON_TYPE)
        oa, api = admitted(call, name)
        result = api.handle(oa)
        later.append(oa)
    except Refused as refused:
        return refusal(call, refused)
    if "__file__" in result:
        return file_answer(call.world, result["__file__"])
    return json_answer(result, JSON_TYPE)


def file_answer(world: World, blob: str) -> Response:
    """A kept file as it came in."""
    mime, data = cast(tuple[str, bytes], world.state.blob(blob))
    return Response(data, content_type=mime)


def refusal(call: Call, refused: Refused) -> Response:
    """A business error, decorated so that nobody compares errmsg."""
    call.world.state.tally(call.name, refused.errcode)
    rid = f"{int(call.world.now()):08x}-{hex_id(8)}-{hex_id(8)}"
    return json_answer(
        {"errcode": refused.errcode, "errmsg": f"{refused.errmsg} rid: {rid}", **refused.extra}, JSON_TYPE
    )


def admitted(call: Call, name: str) -> tuple[Oa, Api]:
    """Let a call in: method, token, permission, minute, day."""
    api = APIS.get(name)
    if api is None:
        raise Refused(40066, "invalid url")
    if call.method != api.method:
        raise Refused(43002 if api.method == "POST" else 43001, f"require {api.method} method")
    account = account_of(call)
    if api.right and account.kind not in RIGHTS[api.right]:
        raise Refused(48001, "api unauthorized")
    oa = Oa(call, account)
    if api.per_minute is not None:
        take_minute(oa, api.group or name, api.per_minute)
    take_day(oa, name, api)
    return oa, api


def take_minute(oa: Oa, group: str, limit: int) -> None:
    """Count a call against its minute, which a group of calls may share."""
    window = f"{oa.appid}:minute:{group}"
    if oa.state.hits_since(window, oa.now - 60) >= limit:
        raise Refused(45011, "api minute-quota reach limit, must slower, retry next minute")
    oa.state.hit(window, oa.now)


def day_limit(account: Account, name: str, api: Api) -> int | None:
    """A call's daily limit for this account; `limits` in the setup may change it."""
    return account.limits.get(name.replace("/", "."), cast(int, api.per_day))


def take_day(oa: Oa, name: str, api: Api) -> None:
    """Count a call against its Shanghai day."""
    limit = day_limit(oa.account, name, api)
    if limit is not None and oa.state.used(f"{oa.appid}:{name}", oa.today) >= limit:
        raise Refused(45009, "reach max api daily quota limit")
    oa.state.use(f"{oa.appid}:{name}", oa.today)


def clear_quota(oa: Oa) -> Doc:
    """Set every call's day back to zero, ten times a month; it gives no mass send back."""
    if oa.text("appid", 40013) != oa.appid:
        raise Refused(40013, "invalid appid")
    month = month_of(oa.now)
    if oa.state.used(f"{oa.appid}:clear", month) >= CLEARS_PER_MONTH:
        raise Refused(48006, "forbid to clear quota because of reaching the limit")
    oa.state.use(f"{oa.appid}:clear", month)
    for name in (*APIS, "token", "stable_token"):
        oa.state.run("DELETE FROM quotas WHERE name=? AND period=?", (f"{oa.appid}:{name}", oa.today))
    return {"errcode": 0, "errmsg": "ok"}


def get_quota(oa: Oa) -> Doc:
    """How much of a call's day is left."""
    name = oa.text("cgi_path", 76021).strip("/").removeprefix("cgi-bin/")
    api = APIS.get(name)
    if api is None:
        raise Refused(76021, "cgi_path not found, please check")
    limit, used = day_limit(oa.account, name, api) or 0, oa.state.used(f"{oa.appid}:{name}", oa.today)
    quota = {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}
    return {"errcode": 0, "errmsg": "ok", "quota": quota}


APIS: dict[str, Api] = {
    **wechat_media.APIS,
    **wechat_drafts.APIS,
    **wechat_publish.APIS,
    **wechat_mass.APIS,
    **wechat_fans.APIS,
    **wechat_stats.APIS,
    **wechat_notices.APIS,
    "clear_quota": Api(clear_quota),
    "openapi/quota/get": Api(get_quota),
}
