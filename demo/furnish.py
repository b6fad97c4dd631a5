"""The sandbox in a process of its own, furnished with a school's account, robots and groups as the vendors would know them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from config.places import HOME
from config.settings import Settings

FANS = 5218
BOT_ID = "10000001"


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


@contextmanager
def sandbox_process(state: Path, now: datetime | None, port: int = 0) -> Iterator[Sandbox]:
    """The sandbox on loopback (port 0: a free one), ended on leaving; `now` sets its clock, None leaves it real."""
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(state)]
    command += [] if now is None else ["--clock", now.isoformat()]
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


def furnish(sandbox: Sandbox, settings: Settings, callback_base: str) -> list[str]:
    """Set up what targets.csv and the secrets name; returns the secrets that are missing."""
    env, targets = settings.env, settings.school.targets.values()
    account = {
        "appid": env.get("WECHAT_APP_ID"), "secret": env.get("WECHAT_APP_SECRET"), "token": env.get("WECHAT_TOKEN"),
        "aes_key": env.get("WECHAT_AES_KEY"), "original_id": "gh_demo", "name": settings.school.name,
        "kind": "subscription", "callback_url": f"{callback_base}/callbacks/wechat_oa", "callback_mode": "safe",
        "fans": FANS, "ip_allow": None, "protect": False, "job_delay": 60,
    }  # fmt: skip
    robots = {t.address: t for t in targets if t.channel == "wecom_bot"}
    groups = [
        {"group_id": t.address, "name": t.name, "members": t.members or 100, "role": "admin"}
        for t in targets if t.channel == "onebot"
    ]  # fmt: skip
    bots = [{"self_id": BOT_ID, "token": env.get("ONEBOT_TOKEN", ""), "secret": None, "event_url": None}]
    wanted = ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY", "ONEBOT_TOKEN", *robots)
    sandbox.admin(
        "setup",
        accounts=[account] if all(account[key] for key in ("appid", "secret", "token", "aes_key")) else [],
        robots=[{"key": env[n], "name": t.name, "members": t.members or 50} for n, t in robots.items() if n in env],
        groups=groups,
        bots=bots if env.get("ONEBOT_TOKEN") else [],
    )
    for group in groups:  # a real group is never empty
        sandbox.admin("say", group_id=group["group_id"], text="欢迎加入本群，请修改群名片", user_id=20002)
    return [name for name in wanted if name not in env]
