"""What the sandbox is furnished with: a school's account, robots, groups and persons as the vendors would know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.settings import Settings
from demo import persons
from demo.sandbox import Sandbox

FANS = 5218
BOT_ID = "10000001"


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
    wanted = (*wanted, *persons.wanted(settings))
    sandbox.admin(
        "setup",
        accounts=[each for each in (account, *persons.service_accounts(settings, callback_base)) if _whole(each)],
        robots=[{"key": env[n], "name": t.name, "members": t.members or 50} for n, t in robots.items() if n in env],
        groups=groups,
        bots=bots if env.get("ONEBOT_TOKEN") else [],
        **persons.vendors(settings, callback_base),
    )
    persons.make_chats(settings)
    for group in groups:  # a real group is never empty
        sandbox.admin("say", group_id=group["group_id"], text="欢迎加入本群，请修改群名片", user_id=20002)
    return [name for name in wanted if name not in env]


def _whole(account: Mapping[str, Any]) -> bool:
    return all(account[key] for key in ("appid", "secret", "token", "aes_key"))
