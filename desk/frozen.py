"""学年封存 in words: what was handed in, and every figure that would be printed otherwise today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from desk.errors import DeskError
from desk.words import UNKNOWN, clock
from jobs.freeze import Change, Refused, Standing, freeze
from jobs.orders import whoami
from rules.dates import Period
from rules.origin import ORIGINS
from rules.school import School
from store.db import Db

#: What the parts of a figure's place are called.
_WORDS = {
    "items": "条目", "registered": "登记", "disclosed": "已公开", "states": "状态", "categories": "大类", "sub_items": "小项",
    "departments": "责任部门", "months": "月份", "audiences": "受众", "list_items": "清单事项", "baseline": "首次监看前已公开",
    "baseline_awaited": "首次监看前待公开", "beside": "不计入", "beside_registered": "不计入的登记", "beside_disclosed": "不计入的已公开",
    "channels": "渠道", "due": "应推送条次", "results": "结果", "pushes": "次", "push_results": "次的结果", "deliveries": "人次",
    "reached": "送达人次", "reach": "覆盖和阅读", "value": "数值", "known": "已知个数", "asked": "应知个数", "targets": "目标",
    "placements": "成功条次", "booked": "人工补录", "purposes": "用途", "accounts": "账号", "articles": "文章", "sent": "自动推送",
    "by_hand": "人工发布", "unmatched": "不能对应", "gone": "已删除", "reads": "阅读", "read_known": "有阅读数的文章",
    "registers": "登记簿", "applications": "依申请公开", "carried_in": "上期结转", "received": "新收", "answered": "办结",
    "carried_out": "结转下期", "late": "逾期", "late_open": "逾期尚未答复", "by_answer": "答复类型", "closed": "不予公开", "opinions": "评议意见", "surveys": "满意度调查",
    "complaints": "举报", "reviews": "复议", "lawsuits": "诉讼", "inquiries": "咨询", "consultations": "征求意见",
    "trainings": "培训", "rules_made": "制度",
}  # fmt: skip


def keep(db: Db, school: School, period: Period, *, cut_off: datetime, by: str | None, now: datetime) -> None:
    """Freeze and say so; raises DeskError."""
    try:
        made = freeze(db, school, period, cut_off=cut_off, by=by or whoami(), now=now)
    except Refused as error:
        raise DeskError(str(error)) from None
    click.echo(
        f"已封存 {period.label} 的数字（截至 {clock(made.cut_off)}，{made.frozen_by}），指纹 {made.fingerprint[:16]}"
    )
    click.echo("以后再出这一期的报告，封存之后的变化会逐个列为说明，不会不声不响地改数字。")


def lines(standing: Standing) -> Iterator[str]:
    """What was handed in when and by whom, and what is different today."""
    kept = standing.frozen
    for old, changes in standing.earlier:
        yield f"本期数字曾于 {clock(old.frozen_at)} 由{old.frozen_by}封存（截至 {clock(old.cut_off)}）。"
        yield from _told(changes, "后一次封存时有 {} 个数字不同：")
    yield f"本期数字已于 {clock(kept.frozen_at)} 由{kept.frozen_by}封存（截至 {clock(kept.cut_off)}）。"
    again = list(_told(standing.changes, "封存之后有 {} 个数字发生变化（按同一截止日）："))
    yield from again
    if not again and standing.same_rows:
        yield "按封存时的截止日重新统计，没有变化。"
    elif not again:
        yield "按封存时的截止日重新统计，各数字没有变化，但有的记录封存之后改动过（如更正标题、结果后来核实）。"
    if standing.printed_to != kept.cut_off:
        more = list(_told(standing.printed, "与封存的数字相比有 {} 个不同（封存 → 本次）："))
        same = "" if more else "，与封存的数字完全相同"
        if more[1:] and more[1:] == again[1:]:
            more, same = [], "，与封存的数字相比，不同的就是以上各项"
        yield f"本次所印的数字截至 {clock(standing.printed_to)}{same}。"
        yield from more


def _told(changes: Iterable[Change], heading: str) -> Iterator[str]:
    """A heading with their number, and each; nothing if there is none."""
    told = [each for each in changes if not each.place.startswith("identities")]
    if told:
        yield heading.format(len(told))
        yield from (f"{_place(each)}：{_number(each.then)} → {_number(each.now)}" for each in told)


def _place(change: Change) -> str:
    return "／".join(_WORDS.get(part, _plainly(part)) for part in change.place.split("."))


def _plainly(name: str) -> str:
    """企业微信群，wecom_bot，bot without what only the tables know: the origin in words, no name of a channel in the code."""
    parts = (ORIGINS.get(part, part) for part in name.split("，"))
    return "，".join(part for part in parts if not (part.isascii() and part.islower())) or name


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)
