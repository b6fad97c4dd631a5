"""`bot.py items`: the items with where each stands, and what a clerk must mend (问题清单)."""

from __future__ import annotations

import json
from typing import Any

import click

from desk.errors import DeskError
from desk.log import named
from desk.words import cut, iso, table
from rules.guard import masked
from rules.item import Problem
from store import facts, history
from store.db import Db
from store.history import STATES, Listed, Wanted


def show(
    db: Db,
    *,
    status: str | None = None,
    category: str | None = None,
    department: str | None = None,
    text: str | None = None,
    only_problems: bool = False,
    page: int = 50,
    before: int | None = None,
    as_json: bool = False,
) -> None:
    """Print one page, newest first, and how many problems are open; `only_problems`: these, one by one.

    JSON: `items` (the fields of store.history.Listed), `next` (the id to continue before, or null), `problems`
    (`file`, `sheet`, `row`, `column`, `text`, `fix`).
    """
    asked = named(db, {"category": category, "department": department}, ("category", "department"))
    wanted = Wanted(state=_state(status), **asked, text=text or "")
    with db.read() as conn:
        found = [] if only_problems else history.items(conn, wanted, before=before, size=page + 1)
        problems = facts.list_problems(conn)
    more = found[page - 1].id if len(found) > page else None
    if as_json:
        rows = [each.__dict__ for each in found[:page]]
        plain = {"items": rows, "next": more, "problems": [_plain(each) for each in problems]}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=iso))
        return
    if only_problems:
        _print_problems(problems)
        return
    _print(found[:page], more)
    if problems:
        click.echo(f"另有 {len(problems)} 处登记问题需要更正：python bot.py items --problems")


def _print_problems(problems: list[Problem]) -> None:
    click.echo(f"问题清单：{len(problems)} 处需要更正。" if problems else "问题清单：没有需要更正的内容。")
    for number, problem in enumerate(problems, start=1):
        click.echo(f"  {number}. {problem}")


def _state(text: str | None) -> str:
    if text and text not in STATES:
        raise DeskError(f"没有“{text}”这种状态。可用：{'、'.join(STATES)}")
    return text or ""


def _plain(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "file": place.file, "sheet": place.sheet, "row": place.row, "column": problem.column, "text": problem.text,
        "fix": problem.fix,
    }  # fmt: skip


def _print(found: list[Listed], more: int | None) -> None:
    if not found:
        click.echo("没有符合条件的条目。")
        return
    header = (
        "条目",
        "编号",
        "标题",
        "大类",
        "受众范围",
        "公开属性",
        "公开日期",
        "状态",
        "已到达目标",
        "暂停或停止原因",
    )
    for line in table(header, (_line(each) for each in found)):
        click.echo(line)
    click.echo(f"本页 {len(found)} 条。" + (f"下一页：--before {more}" if more else "已到末尾。"))


def _line(each: Listed) -> tuple[object, ...]:
    state = each.state + ("" if each.counted else "（不计入）") + ("（只统计）" if each.baseline else "")
    reached = f"{each.reached}/{each.due}" if each.due else "无"
    return (
        each.id, cut(each.number, 20), cut(masked(each.title), 36), cut(each.category, 16), cut("、".join(each.audience), 16),
        each.disclosure, each.disclosed_on, state, reached, cut(masked(each.hold), 40),
    )  # fmt: skip
