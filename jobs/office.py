"""An office at work: its settings, its store, its channels and its clock, handed to every job."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import ArgumentError

from channels import REGISTRY, make
from channels.base import Channel, Clock
from config.settings import ConfigError, Settings
from rules.school import ChannelSetting, School
from store.db import Db


@dataclass
class Office:
    """Everything a job needs. The clock is passed in: a whole school year can be replayed in seconds."""

    school: School
    db: Db
    channels: Mapping[str, Channel]
    clock: Clock
    _pools: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def now(self) -> datetime:
        """The office's time, aware."""
        return self.clock()

    def exposure(self, channel: str) -> str | None:
        """Who can read a channel whatever its target."""
        found = self.channels.get(channel)
        return None if found is None else found.limits.exposure

    def setting(self, channel: str) -> ChannelSetting:
        """What the school has set for a channel."""
        return self.school.channels[channel]

    def pool(self, channel: str) -> ThreadPoolExecutor:
        """The channel's own senders: a slow channel holds up no other, and connections are kept."""
        if channel not in self._pools:
            senders = self.channels[channel].limits.senders
            self._pools[channel] = ThreadPoolExecutor(senders, thread_name_prefix=f"send-{channel}")
        return self._pools[channel]

    def close(self) -> None:
        """Let the senders finish and give back connections."""
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._pools.clear()
        self.db.close()


def new_owner() -> str:
    """A name for one claim, never used again: host, process, and a random part."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def open_office(settings: Settings, clock: Clock) -> Office:
    """The office of these settings: its database, and a channel for each one that school.toml has switched on.

    Raises ConfigError for a channel or a database that cannot be made of them.
    """
    unknown = [name for name in settings.school.channels if name not in REGISTRY]
    if unknown:
        raise ConfigError(
            f"school.toml 的 channels.{name}：没有这种渠道。可用：{'、'.join(REGISTRY)}" for name in unknown
        )
    try:
        channels = {name: make(each, settings.env, clock) for name, each in settings.school.channels.items()}
        return Office(settings.school, Db(settings.database_url), channels, clock)
    except (ValueError, ArgumentError, ImportError) as error:
        raise ConfigError([f"{error}。改法见  python bot.py check"]) from None
