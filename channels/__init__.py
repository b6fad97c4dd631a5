"""How an item reaches people: one file per vendor. Adding a channel: its file, one line in REGISTRY, tests, README row."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from channels.base import Channel, Clock, Exposes
from rules.routing import Target
from rules.school import ChannelSetting

#: kind -> where it is made; imported on first use, so that a command that sends nothing loads nothing.
REGISTRY: dict[str, str] = {
    "wecom_bot": "channels.wecom_bot:WecomBot",
    "wecom_app": "channels.wecom.app:WecomApp",
    "wecom_chat": "channels.wecom.chat:WecomChat",
    "onebot": "channels.onebot:OneBot",
    "wechat_oa": "channels.wechat_oa:WechatOA",
    "wechat_notice": "channels.wechat_oa.notice:WechatNotice",
    "sms_aliyun": "channels.sms.aliyun:Aliyun",
    "sms_tencent": "channels.sms.tencent:Tencent",
    "email": "channels.mail:Mail",
    "alarm_url": "channels.alarm_url:AlarmUrl",
    "manual": "channels.manual:Manual",
    "website": "channels.website:Website",
}

#: Those whose addresses are persons: what they have left in the log is forgotten, though they be switched off since.
TO_PERSONS = frozenset({"sms_aliyun", "sms_tencent", "wecom_app", "wechat_notice", "email"})


def make(setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> Channel:
    """The channel of a setting; raises KeyError for a kind that is not in REGISTRY."""
    module, name = REGISTRY[setting.name].split(":")
    return cast(Channel, getattr(import_module(module), name)(setting, secrets, clock))


def exposure_at(target: Target, channels: Mapping[str, Channel]) -> str | None:
    """Who can read what stands at a target, whatever its audience: by its channel, or by the place it is."""
    found = channels.get(target.channel)
    if isinstance(found, Exposes):
        return found.exposure(target)
    return None if found is None else found.limits.exposure


def label_of(name: str) -> str:
    """What a kind of channel is called whatever the school calls its own; raises KeyError for one not in REGISTRY."""
    module, kind = REGISTRY[name].split(":")
    return str(getattr(import_module(module), kind).label)
