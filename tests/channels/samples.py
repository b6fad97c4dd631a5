"""Bundles, targets and channels for the channel tests; plain functions, so that property tests can call them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from rules.bundle import Bundle, Piece
from rules.dates import Window
from rules.routing import Target
from rules.school import ChannelSetting

NOW = datetime.fromisoformat("2021-03-01T09:00:00+08:00")
KEY = "0f3a9c" + "0" * 26
SCHOOL = "示例职业技术学院"


class Ticks:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Move on by so much."""
        self.now += timedelta(**by)


def piece(number: int = 1, **changes: Any) -> Piece:
    """An ordinary piece."""
    facts: dict[str, Any] = {
        "placement": number,
        "title": f"关于印发《学校财务报销管理办法（第{number}次修订）》的通知",
        "summary": "经校长办公会审议通过，现予印发，请遵照执行。",
        "url": f"https://www.example.edu.cn/2021/0301/c21a{number}/page.htm",
        "department": "计划财务处",
    }
    return Piece(**{**facts, **changes})


def bundle(*pieces: Piece, school: str = SCHOOL, key: str = KEY) -> Bundle:
    """A bundle of these pieces, or of one ordinary one."""
    return Bundle(key=key, school=school, pieces=pieces or (piece(),))


def target(channel: str, address: str, **changes: Any) -> Target:
    """A group in the register."""
    facts: dict[str, Any] = {"number": "T01", "name": "全校教职工群", "audience": "教职工", "members": 286}
    facts |= {"checked_on": date(2020, 9, 1)}
    return Target(channel=channel, address=address, **{**facts, **changes})


def setting(name: str, api_base: str = "http://127.0.0.1:1", **options: Any) -> ChannelSetting:
    """A channel as school.toml sets it."""
    window = Window(time(8), time(20))
    return ChannelSetting(name=name, label=name, api_base=api_base, window=window, options=options)


def check_golden(path: Path, payload: Mapping[str, Any]) -> None:
    """What goes on the wire is what the file says; GOLDEN=write writes it anew, to be read before it is committed."""
    if os.environ.get("GOLDEN") == "write":
        path.write_text(json.dumps(payload, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == payload


#: The bundles every group channel is shown, by the name of their golden file.
BUNDLES: dict[str, Bundle] = {
    "single": bundle(),
    "several": bundle(piece(1), piece(2, department="学校办公室"), piece(3, url="")),
    "notice": bundle(
        piece(
            title="2020—2021学年国家奖学金初审名单公示",
            summary="张某某 2020123456；李某某 2020123457",
            department="学生工作处",
            notice=True,
        )
    ),
    "correction": bundle(piece(1, purpose="更正")),
    "retraction_and_notice": bundle(
        piece(1, purpose="撤回"), piece(2, purpose="更正", notice=True, title="招标结果公示")
    ),
    "shortened_summary": bundle(piece(summary="现将有关事项通知如下。" * 300)),
    "shortened_titles": bundle(
        *(piece(n, title=f"第{n}号：" + "关于进一步加强和规范学校信息公开工作的通知" * 20) for n in range(1, 9))
    ),
    "hostile": bundle(
        piece(
            1,
            title='关于[点此](http://evil.example)\n# <@all> <font color="warning">**停课**</font> `x` \\] &lt;@all&gt;\u202e',
            department="处<@zhangsan>室",
            url="https://www.example.edu.cn/a (1).htm?x=[2]&y=公开\n<@all>",
        ),
        piece(2, title="[CQ:at,qq=all] 全体成员"),
    ),
}
