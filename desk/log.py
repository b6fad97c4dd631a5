"""`bot.py log`: the push log as columns, as .csv for Excel, as JSON. Imports nothing heavy: it must come up at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desk.errors import DeskError, new_file
from desk.words import cell, clock, cut, iso, people, table, written
from rules.dates import SHANGHAI, YEARS, NoSuchDay, at, parse_day
from rules.origin import BOT, origin_shown
from rules.states import Result
from store import log, reach
from store.db import Db
from store.log import Filter, Key, Page, Row

if TYPE_CHECKING:
    from rules.routing import Target

#: Name and audience of the targets nothing has been pushed to yet; asked for only when such a row comes up.
Register = Callable[[], "Mapping[str, Target]"]

#: The .csv's header and the field of each column; the JSON has the fields under their own names.
COLUMNS = {
    "产生时间": "at", "发出时间": "sent_at", "最近变化": "changed_at", "来源": "origin", "用途": "purpose", "渠道": "channel",
    "目标编号": "target", "目标名称": "target_name", "目标受众": "audience", "人数": "people", "条目": "item_id", "编号": "number",
    "标题": "title", "大类": "category", "小项": "sub_item", "责任部门": "department", "受众类别": "audience_class",
    "条次": "placement_id", "推送": "push_id", "补推自": "resend_of", "结果": "status", "依据": "basis", "原因": "reason",
    "后来核实": "looked", "公开时间": "taken_at", "平台编号": "vendor_id",
    "承接条次": "follows_id",
}  # fmt: skip


def show(
    db: Db,
    options: Mapping[str, Any],
    *,
    page: int = log.PAGE,
    after: str | None = None,
    as_json: bool = False,
    csv_path: Path | None = None,
    register: Register | None = None,
) -> None:
    """Print one page, newest first, or write every matching row to `csv_path`. `options` as `asked` reads them.

    JSON: `{"rows": [...], "next": key or null}`; a row has the fields of store.log.Row, `key` being the text to
    continue after; instants are ISO 8601 in UTC+8; `push_id`, `status` and `taken_at` may be null.
    """
    known = cache(register or registered)
    wanted = asked(db, options)
    audiences = known() if wanted.audience else {}
    if csv_path is not None:
        _write_csv(db, wanted, new_file(csv_path, ".csv"), known())
        return
    key = _key(after)
    with db.read() as conn:
        found = log.page(conn, wanted, after=key, size=page, register=audiences)
        held = reach.people(conn)
    found = Page(tuple(_named(row, held, known) for row in found.rows), found.next)
    if as_json:
        plain = {"rows": [as_plain(row) for row in found.rows], "next": found.next and str(found.next)}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=iso))
        return
    _print(found, wanted)


def asked(db: Db, options: Mapping[str, Any]) -> Filter:
    """The filter in a person's words; raises DeskError for words that mean nothing.

    `since`, `until` (2020-09-01 however it is written, that day included, or 2020-09-01T08:00), `channel` (or its
    label), `target` (编号 or name), `audience`, `category`, `department`, `status` (one or several of the eight
    results), `item` (id, 编号, 文号, title), `push` (its number), `person` (a number or account), `failed` (失败 and 部分).
    """
    plain = named(db, options, ("channel", "target", "audience", "category", "department"))
    since, until = _instant(options.get("since"), timedelta(0)), _instant(options.get("until"), timedelta(days=1))
    if since and until and since >= until:
        raise DeskError(f"止时 {options['until']} 早于起时 {options['since']}，请核对 --since 和 --until")
    results = _results(options.get("status") or "")
    if options.get("failed"):
        results += (Result.FAILURE, Result.PARTIAL)
    return Filter(
        **plain,
        since=since,
        until=until,
        results=results,
        items=_items(db, options.get("item")),
        push=int(options.get("push") or 0),
        person=_spellings(options.get("person") or ""),
    )


def _spellings(person: str) -> tuple[str, ...]:
    """A number or account as deliveries may have it: as it is, or sealed with the key of .env."""
    if not person.strip():
        return ()
    from config import places
    from rules.privacy import SEAL_KEY, sealed

    plain, key = person.strip(), places.environment().get(SEAL_KEY, "")
    return tuple(sorted({plain.lower(), *([sealed(plain, key).lower()] if key else [])}))


def named(db: Db, options: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Each of these options as it stands in the rows, empty where nothing is asked; raises DeskError for an unknown one."""
    typed = {name: (options.get(name) or "").strip() for name in names}
    if not any(typed.values()):  # the common case loads nothing more
        return typed
    from desk.find import meant, settings

    school = cache(settings)
    return {name: text and meant(db, name, text, school) for name, text in typed.items()}


def _results(text: str) -> tuple[Result, ...]:
    words = text.replace("，", ",").replace("、", ",").split(",")
    try:
        return tuple(Result(word.strip()) for word in words if word.strip())
    except ValueError:
        raise DeskError(f"没有“{text}”这种结果。可用：{'、'.join(Result)}") from None


def _instant(text: str | None, whole_day: timedelta) -> datetime | None:
    """A day means its beginning, or with `whole_day` its end."""
    if not text:
        return None
    try:
        return at(parse_day(text) + whole_day, time.min)
    except NoSuchDay as error:
        raise DeskError(str(error)) from None
    except ValueError:
        pass  # not a day: perhaps an instant
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise DeskError(f"时间“{text}”应写成 2020-09-01 或 2020-09-01T08:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _items(db: Db, text: str | None) -> tuple[int, ...]:
    if not text:
        return ()
    from desk.find import some_items

    return tuple(some_items(db, text))


def _key(after: str | None) -> Key | None:
    try:
        return Key.parse(after) if after else None
    except ValueError as error:
        raise DeskError(str(error)) from None


def registered() -> Mapping[str, Target]:
    """The group register; what is wrong in it is the business of `bot.py check`."""
    from config import places
    from config.tables import Wrong, read_targets

    try:
        rows = list(read_targets(places.config_folder() / "targets.csv"))
    except Wrong:
        return {}
    return {each.number: each for each in rows if not isinstance(each, Wrong)}


def _named(row: Row, held: Mapping[str, int], known: Register) -> Row:
    """With the name, the audience and the people of its target; the register is read only for what no row tells."""
    if row.target_name and row.target in held:
        return row._replace(people=held[row.target])
    target = known().get(row.target)
    if target is None:
        return row._replace(people=held.get(row.target))
    name, audience = row.target_name or target.name, row.audience or target.audience
    return row._replace(target_name=name, audience=audience, people=held.get(row.target, target.members))


def as_plain(row: Row) -> dict[str, Any]:
    """The row as JSON has it, besides its instants."""
    return {"key": str(row.key), **{name: getattr(row, name) for name in COLUMNS.values()}}


def _print(found: Page, wanted: Filter) -> None:
    if not found.rows:
        click.echo("没有符合条件的条次。")
        if wanted.person:
            click.echo("--person 按手机号、账号或邮箱查找，须写全；日志中没有姓名，不能按姓名查找。")
        return
    header = ("产生时间", "发出时间", "目标", "人数", "结果", "用途", "条目", "标题", "推送", "依据或原因")
    for line in table(header, (_line(row) for row in found.rows)):
        click.echo(line)
    click.echo(
        f"时间均为北京时间。本页 {len(found.rows)} 条次。"
        + (f"下一页：--after {found.next}" if found.next else "已到末尾。")
    )


def _line(row: Row) -> tuple[object, ...]:
    target = cut(f"{row.target} {row.target_name}".strip(), 24)
    times = moment(row, row.at), row.sent_at and moment(row, row.sent_at)
    what = result(row), purpose(row), row.item_id, cut(row.title, 36), row.push_id, why(row)
    return *times, target, people(row.people), *what


def moment(row: Row, at: datetime) -> str:
    """When something was: of what the bot has not sent itself often only the day is known."""
    return clock(at) if row.origin == BOT else written(at)


def purpose(row: Row) -> str:
    """What it was for; of a 更正 or 撤回 also which placement (条次) it follows."""
    return row.purpose if row.follows_id is None else f"{row.purpose}（自条次 {row.follows_id}）"


def result(row: Row) -> str:
    """The result as every command calls it, with the origin of what the bot has not sent itself."""
    origin = "" if row.origin == BOT else f"（{origin_shown(row.origin, row.channel)}）"
    return f"{row.status or '不明'}{origin}"


def why(row: Row) -> str:
    """How a success is known, or why it is none yet."""
    if row.status is Result.SUCCESS and row.push_id is not None:
        return row.basis or row.reason or "平台已受理"
    return row.reason


def _write_csv(db: Db, wanted: Filter, path: Path, register: Mapping[str, Target]) -> None:
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file, db.read() as conn:
        held = reach.people(conn)
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in (_named(row, held, lambda: register) for row in log.rows(conn, wanted, register=register)):
            facts = {name: getattr(row, name) for name in COLUMNS.values()}
            facts["origin"] = origin_shown(row.origin, row.channel)
            writer.writerow([cell(value) for value in facts.values()])
            written += 1
    click.echo(f"已写入 {path}：{written} 条次。")
