"""Every paper of a report in one folder, all from one reading of the store."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.papers import book, letter, page
from desk.papers.prose import Facts, document
from desk.papers.rows import LEDGER, ledger_rows
from desk.words import cell
from jobs.registers import figures
from jobs.report import Report, report
from rules.dates import SchoolYear
from rules.deadlines import Clock
from rules.school import School
from store import ledger
from store.db import Db
from store.span import Span

#: The names of the files.
REPORT, BOOK, TABLE, PAGE, PLAIN = (
    "信息公开年度报告.docx",
    "推送台账.xlsx",
    "推送台账.csv",
    "信息公开年度报告.html",
    "统计数据.json",
)


@dataclass(frozen=True)
class Written:
    """What was written, and the report it was written from."""

    report: Report
    paths: tuple[Path, ...]


def write_all(db: Db, school: School, year: SchoolYear, folder: Path, *, cut_off: datetime, today: Clock) -> Written:
    """Write every paper into `folder`, which is made if it is not there; raises OSError."""
    found = report(db, school, year, cut_off=cut_off)
    span = Span(year.start, year.end, cut_off)
    with db.snapshot() as conn:
        placed = ledger.went(conn, span)
        entries = ledger.entries(conn, span, placed)
        reviewed = ledger.reviewed(conn, span)
        registers = figures(conn, school, span).registers
    went = [each for many in placed.values() for each in many]
    facts = Facts(
        report=found, registers=registers, entries=entries, taxonomy=school.taxonomy, reviewed=reviewed
    )  # fmt: skip
    blocks = list(document(facts))
    folder.mkdir(parents=True, exist_ok=True)
    letter.write(folder / REPORT, blocks)
    page.write(folder / PAGE, f"{school.name}{found.year}信息公开工作年度报告", blocks)
    book.write(folder / BOOK, found, entries, went, today)
    with (folder / TABLE).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LEDGER)
        writer.writerows([cell(value) for value in row] for row in ledger_rows(found, entries, today))
    text = json.dumps(found.as_json(), ensure_ascii=False, indent=2)
    (folder / PLAIN).write_text(text + "\n", encoding="utf-8")
    return Written(found, tuple(folder / name for name in (REPORT, BOOK, TABLE, PAGE, PLAIN)))
