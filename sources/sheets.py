"""From the sheets of one file to entries: headers found, rows read, footers left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.columns import NEEDED
from rules.item import CONSENTS, Entry, Place, Problem, Review, conclusion_of
from rules.school import Column
from sources import cells
from sources.cells import Value, is_blank, text_of
from sources.grids import Book, Grid
from sources.header_words import about_header, no_header, nothing_like_a_header
from sources.headers import FEWEST, Header, Own, header_of, name_of, own_headers
from sources.rows import Row

_FOOTER = re.compile(
    r"(?:[合总小共]\s?计|(?:制表|填表|填报|审核|复核|负责|联系)(?:人|单位|部门|日期|时间|电话)?|说明|备?注)\s?(?:[:：\d].*)?"
)
#: A line of who made the sheet, or a heading between the rows, fills no more cells than these.
FEW = 2
FEW_OF_FOOTER = 4


@dataclass(frozen=True)
class Reading:
    """What one file holds."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: The sheets that were read as tables.
    sheets: frozenset[str] = frozenset()
    #: False if a sheet that used to be read is still there but no longer is: nothing may be called missing then.
    whole: bool = True


def read_book(file: str, book: Book, column: Column, before: frozenset[str] = frozenset()) -> Reading:
    """All entries of a file; `before` names the sheets that were read the last time."""
    own = own_headers(column.headers)
    found = {grid.sheet: (grid, header) for grid in book.grids if (header := header_of(grid.rows, own))}
    lost = (before & book.sheets) - found.keys()
    problems: list[Problem] = []
    for grid in book.grids:
        if grid.sheet not in found:
            problems += no_header(file, grid, own, expected=grid.sheet in lost, alone=not found)
    if not found and not problems:
        problems = [nothing_like_a_header(Place(file))]
    entries: list[Entry] = []
    for grid, header in found.values():
        rows = list(_entries(file, grid, header, column, own))
        problems += about_header(Place(file, grid.sheet, header.row), header, _lacked(header, column), rows)
        entries += rows
    return Reading(tuple(entries), tuple(problems), frozenset(found), not lost)


def _lacked(header: Header, column: Column) -> tuple[str, ...]:
    """The needed columns that the sheet has not, and that the watch's own settings do not fill."""
    given = {
        "责任部门": column.department, "大类": column.category, "小项": column.sub_item, "受众范围": column.audience,
        "校内公开理由": column.inner_reason or "不公开理由" in header.columns, "审查人": column.review, "审查结论": column.review,
    }  # fmt: skip
    return tuple(name for name in NEEDED if name not in header.columns and not given.get(name))


def _entries(file: str, grid: Grid, header: Header, column: Column, own: Own) -> Iterator[Entry]:
    numbers = range(header.row + 1, len(grid.rows) + 1)
    lacking = _lacked(header, column)
    titled = (n for n in reversed(numbers) if not is_blank(_title(grid.rows[n - 1], header)))
    last = next(titled, 0)
    for number in numbers:
        if not _is_beside(grid.rows[number - 1], header, own, below=number > last):
            yield replace(_entry(Row(file, grid, header, number), column), lacking=lacking)


def _title(row: Sequence[Value], header: Header) -> Value:
    index = header.columns["标题"]
    return row[index] if index < len(row) else None


def _is_beside(row: Sequence[Value], header: Header, own: Own, below: bool) -> bool:
    """True for what stands between or below the items: empty rows, headings, sums, who made the sheet, a header again."""
    title = _title(row, header)
    filled = [index for index, value in enumerate(row) if not is_blank(value)]
    ours = set(filled).intersection(header.columns.values())
    if name_of(title, own) == "标题" and sum(bool(name_of(value, own)) for value in row) >= FEWEST:
        return True
    if len(filled) <= FEW_OF_FOOTER and any(_FOOTER.fullmatch(text_of(row[index])) for index in filled[:1]):
        return True
    return is_blank(title) and (not ours or len(filled) == 1 or (below and len(filled) <= FEW))


def _entry(row: Row, column: Column) -> Entry:
    approved = row.day("批准日期")
    notice_from, notice_to = row.span()
    departments = cells.parts_of(row.text("责任部门"))
    entry = Entry(
        source=column.name,
        place=row.place,
        title=row.text("标题"),
        number=cells.number_of(row.text("编号")),
        doc_no=cells.doc_no_of(row.text("文号")),
        department=departments[0] if departments else column.department,
        departments_beside=tuple(dict.fromkeys((*departments[1:], *cells.parts_of(row.text("其他部门"))))),
        category=row.text("大类") or column.category,
        sub_item=row.text("小项") or column.sub_item,
        list_items=row.numbers("清单编号"),
        disclosure=row.text("公开属性"),
        audience=cells.parts_of(row.text("受众范围")) or column.audience,
        inner_reason=row.text("校内公开理由") or row.text("不公开理由") or column.inner_reason,
        formed_on=row.day("形成日期"),
        approved_on=approved,
        published_on=row.day("公开日期"),
        notice_from=notice_from,
        notice_to=notice_to,
        ends_on=row.day("截止日期"),
        urgent=row.read("紧急", cells.yes_of, False, "请填写“是”或“否”"),
        url=row.url("链接"),
        summary=row.prose("摘要"),
        body=row.prose("正文"),
        note=row.prose("备注"),
        attachments=cells.attachments_of(row.prose("附件")),
        review=_review(row, approved, column.review),
    )
    return replace(entry, problems=tuple(row.problems))


def entry_of(place: Place, named: Mapping[str, Value], column: Column, own_key: str = "") -> Entry:
    """An item from cells whose columns are known by name: there is no sheet around them."""
    header = Header(1, {name: index for index, name in enumerate(named)})
    entry = _entry(Row(place.file, Grid(place.sheet, [list(named.values())]), header, 1), column)
    problems = tuple(replace(each, place=place) for each in entry.problems)
    return replace(entry, place=place, own_key=own_key, problems=problems)


def _review(row: Row, approved: date | None, standing: Review | None) -> Review | None:
    """The row's own review (逐项审查); where it says nothing of one, the column's (栏目审核)."""
    reviewer, conclusion, basis = row.text("审查人"), _conclusion(row), row.text("审查依据")
    if reviewer or conclusion or basis:
        return Review(reviewer, conclusion, approved, basis)
    return replace(standing, on=standing.on or approved) if standing else None


def _conclusion(row: Row) -> str:
    """The row's conclusion. Where several columns hold one (审批意见, 保密审查意见), all must consent: else none is plain."""
    found = [conclusion_of(text) for text in row.every("审查结论")]
    if len(found) == 1 or not any(found) or all(each in CONSENTS for each in found):
        return found[0]
    return "；".join(each or "（空）" for each in found)
