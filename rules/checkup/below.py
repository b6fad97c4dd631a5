"""A total and the paragraphs right below it, one a category without a number of its own: 学校工作的重大事项147条：….

Told only where these paragraphs are all there are: as many as the text says, or with nothing behind them that may be more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.checkup.adding import CLOSES, MIXED, announced, totals, unequal
from rules.checkup.finding import Finding
from rules.checkup.numbers import NUMBER, Figure, figures
from rules.checkup.outline import Paragraph, Report, mark
from rules.checkup.ways import Ways, named

#: What stands between a total and the list of all that it counts. Any other word may mean some: 公开较多的部门如下：.
_ANNOUNCES = re.compile(
    r"(?:[（(][^（()）等]{0,60}[）)])?(?:[。；;](?=其|具体|分))?(?:[。；;]?按[^。；;，,：:\d]{1,8}?(?:划分|分类|统计|分)|[，,]|具体|情况|内容|类别|分布|明细|构成|分别|划分|分类(?!别)|分"
    rf"|各类|各项|信息|公开|涉及|包括|包含|涵盖|其|的|为|是|有|共|如下|以下|{NUMBER}\s*个?(?:大类|类|小项|小类|方面))*+(?:[：:]|(?<=如下)。)$"
)
#: A longer run is no list of categories.
_MOST = 30
#: As many paragraphs are looked at.
_NEXT = 100
_KINDS = ("大类", "类", "方面")
#: The name of a category, and what may stand between it and its figure.
_NAMED = re.compile(
    r"(?P<name>[^\d。；;：:，,（()）]{2,30}?)(?:[：:，,]\s*(?:共计|合计|共)?|[（(]|公开|共计|合计|共)?(?:公开)?(?:信息)?\s*$"
)
_NO_CATEGORY = re.compile(rf"{CLOSES.pattern}|其中|此外|另|比|较|上年|增加|减少|推送|应当")
#: What follows the figure: what it is made of, or nothing.
_FOLLOWS = re.compile(r"[）)]?(?:[：:]\s*\S|[，,]?(?:主要|具体)?(?:包括|包含|涉及|涵盖|内容)|[。；;]?$)")


@dataclass(frozen=True)
class _Category:
    name: str
    figure: Figure


def check(report: Report, ways: Ways) -> Iterator[Finding]:
    """Every announced total that is not the sum of the categories in the paragraphs below it."""
    for section in report.sections:
        for index, head in enumerate(section.body[:-1]):
            if (total := _total(head.text, ways)) is not None:
                yield from _against(head, total, section.body[index + 1 : index + 1 + _NEXT], ways)


def leading(text: str, unit: str) -> Figure | None:
    """The figure that a category's paragraph begins with, behind its name; None if it begins in another way."""
    category = _category(text, unit)
    return category.figure if category else None


def _total(text: str, ways: Ways) -> Figure | None:
    """The figure that announces what stands below; None if it is of some only, or not exact."""
    found = [each for each in (*totals(text), *announced(text, ways)) if each.unit in MIXED and not each.about]
    last = max(found, key=lambda each: each.start, default=None)
    if last is None or not _ANNOUNCES.match(text, last.end):
        return None
    beside = [each for each in found if each.unit == last.unit and "。" not in text[each.end : last.start]]
    return last if all(each.value == last.value for each in beside) else None  # 招生10条、财务20条，具体为：


def _against(head: Paragraph, total: Figure, below: Sequence[Paragraph], ways: Ways) -> Iterator[Finding]:
    run: list[_Category] = []
    for each in below[: _MOST + 1]:
        category = None if mark(each.text) else _category(each.text, total.unit)
        if category is None:
            break
        run.append(category)
    values = [each.figure.value for each in run]
    if not 2 <= len(run) <= _MOST or total.value in values or _nested(values) or len(named("".join(each.name for each in run), ways)) > 1:
        return
    adds_up = any(sum(values[:many]) == total.value for many in range(2, len(values) + 1))
    if not adds_up and _all_told(head, total, sum(values), below[: len(run)], below[len(run) :], ways):
        yield unequal(head, values, total)


def _category(text: str, unit: str) -> _Category | None:
    """学生管理类19条：…, 学生管理类（19条）, 学生管理类，共计19条; its own figure is the first, any others stand behind."""
    first = next(iter(figures(text)), None)
    if first is None or first.about or first.unit != unit:
        return None
    lead, rest = _NAMED.fullmatch(text[: first.start]), text[first.end :]
    if lead is None or _NO_CATEGORY.search(lead["name"]) or not _FOLLOWS.match(rest):
        return None
    return _Category(lead["name"], first)


def _nested(values: Sequence[int]) -> bool:
    """True if one is the sum of those right below it: a category, and what it is made of."""
    return any(
        values[at] == sum(values[at + 1 : end]) for at in range(len(values)) for end in range(at + 3, len(values) + 1)
    )


def _all_told(
    head: Paragraph, total: Figure, added: int, run: Sequence[Paragraph], rest: Sequence[Paragraph], ways: Ways
) -> bool:
    """True if the run is all of the list: as many categories as said; else nothing behind them may be one more."""
    kinds = [each.value for each in figures(head.text) if each.unit in _KINDS]
    if kinds:
        return len(run) in kinds
    if added > total.value:
        return True
    return not (rest and _goes_on(rest[0].text)) and not any(_one_more(each.text, ways) for each in rest)


def _goes_on(text: str) -> bool:
    """True unless the list ends here: what is no heading and no sum may be more of it, without a figure (其余见附表)."""
    return not mark(text) and not CLOSES.match(text)


def _one_more(text: str, ways: Ways) -> bool:
    counted = any(each.unit in MIXED for each in figures(text))
    return counted and not named(text, ways) and not CLOSES.match(text)
