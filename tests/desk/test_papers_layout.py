"""GB/T 9704-2012, read back from the file and, where an office program is there, from the page it lays out."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx.oxml.ns import qn

from desk.papers import letter, write
from desk.papers.blocks import Block
from tests.desk.papers import Papers, converted, needs_office


def test_the_page_is_that_of_the_standard(papers: Papers) -> None:
    section = papers.letter.sections[0]
    sides = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin)
    assert [round(side.mm) for side in (*sides, section.right_margin) if side is not None] == [210, 297, 37, 35, 28, 26]


def test_the_fonts_are_named_for_chinese_and_for_figures(papers: Papers) -> None:
    wanted = {"Title": "方正小标宋简体", "Normal": "仿宋_GB2312", "Heading 1": "黑体", "Heading 2": "楷体_GB2312"}
    for name, font in wanted.items():
        fonts = papers.letter.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == font and fonts.get(qn("w:ascii")) == "Times New Roman"
        assert not [key for key in fonts.attrib if "heme" in key]  # a theme's font would win
    assert papers.letter.styles["Normal"].font.size.pt == 16 and papers.letter.styles["Title"].font.size.pt == 22


def test_headings_are_real_ones_and_body_text_is_indented_by_two_signs(papers: Papers) -> None:
    styles = {line.text: line.style.name for line in papers.letter.paragraphs if line.style is not None}
    assert styles["二、主动公开情况"] == "Heading 1" and styles["（一）公开内容"] == "Heading 2"
    assert papers.letter.styles["Normal"].paragraph_format.first_line_indent.pt == 32


def test_page_numbers_stand_between_dashes_outside_on_both_sides(papers: Papers) -> None:
    section = papers.letter.sections[0]
    assert papers.letter.settings.odd_and_even_pages_header_footer
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (2, 0)
    assert [line.text for line in (odd, even)] == ["—  —"] * 2 and "PAGE" in odd._p.xml


def test_what_is_to_be_written_stands_on_a_yellow_ground(papers: Papers) -> None:
    slots = [line for line in papers.letter.paragraphs if "待填写" in line.text]
    assert len(slots) > 10 and all(run.font.highlight_color == 7 for line in slots for run in line.runs)


def test_the_header_of_a_table_is_repeated_and_no_row_is_torn(papers: Papers) -> None:
    for table in papers.letter.tables:
        marks = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert marks == [True] + [False] * (len(marks) - 1)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert sum(column.width.mm for column in table.columns) <= 157


def test_the_charts_are_parts_of_the_document_that_programs_draw_themselves(papers: Papers) -> None:
    with zipfile.ZipFile(papers.folder / write.REPORT) as parts:
        charts = [name for name in parts.namelist() if name.startswith("word/charts/")]
        kinds = parts.read("[Content_Types].xml").decode()
        first = parts.read(charts[0]).decode()
    assert len(charts) == 2 and kinds.count("drawingml.chart+xml") == 2
    drawn = re.findall(r"<(?:\w+:)?v>([^<]*)</", first)
    assert "20-09" in drawn and str(papers.plain["items"]["months"]["2020-09"]) in drawn


@needs_office
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not installed")
def test_laid_out_a_page_of_text_is_22_lines_of_28_signs(tmp_path: Path) -> None:
    letter.write(tmp_path / "满页.docx", "满页", [Block("p", "信" * (22 * 28 * 2 - 2))])
    pages = _pages(converted(tmp_path / "满页.docx", "pdf", tmp_path))
    assert [page[-1] for page in pages] == ["—1—", "—2—"]
    assert [len(line) for page in pages for line in page[:-1]] == [26] + [28] * 43


def _pages(laid: Path) -> list[list[str]]:
    """The lines of each page, without blanks."""
    text = subprocess.run(["pdftotext", "-layout", str(laid), "-"], capture_output=True, check=True).stdout.decode()
    lines = [[re.sub(r"\s", "", line) for line in page.splitlines()] for page in text.split("\f")]
    return [kept for page in lines if (kept := [line for line in page if line])]


@needs_office
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not installed")
@pytest.mark.parametrize("lines", [18, 20])
def test_laid_out_no_page_holds_the_signature_alone(tmp_path: Path, lines: int) -> None:
    end = [Block("attached", "附件：1.甲"), Block("attached", "2.乙"), Block("sign", "示例学院"), Block("sign_slot", "成文日期")]
    letter.write(tmp_path / "署名.docx", "署名", [Block("p", "信" * (28 * lines - 2)), *end])
    *_, last = _pages(converted(tmp_path / "署名.docx", "pdf", tmp_path))
    assert "附件：1.甲" in last and "示例学院" in last


@needs_office
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not installed")
def test_laid_out_each_annex_begins_a_page_and_the_report_has_as_many_as_it_needs(
    papers: Papers, tmp_path: Path
) -> None:
    (tmp_path / "版面").mkdir()
    pages = _pages(converted(papers.folder / write.REPORT, "pdf", tmp_path / "版面"))
    assert [page[0] for page in pages if page[0].startswith("附件") and len(page[0]) == 3] == [
        "附件1",
        "附件2",
        "附件3",
    ]
    assert 6 <= len(pages) <= 20 and [page[-1] for page in pages] == [f"—{n}—" for n in range(1, len(pages) + 1)]


@needs_office
@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts (poppler) is not installed")
def test_laid_out_every_font_is_embedded_whatever_the_machine_has(papers: Papers, tmp_path: Path) -> None:
    (tmp_path / "版面").mkdir()
    laid = converted(papers.folder / write.REPORT, "pdf", tmp_path / "版面")
    fonts = subprocess.run(["pdffonts", str(laid)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(line.split()[-5] == "yes" for line in fonts)
