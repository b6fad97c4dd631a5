"""`bot.py plan`: the coming days before they happen: what leaves when, where and which way, and what waits, with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

import click

from desk.words import cut, iso
from jobs.forecast import Forecast, Leaving, forecast
from jobs.office import Office
from rules.dates import SHANGHAI, day_of

WEEKDAYS = "一二三四五六日"


def show(office: Office, days: int, as_json: bool) -> None:
    """Print it.

    JSON: `since`, `until`, `leaving` (`at`, `target`, `name`, `channel`, `way`, `reason`, `made`, `titles`) and `staying`
    (`target`, `name`, `item`, `title`, `reason`), `reviewing` and `guarded` (items in no plan yet); instants ISO 8601 in UTC+8.
    """
    try:
        found = forecast(office, days)
        if as_json:
            click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2, default=iso))
            return
        for line in lines(found, office):
            click.echo(line)
    finally:
        office.close()


def _plain(found: Forecast) -> dict[str, Any]:
    leaving = [
        {
            "at": each.at, "target": each.target.number, "name": each.target.name, "channel": each.target.channel,
            "way": each.way, "reason": each.spared, "made": each.made, "titles": each.titles,
        }
        for each in found.leaving
    ]  # fmt: skip
    return {
        "since": found.since, "until": found.until, "leaving": leaving,
        "staying": [each.__dict__ for each in found.staying], "reviewing": found.reviewing, "guarded": found.guarded,
    }  # fmt: skip


def lines(found: Forecast, office: Office) -> Iterator[str]:
    """By day and time, then what stays by its reason."""
    last = day_of(found.until - timedelta(seconds=1))
    yield f"{day_of(found.since)} 至 {last} 的推送计划，按现有条目和设置推算，不改变任何登记。"
    for day, pushes in groupby(found.leaving, key=lambda each: day_of(each.at)):
        yield ""
        yield f"{day} 周{WEEKDAYS[day.weekday()]}"
        for each in pushes:
            yield from _push(each, office)
    if not found.leaving:
        yield ""
        yield "这几天没有要推送的。"
    if found.staying:
        yield ""
        yield f"这几天不推送的 {len(found.staying)} 条次："
    for reason, many in groupby(sorted(found.staying, key=lambda each: each.reason), key=lambda each: each.reason):
        yield f"  {reason}"
        for one in many:
            yield f"    条目 {one.item}“{cut(one.title, 40)}”，{one.name}（{one.target}）"
    if outside := [f"{n} 条{what}" for n, what in ((found.reviewing, "待审"), (found.guarded, "被保密检查拦下")) if n]:
        yield ""
        yield f"另有 {'、'.join(outside)}，通过后才进入计划：python bot.py review，python bot.py guard"


def _push(each: Leaving, office: Office) -> Iterator[str]:
    where = f"{office.setting(each.target.channel).label} {each.target.name}（{each.target.number}）"
    made = "，已编排" if each.made else ""
    yield f"  {each.at.astimezone(SHANGHAI):%H:%M}  {where}：{each.way}，{len(each.titles)} 条{made}"
    if each.spared:
        yield f"         {each.spared}"
    for n, title in enumerate(each.titles, 1):
        yield f"         {n}. {cut(title, 60)}"
