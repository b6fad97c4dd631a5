"""The yearly report as .docx."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt

from desk.papers import chart
from desk.papers.layout import BODY, HEI, SMALL, THREE, face, new
from desk.papers.prose import SLOT, Block

#: The widths of a table's columns (mm), by how many it has and what the first one is called.
WIDTHS = {"序号": (10, 66, 24, 22, 34), "月份": (39, 39, 39, 39), "大类": (62, 70, 24)}
_WHOLE = 156


def write(path: Path, blocks: Iterable[Block]) -> None:
    """Write the document; raises OSError."""
    paper = new()
    for block in blocks:
        _WRITERS[block.kind](paper, block)
    paper.save(str(path))


def _heading(style: str) -> Any:
    def write_one(paper: Document, block: Block) -> None:
        paper.add_paragraph(block.text, style=style)

    return write_one


def _slot(paper: Document, block: Block) -> None:
    """What a person must still write, on a yellow ground."""
    run = paper.add_paragraph().add_run(f"【{SLOT}：{block.text}】")
    run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _note(paper: Document, block: Block) -> None:
    line = paper.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = line.add_run(block.text)
    run.font.highlight_color = WD_COLOR_INDEX.RED
    face(run._element.get_or_add_rPr(), HEI)


def _sign(paper: Document, block: Block) -> None:
    """署名 and 成文日期: four signs from the right edge."""
    line = paper.add_paragraph(block.text)
    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    line.paragraph_format.right_indent = THREE * 4


def _small(paper: Document, block: Block) -> None:
    run = paper.add_paragraph().add_run(block.text)
    run.font.size = SMALL


def _break(paper: Document, block: Block) -> None:
    paper.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _table(paper: Document, block: Block) -> None:
    """Borders all round, the header repeated on each page."""
    header, *rows = block.rows
    table = paper.add_table(rows=1, cols=len(header), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = WIDTHS.get(header[0], (36, *((_WHOLE - 36) / (len(header) - 1),) * (len(header) - 1)))
    for number, name in enumerate(header):
        _cell(table.rows[0].cells[number], name, widths[number], HEI)
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in rows:
        cells = table.add_row().cells
        for number, text in enumerate(row):
            _cell(cells[number], text, widths[number], BODY)


def _cell(cell: Any, text: str, width: float, font: str) -> None:
    cell.width = Mm(width)
    line = cell.paragraphs[0]
    line.paragraph_format.first_line_indent = Pt(0)
    line.paragraph_format.line_spacing = 1.0
    number = text.lstrip("-").isdigit() or text == "—"
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER if number or font == HEI else WD_ALIGN_PARAGRAPH.LEFT
    run = line.add_run(text)
    run.font.size = Pt(8) if text.startswith("http") else SMALL
    face(run._element.get_or_add_rPr(), font)


def _chart(paper: Document, block: Block) -> None:
    chart.into(paper, block.text, [(row[0], row[1]) for row in block.rows])


_WRITERS: dict[str, Any] = {
    "title": _heading("Title"), "h1": _heading("Heading 1"), "h2": _heading("Heading 2"), "annex": _heading("Heading 3"),
    "p": _heading("Normal"), "slot": _slot, "note": _note, "sign": _sign, "small": _small, "break": _break,
    "table": _table, "chart": _chart,
}  # fmt: skip
