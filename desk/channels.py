"""`bot.py channels`: every channel on one screen: how it stands, what it has in hand, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time
from itertools import takewhile

import click
from sqlalchemy import Connection

from channels import REGISTRY, label_of
from desk.rounds import pause_words
from desk.words import UNKNOWN, clock, iso
from jobs.office import Office
from rules.advice import RESTART
from rules.dates import at, day_of
from rules.outcome import Outcome
from store import facts, stand, streaks
from store.facts import ChannelState
from store.stand import Work
from store.streaks import LOOK_BACK, Try

IN_USE, PAUSED, OFF = "在用", "已暂停", "停用"
DOUBT = frozenset({Outcome.UNCERTAIN})
NEVER = ChannelState(None, "", "", None, 0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One channel, as it is printed."""

    name: str
    label: str
    state: str
    paused: ChannelState
    #: Pushes (次) in a row that went well, or did not, up to the newest.
    successes: int
    failures: int
    last_success: datetime | None
    #: The newest call, if it failed: when, and why.
    last_failure: datetime | None
    last_reason: str
    work: Work
    targets: int
    next: tuple[str, ...]


def show(office: Office, as_json: bool) -> None:
    """Print every channel. JSON: `{"channels": [...]}`, instants ISO 8601 in UTC+8 or null, `next` a list of sentences."""
    try:
        with office.db.read() as conn:
            lines = [_line(conn, office, name) for name in _names(conn, office)]
    finally:
        office.close()
    if as_json:
        click.echo(
            json.dumps({"channels": [_plain(each) for each in lines]}, ensure_ascii=False, indent=2, default=iso)
        )
    else:
        _print(lines)


def _names(conn: Connection, office: Office) -> list[str]:
    """Those in use as the school lists them, then those that are switched off but have targets or a past."""
    others = {each.channel for each in office.school.targets.values()} | set(stand.known_channels(conn))
    return [*office.channels, *sorted(others - set(office.channels))]


def _line(conn: Connection, office: Office, name: str) -> Line:
    used = name in office.channels
    paused = facts.channel_state(conn, name) if used else NEVER
    work = stand.work(conn, name, at(day_of(office.now()), time.min))
    tries = streaks.tries(conn, name)
    good = [each.at for each in tries if each.good]
    targets = [each.number for each in office.school.targets.values() if each.channel == name]
    others = [] if tries else stand.heard(conn, name, targets)
    moments = [moment for moment in (facts.channel_state(conn, name).good_at, *good[:1], *others) if moment is not None]
    setting = office.school.channels.get(name)
    bad = next((each for each in tries[:1] if not each.good), None)
    return Line(
        name=name,
        label=setting.label if setting else label_of(name) if name in REGISTRY else name,
        state=OFF if not used else PAUSED if paused.paused_at else IN_USE,
        paused=paused,
        successes=len({each.push_id for each in takewhile(lambda one: one.good, tries)}),
        failures=len({each.push_id for each in takewhile(lambda one: not one.good, tries) if each.outcomes - DOUBT}),
        last_success=max(moments, default=None),
        last_failure=bad.at if bad else None,
        last_reason=bad.reason if bad else "",
        work=work,
        targets=len(targets),
        next=tuple(_next(conn, name, used, paused, work, len(targets), bad)),
    )


def _next(
    conn: Connection, name: str, used: bool, paused: ChannelState, work: Work, targets: int, bad: Try | None
) -> Iterator[str]:
    """What a person should do, the most urgent first; one line even where there is nothing to do."""
    found = stand.findings(conn, name) if used else []
    said = [*_of_state(name, used, paused, targets), *found, *_of_trouble(name, bad), *_of_work(name, work)]
    if back := stand.by_hand(conn, name):
        said.append(f"{back} 处须由人撤回或撤下：python bot.py recalls")
    yield from said
    waits = [*stand.held_back(conn, name)[:1], *stand.waiting(conn, name)[:1]]
    if used and paused.paused_at is None and waits and waits[0][0]:
        asks = "请" in waits[0][0] or "python bot.py" in waits[0][0]  # the reason itself says what a person should do
        yield f"等待中：{waits[0][0]}" if asks else f"等待中，不用处理：{waits[0][0]}"
    elif not said:
        yield "无需处理"


def _of_state(name: str, used: bool, paused: ChannelState, targets: int) -> Iterator[str]:
    if paused.paused_at is not None:
        first = f"（{RESTART}）" if paused.paused_by == "自动" else ""
        yield f"{pause_words(paused)}。查明后恢复{first}：python bot.py resume {name}"
    if not used and targets:
        yield f"没有启用，{targets} 个目标收不到推送。需要时删去 school.toml 中 [channels.{name}] 的 enabled = false"
    elif not targets:
        yield "登记册（targets.csv）中没有目标，不会推送"


def _of_trouble(name: str, bad: Try | None) -> Iterator[str]:
    """Why the newest call came to nothing; one of unknown end is told with what is uncertain."""
    if bad is not None and bad.outcomes - DOUBT and bad.reason:
        yield f"最近一次没有发成（{clock(bad.at)}）：{bad.reason}"


def _of_work(name: str, work: Work) -> Iterator[str]:
    if work.uncertain:
        yield f"{work.uncertain} 个结果待定，请核对后登记：python bot.py uncertain"
    if work.handed:
        yield f"{work.handed} 个等人办理：草稿请到平台后台发出或删除，交办事项见  python bot.py hand-off"
    if work.failed:
        yield f"今日失败 {work.failed} 个。看原因：python bot.py log --failed --channel {name}；补推再加 --retry"


def _plain(line: Line) -> dict[str, object]:
    pause = {"paused_at": line.paused.paused_at, "paused_by": line.paused.paused_by, "reason": line.paused.reason}
    counts: dict[str, object] = {
        "successes": line.successes,
        "failures": line.failures,
        "last_success": line.last_success,
    }
    counts |= {"last_failure": line.last_failure, "last_reason": line.last_reason}
    counts |= asdict(line.work) | {"targets": line.targets}
    return {"name": line.name, "label": line.label, "state": line.state, **pause, **counts, "next": list(line.next)}


def _print(lines: list[Line]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, header_style="bold", show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("渠道", overflow="fold", min_width=8)
    table.add_column("状态", no_wrap=True)
    table.add_column("最近", no_wrap=True)
    table.add_column("上次成功", no_wrap=True)
    for name in ("待编排", "待发", "待定", "草稿", "失败", "目标"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in lines:
        work = each.work
        counts = (work.waiting, work.queued, work.uncertain, work.handed, work.failed, each.targets)
        last = clock(each.last_success)[2:] if each.last_success else UNKNOWN
        table.add_row(each.label, each.state, _row(each), last, *map(str, counts))
    Console(highlight=False).print(table)
    for each in lines:
        for sentence in each.next:
            click.echo(f"{each.label}（{each.name}）：{sentence}")
    click.echo(
        "\n最近：一次接一次成功或没有发成的推送（次）。待编排：还没有编入推送的条次。待发、待定、草稿、失败：人次，"
        "群算一个；失败只算今日。"
        "不推送条目的渠道，上次成功是提醒到人或读到数字的时间。时间为北京时间，— 表示还没有。"
    )


def _row(line: Line) -> str:
    """How many in a row, the newest last: 连成 12, 连败 5; at most as many as were looked at."""
    many = line.successes or line.failures
    more = "+" if many >= LOOK_BACK else ""
    return f"{'连成' if line.successes else '连败'} {many}{more}" if many else UNKNOWN
