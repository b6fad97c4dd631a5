from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from store.db import Db
from store.tables import metadata
from web.app import create_app
from web.server import running


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Db]:
    found = Db(f"sqlite:///{tmp_path / 'web.db'}")
    metadata.create_all(found.engine)
    yield found
    found.close()


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def serve(db: Db) -> Iterator[Callable[..., str]]:
    """Serve an app for the length of a test; gives its base address."""
    with ExitStack() as stack:

        def _serve(doors: Any, clock: Any, health: Any = lambda: {"ok": True}) -> str:
            return stack.enter_context(running(create_app(db, doors, clock, health)))

        yield _serve
