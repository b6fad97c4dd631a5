"""Tables are understood by their headings; the values of a list of persons are found, those of others pass."""

from __future__ import annotations

import pytest

from rules.guard import Cells, Grid, Hit, Kind, scan
from rules.guard.tables import Head, head_of

PERSON = ("1", "张三", "2020010101")


def found(*rows: tuple[str, ...], cells: Cells = Cells.LETTERED) -> set[tuple[Kind, str]]:
    return {(hit.kind, hit.where) for hit in scan([Grid("表", rows, cells)])}


def test_one_hit_a_table_tells_of_names_beside_student_numbers() -> None:
    rows = (("名单",), ("序号", "姓名", "学号"), PERSON, ("2", "李四", "2020010102"))
    assert scan([Grid("表", rows)]) == (Hit(Kind.ROSTER, "表C3", "学号与姓名同列，共2行"),)


@pytest.mark.parametrize(
    "rows",
    [
        (("姓名", "学号"), ("", "")), (("序号", "学号", "专业"), ("1", "2020010101", "机电")), (("姓名", "专业", "班级"), ("张三", "机电", "1班")),
        (("项目", "学号"), ("填写说明", "学号共10位")),
    ],
)  # fmt: skip
def test_names_or_numbers_alone_and_blank_lists_are_no_roster(rows: tuple[tuple[str, ...], ...]) -> None:
    assert found(*rows) == set()


@pytest.mark.parametrize(
    ("heading", "value", "kind"),
    [
        ("身份证号码", "110101199003071230", Kind.ID), ("证件号", "110101 1990 0307 123", Kind.ID), ("银行卡号（农行）", "6228480000000000", Kind.CARD), ("开户行及账号", "622848000000000000", Kind.CARD),
        ("出生日期", "1990-03-07", Kind.BIRTH), ("出 生 年 月", "19900307", Kind.BIRTH), ("*出生年月日", "1990/3/7", Kind.BIRTH), ("生日", "32939", Kind.BIRTH), ("出生日期(必填)", "900307", Kind.BIRTH),
        ("家庭住址", "福建省南安市康美镇", Kind.ADDRESS), ("家庭详细住址", "南安市康美镇福田村3组", Kind.ADDRESS), ("户籍所在地", "泉州市丰泽区", Kind.ADDRESS),
        ("困难等级", "特别困难", Kind.HARDSHIP), ("致贫原因", "因病", Kind.HARDSHIP), ("是否建档立卡", "是", Kind.HARDSHIP), ("备注", "低保户", Kind.HARDSHIP), ("认定等级", "A", Kind.HARDSHIP),
        ("健康状况", "肝炎", Kind.ILLNESS), ("残疾类别", "肢体三级", Kind.ILLNESS), ("联系电话", "13812345678", Kind.PHONE), ("家长电话", "138 1234 5678", Kind.PHONE),
    ],
)  # fmt: skip
def test_a_heading_tells_what_a_value_is(heading: str, value: str, kind: Kind) -> None:
    assert found(("姓名", heading, "专业"), ("张三", value, "机电")) == {(kind, "表B2")}
    shown = [hit.shown for hit in scan([Grid("表", (("姓名", heading, "专业"), ("张三", value, "机电")))])]
    assert all(value not in each for each in shown)


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("出生年月", "1990-03"), ("出生年月", "199003"), ("出生年月", "1990年3月"), ("家庭住址", "略"), ("家庭住址", "福建"), ("困难等级", "无"), ("是否低保", "否"), ("健康状况", "良好"), ("困难类型", "□低保 □特困"),
        ("身份证号", "110101********1234"), ("备注", "已公示"), ("奖学金等级", "一等"), ("学制", "3"), ("工号", "13812345678"), ("准考证号", "138123456789012"), ("考号", "13812345678"), ("入学日期", "2020-09-01"),
    ],
)  # fmt: skip
def test_what_a_heading_says_of_nobody_passes(heading: str, value: str) -> None:
    assert found(("姓名", heading, "专业"), ("张三", value, "机电")) == set()


def test_contacts_of_offices_pass_and_those_of_listed_persons_do_not() -> None:
    assert found(("系部", "联系人", "咨询电话"), ("机电系", "李老师", "13812345678")) == set()
    assert found(("联系人", "李老师", "联系电话", "13812345678")) == set()
    assert found(("学号", "班级", "联系电话"), ("2020010101", "1班", "13812345678")) == {(Kind.PHONE, "表C2")}


@pytest.mark.parametrize("telephone", ["手机", "电话", "联系方式", "联系电话"])
@pytest.mark.parametrize(
    "persons",
    ["学生", "申请人", "获奖人", "负责学生", "家长", "考生", "人员", "名单", "获奖学生", "学生家长", "监护人", "参赛选手", "班长", "志愿者", "紧急联系人", "获奖人员名单", "参会人员", "选手姓名"],
)  # fmt: skip
def test_telephones_beside_persons_are_theirs_whatever_heads_their_names(persons: str, telephone: str) -> None:
    for name in ("张三", "张　三", "逄博", "阿依古丽·买买提", "张三、李四", "张三（机电1班）"):
        rows = (("序号", persons, "班级", telephone), ("1", name, "机电1班", "13812345678"))
        assert found(*rows) == {(Kind.PHONE, "表D2")}
    assert found((persons, "张三", "联系电话", "13812345678")) == {(Kind.PHONE, "表D1")}


@pytest.mark.parametrize(
    "rows",
    [
        (("部门", "联系人", "办公电话"), ("教务处", "李老师", "13812345678")), (("单位", "联系人", "联系电话"), ("教务处", "张三", "13812345678")), (("部门", "人员", "办公电话"), ("教务处", "张三", "13812345678")),
        (("名单",), ("学院/部门", "联系人", "联系电话"), ("教务处", "张三", "13812345678")), (("名单", "联系电话"), ("教务处", "13812345678"), ("马院", "13912345678"), ("武装部", "13712345678")),
        (("名单", "联系方式"), ("福建某某有限公司", "13812345678")), (("事项", "申请人", "联系电话"), ("缓缴", "在校学生", "13812345678"), ("证明", "教职工", "13912345678")),
        (("日期", "值班人员", "联系电话"), ("1日", "张三", "13812345678")), (("部门", "负责人", "联系电话"), ("教务处", "张三", "13812345678")), (("班级", "辅导员", "联系电话"), ("1班", "张三", "13812345678")),
        (("申请人", "某某公司", "联系人", "李工", "联系电话", "13812345678"),), (("人员", "标准"), ("低保户", "4000")), (("人员", "困难等级"), ("本科生", "特别困难")),
    ],
)  # fmt: skip
def test_telephones_of_offices_pass_beside_headings_that_name_nobody(rows: tuple[tuple[str, ...], ...]) -> None:
    assert found(*rows) == set()


def test_a_list_without_the_heading_of_names_is_one_of_persons_where_it_names_some() -> None:
    assert found(("获奖人", "学号"), ("张三", "2023010234")) == {(Kind.ROSTER, "表B2")}
    assert found(("申请人", "困难等级"), ("张三", "特别困难")) == {(Kind.HARDSHIP, "表B2")}


def test_a_form_is_read_by_the_label_on_the_left_and_a_blank_one_passes() -> None:
    blank = (
        ("姓名", "", "学号", "", "出生日期", ""),
        ("家庭住址", "", "", "", "困难类型", ""),
        ("学院意见", "同意推荐", "", "", "学校意见", ""),
    )
    assert found(*blank) == set()
    filled = (
        ("姓名", "张三", "学号", "2020010101", "出生日期", "2003-05-06"),
        ("家庭住址", "南安市康美镇福田村", "", "", "困难类型", "低保"),
    )
    assert {kind for kind, _ in found(*filled)} == {Kind.ROSTER, Kind.BIRTH, Kind.ADDRESS, Kind.HARDSHIP}


def test_statistics_of_need_name_nobody() -> None:
    assert found(("困难等级", "人数"), ("特别困难", "30"), ("一般困难", "90")) == set()


def test_a_heading_on_a_second_level_and_a_second_table_below_are_understood() -> None:
    two = (
        ("序号", "姓名", "家庭情况", "", "备注"),
        ("", "", "困难等级", "致贫原因", ""),
        ("1", "张三", "特别困难", "因学", ""),
    )
    assert found(*two) == {(Kind.HARDSHIP, "表C3"), (Kind.HARDSHIP, "表D3")}
    below = (("部门", "金额"), ("办公室", "19900307"), ("姓名", "出生日期"), ("张三", "19900307"))
    assert found(*below) == {(Kind.BIRTH, "表B4")}


def test_cells_are_named_as_a_sheet_shows_them_or_by_row_and_column() -> None:
    number = "110101199003071233"
    assert found(("",) * 27 + (number,)) == {(Kind.ID, "表AB1")}
    assert found(("", number), cells=Cells.COUNTED) == {(Kind.ID, "表第1行第2列")}


def test_figures_in_a_table_are_nobodys() -> None:
    rows = (
        ("科目", "年初", "年末"),
        ("资产", "62220210011", "13800138000.00"),
        ("负债", "1,380,013,800", "4500"),
        ("合计", "150", "2000"),
    )
    assert found(*rows) == set()


def test_a_mark_in_a_cell_is_found() -> None:
    assert found(("关于通知", "秘密★1年")) == {(Kind.CLASSIFIED, "表B1")}


@pytest.mark.parametrize("text", ["联系人（110101199003071233）", "学生 (110101 19900307 1233)", "姓名（110101199003071233）"])
def test_a_number_in_brackets_behind_the_words_of_a_heading_is_read(text: str) -> None:
    assert found(("", text)) == {(Kind.ID, "表B1")}


def test_student_numbers_in_brackets_behind_names_are_found_in_cells() -> None:
    rows = (("奖项", "获奖学生"), ("一等", "张三（2023010234）"), ("二等", "李四（2023010235）、王小明（2023010236）"))
    assert found(*rows) == {(Kind.ROSTER, "表B2")}
    assert found(("部门", "联系人"), ("教务处", "王芳（2286781234）"), ("学生处", "李明（2286785678）")) == set()
    assert found(("项目", "编号"), ("一", "张三（2023010234）"), ("二", "李四（2023010235）")) == set()


def test_a_table_of_student_numbers_and_names_needs_no_heading() -> None:
    assert found(("2023010234", "张三"), ("2023010235", "李四")) == {(Kind.ROSTER, "表A1")}
    assert found(("获奖名单", "", ""), ("1", "张　三", "2023010234"), ("2", "李四", "2023010235")) == {(Kind.ROSTER, "表C2")}
    for rows in (
        (("20231120", "张三"), ("20231121", "李四")), (("登记的课程代码", "讲授"), ("2023010234", "张三"), ("2023010235", "李四")), (("2023010234", "高等数学"), ("2023010235", "大学英语")),
        (("准考证", "考生"), ("2023350012", "张三"), ("2023350013", "李四")), (("2023010234",), ("2023010235",)), (("评委", ""), ("2023010234", "张三"), ("2023010235", "李四")),
    ):  # fmt: skip
        assert found(*rows) == set()


def test_a_mark_right_of_its_label_is_found_and_the_same_words_in_a_report_are_none() -> None:
    assert found(("公开属性", "不予公开", "发文字号", "")) == {(Kind.INTERNAL, "表B1")}
    assert found(("公开属性", "主动公开", "不予公开理由", "无")) == set()
    assert found(("文件名称", "公开属性", "不予公开理由"), ("章程", "主动公开", ""), ("方案", "不予公开", "商业秘密")) == set()
    assert found(("（三）不予公开", "1.属于国家秘密", "0"), ("", "不予公开", "2")) == set()


@pytest.mark.parametrize("text", ["2024届家庭经济困难学生名单", "姓名学号专业班级", "张三", "残疾人", "1", "关于健康"])
def test_a_title_or_a_value_is_no_heading(text: str) -> None:
    assert head_of(text) in (None, Head.CONTACT)
