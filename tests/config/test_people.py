"""Lists of persons: read by column, once each, and no person stands in an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from openpyxl import Workbook

from config.people import People, is_list
from config.tables import Wrong

PHONE = "手机号"


def sheet(folder: Path, name: str, *rows: tuple[object, ...]) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(folder / name)


def test_a_column_of_an_excel_list_is_read_each_person_once(tmp_path: Path) -> None:
    sheet(tmp_path, "教职工.xlsx", ("姓名", "手机"), ("甲", 13800000001), ("乙", "13800000002"), ("甲", 13800000001.0))
    assert People(tmp_path).addresses("名单:教职工", PHONE) == ("13800000001", "13800000002")


def test_a_csv_saved_by_excel_in_gbk_is_read(tmp_path: Path) -> None:
    (tmp_path / "学生.csv").write_bytes("学号,手机号码\n1,13800000003\n".encode("gbk"))
    assert People(tmp_path).addresses("名单：学生", PHONE) == ("13800000003",)


def test_each_channel_reads_its_own_column(tmp_path: Path) -> None:
    sheet(tmp_path, "a.xlsx", ("企业微信账号", "邮箱", "手机号"), ("t1", "t1@example.edu.cn", 13800000001))
    people = People(tmp_path)
    assert people.addresses("名单:a", "账号") == ("t1",)
    assert people.addresses("名单:a", "邮箱") == ("t1@example.edu.cn",)


def test_who_is_marked_as_off_is_left_out(tmp_path: Path) -> None:
    sheet(tmp_path, "a.xlsx", ("手机号", "停用"), (13800000001, "是"), (13800000002, None))
    assert People(tmp_path).addresses("名单:a", PHONE) == ("13800000002",)


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    sheet(tmp_path, "a.xlsx", ("手机号",), (13800000001,))
    people = People(tmp_path)
    first = people.addresses("名单:a", PHONE)
    assert people.addresses("名单:a", PHONE) is first
    sheet(tmp_path, "a.xlsx", ("手机号",), (13800000002,))
    os.utime(tmp_path / "a.xlsx", ns=(1, 1))
    assert people.addresses("名单:a", PHONE) == ("13800000002",)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("姓名",), ("甲",)], "第1行没有“手机号”列"),
        ([("手机号", "手机"), (1, 2)], "有几列都像"),
        ([("姓名", "手机号"), ("甲", 13800000001), ("乙", None)], "第3行“手机号”是空的"),
        ([("手机号",)], "里没有人"),
    ],
)
def test_a_list_that_cannot_be_used_names_file_row_and_column_and_no_person(
    tmp_path: Path, rows: list[tuple[object, ...]], words: str
) -> None:
    sheet(tmp_path, "名.xlsx", *rows)
    with pytest.raises(Wrong, match=words) as raised:
        People(tmp_path).addresses("名单:名", PHONE)
    assert "名.xlsx" in str(raised.value)
    assert "13800000001" not in str(raised.value)
    assert "甲" not in str(raised.value)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "没有"])
def test_only_files_of_the_folder_are_lists(tmp_path: Path, name: str) -> None:
    with pytest.raises(Wrong):
        People(tmp_path).addresses(f"名单:{name}", PHONE)


def test_a_broken_workbook_is_a_plain_line(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04half")
    with pytest.raises(Wrong, match="打不开"):
        People(tmp_path).addresses("名单:a", PHONE)


def test_a_list_is_told_from_a_group_number() -> None:
    assert is_list("名单:教职工")
    assert not is_list("700000001")
