"""The channel's own keys in school.toml, read once and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from rules.planner import Other, Thrift
from rules.school import ChannelSetting


class Mode(StrEnum):
    """What a push does on the platform."""

    #: A draft for a person to look at and send.
    DRAFT = "draft"
    #: An article on the account's page, without a push to its followers.
    PUBLISH = "publish"
    #: An article sent to all followers, or those of one tag.
    MASS = "mass"

    @property
    def label(self) -> str:
        return {"draft": "草稿", "publish": "发布", "mass": "群发"}[self.value]


#: What the allowance of mass sends is called.
MASS_SEND = Mode.MASS.label
_MODES = {word: mode for mode in Mode for word in (mode.value, mode.label)}
_OTHER = {"publish": Other.PUBLISH, "发布": Other.PUBLISH, "wait": Other.WAIT, "等待": Other.WAIT}
_SERVICE = {"subscription": False, "订阅号": False, "service": True, "服务号": True}


@dataclass(frozen=True, kw_only=True)
class Options:
    """One account as the school has set it."""

    mode: Mode = Mode.DRAFT
    #: True for a 服务号 (4 mass sends a month), False for a 订阅号 (1 a day).
    service: bool = False
    #: Send only to followers with this tag; None: to all.
    tag_id: int | None = None
    #: An image file; None: a plain one of ours.
    cover: Path | None = None
    author: str = ""
    #: The school's public site: where 阅读原文 leads if an item has no address of its own.
    home: str = ""
    #: The only hosts from which images of an article are fetched.
    image_hosts: frozenset[str] = frozenset()
    #: True: a callback that is not encrypted is refused.
    safe_only: bool = False
    #: How mass sends are spent.
    thrift: Thrift = field(default_factory=Thrift)

    @classmethod
    def of(cls, setting: ChannelSetting) -> Options:
        """The options of a setting; raises ValueError naming the key and the fix."""
        given = setting.options
        where = f"channels.{setting.name}"
        tag = given.get("tag_id")
        if tag is not None and (isinstance(tag, bool) or not isinstance(tag, int)):
            raise ValueError(f"{where}.tag_id 应为数字，请填写公众平台“用户管理”中标签的编号")
        service = _one_of(given, "account", "subscription", _SERVICE, where)
        return cls(
            mode=_one_of(given, "mode", "draft", _MODES, where),
            service=service,
            tag_id=tag,
            cover=Path(given["cover"]) if given.get("cover") else None,
            author=str(given.get("author", "")),
            home=str(given.get("home", "")),
            image_hosts=frozenset(str(host).lower() for host in given.get("image_hosts", ())),
            safe_only=_one_of(given, "callback", "any", {"any": False, "safe": True}, where),
            thrift=Thrift(
                reserve=_number(given, "reserve", 1, where),
                min_pieces=_number(given, "min_pieces", 2 if service else 1, where),
                max_wait_days=_number(given, "max_wait_days", 5, where),
                other=_one_of(given, "other", Other.PUBLISH, _OTHER, where),
                other_word=Mode.PUBLISH.label,
            ),
        )


def _number(given: Mapping[str, Any], key: str, default: int, where: str) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{where}.{key} 应为不带引号的数字，如 {key} = {default}")
    return value


def _one_of(given: Mapping[str, Any], key: str, default: str, allowed: Mapping[str, Any], where: str) -> Any:
    word = str(given.get(key, default))
    if word not in allowed:
        raise ValueError(f"{where}.{key} 没有“{word}”这个值，请填写其中之一：{'、'.join(allowed)}")
    return allowed[word]
