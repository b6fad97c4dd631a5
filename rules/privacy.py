"""What is kept of a person's number or account once nothing more will be sent to it: a keyed hash and its last two signs."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

#: Half of SHA-256 in hexadecimal: no two addresses of a school meet.
DIGITS = 32
#: The name of the key in .env.
SEAL_KEY = "XXGK_SEAL_KEY"
MARK = "#"
#: Under what names a vendor's words, XML or JSON, tell of accounts and of persons: whose act it was, to whom it went.
_ACCOUNTS = frozenset((
    "fromusername", "openid", "unionid", "touser", "userid", "userids", "useridlist", "operatorid", "invaliduser", "senderid",
    "nickname", "card",
))  # fmt: skip
#: The same in JSON that was cut, or stands in other words: "user_id": 12345
_CUT = re.compile(r'''(\\*"(\w+)\\*"\s*:\s*)(\[[^\]]*|\\*"[^"\\]*|[^",}\]\s]+)''')
_WORD = re.compile(r'[^\[\],"\\\s]+')
_XML = re.compile(r"(<FromUserName>\s*(?:<!\[CDATA\[)?)([^\]<\s]+)")


def sealed(address: str, key: str) -> str:
    """`#` + keyed hash + `…` + last two signs: the same address and key give the same; without the key nobody finds it.

    A phone number has too few digits for a plain hash: all of them are tried in minutes, so the key stays in .env.
    """
    if is_sealed(address):
        return address
    digest = hmac.new(key.encode(), address.encode(), hashlib.sha256).hexdigest()[:DIGITS]
    return f"{MARK}{digest}…{address[-2:]}"


def digest_of(text: str, key: str) -> str:
    """A keyed hash of a text that may name a person: it proves the text and tells nothing of it."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_sealed(address: str) -> bool:
    """True for what `sealed` has made."""
    return address.startswith(MARK) and address[DIGITS + 1 : DIGITS + 2] == "…"


def masked(address: str) -> str:
    """For eyes: `…` and the last two signs."""
    return f"…{address[-2:]}"


def without_accounts(raw: str) -> str:
    """A vendor's words without the accounts that they name: the last two signs of each stay."""
    try:
        plain = json.loads(raw)
    except (ValueError, RecursionError):
        return _CUT.sub(_unnamed_cut, _XML.sub(lambda found: found[1] + masked(found[2]), raw))
    if not isinstance(plain, dict | list):
        return raw
    return json.dumps(_unnamed(plain), ensure_ascii=False).encode("utf-8", "replace").decode()  # half an emoji is no text


def _unnamed_cut(found: re.Match[str]) -> str:
    if not _is_account(found[2]):
        return found[0]
    return found[1] + _WORD.sub(lambda word: word[0] if word[0] == "null" else _masked(word[0]), found[3])


def _unnamed(plain: Any, *, named: bool = False) -> Any:
    """The same values, each below such a name masked; a text may hold words of its own."""
    if isinstance(plain, dict):
        return {key: _unnamed(each, named=named or _is_account(key)) for key, each in plain.items()}
    if isinstance(plain, list):
        return [_unnamed(each, named=named) for each in plain]
    if isinstance(plain, str) and not named:
        return without_accounts(plain)
    if not named or plain in (None, "") or not isinstance(plain, str | int):
        return plain
    return _masked(str(plain))


def _masked(name: str) -> str:
    bare = name.lstrip("…")
    return masked(bare) if bare and bare.isascii() else "…"  # of a name in 汉字 two signs are most of it


def _is_account(key: str) -> bool:
    return key.lower().replace("_", "") in _ACCOUNTS
