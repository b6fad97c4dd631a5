"""What an interface answered, and whether it is an answer at all: an error in a 200, a login page, no list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sources.web import WebError

#: Where a path leads to nothing.
MISSING = object()
#: What interfaces write at the top of an answer that failed though its HTTP says 200.
_FAILED = ("error", "errors", "exception")


def parsed(text: str) -> Any:
    """The JSON of an answer; raises WebError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        html = text.lstrip("\ufeff \r\n\t").startswith("<")
        what = "是网页，多半是登录页或防火墙页面" if html else "不是 JSON，或不完整"
        raise WebError(f"接口的答复{what}，未读取。请管理员核对接口地址、令牌和本机的访问权限") from None


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path (data.records, or items.0.name in a list); MISSING if there is nothing."""
    for part in path.split(".") if path else ():
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


def check(answer: Any, ok: Mapping[str, str]) -> None:
    """Raise WebError for the answer of an interface that says it failed; its own words may hold secrets."""
    for path, wanted in ok.items():
        found = at(answer, path)
        said = json.dumps(found, ensure_ascii=False).strip('"') if found is not MISSING else "（没有）"
        if said != wanted:
            raise WebError(f"接口答复失败：{path} 应为 {wanted}，而是 {said[:20]}。请管理员核对令牌和接口权限")
    if not isinstance(answer, Mapping):
        return
    if answer.get("success") in (False, "false") or any(answer.get(name) for name in _FAILED):
        raise WebError("接口答复失败（success、error）。请管理员核对令牌和接口权限")


def list_of(answer: Any, path: str) -> list[Mapping[str, Any]]:
    """The rows of an answer; raises WebError where there is no list of objects."""
    found = at(answer, path)
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        where = f"“{path}”处" if path else ""
        raise WebError(f"接口的答复{where}没有条目列表，接口可能改版。请核对 rows")
    return found
