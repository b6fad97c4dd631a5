"""The options of an interface that answers in JSON, checked: each mistake names its key and the fix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from rules.school import Column
from sources.base import options_of
from sources.mapped import OPTIONS

KNOWN = ("rows", "method", "params", "ok", "paging", "token", "header", "prefix", "login", *OPTIONS)
_KEY = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
_SECRETS = re.compile(r"token|secret|passw|pwd|(^|_)key$|sign", re.IGNORECASE)
_LOGIN = {"user_field": "userName", "password_field": "password", "token": "id"}


@dataclass(frozen=True)
class Login:
    """A POST that gives a token: where, the names in .env, and what the fields are called."""

    path: str
    user: str
    password: str
    user_field: str
    password_field: str
    #: Dotted path of the token in the answer.
    token: str


@dataclass(frozen=True)
class Paging:
    """How further pages are asked for: by number, or by what the last answer gave; neither: there is one page."""

    page: str = ""
    first: int = 1
    cursor: str = ""
    #: Dotted path of the next page's mark in an answer.
    next: str = ""
    size: str = ""
    rows: int = 100


@dataclass(frozen=True)
class Options:
    """All of them."""

    #: Dotted path of the list in an answer; "" if the answer is the list.
    rows: str
    method: str
    params: Mapping[str, Any]
    #: Dotted path -> what a good answer has there.
    ok: Mapping[str, str]
    paging: Paging
    #: Name in .env; "" for none.
    token: str
    header: str
    prefix: str
    login: Login | None


def read_options(column: Column) -> Options:
    """From a watch; raises ValueError."""
    given = options_of(column, KNOWN)
    _check_place(column)
    method = str(given.get("method", "GET")).upper()
    if method not in ("GET", "POST"):
        raise _wrong(column, "method", '请写 "GET" 或 "POST"')
    params, ok = _table(column, "params"), _table(column, "ok")
    if any(_SECRETS.search(name) for name in params):
        raise _wrong(column, "params", "密钥不写在这里：写在 .env 中，用 token 或 login 写它的变量名")
    token = given.get("token", "")
    if token and not _is_name(token):
        raise _wrong(column, "token", '应是 .env 中的变量名，如 token = "XXGK_OA_TOKEN"，令牌本身写在 .env 中')
    login = _login(column)
    if token and login:
        raise _wrong(column, "login", "token 和 login 只写一个")
    header = given.get("header", "Authorization" if token else "token")
    if not isinstance(header, str) or not re.fullmatch(r"[A-Za-z][\w-]{0,60}", header):
        raise _wrong(column, "header", '应是请求头的名称，如 header = "Authorization"')
    oks = {path: _text(value) for path, value in ok.items()}
    rows, prefix = _string(column, "rows"), _string(column, "prefix")
    return Options(rows, method, params, oks, _paging(column), token, header, prefix, login)


def _check_place(column: Column) -> None:
    parts = urlsplit(column.place)
    if parts.username or parts.password or any(_SECRETS.search(name) for name, _ in parse_qsl(parts.query)):
        fix = "请从网址中删去，写在 .env 中，用 token 或 login 写它的变量名"
        raise ValueError(f"监看“{column.name}”的 place 中有账号或密钥，{fix}")


def _login(column: Column) -> Login | None:
    given = _table(column, "login")
    if not given:
        return None
    wrong = sorted(given.keys() - {"path", "user", "password", *_LOGIN})
    if wrong:
        raise _wrong(column, "login", f"没有“{'、'.join(wrong)}”这一项，可写 path、user、password、{'、'.join(_LOGIN)}")
    if not str(given.get("path", "")).startswith("/"):
        raise _wrong(column, "login", '缺少以 / 开头的 path，如 path = "/seeyon/rest/token"')
    for name in ("user", "password"):
        if not _is_name(given.get(name)):
            raise _wrong(column, "login", f'{name} 应是 .env 中的变量名，如 {name} = "XXGK_OA_{name.upper()}"')
    return Login(**{name: str(value) for name, value in {**_LOGIN, **given}.items()})


def _paging(column: Column) -> Paging:
    given = _table(column, "paging")
    wrong = sorted(given.keys() - Paging.__dataclass_fields__.keys())
    if wrong:
        known = "、".join(Paging.__dataclass_fields__)
        raise _wrong(column, "paging", f"没有“{'、'.join(wrong)}”这一项，可写 {known}")
    for name in ("first", "rows"):
        if type(given.get(name, 1)) is not int or not 0 <= given.get(name, 1) <= 1000:
            raise _wrong(column, "paging", f"{name} 应为 0 至 1000 之间的整数")
    found = Paging(**given)
    if not all(isinstance(each, str) for each in (found.page, found.cursor, found.next, found.size)):
        raise _wrong(column, "paging", "page、cursor、next、size 应为加引号的文字")
    if given and bool(found.page) == bool(found.cursor and found.next):
        example = '{ page = "pageNo" } 或 { cursor = "cursor", next = "data.next" }'
        raise _wrong(column, "paging", f"按页码或按游标写一种：{example}")
    return found


def _table(column: Column, key: str) -> Mapping[str, Any]:
    given = column.options.get(key, {})
    if not isinstance(given, Mapping) or any(isinstance(each, (Mapping, list)) for each in given.values()):
        raise _wrong(column, key, "应写成 { 名称 = 值 }")
    return given


def _string(column: Column, key: str) -> str:
    given = column.options.get(key, "")
    if not isinstance(given, str):
        raise _wrong(column, key, "应为加引号的文字")
    return given


def _text(value: Any) -> str:
    """A value as it is compared: true and 1 as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and _KEY.fullmatch(given) is not None


def _wrong(column: Column, key: str, fix: str) -> ValueError:
    """Never repeats what was written: it may be the secret itself."""
    return ValueError(f"监看“{column.name}”的 {key}：{fix}")
