"""The stage of a demonstration: the sandbox in a process of its own, the office, the door for callbacks, one clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from channels.base import Calls
from config.settings import Settings, load
from demo import persons
from demo.furnish import furnish
from demo.pages import IN_CONFIG, site_of
from demo.sandbox import Sandbox, sandbox_process
from jobs.office import Office, open_office
from jobs.survey import Done as Surveyed
from jobs.visits import Visited
from rules.reminders import ALARM_URL
from rules.school import ChannelSetting, School
from web.app import create_app
from web.server import running

#: Made up for the sandbox; none of them opens anything.
APP_ID, APP_SECRET = "wxdemo0123456789ab", "0" * 32
SECRETS = {
    "WECHAT_APP_ID": APP_ID,
    "WECHAT_APP_SECRET": APP_SECRET,
    "WECHAT_TOKEN": "demotoken",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "WECHAT_SERVICE_APP_ID": "wxdemo9876543210fw",
    "WECHAT_SERVICE_APP_SECRET": "1" * 32,
    "WECHAT_SERVICE_TOKEN": "demoservice",
    "WECHAT_SERVICE_AES_KEY": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm0123",
    "ONEBOT_TOKEN": "demo-onebot-token",
    "ONEBOT_TOKEN_2": "demo-onebot-token-2",
    "WECOM_CORP_ID": "wwdemo0123456789ab",
    "WECOM_APP_SECRET": "demo-app-secret",
    "WECOM_APP_AGENT_ID": "1000002",
    "WECOM_APP_TOKEN": "demoapptoken",
    "WECOM_APP_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "ALIYUN_SMS_KEY_ID": "demo-aliyun-key-id",
    "ALIYUN_SMS_KEY_SECRET": "demo-aliyun-key-secret",
    "TENCENT_SMS_SECRET_ID": "demo-tencent-secret-id",
    "TENCENT_SMS_SECRET_KEY": "demo-tencent-secret-key",
    "MAIL_USER": "xxgk@example.edu.cn",
    "MAIL_PASSWORD": "demo-mail-password",
    "SMS_CALLBACK_SECRET": "demo-callback-secret-0123456789abcdef",
    "XXGK_SEAL_KEY": "demo-seal-key-0000000000",
}

#: The demonstration's own lists of persons, below its folder.
LISTS = "名单"
#: Where the sandbox serves each channel's vendor.
DOORS = {
    "wechat_oa": "wechat",
    "wecom_bot": "wecom",
    "wecom_app": "wecom",
    "wecom_chat": "wecom",
    "wechat_notice": "wechat",
    "onebot": "onebot",
    "sms_aliyun": "aliyun-sms",
    "sms_tencent": "tencent-sms",
}


@dataclass
class Clock:
    """The demonstration's time; the sandbox's clock follows it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """Everything a replay needs."""

    office: Office
    sandbox: Sandbox
    clock: Clock
    secrets: Mapping[str, str]
    #: The folder that is watched.
    register: Path
    #: Until when nobody does what was handed over to persons: the colleague is away.
    away_until: datetime | None = None
    #: What each look at the school's pages came to, by day, and each survey of the account.
    visited: dict[date, Visited] = field(default_factory=dict)
    surveyed: list[tuple[datetime, Surveyed]] = field(default_factory=list)

    @property
    def notebook(self) -> Path:
        """Where the office's persons write down what they have posted: a hand-off's number a line, from run to run."""
        return self.register.parent / "张贴记录.txt"

    def posted(self) -> list[str]:
        """What stands in the notebook."""
        return self.notebook.read_text("utf-8").split() if self.notebook.exists() else []

    def set_clock(self, now: datetime) -> None:
        """Move time forward on both sides; the sandbox then runs what is due, callbacks included."""
        if now > self.clock.now:
            self.clock.now = now
            self.sandbox.admin("clock", now=now.isoformat())


@contextmanager
def stage(config: Path, home: Path, database_url: str, now: datetime, site: str = "") -> Iterator[Stage]:
    """Sandbox, office and callback door, wired together; reads no .env.

    `site`: where an earlier run of this store had the school's pages; empty: where this run's sandbox serves them.
    """
    clock = Clock(now)
    with sandbox_process(home / "sandbox.sqlite3", now) as sandbox:
        persons.write_lists(home / LISTS)
        settings = _settings(config, home, database_url, sandbox, site)
        office = open_office(settings, clock)
        doors = {name: each for name, each in office.channels.items() if isinstance(each, Calls)}
        try:
            with running(create_app(office.db, doors, clock, lambda: {"ok": True})) as base:
                furnish(sandbox, settings, base)
                sandbox.admin("setup", sms_numbers=persons.FATES)
                persons.write_followers(home / LISTS, sandbox, settings.env)
                yield Stage(office, sandbox, clock, settings.env, home / "登记表")
        finally:
            office.close()


def _settings(config: Path, home: Path, database_url: str, sandbox: Sandbox, site: str) -> Settings:
    settings = load(config, {})
    secrets: dict[str, str] = {**SECRETS, "XXGK_PEOPLE": str((home / LISTS).resolve())}
    for target in settings.school.targets.values():
        if target.channel == ALARM_URL:
            secrets[target.address] = f"{sandbox.base.replace('http', 'json', 1)}/alarm"
        if target.channel == "wecom_bot":
            secrets[target.address] = f"demo-{target.number.lower()}-0000-0000-000000000000"
    school = _here(settings, home, sandbox.base, sandbox.smtp, site)
    return replace(settings, env=secrets, database_url=database_url, school=school)


def _here(settings: Settings, home: Path, base: str, smtp: str = "", site: str = "") -> School:
    """The school with every address of demo/config where this run has it."""
    school = settings.school
    doors = {name: f"{base}/{door}" for name, door in DOORS.items()} | {"email": smtp}
    channels = {name: _channel_here(each, doors.get(name, "")) for name, each in school.channels.items()}
    targets = {
        n: replace(each, address=each.address.replace(IN_CONFIG, site or site_of(base)))
        for n, each in school.targets.items()
    }
    return replace(watching(school, home), channels=channels, targets=targets)


def watching(school: School, home: Path) -> School:
    """The school with the folders that it watches where a demonstration has them."""
    columns = tuple(replace(each, place=str(home / Path(each.place).name)) for each in school.columns)
    return replace(school, columns=columns)


def _channel_here(setting: ChannelSetting, base: str) -> ChannelSetting:
    """A channel, and each account that stands by, at the sandbox's door."""
    bots = [
        {**each, "api_base": each["api_base"].replace(setting.api_base, base)}
        for each in setting.options.get("bots", [])
    ]
    return replace(setting, api_base=base, options={**setting.options, **({"bots": bots} if bots else {})})
