"""演练 of real items at the command line: what would go where, to nobody or to a test group."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from channels.base import SendError
from desk.errors import DeskError
from desk.find import one_item
from desk.words import clock
from jobs.office import Office
from jobs.rehearse import NotPermitted, Rehearsed, Shown, rehearse, send_to
from store import reviews


def show(office: Office, texts: Sequence[str], as_json: bool) -> None:
    """The named items, or all that wait for a review: nothing is sent and nothing stored."""
    found = rehearse(office, _items(office, texts))
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        _print(office, each)
    ahead = "；已排定的推送见  python bot.py plan" if any(each.open for each in found) else ""
    done = f"共演练 {len(found)} 条，没有推送任何内容{ahead}"
    click.echo(done if found else "没有待审的条目；演练其他条目请写明编号")


def _items(office: Office, texts: Sequence[str]) -> list[int]:
    if texts:
        return [one_item(office.db, text) for text in texts]
    with office.db.read() as conn:
        return [each.item_id for each in reviews.waiting(conn)]


def _print(office: Office, each: Rehearsed) -> None:
    click.echo(f"条目 {each.item_id}：{each.title}")
    click.echo(f"  {'可以推送' if each.open else '现在不能推送'}：{each.gate}")
    click.echo(f"  保密检查：{each.guard}")
    for shown in each.targets:
        name = f"{shown.target.name}（{shown.target.number}，{office.setting(shown.target.channel).label}）"
        if not shown.granted:
            click.echo(f"  ✗ {name}：{shown.reason}")
            continue
        sign, may = ("✓", "") if each.open else ("○", "，现在不推送")
        many = f"{shown.addresses} 人" if shown.addresses is not None else "人数未登记"
        opens = f"，最早 {clock(shown.opens)}" if shown.opens else ""
        click.echo(f"  {sign} {name}：{many}{opens}{may}。{shown.reason}")
        for line in shown.text.splitlines():
            click.echo(f"      │ {line}")
    click.echo("")


def _plain(each: Rehearsed) -> dict[str, object]:
    targets = [_target(shown) for shown in each.targets]
    return {
        "item": each.item_id, "title": each.title, "open": each.open, "gate": each.gate, "guard": each.guard,
        "targets": targets,
    }  # fmt: skip


def _target(shown: Shown) -> dict[str, object]:
    return {
        "target": shown.target.number, "granted": shown.granted, "reason": shown.reason, "text": shown.text,
        "addresses": shown.addresses, "opens": shown.opens.isoformat() if shown.opens else None,
    }  # fmt: skip


def to_group(office: Office, texts: Sequence[str], number: str) -> None:
    """Write the named items to a test group, under a heading that says 演练."""
    target = office.school.targets.get(number)
    if target is None or target.channel not in office.channels:
        raise DeskError(f"登记册中没有目标“{number}”，或其渠道没有启用")
    try:
        for line in send_to(office, _items(office, texts), target):
            click.echo(line)
    except (NotPermitted, SendError) as error:
        raise DeskError(f"没有发到 {target.name}：{error}") from None
