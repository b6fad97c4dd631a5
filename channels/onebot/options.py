"""The school's settings for QQ groups: which accounts send, and when a message calls everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.routing import Target
from rules.school import ChannelSetting

WHERE = "channels.onebot"
#: The account of today's `api_base` and ONEBOT_TOKEN, which needs no name.
FIRST, FIRST_TOKEN = "主账号", "ONEBOT_TOKEN"
#: A push waits for one account after the other; with more of them it would wait for minutes.
MOST_BOTS = 4
#: The QQ side itself waits 10 s and more before it gives up: a shorter timeout would hide a definite answer.
TIMEOUT, SHORTEST, LONGEST = 30, 15, 90
KEY = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
BOT_KEYS = {"name", "api_base", "token"}


@dataclass(frozen=True, kw_only=True)
class BotSetting:
    """One account as the school has set it."""

    name: str
    api_base: str
    #: The name of its access token's key in .env.
    token: str
    #: Where it is set, as `check` names it.
    where: str


@dataclass(frozen=True, kw_only=True)
class Options:
    """The channel as the school has set it."""

    #: The first that can sends; the others stand by.
    bots: tuple[BotSetting, ...]
    #: Seconds a send may take.
    timeout: float
    #: 编号 of the targets whose urgent pushes call everybody (@全体成员), or all of them.
    at_all: frozenset[str] | bool

    def calls_everybody(self, target: Target) -> bool:
        """True if the school wants an urgent push to this target to call everybody."""
        return self.at_all if isinstance(self.at_all, bool) else target.number in self.at_all

    @classmethod
    def of(cls, setting: ChannelSetting) -> Options:
        """The options of a setting; raises ValueError naming the key and the fix."""
        first = BotSetting(name=FIRST, api_base=setting.api_base, token=FIRST_TOKEN, where=f"{WHERE}.api_base")
        return cls(
            bots=(first, *_more(setting.options.get("bots", []))),
            timeout=_timeout(setting.options.get("timeout", TIMEOUT)),
            at_all=_at_all(setting.options.get("at_all", False)),
        )


def _more(given: object) -> list[BotSetting]:
    """The accounts that stand by."""
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise ValueError(f"{WHERE}.bots 应写成 [[{WHERE}.bots]] 开头的一段，每个备用账号一段")
    if len(given) >= MOST_BOTS:
        raise ValueError(f"{WHERE}.bots 连同主账号最多 {MOST_BOTS} 个，请删去一些")
    found = [_bot(each) for each in given]
    for part in ("name", "api_base"):
        values = [getattr(each, part) for each in found]
        if len(set(values)) < len(values) or FIRST in values:
            raise ValueError(f"{WHERE}.bots 的 {part} 有重复，每个账号应不同")
    return found


def _bot(given: Mapping[str, Any]) -> BotSetting:
    values = {key: str(given.get(key, "")).strip() for key in BOT_KEYS}
    name = values["name"]
    if unknown := set(given) - BOT_KEYS:
        raise ValueError(f"{WHERE}.bots 没有“{'、'.join(sorted(unknown))}”这一项，可写 name、api_base、token")
    if missing := [key for key in ("name", "api_base", "token") if not values[key]]:
        raise ValueError(f"{WHERE}.bots“{name}”缺少 {'、'.join(missing)}，请补上")
    if not KEY.fullmatch(values["token"]):  # a secret may stand in it: it is not repeated
        raise ValueError(f"{WHERE}.bots“{name}”的 token 应写 .env 中的变量名，如 ONEBOT_TOKEN_2，令牌本身写在 .env")
    return BotSetting(
        name=name, api_base=values["api_base"].rstrip("/"), token=values["token"], where=f"{WHERE}.bots“{name}”"
    )


def _timeout(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not SHORTEST <= given <= LONGEST:
        raise ValueError(f"{WHERE}.timeout 应为等待秒数，{SHORTEST} 到 {LONGEST} 之间，如 {TIMEOUT}")
    return float(given)


def _at_all(given: object) -> frozenset[str] | bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, (list, tuple)) and all(isinstance(each, str) for each in given):
        return frozenset(given)
    raise ValueError(f'{WHERE}.at_all 应为 true、false，或目标编号的列表，如 ["Q01"]')
