"""`bot.py book`: what was disclosed without the bot, one by one or from a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from desk import sheets
from desk.errors import DeskError
from desk.find import meant, one_item
from desk.handoff import deed_in, deed_of, report, told
from desk.sheets import Line, WrongCell
from jobs.book import Booked, book
from jobs.handoff import Refused
from jobs.office import Office
from jobs.orders import whoami
from rules.routing import Target

COLUMNS = {"条目": 30, "渠道": 18, "目标": 22, "时间": 18, "办理人": 12, "数量": 8, "单位": 8, "备注": 30}
NEEDED = tuple(COLUMNS)


def one(office: Office, item: str, channel: str, target: str, **said: Any) -> None:
    """Book one; tell what the rules say against it."""
    item_id, where = one_item(office.db, item), _target(office, channel, target)
    deed = deed_of(**said)
    done = told(lambda: book(office, item_id, where, deed, whoami()))
    for line in _words(item_id, where, done):
        click.echo(line)


def _words(item_id: int, where: Target, done: Booked) -> list[str]:
    lines = [f"已补录：条目 {item_id} 在 {where.name}（{where.number}），推送 {done.push_id}，按人工补录计"]
    return [*lines, f"！注意：{done.against}。已提醒值班人员，请核实"] if done.against else lines


def _target(office: Office, channel: str, text: str) -> Target:
    """The row of the register that a person means; raises DeskError."""
    number = meant(office.db, "target", text, lambda: office.school)
    found = office.school.targets.get(number)
    if found is None:
        raise DeskError(f"目标“{text}”已不在登记册中。请先在 targets.csv 中登记，再补录")
    if channel:
        name = meant(office.db, "channel", channel, lambda: office.school)
        if name != found.channel:
            known = office.school.channels.get(found.channel)
            raise DeskError(
                f"目标 {number} 属于渠道“{known.label if known else found.channel}”，不是“{channel}”。请改其中一个"
            )
    return found


def from_sheet(office: Office, path: Path) -> None:
    """Book every row of a sheet, each by itself; raises DeskError with every wrong cell after the good rows are booked."""
    lines = sheets.read(path, NEEDED)
    report(*sheets.apply(path, lines, lambda line: _apply(office, line)))


def _apply(office: Office, line: Line) -> str:
    item_id = _cell("条目", lambda: one_item(office.db, line.needed("条目")))
    where = _cell("目标", lambda: _target(office, line.text("渠道"), line.needed("目标")))
    deed = deed_in(line, when="时间")
    try:
        done = book(office, item_id, where, deed, whoami())
    except Refused as error:
        column = {"办理时间": "时间", "": "目标"}.get(error.column, error.column)
        raise WrongCell(column, str(error)) from None
    return "　".join(_words(item_id, where, done))


def _cell(column: str, find: Any) -> Any:
    """What is looked for by a cell; a word that means nothing is a wrong cell."""
    try:
        return find()
    except DeskError as error:
        raise WrongCell(column, str(error)) from None


def write_sheet(path: Path) -> None:
    """An empty sheet with the columns a booking needs."""
    sheets.write(path, "人工补录", COLUMNS, NEEDED, [])
    click.echo(f"已写入空表 {path}：填好后运行  python bot.py book --sheet {path}")
