from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from rules.audience import Audiences
from rules.item import CONSENTS, Attachment, Category, Entry, ListItem, Review, Taxonomy, examine
from rules.school import Column
from sources.folder import Folder

Put = Callable[..., Path]
Good = Callable[..., dict[str, Any]]


def only(folder: Folder) -> Entry:
    found = folder.fetch(None)
    assert len(found.entries) == 1, found
    return found.entries[0]


def columns_of(entry: Entry) -> list[str]:
    return [problem.column for problem in entry.problems]


def test_a_good_row_becomes_an_entry_that_has_all_it_says(folder: Folder, put: Put, good: Good) -> None:
    put(
        good(
            文号="校办[2020]12号",
            责任部门="教务处、学生工作处",
            受众范围="教职工、学生",
            校内公开理由="内部安排",
            紧急="√",
            备注="说明",
        )
    )
    entry = only(folder)
    assert entry.problems == ()
    assert (str(entry.place), entry.source) == ("登记表.xlsx工作表“Sheet”第2行", "登记表")
    assert (entry.number, entry.doc_no, entry.title) == ("XXGK-2020-001", "校办〔2020〕12号", "关于公布教学安排的通知")
    assert (entry.department, entry.departments_beside) == ("教务处", ("学生工作处",))
    assert (entry.audience, entry.inner_reason, entry.list_items) == (("教职工", "学生"), "内部安排", (28,))
    assert (entry.formed_on, entry.approved_on, entry.published_on) == (date(2020, 9, 1), date(2020, 9, 3), None)
    assert entry.review == Review("张审查", "可以公开", date(2020, 9, 3), "保密审查制度")
    assert entry.urgent is True


def test_other_words_in_the_header_and_any_order_of_columns_mean_the_same(folder: Folder, put: Put) -> None:
    header = (
        "部门",
        "信息名称",
        "类别",
        "子类",
        "属性",
        "公开范围（必填）",
        "成文日期",
        "审核人",
        "审核结论",
        "审批\n日期",
        "公示期",
        "附件名称",
    )
    values = (
        "教务处",
        "公示",
        "大",
        "小",
        "主动公开",
        "社会",
        "2020.9.1",
        "张",
        "可以公开",
        "2020年9月3日",
        "2020-09-04至09-10",
        "表.xlsx",
    )
    path = put(dict(zip(header, values, strict=True)), header=header)
    (path.parent / "附件").mkdir()
    (path.parent / "附件" / "表.xlsx").write_bytes(b"")
    entry = only(folder)
    assert entry.problems == ()
    assert (entry.title, entry.department, entry.category, entry.sub_item) == ("公示", "教务处", "大", "小")
    assert (entry.notice_from, entry.notice_to) == (date(2020, 9, 4), date(2020, 9, 10))
    assert entry.review == Review("张", "可以公开", date(2020, 9, 3))
    assert entry.attachments == (Attachment("表.xlsx", f"附件/表.xlsx#sha256={sha256(b'').hexdigest()}"),)


def test_what_a_row_leaves_out_comes_from_the_folder_s_own_settings(place: Path, put: Put, good: Good) -> None:
    put(good(责任部门="", 大类=None, 小项=None, 受众范围="", 审查人=None, 审查结论=None, 审查依据=" "))
    standing = Review("办公室主任", "可以公开", None, "三审制度", "栏目审核")
    column = Column(
        name="登记表", kind="folder", place=str(place), audience=("校内",), inner_reason="内部",
        category="大", sub_item="小", department="办公室", review=standing,
    )  # fmt: skip
    entry = only(Folder(column, lambda: None))  # type: ignore[arg-type,return-value]
    assert (entry.audience, entry.inner_reason) == (("校内",), "内部")
    assert (entry.category, entry.sub_item, entry.department) == ("大", "小", "办公室")
    assert entry.review == replace(standing, on=date(2020, 9, 3))


def test_a_date_in_words_is_a_problem_of_its_row_and_column(folder: Folder, put: Put, good: Good) -> None:
    put(good(形成日期="九月下旬"))
    entry = only(folder)
    assert str(entry.problems[0]) == (
        "登记表.xlsx工作表“Sheet”第2行“形成日期”列：“九月下旬”无法识别为日期。请改为 2020-09-08 这样的日期"
    )


def test_a_day_number_without_a_date_format_is_read_as_the_day_it_is(folder: Folder, put: Put, good: Good) -> None:
    put(good(形成日期=44075, 批准日期="20200903"))
    entry = only(folder)
    assert (entry.formed_on, entry.approved_on, entry.problems) == (date(2020, 9, 1), date(2020, 9, 3), ())


def test_merged_cells_are_named_and_never_read_as_blank(folder: Folder, put: Put, good: Good) -> None:
    put(
        good(),
        good(编号="XXGK-2020-002"),
        good(编号="XXGK-2020-003"),
        change=lambda book: book.worksheets[0].merge_cells("E2:E3"),
    )
    first, second, third = folder.fetch(None).entries
    assert (first.problems, third.problems) == ((), ())
    assert columns_of(second) == ["责任部门"]
    assert "E2:E3" in second.problems[0].text
    assert "取消合并单元格" in second.problems[0].fix


def test_a_merged_title_line_above_the_header_troubles_nobody(folder: Folder, put: Put, good: Good) -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.insert_rows(1, 2)
        sheet["A1"] = "示例学院信息公开登记表（2020-2021学年）"
        sheet.merge_cells("A1:V1")

    put(good(), change=change)
    entry = only(folder)
    assert (entry.place.row, entry.problems) == (4, ())


def test_a_formula_without_a_result_is_a_problem_and_not_a_blank(folder: Folder, put: Put, good: Good) -> None:
    put(good(标题='=B2&"的通知"', 备注="=A1"))
    entry = only(folder)
    assert columns_of(entry) == ["标题", "备注"]
    assert "没有计算结果" in entry.problems[0].text


def test_an_error_shown_by_excel_is_a_problem(folder: Folder, put: Put, good: Good) -> None:
    put(good(责任部门="#REF!"))
    entry = only(folder)
    assert entry.department == ""
    assert "#REF!" in entry.problems[0].text


def test_urgent_links_and_list_numbers_that_cannot_be_read_are_problems(folder: Folder, put: Put, good: Good) -> None:
    put(good(紧急="尽快", 链接="点击查看", 清单编号="二十八"))
    assert sorted(columns_of(only(folder))) == sorted(["紧急", "链接", "清单编号"])


def test_empty_rows_headings_sums_and_who_made_the_sheet_are_no_items(folder: Folder, put: Put, good: Good) -> None:
    put(
        {"序号": "一、教务处报送"},
        good(),
        {},
        {"序号": 3},
        {"序号": "序号", "编号": "编号", "标题": "标题", "文号": "文号", "责任部门": "责任部门", "大类": "大类"}
        | {name: name for name in ("小项", "清单编号", "公开属性", "受众范围", "形成日期")},
        good(编号="XXGK-2020-002"),
        {"序号": "合计", "标题": "2条"},
        {"序号": "制表人：张某", "责任部门": "审核人：李某"},
        {"序号": "说明：本表由办公室填写"},
    )
    found = folder.fetch(None)
    assert [(e.place.row, e.number) for e in found.entries] == [(3, "XXGK-2020-001"), (7, "XXGK-2020-002")]


def test_a_row_with_content_but_no_title_is_a_problem(folder: Folder, put: Put, good: Good) -> None:
    put(good(标题=None))
    taxonomy = Taxonomy(
        (Category("学校工作的重大事项", {"专业设置、教学改革、学科建设": True}),), {28: ListItem("专业设置")}
    )
    problems = examine(only(folder), taxonomy, Audiences({"社会": ()}).parents, date(2021, 1, 1))
    assert [str(p) for p in problems] == [
        "登记表.xlsx工作表“Sheet”第2行“标题”列：标题为空。请填写标题；如与上一行合并了单元格，请取消合并后分别填写"
    ]


def test_hidden_sheets_are_left_out_and_sheets_without_a_header_skipped(folder: Folder, put: Put, good: Good) -> None:
    def change(book: Workbook) -> None:
        hidden, notes = book.copy_worksheet(book.worksheets[0]), book.create_sheet("填表说明")
        hidden.sheet_state = "hidden"
        notes["A1"] = "请逐项填写"

    put(good(), change=change)
    found = folder.fetch(None)
    assert (len(found.entries), found.problems) == (1, ())


def test_a_workbook_without_any_header_is_a_problem(folder: Folder, put: Put) -> None:
    put({"甲": 1}, header=("甲", "乙", "丙"))
    assert [problem.text for problem in folder.fetch(None).problems] == ["没有找到表头"]


def renamed(row: dict[str, Any], **names: str) -> dict[str, Any]:
    """The row under other headers, in the order of its own."""
    return {names.get(name, name): value for name, value in row.items()}


def put_as(put: Put, *rows: dict[str, Any], name: str = "登记表.xlsx") -> None:
    put(*rows, header=tuple(rows[0]), name=name)


def test_headers_nobody_knows_are_named_once_for_the_sheet_and_no_row_is_blamed(
    folder: Folder, put: Put, good: Good
) -> None:
    row = renamed(good(), 受众范围="给谁看的范围", 审查结论="保密审查结论情况")
    put_as(put, row, {**row, "编号": "XXGK-2020-002"})
    found = folder.fetch(None)
    assert [str(problem) for problem in found.problems] == [
        "登记表.xlsx工作表“Sheet”第1行：没有“受众范围”列，2 行因此不能推送；"
        "认不出的列名，未读取：“给谁看的范围”（最接近“受众范围”）、“保密审查结论情况”（最接近“审查结论”）。"
        '请把列名改成括号中的叫法，或在 school.toml 的 [headers] 下写 "给谁看的范围" = "受众范围"'
    ]
    assert [entry.lacking for entry in found.entries] == [("受众范围", "校内公开理由", "审查结论")] * 2


def test_a_register_without_a_title_column_is_told_once_and_not_read(folder: Folder, put: Put, good: Good) -> None:
    row = renamed(good(), 标题="议定的是什么", 形成日期="序号")
    put_as(put, row, row)
    found = folder.fetch(None)
    assert found.entries == ()
    assert [str(problem) for problem in found.problems] == [
        "登记表.xlsx工作表“Sheet”第1行：没有“标题”列，本表没有读取；认不出的列名，未读取：“议定的是什么”（没有相近的列）。"
        '请补上“标题”列；不需要的列可以保留，在 school.toml 的 [headers] 下写 "议定的是什么" = "不读取" 即不再提示'
    ]


def test_columns_of_channels_are_passed_over_and_told_once_that_they_need_no_filling(
    folder: Folder, put: Put, good: Good
) -> None:
    put(good(公开形式="网站、微信"), good(编号="XXGK-2020-002"), header=(*good(), "公开形式"))
    found = folder.fetch(None)
    assert [entry.problems for entry in found.entries] == [(), ()]
    assert [problem.text for problem in found.problems] == ["“公开形式”列不用填：发往哪些渠道由受众范围和路由决定"]


def test_a_column_the_school_has_told_to_pass_over_is_told_of_no_more(place: Path, put: Put, good: Good) -> None:
    put_as(put, {**good(), "公开形式": "网站", "密级": "", "议定事项全称": ""})
    own = {"公开形式": "不读取", "密级": "不读取", "议定事项全称": "备注"}
    column = Column(name="登记表", kind="folder", place=str(place), headers=own)
    found = Folder(column, lambda: None).fetch(None)  # type: ignore[arg-type,return-value]
    assert (len(found.entries), found.problems) == (1, ())


def test_what_the_watch_itself_fills_in_is_no_missing_column(place: Path, put: Put, good: Good) -> None:
    row = {name: value for name, value in good().items() if name in ("编号", "标题", "公开属性", "批准日期")}
    put_as(put, row)
    standing = Review("办公室主任", "可以公开", None, "三审制度", "栏目审核")
    column = Column(
        name="登记表", kind="folder", place=str(place), audience=("社会",), category="大", sub_item="小", department="办公室",
        review=standing,
    )  # fmt: skip
    found = Folder(column, lambda: None).fetch(None)  # type: ignore[arg-type,return-value]
    assert (len(found.entries), found.problems) == (1, ())


def test_a_sheet_of_rows_that_stay_inside_is_told_of_the_missing_reason_and_one_for_all_is_not(
    folder: Folder, put: Put, good: Good
) -> None:
    put_as(put, good())
    assert folder.fetch(None).problems == ()
    put_as(put, good(受众范围="学生"), good(编号="XXGK-2020-002"))
    assert [p.text for p in folder.fetch(None).problems] == ["没有“校内公开理由”列，1 行因此不能推送"]
    put_as(put, {**good(受众范围="学生"), "不公开理由": "内部管理"})
    found = folder.fetch(None)
    assert (found.problems, found.entries[0].inner_reason) == ((), "内部管理")


def test_a_sheet_of_sums_beside_the_register_is_nobodys_to_mend(folder: Folder, put: Put, good: Good) -> None:
    def change(book: Workbook) -> None:
        sums, lost = book.create_sheet("汇总"), book.create_sheet("旧表")
        sums.append(["序号", "部门", "类别", "条数"])
        lost.append(["编号", "议定", "部门", "类别", "子类", "属性", "公开范围"])

    put(good(), change=change)
    found = folder.fetch(None)
    assert (len(found.entries), [str(p.place) for p in found.problems]) == (1, ["登记表.xlsx工作表“旧表”第1行"])


def test_two_columns_that_mean_the_same_are_told_once_for_the_sheet(folder: Folder, put: Put, good: Good) -> None:
    put(good(部门="学生处"), good(编号="XXGK-2020-002"), header=(*good(), "部门"))
    found = folder.fetch(None)
    assert [entry.department for entry in found.entries] == ["教务处", "教务处"]
    assert [str(problem) for problem in found.problems] == [
        "登记表.xlsx工作表“Sheet”第1行“责任部门”列：“责任部门”和“部门”两列含义相同，只读取前一列“责任部门”。请删除或改名其中一列"
    ]


@pytest.mark.parametrize(
    ("approval", "secrecy", "conclusion", "consents"),
    [
        ("同意", "可以公开", "同意", True),
        ("同意", "不宜公开", "同意；不宜公开", False),
        ("同意", None, "同意；（空）", False),
        (None, "同意", "（空）；同意", False),
        ("同意", "#REF!", "同意；#REF!", False),
    ],
)
def test_where_two_columns_hold_a_conclusion_both_must_consent(
    folder: Folder, put: Put, good: Good, approval: str | None, secrecy: str | None, conclusion: str, consents: bool
) -> None:
    row = renamed(good(审查结论=approval), 审查结论="审批意见") | {"保密审查意见": secrecy}
    put_as(put, row)
    review = only(folder).review
    assert review
    assert (review.conclusion, review.conclusion in CONSENTS) == (conclusion, consents)


def test_the_same_row_twice_is_told_at_the_later_one(folder: Folder, put: Put, good: Good) -> None:
    put(good(), good(编号="XXGK-2020-002"), good())
    first, _, again = folder.fetch(None).entries
    assert first.problems == ()
    assert str(again.problems[0]) == (
        "登记表.xlsx工作表“Sheet”第4行“编号”列：重复登记，与登记表.xlsx工作表“Sheet”第2行完全相同。请删除其中一行"
    )


def test_one_number_for_two_things_is_told_at_both(folder: Folder, put: Put, good: Good) -> None:
    put(good(), good(标题="另一件事"))
    entries = folder.fetch(None).entries
    assert all("编号重复、内容不同" in entry.problems[0].text for entry in entries)
    assert ["第3行" in entries[0].problems[0].text, "第2行" in entries[1].problems[0].text] == [True, True]


def test_rows_that_no_number_tells_apart_are_held_with_their_reason(folder: Folder, put: Put, good: Good) -> None:
    put(good(编号=1, 标题="预备党员转正公示"), good(编号=2, 标题="预备党员转正公示", 摘要="x"))
    texts = [entry.problems[0].text for entry in folder.fetch(None).entries]
    assert all(text.startswith("标题、形成日期和责任部门重复、内容不同") for text in texts)


def test_a_row_doubled_across_two_files_of_one_look_is_told(folder: Folder, put: Put, good: Good) -> None:
    put(good(), name="甲.xlsx")
    put({key: str(value) for key, value in good().items()}, name="乙.csv")
    first, second = folder.fetch(None).entries
    assert (first.place.file, first.problems) == ("乙.csv", ())
    assert "与乙.csv第2行完全相同" in second.problems[0].text


def test_an_edited_row_changes_its_digest_and_a_moved_one_does_not(folder: Folder, put: Put, good: Good) -> None:
    put(good())
    before = only(folder)
    put({}, {}, good())
    moved = only(folder)
    put(good(标题="关于调整教学安排的通知"))
    edited = only(folder)
    assert (moved.place.row, moved.digest()) == (4, before.digest())
    assert edited.digest() != before.digest()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_whatever_encoding_and_delimiter(
    folder: Folder, place: Path, good: Good, encoding: str, delimiter: str
) -> None:
    row = good() | {"标题": '"关于公布、""调整""的\n通知"', "编号": '="0071-2020"'}
    lines = [delimiter.join(row), "", delimiter.join(str(value) for value in row.values())]
    (place / "报送.csv").write_text("\r\n".join(lines) + "\r\n", encoding=encoding, newline="")
    entry = only(folder)
    assert (entry.title, entry.number, entry.place.row) == ('关于公布、"调整"的 通知', "0071-2020", 3)
    assert (entry.approved_on, entry.problems) == (date(2020, 9, 3), ())
