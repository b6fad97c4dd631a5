"""What WPS and old Excel save. The two books were saved by LibreOffice from one sheet: .xls (BIFF8, as .et is) and .ods."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sources import grids, old_books
from sources.base import Fetched, Health
from sources.folder import Folder
from sources.grids import Refused, Unreadable
from sources.old_books import read_old

BOOKS = Path(__file__).with_name("books")
XLS, ODS = (BOOKS / "登记表.xls").read_bytes(), (BOOKS / "登记表.ods").read_bytes()


def by_number(found: Fetched) -> dict[str, Any]:
    return {entry.number: entry for entry in found.entries}


@pytest.mark.parametrize(
    ("suffix", "content"), [(".xls", XLS), (".et", XLS), (".ett", XLS), (".ods", ODS), (".et", ODS)]
)
def test_an_old_book_is_read_as_a_new_one_is(folder: Folder, place: Path, suffix: str, content: bytes) -> None:
    (place / f"登记表{suffix}").write_bytes(content)
    found = folder.fetch(None)
    assert (found.health, found.problems) == (Health.GOOD, ())
    rows = by_number(found)
    assert list(rows) == [f"XXGK-2020-00{n}" for n in (1, 2, 3, 4)]  # not the hidden sheet's
    first = rows["XXGK-2020-001"]
    assert (first.title, first.department, first.formed_on, first.approved_on) == (
        "关于甲的通知",
        "教务处",
        date(2020, 9, 1),
        date(2020, 9, 3),
    )
    assert (first.note, first.place.row, first.problems) == ("7", 3, ())
    assert (rows["XXGK-2020-002"].title, rows["XXGK-2020-002"].approved_on) == ("关于乙的通知", date(2020, 9, 3))
    assert folder.fetch(found.cursor).health is Health.UNCHANGED


def test_a_merged_cell_of_an_xls_passes_as_no_blank(folder: Folder, place: Path) -> None:
    (place / "登记表.xls").write_bytes(XLS)
    [problem] = by_number(folder.fetch(None))["XXGK-2020-004"].problems
    assert (problem.column, problem.text) == ("责任部门", "单元格D6在合并区域D5:D6内，内容缺失")


def test_an_xlsx_under_an_old_name_is_read(
    folder: Folder, place: Path, put: Callable[..., Path], good: Callable[..., Any]
) -> None:
    put(good()).rename(place / "登记表.et")
    assert len(folder.fetch(None).entries) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"PK\x03\x04nothing",
        b"<html>\xe7\x99\xbb</html>",
        XLS[:4000],
        ODS[:-40],
    ],
)
def test_a_file_that_is_damaged_waits_and_makes_nothing_missing(folder: Folder, place: Path, content: bytes) -> None:
    path = place / "登记表.xls"
    path.write_bytes(XLS)
    cursor = folder.fetch(None).cursor
    path.write_bytes(content)
    found = folder.fetch(cursor)
    assert (found.health, found.entries, found.whole) == (Health.PARTIAL, (), frozenset())
    assert "打不开（文件不完整或已损坏）" in found.note
    path.write_bytes(XLS)
    assert folder.fetch(found.cursor).whole == {"登记表.xls"}


def test_a_book_that_kills_its_reader_does_not_kill_the_bot() -> None:
    """Some of these end the reader by its own hand (an allocation of 300 GB), some make it panic, some still read."""
    chance, died = random.Random(1), 0
    for _ in range(25):
        content = bytearray(XLS)
        for _ in range(chance.randint(5, 60)):
            content[chance.randrange(600, len(content))] = chance.randrange(256)
        try:
            read_old(bytes(content))
        except (Unreadable, Refused):
            died += 1
    assert died > 0


def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_books, "SECONDS", 0.001)
    with pytest.raises(Unreadable, match="timeout"):
        read_old(XLS)


def test_too_many_rows_of_an_old_book_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "MOST_ROWS", 4)
    with pytest.raises(Refused, match="超过4行"):
        read_old(XLS)


def test_the_reader_writes_nothing_but_its_answer(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unreadable):
        read_old(XLS[:3000])
    assert capfd.readouterr() == ("", "")
