"""A fresh store for each test that asks for `db`: on SQLite always, on PostgreSQL and MariaDB when they answer."""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, exists, literal_column, select, text, union_all
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from store import db as store_db
from store.db import Db
from store.tables import metadata


@dataclass(frozen=True)
class Server:
    """A database server: the variable that names it, and where it is looked for otherwise."""

    name: str
    variable: str
    usual: str

    @property
    def url(self) -> str:
        return os.environ.get(self.variable) or self.usual


SERVERS = {
    each.name: each
    for each in (
        Server("postgresql", "XXGK_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1/postgres"),
        Server("mariadb", "XXGK_TEST_MARIADB_URL", "mysql://root@127.0.0.1/"),
    )
}


def _order(url: str, statement: str) -> None:
    """One statement outside any transaction, as CREATE DATABASE asks for."""
    db = Db(url)
    try:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(statement))
    finally:
        db.close()


@contextmanager
def _own_database(server: Server) -> Iterator[Db]:
    """A database with a random name, all tables in it, dropped at the end; skips if the server does not answer."""
    name = f"xxgk_test_{uuid.uuid4().hex[:12]}"
    try:
        _order(server.url, f"CREATE DATABASE {name}")
    except DBAPIError as error:
        if server.variable in os.environ:
            raise
        pytest.skip(f"{server.name} 没有应答（可用 {server.variable} 指定地址）：{type(error).__name__}")
    db = Db(make_url(server.url).set(database=name).render_as_string(hide_password=False))
    try:
        metadata.create_all(db.engine)
        yield db
    finally:
        db.close()
        _order(server.url, f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def postgresql_database() -> Iterator[Db]:
    """One for the whole session; each test empties it."""
    with _own_database(SERVERS["postgresql"]) as db:
        yield db


@pytest.fixture(scope="session")
def mariadb_database() -> Iterator[Db]:
    """One for the whole session; each test empties it."""
    with _own_database(SERVERS["mariadb"]) as db:
        yield db


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and no rows: copied, which is quicker than created."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    db = Db(f"sqlite:///{path.as_posix()}")
    metadata.create_all(db.engine)
    db.close()
    return path


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Db]:
    """A fresh SQLite store with all tables."""
    path = tmp_path / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    db = Db(f"sqlite:///{path.as_posix()}")
    yield db
    db.close()


@pytest.fixture(scope="session")
def sqlite_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Db]:
    """One for the whole session, as on the servers: statements are compiled once."""
    path = tmp_path_factory.mktemp("shared") / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    db = Db(f"sqlite:///{path.as_posix()}")
    yield db
    db.close()


@pytest.fixture(params=["sqlite", *SERVERS])
def db(request: pytest.FixtureRequest) -> Iterator[Db]:
    """An empty store with all tables, on each kind of database."""
    server: Db = request.getfixturevalue(f"{request.param}_database")
    yield server
    _empty(server)


#: The tables that have rows: most tests fill a few of them.
_FILLED = union_all(
    *(select(literal_column(f"'{each.name}'")).where(exists().select_from(each)) for each in metadata.sorted_tables)
)


def _empty(db: Db) -> None:
    with db.write() as conn:
        filled = set(conn.scalars(_FILLED))
        if db.dialect == "mysql":
            conn.execute(text("SET foreign_key_checks = 0"))  # a push may point at another one
        for table in reversed(metadata.sorted_tables):
            if table.name in filled:
                conn.execute(table.delete())
        if db.dialect == "mysql":
            conn.execute(text("SET foreign_key_checks = 1"))


def pytest_xdist_auto_num_workers() -> int:
    """One more than the machine has cores: a test waits for databases and processes for a third of its time."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """Every SQLite store of this process speaks through one dialect: what one has compiled, no other compiles again."""
    first, make = create_engine("sqlite://"), store_db._sqlite
    first.connect().close()

    def made(url: URL) -> Engine:
        engine = make(url)
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    store_db._sqlite = made


def pytest_collection_finish() -> None:
    """What collecting has made stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
