"""The same figure in the prose, the annexes, the ledger's formulas, the page and the JSON: all read back and compared."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text

from desk.papers import book, write
from desk.papers.rows import CHANNEL, LEDGER
from store.db import Db
from tests.desk.papers import Papers, by_mark, converted, flat, marked, needs_office


def test_every_figure_printed_in_the_document_stands_in_the_json_under_its_place(papers: Papers) -> None:
    known, found = by_mark(papers.plain), marked(papers.letter)
    wrong = [(name, read, known.get(name)) for name, read in found if str(known.get(name)) != read]
    assert wrong == [] and len(found) > 150


def test_no_number_of_the_prose_is_left_without_a_place(papers: Papers) -> None:
    """Besides days, the names of instruments and the numbers of the list, headings and annexes."""
    known = re.compile(
        r"\d+年\d+月\d+日|2020-2021学年|第29号|〔2014〕23号|清单第[\d、至]+项|附件\d|^\d+\.|20个工作日|\d+个大类|　*\d\.[^\d]"
    )
    loose = []
    for line in papers.letter.paragraphs:
        if "待填写" not in line.text and line.style is not None and not str(line.style.name).startswith("表"):
            of_figures = {t for m in line._p.iter(f"{W}bookmarkStart") for t in [_after(m)]}
            words = "".join(run.text for run in line.runs if run._element not in of_figures)
            loose += re.findall(r"\d+", known.sub("", words))
    assert loose == []


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _after(mark: Any) -> Any:
    return mark.getnext()


def test_every_figure_of_the_page_is_the_same(papers: Papers) -> None:
    known = dict(flat(papers.plain))
    found = re.findall(r'<data value="([^"]*)" title="([^"]*)">([^<]*)</data>', papers.page)
    assert [each for each in found if not str(known[each[1]]) == each[0] == each[2]] == [] and len(found) > 150


def test_the_page_needs_nothing_from_elsewhere(papers: Papers) -> None:
    page = re.sub(r'<a href="[^"]*"[^>]*>', "", papers.page)
    assert "<script" not in page and not re.search(r"(src|href|url\()\s*=?", page)
    assert page.count("<svg") == 2 and 'href="https://www.example.edu.cn/21.htm"' in papers.page


def test_the_figures_are_those_of_a_recount_by_plain_sql(papers: Papers, year_db: Db) -> None:
    def ask(sql: str) -> dict[Any, Any]:
        with year_db.read() as conn:
            return {tuple(row[:-1]): row[-1] for row in conn.execute(text(sql))}

    items = papers.plain["items"]
    within = "counted AND disclosed_on BETWEEN '2020-09-01' AND '2021-08-31'"
    assert ask(f"SELECT count(*) FROM items WHERE {within}") == {(): items["disclosed"]}
    by_category = ask(f"SELECT category, count(*) FROM items WHERE {within} GROUP BY category")
    assert by_category == {(each["name"],): each["items"] for each in items["categories"] if each["items"]}
    by_department = ask(f"SELECT department, count(*) FROM items WHERE {within} GROUP BY department")
    assert by_department == {(name,): n for name, n in items["departments"].items()}
    due = ask("SELECT channel, origin, count(*) FROM placements GROUP BY channel, origin")
    assert due == {(each["name"], each["origin"]): each["due"] for each in papers.plain["channels"] if each["due"]}
    went = "JOIN pushes u ON u.id = p.push_id JOIN deliveries d ON d.push_id = u.id AND d.status = 'delivered'"
    arrived = ask(f"SELECT p.channel, count(DISTINCT p.id) FROM placements p {went} GROUP BY p.channel")
    assert arrived == {(c["name"],): c["results"]["成功"] for c in papers.plain["channels"] if c["origin"] == "bot"}


def _rows(papers: Papers, sheet: str) -> list[dict[str, Any]]:
    header, *rows = list(papers.book[sheet].iter_rows(min_row=book.HEAD, values_only=True))
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def test_the_cells_of_the_ledger_add_up_to_the_report(papers: Papers) -> None:
    mine = [row for row in _rows(papers, book.ALL) if row["状态"] == "已公开" and row["计入"] == "是"]
    items = papers.plain["items"]
    assert len(mine) == items["disclosed"] and papers.plain["checked"] is True
    for each in items["categories"]:
        assert sum(row["大类"] == each["name"] for row in mine) == each["items"]
    for month, n in items["months"].items():
        assert sum(f"{row['公开日期']:%Y-%m}" == month for row in mine) == n
    assert sum(row["是否逾期"] == "是" for row in mine) == papers.plain["beside"]["late"] == 1
    for each in papers.plain["channels"]:
        if each["due"]:
            source = "自动推送" if each["origin"] == "bot" else "人工补录"
            rows = [row for row in _rows(papers, each["label"]) if row["来源"] == source]
            assert len(rows) == each["due"] and sum(row["计条"] for row in rows) == each["items"]
            assert {word: sum(row["结果"] == word for row in rows) for word in each["results"]} == each["results"]


def test_days_are_days_and_long_numbers_are_text(papers: Papers) -> None:
    rows = _rows(papers, book.ALL)
    assert all(isinstance(row["公开日期"], datetime) for row in rows if row["状态"] == "已公开")
    assert all(isinstance(row["推送时间"], datetime) for row in rows if row["渠道"])
    assert all(isinstance(row["编号"], str) for row in rows)
    sheet = papers.book[book.ALL]
    assert sheet.freeze_panes == "C4" and sheet.auto_filter.ref == f"A3:AG{book.HEAD + len(rows)}"
    assert sheet.cell(4, list(LEDGER).index("公开日期") + 1).number_format == "yyyy-mm-dd"
    assert {"汇总", "渠道汇总", "全部条目"} < set(papers.book.sheetnames) and len(CHANNEL) == 14


def test_the_summaries_hold_formulas_and_charts_and_no_pasted_sums(papers: Papers) -> None:
    for name in (book.SUMMARY, book.CHANNELS):
        sheet = load_workbook(papers.folder / write.BOOK)[name]
        values = [row[1 if name == book.SUMMARY else 2].value for row in sheet.iter_rows(min_row=book.HEAD + 1)]
        assert sum(str(value).startswith(("=COUNTIFS(", "=SUM(", "=SUMIFS(")) for value in values) > 3
        assert not any(isinstance(value, int) for value in values)
        assert len(sheet._charts) == 1  # type: ignore[attr-defined]  # openpyxl has no other door to them


@needs_office
def test_recalculated_by_an_office_program_every_check_of_the_ledger_says_so(papers: Papers, tmp_path: Path) -> None:
    (tmp_path / "再算").mkdir()
    again = load_workbook(converted(papers.folder / write.BOOK, "xlsx", tmp_path / "再算"), data_only=True)
    lines = list(again[book.SUMMARY].iter_rows(min_row=book.HEAD + 1, values_only=True))
    checks = [line[4] for line in lines if line[4]]
    assert set(checks) == {"一致"} and len(checks) > 30
    assert lines[0][1] == papers.plain["items"]["disclosed"]
    channels = list(again[book.CHANNELS].iter_rows(min_row=book.HEAD + 1, values_only=True))
    known = {(c["label"], c["items"], c["due"]) for c in papers.plain["channels"] if c["due"]}
    assert {(line[0].removesuffix(f"（{line[1]}）"), line[2], line[3]) for line in channels if line[1]} == known
    assert {line[-1] for line in channels if line[1]} == {"一致"}


@needs_office
def test_a_cell_that_a_clerk_changes_changes_the_sums_and_the_check_says_so(papers: Papers, tmp_path: Path) -> None:
    changed = papers.book
    changed[book.ALL].cell(4, list(LEDGER).index("大类") + 1).value = "别的大类"
    changed.save(tmp_path / "改过.xlsx")
    (tmp_path / "再算").mkdir()
    again = load_workbook(converted(tmp_path / "改过.xlsx", "xlsx", tmp_path / "再算"), data_only=True)
    assert "不一致" in [row[4] for row in again[book.SUMMARY].iter_rows(min_row=4, values_only=True)]


def test_the_table_opens_in_excel_and_has_the_ledger_s_rows(papers: Papers) -> None:
    raw = (papers.folder / write.TABLE).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert list(rows[0]) == list(LEDGER) and len(rows) == len(papers.facts.entries)
