"""Plain text, .csv and web pages."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from io import StringIO
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from rules.guard import Cells, Grid, Part, Piece
from sources.contents.calls import number_called, shown_in
from sources.contents.limits import MOST_CELLS, TOO_LARGE, Unreadable

UNKNOWN = "文件种类不认识，无法检查，请另存为 .docx、.xlsx、.pdf 或 .csv 后重新登记"
_MARKUP = re.compile(r"\s*(?:<!doctype html|<html|<head|<meta|<body|<table|<div|<p\b)", re.IGNORECASE)
#: What a reader sees on lines of its own; text of other tags runs on.
_BLOCKS = [
    "p", "div", "li", "td", "th", "tr", "table", "br", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "title", "option", "section", "article",
    "header", "footer", "main", "nav", "aside", "pre", "blockquote", "center", "ul", "ol", "dl", "hr", "figure", "figcaption", "caption", "address",
    "form", "fieldset", "legend", "details", "summary", "button", "textarea",
]  # fmt: skip
#: The end of a line in a page's source shows as a blank; other lines are kept apart, a mark may stand on its own.
_WRAPPED = re.compile(r"(?<=[0-9])[ \t]*\r?\n[ \t]*(?=[0-9])")
_WIDEST = 100
_DELIMITERS = ("\t", ",", ";", "，")


def decoded(content: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or GBK; raises Unreadable for what is no text."""
    charsets = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for charset in charsets:
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if _reads(text):
            return text
    raise Unreadable(UNKNOWN)


def _reads(text: str) -> bool:
    odd = sum(unicodedata.category(sign) in ("Cc", "Co", "Cn") and sign not in "\t\r\n\f" for sign in text[:20_000])
    return "\x00" not in text and odd <= len(text[:20_000]) * 0.01


def in_text(label: str, name: str, content: bytes) -> Iterator[Piece]:
    """A .csv or a text of columns as a Grid, a page's tables as Grids, other text by lines; raises Unreadable."""
    text = decoded(content)
    if _MARKUP.match(text) or name.lower().endswith((".htm", ".html")):
        yield from marked_up(label, text)
    elif text.lstrip().startswith(("<?xml", "{\\rtf")):
        raise Unreadable(UNKNOWN)
    elif delimiter := _delimiter(name, text):
        yield Grid(label, _rows(text, delimiter))
    else:
        yield from (Part(f"{label}第{n}行", line) for n, line in enumerate(text.splitlines(), start=1) if line.strip())


def _delimiter(name: str, text: str) -> str:
    """What sets the columns apart: of a .csv whatever its first rows have most, of other text a tab."""
    head = "\n".join(text.splitlines()[:20])
    marks = _DELIMITERS if name.lower().endswith((".csv", ".tsv")) else ("\t",)
    best = max(marks, key=head.count)
    return best if head.count(best) or marks is _DELIMITERS else ""


def _rows(text: str, delimiter: str) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    try:
        rows.extend(tuple(row) for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:  # a quotation mark that never closes: by lines, then
        rows = [tuple(line.split(delimiter)) for line in text.splitlines()]
    if sum(len(row) for row in rows) > MOST_CELLS:
        raise Unreadable(TOO_LARGE)
    return tuple(rows)


def marked_up(label: str, text: str) -> Iterator[Piece]:
    """A page's tables as Grids, the rest by its paragraphs; hidden parts are read, scripts and styles are not."""
    page = BeautifulSoup(_WRAPPED.sub(" ", text), "html.parser")
    for tag in page(["script", "style"]):
        tag.decompose()
    _set_calls(page)
    for tag in page(_BLOCKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
    tables = page("table")
    for number, table in enumerate(tables, start=1):
        yield Grid(f"{label}表格{number}", tuple(_table_rows(table)), Cells.COUNTED)
    for table in tables:
        if not table.decomposed:
            table.replace_with("\n")
    lines = (line.strip() for line in page.get_text().splitlines())
    yield from (Part(f"{label}第{n}段", line) for n, line in enumerate(filter(None, lines), start=1))


def _set_calls(page: BeautifulSoup) -> None:
    """Write the numbers that links call and the page does not show behind the words of these links."""
    called = [(link, number) for link in page("a") if (number := number_called(unquote(str(link.get("href", "")))))]
    shown = shown_in([Part("", page.get_text("\n"))]) if called else ()
    for link, number in called:
        if number not in shown:
            link.append(f" {number}")


def _table_rows(table: Tag) -> Iterator[tuple[str, ...]]:
    """The table's own rows; a cell over several rows or columns leaves empty ones behind it."""
    taken: dict[int, int] = {}
    for row in table("tr"):
        if row.find_parent("table") is not table:
            continue
        cells: dict[int, str] = {}
        column = 0
        for cell in row(["td", "th"], recursive=False):
            while taken.get(column, 0) > 0:
                column += 1
            width = _span(cell, "colspan")
            cells[column] = " ".join(cell.get_text().split())
            taken.update((at, _span(cell, "rowspan")) for at in range(column, column + width))
            column += width
        taken = {at: left - 1 for at, left in taken.items() if left > 1}
        yield tuple(cells.get(at, "") for at in range(max(cells, default=-1) + 1))


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), _WIDEST) if value.isdecimal() else 1
