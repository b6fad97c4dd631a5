"""An identity number broken by whatever sets its digits apart is found from a file's bytes on, where it begins."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from jobs.scan import _texts
from rules.guard import Grid, Hit, Kind, Part, scan
from rules.guard.checks import check_digit
from sources.contents import pieces_of
from store.scans import Unscanned
from tests.sources.attached import IDENTITY, letter, paragraph, pdf, workbook_bytes

WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
#: What stands between the digits, in any kind of text.
BLANKS = (" ", "\u3000", "\u00a0", "\u2003", "\u200b", "\u00ad", "    ", "\t", "-", "·")
LINES = ("\n", "\r\n", "\n\n", "\n    ", " \n\u3000\u3000", "\u2028", "\n\u200b\n")
#: Of a page.
MARKS = (
    "<br>", "<br/>", "<BR />\n", "</p><p>", "</p>\n\n<p>　　", "</div><div>", "</span><span>", "<wbr>", "&nbsp;", "&emsp;", "&#12288;", "&#8203;", "\n",
    "</section><section>", "</b><br><br>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;<b>", "</p></section><section><p>",
)  # fmt: skip
BEFORE = ("", "身份证号：", "张三 ", "张三，", "第1页 ", "（")
AFTER = ("", "。", "，男", " 男", "）", "x", "abc")


def identity(birth: date, serial: int) -> str:
    """A number of region 110101 that nobody was given."""
    first = f"110101{birth:%Y%m%d}{serial:03}"
    return first + check_digit(first)


IDENTITIES = st.builds(identity, st.dates(date(1900, 1, 1), date(2030, 12, 31)), st.integers(0, 999))


@st.composite
def broken(draw: st.DrawFn, between: tuple[str, ...], most: int = 4) -> str:
    """A number among words, broken in one to `most` places."""
    digits = draw(IDENTITIES)
    cuts = sorted(draw(st.sets(st.integers(1, 17), min_size=1, max_size=most)))
    spelled = digits[: cuts[0]]
    for start, end in zip(cuts, [*cuts[1:], 18], strict=True):
        spelled += draw(st.sampled_from(between)) + digits[start:end]
    if draw(st.booleans()):
        spelled = spelled.translate(WIDE) if "&#" not in spelled else spelled
    return draw(st.sampled_from(BEFORE)) + spelled + draw(st.sampled_from(AFTER))


def kinds(name: str, content: bytes) -> set[Kind]:
    return {hit.kind for hit in scan(pieces_of(name, content))}


def of_body(body: str) -> tuple[Hit, ...]:
    """What the job finds in an item's body."""
    return scan(_texts(Unscanned(1, 1, "登记表", "登记表.xlsx", {"标题": "通知", "正文": body}, None, ())))


@given(broken((*BLANKS, *LINES)), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_a_broken_number_in_a_text_does_not_pass(text: str, charset: str) -> None:
    content = f"名单如下\n{text}\n2021年9月1日\n".encode(charset)
    assert Kind.ID in kinds("说明.txt", content)


@given(broken((*BLANKS, *LINES)))
def test_a_broken_number_in_a_text_of_columns_does_not_pass(text: str) -> None:
    assert Kind.ID in kinds("说明.txt", f"李四\t参加\n{text}\n王小明\t参加\n".encode())


@given(broken((" ", *LINES)))
def test_a_broken_number_below_headings_does_not_pass(text: str) -> None:
    assert Kind.ID in kinds("说明.txt", f"姓名\t备注\n李四\t参加\n{text}\n王小明\t参加\n".encode())


@given(broken((*BLANKS, "\n", "\r\n", ","), most=1), st.sampled_from(["", "李四,", "1,李四,"]))
def test_a_broken_number_in_a_csv_does_not_pass(text: str, before: str) -> None:
    assert Kind.ID in kinds("名单.csv", f"{before}{text},男\n".encode())


@given(broken((*MARKS, *BLANKS)))
def test_a_broken_number_in_a_page_does_not_pass(text: str) -> None:
    page = f"<html><body><p>名单如下</p><p>{text}</p><p>2021年9月1日</p></body></html>"
    assert Kind.ID in kinds("名单.htm", page.encode())
    assert Kind.ID in {hit.kind for hit in of_body(f"<p>名单如下</p><p>{text}</p>")}


@given(broken((*MARKS, *BLANKS)))
def test_a_broken_number_in_a_table_of_a_page_does_not_pass(text: str) -> None:
    page = f"<html><table><tr><td>李四</td><td>{text}</td><td>男</td></tr></table></html>"
    assert Kind.ID in kinds("名单.htm", page.encode())


@given(broken((*LINES, *BLANKS)))
def test_a_broken_number_in_a_body_does_not_pass(text: str) -> None:
    assert Kind.ID in {hit.kind for hit in of_body(f"名单如下\n{text}\n特此公示")}


@given(broken((*BLANKS, "</w:t><w:br/><w:t>", "</w:t><w:tab/><w:t>", "</w:t></w:r></w:p><w:p><w:r><w:t>")))
def test_a_broken_number_in_a_letter_does_not_pass(text: str) -> None:
    assert Kind.ID in kinds("名单.docx", letter(paragraph("名单如下") + paragraph(text)))


@settings(max_examples=30)
@given(broken((" ", "\n", "\n\n", "-"), most=2), st.booleans())
def test_a_broken_number_in_a_pdf_does_not_pass(text: str, over_pages: bool) -> None:
    pages = text.split("\n") if over_pages else [text]
    assert Kind.ID in kinds("名单.pdf", pdf(*(f"{page}" for page in pages)))


@given(IDENTITIES, st.integers(1, 17), st.booleans())
def test_a_number_over_two_cells_of_a_row_does_not_pass(digits: str, cut: int, spaced: bool) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["1", "张三", digits[:cut], *([""] if spaced else []), digits[cut:], "男"])
    found = scan(pieces_of("名单.xlsx", workbook_bytes(book)))
    assert Hit(Kind.ID, "附件“名单.xlsx”工作表“Sheet”C1", f"{digits[:6]}********{digits[-4:]}") in found


def test_the_place_is_where_the_number_begins() -> None:
    shown = "110101********1233"
    first, second = IDENTITY[:10], IDENTITY[10:]
    assert scan(pieces_of("a.txt", f"张三\n{first}\n{second}\n".encode())) == (Hit(Kind.ID, "附件“a.txt”第2行", shown),)
    page = f"<p>张三</p><p>{first}<br>{second}</p>"
    assert scan(pieces_of("a.htm", page.encode())) == (Hit(Kind.ID, "附件“a.htm”第2段", shown),)
    body = letter(paragraph("张三") + paragraph(first) + paragraph("") + paragraph(second))
    assert scan(pieces_of("a.docx", body)) == (Hit(Kind.ID, "附件“a.docx”第2段", shown),)
    assert scan(pieces_of("a.csv", f"姓名,证件\n张三,{first}\n{second},男\n".encode())) == (
        Hit(Kind.ID, "附件“a.csv”B2", shown),
    )
    assert scan(pieces_of("a.pdf", pdf(f"张三 {first}", second))) == (Hit(Kind.ID, "附件“a.pdf”第1页", shown),)
    assert of_body(f"张三\n{first}\n{second}") == (Hit(Kind.ID, "正文", shown),)


def test_a_number_in_three_cells_is_found_by_its_usual_groups_or_by_its_heading() -> None:
    groups = (IDENTITY[:6], IDENTITY[6:14], IDENTITY[14:])
    odd = (IDENTITY[:4], IDENTITY[4:9], IDENTITY[9:])
    assert scan([Grid("表", (("张三", *groups, "5", "6"),))]) == (Hit(Kind.ID, "表B1", "110101********1233"),)
    assert scan([Grid("表", (("身份证号", *odd),))]) == (Hit(Kind.ID, "表B1", "110101********1233"),)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("身份证号：1101011990", "03071230"), Kind.ID), (("身份证：110101900", "307123"), Kind.ID),
        (("手机：1381234", "5678"), Kind.PHONE), (("家长电话：138", "12345678，泉州"), Kind.PHONE), (("张三手机号 13812345", "678"), Kind.PHONE),
        (("银行卡号：6222021001", "122334458"), Kind.CARD), (("账号：62220210011223", "34458"), Kind.CARD),
    ],
)  # fmt: skip
def test_a_number_broken_behind_its_name_is_found(texts: tuple[str, str], kind: Kind) -> None:
    (hit,) = scan(Part(f"第{n}行", text) for n, text in enumerate(texts, start=1))
    assert (hit.kind, hit.where) == (kind, "第1行")


@pytest.mark.parametrize(
    "lines",
    [
        ("联系人：李老师", "联系电话：1381234", "5678"), ("邮编：362300", "2021-09-01", "1234"), ("计划招生", "150", "1200", "1350"), ("订单号 6222021001", "122334458"),
        ("金额 1500000", "2021年9月1日"), ("1350000", "2021"), ("电话：0595-86", "123456"), ("手机充值 135", "20210901"),
    ],
)  # fmt: skip
def test_lines_of_other_figures_are_no_broken_number(lines: tuple[str, ...]) -> None:
    assert scan([Part("正文", line) for line in lines]) == ()


@pytest.mark.parametrize(
    "rows",
    [
        (("邮编", "日期", "金额"), ("110101", "19900307", "1233")), (("编号", "数量"), ("1101011990", "03071233")), (("学号", "日期"), ("1101011990", "03071233")),
        (("362300", "2021-09-01", "1009"),), tuple(("19900307", "1233", "12.50", "110101") for _ in range(5)),
    ],
)  # fmt: skip
def test_cells_under_headings_of_their_own_are_no_broken_number(rows: tuple[tuple[str, ...], ...]) -> None:
    assert scan([Grid("表", rows)]) == ()


def test_a_large_table_of_figures_is_not_alarming_and_not_slow() -> None:
    rows = tuple(tuple(str((n * 7919 + at * 104729) % 99_991) for at in range(8)) for n in range(4_000))
    assert scan([Grid("表", rows)]) == ()


def test_what_a_page_shows_on_lines_of_its_own_does_not_run_together_and_what_it_only_colours_does() -> None:
    page = "<section>13812345678</section><section>2021年</section>"
    assert Kind.PHONE in kinds("a.htm", page.encode())
    assert Kind.PHONE in kinds("a.htm", "<p>张三，1381234\r\n  5678</p>".encode())
    assert Kind.PHONE in kinds("a.htm", b"<table><tr><td>13<b>8</b>12345678</td></tr></table>")


def test_a_body_whose_only_marks_are_entities_is_read_as_a_page() -> None:
    assert {hit.kind for hit in of_body(f"{IDENTITY[:6]}&nbsp;{IDENTITY[6:14]}&#12288;{IDENTITY[14:]}")} == {Kind.ID}
    assert [hit.where for hit in of_body(f"A&B公司\n{IDENTITY}")] == ["正文"]
