"""The ledger's rows: one for each item, and for a channel one for each placement; the same in .xlsx and .csv."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from desk.papers.facts import Facts
from jobs.beside import timely
from rules.deadlines import Clock, Kind, State
from rules.figures import ARRIVED
from rules.origin import origin_shown
from store.ledger import Went

#: The columns of the ledger with their widths in a sheet. The last two are for the office's own hand.
LEDGER = {
    "序号": 6, "标题": 44, "文号": 18, "责任部门": 16, "大类": 18, "小项": 20, "清单编号": 9, "公开属性": 11, "状态": 9, "计入": 6,
    "受众范围": 12, "受众类别": 9, "校内公开理由": 20, "审查方式": 11, "保密审查人": 14, "审查结论": 11, "审查时间": 12, "形成日期": 12,
    "应公开期限": 12, "公开日期": 12, "是否逾期": 9, "渠道": 26, "推送时间": 17, "结果": 20, "阅读/覆盖": 26, "公示起": 12, "公示止": 12,
    "撤下时间": 17, "链接": 34, "条目": 7, "编号": 16, "经办人": 10, "备注": 20,
}  # fmt: skip
#: 计条: 1 where an item that counts first arrived by this channel from this source, so that their sum is 条.
CHANNEL = {
    "序号": 6, "条目": 7, "标题": 44, "责任部门": 16, "大类": 18, "目标编号": 10, "目标名称": 22, "用途": 8, "来源": 10, "推送时间": 17,
    "结果": 8, "阅读/覆盖": 30, "撤下时间": 17, "计条": 6,
}  # fmt: skip


def ledger_rows(facts: Facts, clock: Clock) -> Iterator[tuple[Any, ...]]:
    """One for each item, in the order of LEDGER."""
    labels = {each.name: each.label for each in facts.report.channels}
    for number, e in enumerate(facts.entries, start=1):
        begun, stands = e.formed_on or e.approved_on, timely(e, clock)
        due = clock.twenty(Kind.PUBLISH, begun, e.disclosed_on).due.day if begun else None
        late = "" if stands is None else "是" if stands is State.OPENED_LATE else "否"
        yield (
            number, e.title, e.doc_no, e.department, e.category, e.sub_item, "、".join(map(str, e.list_items)),
            e.disclosure, e.state, "是" if e.counted else "否", "、".join(e.audience), e.audience_class, e.inner_reason,
            e.review_kind, e.reviewer, e.conclusion, e.reviewed_on, e.formed_on, due, e.disclosed_on, late,
            _ways(e.went, labels), min((each.at for each in e.went if each.at), default=None), _results(e.went),
            _reached(e.went, labels), e.notice_from, e.notice_to,
            max((each.taken_down for each in e.went if each.taken_down), default=None), e.url, e.id, e.number, "", "",
        )  # fmt: skip


def _ways(went: Iterable[Went], labels: dict[str, str]) -> str:
    return "、".join(dict.fromkeys(labels.get(each.channel, each.channel) for each in went if each.at))


def _reached(went: Iterable[Went], labels: dict[str, str]) -> str:
    """Each channel's own figures: readers of the account are not those of the site."""
    found: dict[str, list[str]] = {}
    for each in went:
        if each.reach:
            found.setdefault(labels.get(each.channel, each.channel), []).append(each.reach)
    return "；".join(f"{label}：{'；'.join(sorted(set(known)))}" for label, known in sorted(found.items()))


def _results(went: Iterable[Went]) -> str:
    return "、".join(f"{result}{n}条次" for result, n in Counter(each.result for each in went).items())


def channel_rows(channel: str, facts: Facts) -> Iterator[tuple[Any, ...]]:
    """One for each placement (条次) of a channel, of both origins, in the order of CHANNEL."""
    names = {each.name: each.label for each in facts.report.targets}
    seen: set[tuple[str, int]] = set()
    for number, w in enumerate((each for each in facts.went if each.channel == channel), start=1):
        first = w.counted and w.result in ARRIVED and (w.origin, w.item_id) not in seen
        if first:
            seen.add((w.origin, w.item_id))
        yield (
            number, w.item_id, w.title, w.department, w.category, w.target, w.target_name or names.get(w.target, ""),
            w.purpose, origin_shown(w.origin, w.channel), w.at, w.result, w.reach, w.taken_down, int(first),
        )  # fmt: skip
