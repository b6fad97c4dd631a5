"""What totals and parts are made of: figures that a text calls a total, and the parts that it names, each with its figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import NUMBER, Figure, figures, spoken, value_of
from rules.checkup.outline import Paragraph
from rules.checkup.ways import Ways, named

#: Counting words that are added up with each other: 通知115条，文件48件，合计163条.
MIXED = frozenset(("条", "件", "篇", "项", "份", "则"))
#: How far back what belongs to a figure may stand.
BACK = 40
#: What is said to be all, and is not: 等; or stands beside the rest: 另有.
OPEN = re.compile(r"等|其中|左右|不含|除|另|约|…|略|其余")
#: What sums up the list above it: 以上五类合计320条.
CLOSES = re.compile(r"^(?:以上|上述|合计|总计|[二两三四五六七八九十\d]{1,3}个?(?:大类|类))")
FIX = "请核对各部分和合计，改正其中有误的"
_TOTAL = re.compile(r"(?:共计|合计|总计|总共|总数|共)[^。；;，,]{0,16}$|(?:共计|合计|总计|总数)[^。；;]{0,24}$")
#: 本学年主动公开（5大类26个小项）信息318条: the number of the year, without a word such as 共计.
_ANNOUNCED = re.compile(
    r"(?P<clause>[^。；;，,：:]*)主动公开(?:了|的)?(?:各类|各项)?"
    rf"(?:{NUMBER}\s*个?(?:大类|类|小项|小类)[，,、]?)*(?:信息|事项|条目)?(?:数量|总数|总量)?[为是达有]?\s*$"
)
#: A figure that is compared with or measured by something is no part.
_COMPARED = re.compile(r"比|较|上年|去年|上一|增|减|占|超过|阅读|点击|浏览|访问|转发|点赞|关注|粉丝|参加|覆盖")
#: 文件、公告各30条: one figure for several.
_EACH = re.compile(r"各(?:有|为|是)?\s*(?:\d|[一二两三四五六七八九十百]+\s*[条件篇项份则])")
_COMMA = re.compile(r"，|,(?!\d{3}(?!\d))")


def unequal(at: Paragraph, parts: Sequence[int], total: Figure) -> Finding:
    """The finding of a total that is not the sum of these parts."""
    said = f"{'＋'.join(map(str, parts))}＝" if len(parts) > 1 else ""
    return at.finding(Kind.SUM, expected=f"{said}{spoken(sum(parts), total.unit)}", found=spoken(total.value, total.unit), fix=FIX)


def totals(text: str) -> list[Figure]:
    """The figures that the text calls a total."""
    return [
        each for each in figures(text) if not each.about and _TOTAL.search(text[max(0, each.start - BACK) : each.start])
    ]


def announced(text: str, ways: Ways) -> list[Figure]:
    """The figures that the text gives as the number of items made public; what went by one way only is none."""
    found = []
    for each in figures(text):
        before = text[max(0, each.start - BACK) : each.start]
        said = _ANNOUNCED.search(before) if "主动公开" in before else None
        if said and each.unit in MIXED and not each.about and not named(said["clause"], ways):
            found.append(each)
    return [each for each in found if "其中" not in text[max(0, each.start - BACK) : each.start].rpartition("。")[2]]


def parts_of(text: str, unit: str) -> list[int] | None:
    """The figures of that unit, one for each part that is named; None if a part has none, several, or an inexact one."""
    if _EACH.search(text):
        return None
    units = MIXED if unit in MIXED else (unit,)
    found = []
    for piece in filter(None, (each.strip(" 和及。") for each in parted(text))):
        part = part_of(piece, *units) or _bare(piece)
        if len(part) != 1 or part[0].about:
            return None
        found.append(part[0].value)
    return found


def parted(text: str) -> list[str]:
    """The parts of a text: by its semicolons, else by its commas and by the 、 that no name holds."""
    if re.search("[；;]", text):
        return re.split("[；;]", text)
    return [part for clause in _COMMA.split(text) for part in _with_figures(clause)]


def _with_figures(clause: str) -> list[str]:
    """专业设置、教学改革、学科建设28条 is one part: names without a figure belong to the next that has one."""
    found, held = [], ""
    for piece in clause.split("、"):
        held = f"{held}、{piece}" if held else piece
        if figures(piece) or re.search(r"\d\s*$", piece):
            found.append(held)
            held = ""
    return [*found, held] if held else found


def part_of(clause: str, *units: str) -> list[Figure]:
    """The figures of a clause with these counting words, unless they are compared with or measured by something."""
    return [] if _COMPARED.search(clause) else [each for each in figures(clause) if each.unit in units]


def _bare(piece: str) -> list[Figure]:
    """要闻701 in brackets: a figure whose counting word is that of the total."""
    found = re.fullmatch(r"[^\d]{1,20}(\d{1,7})", piece)
    value = value_of(found[1]) if found and not _COMPARED.search(piece) else None
    return [] if value is None else [Figure(value, "", 0, len(piece))]


def compared(at: Paragraph, text: str, total: Figure, ways: Ways, *, fewest: int = 2) -> Iterator[Finding]:
    """The parts that a text names against their total; those of several ways may overlap. Fewer than `fewest` say nothing."""
    parts = parts_of(text, total.unit)
    if not parts or len(parts) < fewest or (sum(parts) > total.value and overlap(text, ways)):
        return
    if sum(parts) != total.value:
        yield unequal(at, parts, total)


def overlap(parts: str, ways: Ways) -> bool:
    """True if the parts are those of several ways: an item on the website may be in a group, too."""
    return len(named(parts, ways)) > 1
