"""Why something may not leave yet: what holds an item at a target, and what holds up a target's next push."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from rules.audience import Audiences, fence
from rules.dates import last_slot, next_slot
from rules.item import Review, gate
from rules.routing import Target
from rules.school import ChannelSetting


class Candidate(Protocol):
    """What is asked of a placement (条次) before it may leave."""

    @property
    def disclosure(self) -> str: ...
    @property
    def audience(self) -> tuple[str, ...]: ...
    @property
    def review(self) -> Review | None: ...
    @property
    def hold(self) -> str: ...
    @property
    def current(self) -> bool: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def confirmed(self) -> bool: ...


@dataclass(frozen=True)
class Line:
    """How a target's pushes stand: how many today, the last one's time, and whether one has not left yet."""

    today: int
    last_at: datetime | None
    unsent: bool


CONFIRM = "确认模式"


def why_held(
    due: Candidate, target: Target, audiences: Audiences, *, exposure: str | None, confirm: bool, today: date
) -> str:
    """Why the gate, the fence or confirm mode holds a placement; empty if nothing does.

    `exposure` is who can read the target's channel whatever the target, None if only the target.
    """
    opened = gate(due.disclosure, due.audience, due.review, due.hold, today)
    if not opened.open:
        return opened.reason
    verdict = fence(audiences, due.audience, target.audience, exposure)
    if not verdict.permitted:
        return verdict.reason
    if not due.current:
        return "条目已有新版本，等待重新编排"
    if due.ends_on is not None and due.ends_on < today:
        return f"期限 {due.ends_on} 已过，不再推送"
    if confirm and not due.confirmed:
        return f"{CONFIRM}：等待确认（python bot.py confirm）"
    return ""


def why_wait(
    setting: ChannelSetting, line: Line, now: datetime, *, closed: str, urgent: bool, ordered: bool = False
) -> str:
    """Why a target gets no push right now; empty if it may.

    `closed`: why its hours do not let it; `ordered`: a person has ordered that something goes all the same (紧急).

    A push that has surely not left yet holds up the next one: what comes meanwhile travels in a later bundle. One of
    which nobody knows whether it left does not: it may take a person a day to look, no later notice depends on it
    (an item's first push at a target is made once, whatever becomes of it), and a later notice is no doubling. It
    counts as one of the day's pushes all the same.
    """
    if line.unsent:
        return "上一条推送尚未发出，等待其完成后合并"
    if ordered:
        return ""
    if setting.pushes_a_day is not None and line.today >= setting.pushes_a_day:
        return f"今日已达每天 {setting.pushes_a_day} 次，明日再推"
    if closed:
        return closed
    if urgent or not setting.slots:
        return ""
    slot = last_slot(now, setting.slots)
    if slot is None or (line.last_at is not None and line.last_at >= slot):
        return f"等待 {next_slot(now, setting.slots):%m-%d %H:%M} 合并推送"
    return ""
