"""The sample year holds what it says: 313 good rows, and each planted mistake where mistakes.json says it is."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from demo.sample import build as sample

FOLDER = Path(sample.__file__).parent
CANONICAL = {alias: name for name, alias in sample.STUDENT_HEADERS.items()}
SIZES = {
    "学校工作的重大事项": 147,
    "重大经济工作事项": 19,
    "党风廉政工作事项": 15,
    "涉及教职工切身利益的工作": 18,
    "学生管理工作中的重要事项": 114,
}

Row = dict[str, str]
Place = tuple[str, int]


def sheet_of(content: bytes) -> Worksheet:
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == [sample.SHEET]
    sheet = book[sample.SHEET]
    assert isinstance(sheet, Worksheet)
    return sheet


def shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def register_rows() -> dict[Place, Row]:
    sheet = sheet_of((FOLDER / sample.REGISTER).read_bytes())
    header = [shown(cell.value) for cell in sheet[3]]
    assert header == list(sample.WIDTHS)
    return {
        (sample.REGISTER, number): dict(zip(header, map(shown, values), strict=True))
        for number, values in enumerate(sheet.iter_rows(min_row=4, values_only=True), 4)
    }


def csv_rows(name: str, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((FOLDER / name).read_bytes().decode(encoding), newline="")))


def student_rows() -> dict[Place, Row]:
    header, *rows = csv_rows(sample.STUDENTS, "gbk")
    names = [CANONICAL[alias] for alias in header]
    assert names == list(sample.WIDTHS)
    return {(sample.STUDENTS, number): dict(zip(names, row, strict=True)) for number, row in enumerate(rows, 2)}


def every_row() -> dict[Place, Row]:
    return {**register_rows(), **student_rows()}


def listed() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / sample.MISTAKES).read_text(encoding="utf-8"))
    return content


def good_rows() -> list[Row]:
    aside = {(place["file"], place["row"]) for kind in ("mistakes", "not_published") for place in listed()[kind]}
    return [row for place, row in every_row().items() if place not in aside]


def mistake(kind: str, nth: int = 0) -> tuple[Place, Row, dict[str, Any]]:
    found = [place for place in listed()["mistakes"] if place["kind"] == kind][nth]
    place = (found["file"], found["row"])
    row = every_row()[place]
    assert found["number"] == row["编号"]
    return place, row, found


def test_the_files_are_what_year_tsv_builds() -> None:
    built = sample.build()
    for name in (sample.STUDENTS, sample.LIBRARY, sample.MISTAKES):
        assert (FOLDER / name).read_bytes() == built[name], f"{name}: run python -m demo.sample.build"
    kept, rebuilt = (sheet_of(content) for content in ((FOLDER / sample.REGISTER).read_bytes(), built[sample.REGISTER]))
    assert list(kept.iter_rows(values_only=True)) == list(rebuilt.iter_rows(values_only=True))
    assert sorted(map(str, kept.merged_cells.ranges)) == sorted(map(str, rebuilt.merged_cells.ranges))


def test_building_twice_gives_the_same_bytes() -> None:
    assert sample.build() == sample.build()


def test_the_registers_hold_every_line_of_year_tsv_in_its_order() -> None:
    lines = [line for line in sample.read_year() if line.file != sample.LIBRARY]
    assert [line.cells for line in lines] == list(every_row().values())


def test_313_good_rows_fall_into_five_categories_and_21_sub_items() -> None:
    good = good_rows()
    assert len(good) == 313
    assert Counter(row["大类"] for row in good) == SIZES
    assert len({(row["大类"], row["小项"]) for row in good}) == 21


def test_the_expected_sums_are_those_of_the_good_rows() -> None:
    good, expected = good_rows(), listed()["expected"]
    assert expected["good"] == len(good)
    for key, column in (("per_category", "大类"), ("per_audience", "受众范围"), ("per_department", "责任部门")):
        assert expected[key] == Counter(row[column] for row in good)
    for category, subs in expected["per_sub_item"].items():
        assert subs == Counter(row["小项"] for row in good if row["大类"] == category)
    assert expected["per_approval_month"] == Counter(f"{sample.parse_day(row['批准日期']):%Y-%m}" for row in good)
    assert sum(expected["per_counting_class"].values()) == sum(expected["per_file"].values()) == len(good)


@pytest.mark.parametrize("column", ["编号", "文号", "链接"])
def test_what_names_a_good_row_names_only_that_row(column: str) -> None:
    given = [row[column] for row in good_rows() if row[column]]
    assert len(given) == len(set(given))
    assert len(given) == 313 or (column == "文号" and 90 <= len(given) <= 120)


def test_every_good_row_is_complete() -> None:
    needed = (
        "编号",
        "标题",
        "责任部门",
        "大类",
        "小项",
        "受众范围",
        "形成日期",
        "审查人",
        "审查依据",
        "批准日期",
        "链接",
        "摘要",
    )
    for row in good_rows():
        assert all(row[column] for column in needed), row
        assert (row["公开属性"], row["审查结论"]) == ("主动公开", "可以公开")
        assert (row["受众范围"] == "社会") == (not row["校内公开理由"]), row
        assert set(row["受众范围"].split("、")) <= {"社会", "校内", "教职工", "学生"}
        assert all(1 <= int(number) <= 50 for number in row["清单编号"].split("、") if number)
        assert len(row["清单编号"].split("、")) <= 2
        assert 30 <= len(row["摘要"]) <= 120, row
        assert row["链接"].startswith("https://www.example.edu.cn/")


def test_every_good_row_is_formed_then_approved_within_the_school_year() -> None:
    for row in good_rows():
        formed, approved = sample.parse_day(row["形成日期"]), sample.parse_day(row["批准日期"])
        assert formed <= approved
        assert date(2020, 9, 1) <= approved <= date(2021, 8, 31)
        assert row["公开日期"] in ("", row["批准日期"])


def test_the_rows_of_a_register_stand_in_the_order_of_approval() -> None:
    for rows in (register_rows(), student_rows()):
        days = [sample.parse_day(row["批准日期"]) for row in rows.values()]
        assert days == sorted(days)


def test_the_first_and_last_day_and_one_crowded_day_are_there() -> None:
    public = Counter(sample.parse_day(row["批准日期"]) for row in good_rows() if row["受众范围"] == "社会")
    assert public[date(2020, 9, 1)] and public[date(2021, 8, 31)]
    assert max(public.values()) == public[date(2020, 10, 30)] == 11


def test_a_notice_of_names_has_a_term_that_starts_the_day_after_approval_and_no_other_row_has_one() -> None:
    for row in good_rows():
        if "公示" not in row["标题"]:
            assert not row["公示起"] and not row["公示止"], row
            continue
        begin, end = sample.parse_day(row["公示起"]), sample.parse_day(row["公示止"])
        assert begin == sample.parse_day(row["批准日期"]) + timedelta(days=1)
        assert timedelta(days=4) <= end - begin <= timedelta(days=10), row


def test_no_number_looks_like_a_person_or_a_telephone() -> None:
    for path in FOLDER.glob("*.*"):
        encoding = {sample.STUDENTS: "gbk", sample.LIBRARY: "utf-8-sig"}.get(path.name, "utf-8")
        if path.suffix in (".tsv", ".csv", ".json"):
            assert not re.search(r"\d{11}", path.read_bytes().decode(encoding)), path.name
    assert not any(re.search(r"\d{11}", text) for row in register_rows().values() for text in row.values())


def test_one_good_date_is_text_in_the_workbook_and_all_others_are_dates() -> None:
    sheet = sheet_of((FOLDER / sample.REGISTER).read_bytes())
    columns = [number for number, name in enumerate(sample.WIDTHS, 1) if name in sample.DATES]
    texts = [
        cell.value
        for row in sheet.iter_rows(min_row=4)
        for cell in row
        if cell.column in columns and isinstance(cell.value, str)
    ]
    assert sorted(texts) == sorted(["九月下旬", "2021年3月15日"])


def test_the_workbook_looks_as_an_office_keeps_it() -> None:
    sheet = sheet_of((FOLDER / sample.REGISTER).read_bytes())
    assert sheet["A1"].value == sample.TITLE
    assert "A1:V1" in map(str, sheet.merged_cells.ranges)
    assert str(sheet["A2"].value).startswith("制表单位")
    assert sheet.freeze_panes == "C4"


def test_the_students_list_is_gbk_with_windows_line_ends() -> None:
    content = (FOLDER / sample.STUDENTS).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert content.count(b"\r\n") == content.count(b"\n") == len(student_rows()) + 1


def test_the_row_without_review_lacks_reviewer_and_conclusion() -> None:
    _, row, _ = mistake("no_review")
    assert not row["审查人"] and not row["审查结论"]


@pytest.mark.parametrize(
    ("kind", "column", "text"),
    [
        ("unreadable_date", "形成日期", "九月下旬"),
        ("unknown_category", "大类", "后勤服务保障工作"),
        ("unknown_sub_item", "小项", "资助管理"),
        ("blank_audience", "受众范围", ""),
        ("unknown_audience", "受众范围", "家长群"),
        ("blank_title", "标题", ""),
        ("merged_cell", "标题", ""),
        ("no_reason", "校内公开理由", ""),
        ("unknown_list_number", "清单编号", "99"),
        ("sub_item_of_other_category", "小项", "廉洁自律"),
    ],
)
def test_the_cell_named_holds_the_mistake(kind: str, column: str, text: str) -> None:
    (file, _), row, found = mistake(kind)
    assert found["column"] == (column if file == sample.REGISTER else sample.STUDENT_HEADERS[column])
    assert row[column] == text


def test_the_sub_item_elsewhere_exists_but_under_another_category() -> None:
    _, row, _ = mistake("sub_item_of_other_category")
    assert row["大类"] in SIZES
    assert {good["大类"] for good in good_rows() if good["小项"] == row["小项"]} == {"党风廉政工作事项"}


def test_the_formula_stands_in_a_title_as_text() -> None:
    _, row, _ = mistake("formula_title")
    assert row["标题"].startswith("=HYPERLINK(")


def test_the_duplicate_repeats_an_earlier_good_row_wholly() -> None:
    (_, number), row, _ = mistake("duplicate_row")
    earlier = [place for place, other in register_rows().items() if other == row and place[1] < number]
    assert len(earlier) == 1
    assert row in good_rows()


def test_two_different_rows_of_one_day_share_a_number_no_other_row_has() -> None:
    (_, first, _), (_, second, _) = mistake("ambiguous_number"), mistake("ambiguous_number", 1)
    assert first["编号"] == second["编号"]
    assert first["标题"] != second["标题"]
    assert first["批准日期"] == second["批准日期"]
    assert first["编号"] not in {row["编号"] for row in good_rows()}


def test_the_approval_before_the_forming_is_one() -> None:
    _, row, _ = mistake("approved_before_formed")
    assert row["批准日期"] < row["形成日期"]


def test_the_merged_cell_spans_a_good_row_and_the_row_listed() -> None:
    (_, number), _, _ = mistake("merged_cell")
    sheet = sheet_of((FOLDER / sample.REGISTER).read_bytes())
    assert [str(cells) for cells in sheet.merged_cells.ranges if cells.min_row > 3] == [f"B{number - 1}:B{number}"]
    assert register_rows()[(sample.REGISTER, number - 1)] in good_rows()


def test_the_library_sent_a_list_without_a_title_column() -> None:
    found = [place for place in listed()["mistakes"] if place["file"] == sample.LIBRARY]
    assert [(place["row"], place["column"], place["kind"]) for place in found] == [(1, None, "no_header")]
    header, *rows = csv_rows(sample.LIBRARY, "utf-8-sig")
    assert not {"标题", "信息标题"} & set(header)
    assert len(rows) == 3


def test_each_kind_of_mistake_is_planted_once_and_the_shared_number_twice() -> None:
    kinds = Counter(place["kind"] for place in listed()["mistakes"])
    assert kinds.pop("ambiguous_number") == 2
    assert len(kinds) == 15
    assert set(kinds.values()) == {1}


def test_two_rows_are_registered_rightly_and_not_published() -> None:
    rows = every_row()
    found = {place["disclosure"]: rows[(place["file"], place["row"])] for place in listed()["not_published"]}
    assert {kind: row["公开属性"] for kind, row in found.items()} == {kind: kind for kind in ("不予公开", "依申请公开")}
    assert found["不予公开"]["审查结论"] == "不宜公开"
