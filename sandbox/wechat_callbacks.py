"""What WeChat pushes to an account's server: signed, perhaps encrypted, three tries with one body.

https://developers.weixin.qq.com/doc/service/guide/dev/push/
"""

from __future__ import annotations

import secrets
from xml.sax.saxutils import escape

import requests

from sandbox.actors import Account, load
from sandbox.clock import iso
from sandbox.faults import CALLBACK_KINDS
from sandbox.state import Doc
from sandbox.wechat_crypto import encrypt, sign
from sandbox.wire import hex_id
from sandbox.world import World

TRIES = 3
ANSWER_WITHIN = 5.0


def cdata(text: object) -> str:
    """Text as the vendor writes it into XML."""
    return f"<![CDATA[{str(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def event_xml(account: Account, event: str, inner: str, created: float, sender: str = "") -> str:
    """An event's envelope."""
    sender = sender or "o" + sign(account.appid, "system")[:27]
    return (
        f"<xml><ToUserName>{cdata(account.original_id)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{int(created)}</CreateTime><MsgType>{cdata('event')}</MsgType><Event>{cdata(event)}</Event>{inner}</xml>"
    )


def queue(world: World, account: Account, event: str, inner: str, cause: str, sender: str = "") -> None:
    """Queue an event's push; `cause` is the call it belongs to, so that a fault may name either."""
    if not account.callback_url:
        return
    names = ("wechat.callback", f"wechat.callback.{event}", cause)
    fault = world.faults.pick(names, {"appid": account.appid}, CALLBACK_KINDS)
    kind = fault.kind if fault else ""
    if kind == "callback_never":
        return
    at = world.now() + (fault.seconds if fault and kind == "callback_late" else 0.0)
    entry = {"appid": account.appid, "event": event, "try": 1, "forged": kind == "callback_bad_signature"}
    entry |= sealed(account, event_xml(account, event, inner, world.now(), sender))
    for _ in range(2 if kind == "callback_dup" else 1):
        world.due.add(at, "callback", entry)


def sealed(account: Account, xml: str) -> Doc:
    """The body as it will travel on every try, and its Encrypt part."""
    if account.callback_mode == "clear":
        return {"body": xml, "encrypted": ""}
    encrypted = encrypt(account.aes_key, account.appid, xml)
    head = (
        xml.removesuffix("</xml>")
        if account.callback_mode == "compat"
        else f"<xml><ToUserName>{cdata(account.original_id)}</ToUserName>"
    )
    return {"body": f"{head}<Encrypt>{cdata(encrypted)}</Encrypt></xml>", "encrypted": encrypted}


def query(world: World, account: Account, encrypted: str, forged: bool) -> dict[str, str]:
    """The signed query string; a forged one is signed with another token."""
    token = "not-the-token" if forged else account.token
    stamp, nonce = str(int(world.now())), str(secrets.randbelow(2_000_000_000))
    params = {"signature": sign(token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": "o" + hex_id(27)}
    if encrypted:
        params |= {"encrypt_type": "aes", "msg_signature": sign(token, stamp, nonce, encrypted)}
    return params


def deliver(world: World, entry: Doc) -> None:
    """Push once; a failed push is queued again until the third."""
    account = load(world.state, Account, entry["appid"])
    if account is None or not account.callback_url:
        return
    params = query(world, account, entry["encrypted"], entry["forged"])
    taken, said = push(account.callback_url, params, entry["body"])
    note = {
        "appid": account.appid,
        "event": entry["event"],
        "at": iso(world.now()),
        "try": entry["try"],
        "answer": said,
    }
    with world.state.transaction():
        world.state.put("callback", "", world.state.next_number("callback"), note | {"forged": entry["forged"]})
        if not taken and not entry["forged"] and entry["try"] < TRIES:
            world.due.add(world.now() + ANSWER_WITHIN, "callback", entry | {"try": entry["try"] + 1})


def push(url: str, params: dict[str, str], body: str) -> tuple[bool, str]:
    """POST the body; returns whether it was taken, and what was answered."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
            answer = session.post(url, params=params, data=body.encode(), headers=headers, timeout=ANSWER_WITHIN)
    except requests.RequestException as error:
        return False, type(error).__name__
    text = answer.text.strip()
    good = answer.status_code == 200 and (text in ("", "success") or text.startswith("<xml"))
    return good, text[:40] if answer.status_code == 200 else f"HTTP {answer.status_code}"


def verify_url(world: World, account: Account) -> tuple[bool, str]:
    """What the console does when the address is saved: the server must echo a string."""
    echo = str(secrets.randbelow(10**18))
    stamp, nonce = str(int(world.now())), str(secrets.randbelow(2_000_000_000))
    params = {"signature": sign(account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "echostr": echo}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(account.callback_url or "", params=params, timeout=ANSWER_WITHIN)
    except requests.RequestException as error:
        return False, type(error).__name__
    return answer.status_code == 200 and answer.text == echo, f"HTTP {answer.status_code}: {answer.text[:60]}"


def element(name: str, value: object) -> str:
    """An XML element with plain content."""
    return f"<{name}>{escape(str(value))}</{name}>"
