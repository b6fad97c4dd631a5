"""Every paper of a report in one folder, all from one reading of the store."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from desk.papers import book, letter, page
from desk.papers.blocks import clean
from desk.papers.facts import Facts
from desk.papers.prose import document, title_of
from desk.papers.rows import LEDGER, ledger_rows
from desk.words import cell
from rules.deadlines import Clock

#: The names of the files.
REPORT, BOOK, TABLE = "信息公开年度报告.docx", "推送台账.xlsx", "推送台账.csv"
PAGE, PLAIN = "信息公开年度报告.html", "统计数据.json"
NAMES = frozenset({REPORT, BOOK, TABLE, PAGE, PLAIN})


@dataclass(frozen=True)
class _Paper:
    name: str
    write: Callable[[Path], None]


def write_all(facts: Facts, folder: Path, clock: Clock) -> tuple[Path, ...]:
    """Write every paper into `folder`, which is made if it is not there; returns their paths. Raises OSError.

    Each is finished under another name first: one that is open in a program keeps its old content, whole. What a
    person has worked in is left alone: the new one gets the next free name.
    """
    blocks, title = document(facts), clean(f"{facts.report.school}{title_of(facts.report)}")
    papers = (
        _Paper(REPORT, lambda path: letter.write(path, title, blocks)),
        _Paper(PAGE, lambda path: page.write(path, title, blocks)),
        _Paper(BOOK, lambda path: book.write(path, facts, clock)),
        _Paper(TABLE, lambda path: _table(path, facts, clock)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    known = _written_before(folder / PLAIN)
    paths = [_whole(paper, _place(folder / paper.name, known)) for paper in papers]
    files = {**known, **{path.name: _digest(path) for path in paths}}
    plain = _Paper(PLAIN, lambda path: _plain(path, facts, files))
    return (*paths, _whole(plain, folder / PLAIN))


def _whole(paper: _Paper, path: Path) -> Path:
    half = path.with_name(f"~{path.name}")
    try:
        paper.write(half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def _place(path: Path, known: Mapping[str, str]) -> Path:
    """The path, or 信息公开年度报告（2）.docx where what stands there is no longer what was written."""
    names = (path if n == 1 else path.with_name(f"{path.stem}（{n}）{path.suffix}") for n in count(1))
    return next(each for each in names if not each.exists() or known.get(each.name) == _digest(each))


def _written_before(path: Path) -> dict[str, str]:
    """What earlier runs wrote into the folder: name → sha256; nothing where that cannot be read."""
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _table(path: Path, facts: Facts, clock: Clock) -> None:
    """utf-8-sig, so that Excel reads it as it is."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LEDGER)
        writer.writerows([clean(cell(value)) for value in row] for row in ledger_rows(facts, clock))


def _plain(path: Path, facts: Facts, files: Mapping[str, str]) -> None:
    plain = {**facts.as_json(), "files": files}
    path.write_text(clean(json.dumps(plain, ensure_ascii=False, indent=2)) + "\n", encoding="utf-8")
