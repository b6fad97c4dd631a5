"""The migrations lead to the very tables the code was written for."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store import tables
from store.db import Db
from store.migrate import is_current, upgrade


def test_the_migrations_and_the_tables_in_the_code_do_not_differ(tmp_path: Path) -> None:
    db = Db(f"sqlite:///{(tmp_path / 'm.sqlite3').as_posix()}")
    assert not is_current(db)
    upgrade(db)
    with db.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": False})
        assert compare_metadata(context, tables.metadata) == []
    assert is_current(db)
    db.close()
