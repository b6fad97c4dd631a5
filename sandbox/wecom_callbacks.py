"""What WeCom pushes to an app's server: always encrypted, for the company, three tries with one body.

https://developer.work.weixin.qq.com/document/path/90238
"""

from __future__ import annotations

import secrets

import requests

from sandbox import wechat_callbacks
from sandbox.actors import App, load
from sandbox.clock import iso
from sandbox.faults import CALLBACK_KINDS
from sandbox.wechat_callbacks import cdata
from sandbox.wechat_crypto import encrypt, sign
from sandbox.world import World


def event_xml(app: App, event: str, inner: str, userid: str, created: float) -> str:
    """An event as it reads once it is decrypted."""
    return (
        f"<xml><ToUserName>{cdata(app.corpid)}</ToUserName><FromUserName>{cdata(userid)}</FromUserName>"
        f"<CreateTime>{int(created)}</CreateTime><MsgType>{cdata('event')}</MsgType><Event>{cdata(event)}</Event>"
        f"{inner}<AgentID>{app.agentid}</AgentID></xml>"
    )


def queue(world: World, app: App, event: str, inner: str, userid: str) -> None:
    """Queue an event's push, spoiled as the fault plan wants it."""
    if not app.callback_url:
        return
    params = {"corpid": app.corpid, "agentid": str(app.agentid), "userid": userid}
    fault = world.faults.pick(("wecom.callback", f"wecom.callback.{event}"), params, CALLBACK_KINDS)
    kind = fault.kind if fault else ""
    if kind == "callback_never":
        return
    at = world.now() + (fault.seconds if fault and kind == "callback_late" else 0.0)
    encrypted = encrypt(app.aes_key, app.corpid, event_xml(app, event, inner, userid, world.now()))
    body = (
        f"<xml><ToUserName>{cdata(app.corpid)}</ToUserName><AgentID>{cdata(app.agentid)}</AgentID>"
        f"<Encrypt>{cdata(encrypted)}</Encrypt></xml>"
    )
    entry = {"key": app.key, "event": event, "userid": userid, "body": body, "encrypted": encrypted, "try": 1}
    entry["forged"] = kind == "callback_bad_signature"
    for _ in range(2 if kind == "callback_dup" else 1):
        world.due.add(at, "wecom_callback", entry)


def query(world: World, token: str, encrypted: str) -> dict[str, str]:
    """The signed query string."""
    stamp, nonce = str(int(world.now())), str(secrets.randbelow(2_000_000_000))
    return {"msg_signature": sign(token, stamp, nonce, encrypted), "timestamp": stamp, "nonce": nonce}


def deliver(world: World, entry: dict[str, object]) -> None:
    """Push once; a failed push is queued again until the third."""
    app = load(world.state, App, entry["key"])
    if app is None or not app.callback_url:
        return
    tries, forged = int(str(entry["try"])), bool(entry["forged"])
    params = query(world, "not-the-token" if forged else app.token, str(entry["encrypted"]))
    taken, said = wechat_callbacks.push(app.callback_url, params, str(entry["body"]))
    note = {"corpid": app.corpid, "agentid": app.agentid, "event": entry["event"], "userid": entry["userid"]}
    note |= {"at": iso(world.now()), "try": tries, "answer": said, "forged": forged}
    with world.state.transaction():
        world.state.put("wecom_callback", "", world.state.next_number("wecom_callback"), note)
        if not taken and not forged and tries < wechat_callbacks.TRIES:
            again = world.now() + wechat_callbacks.ANSWER_WITHIN
            world.due.add(again, "wecom_callback", entry | {"try": tries + 1})


def verify_url(world: World, app: App) -> tuple[bool, str]:
    """What the console does when the address is saved: the server must decrypt a string and echo it bare."""
    echo = str(secrets.randbelow(10**18))
    encrypted = encrypt(app.aes_key, app.corpid, echo)
    params = query(world, app.token, encrypted) | {"echostr": encrypted}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(app.callback_url or "", params=params, timeout=wechat_callbacks.ANSWER_WITHIN)
    except requests.RequestException as error:
        return False, type(error).__name__
    return answer.status_code == 200 and answer.text == echo, f"HTTP {answer.status_code}: {answer.text[:60]}"
