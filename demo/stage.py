"""The stage of a demonstration: the sandbox in a process of its own, the office, the door for callbacks, one clock."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from channels.base import Calls
from config.places import HOME
from config.settings import Settings, load
from jobs.office import Office, open_office
from web.app import create_app
from web.server import running

#: Made up for the sandbox; none of them opens anything.
APP_ID, APP_SECRET = "wxdemo0123456789ab", "0" * 32
SECRETS = {
    "WECHAT_APP_ID": APP_ID,
    "WECHAT_APP_SECRET": APP_SECRET,
    "WECHAT_TOKEN": "demotoken",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "ONEBOT_TOKEN": "demo-onebot-token",
}
FANS = 5218


@dataclass
class Clock:
    """The demonstration's time; the sandbox's clock follows it."""

    now: datetime
    moves: int = 0

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Sandbox:
    """The sandbox's admin door."""

    base: str
    _session: requests.Session = field(default_factory=requests.Session)

    def admin(self, what: str, **body: Any) -> dict[str, Any]:
        """One order to the sandbox; raises requests.HTTPError."""
        answer = self._session.post(f"{self.base}/__sandbox__/{what}", json=body, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def books(self) -> dict[str, Any]:
        """What the sandbox itself has written down."""
        answer = self._session.get(f"{self.base}/__sandbox__/books", timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@dataclass
class Stage:
    """Everything a replay needs."""

    office: Office
    sandbox: Sandbox
    clock: Clock
    secrets: Mapping[str, str]
    #: The folder that is watched.
    register: Path

    def set_clock(self, now: datetime) -> None:
        """Move time forward on both sides; the sandbox then runs what is due, callbacks included."""
        if now > self.clock.now:
            self.clock.now = now
            self.sandbox.admin("clock", now=now.isoformat())


@contextmanager
def sandbox_process(state: Path, now: datetime) -> Iterator[Sandbox]:
    """The sandbox on a free port of loopback, ended on leaving."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(state), "--clock", now.isoformat()]
    process = subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("演练环境没有启动成功")
        sandbox = Sandbox(json.loads(line)["base"])
        yield sandbox
        sandbox._session.close()
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def stage(config: Path, home: Path, database_url: str, now: datetime) -> Iterator[Stage]:
    """Sandbox, office and callback door, wired together; reads no .env."""
    clock = Clock(now)
    with sandbox_process(home / "sandbox.sqlite3", now) as sandbox:
        settings = _settings(config, home, database_url, sandbox.base)
        office = open_office(settings, clock)
        doors = {name: each for name, each in office.channels.items() if isinstance(each, Calls)}
        try:
            with running(create_app(office.db, doors, clock, lambda: {"ok": True})) as base:
                _furnish(sandbox, settings, base)
                yield Stage(office, sandbox, clock, settings.env, home / "登记表")
        finally:
            office.close()


def _settings(config: Path, home: Path, database_url: str, base: str) -> Settings:
    settings = load(config, {})
    secrets: dict[str, str] = dict(SECRETS)
    for target in settings.school.targets.values():
        if target.channel == "wecom_bot":
            secrets[target.address] = f"demo-{target.number.lower()}-0000-0000-000000000000"
    return replace(settings, env=secrets, database_url=database_url, school=_here(settings, home, base))


def _here(settings: Settings, home: Path, base: str) -> Any:
    school = settings.school
    doors = {"wechat_oa": "wechat", "wecom_bot": "wecom", "onebot": "onebot"}
    channels = {name: replace(each, api_base=f"{base}/{doors[name]}") for name, each in school.channels.items()}
    columns = tuple(replace(each, place=str(home / each.place)) for each in school.columns)
    return replace(school, channels=channels, columns=columns)


def _furnish(sandbox: Sandbox, settings: Settings, callback_base: str) -> None:
    """The accounts, robots and groups of the school, as the vendors would know them."""
    targets: Mapping[str, Any] = settings.school.targets
    account = {
        "appid": APP_ID, "secret": APP_SECRET, "token": SECRETS["WECHAT_TOKEN"], "aes_key": SECRETS["WECHAT_AES_KEY"],
        "original_id": "gh_demo", "name": settings.school.name, "kind": "subscription", "callback_url": f"{callback_base}/callbacks/wechat_oa",
        "callback_mode": "safe", "fans": FANS, "ip_allow": None, "protect": False, "job_delay": 60,
    }  # fmt: skip
    robots = [
        {"key": settings.env[t.address], "name": t.name, "members": t.members}
        for t in targets.values() if t.channel == "wecom_bot"
    ]  # fmt: skip
    groups = [
        {"group_id": t.address, "name": t.name, "members": t.members, "role": "admin"}
        for t in targets.values() if t.channel == "onebot"
    ]  # fmt: skip
    bots = [{"self_id": "10000001", "token": SECRETS["ONEBOT_TOKEN"], "secret": None, "event_url": None}]
    sandbox.admin("setup", accounts=[account], robots=robots, groups=groups, bots=bots)
    for group in groups:  # a real group is never empty
        sandbox.admin("say", group_id=group["group_id"], text="欢迎加入本群，请修改群名片", user_id=20002)
