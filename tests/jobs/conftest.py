"""A bench for each test: on SQLite where the rule is ours, on all three databases where it is theirs too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.db import Db
from tests.jobs.bench import Bench, make_bench
from tests.rollups import rolled_up


@pytest.fixture
def bench(sqlite_db: Db, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """An office on SQLite."""
    made = make_bench(sqlite_db)
    with rolled_up(sqlite_db, made.clock, request.node.nodeid):
        yield made
    made.close()


@pytest.fixture
def bench3(db: Db, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """An office on each kind of database."""
    made = make_bench(db)
    with rolled_up(db, made.clock, request.node.nodeid):
        yield made
    made.close()
