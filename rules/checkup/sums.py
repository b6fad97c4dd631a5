"""Totals against their parts, only where the text itself says that these are all: 共计, 合计, 其中, 包括, a numbered list.

Parts by way of disclosure may overlap, one item being on the website and elsewhere: such a sum may exceed its total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import Figure, figures, pieces, value_of
from rules.checkup.outline import Listing, Paragraph, Report, cells, listings
from rules.checkup.ways import Ways, named

#: Counting words that are added up with each other: 通知115条，文件48件，合计163条.
_MIXED = frozenset(("条", "件", "篇", "项", "份", "则"))
_TOTAL = re.compile(r"(?:共计|合计|总计|总共|总数|共)[^。；;，,]{0,16}$|(?:共计|合计|总计|总数)[^。；;]{0,24}$")
_OPEN = re.compile(r"等|其中|左右|不含|除|另|约")
#: A figure that is compared with or measured by something is no part.
_COMPARED = re.compile(r"比|较|上年|去年|上一|增|减|占|超过|阅读|点击|浏览|访问|转发|点赞|关注|粉丝|参加|覆盖")
#: How far back what belongs to a figure may stand.
_BACK = 40
_FIX = "请核对各部分和合计，改正其中有误的"


def check(report: Report, ways: Ways) -> Iterator[Finding]:
    """Every total that is not the sum of its parts, each once."""
    said: set[tuple[int, str]] = set()
    for each in _all(report, ways):
        if (each.paragraph, each.found) not in said:
            said.add((each.paragraph, each.found))
            yield each


def _all(report: Report, ways: Ways) -> Iterator[Finding]:
    for listing in listings(report):
        yield from _of_list(listing)
    for each in report.paragraphs:
        for one in (_in_brackets, _among, _included, _before):
            yield from one(each, ways)
    yield from _tables(report)


def _unequal(at: Paragraph, parts: Sequence[int], total: Figure) -> Finding:
    said = "＋".join(map(str, parts))
    return at.finding(
        Kind.SUM, expected=f"{said}＝{sum(parts)}{total.unit}", found=f"{total.value}{total.unit}", fix=_FIX
    )


def totals(text: str) -> list[Figure]:
    """The figures that the text calls a total."""
    return [
        each
        for each in figures(text)
        if not each.about and _TOTAL.search(text[max(0, each.start - _BACK) : each.start])
    ]


def _of_list(listing: Listing) -> Iterator[Finding]:
    """An announced total against a list, each of whose entries has a total of its own, or one figure alone."""
    for total in totals(listing.head.text):
        parts = [_own(entry, total.unit) for entry in listing.entries]
        exact = [each.value for each in parts if each is not None and not each.about]
        if len(exact) == len(parts) and sum(exact) != total.value:
            yield _unequal(listing.head, exact, total)


def _own(entry: Sequence[Paragraph], unit: str) -> Figure | None:
    """An entry's total of that unit; if it says none, its only figure of it."""
    for paragraph in entry:
        if own := [each for each in totals(paragraph.text) if each.unit == unit]:
            return own[0]
    alone = [each for each in figures(entry[0].text) if each.unit == unit]
    return alone[0] if len(alone) == 1 else None


_BRACKET = re.compile(r"[（(]([^（()）]{4,300})[）)]")


def _in_brackets(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """2765条（要闻701条、学术197条）: what the brackets hold is all, unless they say 其中 or 等."""
    by_end = {each.end: each for each in figures(at.text)}
    for bracket in _BRACKET.finditer(at.text):
        total = by_end.get(bracket.start())
        if total is not None and not total.about and not _OPEN.search(bracket[1]):
            yield from _compared(
                at, _parts(pieces(re.sub("[+＋]", "、", bracket[1])), total.unit), total, bracket[1], ways
            )


_AMONG = re.compile(r"其中[：:，,]?(?P<parts>[^。；;（(]{4,300})")


def _among(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """受理3件，其中同意2件: parts may be fewer than the whole, never more."""
    for among in _AMONG.finditer(at.text):
        window = at.text[max(0, among.start() - _BACK) : among.start()]
        before = [each for each in figures(window) if len(window) - each.end <= 6]
        if not before or before[-1].about:
            continue
        total = before[-1]
        values = [each.value for piece in pieces(among["parts"]) for each in _part(piece, total.unit)]
        first = re.split("，|,", among["parts"])[0]  # 社会46条、校内20条，逾期2条: what follows divides anew
        if "、" in first:
            values = [each.value for piece in pieces(first) for each in _part(piece, total.unit)]
        unit, most = total.unit, max(values, default=0)
        if most > total.value:
            wanted = f"其中各数不大于{total.value}{unit}"
            yield at.finding(Kind.SUM, expected=wanted, found=f"其中有{most}{unit}", fix=_FIX)
        elif len(values) > 1 and sum(values) > total.value and not _overlap(among["parts"], ways):
            yield _unequal(at, values, total)


_INCLUDED = re.compile(r"(?:包括|包含|分别为|分别是|分别有|具体为|[：:])(?P<parts>[^。]{6,400})")


def _included(at: Paragraph, ways: Ways) -> Iterator[Finding]:
    """共计47条，包括：规划10条；制度20条；招生17条: checked where every one of the parts has its figure."""
    for found in _INCLUDED.finditer(at.text):
        window = at.text[max(0, found.start() - 2 * _BACK) : found.start()]
        before = totals(window)
        between = window[before[-1].end :] if before else ""
        near = len(between) <= 4 or ("分别" in found[0] and not re.search("[。；;]", between))
        if before and near and not _OPEN.search(found["parts"]):
            listed = re.split("[；;]", found["parts"]) if re.search("[；;]", found["parts"]) else pieces(found["parts"])
            yield from _compared(at, _parts(listed, before[-1].unit), before[-1], found["parts"], ways)
            return


_AFTER = re.compile(r"(?:合计|共计|总计|总共|(?<=[，,、；;])共)(?:为|有|是)?\s*(?=\d)")
#: Signs of a sentence that are looked back over.
_LONGEST = 300
_MOST_PARTS = 15
_ALL_THESE = re.compile(r"以上|上述|[者项类月]$")


def _before(at: Paragraph, _: Ways) -> Iterator[Finding]:
    """通知115条，文件48件，公示35条，合计198条: the pieces before the total, back to the first that has no figure."""
    by_start = {each.start: each for each in figures(at.text)}
    for said in _AFTER.finditer(at.text):
        total = by_start.get(said.end())
        if total is None or total.about or total.unit not in _MIXED:
            continue
        values = _backwards(
            at.text[max(0, said.start() - _LONGEST) : said.start()].rpartition("。")[2],
            total.unit,
            mixed=said[0][0] != "共" or said[0][:2] == "共计",
        )
        if len(values) > 1 and not any(sum(values[k:]) == total.value for k in range(len(values) - 1)):
            yield _unequal(at, values, total)


def _backwards(text: str, unit: str, mixed: bool) -> list[int]:
    """The figures of the pieces at the end of a text, as far as each has one."""
    several = pieces(text.rstrip("、，,；; "))
    if _ALL_THESE.search(several[-1]):  # 以上三项合计
        several.pop()
    values: list[int] = []
    for piece in reversed(several[-_MOST_PARTS:]):
        part = _part(piece, *(_MIXED if mixed else (unit,)))
        if len(part) != 1 or part[0].about:
            break
        values.insert(0, part[0].value)
    return values


def _parts(several: Sequence[str], unit: str) -> list[int] | None:
    """The figures of that unit, one in each of the pieces; None if a piece has none, several, or an inexact one."""
    units = _MIXED if unit in _MIXED else (unit,)
    found = []
    for piece in filter(None, (each.strip(" 和及。") for each in several)):
        part = _part(piece, *units) or _bare(piece)
        if len(part) != 1 or part[0].about:
            return None
        found.append(part[0].value)
    return found


def _part(clause: str, *units: str) -> list[Figure]:
    return [] if _COMPARED.search(clause) else [each for each in figures(clause) if each.unit in units]


def _bare(piece: str) -> list[Figure]:
    """要闻701 in brackets: a figure whose counting word is that of the total."""
    found = re.fullmatch(r"[^\d]{1,20}(\d{1,7})", piece)
    value = value_of(found[1]) if found and not _COMPARED.search(piece) else None
    return [] if value is None else [Figure(value, "", 0, len(piece))]


def _compared(at: Paragraph, parts: list[int] | None, total: Figure, text: str, ways: Ways) -> Iterator[Finding]:
    if not parts or len(parts) < 2 or (sum(parts) > total.value and _overlap(text, ways)):
        return
    if sum(parts) != total.value:
        yield _unequal(at, parts, total)


def _overlap(parts: str, ways: Ways) -> bool:
    """True if the parts are those of several ways: an item on the website may be in a group, too."""
    return len(named(parts, ways)) > 1


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
                yield _unequal(at, parts, Figure(int(last[column]), "", 0, 0))
