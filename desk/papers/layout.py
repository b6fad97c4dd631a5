"""The layout of official documents for a .docx: GB/T 9704-2012 (A4, 22 lines of 28 signs, fonts by name, — 1 —)."""

from __future__ import annotations

from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor, Twips

#: Fonts by name, whether this machine has them or not; figures and letters are Times New Roman.
TITLE, BODY, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
#: 3号, 2号, 4号, 五号, 小五 (points).
THREE, TWO, FOUR, FIVE, SMALL = Pt(16), Pt(22), Pt(14), Pt(10.5), Pt(9)
#: 版心 156 × 225 mm: 22 lines and no 23rd; signs of 16 points set 0.25 closer, so that 28 and no 29th stand in a line.
PITCH, CLOSER = Twips(579), -5
#: Between the lines of a title.
TITLE_PITCH = Pt(35)
#: The width of the text (mm).
WIDTH = 156
#: Styles of our own: what they are based on, font, size, alignment.
_OWN = {
    "表题": (HEI, THREE, WD_ALIGN_PARAGRAPH.LEFT), "附件标题": (TITLE, TWO, WD_ALIGN_PARAGRAPH.CENTER),
    "表格文字": (BODY, FIVE, WD_ALIGN_PARAGRAPH.LEFT), "表注": (BODY, FIVE, WD_ALIGN_PARAGRAPH.LEFT),
}  # fmt: skip


def new() -> Document:
    """An empty document with page, grid, styles and page numbers set."""
    paper = docx.Document()
    _language(paper)
    _page(paper)
    _style(paper, "Normal", BODY, THREE, indent=True)
    _close_up(paper)
    _style(paper, "Title", TITLE, TWO, align=WD_ALIGN_PARAGRAPH.CENTER)
    _style(paper, "Heading 1", HEI, THREE, indent=True)
    _style(paper, "Heading 2", KAI, THREE, indent=True)
    _style(paper, "Heading 3", HEI, THREE)
    for name, (font, size, align) in _OWN.items():
        paper.styles.add_style(name, 1).base_style = paper.styles["Normal"]
        _style(paper, name, font, size, align=align)
    for name in ("表格文字", "表注"):
        off_grid(paper.styles[name])
    for name in ("Title", "附件标题"):
        off_grid(paper.styles[name], TITLE_PITCH)
    paper.styles["表题"].paragraph_format.keep_with_next = True
    _numbers(paper)
    return paper


def _language(paper: Document) -> None:
    """Chinese, so that signs get Chinese shapes and no line begins with a stop."""
    for language in paper.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _page(paper: Document) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")  # a grid of signs too is drawn at another width by each program
    grid.set(qn("w:linePitch"), str(PITCH.twips))
    section._sectPr.append(grid)


def _style(paper: Document, name: str, font: str, size: Length, *, align: Any = None, indent: bool = False) -> None:
    style = paper.styles[name]
    style.font.size, style.font.bold, style.font.italic = size, False, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    face(style.element.get_or_add_rPr(), font)
    shape = style.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
    shape.first_line_indent = size * 2 if indent else Pt(0)
    shape.widow_control = False
    borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:
        style.element.pPr.remove(borders)
    if align is not None:
        shape.alignment = align


def _close_up(paper: Document) -> None:
    """28 signs in a line of 156 mm."""
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(CLOSER))
    paper.styles["Normal"].element.rPr.find(qn("w:sz")).addprevious(spacing)


def off_grid(style: Any, pitch: Length | None = None) -> None:
    """Small print keeps its own line height, a title its `pitch`."""
    if pitch is None:
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        style.paragraph_format.line_spacing = pitch
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    shape = style.element.pPr
    shape.find(qn("w:spacing")).addprevious(snap)


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
        shape = line.paragraph_format
        shape.first_line_indent = Pt(0)
        shape.left_indent = shape.right_indent = FOUR
        for text in ("— ", "", " —"):
            run = line.add_run(text)
            run.font.size = FOUR
            face(run._element.get_or_add_rPr(), SONG)
            if not text:
                _page_number(run._element)


def _page_number(run: Any) -> None:
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = "PAGE"
            run.append(text)
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run.append(mark)
