"""Trouble that strikes no push of an item: the school's site, the duty phone, the survey of the account.

How each ended is read from what was written down meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from demo.stage import Stage
from demo.trouble import Ended
from rules.dates import SHANGHAI, day_of
from rules.reminders import ALARM_URL
from store import tables as t

#: What is said of each step, and whether it ended well.
Seen = tuple[list[str], bool]


@dataclass
class Upset:
    """One fault of this kind: when, how the sandbox is told, and how one sees what came of it."""

    day: date
    name: str
    strike: Callable[[Stage], object]
    seen: Callable[[Stage, date], Seen]
    struck_on: date | None = None


def _fault(call: str, kind: str, times: int) -> Callable[[Stage], object]:
    return lambda stage: stage.sandbox.admin("faults", call=call, kind=kind, times=times)


def year_of_upsets(start: date) -> list[Upset]:
    """The upsets of the school year that begins on `start`."""
    year = start.year
    found = [
        Upset(date(year, 9, 8), "本校网站答复 502，访问次数没有读到", _fault("site.page", "502", 3), _site_seen),
        Upset(date(year, 11, 6), "公众号文章普查的一次调用失败", _fault("wechat.freepublish.batchget", "502", 1), _survey_seen),
        Upset(date(year, 9, 21), "值班手机的提醒地址答复 500", _fault("alarm.POST", "error", 1), _alarm_seen),
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.day)


def upset(stage: Stage, upsets: list[Upset]) -> None:
    """Let each strike that is due."""
    today = day_of(stage.clock.now)
    for each in [one for one in upsets if one.struck_on is None and one.day <= today]:
        each.strike(stage)
        each.struck_on = today


def endings(stage: Stage, upsets: list[Upset]) -> list[Ended]:
    """How each that struck has ended."""
    found = []
    for each in upsets:
        if each.struck_on is not None:
            steps, well = each.seen(stage, each.struck_on)
            found.append(
                Ended(str(each.struck_on), each.name, None, "成功" if well else "失败", 0, 0, well, tuple(steps))
            )
    return found


def _site_seen(stage: Stage, struck: date) -> Seen:
    """That day's pages were not read and are no figure; the next day's look reads them."""
    looks = {day: done for day, done in stage.visited.items() if day >= struck and (done.visits or done.unread)}
    steps = [f"{day}：读到 {done.visits} 页，没有读到 {done.unread} 页" for day, done in list(looks.items())[:2]]
    first, second = [*looks.values(), None, None][:2]
    well = bool(first and second and first.unread and not first.visits and second.visits and not second.unread)
    return steps, well


def _survey_seen(stage: Stage, struck: date) -> Seen:
    """The survey that failed is made good the same day."""
    mine = [(at, done) for at, done in stage.surveyed if day_of(at) == struck]
    steps = [
        f"{at.astimezone(SHANGHAI):%m-%d %H:%M}：{done.note or f'普查完成，数字 {done.figures} 项'}"
        for at, done in mine
    ]
    return steps, len(mine) > 1 and bool(mine[0][1].note) and not mine[-1][1].note


def _alarm_seen(stage: Stage, struck: date) -> Seen:
    """The reminder that did not get through is heard at another target, and later ones at the phone again."""
    told = [each for each in _told(stage) if day_of(each.told_at) >= struck]
    phone = [each for each in told if stage.office.school.targets[each.told_by].channel == ALARM_URL]
    others = [each for each in told if each not in phone]
    steps = [_step(stage, each) for each in (*others[:1], *phone[:1])]
    return steps, bool(others and phone) and others[0].told_at < phone[0].told_at


def _told(stage: Stage) -> list[Any]:
    a, targets = t.alarms.c, list(stage.office.school.targets)
    query = select(a.subject, a.told_at, a.told_by).where(a.told_by.in_(targets)).order_by(a.told_at, a.id)
    with stage.office.db.read() as conn:
        return list(conn.execute(query))


def _step(stage: Stage, told: Any) -> str:
    name = stage.office.school.targets[told.told_by].name
    return f"{told.told_at.astimezone(SHANGHAI):%m-%d %H:%M}：{told.subject.split(':')[0]}提醒由{name}收到"
