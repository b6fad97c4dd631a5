"""From the sheets of one file to entries: headers found, rows read, footers left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.item import Entry, Place, Problem, Review
from rules.school import Column
from sources import cells
from sources.cells import Value, is_blank, text_of
from sources.grids import Book, Grid
from sources.headers import FEWEST, Header, header_of, name_of
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
    found = [(grid, header) for grid in book.grids if (header := header_of(grid.rows))]
    read = frozenset(grid.sheet for grid, _ in found)
    lost = (before & book.sheets) - read
    visible = {grid.sheet for grid in book.grids}
    problems = [_no_header(Place(file, sheet)) for sheet in sorted(lost & visible)]
    if not found and not problems:
        problems = [_no_header(Place(file))]
    for grid, header in found:
        problems += _twice(Place(file, grid.sheet, header.row), header)
    entries = [entry for grid, header in found for entry in _entries(file, grid, header, column)]
    return Reading(tuple(entries), tuple(problems), read, not lost)


def _no_header(place: Place) -> Problem:
    return Problem(place, "", "没有找到表头", "请在前15行内写明“标题”“责任部门”“大类”等列名，可从样表复制")


def _twice(place: Place, header: Header) -> list[Problem]:
    return [
        Problem(place, name, f"“{first}”和“{later}”两列含义相同，只读取前一列“{first}”", "请删除或改名其中一列")
        for name, first, later in header.twice
    ]


def _entries(file: str, grid: Grid, header: Header, column: Column) -> Iterator[Entry]:
    numbers = range(header.row + 1, len(grid.rows) + 1)
    titled = (n for n in reversed(numbers) if not is_blank(_title(grid.rows[n - 1], header)))
    last = next(titled, 0)
    for number in numbers:
        if not _is_beside(grid.rows[number - 1], header, below=number > last):
            yield _entry(Row(file, grid, header, number), column)


def _title(row: Sequence[Value], header: Header) -> Value:
    index = header.columns["标题"]
    return row[index] if index < len(row) else None


def _is_beside(row: Sequence[Value], header: Header, below: bool) -> bool:
    """True for what stands between or below the items: empty rows, headings, sums, who made the sheet, a header again."""
    title = _title(row, header)
    filled = [index for index, value in enumerate(row) if not is_blank(value)]
    ours = set(filled).intersection(header.columns.values())
    if name_of(title) == "标题" and sum(bool(name_of(value)) for value in row) >= FEWEST:
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
        inner_reason=row.text("校内公开理由") or column.inner_reason,
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


def _review(row: Row, approved: date | None, standing: Review | None) -> Review | None:
    """The row's own review (逐项审查); where it says nothing of one, the column's (栏目审核)."""
    reviewer, conclusion, basis = row.text("审查人"), row.text("审查结论"), row.text("审查依据")
    if reviewer or conclusion or basis:
        return Review(reviewer, conclusion, approved, basis)
    return replace(standing, on=standing.on or approved) if standing else None
