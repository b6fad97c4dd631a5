"""Tests of the jobs are tests of the roll-ups too: they are made while one runs, and in the end they say what the rows say.

One test in sixteen, as this doubles its time; `XXGK_TEST_ROLL=1` takes all of them and counts after every commit, which
finds a forgotten mark for certain: for whoever writes to a table behind a figure in a new place.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from zlib import crc32

from sqlalchemy import Connection

from jobs import rollup
from store.db import Db

#: After how many commits the days are counted again.
EVERY = int(os.environ.get("XXGK_TEST_ROLL", "11"))
ALL = "XXGK_TEST_ROLL" in os.environ
#: So far ahead that the day of the test is over.
AHEAD = timedelta(days=3)


@contextmanager
def rolled_up(db: Db, now: Callable[[], datetime], name: str, every: int = EVERY) -> Iterator[None]:
    """While the block runs, every so many commits of this store are followed by a count of all its days."""
    if not (ALL or crc32(name.encode()) % 16 == 0):
        yield
        return
    write, numbers, busy = db.write, count(1), threading.local()

    @contextmanager
    def counting() -> Iterator[Connection]:
        with write() as conn:
            yield conn
        if not getattr(busy, "now", False) and next(numbers) % every == 0:
            busy.now = True
            try:
                assert not (ALL and rollup.check(db).wrong), "这次提交改动的行没有标记"
                rollup.roll(db, lambda: now() + AHEAD)
            finally:
                busy.now = False

    db.write = counting  # type: ignore[method-assign]
    try:
        yield
    finally:
        del db.write  # type: ignore[method-assign]
    wrong = rollup.check(db).wrong
    assert not wrong, f"汇总与明细不符：{wrong}"
