"""`bot.py log --by`: the log's rows grouped and counted, each number with its word; and queries kept under a name."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from desk import log as desk
from desk.errors import DeskError, new_file
from desk.words import cell, table
from rules.dates import SHANGHAI
from rules.origin import origin_shown
from rules.states import Result
from store import facts, log
from store.db import Db
from store.log import Row

#: What rows can be grouped by, and the heading of its column.
BY = {
    "channel": "渠道", "target": "目标", "audience": "目标受众", "month": "月份", "day": "日期", "category": "大类", "sub_item": "小项",
    "department": "责任部门", "item": "条目", "purpose": "用途", "origin": "来源", "status": "结果",
}  # fmt: skip
#: What people say for short.
_SHORT = {"受众": "audience", "部门": "department"}
#: The results that get a column of their own.
RESULTS = tuple(Result)
#: How the names of saved queries begin in the store.
_KEPT = "query:"


@dataclass
class Sums:
    """One group: its items (条), placements (条次) and pushes (次), and the placements by result."""

    items: set[int] = field(default_factory=set)
    placements: int = 0
    pushes: set[int] = field(default_factory=set)
    results: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row, *, newest: bool) -> None:
        """Count one row; of a placement that was planned anew only the newest is a 条次, each of its pushes is a 次."""
        if row.push_id is not None:
            self.pushes.add(row.push_id)
        if not newest:
            return
        self.items.add(row.item_id)
        self.placements += 1
        name = row.status or "不明"
        self.results[name] = self.results.get(name, 0) + 1

    def numbers(self) -> list[int]:
        """条, 条次, 次 and each result, in the order of the headings."""
        return [len(self.items), self.placements, len(self.pushes), *(self.results.get(each, 0) for each in RESULTS)]


HEADINGS = ("条", "条次", "次", *RESULTS)


def names_of(text: str) -> tuple[str, ...]:
    """`channel,month` or 渠道,月份 as the names of groups; raises DeskError."""
    known = {**{name: name for name in BY}, **{label: name for name, label in BY.items()}, **_SHORT}
    words = [each.strip() for each in text.replace("，", ",").replace("、", ",").split(",") if each.strip()]
    wrong = [each for each in words if each not in known]
    if wrong or not words:
        ways = "、".join(f"{name}（{label}）" for name, label in BY.items())
        raise DeskError(f"不能按“{'、'.join(wrong) or text}”分组。可用：{ways}")
    return tuple(dict.fromkeys(known[each] for each in words))


def grouped(rows: Iterable[Row], names: tuple[str, ...]) -> dict[tuple[str, ...], Sums]:
    """The rows' sums by these names, in the order of the groups; `rows` come the newest first."""
    found: dict[tuple[str, ...], Sums] = {}
    seen: set[int] = set()
    for row in rows:
        sums = found.setdefault(tuple(_value(row, name) for name in names), Sums())
        sums.add(row, newest=row.placement_id not in seen)
        seen.add(row.placement_id)
    return dict(sorted(found.items()))


def _value(row: Row, name: str) -> str:
    if name in ("month", "day"):
        local = row.at.astimezone(SHANGHAI)
        return f"{local:%Y-%m}" if name == "month" else f"{local:%Y-%m-%d}"
    if name == "target":
        return f"{row.target} {row.target_name}".strip()
    if name == "item":
        return f"{row.item_id} {row.title}"
    if name == "origin":
        return origin_shown(row.origin, row.channel)
    return str(getattr(row, name) or "不明")


def show(db: Db, options: Mapping[str, Any], by: str, *, as_json: bool, csv_path: Path | None) -> None:
    """Print the groups and their total.

    JSON: `{"by": [...], "groups": [{"group": {...}, "items", "placements", "pushes", "results": {...}}], "total": {...}}`.
    A channel stands there under its name in the log, in the table and in .csv as the school calls it. An item in two
    groups counts in both and once in the total: 条 do not add up.
    """
    names, wanted = names_of(by), desk.asked(db, options)
    with db.read() as conn:
        found = list(log.rows(conn, wanted, register=desk.registered()))
    groups = grouped(found, names)
    total = grouped(found, ()).get((), Sums())
    if as_json:
        plain = [{"group": dict(zip(names, key, strict=True)), **_plain(sums)} for key, sums in groups.items()]
        click.echo(
            json.dumps({"by": list(names), "groups": plain, "total": _plain(total)}, ensure_ascii=False, indent=2)
        )
        return
    header = (*(BY[name] for name in names), *HEADINGS)
    labels = _labels() if "channel" in names else {}
    lines = [(*_spoken(names, key, labels), *sums.numbers()) for key, sums in groups.items()]
    last = ("合计", *[""] * (len(names) - 1), *total.numbers())
    if csv_path is not None:
        _write(new_file(csv_path, ".csv"), header, [*lines, last])
        return
    for line in table(header, [*lines, last]):
        click.echo(line)
    click.echo(
        "条：不重复的条目，一条在几组中都有的，合计只算一次；次：推送次数。月份、日期按推送（未推送的按登记）时间。"
    )


def _labels() -> Mapping[str, str]:
    """What the school calls its channels; nothing where its settings cannot be read."""
    from desk.find import settings

    school = settings()
    return {name: each.label for name, each in school.channels.items()} if school else {}


def _spoken(names: Iterable[str], key: Iterable[str], labels: Mapping[str, str]) -> list[str]:
    return [labels.get(word, word) if name == "channel" else word for name, word in zip(names, key, strict=True)]


def _plain(sums: Sums) -> dict[str, Any]:
    return {
        "items": len(sums.items), "placements": sums.placements, "pushes": len(sums.pushes),
        "results": {str(each): sums.results.get(each, 0) for each in RESULTS},
    }  # fmt: skip


def _write(path: Path, header: Iterable[str], lines: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([cell(value) for value in line] for line in lines)
    click.echo(f"已写入 {path}")


def kept(
    db: Db, options: Mapping[str, Any], by: str, *, save: str, saved: str
) -> tuple[dict[str, Any], str]:  # fmt: skip
    """What is asked and how it is grouped: of the query kept as `saved`, where nothing else is said; kept as `save`."""
    if saved:
        old = _saved(db, saved)
        by = by or old.get("by", "")
        options = {name: value or old.get(name) for name, value in options.items()}
    if save:
        _save(db, save, options, by)
    return dict(options), by


def _save(db: Db, name: str, options: Mapping[str, Any], by: str) -> None:
    """Keep a query under a name; one of this name is replaced."""
    kept = {key: value for key, value in options.items() if value} | ({"by": by} if by else {})
    text = json.dumps(kept, ensure_ascii=False)
    if len(name) > 30 or len(text) > 500:
        raise DeskError("查询的名称不超过30个字，条件不超过500个字")
    with db.write() as conn:
        facts.set_meta(conn, f"{_KEPT}{name}", text)
    click.echo(f"已保存查询“{name}”。以后运行  python bot.py log --saved {name}")


def _saved(db: Db, name: str) -> dict[str, Any]:
    """The query kept under a name; raises DeskError with those that are there."""
    with db.read() as conn:
        text = facts.get_meta(conn, f"{_KEPT}{name}")
        names = [each.removeprefix(_KEPT) for each in facts.metas(conn, _KEPT)] if not text else []
    if not text:
        raise DeskError(
            f"没有保存过查询“{name}”。" + (f"已有：{'、'.join(names)}" if names else "保存：log … --save 名称")
        )
    found: dict[str, Any] = json.loads(text)
    return found
