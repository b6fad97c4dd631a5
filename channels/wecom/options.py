"""The channels' own keys in school.toml and .env, read once and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.base import Clock
from channels.wecom.client import Client
from rules.school import ChannelSetting

FORMS = ("textcard", "markdown", "text")
CARD = "template_card"


@dataclass(frozen=True, kw_only=True)
class Options:
    """One app as the school has set it."""

    #: How a push is shown.
    form: str
    #: The app's number; None: not filled in, or no number.
    agent_id: int | None

    @property
    def ack(self) -> bool:
        """True if a push carries a button 已阅."""
        return self.form == CARD

    @classmethod
    def of(cls, setting: ChannelSetting, secrets: Mapping[str, str]) -> Options:
        """The options of a setting; raises ValueError naming the key and the fix."""
        where = f"channels.{setting.name}"
        given = setting.options.get("format")
        ack = setting.options.get("ack", given == CARD)
        if not isinstance(ack, bool):
            raise ValueError(f"{where}.ack 应为 true 或 false")
        if ack and given not in (None, CARD):
            raise ValueError(f"{where}：带“已阅”按钮的只能是 {CARD}，请删去 format 或把 ack 改为 false")
        if not ack and given == CARD:
            raise ValueError(f"{where}：{CARD} 都带“已阅”按钮，请写 ack = true 或换一种 format")
        agent = str(setting.options.get("agent_id") or secrets.get("WECOM_APP_AGENT_ID", "")).strip()
        number = int(agent) if agent.isascii() and agent.isdigit() else None
        return cls(form=CARD if ack else form_of(setting), agent_id=number)


def form_of(setting: ChannelSetting) -> str:
    """The format that is set, a card if none is; raises ValueError naming the key and what it may be."""
    form = str(setting.options.get("format", FORMS[0]))
    if form not in FORMS:
        raise ValueError(f"channels.{setting.name}.format 不能是“{form}”，请改为 {'、'.join(FORMS)} 之一")
    return form


def client_of(setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock, secret: str) -> Client:
    """A client that acts with the secret of this name in .env."""
    corp_id, value = secrets.get("WECOM_CORP_ID", "").strip(), secrets.get(secret, "").strip()
    return Client(setting.api_base, corp_id, value, clock)
