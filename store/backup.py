"""Every row in one SQLite file: a backup that any of the three databases can be restored from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from rules.states import Status
from store import facts, lease, marks, rollups
from store import tables as t
from store.db import Db
from store.migrate import is_current, upgrade

BATCH = 1000


def write(db: Db, file: Path) -> int:
    """Copy every row as it stood at one moment; the bot may go on meanwhile. Returns rows. An existing file is kept."""
    if file.exists():
        raise FileExistsError(f"{file} 已存在，没有覆盖。请换一个文件名")
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    copy = Db(f"sqlite:///{part.resolve().as_posix()}")
    try:
        upgrade(copy)
        with db.engine.connect() as raw, copy.write() as to:
            source = raw.execution_options(isolation_level=_snapshot(db))
            with source.begin():
                rows = _copy(source, to)
        with closing(copy.engine.raw_connection()) as conn:  # one file to carry away; SQLite wants no transaction here
            conn.cursor().execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    part.replace(file)
    return rows


def _snapshot(db: Db) -> str:
    """The level at which every table is read as of one moment; SQLite's own reads are."""
    return "SERIALIZABLE" if db.dialect == "sqlite" else "REPEATABLE READ"


class NotABackup(ValueError):
    """The file is no backup that this version can read."""


def holds_demo(file: Path) -> bool:
    """True if it is the backup of a demonstration; raises NotABackup."""
    with _opened(file) as copy, copy.read() as conn:
        return facts.is_demo(conn)


def read(db: Db, file: Path, now: datetime) -> int:
    """Replace every row by the backup's, in one commit: on an error nothing has changed.

    Returns rows; raises NotABackup. The lease of this store goes with its rows, and the backup's is not taken over:
    the process that held it when the backup was made is long gone.
    """
    with _opened(file) as copy:
        upgrade(db)
        with copy.read() as source, db.write() as to:
            marks.take(to)
            _relax(db, to)
            for table in reversed(t.metadata.sorted_tables):
                to.execute(table.delete())
            rows = _copy(source, to)
            lease.forget(to)
            _renumber(db, to)
            _hold_all(to, now)
    return rows


@contextmanager
def _opened(file: Path) -> Iterator[Db]:
    """A backup to read from; raises NotABackup."""
    copy = Db(f"sqlite:///{file.resolve().as_posix()}")
    try:
        try:
            current = is_current(copy)
        except DatabaseError:  # no SQLite file at all
            current = False
        if not current:
            raise NotABackup(f"{file} 不是本版本公开达的备份")
        yield copy
    finally:
        copy.close()


def _copy(source: Connection, to: Connection) -> int:
    rows = 0
    for table in t.metadata.sorted_tables:
        result = source.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key))
        for batch in result.partitions(BATCH):
            to.execute(insert(table), [dict(row._mapping) for row in batch])
            rows += len(batch)
    return rows


RESTORED = "从备份恢复：请核对备份之后已发出的内容，再恢复推送"


def _hold_all(conn: Connection, now: datetime) -> None:
    """Nobody knows what was sent since the backup: every channel waits for a person, and so does what was queued."""
    conn.execute(update(t.channels).values(paused_at=now, paused_by="恢复备份", reason=RESTORED))
    d = t.deliveries.c
    waits = d.status.in_((Status.QUEUED, Status.SENDING))
    unsure = {"status": Status.UNCERTAIN, "maybe_sent": True, "not_before": None, "reason": RESTORED}
    conn.execute(update(t.deliveries).where(waits).values(**unsure))
    rollups.forget(conn)


def _relax(db: Db, conn: Connection) -> None:
    """A resend points at an earlier push of the same table: rows are checked at the commit, not one by one."""
    if db.dialect == "mysql":
        conn.execute(text("SET FOREIGN_KEY_CHECKS=0"))


def _renumber(db: Db, conn: Connection) -> None:
    """PostgreSQL's counters do not see ids that were given."""
    if db.dialect == "mysql":
        conn.execute(text("SET FOREIGN_KEY_CHECKS=1"))
    if db.dialect != "postgresql":
        return
    for table in [each for each in t.metadata.sorted_tables if "id" in each.c]:
        last = func.coalesce(func.max(table.c.id), 1)
        conn.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
