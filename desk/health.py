"""What /healthz answers: whether the bot can do its work, and in plain words what waits for a person. No secret, no title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk.words import clock as shown
from desk.words import iso
from jobs.office import Office
from jobs.settle import STUBBORN
from jobs.watch import PATIENCE
from rules.states import WORDS
from sources.base import Health
from store import facts, stand

#: The lease is renewed every 30 s by the scheduler: after so long without, it stands still.
SILENCE = timedelta(minutes=3)


@dataclass
class Pulse:
    """When the scheduler last did anything."""

    at: datetime

    def beat(self, now: datetime) -> None:
        """It lives."""
        self.at = now


def health(office: Office, pulse: Pulse) -> dict[str, Any]:
    """`ok`: the scheduler runs and the database answers (raises if it does not). `reason`: what a person should see to.

    Channels and watches each have `state` (ok, paused, failing, partial, new) and `since`, ISO 8601 or null.
    """
    now = office.now()
    with office.db.read() as conn:
        states = {name: facts.channel_state(conn, name) for name in office.channels}
        seen = stand.watches(conn)
        counts = {WORDS[status]: n for status, n in stand.statuses(conn).items()}
        untold = len(facts.untold_alarms(conn))
    alive = now - pulse.at < SILENCE
    reasons = [
        *([] if alive else [f"定时任务停止：{shown(pulse.at)} 之后没有动静，请重新启动"]),
        *(why for name, state in states.items() if (why := _channel_trouble(office.setting(name).label, state))),
        *(why for name, look in seen.items() if (why := _watch_trouble(name, look, now))),
        *([f"有 {untold} 条提醒还没有通知到人，请运行 python bot.py check"] if untold else []),
    ]
    return {
        "ok": alive,
        "reason": "；".join(reasons) or "正常",
        "scheduler": {"state": "ok" if alive else "failing", "since": iso(pulse.at)},
        "channels": {name: _channel(state) for name, state in states.items()},
        "watches": {each.name: _watch(seen.get(each.name)) for each in office.school.columns},
        "deliveries": counts,
        "untold_alarms": untold,
    }


def _channel(state: facts.ChannelState) -> Mapping[str, str | None]:
    if state.paused_at is not None:
        return {"state": "paused", "since": iso(state.paused_at)}
    return _dated("failing" if state.failures >= STUBBORN else "ok", state.good_at)


def _channel_trouble(label: str, state: facts.ChannelState) -> str:
    """Why it paused may be a person's words: they are told at the command line."""
    if state.paused_at is not None:
        return f"{label}自 {shown(state.paused_at)} 起暂停，原因见 python bot.py check"
    if state.failures >= STUBBORN:
        since = f"，上次成功 {shown(state.good_at)}" if state.good_at else ""
        return f"{label}连续 {state.failures} 次没有发成{since}"
    return ""


def _watch(look: stand.Seen | None) -> Mapping[str, str | None]:
    if look is None:
        return {"state": "new", "since": None}
    words = {Health.BAD: "failing", Health.PARTIAL: "partial"}
    return _dated(words.get(Health(look.health), "ok"), look.good_at)


def _watch_trouble(name: str, look: stand.Seen, now: datetime) -> str:
    """A file that is open in Excel for an hour is nobody's trouble."""
    since = f"自 {shown(look.good_at)} 起" if look.good_at else "一直"
    if look.health == Health.BAD:
        return f"监看“{name}”{since}读取失败，详见 python bot.py check"
    if look.health == Health.PARTIAL and (look.good_at is None or now - look.good_at > PATIENCE):
        return f"监看“{name}”{since}没有读全，详见 python bot.py check"
    return ""


def _dated(state: str, since: datetime | None) -> Mapping[str, str | None]:
    return {"state": state, "since": None if since is None else iso(since)}
