"""One sandbox and one forking worker for all kills; a fresh store and clean vendors for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels.servers import Sandbox, running_sandbox
from tests.kill.ground import Ground, Worker, running_worker
from tests.kill.school import ALL, WAYS


@dataclass(frozen=True)
class Survivors:
    """What no kill touches: the vendors, the process that forks the lives, and an empty store to copy."""

    sandbox: Sandbox
    worker: Worker
    template: Path

    @contextmanager
    def ground(self, name: str, folder: Path) -> Iterator[Ground]:
        """The ground for one way: nothing has been sent, the clock is at its start."""
        path = folder / f"{name}.sqlite3"
        shutil.copy(self.template, path)
        self.sandbox.admin("reset", {})
        made = Ground(WAYS[name], self.sandbox, self.worker, path)
        made.furnish()
        yield made
        made.db.close()


@pytest.fixture(scope="session")
def survivors(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survivors]:
    """One sandbox and one worker for all kills, warmed up by a quiet life of each kind."""
    with running_sandbox() as sandbox, running_worker() as worker:
        made = Survivors(sandbox, worker, sqlite_template)
        for name in WAYS:
            with made.ground(name, tmp_path_factory.mktemp("warm")) as ground:
                worker.warm_up(ground.life(rows=ALL))
        yield made


@pytest.fixture
def ground(survivors: Survivors, tmp_path: Path) -> Iterator[Callable[[str], Ground]]:
    """Makes the ground for one way."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(survivors.ground(name, tmp_path))
