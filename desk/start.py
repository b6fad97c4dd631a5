"""Opening the office for real: settings checked, tables current, never a demonstration's database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import click

from config import places
from config.settings import Settings, load
from desk.errors import DeskError
from jobs.office import Office, open_office
from store import facts


def now() -> datetime:
    """The one place where the real clock is read."""
    return datetime.now(UTC)


def start_office() -> Office:
    """The office as set up in config/ and .env; raises ConfigError with everything that is wrong."""
    office = open_office(load(), now)
    prepare(office)
    return office


def look_office() -> Office:
    """The same office only to be looked at: nothing is brought up to date, and a demonstration's may be looked at too."""
    return open_office(_settings(), now)


def _settings() -> Settings:
    """The school's own; of a demonstration the invented secrets and lists that it was played with, and no .env."""
    if not places.of_demo():
        return load()
    from demo.stage import LISTS, SECRETS, watching

    database = {"XXGK_DATABASE_URL": places.database_url(places.environment())}
    settings = load(env={**SECRETS, **database, "XXGK_PEOPLE": str(places.DEMO / LISTS)})
    return replace(settings, school=watching(settings.school, places.DEMO))


def prepare(office: Office) -> None:
    """Bring the tables to this version and say so if there was anything to do; raises DeskError for a demo's database."""
    from store.migrate import Upgrade, upgrade

    done = upgrade(office.db)
    if done is not Upgrade.NOTHING:
        click.echo("数据表已建立" if done is Upgrade.MADE else "数据表已升级到本版本", err=True)
    with office.db.write() as conn:
        if facts.is_demo(conn):
            raise DeskError("这个数据库里是演练数据，不能用于正式运行。请在 .env 中换一个 XXGK_DATABASE_URL")
        facts.ensure_channels(conn, office.channels)


def refuse_without_secrets(office: Office, settings: Settings) -> None:
    """Raise DeskError with every secret that a channel in use lacks, in the words of `check`."""
    found = []
    for name, channel in office.channels.items():
        found += channel.missing([each for each in settings.school.targets.values() if each.channel == name])
    if found:
        lines = [f"  · {each.key}：{each.text}\n    → {each.fix}" for each in found]
        ways = "填好后再运行；暂时不用的渠道，可在 school.toml 中写 enabled = false"
        raise DeskError("\n".join(["没有启动：.env 中缺少以下内容", *lines, ways]))
