"""Every paper of a report in one folder, all from one reading of the store."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from desk.papers import book, letter, page
from desk.papers.blocks import OURS, clean
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

    Each is finished under another name first: one that is open in a program keeps its old content, whole. What a
    person has worked in is left alone: the new one gets the next free name.
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
    return tuple(_whole(paper, _place(folder / paper.name)) for paper in papers)


def _whole(paper: _Paper, path: Path) -> Path:
    half = path.with_name(f"~{path.name}")
    try:
        paper.write(half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def _place(path: Path) -> Path:
    """The path, or 信息公开年度报告（2）.docx where a person has saved the one that is there."""
    names = (path if n == 1 else path.with_name(f"{path.stem}（{n}）{path.suffix}") for n in count(1))
    return next(each for each in names if not (each.exists() and worked_in(each)))


def worked_in(path: Path) -> bool:
    """True if an office program has saved the file since: it then names somebody else, or nobody, as the last editor."""
    if path.suffix not in (".docx", ".xlsx"):
        return False
    try:
        with zipfile.ZipFile(path) as parts:
            return f">{OURS}</cp:lastModifiedBy>" not in parts.read("docProps/core.xml").decode()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return True  # whatever it is, it is not ours


def _table(path: Path, facts: Facts, clock: Clock) -> None:
    """utf-8-sig, so that Excel reads it as it is."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LEDGER)
        writer.writerows([clean(cell(value)) for value in row] for row in ledger_rows(facts, clock))


def _plain(path: Path, facts: Facts) -> None:
    path.write_text(clean(json.dumps(facts.as_json(), ensure_ascii=False, indent=2)) + "\n", encoding="utf-8")
