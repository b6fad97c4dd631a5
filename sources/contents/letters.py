"""Text documents (.docx): all that stands in body, headers, notes, text boxes, comments, deleted text included.

Office Open XML: ECMA-376 part 1, 17.3.2 (runs), 17.4 (tables), 17.13.5 (revisions), part 3 (AlternateContent).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from zipfile import ZipFile

from rules.guard import Cells, Grid, Part, Piece
from rules.guard.plain import SYMBOLS
from sources.contents.calls import called_by, set_in, shown_in
from sources.contents.limits import MOST_CELLS, MOST_XML, TOO_LARGE, Unreadable, attribute, parsed, read, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PARTS = (
    (re.compile(r"word/document\d*\.xml"), ""),
    (re.compile(r"word/header\d*\.xml"), "页眉"),
    (re.compile(r"word/footer\d*\.xml"), "页脚"),
    (re.compile(r"word/(?:footnotes|endnotes)\d*\.xml"), "脚注"),
    (re.compile(r"word/comments\d*\.xml"), "批注"),
    (re.compile(r"word/diagrams/data[^/]*\.xml"), "图示"),
)
#: The parts that are read here, whole.
STORIES = re.compile("|".join(pattern.pattern for pattern, _ in _PARTS))
#: Runs are joined as they stand: a number is often split over several.
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
#: Of fonts of symbols the ticked and the empty boxes, by the end of their code: F0FE, F052.
_BOXES = {f"{ord(sign) & 0xFF:02X}": "☐" if box == "□" else box for sign, box in SYMBOLS.items()}
_WRITTEN = frozenset(("t", "delText"))
#: What a revision took away, and what it put in its place.
_OUT = frozenset(("del", "moveFrom"))
_IN = frozenset(("ins", "moveTo"))
_DEEPEST = 100
_WIDEST = 200


def in_letter(label: str, archive: ZipFile) -> Iterator[Piece]:
    """The paragraphs as Parts, the tables as Grids; raises Unreadable. What a link calls stands behind its words."""
    called = {name: called_by(archive, name) for _, name in _stories(archive)}
    pieces = list(_told(label, archive, {}))
    if any(called.values()):
        shown = shown_in(pieces)
        unseen = {name: {i: n for i, n in links.items() if n not in shown} for name, links in called.items()}
        pieces = list(_told(label, archive, unseen))
    yield from pieces


def _told(label: str, archive: ZipFile, called: Mapping[str, Mapping[str, str]]) -> Iterator[Piece]:
    for where, name in _stories(archive):
        root = parsed(read(archive, name, MOST_XML))
        set_in(root, called.get(name, {}))
        yield from _Story(f"{label}{where}").pieces(root)


def _stories(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """The parts of the document that are read here, and what a person calls them."""
    for name in sorted(archive.namelist()):
        yield from ((called, name) for pattern, called in _PARTS if pattern.fullmatch(name))


class _Story:
    """One part of a document, its paragraphs and tables counted."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._paragraphs = 0
        self._tables = 0

    def pieces(self, element: Element, depth: int = 0, in_cell: bool = False) -> Iterator[Piece]:
        """The pieces below an element. A text box stands in a run: its paragraphs are their own."""
        if depth > _DEEPEST:
            raise Unreadable(TOO_LARGE)
        for child in _children(element):
            name = tag(child)
            if name == "p" and not in_cell:
                yield from self._paragraph(child)
            if name == "tbl":
                yield self._grid(child)
            if name == "textpath" and (text := attribute(child, "string")):
                yield Part(f"{self._label}水印", text)
            yield from self.pieces(child, depth + 1, in_cell=(in_cell or name == "tc") and name != "txbxContent")

    def _paragraph(self, paragraph: Element) -> Iterator[Piece]:
        self._paragraphs += 1
        where = f"{self._label}第{self._paragraphs}段"
        yield from (Part(where, text) for text in _texts(paragraph) if text.strip())

    def _grid(self, table: Element) -> Grid:
        self._tables += 1
        rows = tuple(tuple(_cells(row)) for row in _own(table, "tr"))
        if sum(len(row) for row in rows) > MOST_CELLS:
            raise Unreadable(TOO_LARGE)
        return Grid(f"{self._label}表格{self._tables}", rows, Cells.COUNTED)


def _children(element: Element) -> list[Element]:
    """Its children; of a drawing in two versions, the older is left out where it says nothing else."""
    if tag(element) != "AlternateContent":
        return list(element)
    first = ["".join(each.itertext()) for each in element if tag(each) == "Choice"]
    return [e for e in element if tag(e) == "Choice" or "".join(e.itertext()) not in first or not "".join(first)]


def _cells(row: Element) -> Iterator[str]:
    """A row's cells, one that spans several columns followed by empty ones."""
    yield from [""] * _number(row, "trPr", "gridBefore")
    for cell in _own(row, "tc"):
        yield "\n".join(text for paragraph in _own(cell, "p") for text in _texts(paragraph) if text)
        yield from [""] * (_number(cell, "tcPr", "gridSpan") - 1)


def _number(element: Element, properties: str, name: str) -> int:
    for held in element:
        if tag(held) == properties:
            values = [attribute(each, "val") for each in held if tag(each) == name]
            return min(int(values[0]), _WIDEST) if values and values[0].isdecimal() else 0
    return 0


def _own(element: Element, name: str) -> Iterator[Element]:
    """The elements of that name that belong to this one, not to a table or text box inside it."""
    for child in element:
        found = tag(child)
        if found == name:
            yield child
        elif found not in ("tbl", "txbxContent", "p"):
            yield from _own(child, name)


def _texts(paragraph: Element) -> list[str]:
    """What it says, and what it said before its revisions: digits of both would run together."""
    now, before = _text(paragraph, _OUT), _text(paragraph, _IN)
    return [now] if now == before else [now, before]


def _text(element: Element, without: frozenset[str]) -> str:
    """What an element's runs say, without the paragraphs that stand inside it."""
    written: list[str] = []
    for child in element:
        name = tag(child)
        if name in _WRITTEN:
            written.append(child.text or "")
        elif name in _SIGNS:
            written.append(_SIGNS[name])
        elif name == "sym":
            written.append(_symbol(attribute(child, "char")))
        elif name not in ("p", "tbl", "txbxContent", "pPr", "rPr") and name not in without:
            written.append(_text(child, without))
    return "".join(written)


def _symbol(code: str) -> str:
    """A sign given by its place in a font of symbols: ticked and empty boxes, "" for others (17.3.3.30)."""
    return _BOXES.get(code[-2:].upper(), "")
