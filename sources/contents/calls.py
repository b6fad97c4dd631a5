"""Telephone numbers behind links: of what a file shows otherwise they are the same, others stand where their link does."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from rules.guard import Grid, Kind, Part, Piece
from rules.guard.numbers import numbers_in
from rules.guard.plain import plain
from sources.contents.limits import MOST_XML, attribute, parsed, read, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: A mobile number to call or to mail.
_CALL = re.compile(
    r"(?:tel|sms|callto):(?:\+?86)?-?1[3-9](?:[-. ]?[0-9]){9}(?![0-9Xx])|(?<![0-9])1[3-9][0-9]{9}(?=@)", re.IGNORECASE
)
_DIGITS = 11
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\b[^>]*>")
_REFERENCE = re.compile(rb"\b(ref|\w+:id)=[\"']([^\"']+)[\"']")
_CELL = re.compile("([A-Z]{1,3})([0-9]{1,7})")

#: Numbers by the place of their link: a cell's row and column, counted from 0.
Placed = Mapping[tuple[int, int], str]
#: The mobile numbers that a file shows, found when they are asked for: few files have a link that calls one.
Shown = Callable[[], frozenset[str]]


def shown_in(pieces: Iterable[Piece]) -> frozenset[str]:
    """The mobile numbers that the pieces show."""
    texts = (text for piece in pieces for text in _texts(piece) if len(text) >= _DIGITS)
    return frozenset(n.digits for text in texts for n in numbers_in(plain(text)) if n.kind is Kind.PHONE)


def _texts(piece: Piece) -> Iterator[str]:
    yield from (piece.text,) if isinstance(piece, Part) else (text for row in piece.rows for text in row)


def without_shown(text: str, shown: Shown) -> str:
    """The text without the numbers to call or mail that are shown: there they are judged, an office's contact or not."""
    return _CALL.sub(lambda call: " " if _digits(call[0]) in shown() else call[0], text)


def called_by(archive: ZipFile, part: str) -> dict[str, str]:
    """The mobile numbers that a part's links call or mail, by the names of its relationships."""
    targets = _relations(archive, part).items()
    return {name: call for name, target in targets if (call := number_called(unquote(target)))}


def number_called(address: str) -> str:
    """The mobile number that a link's address calls or mails; "" if there is none."""
    call = _CALL.search(address)
    return _digits(call[0]) if call else ""


def _relations(archive: ZipFile, part: str) -> dict[str, str]:
    """Where a part's relationships point to, by their names."""
    room, name = posixpath.split(part)
    rels = f"{room}/_rels/{name}.rels"
    if rels not in archive.namelist():
        return {}
    return {attribute(each, "Id"): attribute(each, "Target") for each in parsed(read(archive, rels, MOST_XML))}


def _digits(call: str) -> str:
    return re.sub("[^0-9]", "", call)[-_DIGITS:]


def set_in(root: Element, called: Mapping[str, str]) -> None:
    """Write the numbers behind the words of the links that call them."""
    for link in [each for each in root.iter() if tag(each) == "hyperlink"] if called else []:
        if number := called.get(attribute(link, "id")):
            run = link.makeelement("t", {})
            run.text = f" {number}"
            link.append(run)


def with_calls(sheets: list[Piece], archive: ZipFile) -> list[Piece]:
    """The sheets, each behind its name, with the numbers in the cells that link to them, but those they show."""
    called = dict(_by_sheet(archive))
    if not called:
        return sheets
    shown = shown_in(sheets)
    names = [piece.text if isinstance(piece, Part) else "" for piece in [Part("", ""), *sheets]]
    return [
        _set(piece, called.get(name, {}), shown) if isinstance(piece, Grid) else piece
        for name, piece in zip(names, sheets, strict=False)
    ]


def _set(grid: Grid, called: Placed, shown: frozenset[str]) -> Grid:
    rows = list(grid.rows)
    for (row, column), number in called.items():
        if number not in shown and row < len(rows) and column < len(rows[row]):
            cells = list(rows[row])
            cells[column] = f"{cells[column]} {number}"
            rows[row] = tuple(cells)
    return replace(grid, rows=tuple(rows))


def _by_sheet(archive: ZipFile) -> Iterator[tuple[str, Placed]]:
    rels = _relations(archive, "xl/workbook.xml")
    for sheet in parsed(read(archive, "xl/workbook.xml", MOST_XML)).iter():
        if tag(sheet) == "sheet" and (target := rels.get(attribute(sheet, "id"), "")):
            part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
            if called := called_by(archive, part):
                yield attribute(sheet, "name"), dict(_cells(read(archive, part, 5 * MOST_XML), called))


def _cells(sheet: bytes, called: Mapping[str, str]) -> Iterator[tuple[tuple[int, int], str]]:
    for link in _LINK.findall(sheet):
        said = {key.decode().rpartition(":")[2]: value.decode() for key, value in _REFERENCE.findall(link)}
        cell = _CELL.match(said.get("ref", ""))
        if cell and said.get("id") in called:
            column = 0
            for letter in cell[1]:
                column = column * 26 + ord(letter) - ord("A") + 1
            yield (int(cell[2]) - 1, column - 1), called[said["id"]]
