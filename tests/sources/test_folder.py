from __future__ import annotations

import json
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rules.school import Column
from sources import excel, grids, make
from sources import folder as folders
from sources.base import Fetched, Health
from sources.folder import Folder

Put = Callable[..., Path]
Good = Callable[..., dict[str, Any]]


def settle(path: Path) -> None:
    """As if the file had been written a while ago."""
    then = time.time() - 60
    os.utime(path, (then, then))


def titles(found: Fetched) -> list[str]:
    return [entry.title for entry in found.entries]


def texts(found: Fetched) -> list[str]:
    return [problem.text for problem in found.problems]


def test_the_registry_makes_it(place: Path, put: Put, good: Good) -> None:
    put(good())
    source = make(Column(name="登记表", kind="folder", place=str(place)), lambda: datetime.now(UTC), {})
    assert len(source.fetch(None).entries) == 1


def test_a_folder_without_change_is_not_read_again(folder: Folder, put: Put, good: Good) -> None:
    put(good())
    first = folder.fetch(None)
    assert (first.health, first.whole, first.note) == (Health.GOOD, {"登记表.xlsx"}, "")
    again = folder.fetch(json.loads(json.dumps(first.cursor)))
    assert (again.health, again.entries, again.whole) == (Health.UNCHANGED, (), frozenset())


def test_a_file_at_rest_is_not_even_hashed(
    folder: Folder, put: Put, good: Good, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(put(good()))
    cursor = folder.fetch(None).cursor
    monkeypatch.setattr(folders, "_content", lambda *_: pytest.fail("read again"))
    assert folder.fetch(cursor).health is Health.UNCHANGED


def test_a_file_saved_without_a_change_brings_nothing(folder: Folder, put: Put, good: Good) -> None:
    path = put(good())
    settle(path)
    cursor = folder.fetch(None).cursor
    path.touch()
    assert folder.fetch(cursor).health is Health.UNCHANGED


def test_a_change_of_the_same_size_right_after_a_look_is_seen(
    folder: Folder, place: Path, put: Put, good: Good
) -> None:
    path = put(good(标题="甲事项"), name="表.csv")
    stat = path.stat()
    cursor = folder.fetch(None).cursor
    put(good(标题="乙事项"), name="表.csv")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert titles(folder.fetch(cursor)) == ["乙事项"]


def test_only_changed_files_are_handed_over(folder: Folder, put: Put, good: Good) -> None:
    put(good(标题="九月"), name="9月.xlsx")
    put(good(标题="十月", 编号="XXGK-2020-010"), name="10月.xlsx")
    first = folder.fetch(None)
    assert titles(first) == ["十月", "九月"]
    put(good(标题="十月改", 编号="XXGK-2020-010"), name="10月.xlsx")
    second = folder.fetch(first.cursor)
    assert (titles(second), second.whole, second.health) == (["十月改"], {"10月.xlsx"}, Health.GOOD)


def test_a_deleted_row_shows_by_its_file_having_been_read_whole(folder: Folder, put: Put, good: Good) -> None:
    put(good(), good(编号="XXGK-2020-002", 标题="另一件"))
    cursor = folder.fetch(None).cursor
    put(good())
    found = folder.fetch(cursor)
    assert (len(found.entries), found.whole) == (1, {"登记表.xlsx"})


def test_a_file_taken_away_makes_nothing_vanish(folder: Folder, put: Put, good: Good) -> None:
    put(good(), name="9月.xlsx").rename(old := put(good(), name="9月.xlsx"))
    put(good(编号="XXGK-2020-010"), name="10月.xlsx")
    cursor = folder.fetch(None).cursor
    old.unlink()
    found = folder.fetch(cursor)
    assert (found.health, found.entries, found.whole) == (Health.GOOD, (), frozenset())
    assert found.note == "9月.xlsx已不在文件夹中，其中的条目保留"
    assert folder.fetch(found.cursor).health is Health.UNCHANGED


@pytest.mark.parametrize("lock", ["~$登记表.xlsx", "~$表.xlsx", ".~登记表.xlsx", ".~lock.登记表.xlsx#"])
def test_a_file_somebody_has_open_is_left_for_the_next_round(
    folder: Folder, place: Path, put: Put, good: Good, lock: str
) -> None:
    put(good())
    (place / lock).write_bytes(b"")
    found = folder.fetch(None)
    assert (found.health, found.entries, found.note) == (Health.PARTIAL, (), "登记表.xlsx正被打开，保存并关闭后再读取")
    (place / lock).unlink()
    assert len(folder.fetch(found.cursor).entries) == 1


def test_an_open_file_keeps_no_other_waiting(folder: Folder, place: Path, put: Put, good: Good) -> None:
    put(good(标题="甲"), name="甲.xlsx")
    put(good(标题="乙", 编号="XXGK-2020-002"), name="乙.xlsx")
    (place / "~$甲.xlsx").write_bytes(b"")
    found = folder.fetch(None)
    assert (titles(found), found.health, found.whole) == (["乙"], Health.PARTIAL, {"乙.xlsx"})


def test_a_half_written_workbook_is_listed_at_once_and_at_the_third_look_is_a_clerks_to_mend(
    folder: Folder, put: Put, good: Good
) -> None:
    path = put(good())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    looks = [folder.fetch(None)]
    for _ in range(3):
        looks.append(folder.fetch(looks[-1].cursor))
    assert [look.health for look in looks] == [Health.PARTIAL] * 4
    assert looks[0].note == "登记表.xlsx打不开（文件不完整或已损坏），下次再读取"
    why = "（文件不完整或已损坏），自 2020-09-10 12:00 起已试"
    assert [text for look in looks for text in texts(look)] == [
        f"暂时打不开{why} 1 次",
        f"暂时打不开{why} 2 次",
        f"打不开{why} 3 次",
        f"打不开{why} 4 次",
    ]
    path.write_bytes(whole)
    mended = folder.fetch(looks[-1].cursor)
    assert (mended.health, len(mended.entries), mended.problems) == (Health.GOOD, 1, ())


def test_a_file_that_changes_while_it_is_read_waits(
    folder: Folder, put: Put, good: Good, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(good())
    real = folders._content

    def growing(path: Path, stat: os.stat_result) -> bytes:
        content = real(path, stat)
        path.write_bytes(content + b"more")
        return content

    monkeypatch.setattr(folders, "_content", growing)
    found = folder.fetch(None)
    assert (found.health, found.entries, found.note) == (Health.PARTIAL, (), "登记表.xlsx正在写入，下次再读取")
    assert path.exists()


def test_a_file_nobody_may_read_waits(folder: Folder, put: Put, good: Good, monkeypatch: pytest.MonkeyPatch) -> None:
    put(good())
    monkeypatch.setattr(Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "denied")))
    found = folder.fetch(None)
    assert (found.health, found.note) == (Health.PARTIAL, "登记表.xlsx打不开（没有权限或被占用），下次再读取")


def test_a_missing_or_empty_folder_is_bad_and_forgets_nothing(
    folder: Folder, place: Path, put: Put, good: Good
) -> None:
    path = put(good())
    cursor = folder.fetch(None).cursor
    path.unlink()
    empty = folder.fetch(cursor)
    place.rmdir()
    missing = folder.fetch(cursor)
    assert (empty.health, missing.health) == (Health.BAD, Health.BAD)
    assert "请放入登记表" in empty.note
    assert "打不开" in missing.note
    assert empty.cursor == missing.cursor == cursor


def test_locks_hidden_files_the_problem_list_and_folders_are_no_registers(
    folder: Folder, place: Path, put: Put, good: Good
) -> None:
    for name in ("~$x.xlsx", ".hidden.xlsx", "问题清单.xlsx", "问题清单-9月.xlsx", "说明.docx"):
        (place / name).write_bytes(b"?")
    (place / "文件夹.xlsx").mkdir()
    put(good())
    found = folder.fetch(None)
    assert (found.health, len(found.entries), found.problems) == (Health.GOOD, 1, ())


def test_old_formats_and_locked_up_workbooks_are_told_what_to_do_once(folder: Folder, place: Path) -> None:
    (place / "旧表.numbers").write_bytes(b"PK")
    (place / "加密.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    found = folder.fetch(None)
    assert found.health is Health.PARTIAL
    assert texts(found) == ["文件加了密码，或实际是旧的 .xls 格式", "不能读取 .numbers 格式"]
    again = folder.fetch(found.cursor)
    assert (again.health, again.problems) == (Health.UNCHANGED, ())


def test_a_sheet_that_loses_its_header_is_told_and_nothing_in_it_is_missing(
    folder: Folder, put: Put, good: Good
) -> None:
    put(good())
    cursor = folder.fetch(None).cursor
    put(good(), header=("序号", "编号", "大类", "小项"))
    found = folder.fetch(cursor)
    assert (found.whole, texts(found)) == (frozenset(), ["没有“标题”“责任部门”列，本表没有读取"])
    put(good())
    assert folder.fetch(found.cursor).whole == {"登记表.xlsx"}


def test_a_change_of_the_schools_own_headers_reads_the_same_bytes_anew(place: Path, put: Put, good: Good) -> None:
    column = Column(name="登记表", kind="folder", place=str(place))
    row = {("议定" if name == "标题" else name): value for name, value in good().items()}
    settle(put(row, header=tuple(row)))
    before = Folder(column, lambda: datetime.now(UTC)).fetch(None)
    own = Folder(replace(column, headers={"议定": "标题"}), lambda: datetime.now(UTC), {})
    after = own.fetch(json.loads(json.dumps(before.cursor)))
    assert (titles(before), titles(after), after.problems) == ([], ["关于公布教学安排的通知"], ())
    assert own.fetch(after.cursor).health is Health.UNCHANGED


def test_a_sheet_that_was_hidden_makes_nothing_missing(folder: Folder, put: Put, good: Good) -> None:
    def two(state: str) -> Callable[[Any], None]:
        def change(book: Any) -> None:
            book.copy_worksheet(book.worksheets[0]).sheet_state = state
            book.worksheets[1]["B2"] = "XXGK-2020-002"

        return change

    put(good(), change=two("visible"))
    first = folder.fetch(None)
    put(good(), change=two("hidden"))
    second = folder.fetch(first.cursor)
    assert (len(first.entries), len(second.entries), second.whole) == (2, 1, frozenset())


def zip_of(path: Path, source: Path, **parts: bytes) -> None:
    """The workbook with parts added or put in place of its own."""
    named = {name.replace("__", "/").replace("_", "."): content for name, content in parts.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, named.pop(entry.filename, None) or old.read(entry))
        for name, content in named.items():
            new.writestr(name, content)


@pytest.fixture
def spare(tmp_path: Path, put: Put, good: Good) -> Path:
    return put(good()).rename(tmp_path / "spare.xlsx")


def test_a_zip_bomb_is_not_unpacked(folder: Folder, place: Path, spare: Path) -> None:
    zip_of(place / "登记表.xlsx", spare, xl__media__a_png=b"\0" * (excel.RATIO_FROM + 1))
    assert texts(folder.fetch(None)) == ["文件解压后过大，未读取"]


def test_a_workbook_of_too_many_parts_is_refused(
    folder: Folder, place: Path, spare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ENTRIES", 3)
    zip_of(place / "登记表.xlsx", spare)
    assert texts(folder.fetch(None)) == ["文件解压后过大，未读取"]


def test_an_entity_in_a_sheet_is_refused(folder: Folder, place: Path, spare: Path) -> None:
    with zipfile.ZipFile(spare) as book:
        xml = book.read("xl/worksheets/sheet1.xml")
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml.replace(b"XXGK-2020-001", b"&a;")
    zip_of(place / "登记表.xlsx", spare, xl__worksheets__sheet1_xml=bomb)
    assert texts(folder.fetch(None)) == ["文件结构异常，含有外部引用"]


def test_a_file_that_is_too_big_is_refused(
    folder: Folder, put: Put, good: Good, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MOST_BYTES", 1000)
    put(good())
    assert texts(folder.fetch(None)) == ["文件超过30MB"]


@pytest.mark.parametrize("name", ["登记表.xlsx", "登记表.csv"])
def test_too_many_rows_or_columns_are_refused_but_empty_ones_do_not_count(
    folder: Folder, put: Put, good: Good, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grids, "MOST_ROWS", 5)
    put(good(), *[{}] * 10, name=name)
    assert len((first := folder.fetch(None)).entries) == 1
    put(good(), *[{}] * 10, good(编号="XXGK-2020-002"), name=name)
    assert "超过5行" in texts(second := folder.fetch(first.cursor))[0]
    monkeypatch.setattr(grids, "MOST_COLUMNS", 3)
    put(good(), name=name)
    assert "超过3列" in texts(folder.fetch(second.cursor))[0]


def test_a_csv_that_is_no_text_is_refused(folder: Folder, place: Path) -> None:
    (place / "表.csv").write_bytes(b"\xff\xff\x80\x81\xff")
    assert texts(folder.fetch(None)) == ["文字编码无法识别"]
