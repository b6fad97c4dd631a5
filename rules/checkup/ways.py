"""The ways of disclosure (教育部令第29号): named in the overview and again where they are described, each with figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.checkup.finding import Finding, Kind
from rules.checkup.numbers import figures, pieces
from rules.checkup.outline import LONGEST_HEADING, Paragraph, Part, Report, cells, mark


@dataclass(frozen=True)
class Way:
    """By which words a way is named, and which phrases hold these words and mean something else."""

    words: tuple[str, ...]
    but_not: tuple[str, ...] = ()


#: Each way by its name; the words are config/taxonomy/ways.csv.
Ways = Mapping[str, Way]

#: A sentence that says by which ways the school publishes.
_LISTING = re.compile(
    r"(?:通过|利用|借助|依托|运用|采用|采取).{0,200}(?:公开|发布|公布|公示|推送|传达|告知|途径|渠道|形式|方式)"
)
_HEADING = re.compile("途径|形式|渠道|方式|载体")
#: Parts of which the figures are no disclosure's: 收到意见12条 by e-mail.
_ELSEWHERE = frozenset((Part.APPLIED, Part.JUDGED, Part.COMPLAINED, Part.LEARNT, Part.OTHER, Part.LISTED))


def named(text: str, ways: Ways) -> list[str]:
    """The ways that a text names, in the order of the vocabulary."""
    return [name for name, way in ways.items() if _names(text, way)]


def _names(text: str, way: Way) -> bool:
    for phrase in way.but_not:
        text = text.replace(phrase, "")
    return any(word in text for word in way.words)


def check(report: Report, ways: Ways) -> Iterator[Finding]:
    """Ways that only the overview or only the description names; a report without a figure for any."""
    described = _described(report)
    listing = _listing(report, described)
    if listing and described:
        yield from _differences(listing, described, ways)
    if report.paragraphs and not any(_counted(each, ways) for each in _disclosing(report)):
        naming = [each for each in (*described, *listing) if named(each.text, ways)]
        at = (naming or list(report.paragraphs))[0]
        yield at.finding(
            Kind.NO_FIGURE,
            expected="各公开形式附统计数据（条数、次数、覆盖人数）",
            found="没有一个渠道有数字",
            fix="请逐个渠道写明条数、次数和覆盖人数：python bot.py report --year 学年",
        )


def _differences(listing: list[Paragraph], described: list[Paragraph], ways: Ways) -> Iterator[Finding]:
    first, second = (_first_named(many, ways) for many in (listing, described))
    if lost := [way for way in ways if way in first and way not in second]:
        told = "、".join(lost)
        yield first[lost[0]].finding(
            Kind.WAYS,
            expected=f"在公开途径中说明{told}",
            found="前面提到，公开途径中没有",
            fix=f"请补写{told}的公开情况；没有用过的，从前面删去",
        )
    if new := [way for way in ways if way in second and way not in first]:
        told = "、".join(new)
        yield second[new[0]].finding(
            Kind.WAYS, expected=f"前面也提到{told}", found="公开途径中有，前面没有提到", fix=f"请在前面补上{told}"
        )


def _first_named(many: list[Paragraph], ways: Ways) -> dict[str, Paragraph]:
    """Each way that is named, and where for the first time."""
    return {way: each for each in reversed(many) for way in named(each.text, ways)}


def _listing(report: Report, described: list[Paragraph]) -> list[Paragraph]:
    """The sentences of the overview and of what was disclosed that list ways, from their verb on."""
    numbers = {each.number for each in described}
    found = []
    for section in report.sections:
        if section.parts & {Part.OVERVIEW, Part.DISCLOSED}:
            found += [each for each in section.body if each.number not in numbers]
    return list(_sentences(found))


def _sentences(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    for each in paragraphs:
        for sentence in re.findall("[^。；;]+[。；;]?", each.text):
            if said := _LISTING.search(sentence):
                yield Paragraph(each.number, sentence[said.start() :], each.part)


def _described(report: Report) -> list[Paragraph]:
    """What stands below a heading that speaks of the ways, up to the next heading of its rank; not in the overview."""
    found: list[Paragraph] = []
    for section in report.sections:
        if Part.OVERVIEW in section.parts:
            continue
        whole, inside = bool(_HEADING.search(section.heading.text)), False
        for each in section.body:
            number = mark(each.text)
            if number and number[0] == 0:
                inside = _HEADING.search(each.text.split("。")[0][:LONGEST_HEADING]) is not None
            if whole or inside:
                found.append(each)
    return found


def _disclosing(report: Report) -> list[Paragraph]:
    return [each for section in report.sections if not section.parts & _ELSEWHERE for each in section.body]


def _counted(paragraph: Paragraph, ways: Ways) -> bool:
    """True if a way has a figure in the same clause, or in its row of a table."""
    clauses = [piece for sentence in paragraph.text.split("。") for piece in pieces(sentence)]
    row = cells(paragraph.text)
    in_row = (
        len(row) > 1
        and bool(named("".join(row[:2]), ways))
        and any(re.fullmatch(r"\d[\d,]*\D{0,2}", cell) for cell in row[1:])
    )
    return in_row or any(named(clause, ways) and figures(clause) for clause in clauses)
