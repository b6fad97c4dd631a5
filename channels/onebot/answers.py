"""What a OneBot implementation answers: success, the failures we know, and the fields we read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels.words import Meaning
from rules.outcome import Outcome

TOKEN = Meaning(Outcome.MISCONFIGURED, "访问令牌不对", "请核对 .env 中的 ONEBOT_TOKEN 与QQ端的 token 是否一致")
NO_ACTION = Meaning(Outcome.MISCONFIGURED, "QQ端没有该接口", "请检查 channels.onebot.api_base，QQ端须支持 OneBot v11")
MUTED = Meaning(
    Outcome.THROTTLED, "群内禁言中，机器人暂不能发言", "禁言解除后自动补发；请群主解除禁言", timedelta(minutes=10)
)
#: Nothing of the content is wrong: it waits, and what comes after it is bundled with it.
REMOVED = Meaning(
    Outcome.UNAVAILABLE, "机器人不在该群，可能已被移出", "请群主把机器人重新拉入群，之后自动补发", timedelta(minutes=10)
)
OFFLINE = Meaning(Outcome.UNAVAILABLE, "QQ端已离线", "请重新登录QQ端")
BAD = Meaning(Outcome.REFUSED, "请求内容不被接受", "请核对群号；仍不行请将此条记录交系统管理员")
NO_CHIEF = Meaning(
    Outcome.UNAVAILABLE, "机器人不是该群管理员", "请群主把机器人设为管理员，之后自动补发", timedelta(minutes=10)
)
NO_BOARD = Meaning(
    Outcome.UNAVAILABLE,
    "QQ端不支持群公告",
    "请升级QQ端（如 NapCat），或在 targets.csv 中删去公告目标",
    timedelta(hours=1),
)
#: The day's @全体成员 are used up, or it is not allowed: the next try asks before it sends, and goes without.
NO_AT_ALL = Meaning(Outcome.THROTTLED, "本群现在不能@全体成员", "稍后自动改为不@全体成员发送", timedelta(minutes=1))
TOO_LATE = Meaning(Outcome.REFUSED, "QQ端没有撤回：超过两分钟，机器人又不是该群管理员", "请群主或管理员在群内撤回")
UNSURE = Meaning(Outcome.UNCERTAIN, "QQ端发送超时，不能确定是否已发出")
NO_RESULT = Meaning(Outcome.UNCERTAIN, "QQ端未给出明确结果")
UNKNOWN = Meaning(Outcome.UNKNOWN_CODE, "QQ端返回未收录的错误", "请到群里核对，并将此条记录交系统管理员")

#: https://github.com/botuniverse/onebot-11/blob/master/communication/http.md; other statuses carry an answer of their own.
STATUS: dict[int, Meaning] = {400: BAD, 401: TOKEN, 403: TOKEN, 404: NO_ACTION, 406: BAD}
#: "EventChecker Failed: … {"result":110,…}": QQ's own number for a message it refused, https://github.com/NapNeko/NapCatQQ/issues
RESULTS: dict[int, Meaning] = {110: REMOVED, 120: MUTED, 121: NO_AT_ALL, 122: NO_AT_ALL}
#: Words of a failed answer, in this order: a timeout first, for the message may have left whatever else is said.
WORDS: tuple[tuple[str, Meaning], ...] = (
    ("timeout", UNSURE),
    ("超时", UNSURE),
    ("禁言", MUTED),
    ("移出", REMOVED),
    ("不在群", REMOVED),
    ("离线", OFFLINE),
    ("不支持的api", NO_ACTION),
    ("没有权限", NO_CHIEF),
    ("recall failed", TOO_LATE),
    ("token verify", TOKEN),
)


def judge(answer: Mapping[str, Any], raw: str) -> None:
    """Return if the action was done: status "ok" and retcode 0, both. Raises SendError otherwise."""
    status, retcode = answer.get("status"), answer.get("retcode")
    if status == "ok" and retcode == 0:
        return
    if status != "failed":
        raise NO_RESULT.error(text(retcode), raw)
    words = " ".join(text(answer.get(name)) for name in ("message", "wording", "msg"))
    raise meaning_of(words).error(text(retcode), raw)


def meaning_of(words: str) -> Meaning:
    """What a failure's words say; the retcode says too little, and not the same everywhere."""
    meaning = next((known for word, known in WORDS if word in words.lower()), UNKNOWN)
    result = re.search(r'EventChecker.*?"result"\s*:\s*(-?\d+)', words, re.DOTALL)
    return meaning if meaning is UNSURE or result is None else RESULTS.get(int(result[1]), meaning)


def text(value: object) -> str:
    """An id, word or number as text; implementations do not agree on which ids are numbers."""
    return "" if value is None else str(value)


def number(value: str) -> int | str:
    """An id as the specification sends it; what is no number is left for the other side to refuse."""
    return int(value) if re.fullmatch(r"-?[0-9]+", value) else value


def dicts(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing if it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def data_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of an answer, if it is an object."""
    data = answer.get("data")
    return data if isinstance(data, dict) else {}
