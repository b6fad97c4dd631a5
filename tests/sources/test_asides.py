"""What an office file carries beside its cells and text is read: charts, links, lists to choose from, names, titles."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from rules.guard import Kind, scan
from sources.contents import Unreadable, pieces_of
from tests.sources.attached import IDENTITY, W, letter, paragraph, workbook_bytes
from tests.sources.test_contents import hits, png

CHART = (
    '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart>'
    "<c:title><c:tx><c:rich><a:p><a:r><a:t>{title}</a:t></a:r><a:r><a:t>{rest}</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:ser><c:cat><c:strRef>"
    '<c:f>Sheet1!$A$2:$A$3</c:f><c:strCache><c:pt idx="0"><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:cat></c:ser></c:plotArea></c:chart></c:chartSpace>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="hyperlink" Target="{target}" TargetMode="{mode}"/></Relationships>'
)


def sheet_of(book: Workbook) -> Worksheet:
    assert isinstance(book.active, Worksheet)
    return book.active


def with_parts(content: bytes, **parts: str) -> bytes:
    """The file with further parts, of whose names / is written __ and . is written _DOT_."""
    saved = BytesIO(content)
    with zipfile.ZipFile(saved, "a") as archive:
        for name, xml in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), xml)
    return saved.getvalue()


def charted(title: str, value: str) -> Workbook:
    """A workbook with a chart, its title and its values as given."""
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(["类别", "人数"])
    sheet.append([value, 3])
    chart = BarChart()
    chart.title = title
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "D2")
    return book


def test_the_title_and_the_cache_of_a_workbooks_chart_are_read() -> None:
    assert hits("a.xlsx", workbook_bytes(charted(f"张三{IDENTITY}", "一等"))) == {Kind.ID: "附件“a.xlsx”图表"}
    cached = with_parts(
        workbook_bytes(Workbook()), xl__charts__chart1_DOT_xml=CHART.format(title="获奖", rest="情况", name=IDENTITY)
    )
    assert hits("a.xlsx", cached) == {Kind.ID: "附件“a.xlsx”图表"}


def choose(sheet: Worksheet) -> None:
    sheet.add_data_validation(DataValidation("list", sqref="B2", formula1=f'"张三,{IDENTITY}"'))


def hint(sheet: Worksheet) -> None:
    sheet.add_data_validation(DataValidation("whole", sqref="B2", prompt=f"如 {IDENTITY}", promptTitle="填写"))


def link(sheet: Worksheet) -> None:
    sheet["A1"] = "名单"
    sheet["A1"].hyperlink = f"https://www.example.edu.cn/?id={IDENTITY}"


def tip(sheet: Worksheet) -> None:
    link(sheet)
    assert sheet["A1"].hyperlink is not None
    sheet["A1"].hyperlink.target = "https://www.example.edu.cn/"
    sheet["A1"].hyperlink.tooltip = f"张三 {IDENTITY}"


def formula(sheet: Worksheet) -> None:
    sheet["A1"] = f'=IF(B1="{IDENTITY}","是","否")'


def foot(sheet: Worksheet) -> None:
    sheet.evenFooter.center.text = f"张三{IDENTITY}"


def note(sheet: Worksheet) -> None:
    sheet["A1"].comment = Comment(f"张三{IDENTITY}", "办公室")


def name(sheet: Worksheet) -> None:
    assert sheet.parent is not None
    sheet.parent.defined_names["本人"] = DefinedName("本人", attr_text=f'"{IDENTITY}"')


@pytest.mark.parametrize(
    ("hide", "where"),
    [
        (choose, "公式和下拉列表"), (formula, "公式和下拉列表"), (hint, "超链接和输入提示"), (tip, "超链接和输入提示"), (link, "超链接"), (foot, "页眉页脚"), (note, "批注"), (name, "定义的名称"),
    ],
)  # fmt: skip
def test_what_a_workbook_carries_around_its_cells_is_read(hide: Callable[[Worksheet], None], where: str) -> None:
    book = Workbook()
    sheet_of(book)["C1"] = "说明"
    hide(sheet_of(book))
    assert hits("a.xlsx", workbook_bytes(book)) == {Kind.ID: f"附件“a.xlsx”{where}"}


def test_the_name_of_a_picture_an_old_text_box_and_the_properties_of_a_workbook_are_read() -> None:
    book = Workbook()
    sheet_of(book)["A1"] = "说明"
    book.properties.title = f"张三{IDENTITY}"
    assert hits("a.xlsx", workbook_bytes(book)) == {Kind.ID: "附件“a.xlsx”文件属性"}
    box = f'<xml><v:shape id="1"><v:textbox><div>张三<br>{IDENTITY}</div></v:textbox><x:Row>1</x:Row></v:shape></xml>'
    plain = workbook_bytes(Workbook())
    assert hits("a.xlsx", with_parts(plain, xl__drawings__vmlDrawing1_DOT_vml=box)) == {Kind.ID: "附件“a.xlsx”文本框"}
    drawn = f'<xdr:wsDr xmlns:xdr="x"><xdr:pic><xdr:cNvPr id="2" name="{IDENTITY}.jpg"/></xdr:pic></xdr:wsDr>'
    assert hits("a.xlsx", with_parts(plain, xl__drawings__drawing1_DOT_xml=drawn)) == {Kind.ID: "附件“a.xlsx”文本框"}


def test_what_an_ordinary_workbook_carries_is_nobodys() -> None:
    book = charted("2024年奖学金获奖情况", "一等")
    sheet = sheet_of(book)
    book.defined_names["范围"] = DefinedName("范围", attr_text="Sheet!$A$1:$B$1048576")
    sheet.add_data_validation(DataValidation("list", sqref="B2", formula1='"主动公开,依申请公开,不予公开"'))
    sheet.add_data_validation(DataValidation("list", sqref="B2", formula1='"绝密,机密,秘密,内部"', promptTitle="密级", prompt="请选择密级"))
    sheet.add_data_validation(DataValidation("list", sqref="B2", formula1='"特别困难,一般困难"'))
    sheet["D1"], sheet["D2"] = "总数", '=IF(B2>0,"合格","不合格")'
    sheet["E1"].hyperlink = "https://www.example.edu.cn/info/1016/20230901123456789.htm"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    for column in range(1, 40):
        note = Comment("已核对", "办公室")
        sheet.cell(3, column).comment = note
    assert scan(pieces_of("a.xlsx", workbook_bytes(book))) == ()


def linking(words: str, target: str, before: str = "") -> bytes:
    """A letter of one paragraph whose last words link there."""
    body = f'<w:p><w:r><w:t>{before}</w:t></w:r><w:hyperlink xmlns:r="r" r:id="rId1"><w:r><w:t>{words}</w:t></w:r></w:hyperlink></w:p>'
    return with_parts(letter(body), word___rels__document_DOT_xml_DOT_rels=LINKS.format(target=target, mode="External"))


@pytest.mark.parametrize("target", ["mailto:13812345678@example.com", "tel:13812345678", "tel:+8613812345678"])
def test_an_address_to_mail_or_call_is_judged_by_the_text_that_shows_it(target: str) -> None:
    book = Workbook()
    sheet_of(book)["A1"] = "联系人：李老师，13812345678@example.com"
    sheet_of(book)["A1"].hyperlink = target
    assert hits("a.xlsx", workbook_bytes(book)) == {}
    for words in ("联系人：李老师", "联系人：李老师，13812345678"):
        assert hits("a.docx", linking(words, target)) == {}
    assert hits("a.docx", with_parts(letter(paragraph("a")), word___rels__document_DOT_xml_DOT_rels=LINKS.format(target=f"mailto:{IDENTITY}@example.com", mode="External"))) == {Kind.ID: "附件“a.docx”超链接"}


CALLS = ["tel:13812345678", "tel:138-1234-5678", "tel:+8613812345678", "sms:13812345678", "mailto:13812345678@139.com", "mailto:13812345678%40139.com"]


@pytest.mark.parametrize("target", CALLS)
def test_a_number_that_only_a_link_holds_is_judged_where_the_link_stands(target: str) -> None:
    def listed(*heads: str) -> bytes:
        book = Workbook()
        book.create_sheet("说明")
        sheet = book.create_sheet("名单")
        sheet.append(heads)
        sheet.append(["教务处", "张三"])
        sheet["B2"].hyperlink = target
        return workbook_bytes(book)

    assert hits("a.xlsx", listed("部门", "姓名")) == {Kind.PHONE: "附件“a.xlsx”工作表“名单”B2"}
    assert hits("a.xlsx", listed("部门", "联系人")) == {}
    assert hits("a.docx", linking("张三", target, "获奖名单：")) == {Kind.PHONE: "附件“a.docx”第1段"}
    assert hits("a.docx", linking("李老师", target, "联系人：")) == {}
    page = f'<table><tr><td>姓名</td><td>班级</td></tr><tr><td><a href="{target}">张三</a></td><td>1班</td></tr></table><p>联系人：<a href="{target}">李老师</a></p>'
    assert hits("a.html", page.encode()) == {Kind.PHONE: "附件“a.html”表格1第2行第1列"}


def test_a_link_that_calls_a_number_that_shows_elsewhere_is_judged_there() -> None:
    book = Workbook()
    sheet_of(book).append(["姓名", "班级"])
    sheet_of(book).append(["张三", "1班"])
    sheet_of(book)["A2"].hyperlink = "tel:13812345678"
    book.create_sheet("联系")["A1"] = "咨询电话：138-1234-5678"
    assert hits("a.xlsx", workbook_bytes(book)) == {}


def test_the_number_of_a_link_in_a_field_or_a_drawing_is_read() -> None:
    def field(words: str) -> bytes:
        return letter(f'<w:p><w:r><w:instrText>HYPERLINK "tel:13812345678"</w:instrText></w:r><w:r><w:t>{words}</w:t></w:r></w:p>')

    assert hits("a.docx", field("张三")) == {Kind.PHONE: "附件“a.docx”的其他内容"}
    assert hits("a.docx", field("联系人：李老师")) == hits("a.docx", field("咨询电话：13812345678")) == {}
    rels = LINKS.format(target="tel:13812345678", mode="External")
    drawn = with_parts(workbook_bytes(Workbook()), xl__drawings___rels__drawing1_DOT_xml_DOT_rels=rels)
    assert hits("a.xlsx", drawn) == {Kind.PHONE: "附件“a.xlsx”超链接"}


def test_properties_left_from_a_template_or_a_draft_mark_nothing_but_persons_and_levels_are_read() -> None:
    def titled(title: str, text: str = "关于评选的通知") -> bytes:
        core = f'<cp:coreProperties xmlns:cp="a" xmlns:dc="b"><dc:title>{title}</dc:title></cp:coreProperties>'
        return with_parts(letter(paragraph(text)), docProps__core_DOT_xml=core)

    for title in ("信息公开实施办法（征求意见稿）", "内部资料", "此件不公开", "内部★", "征求意见稿"):
        assert hits("a.docx", titled(title)) == {}
        assert len(hits("a.docx", titled("", title))) == 1
    for title, kind in (("秘密★1年", Kind.CLASSIFIED), ("秘密", Kind.CLASSIFIED), ("张三13812345678", Kind.PHONE), (IDENTITY, Kind.ID)):
        assert hits("a.docx", titled(title)) == {kind: "附件“a.docx”文件属性"}


def test_a_workbook_of_nothing_but_pictures_is_held_whatever_they_are_called() -> None:
    def pictured(text: str) -> bytes:
        book = Workbook()
        sheet_of(book)["A1"] = text
        sheet_of(book).add_image(Image(BytesIO(png())))
        return workbook_bytes(book)

    with pytest.raises(Unreadable, match="只有图片"):
        pieces_of("a.xlsx", pictured(""))
    assert scan(pieces_of("a.xlsx", pictured("说明"))) == ()


A = 'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:wne="x"'


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (with_parts(letter(paragraph("见图")), word__charts__chart1_DOT_xml=CHART.format(title=IDENTITY[:9], rest=IDENTITY[9:], name="一等")), "图表"),
        (with_parts(letter(paragraph("见图")), word__charts__chart1_DOT_xml=CHART.format(title="图", rest="一", name=IDENTITY)), "图表"),
        (with_parts(letter(paragraph("见图")), word__drawings__drawing1_DOT_xml=f'<d xmlns:a="a"><a:p><a:r><a:t>{IDENTITY}</a:t></a:r></a:p></d>'), "文本框"),
        (with_parts(letter(paragraph("见此")), word___rels__document_DOT_xml_DOT_rels=LINKS.format(target=f"http://www.example.edu.cn/{IDENTITY}", mode="External")), "超链接"),
        (letter(f'{paragraph("见图")}<w:p><w:r><w:drawing><wp:docPr {A} id="1" name="图片 1" descr="{IDENTITY}.jpg"/></w:drawing></w:r></w:p>'), "的其他内容"),
        (letter(f'{paragraph("见此")}<w:p><w:hyperlink w:tooltip="{IDENTITY}"/></w:p>'), "的其他内容"),
        (letter(f'<w:p><w:r><w:instrText>HYPERLINK "x?{IDENTITY[:9]}</w:instrText></w:r><w:r><w:instrText>{IDENTITY[9:]}"</w:instrText></w:r><w:r><w:t>见此</w:t></w:r></w:p>'), "的其他内容"),
        (letter(f'<w:p><w:sdt><w:dropDownList><w:listItem w:displayText="张三" w:value="{IDENTITY}"/></w:dropDownList></w:sdt><w:r><w:t>选</w:t></w:r></w:p>'), "的其他内容"),
        (letter(paragraph("正文"), settings=f'<w:docVar w:name="a" w:val="{IDENTITY}"/>'), "的其他内容"),
        (with_parts(letter(paragraph("正文")), customXml__item1_DOT_xml=f"<data><id>{IDENTITY}</id></data>"), "的其他内容"),
        (with_parts(letter(paragraph("正文")), word__afchunk1_DOT_htm=f"<html><p>{IDENTITY}</p></html>"), "中的“afchunk1.htm”第1段"),
    ],
)  # fmt: skip
def test_what_a_letter_carries_beside_its_text_is_read(content: bytes, where: str) -> None:
    assert hits("a.docx", content) == {Kind.ID: f"附件“a.docx”{where}"}


def test_what_an_ordinary_letter_carries_is_nobodys() -> None:
    fields = "".join(
        f'<w:p><w:bookmarkStart w:id="{n}" w:name="_Toc1381234{n:04}"/><w:r><w:instrText> PAGEREF _Toc1381234{n:04} \\h </w:instrText></w:r><w:r><w:t>第一章</w:t></w:r></w:p>'
        for n in range(60)
    )
    drawn = f'<w:p><w:r><w:drawing><wp:docPr {A} id="1" name="图片 1" descr="微信图片_20240901083000"/></w:drawing></w:r></w:p>'
    content = with_parts(
        letter(fields + drawn, settings='<w:rsid w:val="00138123"/><w:docVar w:name="commondata" w:val="eyJoZGlkIjoi"/>'),
        word__charts__chart1_DOT_xml=CHART.format(title="招生", rest="计划", name="2024"),
        word___rels__document_DOT_xml_DOT_rels=LINKS.format(target="https://www.example.edu.cn/info/1016/1.htm", mode="External"),
        docProps__app_DOT_xml=f"<Properties {W}><Pages>12</Pages><Application>Microsoft Office Word</Application><AppVersion>16.0000</AppVersion></Properties>",
        docProps__custom_DOT_xml='<Properties><property name="KSOProductBuildVer"><lpwstr>2052-12.1.0.16250</lpwstr></property></Properties>',
    )
    assert scan(pieces_of("a.docx", content)) == ()
