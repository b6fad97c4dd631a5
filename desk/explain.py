"""`bot.py report --explain`: one printed figure with the rows it was counted from, each with what leads on from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import click

from desk.errors import DeskError
from desk.words import UNKNOWN
from jobs.explain import Explained, explain
from jobs.rows import NoFigure
from rules.dates import Period
from rules.school import School
from store.db import Db


def show(db: Db, school: School, period: Period, place: str, *, cut_off: datetime, as_json: bool) -> None:
    """Print it; raises DeskError for what is no figure.

    JSON: `{"place", "value", "unit", "holds", "rows": [{"id", "item_id", "push_id", "words", "adds"}], "mean"}`; `id` is the
    row's number among the items, placements, pushes, deliveries or reach figures, as the unit says; of a `mean` the rows
    are not added up.
    """
    try:
        found = explain(db, school, period, place, cut_off=cut_off)
    except NoFigure as error:
        where = "数字的位置见“信息公开年度报告.html”（鼠标停在数字上）或“统计数据.json”，如 items.disclosed、channels.0.results.失败"
        raise DeskError(f"{error}。{where}") from None
    if as_json:
        click.echo(json.dumps({**asdict(found), "holds": found.holds}, ensure_ascii=False, indent=2))
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Explained) -> Iterator[str]:
    value = UNKNOWN if found.value is None else round(found.value, 2)
    how = f"为以下 {len(found.rows)} 行的平均：" if found.mean else f"由以下 {len(found.rows)} 行得出："
    by = how if found.rows else "没有一行计入。"
    yield f"{found.place} ＝ {value}（{found.unit}），{by}"
    for row in found.rows:
        whose = f"条目 {row.item_id}　" if row.item_id else f"推送 {row.push_id}　" if row.push_id else ""
        adds = f"　{row.adds} {found.unit}" if found.mean else f"　＋{row.adds}" if row.adds != 1 else ""
        yield f"  {whose}{row.words}{adds}"
    if not found.holds:
        yield f"【未核对】各行{'平均' if found.mean else '合计'}为 {found.came_to}，与报告不一致，请把这一段发给管理员"
    if any(row.item_id for row in found.rows):
        yield "每一条的审查、推送、结果和回执：python bot.py evidence 条目"
    elif any(row.push_id for row in found.rows):
        yield "一次推送的各条次：python bot.py log --push 推送号"
