"""A year with a little of everything, its papers in a folder, and how each of them is read back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from openpyxl import Workbook, load_workbook
from sqlalchemy import Table, insert, select

from desk.papers import write
from desk.papers.facts import Facts, gather
from jobs.rows import bookmark
from rules.dates import SchoolYear
from rules.deadlines import Clock
from rules.registers import Registers
from rules.states import Status
from store import backup
from store import tables as t
from store.db import Db
from tests import factory as f

CUT_OFF = f.moment("2021-10-29")
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(
    OFFICE is None, reason="LibreOffice is not installed: nothing can be laid out or recalculated"
)


def a_clock() -> Clock:
    return Clock(CUT_OFF.date(), f.a_school().calendar)


def facts_of(db: Db, registers: Registers | None = None) -> Facts:
    """Everything of the year 2020-2021."""
    return gather(db, f.a_school(), SchoolYear(2020), cut_off=CUT_OFF, clock=a_clock(), registers=registers)


def some_year(db: Db) -> None:
    """Thirty items in four targets, one failure in ten; links, a booked post, members, reads, a 校内 and a late item.

    Made once and then copied, row by row, numbers and all.
    """
    rows_of, following = _rows_of_some_year()
    f._serial = count(following)
    with db.write() as conn:
        for table, rows in rows_of:
            conn.execute(insert(table), rows)
        backup._renumber(db, conn)


@cache
def _rows_of_some_year() -> tuple[list[tuple[Table, list[dict[str, Any]]]], int]:
    """Its rows, and the number that comes next."""
    f._serial = count(1)
    with tempfile.TemporaryDirectory() as folder:
        db = Db(f"sqlite:///{(Path(folder) / 'year.sqlite3').as_posix()}")
        t.metadata.create_all(db.engine)
        _make(db)
        with db.read() as conn:
            found = {table: [dict(row._mapping) for row in conn.execute(select(table))] for table in t.metadata.sorted_tables}
        db.close()
    return [(table, rows) for table, rows in found.items() if rows], next(f._serial)


def _make(db: Db) -> None:
    noon = f.moment("2020-10-01")
    with db.write() as conn:
        f.a_year(conn, size=30)
        linked = f.add_item(
            conn, noon, title="收费项目公示", list_items=(21, 2), url="https://www.example.edu.cn/21.htm"
        )
        push = f.send(conn, "A01", [f.place(conn, linked, "A01", noon)], noon, Status.DELIVERED)
        f.measure(conn, "A01", "阅读", 321, noon, basis="平台统计", push_id=push)
        f.measure(conn, "Q01", "应达", 180, noon)
        f.book(conn, f.add_item(conn, noon, title="张贴的通知"), "Q02", noon)
        f.publish(
            conn,
            "Q01",
            f.moment("2021-03-01"),
            title="迟到的条目",
            number="XXGK-迟",
            formed_on=f.moment("2020-09-01").date(),
        )


@dataclass(frozen=True)
class Written:
    """What was written, read back."""

    folder: Path

    @property
    def letter(self) -> Document:
        return docx.Document(str(self.folder / write.REPORT))

    @property
    def book(self) -> Workbook:
        return load_workbook(self.folder / write.BOOK)

    @property
    def page(self) -> str:
        return (self.folder / write.PAGE).read_text(encoding="utf-8")

    @property
    def plain(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / write.PLAIN).read_text(encoding="utf-8"))
        return found


@dataclass(frozen=True)
class Papers(Written):
    """The same, and what it was written from."""

    facts: Facts


def written(db: Db, folder: Path, registers: Registers | None = None) -> Papers:
    """All papers of the year."""
    facts = facts_of(db, registers)
    write.write_all(facts, folder, a_clock())
    return Papers(folder, facts)


def marked(letter: Document) -> list[tuple[str, str]]:
    """Every figure of a .docx: its bookmark's name without the count behind it, and what is read there."""
    found = []
    for start in letter.element.body.iter(qn("w:bookmarkStart")):
        text, at = "", start.getnext()
        while at.tag != qn("w:bookmarkEnd"):
            text += "".join(each.text or "" for each in at.iter(qn("w:t")))
            at = at.getnext()
        found.append((re.sub(r"__\d+$", "", start.get(qn("w:name"))), text))
    return found


def flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure of a JSON under its place: items.categories.0.items."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        inner = f"{place}.{key}" if place else str(key)
        yield inner, each
        yield from flat(each, inner)


def by_mark(plain: dict[str, Any]) -> dict[str, Any]:
    """The same by the names of bookmarks."""
    return {bookmark(place): value for place, value in flat(plain) if not isinstance(value, (dict, list))}


def converted(path: Path, kind: str, to: Path) -> Path:
    """A file in another format, as LibreOffice lays it out or recalculates it, with a profile of its own."""
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(to / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(to), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return to / f"{path.stem}.{kind}"
