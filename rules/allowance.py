"""When an allowance (额度) counts from, and when it frees up. Pure: the time is passed in."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from rules.dates import at, day_of

#: A sliding time, or "day" or "month" of Asia/Shanghai.
Per = timedelta | str


def since(per: Per, now: datetime) -> datetime:
    """Uses before this count no more."""
    if isinstance(per, timedelta):
        return now - per
    today = day_of(now)
    return at(today if per == "day" else today.replace(day=1), time.min)


def frees_at(per: Per, first_use: datetime, now: datetime) -> datetime:
    """The oldest use leaves the sliding time, or the next day or month begins."""
    if isinstance(per, timedelta):
        return max(first_use + per, now) + timedelta(seconds=1)
    today = day_of(now)
    next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    return at(today + timedelta(days=1) if per == "day" else next_month, time.min)


def spoken(most: int, per: Per) -> str:
    """The allowance in words: 每天 2 次, 每月 4 次, 每 60 秒 20 次."""
    if per in ("day", "month"):
        return f"每{'天' if per == 'day' else '月'} {most} 次"
    assert isinstance(per, timedelta)
    seconds = int(per.total_seconds())
    for length, unit in ((3600, "小时"), (60, "分钟")):
        if seconds % length == 0:
            return f"每 {seconds // length} {unit} {most} 次"
    return f"每 {seconds} 秒 {most} 次"
