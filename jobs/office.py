"""An office at work: its settings, its store, its channels and its clock, handed to every job."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import ArgumentError

from channels import REGISTRY, exposure_at, make
from channels.base import Channel, Clock, Expands, Reserves, SendError
from config import places
from config.people import People, is_list
from config.settings import ConfigError, Settings
from config.tables import Wrong
from rules.hours import Hours, hours_of
from rules.outcome import Outcome
from rules.privacy import SEAL_KEY, sealed
from rules.routing import Target
from rules.school import ChannelSetting, School
from store.db import Db


@dataclass
class Office:
    """Everything a job needs. The clock is passed in: a whole school year can be replayed in seconds."""

    school: School
    db: Db
    channels: Mapping[str, Channel]
    clock: Clock
    #: Where the lists of persons lie; None: this office has none.
    people: People | None = None
    #: What persons' addresses are hashed with.
    seal_key: str = ""
    #: True only with XXGK_LIVE=1; without it no site but this machine's is read for its visits.
    live: bool = False
    #: .env and the process: secrets that a watched place needs are read from here by name.
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    _pools: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def now(self) -> datetime:
        """The office's time, aware."""
        return self.clock()

    def exposure(self, target: Target) -> str | None:
        """Who can read what stands at a target, whatever its audience: by its channel, or by the place it is."""
        return exposure_at(target, self.channels)

    def urgent_only(self, target: Target) -> bool:
        """True for a target that takes nothing but urgent items."""
        found = self.channels.get(target.channel)
        return isinstance(found, Reserves) and found.urgent_only(target)

    def hours(self, target: Target) -> Hours:
        """When a target may be written to."""
        return hours_of(self.school, target, self.exposure(target))

    def setting(self, channel: str) -> ChannelSetting:
        """What the school has set for a channel."""
        return self.school.channels[channel]

    def listed(self, target: Target) -> Sequence[str] | None:
        """The addresses of a target that is a list of persons (名单), None if it is none. Raises Wrong."""
        if not is_list(target.address):
            return None
        column = self.channels[target.channel].limits.person
        if self.people is None or not column:
            raise Wrong(
                f"目标 {target.number} 的地址是名单，而渠道“{target.channel}”不能发给名单。请在登记册中改正地址"
            )
        return self.people.addresses(target.address, column)

    def addresses(self, target: Target) -> Sequence[str]:
        """The addresses a target stands for now: its own, or its persons'. May ask the vendor. Raises SendError."""
        try:
            listed = self.listed(target)
        except Wrong as error:
            raise SendError(Outcome.UNAVAILABLE, str(error)) from None
        if listed is not None:
            return listed
        channel = self.channels[target.channel]
        return channel.expand(target) if isinstance(channel, Expands) else [target.address]

    def to_persons(self, target: Target) -> bool:
        """True if a target stands for persons, each an address of its own: a list, or a department that is expanded."""
        return is_list(target.address) or isinstance(self.channels[target.channel], Expands)

    def gone(self, target: Target, addresses: Iterable[str]) -> set[str]:
        """Those that a target no longer stands for, as far as can be told without asking the vendor. Raises Wrong."""
        listed = self.listed(target)
        if listed is None and isinstance(self.channels[target.channel], Expands):
            return set()
        return set(addresses).difference([target.address] if listed is None else listed)

    def kept(self, channel: str, address: str) -> str:
        """An address as the allowances name it: a person's is sealed."""
        return sealed(address, self.seal_key) if self.channels[channel].limits.person else address

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
        key = _seal_key(settings.env, channels.values())
        people = People(places.people_folder(settings.env))
        return Office(settings.school, Db(settings.database_url), channels, clock, people, key, settings.live, settings.env)
    except ConfigError:
        raise
    except (ValueError, ArgumentError, ImportError) as error:
        raise ConfigError([f"{error}。改法见  python bot.py check"]) from None


def _seal_key(env: Mapping[str, str], channels: Iterable[Channel]) -> str:
    """The key of persons' addresses; a channel that writes to persons does not start without one."""
    key = env.get(SEAL_KEY, "")
    if len(key) < 16 and any(channel.limits.person for channel in channels):
        fix = "请填写 16 个以上随机字符并妥善保存：发完后手机号、账号只留它加密的散列和末两位"
        raise ConfigError([f".env 的 {SEAL_KEY}：没有填写或太短。{fix}"])
    return key
