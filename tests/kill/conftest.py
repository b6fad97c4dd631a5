"""One sandbox and one forking worker for all kills; a fresh store and clean vendors for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.channels.servers import Sandbox, running_sandbox
from tests.kill.ground import Ground, Worker, running_worker
from tests.kill.school import WAYS


@pytest.fixture(scope="session")
def survivors() -> Iterator[tuple[Sandbox, Worker]]:
    """What no kill touches: the vendors, and the process that forks the lives."""
    with running_sandbox() as sandbox, running_worker() as worker:
        yield sandbox, worker


@pytest.fixture
def ground(
    survivors: tuple[Sandbox, Worker], sqlite_template: Path, tmp_path: Path
) -> Iterator[Callable[[str], Ground]]:
    """Makes the ground for one way: nothing has been sent, the clock is at its start."""
    with ExitStack() as stack:

        def make(name: str) -> Ground:
            path = tmp_path / "kill.sqlite3"
            shutil.copy(sqlite_template, path)
            sandbox, worker = survivors
            sandbox.admin("reset", {})
            made = Ground(WAYS[name], sandbox, worker, path)
            stack.enter_context(closing(made.db))
            made.furnish()
            return made

        yield make
