"""Files beside a register that its 附件 column names: a missing one is told, a replaced one is a change, none is outside."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from rules.item import Attachment, Entry
from sources import beside as files
from sources.base import Fetched, Health, Opens, Unread
from sources.beside import Outside, inside
from sources.folder import Folder
from tests.sources.conftest import HEADER

Put = Callable[..., Path]
Good = Callable[..., dict[str, Any]]
WITH = (*HEADER, "附件")


@pytest.fixture
def beside(place: Path) -> Path:
    folder = place / "附件"
    folder.mkdir()
    return folder


@pytest.fixture
def row(folder: Folder, put: Put, good: Good) -> Callable[[str], Entry]:
    """The one entry of a register whose 附件 column says so."""

    def read(text: str) -> Entry:
        put(good(附件=text), header=WITH)
        [entry] = folder.fetch(None).entries
        return entry

    return read


def settle(path: Path) -> None:
    then = time.time() - 60
    os.utime(path, (then, then))


def url(where: str, content: bytes) -> str:
    return f"{where}#sha256={sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    "text",
    [
        "名单.pdf；办法.docx",
        "名单.pdf;办法.docx",
        "名单.pdf、办法.docx",
        "名单.pdf\n办法.docx",
        " 名单.pdf ； \n、办法.docx",
    ],
)
def test_several_names_are_several_attachments(
    row: Callable[[str], Entry], place: Path, beside: Path, text: str
) -> None:
    (beside / "名单.pdf").write_bytes(b"1")
    (place / "办法.docx").write_bytes(b"2")
    entry = row(text)
    assert entry.problems == ()
    assert entry.attachments == (
        Attachment("名单.pdf", url("附件/名单.pdf", b"1")),
        Attachment("办法.docx", url("办法.docx", b"2")),
    )


def test_a_name_may_itself_hold_the_mark_between_names(row: Callable[[str], Entry], beside: Path) -> None:
    (beside / "甲、乙名单.pdf").write_bytes(b"1")
    assert [each.name for each in row("甲、乙名单.pdf").attachments] == ["甲、乙名单.pdf"]


def test_an_address_is_left_as_it_is(row: Callable[[str], Entry]) -> None:
    entry = row("名单 https://www.example.edu.cn/1.xlsx")
    assert (entry.problems, entry.attachments) == ((), (Attachment("名单", "https://www.example.edu.cn/1.xlsx"),))


def test_a_missing_file_is_a_problem_of_its_row_and_column(row: Callable[[str], Entry], beside: Path) -> None:
    (beside / "有.pdf").write_bytes(b"1")
    [problem] = row("有.pdf、没有.pdf").problems
    assert str(problem) == (
        "登记表.xlsx工作表“Sheet”第2行“附件”列：找不到附件“没有.pdf”。请把文件放在登记表旁边的“附件”文件夹中，文件名与这里写的一致"
    )


def test_a_sheet_beside_the_register_would_be_read_as_one_and_is_told(row: Callable[[str], Entry], place: Path) -> None:
    (place / "名单.csv").write_text("姓名\n某人\n", encoding="utf-8")
    (place / "登记表.xlsx").unlink(missing_ok=True)
    found = files.Attached(place, {".csv"}, {}, lambda _: True)
    entry = found.entry(Entry(source="x", place=files.Place("x"), attachments=(Attachment("名单.csv"),)))
    assert [problem.text for problem in entry.problems] == ["附件“名单.csv”和登记表放在一起，会被当成登记表读取"]
    assert entry.attachments == ()


@pytest.mark.parametrize(
    "name",
    [
        "../秘密.pdf",
        "/etc/passwd",
        "附件/../../秘密.pdf",
        "C:\\秘密.pdf",
        "..\\秘密.pdf",
        "\\\\server\\a.pdf",
        "~/x/../../a.pdf",
    ],
)
def test_what_lies_outside_the_folder_is_never_read(
    row: Callable[[str], Entry], place: Path, beside: Path, name: str
) -> None:
    (place.parent / "秘密.pdf").write_bytes(b"secret")
    entry = row(name)
    assert entry.attachments == ()
    assert "不在登记表的文件夹内" in entry.problems[0].text
    with pytest.raises(Outside):
        inside(place, name)


@pytest.mark.parametrize("linked", ["file", "folder", "beside"])
def test_a_link_is_never_followed(row: Callable[[str], Entry], place: Path, tmp_path: Path, linked: str) -> None:
    away = tmp_path / "别处"
    away.mkdir()
    (away / "秘密.pdf").write_bytes(b"secret")
    if linked == "beside":
        (place / "附件").symlink_to(away)
        name = "秘密.pdf"
    elif linked == "folder":
        (place / "附件").mkdir()
        (place / "附件" / "内").symlink_to(away)
        name = "内/秘密.pdf"
    else:
        (place / "附件").mkdir()
        (place / "附件" / "秘密.pdf").symlink_to(away / "秘密.pdf")
        name = "秘密.pdf"
    entry = row(name)
    assert (entry.attachments, len(entry.problems)) == ((), 1)


def test_a_replaced_attachment_is_a_change_though_the_sheet_is_not(
    folder: Folder, put: Put, good: Good, beside: Path
) -> None:
    file = beside / "名单.pdf"
    file.write_bytes(b"1")
    settle(file)
    settle(put(good(附件="名单.pdf"), header=WITH))
    first = folder.fetch(None)
    cursor = json.loads(json.dumps(first.cursor))
    assert folder.fetch(cursor).health is Health.UNCHANGED
    file.write_bytes(b"2")  # of the same size
    second = folder.fetch(cursor)
    assert (second.health, second.whole) == (Health.GOOD, {"登记表.xlsx"})
    assert first.entries[0].digest() != second.entries[0].digest()


def test_a_file_that_is_put_there_later_mends_the_row(folder: Folder, put: Put, good: Good, beside: Path) -> None:
    settle(put(good(附件="名单.pdf"), header=WITH))
    first = folder.fetch(None)
    assert folder.fetch(first.cursor).health is Health.UNCHANGED
    (beside / "名单.pdf").write_bytes(b"1")
    [entry] = folder.fetch(json.loads(json.dumps(first.cursor))).entries
    assert (len(first.entries[0].problems), entry.problems, len(entry.attachments)) == (1, (), 1)


def test_an_attachment_at_rest_is_not_hashed_again(
    folder: Folder, put: Put, good: Good, beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (beside / "名单.pdf").write_bytes(b"1")
    settle(beside / "名单.pdf")
    put(good(附件="名单.pdf"), header=WITH)
    cursor = folder.fetch(None).cursor
    put(good(附件="名单.pdf", 标题="改了"), header=WITH)
    monkeypatch.setattr(files.hashlib, "file_digest", lambda *_: pytest.fail("hashed again"))
    assert [entry.title for entry in folder.fetch(cursor).entries] == ["改了"]


def test_an_attachment_too_big_is_told(
    row: Callable[[str], Entry], beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 2)
    (beside / "名单.pdf").write_bytes(b"123")
    assert row("名单.pdf").problems[0].text == "附件“名单.pdf”超过50MB"


def one(found: Fetched) -> tuple[str, Attachment]:
    [entry] = found.entries
    return str(entry.place), entry.attachments[0]


def test_an_attachment_is_opened_if_it_still_is_what_was_read(
    folder: Folder, put: Put, good: Good, beside: Path
) -> None:
    (beside / "名单.pdf").write_bytes(b"content")
    put(good(附件="名单.pdf"), header=WITH)
    place, found = one(folder.fetch(None))
    assert isinstance(folder, Opens)
    assert folder.open(place, found) == b"content"
    (beside / "名单.pdf").write_bytes(b"another")
    with pytest.raises(Unread, match="已被替换"):
        folder.open(place, found)
    (beside / "名单.pdf").unlink()
    with pytest.raises(Unread, match="文件已不在"):
        folder.open(place, found)


@pytest.mark.parametrize("where", ["../秘密.pdf", "/etc/passwd", "附件/链接.pdf", "C:/x", "", "附件\x00"])
def test_nothing_outside_the_folder_is_opened_whatever_an_attachment_says(
    folder: Folder, place: Path, beside: Path, where: str
) -> None:
    secret = place.parent / "秘密.pdf"
    secret.write_bytes(b"secret")
    (beside / "链接.pdf").symlink_to(secret)
    with pytest.raises(Unread, match="不在登记表的文件夹内"):
        folder.open("x", Attachment("秘密.pdf", url(where, b"secret")))


def test_an_address_is_not_opened(folder: Folder) -> None:
    with pytest.raises(Unread):
        folder.open("x", Attachment("名单", "https://www.example.edu.cn/1.xlsx"))


def test_an_item_without_attachments_keeps_its_digest(folder: Folder, put: Put, good: Good) -> None:
    put(good())
    [entry] = folder.fetch(None).entries
    assert entry.digest() == replace(entry, attachments=()).digest()
    assert (
        entry.digest() == "04e6236580b41b56bad57b3222514e38e59cb54c40cdef538ceedbf5c03c20be"
    )  # as it was before there were attachments beside a sheet
