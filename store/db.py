"""One engine for SQLite, PostgreSQL and MariaDB, with the traps of each closed in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeDecorator

from rules.dates import SHANGHAI

#: SQLite numbers its rows only in a column declared INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


#: Where a writing transaction keeps what is to be done once its rows can be seen by others.
AFTER_COMMIT = "xxgk_after_commit"
#: Where it keeps what is to be written last, in the same commit; there is no such place outside a writing transaction.
AT_COMMIT = "xxgk_at_commit"


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC to the microsecond; SQLite and MariaDB would hand back naive ones."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(_mysql().DATETIME(fsp=6) if _is_mysql(dialect) else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("时间缺少时区")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class LongText(TypeDecorator[str]):
    """Text of any length: 64 KB is the MariaDB default, an article's body may be larger."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(_mysql().LONGTEXT() if _is_mysql(dialect) else Text())


class _Ids(TypeDecorator[Sequence[int]]):
    """Ids in one piece of text, as PostgreSQL reads an array: much quicker than the driver writes one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> str:
        return "{" + ",".join(map(str, value or ())) + "}"


def among(column: ColumnElement[int], name: str, dialect: str) -> ColumnElement[bool]:
    """True if the column is one of the ids that are given by this name when the question is asked.

    PostgreSQL takes them as one array: nobody writes and reads a parameter for each, and the question stays one.
    """
    if dialect == "postgresql":
        return column == any_(cast(bindparam(name, type_=_Ids), ARRAY(BigInteger)))
    return column.in_(bindparam(name, expanding=True))


def figure(number: int) -> ColumnElement[int]:
    """A number as part of the question: PostgreSQL plans anew each time while it does not know how many rows are wanted."""
    return literal_column(str(number), Integer)


#: Hours of Shanghai before UTC.
_AHEAD = SHANGHAI.utcoffset(None) // timedelta(hours=1)


def shanghai_day(moment: ColumnElement[datetime], dialect: str) -> ColumnElement[date]:
    """The calendar day in Shanghai, as rules/dates.day_of says it."""
    if dialect == "postgresql":
        return cast(moment + text(f"INTERVAL '{_AHEAD} hours'"), Date)
    if dialect == "sqlite":  # it would round a last microsecond up
        return func.date(func.substr(moment, 1, 19), f"+{_AHEAD} hours", type_=Date)
    return func.date(func.timestampadd(text("HOUR"), _AHEAD, moment), type_=Date)


def _is_mysql(dialect: Dialect) -> bool:
    return dialect.name in ("mysql", "mariadb")


def _mysql() -> Any:
    """MariaDB's own types, loaded where there is a MariaDB: a person at the command line waits for every import."""
    from sqlalchemy.dialects import mysql

    return mysql


class Db:
    """The database. `read()` and `write()` open one short transaction each; none is open during a vendor call.

    Raises ArgumentError for an address that is none of the three kinds, OSError if SQLite's folder cannot be made.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except ValueError as error:  # a port that is no number
            raise ArgumentError(str(error)) from None
        self.engine = _engine(url)

    @property
    def dialect(self) -> str:
        """sqlite, postgresql or mysql (MariaDB included)."""
        name = self.engine.dialect.name
        return "mysql" if name == "mariadb" else name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that sees every table as of one moment; SQLite's own reads do."""
        level = {} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**level) as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: on SQLite it takes the write lock at its start.

        Under WAL a read that turns into a write fails at once, whatever the busy timeout.
        """
        with self.engine.connect().execution_options(xxgk_write=True) as conn:
            told: list[Callable[[], None]] = []
            last: list[Callable[[Connection], None]] = []
            info = conn.info  # asked of a connection that was lost meanwhile, it would be another one's
            info.update({AFTER_COMMIT: told, AT_COMMIT: last})
            try:
                with conn.begin():
                    yield conn
                    for finish in last:
                        finish(conn)
            finally:
                info.pop(AT_COMMIT, None)  # a pooled connection keeps what is written on it
            for tell in told:
                tell()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed.set(drivername="sqlite"))
    options: dict[str, Any] = {
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_size": 10,
    }
    if parsed.get_backend_name() in ("mysql", "mariadb"):
        parsed = parsed.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"})
    elif parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    else:
        raise ArgumentError(f"{parsed.get_backend_name()}: none of the three kinds")
    engine = create_engine(parsed, **options)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _no_jit)
    return engine


def _no_jit(connection: Any, _record: Any) -> None:
    """Compiling a question with many CASEs takes PostgreSQL seconds, answering it milliseconds; before 11 it did not try."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jit', 'off', false) FROM pg_settings WHERE name = 'jit'")
    connection.commit()


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database).parent)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        write = conn.get_execution_options().get("xxgk_write")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"数据库所在的文件夹 {folder} 无法建立。请检查 XXGK_DATABASE_URL 和上级文件夹的权限") from error
