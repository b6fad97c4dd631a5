"""`bot.py retract`, `correct`, `recalls`: an item followed to every place it reached, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import click

from desk.errors import DeskError
from desk.find import one_item
from desk.words import clock, cut, iso
from jobs import amend, recall
from jobs.amend import Place
from jobs.office import Office
from jobs.orders import whoami
from rules.amend import DONE, HANDED, REFUSED, STANDS, Way
from store import recalls
from store.recalls import Order

#: So many orders that are over are shown.
LATEST = 50
#: What is done about a place, as the office calls it.
WAYS = {
    Way.RECALL: "交平台撤回", Way.NOTICE: "发撤回通知", Way.PERSON: "须由人处理", Way.WAIT: "查明后再撤回",
}  # fmt: skip


def retract(office: Office, text: str, reason: str) -> None:
    """Take an item back everywhere; what the vendor can take back is asked of it at once, for some allow two minutes."""
    item_id = one_item(office.db, text)
    done = amend.retract(office, item_id, whoami(), _reason(reason))
    if done.why_not:
        click.echo(
            f"条目 {item_id} 没有新的可撤回的，未作任何改动（{done.why_not}）。经过见  python bot.py why {item_id}"
        )
        return
    click.echo(
        f"条目 {item_id} 已撤回：未发出的 {done.stopped} 条次不再推送，已发出的 {len(done.places)} 处按下列办法处理"
    )
    for name in office.channels:
        recall.recall(office, name)
    for line in _places(office, done.places):
        click.echo(line)
    if not done.places:
        click.echo("  没有发到任何地方")
    for line in _afterwards(item_id, done.places):
        click.echo(line)


def _afterwards(item_id: int, places: Sequence[Place]) -> Iterable[str]:
    """Where the clerk sees what becomes of it."""
    if any(each.way is Way.NOTICE for each in places):
        yield f"撤回通知的进展见  python bot.py why {item_id}"
    if any(each.number is not None for each in places):
        yield "平台撤回和人工处理的进展见  python bot.py recalls"


def _reason(text: str) -> str:
    if not text.strip():
        raise DeskError("没有写原因。请写明为什么，如  --reason 附件有误")
    return text.strip()


def _places(office: Office, places: Sequence[Place]) -> Iterable[str]:
    """Each place with what has become of it by now."""
    with office.db.read() as conn:
        now = {each.number: recalls.get(conn, each.number) for each in places if each.number is not None}
    for each in places:
        order = None if each.number is None else now[each.number]
        what = _stand(order) if order is not None else f"{WAYS[each.way]}（{each.reason}）"
        yield f"  {_name(office, each.target)}：{what}"


def _stand(order: Order) -> str:
    number = "" if order.status in (DONE, REFUSED) else f"，指令 {order.id}"
    return f"{STANDS[order.status]}（{order.reason}{number}）"


def _name(office: Office, target: str) -> str:
    known = office.school.targets.get(target)
    return f"{known.name}（{target}）" if known else f"{target}（已不在登记册中）"


def correct(office: Office, text: str, reason: str) -> None:
    """更正 of the newest version to each target that has an older one."""
    item_id = one_item(office.db, text)
    done = amend.correct(office, item_id, whoami(), _reason(reason))
    if done.why_not:
        click.echo(f"条目 {item_id} 没有推送更正：{done.why_not}")
    elif done.targets:
        names = "、".join(_name(office, each) for each in done.targets)
        then = "，请先确认：python bot.py confirm" if office.school.confirm else "，将在各渠道的时间内推送"
        click.echo(f"条目 {item_id} 更正 {len(done.targets)} 条次：{names}{then}")
    else:
        click.echo(f"条目 {item_id} 没有地方收到过旧版本，不用更正，已去掉“已变更”标记")
    for target, why in done.behind:
        click.echo(f"  {_name(office, target)} 还是旧版本，没有更正：{why}")
    if done.behind:
        click.echo(f"旧版本不宜再留的，可以撤回：python bot.py retract {item_id} --reason 原因")


def show_recalls(office: Office, as_json: bool) -> None:
    """The orders to take something back, with where each stands: all open ones and the latest that are over.

    JSON: a list of all orders with the fields of store.recalls.Order; instants are ISO 8601 in UTC+8, `ended_at` may be null.
    """
    with office.db.read() as conn:
        found = recalls.listed(conn)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2, default=iso))
        return
    over = [each.id for each in found if each.ended_at is not None]
    for each in [each for each in found if each.id not in over[:-LATEST]]:
        click.echo(f"{each.id:>6}  {each.kind} {_name(office, each.target)}　推送 {each.push_id}　{_said(each)}")
        click.echo(f"        条目 {each.item_id} {cut(each.title, 60)}")
    if not found:
        click.echo("没有撤回或撤下的指令")
    elif any(each.status == HANDED for each in found):
        click.echo("待人工处理的，到平台或群里处理完后运行  python bot.py recalls done 编号")


def _said(order: Order) -> str:
    when = order.ended_at or order.ordered_at
    return f"{STANDS[order.status]}，{clock(when)}（北京时间），{order.ordered_by} 指令：{order.reason}"


def done(office: Office, number: int) -> None:
    """A person has taken it back by hand."""
    order = amend.close_by_person(office, number, whoami())
    if order is None:
        raise DeskError(f"指令 {number} 不是待人工处理的。可用  python bot.py recalls  查看")
    click.echo(f"已记录：指令 {number} 已由人工处理（{_name(office, order.target)}，推送 {order.push_id}）")
