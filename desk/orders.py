"""Orders of persons at the command line: pause, resume, confirm, cancel, send again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from desk.errors import DeskError
from desk.find import one_item
from desk.log import asked
from jobs import orders
from jobs.office import Office
from store import log
from store.placements import Due


def pause(office: Office, name: str, reason: str) -> None:
    """Stop one channel or all."""
    _known(office, name)
    stopped = orders.pause(office, name, orders.whoami(), reason)
    click.echo(f"已暂停：{_labels(office, stopped)}" if stopped else "已经是暂停状态")
    click.echo("恢复请运行  python bot.py resume " + name)


def resume(office: Office, name: str) -> None:
    """Let channels go on."""
    _known(office, name)
    going = orders.resume(office, name, orders.whoami())
    click.echo(f"已恢复：{_labels(office, going)}" if going else "没有暂停的渠道")


def _known(office: Office, name: str) -> None:
    if name != orders.ALL and name not in office.channels:
        raise DeskError(f"没有渠道“{name}”。可用：{'、'.join((*office.channels, orders.ALL))}")


def _labels(office: Office, names: list[str]) -> str:
    return "、".join(office.setting(name).label for name in names)


def confirm(office: Office, number: str | None, only: str | None) -> None:
    """Print the day's list; let it go if the person has seen this very list."""
    dues = orders.day_list(office)
    if only:
        wanted = {int(part) for part in only.split(",") if part.strip().isdigit()}
        dues = [due for due in dues if due.id in wanted]
    if not dues:
        click.echo("没有等待确认的条次")
        return
    if number is None:
        _print_list(office, dues)
        return
    if number != orders.list_number(dues):
        raise DeskError(f"清单 {number} 之后有变化，没有推送任何内容。请重新看清单：python bot.py confirm")
    click.echo(f"已确认 {orders.confirm(office, dues, orders.whoami())} 条次，将在各渠道的时间内推送")


def _print_list(office: Office, dues: list[Due]) -> None:
    for target in dict.fromkeys(due.target for due in dues):
        facts = office.school.targets[target]
        people = f"{facts.members} 人" if facts.members else "人数未登记"
        click.echo(f"\n{facts.name}（{target}，{facts.audience}，{people}）")
        for due in [d for d in dues if d.target == target]:
            click.echo(f"  {due.id:>6}  {due.title}　[{'、'.join(due.audience)}] {due.department}")
    click.echo(
        f"\n以上 {len(dues)} 条次等待确认。看过无误后运行  python bot.py confirm --yes {orders.list_number(dues)}"
    )


def cancel(office: Office, text: str, reason: str) -> None:
    """Stop what has not left of one item; name what has."""
    item_id = one_item(office.db, text)
    done = orders.cancel(office, item_id, orders.whoami(), reason)
    click.echo(f"条目 {item_id} 已取消：{done.placements} 条次不再推送")
    if done.too_late:
        names = "、".join(office.school.targets[t].name if t in office.school.targets else t for t in done.too_late)
        click.echo(f"已经发出或正在发出，取消不了：{names}。详见  python bot.py why {item_id}")


def retry_failed(office: Office, filters: Mapping[str, Any]) -> None:
    """Of what the same filter shows in the log: send again, only to those who surely did not get it."""
    with office.db.read() as conn:
        found = {row.push_id for row in log.rows(conn, asked(office.db, filters)) if row.push_id is not None}
    again = [
        (old, new) for old in sorted(found) if (new := orders.send_again(office, old, orders.whoami())) is not None
    ]
    for old, new in again:
        click.echo(f"推送 {old} 未送达的地址已重新排队为推送 {new}")
    click.echo(f"共重新排队 {len(again)} 次；将在各渠道的时间和额度内发出" if again else "没有需要补推的")


def list_unclear(office: Office) -> None:
    """Every push whose end nobody knows, with what is known."""
    found = orders.unclear(office)
    for each in found:
        delivery = each.delivery
        target = office.school.targets.get(delivery.target)
        click.echo(
            f"{delivery.id:>6}  {target.name if target else delivery.target}　推送 {delivery.push_id}　{each.reason}"
        )
        for title in each.titles:
            click.echo(f"        {title}")
    if not found:
        click.echo("没有结果不明的推送")
        return
    click.echo("请到群里或后台看一眼，再告诉公开达：")
    click.echo("  python bot.py uncertain delivered 编号（已发出）| resend 编号（没发出，重发）| drop 编号（不再发）")


def judge(office: Office, judgment: str, number: int) -> None:
    """A person's word on one of them."""
    if judgment not in orders.JUDGMENTS:
        raise DeskError(f"没有“{judgment}”这种判断。可用：{'、'.join(orders.JUDGMENTS)}")
    status = orders.judge(office, number, judgment, orders.whoami())
    if status is None:
        raise DeskError(f"{number} 不是结果不明的投递。可用  python bot.py uncertain  查看")
    click.echo(f"已记录：{orders.JUDGMENTS[judgment].reason}")
