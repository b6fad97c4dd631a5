"""Totals against their parts, only where the text itself says that these are all: 共计, 合计, 其中, 包括, a numbered list.

Parts by way of disclosure may overlap, one item being on the website and elsewhere: such a sum may exceed its total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.checkup import below, divided, equations
from rules.checkup.adding import (
    BACK,
    CLOSES,
    FIX,
    MIXED,
    OPEN,
    announced,
    compared,
    overlap,
    part_of,
    parted,
    totals,
    unequal,
)
from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import UNITS, Figure, figures, pieces
from rules.checkup.outline import Listing, Paragraph, Report, cells, listings, unmarked
from rules.checkup.ways import Ways


def check(report: Report, ways: Ways) -> Iterator[Finding]:
    """Every total that is not the sum of its parts, each once."""
    said: set[tuple[int, str]] = set()
    for each in _all(report, ways):
        if (each.paragraph, each.found) not in said:
            said.add((each.paragraph, each.found))
            yield each


def _all(report: Report, ways: Ways) -> Iterator[Finding]:
    for listing in listings(report):
        yield from _of_list(listing, ways)
        yield from _closing(listing)
    for each in report.paragraphs:
        for one in (_in_brackets, _among, _included, _before):
            yield from one(each, ways)
        yield from equations.check(each)
    yield from below.check(report, ways)
    yield from divided.check(report, ways)
    yield from _tables(report)


#: What follows an announced number of items that is that of the whole list below.
_WHOLE_LIST = re.compile("大类|分为|各类|类别|如下")
_NOTHING = re.compile("[。：:]?")
#: A list of some of them: 其中重点领域：, 已采纳意见如下：
_SOME = re.compile(r"(?:其中|重点|主要|部分|典型|较多|居前|排名|前[\d三五十]|新|已)[^，。；;\d]{0,12}[：:。]?$")


def _of_list(listing: Listing, ways: Ways) -> Iterator[Finding]:
    """An announced total against a list, each of whose entries has a total of its own, or one figure alone."""
    text = listing.head.text
    said = max((found.start() for found in _WHOLE_LIST.finditer(text)), default=-1)
    whole = [each for each in announced(text, ways) if each.end <= said or _NOTHING.fullmatch(text, each.end)]
    several = [*totals(text), *whole]
    owns = {unit: _owns(listing.entries, unit) for unit in {each.unit for each in several}}
    some = _SOME.search(text, max(0, len(text) - BACK))
    for total in several:
        parts = owns[total.unit]
        if parts and sum(parts) != total.value and not (some and sum(parts) < total.value):
            yield unequal(listing.head, parts, total)


def _closing(listing: Listing) -> Iterator[Finding]:
    """以上五类合计320条 below a list: the same total, said behind it."""
    *entries, last = listing.entries
    for index, each in enumerate(last[1:], start=1):
        for total in totals(each.text)[:1] if CLOSES.match(each.text) else ():
            parts = _owns([*entries, last[:index]], total.unit)
            if parts and sum(parts) != total.value:
                yield unequal(each, parts, total)


def _owns(entries: Sequence[Sequence[Paragraph]], unit: str) -> list[int]:
    """The totals of that unit, one for each entry; [] if one has none, or says itself that it is not exact."""
    parts = [_own(entry, unit) for entry in entries]
    exact = [each.value for each in parts if each is not None and not each.about]
    return exact if len(exact) == len(parts) else []


def _own(entry: Sequence[Paragraph], unit: str) -> Figure | None:
    """An entry's figure of that unit: right behind its name, else its total, else its only one; two of them say nothing."""
    first = below.leading(unmarked(entry[0].text), unit)
    said = _said(entry, unit)
    if first is None or said is None:
        return first or said
    return first if said.value == first.value else None


def _said(entry: Sequence[Paragraph], unit: str) -> Figure | None:
    for paragraph in entry:
        if own := [each for each in totals(paragraph.text) if each.unit == unit]:
            return own[0]
    alone = [each for each in figures(entry[0].text) if each.unit == unit]
    return alone[0] if len(alone) == 1 else None


_BRACKET = re.compile(r"[（(](?!含)([^（()）]{4,300})[）)]")
#: 应推送600条次（成功600条次）: the results, even a single one, are all that was due.
_DUE = re.compile(r"应(?:推送|办理|发送|投递)\s*$")


def _in_brackets(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """2765条（要闻701条、学术197条）: what the brackets hold is all, unless they say 含, 其中 or 等."""
    by_end = {each.end: each for each in figures(at.text)}
    for bracket in _BRACKET.finditer(at.text):
        total = by_end.get(bracket.start())
        if total is not None and not total.about and not OPEN.search(bracket[1]):
            inner = re.sub("[+＋](?![A-Za-z])", "、", bracket[1])  # not of a 1+X证书
            due = _DUE.search(at.text[max(0, total.start - BACK) : total.start]) is not None
            yield from compared(at, inner, total, ways, fewest=1 if due else 2)


_AMONG = re.compile(r"其中[：:，,]?(?P<parts>[^。；;（(]{4,300})")


def _among(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """受理3件，其中同意2件: parts may be fewer than the whole, never more."""
    for among in _AMONG.finditer(at.text):
        window = at.text[max(0, among.start() - BACK) : among.start()]
        before = [each for each in figures(window) if len(window) - each.end <= 6]
        if not before or before[-1].about:
            continue
        total = before[-1]
        values = [each.value for piece in pieces(among["parts"]) for each in part_of(piece, total.unit)]
        first = re.split("，|,", among["parts"])[0]  # 社会46条、校内20条，逾期2条: what follows divides anew
        if "、" in first:
            values = [each.value for piece in pieces(first) for each in part_of(piece, total.unit)]
        unit, most = total.unit, max(values, default=0)
        if most > total.value:
            wanted = f"其中各数不大于{total.value}{unit}"
            yield at.finding(Kind.SUM, expected=wanted, found=f"其中有{most}{unit}", fix=FIX)
        elif len(values) > 1 and sum(values) > total.value and not overlap(among["parts"], ways):
            yield unequal(at, values, total)


_INCLUDED = re.compile(r"(?:包括|包含|分别为|分别是|分别有|具体为|[：:])(?P<parts>[^。]{6,})")


def _included(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """共计47条，包括：规划10条；制度20条；招生17条: checked where every one of the parts has its figure."""
    for found in _INCLUDED.finditer(at.text):
        window = at.text[max(0, found.start() - 2 * BACK) : found.start()]
        before = [*totals(window), *announced(window, ways)]
        between = window[before[-1].end :] if before else ""
        near = len(between) <= 4 or ("分别" in found[0] and not re.search("[。；;]", between))
        near = near and "其中" not in between  # parts of it, not all
        if before and near and not OPEN.search(found["parts"]):
            yield from compared(at, found["parts"], before[-1], ways)
            return


_AFTER = re.compile(r"(?:合计|共计|总计|总共|(?<=[，,、；;])共)(?:为|有|是)?\s*(?=\d)")
#: Signs of a sentence that are looked back over.
_LONGEST = 300
_MOST_PARTS = 15
#: What goes on for longer without a comma is no part.
_LONGEST_PART = 100
_ALL_THESE = re.compile(r"以上|上述|[者项类月]$")


def _before(at: Paragraph, _: Ways) -> Iterator[Finding]:
    """通知115条，文件48件，公示35条，合计198条: the pieces before the total, back to the first that has no figure."""
    by_start = {each.start: each for each in figures(at.text)}
    for said in _AFTER.finditer(at.text):
        total = by_start.get(said.end())
        if total is None or total.about or total.unit not in MIXED:
            continue
        text = at.text[max(0, said.start() - _LONGEST) : said.start()].rstrip("。").rpartition("。")[2]
        if len(pieces(text.rstrip("、，,；; "))[-1]) > _LONGEST_PART:
            continue
        mixed = said[0][0] != "共" or said[0][:2] == "共计"
        several = _several(text)
        values = _backwards(several, *(MIXED if mixed else (total.unit,)))
        if len(values) < 2 or _ends_in(values, total.value):
            continue
        if not mixed or not _ends_in(_backwards(several, *UNITS), total.value):  # 简报24期、通知186条，合计210条
            yield unequal(at, values, total)


def _ends_in(values: Sequence[int], total: int) -> bool:
    """True if two or more of them, back from the last, add up to the total."""
    return any(sum(values[k:]) == total for k in range(len(values) - 1))


def _several(text: str) -> list[str]:
    """The last pieces of a text."""
    several = [part for clause in re.split("[；;]", text.rstrip("、，,；; ")) for part in parted(clause)] or [""]
    if _ALL_THESE.search(several[-1]):  # 以上三项合计
        several.pop()
    return several[-_MOST_PARTS:]


def _backwards(several: Sequence[str], *units: str) -> list[int]:
    """The figures with these counting words of the last pieces, as far back as each has one."""
    values: list[int] = []
    for piece in reversed(several):
        part = part_of(piece, *units)
        if len(part) != 1 or part[0].about or _WITH_SIGNS.search(piece):
            break
        values.insert(0, part[0].value)
    return values


#: 公开10+5条 is no part of five.
_WITH_SIGNS = re.compile(r"\d\s*[+＋]\s*\d")


def _tables(report: Report) -> Iterator[Finding]:
    """A table's last row 合计, column by column; rows that have other cells, or a sum of their own, leave it unsaid."""
    rows: list[list[str]] = []
    for each in report.paragraphs:
        row = cells(each.text)
        last = len(row) > 1 and re.fullmatch("合计|总计|共计", row[0])
        if last and all(len(above) == len(row) and not _is_sum(above) for above in rows[1:]):
            yield from _columns(each, rows[1:], row)
        if len(row) < 2 or last:
            rows = []
        else:
            rows.append(row)


def _is_sum(row: list[str]) -> bool:
    return "计" in row[0] or any(re.fullmatch("小计|合计|总计|共计", each) for each in row)


def _columns(at: Paragraph, body: list[list[str]], last: list[str]) -> Iterator[Finding]:
    for column in range(1, len(last)):
        values = [row[column] for row in body]
        if len(values) > 1 and all(re.fullmatch(r"\d{1,9}", each) for each in (*values, last[column])):
            parts = list(map(int, values))
            if sum(parts) != int(last[column]):
                yield unequal(at, parts, Figure(int(last[column]), "", 0, 0))
