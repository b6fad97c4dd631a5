"""Words of others in the papers do no harm; sums that do not hold are stamped on the first page of each paper."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from desk.papers import book, write
from desk.papers.rows import LEDGER
from store import tables as t
from store.db import Db
from tests import factory as f
from tests.desk.conftest import Front
from tests.desk.papers import Papers, a_clock, converted, facts_of, needs_office, some_year, written

NOON = f.moment("2020-10-01")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0")


def _titled(db: Db, *titles: str) -> None:
    with db.write() as conn:
        for title in titles:
            f.publish(conn, "Q01", NOON, title=title, department=title)


def test_no_text_of_a_row_becomes_a_formula(sqlite_db: Db, tmp_path: Path) -> None:
    _titled(sqlite_db, *FORMULAS)
    papers = written(sqlite_db, tmp_path)
    for name in papers.book.sheetnames[2:]:
        cells = [cell for row in papers.book[name].iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    rows = list(csv.reader((tmp_path / write.TABLE).read_text(encoding="utf-8-sig").splitlines()))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


@needs_office
def test_departments_named_like_formulas_are_still_counted_and_never_run(sqlite_db: Db, tmp_path: Path) -> None:
    _titled(sqlite_db, "=1+1", "-1", '甲"乙')
    written(sqlite_db, tmp_path)
    (tmp_path / "再算").mkdir()
    again = load_workbook(converted(tmp_path / write.BOOK, "xlsx", tmp_path / "再算"), data_only=True)
    lines = {row[0]: row for row in again[book.SUMMARY].iter_rows(min_row=book.HEAD + 1, values_only=True)}
    assert [lines[name][1] for name in ("=1+1", "-1", '甲"乙')] == [1, 1, 1]


@pytest.mark.parametrize(
    "title", ["控制\x0b符\x01号", "孤立\ud800代理", "非\ufffe字符", "我们的\ue000\ue001\ue002记号", "<b>&\"'</b>"]
)
def test_signs_that_no_office_file_may_hold_are_left_out(sqlite_db: Db, tmp_path: Path, title: str) -> None:
    _titled(sqlite_db, "平常的标题")
    facts = facts_of(sqlite_db)
    entries = [replace(each, title=title, department=title, url=f"https://x.example/{title}") for each in facts.entries]
    report = replace(facts.report, school=title)
    write.write_all(replace(facts, entries=entries, report=report), tmp_path, a_clock())
    papers = Papers(tmp_path, facts)
    assert papers.book[book.ALL]["B4"].value and papers.letter.paragraphs and "<b>&" not in papers.page


@pytest.mark.parametrize("label", ["a/b\\c:d*e?[f]'g", "汇总", "很长的渠道名称" * 8, "''"])
def test_a_channel_may_be_called_anything(sqlite_db: Db, tmp_path: Path, label: str) -> None:
    _titled(sqlite_db, "通知")
    facts = facts_of(sqlite_db)
    channels = tuple(replace(each, label=label) for each in facts.report.channels)
    channels = tuple(replace(each, due=1) for each in channels)
    write.write_all(replace(facts, report=replace(facts.report, channels=channels)), tmp_path, a_clock())
    names = Papers(tmp_path, facts).book.sheetnames
    assert len({name.casefold() for name in names}) == len(names) == 6 and all(len(name) <= 31 for name in names)


def test_sums_that_do_not_hold_are_stamped_on_the_first_page_of_every_paper(sqlite_db: Db, tmp_path: Path) -> None:
    with sqlite_db.write() as conn:
        odd = f.publish(conn, "Q01", NOON, title="放错的条目")
        conn.execute(update(t.items).values(department=""))
    papers = written(sqlite_db, tmp_path)
    assert "未核对" in papers.letter.paragraphs[0].text and papers.plain["checked"] is False
    assert f"条目 {odd} " in "\n".join(line.text for line in papers.letter.paragraphs)
    assert all("未核对" in papers.book[name]["A1"].value for name in papers.book.sheetnames)
    assert papers.page.index("未核对") < papers.page.index("<h1>")


def test_a_year_that_holds_is_stamped_nowhere(sqlite_db: Db, tmp_path: Path) -> None:
    some_year(sqlite_db)
    papers = written(sqlite_db, tmp_path)
    assert "未核对" not in papers.page + "".join(papers.book[name]["A1"].value for name in papers.book.sheetnames)
    assert not [line for line in papers.letter.paragraphs if "未核对" in line.text]


def test_a_paper_that_cannot_be_written_leaves_the_old_one_whole(
    sqlite_db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = written(sqlite_db, tmp_path)
    old = (tmp_path / write.BOOK).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "磁盘已满")

    monkeypatch.setattr("openpyxl.writer.excel.ExcelWriter.save", full)
    with pytest.raises(OSError):
        write.write_all(papers.facts, tmp_path, a_clock())
    assert (tmp_path / write.BOOK).read_bytes() == old
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith("~")) == []


def test_what_a_person_has_worked_in_is_left_alone_and_the_new_one_stands_beside_it(
    sqlite_db: Db, tmp_path: Path
) -> None:
    papers = written(sqlite_db, tmp_path / "年报")
    assert len(write.write_all(papers.facts, papers.folder, a_clock())) == len(list(papers.folder.iterdir())) == 5
    filled = papers.letter
    filled.add_paragraph("主要经验是……")
    filled.save(str(papers.folder / write.REPORT))
    (papers.folder / write.BOOK).write_bytes("没有存完".encode())
    for _ in range(2):  # what was written beside it is replaced the next time
        again = [path.name for path in write.write_all(papers.facts, papers.folder, a_clock())]
        assert again[0] == "信息公开年度报告（2）.docx" and again[2] == "推送台账（2）.xlsx"
    assert papers.letter.paragraphs[-1].text == "主要经验是……" and len(list(papers.folder.iterdir())) == 7


@needs_office
def test_a_paper_saved_by_an_office_program_counts_as_worked_in(sqlite_db: Db, tmp_path: Path) -> None:
    papers = written(sqlite_db, tmp_path / "年报")
    for name in (write.REPORT, write.BOOK):
        kind = name.rpartition(".")[2]
        (tmp_path / kind).mkdir()
        converted(papers.folder / name, kind, tmp_path / kind).replace(papers.folder / name)
    names = [path.name for path in write.write_all(papers.facts, papers.folder, a_clock())]
    assert names[0] == "信息公开年度报告（2）.docx" and names[2] == "推送台账（2）.xlsx"


def test_where_nobody_knows_what_was_written_nothing_is_replaced(sqlite_db: Db, tmp_path: Path) -> None:
    papers = written(sqlite_db, tmp_path / "年报")
    (papers.folder / write.PLAIN).write_text("[]", encoding="utf-8")
    old = {path.name: path.read_bytes() for path in papers.folder.iterdir() if path.name != write.PLAIN}
    write.write_all(papers.facts, papers.folder, a_clock())
    assert {name: (papers.folder / name).read_bytes() for name in old} == old


def test_rows_beyond_a_sheet_s_first_thousands_are_counted_too(sqlite_db: Db) -> None:
    area = book.Area("全部条目", tuple(LEDGER), 30_000 + book.ROOM)
    assert area.of("序号") == "'全部条目'!$A$4:$A$30200"


def test_the_command_writes_all_papers_and_says_which(front: Front, tmp_path: Path) -> None:
    assert front("once", "watch").exit_code == 0
    done = front("report", "--year", "2020-2021", "--out", str(tmp_path / "年报"))
    assert done.exit_code == 0, done.output
    for name in (write.REPORT, write.BOOK, write.TABLE, write.PAGE, write.PLAIN):
        assert f"已写入 {tmp_path / '年报' / name}" in done.output and (tmp_path / "年报" / name).stat().st_size > 100
    assert "没有登记任何条目" in done.output and "各项合计均已核对" not in done.output  # of a year before the first look
