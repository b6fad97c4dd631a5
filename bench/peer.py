"""The peer: Celery on RabbitMQ, one task a message, one committed push-log row a task.

As kind to Celery as is honest: the queue is filled first and not counted, neither is the worker's start; results are
ignored; late acknowledgement, for nothing may be lost. The row is written with the bare driver (`sqlite`,
`postgresql`), or as most projects would, through SQLAlchemy Core (`core-sqlite`, `core-postgresql`).
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from celery import Celery

from bench.bare import send, session
from bench.endpoint import ROOT, Endpoint

BROKER = os.environ.get("XXGK_BENCH_BROKER", "amqp://guest:guest@127.0.0.1:5672//")
#: A database of its own is made in it and dropped; only for `--logs postgresql`.
POSTGRES = os.environ.get("XXGK_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1/postgres")
#: How a worker is started: `-P` and `-c`.
POOLS = {"prefork 1": ("prefork", 1), "prefork 2": ("prefork", 2), "threads 8": ("threads", 8)}
TIMEOUT = 300.0

app = Celery("bench", broker=BROKER)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_prefetch_multiplier=16,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
)

CREATE = "CREATE TABLE push_log (n INTEGER, target VARCHAR(50), status VARCHAR(20), raw TEXT, at DOUBLE PRECISION)"
INSERT = "INSERT INTO push_log VALUES (?, ?, ?, ?, ?)"
_local = threading.local()


def _sqlite(path: str) -> Any:
    conn = sqlite3.connect(path, timeout=30, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        conn.execute(f"PRAGMA {pragma}")
    return conn


def _postgres(url: str) -> Any:
    import psycopg

    return psycopg.connect(url, autocommit=True)


Row = tuple[int, str, str, str, float]


def _writer() -> Callable[[Row], Any]:
    """What writes a row; each is a commit of its own."""
    url = os.environ["XXGK_BENCH_LOG"]
    if os.environ["XXGK_BENCH_CORE"]:
        return _core_writer(url if url.startswith("postgresql") else f"sqlite:///{url}")
    if url.startswith("postgresql"):
        log, statement = _postgres(url), INSERT.replace("?", "%s")
    else:
        log, statement = _sqlite(url), INSERT
    return lambda row: log.execute(statement, row)


def _core_writer(url: str) -> Callable[[Row], None]:
    from sqlalchemy import column, insert, table

    from store.db import Db

    names = ("n", "target", "status", "raw", "at")
    db, statement = Db(url), insert(table("push_log", *(column(name) for name in names)))

    def write(row: Row) -> None:
        with db.write() as conn:
            conn.execute(statement, dict(zip(names, row, strict=True)))

    return write


@app.task(name="bench.push")  # type: ignore[untyped-decorator]  # Celery carries no types
def push(base: str, n: int) -> None:
    """Send one message, then write down that it was sent."""
    if not hasattr(_local, "session"):
        _local.session, _local.write = session(), _writer()
    send(_local.session, f"{base}/onebot/send_group_msg", n)
    _local.write((n, f"Q{n % 50}", "delivered", '{"errcode":0,"errmsg":"ok"}', time.time()))


def run(endpoint: Endpoint, messages: int, pool: str, log: str) -> float:
    """Seconds between the first and the last message that arrived; every one has its row."""
    queue = f"bench-{uuid.uuid4().hex[:8]}"
    with TemporaryDirectory() as folder, _Log(log, Path(folder)) as where:
        try:
            for n in range(messages):
                push.apply_async((endpoint.base, n), queue=queue)
            seconds = _drain(endpoint, messages, pool, queue, where)
            assert where.rows() == messages, f"{where.rows()} rows for {messages} messages"
        finally:
            with app.connection_for_write() as connection:
                connection.default_channel.queue_delete(queue)
    return seconds


def _drain(endpoint: Endpoint, messages: int, pool: str, queue: str, log: _Log) -> float:
    kind, size = POOLS[pool]
    command = [sys.executable, "-m", "celery", "-A", "bench.peer", "worker", "-P", kind, "-c", str(size), "-Q", queue]
    command += ["-l", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    quiet = subprocess.DEVNULL
    env = {**os.environ, "XXGK_BENCH_LOG": log.url, "XXGK_BENCH_CORE": log.core}
    worker = subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
    try:
        ends = time.monotonic() + TIMEOUT
        while (count := endpoint.count())[0] < messages:
            if time.monotonic() > ends or worker.poll() is not None:
                raise RuntimeError(f"Celery 只送到 {count[0]} 条")
            time.sleep(0.2)
        time.sleep(0.5)  # the last rows and acknowledgements
        return endpoint.count()[1]
    finally:
        worker.terminate()
        worker.wait(timeout=30)


class _Log:
    """The push log's database, made for one run."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.core = "1" if kind.startswith("core-") else ""
        self._name = f"xxgk_bench_{uuid.uuid4().hex[:8]}" if kind.endswith("postgresql") else ""
        self.url = f"{POSTGRES.rsplit('/', 1)[0]}/{self._name}" if self._name else str(folder / "log.sqlite3")

    def _connect(self) -> Any:
        return _postgres(self.url) if self._name else _sqlite(self.url)

    def _order(self, statement: str) -> None:
        conn = _postgres(POSTGRES)
        conn.execute(statement)
        conn.close()

    def __enter__(self) -> _Log:
        if self._name:
            self._order(f"CREATE DATABASE {self._name}")
        conn = self._connect()
        conn.execute(CREATE)
        conn.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._name:
            self._order(f"DROP DATABASE {self._name}")

    def rows(self) -> int:
        """How many rows there are."""
        conn = self._connect()
        found = conn.execute("SELECT count(DISTINCT n) FROM push_log").fetchone()
        conn.close()
        return int(found[0])
