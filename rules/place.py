"""Where a person posts, reads out or hands out (人工渠道), who can see what stands there, and how it is counted.

Source: 《高等学校信息公开办法》(教育部令第29号) 第三章 (公开的途径：公告栏、电子屏、广播、会议纪要、简报、手册 …).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rules.audience import SCHOOL
from rules.dates import day_of

#: The kind of channel where a person does the sending.
BY_HAND = "manual"
#: The kind of channel that is the school's own site: nothing is sent there; what stands there is booked and measured.
WEBSITE = "website"
#: Whoever walks by, sees or hears it.
OPEN_PLACES = ("公告栏", "宣传栏", "电子屏", "广播", "报刊")
#: Only those who are in the room or in the group, or are given the paper.
CLOSED_PLACES = ("会议", "会议纪要", "文件", "简报", "手册", "个人群")
#: Where a sheet or a picture hangs until somebody takes it down; what was read out or printed is over or gone.
STANDING_PLACES = ("公告栏", "宣传栏", "电子屏")
PLACES = (*OPEN_PLACES, *CLOSED_PLACES)
#: What a person counts, each by itself: copies, sessions, listeners, spots. Unlike ones are never added.
UNITS = ("份", "场", "人次", "处")
MOST = 10_000_000


def kind_of(address: str) -> str:
    """The form of a place: 公告栏 of 公告栏:一号楼大厅; empty if none is written."""
    kind, colon, rest = address.replace("：", ":").partition(":")
    return kind.strip() if colon and rest.strip() else ""


def place_exposure(kind: str) -> str | None:
    """Who can read a place whatever its target: at least the whole school, unless its readers are known one by one."""
    return None if kind in CLOSED_PLACES else SCHOOL


def deadline_of(made_at: datetime, days: int) -> date:
    """The last day on which a hand-off is in time: natural days, the day of the hand-off not counted."""
    return day_of(made_at) + timedelta(days=days)


def why_no_amount(amount: int | None, unit: str) -> str:
    """What is wrong with a number and its unit; empty if nothing, also where nobody counted."""
    if amount is None:
        return f"填写了单位“{unit}”，没有填写数量" if unit else ""
    if not 0 < amount <= MOST:
        return f"数量“{amount}”应为大于 0 的整数"
    return "" if unit in UNITS else f"单位“{unit}”应为{'、'.join(UNITS)}之一"


def why_not_then(done_at: datetime, now: datetime, made_at: datetime | None = None) -> str:
    """What is wrong with the day something was done on; empty if nothing."""
    if day_of(done_at) > day_of(now):
        return f"时间 {day_of(done_at)} 还没有到"
    if made_at is not None and day_of(done_at) < day_of(made_at):
        return f"时间 {day_of(done_at)} 早于交办之日 {day_of(made_at)}"
    return ""


def within(done_at: datetime, now: datetime, made_at: datetime | None = None) -> datetime:
    """The same moment, not after now and not before the hand-off: on one day the hour is often a guess."""
    late = min(done_at, now)
    return late if made_at is None else max(late, made_at)
