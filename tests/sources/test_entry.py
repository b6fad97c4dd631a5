"""The folder of typed items: what is no item there is told and makes nothing missing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.school import Column
from sources.base import Health
from sources.entry import Typed, typed
from tests.sources.conftest import HEADER

ROW = dict.fromkeys(HEADER, "") | {
    "编号": "手工-20200910-01",
    "标题": "关于甲的通知",
    "责任部门": "教务处",
    "大类": "学校工作的重大事项",
    "登记人": "王老师",
}


@pytest.fixture
def source(place: Path) -> Typed:
    return Typed(Column(name="手工登记", kind="entry", place=str(place)), lambda: datetime(2020, 9, 10, 4, tzinfo=UTC))


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b'{"\xe6\xa0\x87": 1}', b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_waits_and_the_others_are_read(source: Typed, place: Path, garbage: bytes) -> None:
    (place / "手工-20200910-01.json").write_bytes(typed(ROW))
    (place / "手工-20200910-02.json").write_bytes(garbage)
    found = source.fetch(None)
    assert (found.health, [entry.title for entry in found.entries]) == (Health.PARTIAL, ["关于甲的通知"])
    assert [problem.place.file for problem in found.problems] == ["手工-20200910-02.json"]


def test_an_emptied_folder_is_bad_and_forgets_nothing(source: Typed, place: Path) -> None:
    file = place / "手工-20200910-01.json"
    file.write_bytes(typed(ROW))
    cursor = json.loads(json.dumps(dict(source.fetch(None).cursor)))
    file.unlink()
    found = source.fetch(cursor)
    assert (found.health, found.cursor) == (Health.BAD, cursor)
    file.write_bytes(typed(ROW))
    assert source.fetch(cursor).health is Health.UNCHANGED


def test_a_folder_without_items_says_how_to_type_one_in(source: Typed) -> None:
    found = source.fetch(None)
    assert (found.health, "bot.py enter" in found.note) == (Health.UNCHANGED, True)


def test_a_file_that_is_still_being_written_is_passed_over(source: Typed, place: Path) -> None:
    (place / ".tmpabc.tmp").write_bytes(b"{")
    (place / ".手工-20200910-01.json.new").write_bytes(b"")
    (place / "登记表.xlsx").write_bytes(b"no register of this folder")
    assert source.fetch(None).health is Health.UNCHANGED
