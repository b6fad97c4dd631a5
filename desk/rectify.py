"""限期整改 at the command line: what a circular asks of a department, until it is done."""

from __future__ import annotations

import click

from desk.errors import DeskError
from desk.find import one_item
from jobs.office import Office
from jobs.orders import whoami
from rules.dates import day_of, parse_day
from rules.oversight import stage
from store import facts, oversight


def show(office: Office, everything: bool) -> None:
    """Those still to be done, or all."""
    today = day_of(office.now())
    with office.db.read() as conn:
        found = oversight.rectifications(conn, only_open=not everything)
    for each in found:
        stands = f"{each.done_on} 办结：{each.note}" if each.done_on else stage(each.due_on, today) or "办理中"
        click.echo(f"{each.id:>4}  {each.due_on}  {each.department}　{each.text}（{each.circular}）　{stands}")
    if not found:
        click.echo("没有未办结的限期整改")


def add(office: Office, department: str, text: str, circular: str, due: str, item: str | None) -> None:
    """Write one down; raises DeskError for a day that cannot be read."""
    try:
        due_on = parse_day(due)
    except ValueError as error:
        raise DeskError(str(error)) from None
    said = {
        "department": department, "text": text, "circular": circular, "due_on": due_on, "asked_on": day_of(office.now()),
        "item_id": one_item(office.db, item) if item else None, "recorded_by": whoami(), "recorded_at": office.now(),
    }  # fmt: skip
    with office.db.write() as conn:
        number = oversight.ask(conn, said)
    click.echo(f"已登记：限期整改 {number}，{department}，{due_on} 前完成")


def done(office: Office, number: int, note: str) -> None:
    """It has been done; raises DeskError if there is nothing to close."""
    now = office.now()
    with office.db.write() as conn:
        if not oversight.done(conn, number, day_of(now), note):
            raise DeskError(f"没有未办结的限期整改 {number}。列出：python bot.py rectify")
        facts.record_act(conn, person=whoami(), act="整改办结", subject=f"限期整改 {number}", reason=note, now=now)
    click.echo(f"限期整改 {number} 已办结")
