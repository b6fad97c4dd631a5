"""Backup and restore at the command line: nothing is overwritten unsaved, and no demo meets a real store."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import places
from store import facts
from tests.desk.conftest import Front


def fill(front: Front, value: str) -> None:
    assert front("once", "sweep").exit_code == 0
    db = front.db()
    with db.write() as conn:
        facts.set_meta(conn, "x", value)
    db.close()


def value(front: Front, name: str = "x") -> str | None:
    db = front.db()
    with db.read() as conn:
        found = facts.get_meta(conn, name)
    db.close()
    return found


def demo(front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From here on the commands are typed with --demo."""
    monkeypatch.setattr(places, "use_demo", lambda: None)
    front.env["XXGK_DATABASE_URL"] = f"sqlite:///{(tmp_path / 'demo.sqlite3').as_posix()}"


def demo_backup(front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    real = front.env["XXGK_DATABASE_URL"]
    demo(front, monkeypatch, tmp_path)
    fill(front, "demo")
    db = front.db()
    with db.write() as conn:
        facts.set_meta(conn, "demo", "1")
    db.close()
    assert front("--demo", "backup", str(tmp_path / "demo-backup.sqlite3")).exit_code == 0
    front.env["XXGK_DATABASE_URL"] = real
    return tmp_path / "demo-backup.sqlite3"


def test_a_restore_first_saves_what_it_overwrites_and_says_where(front: Front, tmp_path: Path) -> None:
    backup = str(tmp_path / "b.sqlite3")
    fill(front, "old")
    assert front("backup", backup).exit_code == 0
    fill(front, "new")
    found = front("restore", backup, "--yes")
    assert found.exit_code == 0 and value(front) == "old"
    saved = re.search(r"恢复前的 \d+ 行已另存到 (.+)", found.output)
    assert saved and re.fullmatch(r"xxgk-恢复前-\d{8}-\d{4}\.sqlite3", Path(saved[1]).name)
    assert Path(saved[1]).parent == front.home / "data"
    assert front("restore", saved[1], "--yes").exit_code == 0
    assert value(front) == "new"
    assert len(list((front.home / "data").glob("*恢复前*.sqlite3"))) == 2, "two in one minute have two names"


def test_a_restore_into_a_new_database_has_nothing_to_save(front: Front, tmp_path: Path) -> None:
    fill(front, "old")
    assert front("backup", str(tmp_path / "b.sqlite3")).exit_code == 0
    front.env["XXGK_DATABASE_URL"] = f"sqlite:///{(tmp_path / 'fresh' / 'x.sqlite3').as_posix()}"
    found = front("restore", str(tmp_path / "b.sqlite3"), "--yes")
    assert found.exit_code == 0 and "另存" not in found.output and value(front) == "old"


def test_a_backup_of_a_demonstration_is_not_restored_over_a_real_store(
    front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backup = demo_backup(front, monkeypatch, tmp_path)
    for _ in range(2):  # into a new database, and into one with rows
        found = front("restore", str(backup), "--yes")
        assert found.exit_code == 1 and "是演练数据的备份" in found.output
        fill(front, "real")
    assert value(front) == "real"


def test_a_backup_of_a_real_store_is_not_restored_over_a_demonstration(
    front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill(front, "real")
    real = str(tmp_path / "real.sqlite3")
    assert front("backup", real).exit_code == 0
    backup = demo_backup(front, monkeypatch, tmp_path)
    demo(front, monkeypatch, tmp_path)
    found = front("--demo", "restore", real, "--yes")
    assert found.exit_code == 1 and "是正式数据的备份" in found.output and value(front) == "demo"
    assert front("--demo", "restore", str(backup), "--yes").exit_code == 0
    front.env["XXGK_DATABASE_URL"] = f"sqlite:///{(tmp_path / 'no-demo-yet.sqlite3').as_posix()}"
    assert "是正式数据的备份" in front("--demo", "restore", real, "--yes").output


def test_a_file_that_is_no_backup_is_told_and_nothing_is_touched(front: Front, tmp_path: Path) -> None:
    fill(front, "kept")
    foreign = tmp_path / "foreign.sqlite3"
    for content in (b"no database at all", b""):
        foreign.write_bytes(content)
        found = front("restore", str(foreign), "--yes")
        assert found.exit_code == 1
        [line] = found.output.splitlines()
        assert "不是本版本公开达的备份，没有改动任何数据" in line
    assert value(front) == "kept"


def test_the_database_itself_is_no_backup(front: Front) -> None:
    fill(front, "kept")
    found = front("restore", str(front.home / "data" / "xxgk.sqlite3"), "--yes")
    assert found.exit_code == 1 and "就是现在使用的数据库" in found.output and value(front) == "kept"


def test_a_backup_never_overwrites_a_file(front: Front, tmp_path: Path) -> None:
    fill(front, "x")
    (tmp_path / "b.sqlite3").write_text("mine")
    found = front("backup", str(tmp_path / "b.sqlite3"))
    assert found.exit_code == 1
    assert found.output.strip() == f"{tmp_path / 'b.sqlite3'} 已存在，没有覆盖。请换一个文件名"
    assert (tmp_path / "b.sqlite3").read_text() == "mine"


def test_a_restore_asks_for_a_yes(front: Front, tmp_path: Path) -> None:
    fill(front, "kept")
    assert front("backup", str(tmp_path / "b.sqlite3")).exit_code == 0
    assert "--yes" in front("restore", str(tmp_path / "b.sqlite3")).output
