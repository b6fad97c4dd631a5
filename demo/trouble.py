"""Trouble met on purpose: each strikes the first push it fits, on or after its day, and the end table shows how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select

from demo.stage import APP_ID, Stage
from rules.dates import day_of
from rules.outcome import Outcome
from rules.states import Status
from store import tables as t


@dataclass
class Trouble:
    """One fault: when, for whom, and how the sandbox is told."""

    day: date
    name: str
    channel: str
    target: str
    strike: Callable[[Stage, str], None]
    #: Undo it after so long (a muted group).
    lasts: timedelta | None = None
    lift: Callable[[Stage, str], None] | None = None
    push_id: int | None = None
    struck_on: date | None = None
    lifted: bool = False

    def over(self, today: date) -> bool:
        """True once it has lasted long enough and is not lifted yet."""
        started, lasts = self.struck_on, self.lasts
        return started is not None and lasts is not None and not self.lifted and today >= started + lasts


@dataclass
class Ended:
    """How a trouble ended."""

    day: str
    name: str
    push_id: int | None
    status: str
    steps: tuple[str, ...] = field(default_factory=tuple)

    @property
    def solved(self) -> bool:
        return self.status in (Status.ACCEPTED, Status.DELIVERED)


def _fault(call: str, kind: str, **more: Any) -> Callable[[Stage, str], None]:
    def strike(stage: Stage, target: str) -> None:
        address = stage.office.school.targets[target].address
        match = {"group_id": address} if call.startswith("onebot") else {}
        stage.sandbox.admin("faults", call=call, kind=kind, times=1, match=match, **more)

    return strike


def _expire_tokens(stage: Stage, _target: str) -> None:
    stage.sandbox.admin("expire_tokens", appid=APP_ID)


def _spend(stage: Stage, target: str) -> None:
    key = stage.secrets[stage.office.school.targets[target].address]
    stage.sandbox.admin("spend", robot=key, n=20)


def _mute(muted: bool) -> Callable[[Stage, str], None]:
    def change(stage: Stage, target: str) -> None:
        stage.sandbox.admin("group", group_id=stage.office.school.targets[target].address, muted=muted)

    return change


def year_of_trouble(start: date) -> list[Trouble]:
    """The troubles of a school year that begins on `start`."""

    def on(months: int, day: int) -> date:
        month = start.month - 1 + months
        return date(start.year + month // 12, month % 12 + 1, day)

    qq, oa, robot = "onebot", "wechat_oa", "wecom_bot"
    return [
        Trouble(on(0, 15), "公众号令牌过期", oa, "A01", _expire_tokens),
        Trouble(on(1, 12), "群发已执行而答复丢失（重发得到 45065）", oa, "A01", _fault("wechat.message.mass.sendall", "after")),
        Trouble(on(2, 3), "机器人本分钟 20 条已被他人用完（45009）", robot, "G01", _spend),
        Trouble(on(3, 8), "QQ 群被禁言两天", qq, "Q02", _mute(True), timedelta(days=2), _mute(False)),
        Trouble(on(6, 9), "QQ 超时，消息其实已发出", qq, "Q01", _fault("onebot.send_group_msg", "onebot_timeout", delivered=True)),
        Trouble(on(7, 6), "QQ 超时，消息没有发出", qq, "Q03", _fault("onebot.send_group_msg", "onebot_timeout", delivered=False)),
    ]  # fmt: skip


def strike(stage: Stage, troubles: list[Trouble]) -> None:
    """Before the send: let each trouble that is due hit a push that waits on its target; lift what has lasted long enough."""
    today = day_of(stage.clock.now)
    for each in troubles:
        if each.struck_on is None and each.day <= today:
            each.push_id = _waiting_push(stage, each)
            if each.push_id is not None:
                each.struck_on = today
                each.strike(stage, each.target)
        elif each.over(today) and each.lift is not None:
            each.lift(stage, each.target)
            each.lifted = True


def _waiting_push(stage: Stage, each: Trouble) -> int | None:
    d, u = t.deliveries.c, t.pushes.c
    query = select(d.push_id).join(t.pushes, u.id == d.push_id)
    where = (
        u.target == each.target,
        d.status == Status.QUEUED,
        (d.not_before.is_(None)) | (d.not_before <= stage.clock.now),
    )
    with stage.office.db.read() as conn:
        return conn.scalar(query.where(*where).order_by(d.id).limit(1))


def endings(stage: Stage, troubles: list[Trouble]) -> list[Ended]:
    """How each trouble that struck has ended, with every step that was written down."""
    d, o = t.deliveries.c, t.outcomes.c
    found = []
    with stage.office.db.read() as conn:
        for each in [one for one in troubles if one.struck_on is not None]:
            status = conn.scalar(select(d.status).where(d.push_id == each.push_id)) or ""
            steps = conn.execute(
                select(o.said_by, o.outcome, o.reason).join(t.deliveries, d.id == o.delivery_id)
                .where(d.push_id == each.push_id).order_by(o.id)
            ).all()  # fmt: skip
            words = [f"{row.said_by}：{row.reason or WORDS.get(row.outcome, row.outcome)}" for row in steps]
            found.append(Ended(str(each.struck_on), each.name, each.push_id, status, _folded(words)))
    return found


WORDS = {Outcome.ACCEPTED: "平台已受理", Outcome.DELIVERED: "已发出"}


def _folded(words: list[str]) -> tuple[str, ...]:
    """The same word again and again is said once, with how often."""
    runs = [(word, len(list(same))) for word, same in groupby(words)]
    return tuple(word if n == 1 else f"{word} ×{n}" for word, n in runs)
