"""Registers as the clerk meets them: by command and by sheet, wrong cells named, a sheet read twice changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from desk import registers as desk
from desk.errors import DeskError
from desk.papers.facts import gather
from desk.papers.write import PAGE, write_all
from jobs.clock import clock_of
from rules.dates import SchoolYear
from store import registers as store
from store.db import Db
from store.registers import Stored
from tests.jobs.bench import Bench, make_bench

APPLIED = ("收到日期=2020-09-01", "方式=信函", "申请人类别=社会", "事项=2019年决算")


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    desk.open_it(made.office, "申请")
    yield made
    made.close()


def rows(bench: Bench) -> list[Stored]:
    with bench.db.read() as conn:
        return store.rows(conn, "依申请公开")


def filled(bench: Bench, path: Path, *cells: dict[str, object]) -> Path:
    """The sheet as the bot writes it, with these rows put below, or over those with a 编号."""
    if not path.exists():
        desk.write_sheet(bench.office, "依申请公开", path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for said in cells:
        known = [n for n in range(2, sheet.max_row + 1) if "编号" in said and sheet.cell(n, 1).value == said["编号"]]
        row = known[0] if known else sheet.max_row + 1
        for column, value in said.items():
            sheet.cell(row, heads.index(column) + 1, value)
    book.save(path)
    return path


def test_a_row_is_added_answered_and_voided_by_command(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    desk.add(bench.office, "申请", APPLIED)
    [row] = rows(bench)
    desk.correct(bench.office, row.id, ("答复类型=同意公开", "答复日期＝2020-09-09"))
    desk.show(bench.office)
    out = capsys.readouterr().out
    assert "新收 1 件，办结 1 件，结转 0 件，逾期 0 件；同意公开 1 件；收费 0.00 元" in out
    assert "诉讼        未启用" in out
    [new] = rows(bench)
    desk.void(bench.office, new.id, "误登")
    assert rows(bench) == []
    with pytest.raises(DeskError, match=r"^没有作废："):
        desk.void(bench.office, new.id, "误登")


def test_a_row_that_says_what_another_says_is_taken_and_told(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for fields in (APPLIED, APPLIED, (*APPLIED[:-1], "事项=另一件")):
        desk.add(bench.office, "申请", fields)
    one, two, _ = sorted(row.id for row in rows(bench))
    out = capsys.readouterr().out
    assert out.count("完全相同") == 1 and f"内容与编号 {one} 完全相同" in out and f"register void {two} " in out


def test_what_is_typed_wrong_is_told_column_by_column_and_nothing_is_stored(bench: Bench) -> None:
    with pytest.raises(DeskError) as told:
        desk.add(bench.office, "依申请公开", ("收到日期=昨天", "方式=鸽子"))
    said = str(told.value)
    assert all(f"“{column}”列：" in said for column in ("收到日期", "方式", "申请人类别", "事项"))
    for wrong in (("事项",), ("事项=甲", "事项=乙")):
        with pytest.raises(DeskError, match="事项"):
            desk.add(bench.office, "依申请公开", wrong)
    with pytest.raises(DeskError, match="可用：依申请公开、不予公开"):
        desk.add(bench.office, "没有这本", APPLIED)
    with pytest.raises(DeskError, match="register open 诉讼"):
        desk.write_sheet(bench.office, "诉讼", Path("nowhere.xlsx"))
    assert rows(bench) == []


def test_good_rows_are_stored_wrong_ones_named_and_a_second_reading_adds_nothing(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"收到日期": "2020年9月2日", "方式": "网络", "申请人类别": "学生", "事项": "收费标准", "收费金额": 3.5}
    path = filled(bench, tmp_path / "申请.xlsx", good, good, {**good, "方式": "鸽子", "申请人类别": None})
    for _ in range(2):
        with pytest.raises(DeskError) as told:
            desk.read_sheet(bench.office, "依申请公开", path)
        assert "申请.xlsx 第4行“方式”列：“鸽子”应为" in str(told.value) and "“申请人类别”列：未填写" in str(told.value)
        assert [row.fields["收费金额"] for row in rows(bench)] == ["3.50", "3.50"]
    assert "视为读过，跳过" in capsys.readouterr().out


def test_a_changed_row_with_a_number_is_a_correction_and_an_unchanged_one_is_left(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.add(bench.office, "申请", APPLIED)
    desk.add(bench.office, "申请", (*APPLIED[:3], "事项=-5%的收费"))
    one, two = (row.id for row in rows(bench))
    path = filled(bench, tmp_path / "甲.xlsx", {"编号": one, "答复类型": "撤回", "答复日期": "2020-09-08"})
    for _ in range(2):
        desk.read_sheet(bench.office, "依申请公开", path)
    out = capsys.readouterr().out
    assert f"编号 {one} 已更正，新编号 {two + 1}" in out and f"编号 {one} 已更正过，跳过" in out
    assert out.count(f"编号 {two} 没有变化，跳过") == 2
    assert {row.id for row in rows(bench)} == {two, two + 1}
    assert next(row for row in rows(bench) if row.id == two).fields["事项"] == "-5%的收费"


def test_a_number_of_another_register_or_of_none_is_told(bench: Bench, tmp_path: Path) -> None:
    desk.open_it(bench.office, "培训")
    desk.add(bench.office, "培训", ("日期=2020-09-01", "内容=信息员培训", "人数=42"))
    with bench.db.read() as conn:
        [other] = store.rows(conn, "培训")
    said = {"收到日期": "2020-09-02", "方式": "网络", "申请人类别": "学生", "事项": "收费标准"}
    path = filled(bench, tmp_path / "乙.xlsx", {**said, "编号": other.id}, {**said, "编号": 999})
    with pytest.raises(DeskError, match=f"编号 {other.id} 属于登记簿“培训”(.|\n)*没有编号为 999 的登记"):
        desk.read_sheet(bench.office, "依申请公开", path)
    assert rows(bench) == []


def test_the_sheet_offers_the_choices_and_no_sheet_is_written_over(bench: Bench, tmp_path: Path) -> None:
    path = filled(bench, tmp_path / "丙.xlsx")
    offered = [each.formula1 for each in load_workbook(path).worksheets[0].data_validations.dataValidation]
    assert '"教职工,学生,社会"' in offered and len(offered) == 3
    with pytest.raises(DeskError, match="没有覆盖"):
        desk.write_sheet(bench.office, "依申请公开", path)


def test_the_report_says_nought_only_of_a_register_that_was_opened(bench: Bench, tmp_path: Path) -> None:
    desk.open_it(bench.office, "举报")
    desk.add(bench.office, "申请", APPLIED)
    school, now = bench.office.school, bench.clock.now
    clock = clock_of(bench.office)
    write_all(gather(bench.db, school, SchoolYear(2020), cut_off=now, clock=clock), tmp_path, clock)
    text = re.sub(r"<[^>]+>", "", (tmp_path / PAGE).read_text(encoding="utf-8"))
    assert "举报0件" in text and "行政复议0件" not in text and "行政诉讼0件" not in text
    assert "新收" in text and "依申请公开登记簿没有这一期的登记" not in text


def test_a_wrong_answer_is_told_once_and_not_also_as_one_that_is_lacking(bench: Bench) -> None:
    desk.add(bench.office, "申请", APPLIED)
    with pytest.raises(DeskError) as told:
        desk.correct(bench.office, rows(bench)[0].id, ("答复类型=公开", "答复日期=2020-09-09"))
    assert "“公开”应为" in str(told.value) and "未填写" not in str(told.value)


def test_a_number_of_a_row_and_a_formula_without_a_value_are_told_as_what_they_are(
    bench: Bench, tmp_path: Path
) -> None:
    good = {"收到日期": "2020-09-01", "方式": "信函", "申请人类别": "社会", "事项": "2019年决算"}
    path = filled(bench, tmp_path / "申请.xlsx", {"编号": "二", **good}, {**good, "收到日期": "=TODAY()", "事项": "=A1"})
    with pytest.raises(DeskError) as told:
        desk.read_sheet(bench.office, "申请", path)
    number, formula, _ = str(told.value).splitlines()
    assert "“编号”列：“二”不是编号" in number and "没有统计" not in number
    assert "“事项”列：是公式，没有保存计算结果（还有“收到日期”列），请粘贴为数值" in formula
    assert rows(bench) == []
