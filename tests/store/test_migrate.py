"""Bringing a database to the current tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from store import facts
from store import tables as t
from store.db import Db
from store.migrate import is_current, upgrade


@pytest.fixture
def bare(db: Db) -> Db:
    """A database without any table of ours."""
    t.metadata.drop_all(db.engine)
    with db.write() as conn:
        conn.execute(text("DROP TABLE IF EXISTS alembic_version"))
    return db


@pytest.fixture(autouse=True)
def _tables_again(request: pytest.FixtureRequest) -> object:
    """The servers' databases are shared by the whole session: leave them as they were."""
    yield
    db = request.node.funcargs.get("bare")
    if db is not None:
        with db.write() as conn:
            conn.execute(text("DROP TABLE IF EXISTS alembic_version"))
        t.metadata.create_all(db.engine)


def test_an_upgrade_makes_every_table_and_twice_is_harmless(bare: Db) -> None:
    assert not is_current(bare)
    upgrade(bare)
    with bare.write() as conn:
        facts.set_meta(conn, "kept", "yes")
    upgrade(bare)
    assert is_current(bare)
    with bare.read() as conn:
        assert facts.get_meta(conn, "kept") == "yes"
    assert set(inspect(bare.engine).get_table_names()) == {*t.metadata.tables, "alembic_version"}


def test_the_migrations_make_what_the_code_reads(bare: Db) -> None:
    upgrade(bare)
    found = inspect(bare.engine)
    for table in t.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, table.name
        ours = {tuple(column.name for column in index.columns) for index in table.indexes}
        theirs = {tuple(index["column_names"]) for index in found.get_indexes(table.name)}
        assert ours <= theirs, table.name
        unique = {tuple(c.name for c in each.columns) for each in table.constraints if type(each).__name__ == "UniqueConstraint"}
        there = {tuple(each["column_names"]) for each in found.get_unique_constraints(table.name)}
        assert unique <= there | theirs, table.name


def test_a_folder_with_strange_signs_in_its_name_works(tmp_path: Path) -> None:
    db = Db(f"sqlite:///{(tmp_path / '100% 公开 数据').as_posix()}/xxgk.sqlite3")
    upgrade(db)
    assert is_current(db)
    db.close()
