"""What the sandbox is furnished with: a school's account, robots, groups and persons as the vendors would know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.onebot.options import BotSetting, Options
from channels.onebot.places import place_of
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
    groups, bots = _groups(settings), _bots(settings, callback_base)
    tokens = ("ONEBOT_TOKEN", *(each.token for each in _accounts(settings)[1:]))
    wanted = ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY", *tokens, *robots)
    wanted = (*wanted, *persons.wanted(settings))
    sandbox.admin(
        "setup",
        accounts=[each for each in (account, *persons.service_accounts(settings, callback_base)) if _whole(each)],
        robots=[{"key": env[n], "name": t.name, "members": t.members or 50} for n, t in robots.items() if n in env],
        groups=groups,
        bots=bots,
        **persons.vendors(settings, callback_base),
    )
    persons.make_chats(settings)
    for group in groups:  # a real group is never empty
        sandbox.admin("say", group_id=group["group_id"], text="欢迎加入本群，请修改群名片", user_id=20002)
    return [name for name in wanted if name not in env]


def _groups(settings: Settings) -> list[dict[str, Any]]:
    """The QQ groups of the register; a group and its announcement board are one."""
    mine = [t for t in settings.school.targets.values() if t.channel == "onebot"]
    rows = {place_of(t.address).group: t for t in sorted(mine, key=lambda t: not place_of(t.address).board)}
    return [{"group_id": g, "name": t.name, "members": t.members or 100, "role": "admin"} for g, t in rows.items()]


def _accounts(settings: Settings) -> tuple[BotSetting, ...]:
    setting = settings.school.channels.get("onebot")
    return () if setting is None else Options.of(setting).bots


def _bots(settings: Settings, callback_base: str) -> list[dict[str, Any]]:
    """The QQ accounts whose token is there; one that stands by is named at the end of its address."""
    found = []
    for n, each in enumerate(_accounts(settings)):
        last = each.api_base.rpartition("/")[2]
        token = settings.env.get(each.token, "")
        bot = {"self_id": last if n and last.isdigit() else str(int(BOT_ID) + n), "token": token, "secret": token}
        found.append({**bot, "event_url": f"{callback_base}/callbacks/onebot", "report_self": True})
    return [bot for bot in found if bot["token"]]


def _whole(account: Mapping[str, Any]) -> bool:
    return all(account[key] for key in ("appid", "secret", "token", "aes_key"))
