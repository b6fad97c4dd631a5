"""The layout of official documents for a .docx: GB/T 9704-2012 (22 lines of 28 signs, fonts by name, — 1 —)."""

from __future__ import annotations

from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

#: Fonts by name, whether this machine has them or not; figures and letters are Times New Roman.
TITLE, BODY, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
#: 3号, 2号, 4号, 小四 (points), and the pitch of a line.
THREE, TWO, FOUR, SMALL = Pt(16), Pt(22), Pt(14), Pt(10.5)
PITCH = Pt(28)


def new() -> Document:
    """An empty document with page, grid, styles and page numbers set."""
    paper = docx.Document()
    _page(paper)
    _style(paper, "Normal", BODY, THREE, indent=True)
    _style(paper, "Title", TITLE, TWO, align=WD_ALIGN_PARAGRAPH.CENTER, after=28)
    _style(paper, "Heading 1", HEI, THREE, indent=True)
    _style(paper, "Heading 2", KAI, THREE, indent=True)
    _style(paper, "Heading 3", HEI, THREE)
    _numbers(paper)
    return paper


def _page(paper: Document) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), "580")  # 225 mm / 22 in twentieths of a point
    grid.set(qn("w:charSpace"), "-849")  # 156 mm / 28 less 16 points, in 4096ths
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)


def _style(
    paper: Document, name: str, font: str, size: Any, *, align: Any = None, indent: bool = False, after: int = 0
) -> None:
    style = paper.styles[name]
    style.font.size, style.font.bold, style.font.italic = size, False, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    face(style.element.get_or_add_rPr(), font)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(0), Pt(after)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
    shape.first_line_indent = size * 2 if indent else Pt(0)
    if name == "Title":
        borders = style.element.pPr.find(qn("w:pBdr"))
        if borders is not None:
            style.element.pPr.remove(borders)
        shape.line_spacing = Pt(34)
    if align is not None:
        shape.alignment = align


def face(properties: Any, font: str) -> None:
    """Chinese signs in this font, the others in Times New Roman; a theme's fonts would win, so they go."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", font), ("cs", LATIN)):
        fonts.set(qn(f"w:{name}"), value)


def _numbers(paper: Document) -> None:
    """— 1 —: on odd pages at the right, on even ones at the left, a sign's width from the edge."""
    paper.settings.odd_and_even_pages_header_footer = True
    section = paper.sections[0]
    for footer, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        line = footer.paragraphs[0]
        line.alignment = align
        line.paragraph_format.first_line_indent = Pt(0)
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = FOUR
        for kind, text in (("", "— "), ("field", "PAGE"), ("", " —")):
            run = line.add_run(text if not kind else "")
            run.font.size = FOUR
            face(run._element.get_or_add_rPr(), SONG)
            if kind:
                _field(run._element, text)


def _field(run: Any, name: str) -> None:
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = name
            run.append(text)
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run.append(mark)
