"""A WeCom app's token: one per secret, and the same again for as long as it is valid.

https://developer.work.weixin.qq.com/document/path/91039
"""

from __future__ import annotations

from sandbox.actors import App, Corp, load, load_all
from sandbox.state import Doc
from sandbox.wire import Call, Refused, hex_id
from sandbox.world import World

LIFE = 7200.0


def gettoken(call: Call) -> Doc:
    """The app's token and the seconds it has left."""
    corpid, secret = call.query("corpid"), call.query("corpsecret")
    for value, code, name in ((corpid, 41002, "corpid"), (secret, 41004, "secret")):
        if not value:
            raise Refused(code, f"{name} missing")
    if load(call.world.state, Corp, corpid) is None:
        raise Refused(40013, "invalid corpid")
    app = next((a for a in load_all(call.world.state, App) if (a.corpid, a.secret) == (corpid, secret)), None)
    if app is None:
        raise Refused(40001, "invalid credential")
    check_caller(call, app)
    value, left = current(call.world, app)
    return {"access_token": value, "expires_in": left}


def check_caller(call: Call, app: App) -> None:
    """Turn away a disabled app, and an address that is not on the app's list."""
    if app.disabled:
        raise Refused(50003, "app is disabled")
    if app.ip_allow is not None and call.remote not in app.ip_allow:
        raise Refused(60020, "not allow to access from your ip")


def current(world: World, app: App) -> tuple[str, int]:
    """The token that is valid now, made anew when there is none, and its seconds left."""
    now = world.now()
    kept = world.state.get("wecom_current", "", app.key)
    doc = world.state.get("wecom_token", "", kept["value"]) if kept else None
    if kept is not None and doc is not None and doc["expires"] > now:
        return str(kept["value"]), int(doc["expires"] - now)
    value = hex_id(214)
    world.state.put("wecom_token", "", value, {"key": app.key, "corpid": app.corpid, "expires": now + LIFE})
    world.state.put("wecom_current", "", app.key, {"value": value})
    return value, int(LIFE)


def token_doc(call: Call) -> Doc | None:
    """What is known of the token a call carries; None for none and for an unknown one."""
    value = call.query("access_token")
    return call.world.state.get("wecom_token", "", value) if value else None


def app_of(call: Call) -> App:
    """The app whose token the call carries."""
    if not call.query("access_token"):
        raise Refused(41001, "access_token missing")
    doc = token_doc(call)
    app = load(call.world.state, App, doc["key"]) if doc else None
    if doc is None or app is None:
        raise Refused(40014, "invalid access_token")
    if doc["expires"] <= call.world.now():
        raise Refused(42001, "access_token expired")
    check_caller(call, app)
    return app


def expire_all(world: World, app: App) -> int:
    """Turn an app's tokens into expired ones, as the vendor may at any time; returns how many."""
    rows = world.state.rows("SELECT id FROM docs WHERE kind='wecom_token' AND json_extract(doc, '$.key')=?", (app.key,))
    for (id,) in rows:
        doc = world.state.get("wecom_token", "", id) or {}
        world.state.put("wecom_token", "", id, doc | {"expires": min(doc["expires"], world.now())})
    return len(rows)
