"""The number of items made public against what divides it: by audience or kind, and by the 20 working days.

教办函〔2014〕23号 二: within 20 working days; whoever counts these counts every item in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.checkup.adding import OPEN, announced, compared, totals, unequal
from rules.checkup.finding import Finding
from rules.checkup.numbers import Figure, figures
from rules.checkup.outline import Paragraph, Part, Report, Section, mark
from rules.checkup.ways import Ways, named


def check(report: Report, ways: Ways) -> Iterator[Finding]:
    """Every whole that is not the sum of what divides it."""
    for each in report.paragraphs:
        yield from _by(each, ways)
    for section in report.of(Part.DISCLOSED):
        yield from _in_time(section, ways)


#: 按受众类别分：社会169条、校内149条
_BY = re.compile(r"按[^。；;，,：:、\d]{1,12}(?:分|划分|分类|统计)[为有]?[：:，,]?(?P<parts>[^。；;]{4,})")
#: What may stand between a whole and the first division: a bracket, a comma, 其中.
_BETWEEN = re.compile(r"(?:[（(][^（()）]{0,60}[）)])?[，,。；;：:]?(?:其中[：:，,]?)?$")


def _by(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """公开66条，按大类分，学校工作47条、经济工作19条；按受众分，校内20条、社会46条: each division has the whole."""
    whole, ends = None, 0
    for found in _BY.finditer(at.text):
        before = at.text[ends : found.start()]
        counted = [each for each in figures(before) if _BETWEEN.match(before, each.end)]
        if counted:
            whole = counted[-1]
        elif before.strip("，,；; "):  # something else was said in between
            whole = None
        ends = found.end()
        if whole is not None and not whole.about and not OPEN.search(found["parts"]):
            yield from compared(at, found["parts"], whole, ways)


_TIMELY = re.compile(
    r"期限内|工作日(?:之|以)?内|逾期|超期|超过期限|(?:没有|无|缺少?)[^。；;，,]{0,6}日期|(?:不能|无法)(?:计算|判断|确定)"
)
#: What may stand before it in its clause; anything else may name some of the items only.
_OF_ALL = re.compile(
    r"(?:^|[，,；;：:])(?:本学年度?|本年度?|全年|全校|学校|其中[，,：:]?|信息|条目|在|规定的?|法定的?|(?:制作|形成|获取)[^，。；;]{0,9}后|\d+个)*$"
)
_NONE_LATE = re.compile("(?:没有|无|未)[^。；;，,]{0,4}(?:逾期|超期)")


def _in_time(section: Section, ways: Ways) -> Iterator[Finding]:
    """规定期限内公开303条，逾期公开5条，没有形成日期的10条: together they are all that was made public."""
    whole: list[Figure] = []
    for each in section.body:
        for sentence in each.text.split("。"):
            found = _TIMELY.search(sentence)
            lead = sentence[: found.start()] if found else sentence
            whole = ([] if mark(each.text) else _counted(lead, ways)) or whole
            parts = _terms(sentence[len(lead) :], whole[0].unit) if whole and _OF_ALL.search(lead) else []
            if len(parts) > 1 and sum(parts) != whole[0].value:
                yield unequal(each, parts, whole[0])


def _counted(text: str, ways: Ways) -> list[Figure]:
    """The number of items made public that a text gives."""
    return announced(text, ways) or (totals(text) if "公开" in text and not named(text, ways) else [])


def _terms(told: str, unit: str) -> list[int]:
    """What is said to be in time, late, or neither, one figure each; [] if anything else is counted there."""
    starts = [found.start() for found in _TIMELY.finditer(told)]
    if not re.match(r"期限内|工作日", told):
        return []
    spans = [told[start:end] for start, end in zip(starts, [*starts[1:], len(told)], strict=True)]
    counted = [[each for each in figures(span) if each.unit == unit] for span in spans]
    if any(len(many) > 1 or any(each.about for each in many) for many in counted):
        return []
    values = [each.value for many in counted for each in many]
    return [*values, 0] if len(values) == 1 and _NONE_LATE.search(told) else values
