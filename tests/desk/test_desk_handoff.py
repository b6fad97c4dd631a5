"""Hand-offs and bookings as the clerk meets them: lists, sheets, a printed notice, and the same words everywhere."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from config import places
from desk import book as booking
from desk import handoff as desk
from desk import log, orders, report, sheets, why
from desk.amend import retract as take_back
from desk.errors import DeskError
from jobs.handoff import list_open
from jobs.report import Report
from jobs.report import report as count
from rules.dates import SchoolYear
from store import tables as t
from store.db import Db
from tests.jobs.bench import Bench, entry, make_bench
from tests.jobs.by_hand import hand_over, with_places

TITLE = "关于校内停电的通知"


def inner(**over: Any) -> Any:
    return entry(**{"audience": ("校内",), "title": TITLE, "url": "http://127.0.0.1/c21a39/page.htm", **over})


@pytest.fixture
def bench(sqlite_db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(places, "VAR", tmp_path / "var")
    made = with_places(make_bench(sqlite_db))
    made.target("M1", channel=None)
    yield made
    made.close()


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def year(bench: Bench) -> Report:
    return count(bench.db, bench.office.school, SchoolYear(2020), cut_off=bench.clock.now)


def handed(bench: Bench, *entries: Any) -> list[int]:
    found = [each.what.push_id for each in hand_over(bench, *(entries or (inner(),)))]
    bench.clock.forward(days=1, hours=5)
    return found


def test_the_list_names_place_title_person_and_deadline_overdue_first(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    handed(bench)
    bench.clock.forward(days=4)
    handed(bench, inner(title="后来的"))
    desk.show_open(bench.office)
    rows = told(capsys).splitlines()
    assert "B1 一号楼公告栏" in rows[1] and TITLE in rows[1] and "李四" in rows[1] and "2020-09-13" in rows[1]
    assert rows[1].endswith("逾期") and not rows[2].endswith("逾期")
    assert "共 2 件待办理，其中 1 件逾期" in rows[3]


def test_what_is_to_be_taken_back_is_marked_as_such(
    bench: Bench, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    [number] = handed(bench)
    desk.done(bench.office, number, by="李四", at="2020-09-11 10:00", place=None, amount=None, unit=None, note=None, proof=None)
    take_back(bench.office, "1", "有误")
    bench.tick()
    told(capsys)
    desk.show_open(bench.office)
    assert f"【撤回】{TITLE}" in told(capsys)
    desk.write_sheet(bench.office, tmp_path / "交办.xlsx")
    assert f"【撤回】{TITLE}" in str([[c.value for c in row] for row in load_workbook(tmp_path / "交办.xlsx").active])


@pytest.mark.parametrize(("at", "counts"), [("2020-09-11 23:00", "按 2020-09-11 14:00 计"), ("2020-09-11 10:00", "")])
def test_an_hour_that_has_not_come_yet_is_told_to_count_as_now(
    bench: Bench, capsys: pytest.CaptureFixture[str], at: str, counts: str
) -> None:
    [number] = handed(bench)
    desk.done(bench.office, number, by="李四", at=at, place=None, amount=None, unit=None, note=None, proof=None)
    said = told(capsys)
    assert counts in said and ("办理时间" in said) == bool(counts)


def test_with_nothing_open_it_says_so(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    desk.show_open(bench.office)
    assert "没有待办理的交办" in told(capsys)


def test_the_text_is_shown_with_the_period_of_a_public_notice(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    [number] = handed(bench, inner(notice_from=date(2020, 9, 11), notice_to=date(2020, 9, 17)))
    desk.show(bench.office, number)
    out = told(capsys)
    assert TITLE in out and "公示期：2020-09-11 至 2020-09-17" in out and "已交李四办理" in out
    with pytest.raises(DeskError, match="没有编号为 99 的交办"):
        desk.show(bench.office, 99)


def test_log_why_and_report_call_it_by_its_own_words(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    [number] = handed(bench)
    log.show(bench.db, {"target": "B1"})
    out = told(capsys)
    assert "待定" in out and "已交李四办理" in out
    desk.done(
        bench.office,
        number,
        by="李四",
        at="2020-09-11 10:00",
        place="一号楼大厅",
        amount=2,
        unit="处",
        proof=None,
        note=None,
    )
    assert f"已登记：交办 {number} 由 李四 办理，2 处" in told(capsys)
    log.show(bench.db, {"target": "B1"})
    out = told(capsys)
    assert "人工登记" in out and "成功" in out and "送达" not in out
    why.show(bench.db, bench.office.school, 1)
    out = told(capsys)
    assert "已交人工：已交李四办理" in out and "李四，李四 2020-09-11 10:00 在一号楼大厅办理，2 处" in out
    assert "草稿" not in out
    report.show(year(bench))
    out = told(capsys)
    assert "张贴处数" in out and "2 处" in out and "各项均已核对" in out


def test_a_booking_shows_as_one_everywhere(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.enter(inner())
    bench.clock.forward(days=1)
    said = {"by": "李四", "at": "2020-09-02", "amount": 30, "unit": "份", "note": None}
    booking.one(bench.office, TITLE, "人工渠道", "一号楼公告栏", **said)
    assert "已补录：条目 1 在 一号楼公告栏（B1），推送 1，按人工补录计" in told(capsys)
    log.show(bench.db, {})
    assert "成功（人工补录）" in told(capsys)
    why.show(bench.db, bench.office.school, 1)
    assert "人工补录：李四 2020-09-02 12:00 办理，30 份" in told(capsys)
    report.show(year(bench))
    out = told(capsys)
    assert "人工渠道（人工补录）" in out and "发放份数" in out and "各项均已核对" in out
    with pytest.raises(DeskError, match="已经补录过"):
        booking.one(bench.office, TITLE, "", "B1", **said)
    with pytest.raises(DeskError, match="属于渠道“渠道groups”，不是“人工渠道”"):
        booking.one(bench.office, TITLE, "人工渠道", "G1", **said)


def test_a_booking_outside_the_audience_is_never_silent(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.enter(inner(audience=("教职工",)))
    booking.one(bench.office, "1", "", "B1", by="李四", at="2020-09-02", amount=None, unit=None, note=None)
    assert "！注意：受众范围为教职工" in told(capsys)
    assert len(bench.alarms()) == 1


def fill(path: Path, *rows: dict[str, Any]) -> None:
    """What a clerk types into the first rows."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    names = [each.value for each in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for name, value in row.items():
            sheet.cell(number, names.index(name) + 1, value)
    book.save(path)


def test_a_sheet_is_written_filled_in_and_read_back(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handed(bench, inner(), inner(title="=2+3"), inner(title="没填的"))
    path = tmp_path / "交办.xlsx"
    desk.write_sheet(bench.office, path)
    assert "3 件待办理" in told(capsys)
    assert [row[2].data_type for row in load_workbook(path).worksheets[0].iter_rows(min_row=2)] == ["s", "s", "s"]
    fill(
        path,
        {"办理人": "李四", "办理时间": datetime(2020, 9, 11, 9, 30), "办理地点": "一号楼", "数量": 2, "单位": "处"},
        {"办理人": "王五", "办理时间": "2020年9月11日", "备注": "已贴"},
    )
    desk.read_sheet(bench.office, path)
    assert "共处理 2 行，1 行没有填写" in told(capsys)
    rows = {row.done_by: (row.place, row.amount, row.unit, row.note) for row in bench.rows(t.handoffs)}
    assert rows == {"李四": ("一号楼", 2, "处", ""), "王五": ("", None, "", "已贴")}
    desk.read_sheet(bench.office, path)
    assert told(capsys).count("已登记过，跳过") == 2
    assert len(bench.rows(t.handoffs)) == 2 and len(list_open(bench.office)) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"办理时间": "2020-09-11"}, "交办.xlsx 第2行“办理人”列：未填写"),
        ({"办理人": "李四"}, "交办.xlsx 第2行“办理时间”列：未填写"),
        ({"办理人": "李四", "办理时间": "上周五"}, "交办.xlsx 第2行“办理时间”列：时间“上周五”应写成"),
        ({"办理人": "李四", "办理时间": "2020-09-30"}, "交办.xlsx 第2行“办理时间”列：时间 2020-09-30 还没有到"),
        ({"办理人": "李四", "办理时间": "2020-09-11", "数量": "两处"}, "交办.xlsx 第2行“数量”列：“两处”应为整数"),
        ({"办理人": "李四", "办理时间": "2020-09-11", "数量": 2}, "交办.xlsx 第2行“单位”列：单位“”应为"),
        ({"办理人": "李四", "办理时间": "2020-09-11", "编号": 77}, "交办.xlsx 第2行“编号”列：没有编号为 77"),
    ],
)
def test_a_wrong_cell_is_named_and_its_row_left_alone_while_the_others_are_written(
    bench: Bench, tmp_path: Path, row: dict[str, Any], words: str
) -> None:
    handed(bench, inner(), inner(title="第二件"))
    path = tmp_path / "交办.xlsx"
    desk.write_sheet(bench.office, path)
    fill(path, row, {"办理人": "王五", "办理时间": "2020-09-11 10:00"})
    with pytest.raises(DeskError) as error:
        desk.read_sheet(bench.office, path)
    assert words in str(error.value) and "以上 1 行没有登记" in str(error.value)
    assert [each.done_by for each in bench.rows(t.handoffs)] == ["王五"]


def test_a_file_that_is_no_such_sheet_is_told(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(DeskError, match="打不开"):
        desk.read_sheet(bench.office, path)
    sheets.write(path, "别的", {"甲": 5}, (), [["一"]])
    with pytest.raises(DeskError, match="没有找到表头"):
        desk.read_sheet(bench.office, path)


def test_bookings_come_from_a_sheet_each_row_by_itself(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.enter(inner(), inner(title="第二件"))
    path = tmp_path / "补录.xlsx"
    booking.write_sheet(path)
    good = {"条目": TITLE, "目标": "B1", "时间": "2020-09-02", "办理人": "李四", "数量": 30, "单位": "份"}
    fill(
        path,
        good,
        {**good, "条目": "没有的"},
        good,
        {**good, "条目": "第二件", "目标": "火星"},
        {**good, "条目": "第二件"},
    )
    with pytest.raises(DeskError) as error:
        booking.from_sheet(bench.office, path)
    wrong = str(error.value).splitlines()
    assert [line.partition("：")[0] for line in wrong[:3]] == [
        "补录.xlsx 第3行“条目”列", "补录.xlsx 第4行“目标”列", "补录.xlsx 第5行“目标”列",
    ]  # fmt: skip
    assert "已经补录过" in wrong[1]
    assert "共处理 2 行" in told(capsys)
    assert [row.origin for row in bench.rows(t.pushes)] == ["booked", "booked"]


def text_of(path: Path) -> bytes:
    """The drawing orders of a PDF, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.S)
    return b"".join(zlib.decompress(base64.a85decode(b"<~" + each.strip(), adobe=True)) for each in found)


def test_a_notice_is_printed_with_a_code_and_without_one_where_there_is_no_address(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = handed(
        bench, inner(notice_from=date(2020, 9, 11), notice_to=date(2020, 9, 17)), inner(title="无址𬭎", url="")
    )
    with_code, without = tmp_path / "a.pdf", tmp_path / "b.pdf"
    desk.print_notice(bench.office, first, with_code)
    desk.print_notice(bench.office, second, without)
    out = told(capsys)
    assert "1 页\n" in out and "没有原文网址，不印二维码" in out
    drawn, bare = text_of(with_code), text_of(without)
    assert drawn.count(b" re") > 100 and bare.count(b" re") == 0  # the squares of the code
    for words, here in (
        (TITLE, True),
        ("公示期：2020年9月11日至2020年9月17日", True),
        ("扫码查看原文", True),
        ("〓", False),
    ):
        assert (pdf_words(words) in drawn) is here, words
    assert pdf_words("〓") in bare and pdf_words("扫码查看原文") not in bare


def pdf_words(text: str) -> bytes:
    """As the font's encoding writes them."""
    raw = text.encode("utf-16-be")
    escaped = "".join(
        f"\\{byte:03o}" if not 32 <= byte < 127 else ("\\" if chr(byte) in "()\\" else "") + chr(byte) for byte in raw
    )
    return escaped.encode()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2020-09-12", "2020-09-12T12:00"), ("2020/9/12 8:05", "2020-09-12T08:05"), ("2020年9月12日", "2020-09-12T12:00"),
        ("2020-09-12T10:00", "2020-09-12T10:00"), (date(2020, 9, 12), "2020-09-12T12:00"), (44086, "2020-09-12T12:00"),
    ],
)  # fmt: skip
def test_a_moment_is_understood_however_it_is_written(typed: Any, meant: str) -> None:
    assert sheets.instant(typed).isoformat() == f"{meant}:00+08:00"


@pytest.mark.parametrize("typed", ["昨天", "2020-13-01", "2020-09-12 25:00", ""])
def test_a_moment_that_is_none_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match="应写成 2020-09-12"):
        sheets.instant(typed)


def test_cancelling_an_item_says_how_to_drop_what_a_person_holds(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    handed(bench)
    orders.cancel(bench.office, "1", "")
    out = told(capsys)
    assert "已交人工办理，如不再办理请登记：python bot.py hand-off drop 编号：一号楼公告栏（B1）" in out
    assert "草稿" not in out
