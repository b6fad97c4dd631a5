"""补推 at the command line: what an outage made late, and a person's decision."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from desk.errors import DeskError
from desk.find import one_item
from desk.words import clock
from jobs import backlog
from jobs.office import Office
from jobs.orders import whoami
from rules.backlog import Policy

#: What a person may decide, and what is said of it.
WORDS = {"send": (Policy.SEND, "恢复推送"), "digest": (Policy.DIGEST, "并入下一次合并推送"), "drop": (None, "不再推送")}
_STANDS = {Policy.ASK: "等待决定", Policy.DIGEST: "并入合并推送", Policy.SEND: "即将推送"}


def show(office: Office, as_json: bool) -> None:
    """What is late, by target."""
    outage, found = backlog.waiting(office)
    if as_json:
        rows = [{"item": e.item_id, "title": e.title, "target": e.target, "late": e.late} for e in found]
        away = [outage.since.isoformat(), outage.until.isoformat()] if outage else None
        click.echo(json.dumps({"outage": away, "placements": rows}, ensure_ascii=False, indent=2))
        return
    if outage is not None:
        click.echo(f"最近一次停机：{clock(outage.since)} 至 {clock(outage.until)}，{outage.words}")
    for number in dict.fromkeys(each.target for each in found):
        target = office.school.targets.get(number)
        click.echo(f"\n{target.name if target else number}（{number}）")
        for each in [e for e in found if e.target == number]:
            click.echo(f"  {each.item_id:>6}  {each.approved_on} 批准  {each.title}　{_STANDS[Policy(each.late)]}")
    if not found:
        click.echo("没有因停机而延误的条次")
    elif any(each.late == Policy.ASK for each in found):
        click.echo(f"\n共 {len(found)} 条次。决定：python bot.py backlog send|digest|drop [编号 …]，不写编号为全部")


def decide(office: Office, word: str, texts: Sequence[str]) -> None:
    """One decision for the named items, or for all."""
    how, said = WORDS[word]
    many = backlog.decide(office, [one_item(office.db, text) for text in texts], how, whoami())
    if not many:
        raise DeskError("没有因停机而延误的条次" + ("属于这些条目" if texts else ""))
    click.echo(f"{many} 条次{said}")
