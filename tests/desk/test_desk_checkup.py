"""The same report in every kind of file gives the same findings; what cannot be read is told."""

from __future__ import annotations

import json
import re
import zipfile
from html import escape
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from pypdf import PdfWriter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

import bot
from desk import checkup
from desk.errors import DeskError
from desk.papers.write import REPORT
from rules.checkup import Kind
from rules.registers import Applications, Registers
from store.db import Db
from tests.desk.papers import written
from tests.rules.old_reports import CLEAN, FAULTY, VOCATIONAL, WITH_TABLE
from tests.rules.reading import found as found_in

KINDS = ("docx", "txt", "html", "pdf")


def write(path: Path, text: str) -> Path:
    """The report as a file of its suffix; lines with wide spaces become rows of tables where the kind has tables."""
    lines = text.split("\n")
    if path.suffix == ".docx":
        _letter(path, lines)
    elif path.suffix == ".pdf":
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        style = ParagraphStyle("x", fontName="STSong-Light", fontSize=12, leading=20, wordWrap="CJK", spaceAfter=4)
        SimpleDocTemplate(str(path)).build([Paragraph(escape(line), style) for line in lines])
    elif path.suffix == ".html":
        path.write_text(_page(lines), "utf-8")
    else:
        path.write_text(text, "gb18030")
    return path


def _letter(path: Path, lines: list[str]) -> None:
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = "共计1条（甲2条、乙3条）"  # not the report's
    for line in lines:
        cells = line.split("\u3000")
        if len(cells) == 1:
            paper.add_paragraph(line)
            continue
        if paper.element.body[-2].tag.endswith("}tbl"):
            table = paper.tables[-1]
        else:
            table = paper.add_table(rows=0, cols=len(cells))
        for cell, words in zip(table.add_row().cells, cells, strict=True):
            cell.text = words
    paper.save(str(path))


def _page(lines: list[str]) -> str:
    body = ""
    for line in lines:
        cells = [escape(cell) for cell in line.split("\u3000")]
        row = f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        body += f"<p>\n  {cells[0]}\n</p>" if len(cells) == 1 else f"<table>{row}</table>"
    body = body.replace("</table><table>", "")
    script = "<script>var x = '共计1条（甲2条、乙3条）'</script>"
    layout = f"<table><tr><td><ul><li>首页</li></ul></td><td>{body}</td></tr></table>"
    return f"<html><head><title>信息公开</title>{script}</head><body>{layout}</body></html>"


def same(found: list[checkup.Finding]) -> list[tuple[Kind, str, str]]:
    return [(each.kind, each.expected, each.found) for each in found]


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_file_makes_no_difference(tmp_path: Path, kind: str) -> None:
    read = checkup.read(write(tmp_path / f"去年.{kind}", FAULTY))
    assert same(checkup.findings(read)) == same(found_in(FAULTY))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_report_stays_clean_in_every_kind_of_file(tmp_path: Path, kind: str, name: str) -> None:
    read = checkup.read(write(tmp_path / f"去年.{kind}", CLEAN[name]))
    assert same(checkup.findings(read)) == []


@pytest.mark.parametrize("kind", ["docx", "html", "txt"])
def test_the_columns_of_a_table_are_added_up_in_every_kind_that_has_tables(tmp_path: Path, kind: str) -> None:
    broken = WITH_TABLE.replace("合计\u30001486", "合计\u30001487")
    [only] = checkup.findings(checkup.read(write(tmp_path / f"去年.{kind}", broken)))
    assert (only.kind, only.expected, only.quoted) == (Kind.SUM, "1203＋240＋12＋31＝1486", "合计\u30001487\u3000—")


@pytest.mark.parametrize("kind", ["docx", "txt"])
def test_the_paragraph_named_is_the_one_a_person_counts_to(tmp_path: Path, kind: str) -> None:
    found = checkup.findings(checkup.read(write(tmp_path / f"去年.{kind}", FAULTY)))
    assert [each.paragraph for each in found] == [each.paragraph for each in found_in(FAULTY)]


def test_the_page_says_where_and_what_to_do_and_ends_with_the_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = checkup.run(write(tmp_path / "去年.txt", FAULTY), as_json=False)
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == f"去年.txt：共读26段，发现 {many} 处"
    where = "“二、主动公开情况”第6段"
    assert f"合计不符（{where}）：应为 147＋19＋15＋18＋114＝313条，现为 268条\n   原文：本学年共公开" in out
    assert checkup.run(write(tmp_path / "好的.docx", VOCATIONAL), as_json=False) == 0
    assert "没有发现问题" in capsys.readouterr().out


def test_json_has_every_finding_with_its_place(tmp_path: Path) -> None:
    file = write(tmp_path / "去年.html", FAULTY)
    ran = CliRunner().invoke(bot.bot, ["check-report", str(file), "--json"])
    assert ran.exit_code == 1
    first, *_ = found = json.loads(ran.output)
    assert set(first) == {"kind", "part", "paragraph", "quoted", "expected", "found", "fix"}
    assert len(found) == len(found_in(FAULTY))


def test_the_exit_code_is_0_for_a_clean_report_and_1_for_one_with_findings(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "好.txt", VOCATIONAL), write(tmp_path / "坏.txt", FAULTY)
    assert CliRunner().invoke(bot.bot, ["check-report", str(good)]).exit_code == 0
    assert CliRunner().invoke(bot.bot, ["check-report", str(bad)]).exit_code == 1


def test_a_file_that_cannot_be_read_is_told_with_its_name_and_what_can(tmp_path: Path) -> None:
    (tmp_path / "旧.doc").write_bytes(b"x")
    with pytest.raises(DeskError, match=r"旧\.doc .*另存为 \.docx"):
        checkup.read(tmp_path / "旧.doc")
    (tmp_path / "坏.docx").write_bytes(b"PK nothing")
    with pytest.raises(DeskError, match=r"坏\.docx 没有读取"):
        checkup.read(tmp_path / "坏.docx")
    (tmp_path / "空.txt").write_text(" \n ", "utf-8")
    with pytest.raises(DeskError, match=r"空\.txt"):
        checkup.read(tmp_path / "空.txt")
    with zipfile.ZipFile(tmp_path / "炸.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"<a>" + b" " * 60_000_000 + b"</a>")
    with pytest.raises(DeskError, match=r"炸\.docx 没有读取：文件过大，未能体检，请只留报告正文后重新体检$"):
        checkup.read(tmp_path / "炸.docx")


def test_what_is_said_of_a_file_tells_to_check_again_not_to_register(tmp_path: Path) -> None:
    (tmp_path / "空.pdf").write_bytes(b"%PDF-1.4\n")
    with pytest.raises(DeskError) as told:
        checkup.read(tmp_path / "空.pdf")
    assert "登记" not in str(told.value) and "重新体检" in str(told.value)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
KINDS_READ = ".docx、.txt、.csv、.pdf 或 .html"
SAID = (
    ("乱码.docx", bytes(range(256)) * 9, f"内容与扩展名不符，.*请打开原件另存为 {KINDS_READ} 后重新体检"),
    ("乱码.docx", b"PK\x03\x04" + bytes(900), "已损坏或没有存完，无法体检，请用 WPS 或 Office 打开另存后重新体检"),
    ("图.docx", b"\x89PNG\r\n", f"图片无法体检，请换成 {KINDS_READ} 的报告后重新体检"),
    ("旧.docx", OLE + "WordDocument".encode("utf-16-le"), "请另存为 .docx 或 .pdf 后重新体检"),
    ("密.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "加了密码，无法体检，请取消密码后重新体检"),
    ("空.docx", b"", "文件是空的，无法体检，请换成有文字的报告后重新体检"),
    ("空.txt", b"", "文件是空的，无法体检，请换成有文字的报告后重新体检"),
    ("空.html", b"", "里没有文字，无法体检。请换成有文字的报告"),
    ("旧.doc", OLE, r"可用：.*；\.doc、\.wps 请先另存为 \.docx"),
    ("表.xlsx", b"PK", r"可用：.*\.xlsx、\.xls 另存为 \.csv"),
)


@pytest.mark.parametrize(("name", "content", "told"), SAID)
def test_a_file_that_cannot_be_read_is_named_with_what_is_wrong_and_what_to_do_next(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DeskError, match=told) as error:
        checkup.read(tmp_path / name)
    said = str(error.value)
    assert said.startswith(name) and "登记" not in said and "检查" not in said
    assert re.search(r"(?:另存为|换成) [^；，]*\.(?:xlsx|zip)", said) is None


@pytest.mark.parametrize("name", ["表.docx", "表.csv", "表.pdf"])
def test_a_workbook_under_another_name_is_told_to_be_one(tmp_path: Path, name: str) -> None:
    book = Workbook()
    book.active.append(["共计268条（甲147条、乙19条）"])
    book.save(tmp_path / name)
    with pytest.raises(DeskError, match=r"其实是 \.xlsx 表格，只是改了扩展名，无法体检，请换成报告原文后重新体检$"):
        checkup.read(tmp_path / name)


def test_a_pdf_with_a_password_says_to_remove_it(tmp_path: Path) -> None:
    paper = PdfWriter()
    paper.add_blank_page(200, 200)
    paper.encrypt("secret")
    paper.write(tmp_path / "密.pdf")
    with pytest.raises(DeskError, match=r"^密\.pdf 没有读取：文件加了密码，无法体检，请取消密码后重新体检$"):
        checkup.read(tmp_path / "密.pdf")


def test_a_file_that_another_program_keeps_open_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "锁.txt", VOCATIONAL)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    ran = CliRunner().invoke(bot.bot, ["check-report", str(file)])
    assert ran.exit_code == 1
    assert "正被其他程序" in ran.stderr and "锁.txt" in ran.stderr and "请关闭它或检查权限后再试" in ran.stderr


def test_the_name_and_the_signs_of_a_file_make_no_difference(tmp_path: Path) -> None:
    """Half or full width: brackets, colons, digits, plus signs; a copy's name."""
    narrow = str.maketrans("（）：；，０１２３４５６７８９＋", "():;,0123456789+")
    text = "二、主动公开情况\n共公开２６８条（１４７＋１９）。\n共公开3个小项：（1）甲；（2）乙。\n共公开268条：\n学校工作149条：略。\n财务120条：略。"
    said = [checkup.findings(checkup.read(write(tmp_path / f"去年（2）.{kind}", text))) for kind in ("docx", "txt")]
    said.append(checkup.findings(checkup.read(write(tmp_path / "去年(2).docx", text.translate(narrow)))))
    assert same(said[0]) == same(said[1]) == same(said[2])
    assert {"147＋19＝166条", "列出2个小项", "149＋120＝269条"} <= {each.expected for each in said[0]}


def test_the_school_may_name_its_ways_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taxonomy").mkdir()
    ways = tmp_path / "taxonomy" / "ways.csv"
    ways.write_text("途径,称呼\n黑板报,黑板报\n", "utf-8")
    monkeypatch.setattr(checkup, "config_folder", lambda: tmp_path)
    kinds = [each.kind for each in checkup.findings(VOCATIONAL.split("\n"))]
    assert kinds == [Kind.NO_FIGURE]
    ways.write_text("途径,称呼\n黑板报,\n", "utf-8")
    with pytest.raises(DeskError, match=r"ways\.csv 第2行"):
        checkup.findings([])


#: Every register opened, as the office fills them in.
OPENED = Registers(
    applications=Applications(
        carried_in=1, received=3, answered=3, carried_out=1, late=0, late_open=0, by_answer={"予以公开": 2, "不予公开": 1}, fees=0,
        waived=0,
    ),
    closed={"国家秘密": 1, "个人隐私": 2}, opinions=5, score=4.2, surveys=(200, 190, 180), complaints=0, reviews=0,
    lawsuits=0, inquiries={"电话": 3, "来访": 2}, consultations=(2, 9, 3), trainings=(2, 36), rules_made=1,
)  # fmt: skip


@pytest.fixture(scope="session")
def own(year_db: Db, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Our own report of a year, with every register opened."""
    papers = written(year_db, tmp_path_factory.mktemp("own"), OPENED)
    return "\n".join(checkup.read(papers.folder / REPORT))


@pytest.mark.parametrize("registers", [None, OPENED])
def test_our_own_report_has_only_slots_that_a_person_must_fill_in(
    year_db: Db, tmp_path: Path, registers: Registers | None
) -> None:
    papers = written(year_db, tmp_path / "年报", registers)
    found = checkup.findings(checkup.read(papers.folder / REPORT))
    assert {each.kind for each in found} <= {Kind.UNFILLED, Kind.UNANSWERED}


#: One number of our own report, what somebody makes of it, and what is said of it.
CHANGED = (
    ("主动公开信息29条", "主动公开信息39条", "11＋8＋10＝29条"),
    ("社会20条", "社会21条", "21＋9＝30条"),
    ("按内容分为3个大类", "按内容分为4个大类", "列出3个大类"),
    ("事项，共计11条", "事项，共计12条", "7＋4＝11条"),
    ("学科建设4条", "学科建设5条", "7＋5＝12条"),
    ("公开28条，逾期", "公开27条，逾期", "27＋1＝28条"),
    ("逾期公开1条", "逾期公开2条", "28＋2＝30条"),
    ("应推送31条次", "应推送30条次", "31条次"),
    ("成功31条次", "成功38条次", "38条次"),
    ("失败6条次", "失败5条次", "24＋5＝29条次"),
    ("办结3件", "办结4件", "结转和新收1＋3＝4件"),
    ("个人隐私2条", "个人隐私3条", "1＋3＝4条"),
    ("收回190份", "收回210份", "不多于200份"),
    ("接受咨询5次", "接受咨询6次", "3＋2＝5次"),
    ("采纳3条", "采纳10条", "不多于9条"),
    ("满意率94.7%", "满意率194.7%", "不超过100%"),
)


@pytest.mark.parametrize(("old", "new", "expected"), CHANGED)
def test_one_number_changed_in_our_own_report_is_found(own: str, old: str, new: str, expected: str) -> None:
    assert old in own
    before = {(each.kind, each.expected) for each in found_in(own)}
    now = {(each.kind, each.expected) for each in found_in(own.replace(old, new, 1))}
    assert expected in {said for _, said in now - before}
