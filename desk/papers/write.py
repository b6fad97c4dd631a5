"""Every paper of a report in one folder, all from one reading of the store."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desk.papers import book, letter, page
from desk.papers.blocks import clean
from desk.papers.facts import Facts
from desk.papers.prose import document
from desk.papers.rows import LEDGER, ledger_rows
from desk.words import cell
from rules.deadlines import Clock

#: The names of the files.
REPORT, BOOK, TABLE = "信息公开年度报告.docx", "推送台账.xlsx", "推送台账.csv"
PAGE, PLAIN = "信息公开年度报告.html", "统计数据.json"


@dataclass(frozen=True)
class _Paper:
    name: str
    write: Callable[[Path], None]


def write_all(facts: Facts, folder: Path, clock: Clock) -> tuple[Path, ...]:
    """Write every paper into `folder`, which is made if it is not there; returns their paths. Raises OSError.

    Each is finished under another name first: one that is open in a program keeps its old content, whole.
    """
    blocks, title = document(facts), clean(f"{facts.report.school}{facts.report.year}信息公开工作年度报告")
    papers = (
        _Paper(REPORT, lambda path: letter.write(path, title, blocks)),
        _Paper(PAGE, lambda path: page.write(path, title, blocks)),
        _Paper(BOOK, lambda path: book.write(path, facts, clock)),
        _Paper(TABLE, lambda path: _table(path, facts, clock)),
        _Paper(PLAIN, lambda path: _plain(path, facts)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    for paper in papers:
        half = folder / f"~{paper.name}"
        try:
            paper.write(half)
            half.replace(folder / paper.name)
        finally:
            half.unlink(missing_ok=True)
    return tuple(folder / paper.name for paper in papers)


def _table(path: Path, facts: Facts, clock: Clock) -> None:
    """utf-8-sig, so that Excel reads it as it is."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LEDGER)
        writer.writerows([clean(cell(value)) for value in row] for row in ledger_rows(facts, clock))


def _plain(path: Path, facts: Facts) -> None:
    path.write_text(clean(json.dumps(facts.as_json(), ensure_ascii=False, indent=2)) + "\n", encoding="utf-8")
