"""`bot.py why`: for every target why an item went there or not, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from desk.errors import DeskError
from desk.find import one_item
from desk.log import as_plain, moment, result, why
from desk.start import now
from desk.words import clock, iso
from rules import advice
from rules.amend import STANDS
from rules.dates import day_of
from rules.guard import masked
from rules.item import gate
from rules.outcome import spoken
from rules.place import WEBSITE
from store import history, log, reach, recalls, stand
from store.db import Db
from store.history import Decided, Item
from store.log import Filter, Row
from store.reach import Figure
from store.recalls import Order

if TYPE_CHECKING:
    from rules.routing import Target
    from rules.school import School


@dataclass(frozen=True)
class Story:
    """All that is known of an item: it, its decisions and log rows by target, what was said of each push."""

    item: Item
    decided: Mapping[str, Decided]
    rows: Mapping[str, list[Row]]
    said: Mapping[int, list[Any]]
    next_look: Mapping[int, datetime]
    orders: Sequence[Order]
    #: What is known of how far each push reached.
    reached: Mapping[int, Sequence[Figure]]
    #: Why a push spent none of its channel's scarce sends.
    spared: Mapping[int, str]


def run(db: Db, text: str, as_json: bool = False) -> None:
    """The item a person means, with the school as set up in config/."""
    from config.settings import load

    show(db, load().school, one_item(db, text), as_json=as_json)


def show(db: Db, school: School, item_id: int, *, as_json: bool = False) -> None:
    """Print it.

    JSON: `item` (the fields of store.history.Item), `targets`: a list of `target`, `name`, `channel`, `granted`
    (true, false, or null: not decided), `reason`, `log` (rows as `bot.py log --json` has them, oldest first, each
    with `said`: what was said of its push, `reach`: metric, value, basis, true_at, and `spared`: why no scarce send).
    """
    story = tell(db, school, item_id)
    if story is None:
        raise DeskError(f"没有条目 {item_id}。可用  python bot.py items  查找")
    if as_json:
        click.echo(json.dumps(_plain(story, school), ensure_ascii=False, indent=2, default=iso))
        return
    for line in lines(story, school):
        click.echo(line)


def tell(db: Db, school: School, item_id: int) -> Story | None:
    """Read everything in one transaction; None if there is no such item."""
    with db.read() as conn:
        found = history.item(conn, item_id)
        if found is None:
            return None
        rows: dict[str, list[Row]] = {}
        for row in log.rows(conn, Filter(items=(item_id,)), register=school.targets):
            rows.setdefault(row.target, []).insert(0, row)
        pushes = [row.push_id for many in rows.values() for row in many if row.push_id is not None]
        said, next_look = history.said(conn, pushes), history.waiting_for(conn, pushes)
        orders = recalls.listed(conn, item_id)
        known = reach.of_items(conn, [(push_id, item_id) for push_id in pushes])
        figures = {push_id: each for (push_id, _), each in known.items()}
        spared = stand.spared(conn, pushes)
        return Story(found, history.decisions(conn, item_id), rows, said, next_look, orders, figures, spared)


def lines(story: Story, school: School) -> Iterable[str]:
    """The item, then each target: those that got it, those that did not."""
    yield from _head(story.item, school)
    for number in _targets(story, school):
        yield ""
        yield from _target(story, school, number)


def _targets(story: Story, school: School) -> list[str]:
    """Those of the register in its order, then those that have left it."""
    gone = sorted((story.decided.keys() | story.rows.keys()) - school.targets.keys())
    return [*school.targets, *gone]


def _head(item: Item, school: School) -> Iterable[str]:
    numbers = "，".join(each for each in (item.number, item.doc_no) if each)
    yield f"条目 {item.id}" + (f"（{numbers}）" if numbers else "") + f"：{masked(item.title)}"
    audience = "、".join(item.audience) or "未填写"
    reason = f"（校内公开理由：{item.inner_reason}）" if item.inner_reason else ""
    yield f"  {item.category}／{item.sub_item}，责任部门：{item.department or '未填写'}"
    yield f"  公开属性：{item.disclosure}，受众范围：{audience}{reason}"
    yield f"  状态：{item.state}，公开日期：{item.disclosed_on or '—'}，批准日期：{item.approved_on or '—'}"
    yield f"  保密审查：{_review(item)}"
    yield f"  登记于 {item.place}，现为第 {item.version} 版" + ("" if item.routed_at else "，尚未路由")
    if item.is_notice and item.notice_to:
        yield f"  {advice.term(item.id, item.notice_to, school.take_down)}"
    yield from (f"  ！{line}" for line in _troubles(item))


def _review(item: Item) -> str:
    review = item.review
    if review is None:
        return "没有审查记录，先审查、后公开"
    basis = f"，依据：{review.basis}" if review.basis else ""
    return f"{review.kind}，{review.reviewer or '审查人未填'} {review.on or '时间未填'} {review.conclusion}{basis}"


def _troubles(item: Item) -> Iterable[str]:
    if item.stopped:
        yield f"已停止：{item.stopped}"
    if item.hold:
        yield f"暂停：{item.hold}"
    if item.changed_at is not None:
        yield f"已变更（{clock(item.changed_at)}）：{advice.changed(item.id)}"
    if item.missing_since is not None:
        yield f"自 {clock(item.missing_since)} 起不在原来的文件或页面中"
    if item.baseline:
        yield "首次监看之前已批准：只登记和统计，不推送"


def _target(story: Story, school: School, number: str) -> Iterable[str]:
    rows = story.rows.get(number, [])
    granted, reason = _decision(story, school, number)
    word = {True: "推送", False: "不推送", None: "尚未决定"}[granted]
    yield f"{_name(number, school.targets.get(number), school)}：{word}。{reason}"
    for row in rows:
        push = f"推送 {row.push_id}" if row.push_id is not None else "没有推送"
        because = f"（{why(row)}）" if why(row) else ""
        yield f"    {moment(row, row.at)} {row.purpose}{_link(row, rows)}，{push}：{result(row)}{because}"
        yield from _history(story, row)
        yield from _reached(story, row)
        yield from _orders(story, row)


def _name(number: str, target: Target | None, school: School) -> str:
    if target is None:
        return f"{number}（已不在登记册中）"
    setting = school.channels.get(target.channel)
    return f"{number} {target.name}（{setting.label if setting else target.channel}，面向{target.audience}）"


#: Of a target where nothing is ever sent.
_ON_SITE = "本校网站不推送：条目写有公开日期、链接在该网站之下的，自动登记"


def _decision(story: Story, school: School, number: str) -> tuple[bool | None, str]:
    """The stored decision; where there is none, why not yet."""
    decided, item, target = story.decided.get(number), story.item, school.targets.get(number)
    if target is not None and target.channel == WEBSITE:
        return False, _ON_SITE
    if decided is not None:
        older = f"（第 {decided.version} 版时的决定）" if decided.version != item.version else ""
        return decided.granted, decided.reason + older
    opened = gate(item.disclosure, item.audience, item.review, item.stopped or item.hold, day_of(now()))
    if not opened.open:
        return None, opened.reason
    if item.baseline:
        return False, "首次监看之前已批准，只登记和统计"
    if item.routed_at is None:
        return None, "等待路由"
    return False, "该目标在本版本路由之后才登记或启用，只接收此后的条目"


def _link(row: Row, rows: Sequence[Row]) -> str:
    """Of a 更正 or 撤回: the push it follows."""
    if row.follows_id is None:
        return ""
    first = next((each.push_id for each in rows if each.placement_id == row.follows_id and each.push_id), None)
    return f"自推送 {first}" if first else f"自条次 {row.follows_id}"


def _orders(story: Story, row: Row) -> Iterable[str]:
    """What was ordered of this push, and what came of it."""
    mine = [each for each in story.orders if (each.placement_id, each.push_id) == (row.placement_id, row.push_id)]
    for each in mine:
        ended = f"{clock(each.ended_at)} " if each.ended_at else ""
        yield f"        {clock(each.ordered_at)} {each.ordered_by}{each.kind}（指令 {each.id}）：{ended}{STANDS[each.status]}，{each.reason}"


def _reached(story: Story, row: Row) -> Iterable[str]:
    """Each figure with how it is known and when it was true; what nobody knows is not there."""
    figures = [
        f"{each.words}（{each.basis}，{clock(each.true_at)[:10]}）"
        for each in story.reached.get(row.push_id or 0, ())
    ]
    if figures:
        yield f"        触达：{'，'.join(figures)}"


def _history(story: Story, row: Row) -> Iterable[str]:
    if row.push_id is None:
        return
    if row.push_id in story.spared:
        yield f"        {story.spared[row.push_id]}"
    for each in story.said.get(row.push_id, []):
        times = f"，共 {each.times} 次，最后 {clock(each.last_at)}" if each.times > 1 else ""
        yield f"        {clock(each.at)} {each.said_by}，{_said(each)}{times}"
    if row.looked:
        yield f"        此后核实，没有新情况：{row.looked}"
    if row.push_id in story.next_look:
        yield f"        下一次处理：{clock(story.next_look[row.push_id])} 之后"


def _said(each: Any) -> str:
    """An outcome and its reason; the code once, for most reasons name it themselves. 0 is no news."""
    known = each.code in ("", "0") or f"（{each.code}）" in each.reason
    word = spoken(each.outcome, each.said_by) + ("" if known else f"（{each.code}）")
    return "：".join(part for part in (word, each.reason) if part)


def _plain(story: Story, school: School) -> dict[str, Any]:
    item = {**story.item.__dict__, "review": story.item.review and story.item.review.__dict__}
    return {"item": item, "targets": [_plain_target(story, school, number) for number in _targets(story, school)]}


def _plain_target(story: Story, school: School, number: str) -> dict[str, Any]:
    target = school.targets.get(number)
    granted, reason = _decision(story, school, number)
    rows = [
        {
            **as_plain(row),
            "said": [dict(each._mapping) for each in story.said.get(row.push_id or 0, [])],
            "reach": [each.__dict__ for each in story.reached.get(row.push_id or 0, ())],
            "spared": story.spared.get(row.push_id or 0, ""),
        }
        for row in story.rows.get(number, [])
    ]
    return {
        "target": number,
        "name": target.name if target else "",
        "channel": target.channel if target else "",
        "granted": granted,
        "reason": reason,
        "log": rows,
    }
