"""`bot.py due`: by when each item must be public and how much time is left, and the days that come."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from desk.log import named
from desk.words import cut, iso, table
from jobs.clock import clock_of, unknown
from jobs.office import Office
from rules import advice
from rules.dates import SchoolYear
from rules.deadlines import Clock, Deadline, Kind, State
from rules.due import open_terms
from rules.guard import masked
from rules.workdays import not_entered
from store import due

#: What somebody has to do by a day; the other kinds are days that come of themselves.
OWED = (Kind.PUBLISH, Kind.UPDATE, Kind.OUTCOME)
#: In which order the states are counted.
ORDER = (State.LATE, State.URGENT, State.NEAR, State.NORMAL)


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is shown: the terms, and how the year's disclosed items kept theirs."""

    owed: Sequence[Deadline]
    coming: Sequence[Deadline]
    #: Empty: all of them.
    department: str
    year: SchoolYear
    in_time: int
    late: int
    #: Items approved before the bot began that have no 公开日期: counted only.
    baseline: int


def show(office: Office, department: str | None, as_json: bool) -> None:
    """Print the terms of all departments or of one; raises DeskError for an unknown one.

    JSON: `today`, `items` and `coming` (a term each), `disclosed` (`year`, `in_time`, `late`), `notes`.
    """
    try:
        asked = named(office.db, {"department": department}, ("department",))["department"]
        clock = clock_of(office)
        found = look(office, clock, asked)
    finally:
        office.close()
    if as_json:
        click.echo(json.dumps(_plain(found, clock), ensure_ascii=False, indent=2, default=iso))
    else:
        for line in _lines(found, clock):
            click.echo(line)


def look(office: Office, clock: Clock, department: str) -> Due:
    """The terms as they stand now; the year's report is everybody's."""
    year = SchoolYear.of(clock.today)
    with office.db.read() as conn:
        items, began_on = due.dated(conn, clock.today), due.began_on(conn)
        done = due.disclosed(conn, year.start, min(year.end, clock.today), department)
    terms = [each for each in open_terms(items, clock, began_on) if department in ("", each.department) or each.item is None]
    states = Counter(clock.twenty(Kind.PUBLISH, begun, on).state for begun, on in done)
    return Due(
        owed=[each for each in terms if each.kind in OWED],
        coming=[each for each in terms if each.kind not in OWED],
        department=department,
        year=year,
        in_time=states[State.IN_TIME],
        late=states[State.OPENED_LATE],
        baseline=sum(e.baseline and e.disclosed_on is None and department in ("", e.department) for e in items),
    )


def _plain(found: Due, clock: Clock) -> dict[str, Any]:
    return {
        "today": clock.today,
        "items": [_term(each) for each in found.owed],
        "coming": [_term(each) for each in found.coming],
        "disclosed": {"year": found.year.label, "in_time": found.in_time, "late": found.late},
        "notes": _notes(found, clock),
    }


def _term(each: Deadline) -> dict[str, Any]:
    return {
        "kind": each.kind, "item": each.item, "title": each.title, "department": each.department,
        "begins_on": each.begins_on, "due": each.due.day, "estimated": each.due.estimated, "left": each.left,
        "state": each.state, "wrong": each.wrong, "waits": each.waits,
    }  # fmt: skip


def _lines(found: Due, clock: Clock) -> list[str]:
    lines = [f"今天 {clock.today}，{'工作日' if clock.calendar.is_workday(clock.today) else '休息日'}。", ""]
    if found.owed:
        header = ("条目", "标题", "责任部门", "事项", "起算日", "应公开期限", "剩余工作日", "状态", "停着的原因")
        lines += table(header, [_owed(each) for each in found.owed])
        states = Counter(each.state for each in found.owed)
        lines.append(
            "共 {} 项：{}。".format(len(found.owed), "，".join(f"{s} {states[s]}" for s in ORDER if states[s]))
        )
    else:
        lines.append("没有等待公开或更新的条目。")
    if found.coming:
        lines += [
            "",
            *table(
                ("日期", "事项", "条目", "标题", "责任部门", "剩余工作日", "状态", "需要核对"), map(_day, found.coming)
            ),
        ]
    return [*lines, "", *_notes(found, clock)]


def _owed(each: Deadline) -> tuple[object, ...]:
    return (
        each.item, cut(masked(each.title), 36), cut(each.department, 16), each.kind, each.begins_on, _shown(each), each.left,
        each.state, cut(each.waits, 30),
    )  # fmt: skip


def _day(each: Deadline) -> tuple[object, ...]:
    return (
        _shown(each), each.kind, each.item, cut(masked(each.title), 36), cut(each.department, 16), each.left, each.state,
        each.wrong,
    )  # fmt: skip


def _shown(each: Deadline) -> str:
    return f"{each.due.day}（估算）" if each.due.estimated else f"{each.due.day}"


def _notes(found: Due, clock: Clock) -> list[str]:
    """How the year stands, and what must be known of the figures above."""
    whole = found.in_time + found.late
    notes = [
        f"{found.department}{found.year.label}已公开 {whole} 条有形成或批准日期的：按期 {found.in_time} 条，逾期公开 {found.late} 条。"
    ]
    if found.baseline:
        notes.append(f"另有 {found.baseline} 条启用之前批准、没有公开日期，只统计，不计期限；已公开的请补填公开日期。")
    if vacation := clock.calendar.on_vacation(clock.today):
        notes.append(f"正值{vacation}，照常计算工作日。")
    years = sorted({year for each in (*found.owed, *found.coming) for year in unknown(each, clock)})
    return [*notes, *(f"{not_entered(year)}。{advice.enter_year(year)}。" for year in years)]
