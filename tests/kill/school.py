"""A small school with three targets a channel and a handful of approved items, the same in the worker and in the test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from channels import make as make_channel
from channels.base import Clock
from jobs.office import Office
from rules.audience import PUBLIC, Audiences
from rules.dates import SHANGHAI, Window
from rules.item import MAY_OPEN, OPEN, Category, Entry, Place, Review, Taxonomy
from rules.routing import Route, Target
from rules.school import ChannelSetting, Column, School
from sources.base import Cursor, Fetched
from store.db import Db

#: Monday, inside every window.
START = datetime(2021, 3, 1, 9, 0, tzinfo=SHANGHAI)
#: What is approved before the first start, and what a clerk adds once the bot has been started again.
FIRST, ALL = range(1, 4), range(1, 6)

APP_ID, ROBOT_KEY, QQ = "wxkill0123456789ab", "kill-{}-0000-0000-000000000000", "10000001"
SECRETS = {
    "WECHAT_APP_ID": APP_ID,
    "WECHAT_APP_SECRET": "0" * 32,
    "WECHAT_TOKEN": "killtoken",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "ONEBOT_TOKEN": "kill-onebot-token",
    **{f"WECOM_ROBOT_{n}": ROBOT_KEY.format(n) for n in range(4)},
}


@dataclass(frozen=True)
class Way:
    """One way to send: a channel, and for the official account what it does there."""

    name: str
    channel: str
    door: str
    #: The path of the one call that cannot be taken back.
    send: str
    mode: str = ""
    #: Everything has come to its end within this; a draft then waits for a person.
    lasts: timedelta = timedelta(days=2)

    @property
    def targets(self) -> dict[str, Target]:
        """Three groups with a fourth for the people on duty, or the one account."""
        if self.channel == "wechat_oa":
            return {"A1": _target(1, "A1", self.channel, "全体关注者")}
        address = "WECOM_ROBOT_{}" if self.channel == "wecom_bot" else "70000000{}"
        return {f"T{n}": _target(n, f"T{n}", self.channel, address.format(n)) for n in range(4)}

    @property
    def duty(self) -> tuple[str, ...]:
        """The target that hears of trouble; no route leads there."""
        return () if self.channel == "wechat_oa" else ("T0",)


WAYS = {
    way.name: way
    for way in (
        Way("wecom_bot", "wecom_bot", "wecom", "webhook/send", lasts=timedelta(hours=12)),
        Way("onebot", "onebot", "onebot", "onebot/send_group_msg"),
        Way("draft", "wechat_oa", "wechat", "draft/add", "draft", lasts=timedelta(minutes=40)),
        Way("publish", "wechat_oa", "wechat", "freepublish/submit", "publish"),
        Way("mass", "wechat_oa", "wechat", "message/mass/sendall", "mass"),
    )
}


def _target(n: int, number: str, channel: str, address: str) -> Target:
    return Target(number=number, name=f"目标{n}", channel=channel, address=address, audience=PUBLIC, members=100 + n)


def title(n: int) -> str:
    """No title is part of another one."""
    return f"关于第{n:03d}号事项的通知"


def entry(n: int) -> Entry:
    """An item that may leave."""
    day = date(2021, 3, 1)
    return Entry(
        source="登记表",
        place=Place("登记表.xlsx", "", n + 1),
        title=title(n),
        number=f"KILL-{n:03d}",
        department="学校办公室",
        category="基本情况",
        sub_item="其他",
        disclosure=OPEN,
        audience=(PUBLIC,),
        formed_on=day,
        approved_on=day,
        summary=f"第{n:03d}号事项的摘要。",
        url=f"https://www.example.edu.cn/items/{n:03d}",
        review=Review("保密审查员", MAY_OPEN, day, "逐项审查单"),
    )


class Sheet:
    """A watched sheet as the clerk has filled it so far."""

    def __init__(self, rows: range) -> None:
        self.rows = rows

    def fetch(self, since: Cursor | None) -> Fetched:
        return Fetched(entries=tuple(entry(n) for n in self.rows), whole=frozenset({"登记表.xlsx"}))


COLUMN = Column(name="登记表", kind="folder", place="登记表")


def school_of(way: Way, base: str) -> School:
    """The school's settings with this one way switched on."""
    options = {"mode": way.mode, "account": "subscription", "home": "https://www.example.edu.cn"} if way.mode else {}
    setting = ChannelSetting(
        name=way.channel,
        label=way.channel,
        api_base=f"{base}/{way.door}",
        window=Window(),
        pushes_a_day=None,
        options=options,
    )
    return School(
        name="示例学院",
        audiences=Audiences({PUBLIC: ()}),
        taxonomy=Taxonomy((Category("基本情况", {"其他": True}),), {}),
        targets=way.targets,
        routes=(Route(name="全部", targets=("T1", "T2", "T3")),),
        channels={way.channel: setting},
        columns=(COLUMN,),
        alarm_targets=way.duty,
        confirm=False,
    )


def open_small_office(way: Way, base: str, database_url: str, clock: Clock) -> Office:
    """The office of the small school: its own store, real channels."""
    school = school_of(way, base)
    channels = {name: make_channel(each, SECRETS, clock) for name, each in school.channels.items()}
    return Office(school, Db(database_url), channels, clock)
