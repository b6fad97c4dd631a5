"""The same report in every kind of file gives the same findings; what cannot be read is told."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import docx
import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from desk import checkup
from desk.errors import DeskError
from rules.checkup import check
from tests.rules.old_reports import FAULTY, VOCATIONAL


def write(path: Path, text: str) -> Path:
    lines = text.split("\n")
    if path.suffix == ".docx":
        paper = docx.Document()
        for line in lines:
            paper.add_paragraph(line)
        paper.save(str(path))
    elif path.suffix == ".pdf":
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        style = ParagraphStyle("x", fontName="STSong-Light", fontSize=12, leading=20, wordWrap="CJK", spaceAfter=4)
        SimpleDocTemplate(str(path)).build([Paragraph(escape(line), style) for line in lines])
    elif path.suffix == ".html":
        path.write_text(f"<html><body>{''.join(f'<p>{escape(each)}</p>' for each in lines)}</body></html>", "utf-8")
    else:
        path.write_text(text, "gb18030")
    return path


@pytest.mark.parametrize("kind", ["docx", "txt", "html", "pdf"])
def test_the_kind_of_file_makes_no_difference(tmp_path: Path, kind: str) -> None:
    read = checkup.read(write(tmp_path / f"去年.{kind}", FAULTY))
    wanted = sorted((each.kind, each.expected, each.found) for each in check(FAULTY.split("\n")))
    assert sorted((each.kind, each.expected, each.found) for each in check(read)) == wanted


def test_the_page_says_where_and_what_to_do_and_ends_with_the_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = checkup.run(write(tmp_path / "去年.txt", FAULTY), as_json=False)
    out = capsys.readouterr().out
    assert f"共发现 {many} 处" in out and "147＋19＋15＋18＋114＝313条" in out and "原文：" in out
    assert checkup.run(write(tmp_path / "好的.docx", VOCATIONAL), as_json=False) == 0
    assert "没有发现问题" in capsys.readouterr().out
    checkup.run(write(tmp_path / "去年.html", FAULTY), as_json=True)
    assert {"kind", "paragraph", "quoted", "expected", "found", "fix"} == set(json.loads(capsys.readouterr().out)[0])


def test_a_file_that_cannot_be_read_is_told_with_what_can(tmp_path: Path) -> None:
    (tmp_path / "旧.doc").write_bytes(b"x")
    with pytest.raises(DeskError, match=r"另存为 \.docx"):
        checkup.read(tmp_path / "旧.doc")
    (tmp_path / "坏.docx").write_bytes(b"PK nothing")
    with pytest.raises(DeskError, match="没有读取"):
        checkup.read(tmp_path / "坏.docx")


def test_the_page_for_the_office_says_what_the_check_says() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "旧报告体检.md").read_text(encoding="utf-8")
    found = {each.kind: each for each in check(FAULTY.split("\n"))}
    for kind in ("合计不符", "数目不符"):
        assert f"| {kind} | {found[kind].expected} | {found[kind].found} |" in page
