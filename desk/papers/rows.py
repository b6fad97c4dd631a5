"""The ledger's rows: one for each item, and for a channel one for each placement; the same in .xlsx, .csv and .html."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jobs.report import Report
from rules.deadlines import Clock, Kind
from rules.origin import BOT, origin_shown
from store.ledger import Entry, Went

#: The columns of the ledger with their widths in a sheet.
LEDGER = {
    "序号": 6, "标题": 44, "文号": 18, "责任部门": 16, "大类": 18, "小项": 20, "清单编号": 9, "公开属性": 11, "状态": 9, "计入": 6,
    "受众范围": 12, "校内公开理由": 20, "保密审查人": 14, "审查结论": 11, "审查时间": 12, "形成日期": 12, "应公开期限": 12,
    "公开日期": 12, "公开月份": 10, "是否逾期": 9, "渠道": 26, "推送时间": 17, "结果": 20, "阅读/覆盖": 26, "公示起": 12, "公示止": 12,
    "链接": 34, "条目": 7, "编号": 16,
}  # fmt: skip
CHANNEL = {
    "序号": 6, "条目": 7, "标题": 44, "责任部门": 16, "大类": 18, "目标编号": 10, "目标名称": 22, "用途": 8, "来源": 10, "推送时间": 17,
    "结果": 8, "阅读/覆盖": 30,
}  # fmt: skip


def ledger_rows(report: Report, entries: Sequence[Entry], clock: Clock) -> Iterator[tuple[Any, ...]]:
    """One for each item, in the order of LEDGER."""
    labels = {each.name: each.label for each in report.channels}
    for number, e in enumerate(entries, start=1):
        begun = e.formed_on or e.approved_on
        term = clock.twenty(Kind.PUBLISH, begun, e.disclosed_on) if begun else None
        late = ("是" if "逾期" in term.state else "否") if term and e.disclosed_on else ""
        yield (
            number, e.title, e.doc_no, e.department, e.category, e.sub_item, "、".join(map(str, e.list_items)),
            e.disclosure, e.state, "是" if e.counted else "否", "、".join(e.audience), e.inner_reason, e.reviewer,
            e.conclusion, e.reviewed_on, e.formed_on, term.due.day if term else None, e.disclosed_on,
            f"{e.disclosed_on:%Y-%m}" if e.disclosed_on else "", late, _ways(e.went, labels), _first(e.went),
            _results(e.went), "；".join(sorted({w.reach for w in e.went if w.reach})), e.notice_from, e.notice_to, e.url,
            e.id, e.number,
        )  # fmt: skip


def _ways(went: Iterable[Went], labels: dict[str, str]) -> str:
    return "、".join(dict.fromkeys(labels.get(each.channel, each.channel) for each in went if each.at))


def _first(went: Iterable[Went]) -> Any:
    return min((each.at for each in went if each.at), default=None)


def _results(went: Iterable[Went]) -> str:
    found: dict[str, int] = {}
    for each in went:
        found[each.result] = found.get(each.result, 0) + 1
    return "、".join(f"{result}{n}" for result, n in found.items())


def channel_rows(channel: str, report: Report, went: Iterable[Went]) -> Iterator[tuple[Any, ...]]:
    """One for each placement (条次) of a channel, of both origins, in the order of CHANNEL."""
    names = {each.name: each.label for each in report.targets}
    mine = (each for each in went if each.channel == channel)
    for number, w in enumerate(mine, start=1):
        origin = "自动推送" if w.origin == BOT else origin_shown(w.origin, w.channel)
        name = w.target_name or names.get(w.target, "")
        yield (
            number, w.item_id, w.title, w.department, w.category, w.target, name, w.purpose, origin, w.at, w.result,
            w.reach,
        )  # fmt: skip
