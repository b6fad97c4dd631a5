"""Last year's report as paragraphs: .docx, .txt, .csv, .pdf, a saved page. A row of a table is one line, its cells apart by 　."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, Tag

from rules.guard import Part, Piece
from sources.contents import Unreadable, pieces_of
from sources.contents.limits import opened
from sources.contents.texts import decoded

__all__ = ["KINDS", "Unreadable", "paragraphs_of"]

KINDS = (".docx", ".txt", ".csv", ".pdf", ".html", ".htm")
#: What stands between the cells of a row.
BETWEEN = "\u3000"
_BLOCKS = ("p", "div", "li", "tr", "table", "br", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "section", "article")
_NOT_SAID = ("script", "style", "title", "nav", "footer", "select", "noscript")
#: A cell longer than this is no cell: the page lays out its text in a table.
_LONGEST_CELL = 120
_ASIDE = re.compile(r"页眉|页脚|批注|图示|文件名|水印|图表|文本框|超链接|文件属性|其他内容")


def paragraphs_of(name: str, content: bytes) -> list[str]:
    """A report's paragraphs in order; raises Unreadable."""
    low = name.lower()
    if low.endswith((".html", ".htm")):
        return list(_of_page(decoded(content)))
    _refuse_workbook(content)
    label = f"附件“{name}”"
    said = [each for each in pieces_of(name, content) if not _ASIDE.match(each.where.removeprefix(label).lstrip("的"))]
    lines = [line for piece in said for line in _lines(piece)]
    return list(joined(lines)) if low.endswith(".pdf") else lines


def _refuse_workbook(content: bytes) -> None:
    """Raise Unreadable for a workbook under another name: its cells are no report's paragraphs."""
    if content.startswith(b"PK"):
        with opened(content) as archive:
            if "xl/workbook.xml" in archive.namelist():
                raise Unreadable("文件其实是 .xlsx 表格，只是改了扩展名，无法体检，请换成报告原文后重新体检")


def _lines(piece: Piece) -> Iterator[str]:
    if isinstance(piece, Part):
        yield from piece.text.splitlines()
        return
    for row in piece.rows:
        cells = ["".join(cell.split()) if len(cell) < _LONGEST_CELL else cell for cell in row]
        if any(len(cell) >= _LONGEST_CELL for cell in cells):
            yield from (line for cell in cells for line in cell.splitlines())
        else:
            yield BETWEEN.join(cells)


def _of_page(text: str) -> Iterator[str]:
    """The paragraphs of a page; tables that hold other tables or whole texts only lay it out."""
    page = BeautifulSoup(text, "html.parser")
    for tag in page(_NOT_SAID):
        tag.decompose()
    for sign in page.find_all(string=True):  # a break in the source is none on the page
        sign.replace_with(re.sub(r"[\r\n]+\s*", "", sign))
    for row in page("tr"):
        cells = row(["td", "th"], recursive=False)
        if _is_row(cells):
            shown = ("".join(cell.get_text().split()) for cell in cells)
            row.string = BETWEEN.join(shown)
    for tag in page(_BLOCKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
    yield from filter(None, (line.strip() for line in page.get_text().splitlines()))


def _is_row(cells: list[Tag]) -> bool:
    return len(cells) > 1 and not any(cell.find("table") or len(cell.get_text()) > _LONGEST_CELL for cell in cells)


#: What begins a paragraph of its own: a heading, a numbered line.
_BEGINS = re.compile(r"^\s*([一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}\s*[.、．]\s*\D|附件)")
_PAGE_NUMBER = re.compile(r"^\s*[-—–－\s]*(?:第\s*)?\d{1,3}(?:\s*页)?[-—–－\s]*$")
#: A line that fills less of the page's width is a paragraph's last.
_FULL = 0.85


def joined(lines: Iterable[str]) -> Iterator[str]:
    """A page's lines as paragraphs: one goes on until a line that is not full, a full stop, or the next number."""
    said = [line.strip() for line in lines if line.strip() and not _PAGE_NUMBER.match(line)]
    full = _FULL * max(map(_width, said), default=0)
    held = ""
    for line, before in zip(said, ["", *said], strict=False):
        if held and (_BEGINS.match(line) or before.endswith("。") or _width(before) < full):
            yield held
            held = ""
        held += line
    if held:
        yield held


def _width(line: str) -> int:
    """How wide a line is printed, in half characters."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line)
