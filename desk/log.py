"""`bot.py log`: the push log as columns, as .csv for Excel, as JSON. Imports nothing heavy: it must come up at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.words import cell, clock, cut, iso, table
from rules.origin import ORIGINS
from rules.states import Result
from store import log
from store.db import Db
from store.log import Filter, Key, Row

if TYPE_CHECKING:
    from rules.routing import Target

#: The .csv's header and the field of each column; the JSON has the fields under their own names.
COLUMNS = {
    "时间": "at", "最近变化": "changed_at", "来源": "origin", "用途": "purpose", "渠道": "channel", "目标编号": "target",
    "目标名称": "target_name", "目标受众": "audience", "条目": "item_id", "编号": "number", "标题": "title", "大类": "category",
    "小项": "sub_item", "责任部门": "department", "受众范围": "audience_class", "条次": "placement_id", "推送": "push_id",
    "结果": "status", "依据": "basis", "原因": "reason", "公开时间": "taken_at", "平台编号": "vendor_id",
}  # fmt: skip


def show(
    db: Db,
    wanted: Filter,
    *,
    page: int = log.PAGE,
    after: str = "",
    as_json: bool = False,
    csv_path: Path | None = None,
    register: Mapping[str, Target] | None = None,
) -> None:
    """Print one page, newest first, or write every matching row to `csv_path`.

    JSON: `{"rows": [...], "next": key or null}`; a row has the fields of store.log.Row in their order, besides `key`,
    which is a text to continue after; instants are ISO 8601 in UTC+8; `push_id`, `status`, `taken_at` may be null.
    `register` names targets that nothing has been pushed to yet.
    """
    if csv_path is not None:
        _write_csv(db, wanted, csv_path, register)
        return
    try:
        key = Key.parse(after) if after else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with db.read() as conn:
        found = log.page(conn, wanted, after=key, size=page, register=register)
    if as_json:
        rows = [as_plain(row) for row in found.rows]
        plain = {"rows": rows, "next": found.next and str(found.next)}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=iso))
        return
    _print(found)


def as_plain(row: Row) -> dict[str, Any]:
    """The row as JSON has it, besides its instants."""
    return {"key": str(row.key), **{name: getattr(row, name) for name in COLUMNS.values()}}


def _print(found: log.Page) -> None:
    if not found.rows:
        click.echo("没有符合条件的条次。")
        return
    header = ("时间", "目标", "结果", "用途", "条目", "标题", "推送", "依据或原因")
    for line in table(header, (_line(row) for row in found.rows)):
        click.echo(line)
    click.echo(f"本页 {len(found.rows)} 条次。" + (f"下一页：--after {found.next}" if found.next else "已到末尾。"))


def _line(row: Row) -> tuple[object, ...]:
    target = cut(f"{row.target} {row.target_name}".strip(), 24)
    origin = "" if row.origin == "bot" else f"（{ORIGINS.get(row.origin, row.origin)}）"
    result = f"{row.status or '不明'}{origin}"
    return clock(row.at), target, result, row.purpose, row.item_id, cut(row.title, 36), row.push_id, why(row)


def why(row: Row) -> str:
    """How a success is known, or why it is none yet."""
    if row.status is Result.SUCCESS and row.push_id is not None:
        return row.basis or row.reason or "已提交"
    return row.reason


def _write_csv(db: Db, wanted: Filter, path: Path, register: Mapping[str, Target] | None) -> None:
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file, db.read() as conn:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in log.rows(conn, wanted, register=register):
            facts = {name: getattr(row, name) for name in COLUMNS.values()}
            facts["origin"] = ORIGINS.get(row.origin, row.origin)
            writer.writerow([cell(value) for value in facts.values()])
            written += 1
    click.echo(f"已写入 {path}：{written} 条次。")
