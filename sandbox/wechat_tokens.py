"""Access tokens: `/token`, where each call kills the one before, and `/stable_token`, where calls agree.

https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken
"""

from __future__ import annotations

from typing import Any

from sandbox.actors import Account, load
from sandbox.clock import day_of
from sandbox.state import Doc
from sandbox.wire import Call, Refused, hex_id
from sandbox.world import World

LIFE = 7200.0
GRACE = 300.0
FORCE_PER_DAY = 20
FORCE_APART = 30.0
PER_DAY = {"token": 2000, "stable_token": 500_000}
STABLE_PER_MINUTE = 10_000


def token(call: Call) -> Doc:
    """A new token on every call; the one before lives five minutes more."""
    if call.method != "GET":
        raise Refused(43001, "require GET method")
    account = admitted(call, {key: call.query(key) for key in ("grant_type", "appid", "secret")})
    spend_call(call, account, "token")
    retire(call.world, account.appid, "token", call.world.now() + GRACE)
    return {"access_token": issue(call.world, account.appid, "token"), "expires_in": int(LIFE)}


def stable_token(call: Call) -> Doc:
    """The same token until five minutes before its end, when a second one is valid beside it."""
    if call.method != "POST":
        raise Refused(43002, "require POST method")
    try:
        body = call.json()
    except ValueError:
        raise Refused(47001, "data format error") from None
    if not isinstance(body, dict):
        raise Refused(47001, "data format error")
    account = admitted(call, body)
    spend_call(call, account, "stable_token")
    if body.get("force_refresh") is True and may_force(call.world, account.appid):
        retire(call.world, account.appid, "stable", call.world.now())
    value, left = current_stable(call.world, account.appid)
    return {"access_token": value, "expires_in": left}


def admitted(call: Call, given: dict[str, Any]) -> Account:
    """The account that appid, secret and address let in; the appid is looked at first."""
    for name, code in (("appid", 41002), ("secret", 41004)):
        if not isinstance(given.get(name), str) or not given[name]:
            raise Refused(code, f"{name} missing")
    account = load(call.world.state, Account, given["appid"])
    if account is None:
        raise Refused(40013, "invalid appid")
    if given.get("grant_type") != "client_credential":
        raise Refused(40002, "invalid grant_type")
    if account.secret_frozen:
        raise Refused(40243, "AppSecret has been frozen")
    if given["secret"] != account.secret:
        raise Refused(40125, "invalid appsecret, view more at http://t.cn/RAEkdVq")
    if account.ip_allow is not None and call.remote not in account.ip_allow:
        raise Refused(40164, f"invalid ip {call.remote} ipv6 ::ffff:{call.remote}, not in whitelist")
    return account


def spend_call(call: Call, account: Account, name: str) -> None:
    """Count a token call against its day, and a stable one against its minute."""
    state, now = call.world.state, call.world.now()
    usual = 200 if account.kind == "test" and name == "token" else PER_DAY[name]
    if state.used(f"{account.appid}:{name}", day_of(now)) >= account.limits.get(name, usual):
        raise Refused(45009, "reach max api daily quota limit")
    if name == "stable_token":
        window = f"{account.appid}:stable_token"
        if state.hits_since(window, now - 60) >= STABLE_PER_MINUTE:
            raise Refused(45011, "api minute-quota reach limit, must slower, retry next minute")
        state.hit(window, now)
    state.use(f"{account.appid}:{name}", day_of(now))


def issue(world: World, appid: str, kind: str) -> str:
    """Make a token and remember it."""
    value = f"{world.state.next_number('token', 80)}_{hex_id(134)}"
    born = world.now()
    world.state.put(
        "token", "", value, {"appid": appid, "kind": kind, "born": born, "expires": born + LIFE, "dead": None}
    )
    world.state.put("current_token", appid, kind, {"value": value})
    return value


def retire(world: World, appid: str, kind: str, at: float) -> None:
    """Let the current token of a kind die at a moment, unless it dies sooner."""
    current = world.state.get("current_token", appid, kind)
    doc = world.state.get("token", "", current["value"]) if current else None
    if current is not None and doc is not None and (doc["dead"] is None or doc["dead"] > at):
        world.state.put("token", "", current["value"], doc | {"dead": at})


def may_force(world: World, appid: str) -> bool:
    """20 forced refreshes a day, 30 seconds apart; beyond that the call just gives the current token."""
    now, name = world.now(), f"{appid}:force"
    last = world.state.get("force", appid, "last")
    if (last is not None and now - last["at"] < FORCE_APART) or world.state.used(name, day_of(now)) >= FORCE_PER_DAY:
        return False
    world.state.use(name, day_of(now))
    world.state.put("force", appid, "last", {"at": now})
    return True


def current_stable(world: World, appid: str) -> tuple[str, int]:
    """The stable token and its remaining seconds; a new one when the old is in its last five minutes or gone."""
    current = world.state.get("current_token", appid, "stable")
    doc = world.state.get("token", "", current["value"]) if current else None
    if current is not None and doc is not None and doc["dead"] is None and doc["expires"] - world.now() > GRACE:
        return str(current["value"]), int(doc["expires"] - world.now())
    return issue(world, appid, "stable"), int(LIFE)


def account_of(call: Call) -> Account:
    """The account whose token the call carries."""
    value = call.query("access_token")
    if not value:
        raise Refused(41001, "access_token missing")
    doc, now = call.world.state.get("token", "", value), call.world.now()
    if doc is None or (doc["dead"] is not None and doc["dead"] <= now):
        raise Refused(
            40001,
            "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken,"
            " more details at https://mmbizurl.cn/s/JtxxFh33r",
        )
    if doc["expires"] <= now:
        raise Refused(42001, "access_token expired")
    account = load(call.world.state, Account, doc["appid"])
    if account is None:
        raise Refused(40013, "invalid appid")
    if account.banned:
        raise Refused(50002, "user limited")
    return account


def expire_all(world: World, appid: str) -> int:
    """Turn every token of an account into an expired one; returns how many."""
    tokens = world.state.rows("SELECT id FROM docs WHERE kind='token' AND scope=''")
    mine = [(id, doc) for (id,) in tokens if (doc := world.state.get("token", "", id)) and doc["appid"] == appid]
    for id, doc in mine:
        world.state.put("token", "", id, doc | {"expires": min(doc["expires"], world.now())})
    return len(mine)
