"""The persons of a demonstration, all invented: who stands in the lists, whose handset fails, who presses 已阅.

Their vendors' accounts too, set up as school.toml and the secrets have them: a rehearsal needs the same.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import requests

from channels.base import SendError
from channels.wecom.cards import ACK
from channels.wecom.chat import WecomChat
from channels.wecom.whom import parse
from config import places
from config.people import People, is_list
from config.settings import Settings
from config.tables import Wrong
from demo.sandbox import Sandbox
from rules.reminders import ALARM_URL
from rules.routing import Target
from rules.school import ChannelSetting

CADRES = tuple(f"138000000{n:02d}" for n in range(1, 42))
FRESHMEN = tuple(f"138000001{n:02d}" for n in range(1, 41))
#: Numbers of the lists that are no good for the whole year.
NO_SUCH, SILENT = CADRES[39], CADRES[40]
FATES = ({"number": NO_SUCH, "fate": "failed"}, {"number": SILENT, "fate": "never"})
#: One of so many presses 已阅.
PRESSES = 3

#: Members of each app chat, at most; parents who have asked for notices.
CHAT_MEMBERS, PARENTS = 20, 12
PARENTS_LIST = "订阅的家长"
SERVICE = "WECHAT_SERVICE"
COMPANY = ("WECOM_CORP_ID", "WECOM_APP_SECRET", "WECOM_APP_AGENT_ID")
MAIL = ("MAIL_USER", "MAIL_PASSWORD")
#: What each channel to persons needs from .env before its vendor can be set up.
SECRETS: dict[str, tuple[str, ...]] = {
    "wecom_app": COMPANY,
    "wecom_chat": COMPANY,
    "sms_aliyun": ("ALIYUN_SMS_KEY_ID", "ALIYUN_SMS_KEY_SECRET", "SMS_CALLBACK_SECRET"),
    "sms_tencent": ("TENCENT_SMS_SECRET_ID", "TENCENT_SMS_SECRET_KEY", "SMS_CALLBACK_SECRET"),
    "email": MAIL,
}
BUTTON = ("WECOM_APP_TOKEN", "WECOM_APP_AES_KEY")


def write_lists(folder: Path) -> None:
    """The lists that the demonstration's targets.csv names (名单:…)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, numbers in (("中层干部", CADRES), ("2020级信息工程系", FRESHMEN)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            rows = [[f"示例{n:02d}", number] for n, number in enumerate(numbers, 1)]
            csv.writer(file).writerows([["姓名", "手机号"], *rows])


def wanted(settings: Settings) -> list[str]:
    """The secrets that the channels to persons need."""
    channels = settings.school.channels
    names = [name for channel in SECRETS if channel in channels for name in _needs(channels[channel])]
    names += [target.address for target in settings.school.targets.values() if target.channel == ALARM_URL]
    app = channels.get("wecom_app")
    return list(dict.fromkeys([*names, *(BUTTON if app is not None and app.options.get("ack") else ())]))


def vendors(settings: Settings, callback_base: str) -> dict[str, list[Any]]:
    """The parts of the sandbox's setup that the channels to persons need, each where all its secrets are there."""
    env, channels = settings.env, settings.school.channels
    mine = [channels[name] for name in SECRETS if name in channels]
    ready = [each.name for each in mine if all(env.get(need) for need in _needs(each))]
    parts: dict[str, list[Any]] = {"sms_accounts": [], "mail_accounts": []}
    for name in ready:
        if SECRETS[name] is COMPANY:
            parts |= _company(settings, callback_base)
        elif name == "email":
            parts["mail_accounts"].append(_mail(channels[name], env))
        else:
            door = f"{callback_base}/callbacks/{name}?key={env['SMS_CALLBACK_SECRET']}"
            parts["sms_accounts"].append(_sms(channels[name], env, door))
    return parts


def _needs(setting: ChannelSetting) -> tuple[str, ...]:
    """A mail server that asks for no login needs no secrets."""
    return () if setting.options.get("login") is False else SECRETS[setting.name]


def _mail(setting: ChannelSetting, env: Mapping[str, str]) -> dict[str, Any]:
    given = setting.options
    senders = [parseaddr(str(given[key]))[1] for key in ("from", "bounces") if given.get(key)]
    user, password = (env[name] for name in MAIL) if _needs(setting) else ("", "")
    return {"user": user, "password": password, "senders": senders}


def _sms(setting: ChannelSetting, env: Mapping[str, str], door: str) -> dict[str, Any]:
    key, secret, _ = SECRETS[setting.name]
    given = setting.options
    return {
        "key_id": env[key], "secret": env[secret], "vendor": setting.name.removeprefix("sms_"),
        "app_id": str(given.get("app_id", "")), "callback_url": door,
        "signs": [{"name": str(given.get("sign", "")).strip("【】")}],
        "templates": [{"code": str(given.get("template", "")), "text": str(given.get("text", ""))}],
    }  # fmt: skip


@dataclass
class _Directory:
    """Departments, tags and members by their numbers, each once however many targets name it."""

    departments: dict[int, dict[str, Any]] = field(default_factory=dict)
    tags: dict[int, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def seat(self, target: Target, people: People) -> None:
        """Everybody a target means; a department or a tag gets as many invented members as the register says."""
        if is_list(target.address):
            self.add(people.addresses(target.address, "账号"), [1])
            return
        whom, first = parse(target.address), len(self.members) + 1
        count = 0 if whom.users else target.members or 10
        invented = [f"t{n:03d}" for n in range(first, first + count)]
        self.add([*whom.users, *invented], list(whom.parties) or [1])
        for number in whom.parties:
            self.departments[number] = {"id": number, "name": target.name, "parentid": 1}
        for number in whom.tags:
            self.tags[number] = {"id": number, "name": target.name, "users": invented}

    def add(self, users: Iterable[str], departments: list[int]) -> None:
        """Members of these departments, each once."""
        for user in users:
            self.members.setdefault(user.lower(), {"userid": user, "departments": departments})


def _company(settings: Settings, callback_base: str) -> dict[str, list[Any]]:
    env, found, people = settings.env, _Directory(), People(places.people_folder(settings.env))
    for target in settings.school.targets.values():
        if target.channel == "wecom_app":
            try:
                found.seat(target, people)
            except (SendError, Wrong):
                continue  # `check` names it; the others can be rehearsed
    for target in settings.school.targets.values():
        if target.channel == "wecom_chat":
            found.add(_chat_members(target), [1])
    found.departments.pop(1, None)  # the root is there already
    corp = {
        "corpid": env["WECOM_CORP_ID"], "name": settings.school.name, "departments": list(found.departments.values()),
        "tags": list(found.tags.values()), "members": list(found.members.values()),
    }  # fmt: skip
    app = {
        "corpid": env["WECOM_CORP_ID"], "agentid": env["WECOM_APP_AGENT_ID"], "secret": env["WECOM_APP_SECRET"],
        "name": "信息公开",
    }  # fmt: skip
    if all(env.get(name) for name in BUTTON):
        app |= {
            "callback_url": f"{callback_base}/callbacks/wecom_app",
            "token": env[BUTTON[0]],
            "aes_key": env[BUTTON[1]],
        }
    return {"corps": [corp], "apps": [app]}


def _chat_members(target: Target) -> list[str]:
    return [f"{target.number.lower()}{n:02d}" for n in range(1, min(target.members or 10, CHAT_MEMBERS) + 1)]


def make_chats(settings: Settings) -> None:
    """The app's own chats, made as an administrator makes them: by the channel, under the address in targets.csv."""
    setting = settings.school.channels.get("wecom_chat")
    if setting is None or not all(settings.env.get(name) for name in COMPANY):
        return
    channel = WecomChat(setting, settings.env, lambda: datetime.now(UTC))
    for target in settings.school.targets.values():
        if target.channel == "wecom_chat":
            owner, *others = _chat_members(target)
            channel.create(target.address, target.name, owner, others)


def service_accounts(settings: Settings, callback_base: str) -> list[dict[str, Any]]:
    """The 服务号 that sends notices, where the school has one beside its 订阅号."""
    setting, env = settings.school.channels.get("wechat_notice"), settings.env
    if setting is None or not env.get(f"{SERVICE}_APP_ID"):
        return []
    fields = "\n".join(f"{{{{{name}.DATA}}}}" for name in setting.options.get("fields", {}))
    template = {"template_id": setting.options.get("template_id"), "title": "信息公开提醒", "content": fields}
    return [
        {
            "appid": env[f"{SERVICE}_APP_ID"], "secret": env.get(f"{SERVICE}_APP_SECRET"),
            "token": env.get(f"{SERVICE}_TOKEN"), "aes_key": env.get(f"{SERVICE}_AES_KEY"), "kind": "service",
            "original_id": "gh_service", "name": f"{settings.school.name}服务号", "fans": 300, "templates": [template],
            "callback_url": f"{callback_base}/callbacks/wechat_notice", "callback_mode": "compat",
        }
    ]  # fmt: skip


def write_followers(folder: Path, sandbox: Sandbox, env: Mapping[str, str]) -> None:
    """The list of parents who have asked for notices: followers of the service account, by the platform's own ids."""
    body = {
        "grant_type": "client_credential",
        "appid": env[f"{SERVICE}_APP_ID"],
        "secret": env[f"{SERVICE}_APP_SECRET"],
    }
    base = f"{sandbox.base}/wechat/cgi-bin"
    token = requests.post(f"{base}/stable_token", json=body, timeout=30).json()["access_token"]
    found = requests.get(f"{base}/user/get", params={"access_token": token}, timeout=30).json()["data"]["openid"]
    with (folder / f"{PARENTS_LIST}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([["OpenID"], *([each] for each in found[:PARENTS])])


def press(sandbox: Sandbox, env: Mapping[str, str], since: datetime) -> None:
    """Some members press 已阅 on what the app has sent them since then."""
    books = sandbox.books(vendor="wecom_app", since=since.isoformat())
    tasks = {each["msgid"]: each["task_id"] for each in books["wecom_messages"] if each.get("buttons")}
    who = {"corpid": env["WECOM_CORP_ID"], "agentid": env["WECOM_APP_AGENT_ID"], "key": ACK}
    lines = [line for line in books["wecom_people"] if line.get("msgid") in tasks and "pressed" not in line]
    for line in lines[::PRESSES]:
        sandbox.admin("wecom_press", userid=line["userid"], task_id=tasks[line["msgid"]], **who)
