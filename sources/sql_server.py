"""Another system's database, opened to read one view: read-only, with time limits, its address never repeated.

PostgreSQL 15: SET TRANSACTION, has_table_privilege. MariaDB 10.11: START TRANSACTION READ ONLY, SHOW GRANTS,
max_statement_time. SQLite: URI mode=ro, PRAGMA query_only.
"""

from __future__ import annotations

import re
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, ProgrammingError, SQLAlchemyError

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 30
URL_FIX = "应写成 postgresql://用户:密码@主机/库、mysql://用户:密码@主机/库 或 sqlite:///文件"
#: What each server is told before the first query.
_FIRST = {
    "postgresql": ("SET TRANSACTION READ ONLY", f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"),
    "mysql": ("START TRANSACTION READ ONLY",),
    "sqlite": ("PRAGMA query_only = ON",),
}
_WRITES = "INSERT, UPDATE, DELETE, TRUNCATE"
_READS = frozenset(("SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REPLICATION CLIENT"))
#: By sqlstate (PostgreSQL) or error number (MariaDB): what it means, what to do.
_NO_VIEW = ("没有这个视图", "请核对 place 中的视图名和大小写，或请数据库管理员建立视图")
_NO_COLUMN = ("视图中没有所写的列", "请核对 columns 中右边的列名和大小写")
_NO_RIGHT = ("账号没有读取这个视图的权限", "请数据库管理员只授予这个视图的 SELECT 权限")
_NO_LOGIN = ("数据库的用户名或密码不对", "请核对 .env 中的连接地址")
_NO_BASE = ("数据库服务器上没有这个库", "请核对 .env 中的连接地址")
_TOO_LONG = (f"查询超过{STATEMENT_SECONDS}秒，已中止", "请数据库管理员给更新时间列建立索引")
_AWAY = ("连接不上数据库，或连接断了", "请检查数据库是否启动、地址和端口、防火墙")
_BUSY = ("数据库正忙", "下次再读取")
_AMISS = ("视图不能查询，或其中有无法读取的值", "请数据库管理员检查视图的定义和数据")
_SAYINGS = {
    "42P01": _NO_VIEW, "42703": _NO_COLUMN, "42501": _NO_RIGHT, "28P01": _NO_LOGIN, "28000": _NO_LOGIN, "3D000": _NO_BASE,
    "57014": _TOO_LONG, "1146": _NO_VIEW, "1054": _NO_COLUMN, "1142": _NO_RIGHT, "1143": _NO_RIGHT, "1356": _NO_RIGHT,
    "1045": _NO_LOGIN, "1044": _NO_RIGHT, "1049": _NO_BASE, "1969": _TOO_LONG, "3024": _TOO_LONG,
}  # fmt: skip
#: SQLite says it in words only.
_WORDS = (
    ("no such table", _NO_VIEW), ("no such column", _NO_COLUMN), ("interrupted", _TOO_LONG),
    ("unable to open", ("数据库文件打不开", "请检查 .env 中的文件路径和权限")),
    ("not a database", ("数据库文件已损坏，或不是数据库", "请来源系统的管理员检查")),
    ("malformed", ("数据库文件已损坏，或不是数据库", "请来源系统的管理员检查")),
    ("locked", _BUSY),
)  # fmt: skip
#: What a look that comes later may find gone.
_PASSING = (_AWAY, _TOO_LONG, _BUSY)


class Unusable(Exception):
    """The view could not be read; says why in words for the office, without address, account or value."""


class Unreached(Unusable):
    """The database did not answer, or not in time: this may pass by itself."""


class Server:
    """One database, under the name that its address has in .env."""

    def __init__(self, name: str, url: str | None) -> None:
        self._name = name
        self._url = url

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that can only read, on a connection of its own; raises Unusable."""
        try:
            engine = self._engine()
            try:
                with self._connected(engine) as conn:
                    for statement in _FIRST[_kind(conn)]:
                        conn.exec_driver_sql(statement)
                    yield conn
            finally:
                engine.dispose()
        except (SQLAlchemyError, OSError) as error:
            raise _said(error) from None  # the driver's own words may hold account and address

    def _connected(self, engine: Engine) -> Connection:
        try:
            return engine.connect()
        except (TypeError, ValueError):  # an option in the address that the driver does not have
            raise Unusable(f".env 中的 {self._name} 无法识别。{URL_FIX}") from None

    def _engine(self) -> Engine:
        if not self._url:
            raise Unusable(f".env 中没有 {self._name}。请在 .env 中写 {self._name}=连接地址，{URL_FIX}")
        try:
            url = make_url(self._url)
        except (ArgumentError, ValueError):
            raise Unusable(f".env 中的 {self._name} 无法识别。{URL_FIX}") from None
        kind = "mysql" if url.get_backend_name() == "mariadb" else url.get_backend_name()
        if kind not in _FIRST:
            raise Unusable(f".env 中的 {self._name} 不是能读取的数据库。{URL_FIX}")
        return {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}[kind](url)


def _kind(conn: Connection) -> str:
    return "mysql" if conn.dialect.name == "mariadb" else conn.dialect.name


def _postgresql(url: URL) -> Engine:
    where = url.set(drivername="postgresql+psycopg")
    return create_engine(
        where, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": CONNECT_SECONDS}
    )


def _mysql(url: URL) -> Engine:
    where = url.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"})
    limits = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": 2 * STATEMENT_SECONDS,
        "write_timeout": CONNECT_SECONDS,
    }
    engine = create_engine(where, poolclass=NullPool, hide_parameters=True, connect_args=limits)

    @event.listens_for(engine, "engine_connect")
    def limit(conn: Connection) -> None:
        if getattr(conn.dialect, "is_mariadb", False):  # MySQL itself has another name for it, and read_timeout
            conn.exec_driver_sql(f"SET SESSION max_statement_time = {STATEMENT_SECONDS}")

    return engine


def _sqlite(url: URL) -> Engine:
    def opened() -> sqlite3.Connection:
        where = f"file:{quote(str(Path(url.database or '').resolve()))}?mode=ro"
        raw = sqlite3.connect(where, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)
        until = time.monotonic() + STATEMENT_SECONDS
        raw.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        return raw

    return create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)


def _said(error: Exception) -> Unusable:
    """A driver's error by its number, in our words; its own text is never shown."""
    original = getattr(error, "orig", None) or error
    numbers = (getattr(original, "sqlstate", None), *getattr(original, "args", ())[:1])
    said = next((meant for number in numbers if (meant := _SAYINGS.get(str(number)))), None)
    if said is None and isinstance(original, sqlite3.Error):
        low = str(original).lower()
        said = next((meant for needle, meant in _WORDS if needle in low), None)
    what, fix = said or (_AMISS if isinstance(error, (DataError, ProgrammingError)) else _AWAY)
    kind = Unreached if (what, fix) in _PASSING else Unusable
    return kind(f"{what}。{fix}")


def may_write(conn: Connection) -> bool:
    """True if the account can do more than read; asked of the server's own lists of rights, nothing is tried."""
    kind = _kind(conn)
    if kind == "postgresql":
        return bool(conn.scalar(text(_POSTGRESQL), {"rights": _WRITES}))
    if kind == "mysql":
        return any(not _only_reads(str(row[0])) for row in conn.exec_driver_sql("SHOW GRANTS"))
    file = conn.exec_driver_sql("PRAGMA database_list").fetchone()
    return file is not None and bool(Path(str(file[2])).stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))


_POSTGRESQL = """
SELECT EXISTS (
  SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname NOT LIKE 'pg\\_%' AND has_table_privilege(c.oid, :rights)
) OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""


def _only_reads(grant: str) -> bool:
    """A role is listed by name, and the rights of an active one on lines of their own."""
    found = re.match(r"GRANT (.+?) ON ", grant)
    rights: Sequence[str] = re.sub(r"\([^)]*\)", "", found[1]).split(",") if found else ()
    return all(right.strip().upper() in _READS for right in rights) and "GRANT OPTION" not in grant


def columns_of(conn: Connection, table: Any) -> list[str]:
    """The names of the view's columns."""
    return list(conn.execute(select(text("*")).select_from(table).limit(0)).keys())
