"""The yearly report as .docx. Every figure is a bookmark, named after its place in 统计数据.json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from desk.papers import chart
from desk.papers.blocks import SLOT, Block, pieces, plain
from desk.papers.layout import HEI, SMALL, THREE, WIDTH, face, new
from jobs.rows import bookmark

#: The widths of a table's columns (mm), by its first header; the others get one wide column and equal ones.
WIDTHS = {
    "项目": (70, 22, 22, 42),
    "序号": (10, 62, 22, 18, 44), "月份": (39, 39, 39, 39), "大类": (58, 74, 24), "责任部门": (116, 40),
    "渠道": (36, *(10,) * 12), "渠道 ": (34, 30, 24, 18, 26, 24), "目标受众": (36, *(20,) * 6),
}  # fmt: skip


def write(path: Path, title: str, blocks: Iterable[Block]) -> None:
    """Write the document; raises OSError."""
    paper = new()
    paper.core_properties.title, paper.core_properties.author = title[:255], ""  # no more is allowed
    letter = Letter(paper)
    for block in blocks:
        letter.add(block)
    paper.save(str(path))


class Letter:
    """A document that grows block by block."""

    def __init__(self, paper: Document) -> None:
        self._paper = paper
        self._names: dict[str, int] = {}
        self._marks = 0
        self._breaks = False

    def add(self, block: Block) -> None:
        """One more block at the end."""
        getattr(self, f"_{block.kind}")(block)

    def _line(self, text: str, style: str) -> Any:
        line = self._paper.add_paragraph(style=style)
        if self._breaks:
            line.paragraph_format.page_break_before, self._breaks = True, False
        self._fill(line, text)
        return line

    def _fill(self, line: Any, text: str) -> list[Any]:
        """Words as runs; each figure a run inside a bookmark."""
        runs = []
        for piece in pieces(text):
            if not piece.figure:
                runs.append(line.add_run(piece.text))
                continue
            self._mark(line, "start", piece.figure)
            runs.append(line.add_run(piece.text))
            self._mark(line, "end")
        return runs

    def _mark(self, line: Any, kind: str, place: str = "") -> None:
        mark = OxmlElement(f"w:bookmark{kind.title()}")
        if kind == "start":
            self._marks += 1
            name = bookmark(place)
            self._names[name] = nth = self._names.get(name, 0) + 1
            mark.set(qn("w:name"), name if nth == 1 else f"{name}__{nth}")
        mark.set(qn("w:id"), str(self._marks))
        line._p.append(mark)

    # -- each kind of block

    def _title(self, block: Block) -> None:
        self._line(block.text, "Title")
        self._line("", "Normal")

    def _h1(self, block: Block) -> None:
        self._line(block.text, "Heading 1")

    def _h2(self, block: Block) -> None:
        self._line(block.text, "Heading 2")

    def _annex(self, block: Block) -> None:
        self._line(block.text, "Heading 3")

    def _caption(self, block: Block) -> None:
        self._line(block.text, "附件标题").paragraph_format.space_after = Pt(8)

    def _tablehead(self, block: Block) -> None:
        self._line(block.text, "表题")

    def _p(self, block: Block) -> None:
        self._line(block.text, "Normal")

    def _small(self, block: Block) -> None:
        self._line(block.text, "表注").paragraph_format.space_after = Pt(8)

    def _attached(self, block: Block) -> None:
        """附件说明 stays with the 署名 below it: no page holds the 署名 alone (GB/T 9704, 7.3.5)."""
        self._line(block.text, "Normal").paragraph_format.keep_with_next = True

    def _slot(self, block: Block) -> None:
        """What a person must still write, on a yellow ground."""
        self._yellow(self._line(f"【{SLOT}：{block.text}】", "Normal"))

    def _yellow(self, line: Any) -> None:
        for run in line.runs:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def _note(self, block: Block) -> None:
        """未核对, before all else."""
        line = self._line(block.text, "Normal")
        for run in line.runs:
            run.font.highlight_color = WD_COLOR_INDEX.PINK
            face(run._element.get_or_add_rPr(), HEI)

    def _sign(self, block: Block) -> None:
        """署名: four signs from the right edge, after an empty line."""
        self._line("", "Normal").paragraph_format.keep_with_next = True
        line = self._line(block.text, "Normal")
        line.paragraph_format.keep_with_next = True
        self._right(line)

    def _sign_slot(self, block: Block) -> None:
        line = self._line(f"【{SLOT}：{block.text}】", "Normal")
        self._yellow(line)
        self._right(line)

    def _right(self, line: Any) -> None:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = THREE * 4

    def _break(self, block: Block) -> None:
        self._breaks = True

    def _chart(self, block: Block) -> None:
        chart.into(self._paper, block.text, [(row[0], plain(row[1])) for row in block.rows])

    def _table(self, block: Block) -> None:
        """Borders all round, the header repeated on each page, no row torn apart."""
        header = block.rows[0]
        widths = WIDTHS.get(header[0], (36, *((WIDTH - 36) / max(len(header) - 1, 1),) * (len(header) - 1)))
        table = self._paper.add_table(rows=len(block.rows), cols=len(header), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _margins(table, 0.8)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row, texts in zip(table.rows, block.rows, strict=True):
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            self._row(row, texts, widths, head=texts is header)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    def _row(self, row: Any, texts: Sequence[str], widths: Sequence[float], *, head: bool) -> None:
        narrow = len(widths) > 8
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
            line = cell.paragraphs[0]
            line.style = self._paper.styles["表格文字"]
            words = plain(text)
            if head or words == "—" or words.lstrip("-").isdigit():
                line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            for n, part in enumerate(text.split("\n")):
                if n:
                    line.add_run().add_break()
                runs = [_link(self._paper, line, part)] if part.startswith("http") else self._fill(line, part)
                for run in runs:
                    _shape(run, head=head, narrow=narrow)


def _shape(run: Any, *, head: bool, narrow: bool) -> None:
    if head:
        face(run._element.get_or_add_rPr(), HEI)
    if narrow:
        run.font.size = SMALL


def _margins(table: Any, side: float) -> None:
    """The room left and right inside each cell (mm)."""
    margins = OxmlElement("w:tblCellMar")
    for name in ("left", "right"):
        edge = OxmlElement(f"w:{name}")
        edge.set(qn("w:w"), str(Mm(side).twips))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.addprevious(margins)
    else:
        table._tbl.tblPr.append(margins)


def _link(paper: Document, line: Any, address: str) -> Any:
    """An address that can be clicked, in small print."""
    run = line.add_run(address)
    run.font.size = Pt(7.5)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paper.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(run._element)
    line._p.append(link)
    return run
