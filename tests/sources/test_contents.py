"""Attachments are read whole, wherever a file hides its text, or held; none is passed unread."""

from __future__ import annotations

import struct
import zipfile
import zlib
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from pypdf import PdfReader, PdfWriter

from rules.guard import Cells, Grid, Hit, Kind, Part, scan
from sources.contents import Unreadable, marked_up, pieces_of
from tests.sources.attached import (
    BOX,
    IDENTITY,
    OLD_WORKBOOK,
    W,
    letter,
    paragraph,
    pdf,
    pdf_table,
    workbook_bytes,
    zipped,
)


def hits(name: str, content: bytes) -> dict[Kind, str]:
    """What is found in an attachment, and where first."""
    found: dict[Kind, str] = {}
    for hit in scan(pieces_of(name, content)):
        found.setdefault(hit.kind, hit.where)
    return found


def why_held(name: str, content: bytes) -> str:
    with pytest.raises(Unreadable) as held:
        pieces_of(name, content)
    return held.value.reason


def png() -> bytes:
    """A picture of two by two."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"\x00\xff\x00\xff" * 2)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", rows[:0] + zlib.compress(b"\x00\xff\x00" * 2))
        + chunk(b"IEND", b"")
    )


def roster() -> Workbook:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名单"
    sheet.append(["2024届自强奖学金名单"])
    sheet.append(["序号", "姓名", "专业", "出生日期", "家庭住址", "困难等级"])
    sheet.append([1, "张三", "机电", date(2003, 5, 6), "福建省南安市康美镇福田村", "特别困难"])
    return book


# Workbooks


def test_a_column_is_understood_by_its_heading_and_a_hit_names_the_cell() -> None:
    found = scan(pieces_of("名单.xlsx", workbook_bytes(roster())))
    assert set(found) == {
        Hit(Kind.BIRTH, "附件“名单.xlsx”工作表“名单”D3", "2003-**-**"),
        Hit(Kind.ADDRESS, "附件“名单.xlsx”工作表“名单”E3", "福建省******"),
        Hit(Kind.HARDSHIP, "附件“名单.xlsx”工作表“名单”F3", "****"),
    }


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read(state: str) -> None:
    book = Workbook()
    hidden = book.create_sheet("底稿")
    hidden["C5"] = IDENTITY
    hidden.sheet_state = state
    assert hits("a.xlsx", workbook_bytes(book)) == {Kind.ID: "附件“a.xlsx”工作表“底稿”（隐藏）C5"}


def test_hidden_rows_and_columns_are_read() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"], sheet["D9"] = f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}", 13812345678
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[9].hidden = True
    assert hits("a.xlsx", workbook_bytes(book)) == {
        Kind.ID: "附件“a.xlsx”工作表“Sheet”B2",
        Kind.PHONE: "附件“a.xlsx”工作表“Sheet”D9",
    }


def test_an_identity_number_that_was_typed_as_a_number_is_found_in_what_is_left_of_it() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([110101199003071000])
    sheet.append(["身份证号码", "姓名"])
    sheet.append([int(IDENTITY), "张三"])
    found = scan(pieces_of("a.xlsx", workbook_bytes(book)))
    assert [(hit.kind, hit.where[-2:]) for hit in found] == [(Kind.ID, "A1"), (Kind.ID, "A3")]


def test_notes_headings_and_sheet_names_of_a_workbook_are_read() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"].comment = Comment(f"张三 {IDENTITY}", "办公室")
    sheet.oddHeader.left.text = "秘密★1年"
    sheet.title = "13812345678"
    assert hits("a.xlsx", workbook_bytes(book)) == {
        Kind.PHONE: "附件“a.xlsx”工作表名", Kind.ID: "附件“a.xlsx”批注", Kind.CLASSIFIED: "附件“a.xlsx”页眉页脚",
    }  # fmt: skip


def test_what_a_pivot_table_or_a_link_still_holds_of_a_deleted_sheet_is_read() -> None:
    saved = BytesIO(workbook_bytes(Workbook()))
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("xl/pivotCache/pivotCacheRecords1.xml", f'<r><s v="张三"/><s v="{IDENTITY}"/></r>')
        archive.writestr("xl/externalLinks/externalLink1.xml", "<e><cell><v>13812345678</v></cell></e>")
    assert hits("a.xlsx", saved.getvalue()) == {
        Kind.ID: "附件“a.xlsx”数据透视表缓存",
        Kind.PHONE: "附件“a.xlsx”外部链接缓存",
    }


def test_digits_set_one_to_a_cell_are_read_together() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["身份证号", *IDENTITY])
    assert hits("表.xlsx", workbook_bytes(book)) == {Kind.ID: "附件“表.xlsx”工作表“Sheet”B1"}


def test_a_sheet_with_one_cell_at_its_far_end_is_held_before_it_takes_the_memory() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD900000"] = "a", "b"
    assert "过大" in why_held("a.xlsx", workbook_bytes(book))


def test_an_open_document_sheet_is_read_with_its_repeats() -> None:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    cell = f'<table:table-cell office:value-type="string"><text:p>{IDENTITY}</text:p></table:table-cell>'
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'

    def ods(rows: str) -> bytes:
        body = f'<office:body><office:spreadsheet><table:table table:name="表1">{rows}</table:table></office:spreadsheet></office:body>'
        return zipped({
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            "content.xml": f"<office:document-content {names}>{body}</office:document-content>",
        })  # fmt: skip

    assert hits("a.ods", ods(f"<table:table-row>{cell}</table:table-row>{empty}")) == {
        Kind.ID: "附件“a.ods”工作表“表1”A1"
    }
    bomb = cell.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"')
    assert "过大" in why_held(
        "a.ods", ods(f'<table:table-row table:number-rows-repeated="1048576">{bomb}</table:table-row>')
    )


def test_an_old_workbook_is_read_with_its_hidden_sheets() -> None:
    assert hits("a.xls", OLD_WORKBOOK) == {Kind.ID: "附件“a.xls”工作表“底稿”（隐藏）C5"}


def test_an_old_workbook_that_spans_too_much_is_held() -> None:
    said = struct.pack("<HHIIHHH", 0x200, 14, 0, 65_536, 0, 256, 0)
    assert "过大" in why_held("a.xls", OLD_WORKBOOK + said)


# Text documents


@given(st.lists(st.integers(1, 17), max_size=6).map(lambda cuts: sorted(set(cuts))))
def test_a_number_split_over_runs_is_found(cuts: list[int]) -> None:
    runs = [IDENTITY[start:end] for start, end in zip([0, *cuts], [*cuts, 18], strict=True)]
    assert hits("通知.docx", letter(paragraph("关于通知") + paragraph("身份证", *runs))) == {
        Kind.ID: "附件“通知.docx”第2段"
    }


def test_a_number_in_a_text_box_is_found_in_whichever_version_it_stands() -> None:
    def box(choice: str, fallback: str) -> bytes:
        inside = f"<wps:txbx><w:txbxContent>{choice}</w:txbxContent></wps:txbx>"
        older = f"<v:textbox><w:txbxContent>{fallback}</w:txbxContent></v:textbox>"
        drawing = f"<mc:AlternateContent><mc:Choice>{inside}</mc:Choice><mc:Fallback>{older}</mc:Fallback></mc:AlternateContent>"
        return letter(f"<w:p><w:r><w:t>正文</w:t></w:r><w:r>{drawing}</w:r></w:p>")

    number = paragraph(IDENTITY[:9], IDENTITY[9:])
    assert set(hits("a.docx", box(number, number))) == {Kind.ID}
    assert set(hits("a.docx", box(number, ""))) == set(hits("a.docx", box(paragraph("见下"), number))) == {Kind.ID}
    assert (
        sum(piece.text == IDENTITY for piece in pieces_of("a.docx", box(number, number)) if isinstance(piece, Part))
        == 1
    )


def test_headers_notes_comments_and_watermarks_of_a_letter_are_read() -> None:
    content = letter(
        paragraph("正文"),
        header1='<w:p><w:r><w:pict><v:shape><v:textpath string="机密★5年"/></v:shape></w:pict></w:r></w:p>',
        footer2=paragraph("内部资料", " 注意保存"), footnotes=paragraph(IDENTITY), comments=paragraph("张三的手机：13812345678"),
    )  # fmt: skip
    assert hits("a.docx", content) == {
        Kind.CLASSIFIED: "附件“a.docx”页眉水印", Kind.INTERNAL: "附件“a.docx”页脚第1段", Kind.ID: "附件“a.docx”脚注第1段", Kind.PHONE: "附件“a.docx”批注第1段",
    }  # fmt: skip


def test_deleted_text_is_read_and_does_not_run_into_what_replaced_it() -> None:
    revised = "<w:p><w:r><w:t>手机：1381234567</w:t></w:r><w:del><w:r><w:delText>8</w:delText></w:r></w:del><w:ins><w:r><w:t>9</w:t></w:r></w:ins></w:p>"
    shown = [hit.shown for hit in scan(pieces_of("a.docx", letter(revised)))]
    assert shown == ["138****5679", "138****5678"]


def test_a_table_of_a_letter_is_understood_by_its_headings() -> None:
    def row(*cells: str) -> str:
        return "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"

    wide = f'<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("专业班级")}'
    head, body = (
        row(paragraph("姓名"), wide, paragraph("学号"), paragraph("致贫原因")),
        row(*map(paragraph, ("张三", "机电", "1班", "2020010101", "因病"))),
    )
    found = scan(pieces_of("a.docx", letter(f"<w:tbl>{head}{body}</w:tbl>")))
    assert found == (
        Hit(Kind.HARDSHIP, "附件“a.docx”表格1第2行第5列", "****"),
        Hit(Kind.ROSTER, "附件“a.docx”表格1第2行第4列", "学号与姓名同列，共1行"),
    )


@pytest.mark.parametrize(("open_", "closed"), [("F0A8", "F0FE"), ("F06F", "F052"), ("f0a3", "f0fc"), ("00A8", "00FE")])
def test_boxes_of_the_fonts_of_symbols_are_read(open_: str, closed: str) -> None:
    def form(first: str, second: str) -> bytes:
        box = '<w:r><w:sym w:font="Wingdings" w:char="{}"/></w:r><w:r><w:t>{}公开</w:t></w:r>'
        return letter(f"<w:p><w:r><w:t>公开属性：</w:t></w:r>{box.format(first, '主动')}{box.format(second, '不予')}</w:p>")

    assert hits("a.docx", form(open_, closed)) == {Kind.INTERNAL: "附件“a.docx”第1段"}
    assert hits("a.docx", form(closed, open_)) == {}
    assert [piece.text for piece in pieces_of("a.docx", form("F0A8", "F0FE")) if isinstance(piece, Part)][1] == "公开属性：☐主动公开☑不予公开"


def test_a_file_set_into_a_letter_is_read() -> None:
    saved = BytesIO(letter(paragraph("见附表")))
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("word/embeddings/Sheet1.xlsx", workbook_bytes(roster()))
    assert hits("a.docx", saved.getvalue())[Kind.BIRTH] == "附件“a.docx”中的“Sheet1.xlsx”工作表“名单”D3"


def test_entities_and_letters_of_pictures_are_held() -> None:
    bomb = f'<!DOCTYPE a [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><w:document {W} {BOX}><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:document>'
    assert "损坏" in why_held("a.docx", zipped({"word/document.xml": bomb}))
    saved = BytesIO(letter("<w:p/>"))
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("word/media/image1.png", png())
    assert "只有图片" in why_held("a.docx", saved.getvalue())


# Portable documents


def test_a_pdf_is_read_page_by_page() -> None:
    content = pdf(
        "关于公布名单的通知", f"张三 {IDENTITY}", "学号 姓名 专业\n2020010101 张三 机电\n2020010102 李四 机电"
    )
    assert hits("名单.pdf", content) == {Kind.ID: "附件“名单.pdf”第2页", Kind.ROSTER: "附件“名单.pdf”第3页"}


def test_a_table_of_a_pdf_is_understood_by_its_headings() -> None:
    rows = [
        ["序号", "姓名", "学号", "出生日期", "困难等级"],
        ["1", "张三", "2020010101", "2003-05-06", "特别困难"],
        ["2", "李四", "2020010102", "2003-05-07", "无"],
    ]
    assert hits("a.pdf", pdf_table(rows)) == dict.fromkeys((Kind.BIRTH, Kind.HARDSHIP, Kind.ROSTER), "附件“a.pdf”第1页")


def test_a_number_broken_at_the_end_of_a_line_is_found() -> None:
    assert hits("a.pdf", pdf(f"身份证号{IDENTITY[:10]}\n{IDENTITY[10:]}")) == {Kind.ID: "附件“a.pdf”第1页"}


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_with_a_password_is_held_and_one_that_only_forbids_printing_is_read(algorithm: str) -> None:
    def locked(user: str) -> bytes:
        writer, made = PdfWriter(PdfReader(BytesIO(pdf(f"张三 {IDENTITY}")))), BytesIO()
        writer.encrypt(user, "owner", algorithm=algorithm)
        writer.write(made)
        return made.getvalue()

    assert "密码" in why_held("a.pdf", locked("secret"))
    assert set(hits("a.pdf", locked(""))) == {Kind.ID}


def test_a_scanned_page_is_held_and_named() -> None:
    assert why_held("a.pdf", pdf("这一页有文字，足够长，不是扫描件，可以检查。", "", picture=png())).startswith(
        "第2页是扫描件或图片"
    )


def test_a_blank_page_is_no_scan() -> None:
    assert hits("a.pdf", pdf("通知", "")) == {}


def test_a_file_attached_to_a_pdf_is_read() -> None:
    writer, made = PdfWriter(PdfReader(BytesIO(pdf("通知")))), BytesIO()
    writer.add_attachment("名单.csv", f"姓名,证件\n张三,{IDENTITY}".encode())
    writer.write(made)
    assert hits("a.pdf", made.getvalue()) == {Kind.ID: "附件“a.pdf”中的“名单.csv”B2"}


# Text, pages and zips


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_csv_is_read_in_whatever_charset(charset: str) -> None:
    content = "姓名,生日\n张三,2003-05-06\n".encode(charset)
    assert hits("名单.csv", content) == {Kind.BIRTH: "附件“名单.csv”B2"}


def test_a_text_is_read_by_lines_and_a_text_of_columns_as_a_table() -> None:
    assert hits("说明.txt", f"说明\n张三{IDENTITY}\n".encode("gbk")) == {Kind.ID: "附件“说明.txt”第2行"}
    assert hits("名单.txt", "姓名\t家庭住址\n张三\t南安市康美镇福田村3组\n".encode()) == {
        Kind.ADDRESS: "附件“名单.txt”B2"
    }


def test_a_table_exported_as_a_page_under_another_name_is_read_with_its_spans() -> None:
    page = (
        "<html><style>p{}</style><table><tr><th rowspan=2>序号</th><th rowspan=2>姓名</th><th colspan=2>家庭情况</th></tr><tr><th>困难等级</th><th>家庭住址</th></tr>"
        "<tr><td>1</td><td>张三</td><td>特别困难</td><td>南安市康美镇福田村3组</td></tr></table><p style='display:none'>秘密★1年</p></html>"
    )
    assert hits("名单.xls", page.encode("gbk")) == {
        Kind.HARDSHIP: "附件“名单.xls”表格1第3行第3列", Kind.ADDRESS: "附件“名单.xls”表格1第3行第4列", Kind.CLASSIFIED: "附件“名单.xls”第1段",
    }  # fmt: skip


def test_an_items_own_body_is_read_as_a_page() -> None:
    pieces = list(marked_up("正文", "<p>联系人：李老师</p><p>电话：13812345678</p><table><tr><td>a</td></tr></table>"))
    assert pieces == [
        Grid("正文表格1", (("a",),), Cells.COUNTED),
        Part("正文第1段", "联系人：李老师"),
        Part("正文第2段", "电话：13812345678"),
    ]
    assert scan(pieces) == ()


def test_a_zip_is_read_two_deep_and_its_names_in_gbk() -> None:
    inner = zipped({"名单.csv": f"张三,{IDENTITY}"})
    content = zipped({"XXXXXX/aa.zip": inner, "__MACOSX/._a": b"\x00"}).replace(b"XXXXXX", "二零级".encode("gbk"))
    assert hits("材料.zip", content) == {Kind.ID: "附件“材料.zip”中的“二零级/aa.zip”中的“名单.csv”B1"}
    assert "多层" in why_held("材料.zip", zipped({"a.zip": zipped({"b.zip": inner})}))


def test_an_unreadable_file_in_a_zip_holds_the_whole_and_is_named() -> None:
    assert why_held("a.zip", zipped({"说明.txt": "说明", "扫描.png": png()})).startswith("其中的“扫描.png”：图片")


def test_a_number_in_a_files_name_is_found_and_masked() -> None:
    (hit,) = scan(pieces_of(f"张三{IDENTITY}.txt", "说明".encode()))
    assert hit == Hit(Kind.ID, "附件“张三110101********1233.txt”的文件名", "110101********1233")


# What is held


def test_a_zip_bomb_is_held() -> None:
    assert "过大" in why_held("a.zip", zipped({"a.txt": b"0" * 20_000_000}))
    assert "过大" in why_held("a.zip", zipped({f"{n}.txt": b"" for n in range(2001)}))
    assert "过大" in why_held("a.txt", b"0" * 31_000_000)


def test_files_that_are_each_within_the_limits_are_held_when_they_are_too_much_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sources.contents.MOST_TEXT", 1000)
    assert "过大" in why_held("a.zip", zipped({f"{n}.txt": "说明文字" * 50 for n in range(10)}))


def test_an_encrypted_zip_is_held() -> None:
    content = bytearray(zipped({"a.txt": "a"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "密码" in why_held("a.zip", bytes(content))


def test_an_encrypted_office_file_is_held() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
    assert "密码" in why_held("a.xlsx", ole + "EncryptedPackage".encode("utf-16-le"))
    assert ".docx" in why_held("a.doc", ole + "WordDocument".encode("utf-16-le"))
    assert "损坏" in why_held("a.xls", ole + "Workbook".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xlsx", b"", "空"), ("a.rar", b"Rar!\x1a\x07\x00", "RAR"), ("a.7z", b"7z\xbc\xaf\x27\x1c", "7Z"), ("a.png", png(), "图片"), ("a.xlsx", b"\xff\xd8\xff\xe0", "图片"),
        ("a.xlsx", b"PK\x03\x04broken", "损坏"), ("a.pdf", b"%PDF-1.7\nbroken", "损坏"), ("a.dat", bytes(range(256)), "不认识"), ("a.docx", zipped({"word/document.xml": "<a"}), "损坏"),
        ("a.xlsx", zipped({"xl/workbook.xml": "<a"}), "损坏"), ("a.pptx", zipped({"[Content_Types].xml": "<a/>"}), "演示文稿"), ("a.rtf", b"{\\rtf1 a}", "不认识"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_held_and_says_why(name: str, content: bytes, word: str) -> None:
    assert word in why_held(name, content)


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"PK\x03\x04",
            b"%PDF-1.4\n",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00",
            b"<table>",
        ]
    ),
)
def test_any_bytes_are_read_or_held_and_nothing_else_happens(content: bytes, start: bytes) -> None:
    try:
        scan(pieces_of("附件.bin", start + content))
    except Unreadable as held:
        assert "，" in held.reason
