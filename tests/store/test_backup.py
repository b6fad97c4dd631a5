"""A backup from any of the three databases brings back every row on any of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update

from rules.states import Status
from store import backup, facts, marks, rollups
from store import tables as t
from store.db import Db
from store.migrate import FOLDER
from tests.factory import add_item, measure, moment, place, publish, push, send, settle

NOW = moment("2020-09-10")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def other(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Db]:
    """The database that is restored into, with a row of its own in it."""
    if request.param == "sqlite":
        copied = tmp_path / "other.sqlite3"
        copied.write_bytes(sqlite_template.read_bytes())
        made = Db(f"sqlite:///{copied.as_posix()}")
    else:
        made = request.getfixturevalue(f"{request.param}_database")
    with made.write() as conn:
        facts.set_meta(conn, "old", "must be gone")
    yield made
    with made.write() as conn:
        if made.dialect == "mysql":
            conn.exec_driver_sql("SET foreign_key_checks = 0")
        for table in reversed(t.metadata.sorted_tables):
            conn.execute(table.delete())
        if made.dialect == "mysql":
            conn.exec_driver_sql("SET foreign_key_checks = 1")
    if request.param == "sqlite":
        made.close()


@pytest.fixture(autouse=True)
def _stamped(request: pytest.FixtureRequest) -> Iterator[None]:
    """The test databases were made at once, without migrations: say that they are current."""
    found = {id(v): v for name in request.fixturenames if name in DATABASES for v in [request.getfixturevalue(name)]}
    for db in found.values():
        with db.write() as conn:  # another test may have migrated the shared ones
            conn.execute(text("DROP TABLE IF EXISTS alembic_version"))
            conn.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            conn.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    yield
    for db in found.values():
        with db.write() as conn:
            conn.execute(text("DROP TABLE alembic_version"))


DATABASES = ("db", "other", "sqlite_db")
HEAD = ScriptDirectory(str(FOLDER)).get_current_head()


def fill(db: Db) -> None:
    """A little of everything, a resend of an earlier push among it that was itself written again later."""
    with db.write() as conn:
        facts.ensure_channels(conn, ("onebot", "wecom_bot"))
        facts.set_meta(conn, "词", "𠮷野家👍")
        publish(
            conn, "Q01", NOW, title="长" * 500, body="<p>正文</p>" * 2000, list_items=(1, 2), url="https://a.cn/?a=%20"
        )
        item = add_item(conn, NOW, title="引号'与\\反斜杠\n换行")
        placement = place(conn, item, "G01", NOW)
        first = send(conn, "G01", [placement], NOW, Status.FAILED, Status.DELIVERED)
        conn.execute(update(t.placements).where(t.placements.c.id == placement).values(push_id=None))
        again = push(conn, "G01", [placement], NOW, resend_of=first)
        settle(conn, [again], NOW, Status.ACCEPTED)
        conn.execute(update(t.pushes).where(t.pushes.c.id == first).values(prepared={"media": "m"}, evidence={"n": 1}))
        measure(conn, "Q01", "应达", 180, NOW.replace(microsecond=123456))


def everything(db: Db) -> dict[str, list[dict[str, Any]]]:
    with db.read() as conn:
        return {
            table.name: [dict(row._mapping) for row in conn.execute(select(table).order_by(*table.primary_key))]
            for table in t.metadata.sorted_tables
        }


def test_every_row_comes_back_on_each_kind_of_database(db: Db, other: Db, tmp_path: Path) -> None:
    fill(db)
    before = everything(db)
    rows = backup.write(db, tmp_path / "备份.sqlite3")
    assert rows == sum(map(len, before.values()))
    if other is db:
        with db.write() as conn:
            facts.set_meta(conn, "later", "must be gone too")
    assert backup.read(other, tmp_path / "备份.sqlite3", NOW) == rows
    after = everything(other)
    assert all(row["paused_by"] == "恢复备份" for row in after.pop("channels"))
    before.pop("channels")
    assert before.pop("marks") and after.pop("marks") == []  # nothing is counted yet
    waited = {row["id"] for row in before["deliveries"] if row["status"] in ("queued", "sending")}
    assert {row["id"] for row in after["deliveries"] if row["status"] == "uncertain"} >= waited
    for rows_of in (before, after):
        rows_of["deliveries"] = [row for row in rows_of["deliveries"] if row["id"] not in waited]
    assert after == before


def test_a_restored_store_counts_every_day_anew(sqlite_db: Db, tmp_path: Path) -> None:
    """What was queued is uncertain now: no roll-up of the backup is true for certain."""
    fill(sqlite_db)
    with sqlite_db.write() as conn:
        marks.take(conn)
        rollups.keep_day(conn, NOW.date(), NOW)
    backup.write(sqlite_db, tmp_path / "b.sqlite3")
    backup.read(sqlite_db, tmp_path / "b.sqlite3", NOW)
    with sqlite_db.read() as conn:
        assert rollups.kept(conn) == []


def test_a_restored_store_goes_on_numbering_where_it_stood(db: Db, tmp_path: Path) -> None:
    fill(db)
    backup.write(db, tmp_path / "b.sqlite3")
    backup.read(db, tmp_path / "b.sqlite3", NOW)
    with db.write() as conn:
        highest = max(row["id"] for row in everything(db)["items"])
        assert add_item(conn, NOW) > highest


def test_a_backup_may_be_taken_while_the_bot_writes(sqlite_db: Db, tmp_path: Path) -> None:
    """It shows one moment: every item in it has its version, and no writer waits long or fails."""
    fill(sqlite_db)
    stop, errors, written = threading.Event(), [], []

    def work() -> None:
        while not stop.is_set():
            try:
                with sqlite_db.write() as conn:
                    written.append(publish(conn, "Q01", NOW))
            except Exception as error:
                errors.append(error)
                return

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for n in range(3):
            backup.write(sqlite_db, tmp_path / f"{n}.sqlite3")
    finally:
        stop.set()
        writer.join()
    assert errors == []
    assert written
    for n in range(3):
        copy = Db(f"sqlite:///{(tmp_path / f'{n}.sqlite3').as_posix()}")
        found = everything(copy)
        copy.close()
        assert {row["version_id"] for row in found["items"]} == {row["id"] for row in found["item_versions"]}
        assert {row["push_id"] for row in found["placements"]} <= {row["id"] for row in found["pushes"]}


def test_an_existing_file_is_never_overwritten(sqlite_db: Db, tmp_path: Path) -> None:
    file = tmp_path / "b.sqlite3"
    file.write_text("要紧的东西", encoding="utf-8")
    with pytest.raises(FileExistsError, match="换一个文件名"):
        backup.write(sqlite_db, file)
    assert file.read_text(encoding="utf-8") == "要紧的东西"


def test_a_backup_that_broke_off_leaves_no_file_that_looks_whole(
    sqlite_db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise OSError("磁盘已满")

    monkeypatch.setattr(backup, "_copy", broken)
    with pytest.raises(OSError, match="磁盘已满"):
        backup.write(sqlite_db, tmp_path / "b.sqlite3")
    assert not (tmp_path / "b.sqlite3").exists()


@pytest.mark.parametrize("content", [b"", b"not a database at all, but quite long" * 50])
def test_a_file_that_is_no_backup_changes_nothing(sqlite_db: Db, tmp_path: Path, content: bytes) -> None:
    fill(sqlite_db)
    before = everything(sqlite_db)
    file = tmp_path / "别的.sqlite3"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="不是本版本公开达的备份"):
        backup.read(sqlite_db, file, NOW)
    assert everything(sqlite_db) == before


def test_an_error_half_way_through_a_restore_changes_nothing(
    db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db)
    before = everything(db)
    backup.write(db, tmp_path / "b.sqlite3")
    with ExitStack() as stack:
        patched = stack.enter_context(monkeypatch.context())

        def broken(*_: object) -> int:
            raise OSError("断电")

        patched.setattr(backup, "_copy", broken)
        with pytest.raises(OSError, match="断电"):
            backup.read(db, tmp_path / "b.sqlite3", NOW)
    assert everything(db) == before
