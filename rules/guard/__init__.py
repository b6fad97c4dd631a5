"""What must not go out unseen (domain 1.5, 1.6): persons' numbers, homes, need and illness; marks of secrecy.

《个人信息保护法》第二十五条、第二十八条；教财厅函〔2017〕28号；《保守国家秘密法实施条例》第四十二条.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from rules.guard.brackets import bracketed
from rules.guard.breaks import Broken, called_over, fragments, identities_over
from rules.guard.contacts import is_contact
from rules.guard.lists import listed, listed_in
from rules.guard.marks import marks_beside, marks_in
from rules.guard.numbers import Number, numbers_in
from rules.guard.pieces import Cells, Grid, Hit, Kind, Part, Piece, is_only_pictures
from rules.guard.plain import plain
from rules.guard.prose import in_prose, rosters
from rules.guard.tables import Cell, Head, Table, has_headings

__all__ = ["Cells", "Grid", "Hit", "Kind", "Part", "Piece", "has_headings", "is_only_pictures", "masked", "scan"]

#: Digits set one to a cell, as forms have them.
_BOXES = 11
#: What a template or the draft of a file leaves in its properties.
_OF_DRAFTS = frozenset((Kind.DRAFT, Kind.INTERNAL))


def scan(pieces: Iterable[Piece], *, consultation: bool = False) -> tuple[Hit, ...]:
    """All that a person must look at before these pieces go out, each once; `consultation` lets 征求意见稿 pass.

    Neither `where` nor `shown` of a hit holds a value found.
    """
    found: dict[Hit, None] = {}
    lines: list[tuple[str, str]] = []
    for kept, group in groupby(pieces, _kept_in):
        run = list(group)
        if kept is Grid:
            each = _in_grids(run, consultation)
        else:
            read = [(part.where, plain(part.text)) for part in run if isinstance(part, Part)]
            lines += read
            each = _in_parts(read, consultation)
            each = (hit for hit in each if kept is Part or hit.kind not in _OF_DRAFTS)
        found.update((_kept(hit), None) for hit in each)
    found.update((_kept(hit), None) for hit in _over_lines(lines))
    return tuple(found)


def _kept_in(piece: Piece) -> type[Piece] | None:
    """Grid or Part; None for a part that was left over."""
    return None if isinstance(piece, Part) and piece.left_over else type(piece)


def _kept(hit: Hit) -> Hit:
    return Hit(hit.kind, masked(hit.where), hit.shown)


def masked(text: str) -> str:
    """The text with every number of a person in it masked; unchanged if there is none."""
    seen = plain(text)
    numbers = numbers_in(seen)
    if not numbers:
        return text
    ends = [0, *(number.end for number in numbers)]
    before = [seen[end : number.start] + number.masked for end, number in zip(ends, numbers, strict=False)]
    return "".join(before) + seen[ends[-1] :]


def _in_parts(lines: list[tuple[str, str]], consultation: bool) -> Iterator[Hit]:
    for number, (where, text) in enumerate(lines):
        yield from _in_text(where, text, consultation, _earlier(lines, number))
    yield from bracketed(lines)
    yield from list(rosters(lines)) or listed(lines)


def _earlier(lines: list[tuple[str, str]], number: int) -> str:
    return "\n".join(above[-200:] for _, above in lines[max(0, number - 2) : number])


def _over_lines(lines: list[tuple[str, str]]) -> Iterator[Hit]:
    """Numbers broken over lines, paragraphs or pages, named by where they begin."""
    pieces = list(fragments((place, text) for place, (_, text) in enumerate(lines)))
    for broken in (*identities_over(pieces), *called_over(pieces)):
        number, first = broken.number, broken.places[0]
        contact = number.kind is Kind.PHONE and is_contact(
            broken.text, number.start, number.end, _earlier(lines, first)
        )
        if not contact and (broken.apart or broken.clean):
            yield Hit(number.kind, lines[first][0], number.masked)


def _in_text(where: str, text: str, consultation: bool, earlier: str = "") -> Iterator[Hit]:
    for number in numbers_in(text):
        if number.kind is not Kind.PHONE or not is_contact(text, number.start, number.end, earlier):
            yield Hit(number.kind, where, number.masked)
    yield from in_prose(where, text)
    yield from marks_in(where, text, consultation=consultation)


def _in_grids(grids: list[Piece], consultation: bool) -> Iterator[Hit]:
    for grid in grids:
        if isinstance(grid, Grid):
            yield from _in_grid(grid, consultation)


def _in_grid(grid: Grid, consultation: bool) -> Iterator[Hit]:
    table = Table(grid)
    said: dict[str, list[Hit]] = {}  # a list says most things many times
    seen = set()
    for cell in table.cells:
        if cell.text not in said:
            said[cell.text] = list(_in_text("", cell.text, consultation))
        where = grid.cell(cell.row, cell.column) if said[cell.text] else ""
        for hit in said[cell.text]:
            if not _is_excused(hit, cell, table):
                seen.add((hit.kind, where))
                yield Hit(hit.kind, where, hit.shown)
    yield from (hit for hit in table.hits() if (hit.kind, hit.where) not in seen)
    told = [cell for cell in table.cells if not cell.heads & {Head.THING, Head.CONTACT, Head.OFFICE}]
    yield from bracketed((grid.cell(cell.row, cell.column), cell.text) for cell in told)
    if not table.heads:
        yield from listed_in(grid)
    yield from marks_beside(grid)
    yield from _in_boxes(grid)
    if grid.cells is not Cells.UNNAMED:  # such a page was looked through by its lines
        yield from _over_cells(grid, table)


def _over_cells(grid: Grid, table: Table) -> Iterator[Hit]:
    """Identity numbers broken over neighbouring cells, named by the first."""
    for broken in identities_over(fragments(_texts(table))):
        cells = [table.cells[place] for place in broken.places]
        if len(cells) == 1 or _is_one_number(cells, broken):
            yield Hit(Kind.ID, grid.cell(cells[0].row, cells[0].column), broken.number.masked)


def _texts(table: Table) -> Iterator[tuple[int, str]]:
    """What the cells say, row by row; a heading keeps apart what stands on both sides of it."""
    headed = table.headed
    for place, cell in enumerate(table.cells):
        if place in headed:
            yield place, ";"
        yield place, cell.text


def _is_one_number(cells: list[Cell], broken: Broken) -> bool:
    """False for cells that are told apart: by their headings, or by being many, in a table of figures."""
    heads = [cell.heads - {Head.NAME, Head.PERSON} for cell in cells]
    if any(Head.ID in each for each in heads):
        return True
    if any(each & {Head.THING, Head.STUDENT} for each in heads):
        return False
    along = [left.row == right.row for left, right in pairwise(cells)]
    likely = broken.apart or (broken.usual and all(along))
    return not any(along) or len(cells) == 2 or (likely and not any(heads))


def _is_excused(hit: Hit, cell: Cell, table: Table) -> bool:
    """True if the heading says that a number is another one, or an office's to be called at."""
    if cell.heads & {Head.THING, Head.STUDENT}:
        return hit.kind in (Kind.PHONE, Kind.CARD)
    return hit.kind is Kind.PHONE and table.is_contact(cell)


def _in_boxes(grid: Grid) -> Iterator[Hit]:
    for row, cells in enumerate(grid.rows):
        signs = [plain(cell).strip() for cell in cells]
        if sum(len(sign) == 1 for sign in signs) >= _BOXES:
            yield from _boxed(grid, row, signs)


def _boxed(grid: Grid, row: int, signs: list[str]) -> Iterator[Hit]:
    """Numbers whose digits stand one to a cell, named by the row's first such cell."""
    column = 0
    for single, group in groupby(signs, lambda sign: len(sign) == 1):
        cells = list(group)
        if single:
            found: list[Number] = numbers_in("".join(cells))
            yield from (Hit(number.kind, grid.cell(row, column), number.masked) for number in found)
        column += len(cells)
