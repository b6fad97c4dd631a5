"""Orders of persons at the command line: pause, resume, confirm, cancel, send again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import click

from channels.base import SendError
from desk.errors import DeskError
from desk.find import one_item
from desk.log import asked
from desk.sheets import instant
from desk.words import clock
from jobs import orders
from jobs.office import Office
from rules.bundle import marked
from rules.dates import day_of
from rules.naming import named
from rules.place import BY_HAND
from rules.text import row_number
from store import log, placements, reach, reviews, scans
from store import orders as stored
from store.orders import Left
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
        wanted = _numbers(only)
        dues = [due for due in dues if due.id in wanted]
    if not dues:
        click.echo("没有等待确认的条次")
        return
    if number is None:
        _print_list(office, dues, only or "")
        return
    if number != orders.list_number(dues):
        raise DeskError(
            f"清单 {number} 与现在的不同：清单之后有变化，或者列清单时写的 --only 与这一次不一样。没有推送任何内容。"
            "请重新看清单：python bot.py confirm"
        )
    click.echo(f"已确认 {orders.confirm(office, dues, orders.whoami())} 条次，将在各渠道的时间内推送")


def _numbers(text: str) -> set[int]:
    """The numbers of placements in a list; raises DeskError for anything else."""
    found = [row_number(part) for part in re.split("[,，、]", text) if part.strip()]
    if None in found:
        raise DeskError(f"--only 应写清单中条次前面的数字，用逗号分隔，如 --only 12,15；“{text}”无法识别")
    return {number for number in found if number is not None}


def _print_list(office: Office, dues: list[Due], only: str) -> None:
    held, looked = _held(office), _looked(office, dues)
    click.echo(f"{clock(office.now())}（北京时间）等待确认的清单")
    for target in dict.fromkeys(due.target for due in dues):
        facts = office.school.targets[target]
        label = office.setting(facts.channel).label
        click.echo(f"\n{facts.name}（{target}，{label}，{facts.audience}，{_people(office, target, held)}）")
        for due in [d for d in dues if d.target == target]:
            audience = "、".join(due.audience)
            title = marked(named(due.item_id, due.title), due.purpose)
            click.echo(f"  {due.id:>6}  {_when(due, office.now())}{title}　[{audience}] {due.department}")
            if said := looked.get(due.version_id):
                click.echo(f"          {said}")
    again = f" --only {only}" if only else ""
    click.echo(
        f"\n以上 {len(dues)} 条次等待确认，行首是条次号，不是条目号。看过无误后运行  python bot.py confirm --yes "
        f"{orders.list_number(dues)}{again}；只确认其中几条次的，先用 --only 条次号 列出"
    )


def _when(due: Due, now: datetime) -> str:
    hurry = "紧急　" if due.ordered_until is not None or due.urgent else ""
    at_time = f"定于 {clock(due.send_at)}　" if due.send_at is not None and due.send_at > now else ""
    return f"{clock(due.since)} 起等待  {at_time}{hurry}"


def _looked(office: Office, dues: Iterable[Due]) -> Mapping[int, str]:
    """What the guard found in what a person has released all the same; of the others it found nothing."""
    with office.db.read() as conn:
        found = scans.of_versions(conn, [due.version_id for due in dues])
    return {
        n: f"保密检查发现 {len(each.found)} 处，已由{each.released_by}放行：{each.released_why}"
        for n, each in found.items()
        if each.found and each.released_at is not None
    }


def _held(office: Office) -> Mapping[str, int]:
    with office.db.read() as conn:
        return reach.people(conn)


def _people(office: Office, target: str, held: Mapping[str, int]) -> str:
    """How many people get it: as last measured, else as the register says."""
    known = office.school.targets.get(target)
    number = held.get(target, known.members if known else None)
    return f"{number} 人" if number is not None else "人数未登记"


def _name(office: Office, target: str) -> str:
    """A target as the office calls it, with its 编号."""
    known = office.school.targets.get(target)
    return f"{known.name}（{target}）" if known else f"{target}（已不在登记册中）"


def cancel(office: Office, text: str, reason: str) -> None:
    """Stop what has not left of one item; name what has."""
    item_id = one_item(office.db, text)
    done = orders.cancel(office, item_id, orders.whoami(), reason)
    if done.why_not:
        click.echo(f"条目 {item_id} {done.why_not}，没有可取消的，未作任何改动")
    else:
        click.echo(f"条目 {item_id} 已取消：{done.placements} 条次不再推送")
    for line in _whither(office, done):
        click.echo(line)
    if not done.why_not:
        click.echo(f"取消错了可以恢复：python bot.py cancel {item_id} --undo")


def _whither(office: Office, done: orders.Cancelled) -> Iterable[str]:
    """Where it has gone, in words: what is out stays out."""
    left, cancelled = done.left, not done.why_not
    unsent = "此前没有收到，也不再补推" if cancelled else "此前没有收到"
    for found, words in (
        (left.have, "已经收到，取消不了"),
        (left.unsure, "正在发送或结果待定，可能收到"),
        (_of(office, left.handed, by_hand=True), "已交人工办理，如不再办理请登记：python bot.py hand-off drop 编号"),
        (_of(office, left.handed, by_hand=False), "已存入草稿箱，如不再发出请到后台删除草稿"),
        (left.failed, unsent),
    ):
        if found:
            names = "、".join(_name(office, each.target) + (f" {clock(each.at)}" if each.at else "") for each in found)
            yield f"  {words}：{names}"


def _of(office: Office, found: Iterable[Left], *, by_hand: bool) -> list[Left]:
    """Those that a person has in hand, or those that lie in a draft box."""
    mine = {n for n, each in office.school.targets.items() if each.channel == BY_HAND}
    return [each for each in found if (each.target in mine) is by_hand]


def take_up(office: Office, text: str) -> None:
    """Take a cancelled item up again."""
    item_id = one_item(office.db, text)
    done = orders.take_up(office, item_id, orders.whoami())
    if done is None:
        raise DeskError(f"条目 {item_id} 没有被取消，不用恢复。现状见  python bot.py why {item_id}")
    click.echo(f"条目 {item_id} 已恢复：{done.placements} 条次重新等待编排" + _then(office, done.placements))
    if done.expired:
        click.echo(f"另有 {done.expired} 条次期限已过，不再推送；确需发出请在登记表中改期限后重新批准")


def _then(office: Office, placements: int) -> str:
    return "，请再次确认：python bot.py confirm" if placements and office.school.confirm else ""


def retry_failed(office: Office, filters: Mapping[str, Any]) -> None:
    """Of what the same filter shows in the log: send again, only to those who surely did not get it."""
    wanted = asked(office.db, filters)
    with office.db.read() as conn:
        found = {row.push_id for row in log.rows(conn, wanted) if row.push_id is not None}
    person = orders.whoami()
    again = [
        (old, new) for old in sorted(found) if (new := orders.send_again(office, old, person, wanted.person)) is not None
    ]
    for old, new in again:
        whom = "指定的接收人" if wanted.person else "没有收到的地址"
        click.echo(f"推送 {old} {whom}已重新排队，作为推送 {new}")
    click.echo(f"共重新排队 {len(again)} 次；将在各渠道的时间和额度内发出" if again else "没有需要补推的")


def retry_at_spares(office: Office, filters: Mapping[str, Any]) -> None:
    """Of what the same filter shows in the log: what nobody got goes to the spare of its target, as a person orders."""
    wanted = asked(office.db, filters)
    if wanted.person:
        raise DeskError("--spare 改发的是整个目标，不能与 --person 合用")
    with office.db.read() as conn:
        found = {row.push_id for row in log.rows(conn, wanted) if row.push_id is not None}
    done = 0
    for old in sorted(found):
        came = _to_spare(office, old)
        if came.push_id is not None and came.target is not None:
            done += 1
            click.echo(f"推送 {old} 改发备用目标 {came.target.name}（{came.target.number}），作为推送 {came.push_id}")
        else:
            click.echo(f"推送 {old} 没有改发：{came.why_not}")
        for title, why in came.left:
            click.echo(f"  “{title}”没有改发：{why}")
    click.echo(f"共改发备用目标 {done} 次；将在各渠道的时间和额度内发出" if done else "没有可以改发备用目标的")


def _to_spare(office: Office, push_id: int) -> orders.Spared:
    try:
        return orders.send_to_spare(office, push_id, orders.whoami())
    except SendError as error:
        return orders.Spared(why_not=f"备用目标的渠道放不下：{error}")


def hurry(office: Office, text: str, reason: str, *, undo: bool) -> None:
    """紧急: outside the hours too, with name and reason."""
    item_id = one_item(office.db, text)
    orders.hurry(office, item_id, orders.whoami(), "" if undo else reason)
    if undo:
        click.echo(f"条目 {item_id} 不再按紧急推送")
    else:
        click.echo(f"条目 {item_id} 按紧急推送：不等时段和合并时间，由 {orders.whoami()} 决定，理由：{reason}")
        for line in _still_waits(office, item_id):
            click.echo(line)
        click.echo(f"审查、保密检查、受众范围和平台额度照常核对。现状：python bot.py why {item_id}")


def _still_waits(office: Office, item_id: int) -> Iterable[str]:
    """What a person must do before an urgent item leaves all the same."""
    with office.db.read() as conn:
        reviewing = bool(reviews.waiting(conn, item_id))
        held = any(each.item_id == item_id for each in scans.held(conn))
        mine = [due for due in placements.waiting(conn, office.now()) if due.item_id == item_id]
        queued = bool(placements.unsent_pushes_of(conn, item_id))
    if not (reviewing or held or mine or queued):
        yield "这一条现在没有等待推送的条次：可能已经发出、已被退回、没有可推的目标，或不是主动公开"
    if reviewing:
        yield f"还没有审查，审查通过才推送：python bot.py review approve {item_id} --by 审查人 --basis 依据"
    if held:
        yield f"保密检查有发现，放行才推送：python bot.py guard release {item_id} --reason 理由"
    if office.school.confirm and any(not due.confirmed for due in mine):
        yield "学校是确认模式，这一条还没有确认，确认才推送：python bot.py confirm"


def schedule(office: Office, text: str, when: str) -> None:
    """定时: not before a moment; empty takes the order back."""
    item_id = one_item(office.db, text)
    try:
        moment = instant(when) if when else None
    except ValueError as error:
        raise DeskError(str(error)) from None
    if moment is not None and moment <= office.now():
        raise DeskError(f"{clock(moment)} 已经过去，没有改动。立即推送请用  python bot.py urgent {item_id} --reason 理由")
    if moment is not None and (ends := _ends(office, item_id)) is not None and day_of(moment) > ends:
        raise DeskError(f"条目 {item_id} 的期限（公示止、截止日期）是 {ends}，定在此后就不会推送，没有改动")
    orders.schedule(office, item_id, orders.whoami(), moment)
    if moment is None:
        click.echo(f"条目 {item_id} 不再定时，按各渠道的时间推送")
        return
    click.echo(f"条目 {item_id} 定于 {clock(moment)} 推送")
    for line in (*_closed_at(office, item_id, moment), *_still_waits(office, item_id)):
        click.echo(f"  {line}")


def _ends(office: Office, item_id: int) -> date | None:
    with office.db.read() as conn:
        return stored.last_day(conn, item_id)


def _closed_at(office: Office, item_id: int, moment: datetime) -> Iterable[str]:
    """Where it will have to wait longer."""
    with office.db.read() as conn:
        mine = {each.target for each in placements.of_item(conn, item_id) if each.push_id is None and not each.ended}
    for number in sorted(mine & office.school.targets.keys()):
        target = office.school.targets[number]
        if why := office.hours(target).why_closed(moment):
            opens = clock(office.hours(target).next_open(moment))
            yield f"{target.name}（{number}）：届时{why}，将在 {opens} 推送"
