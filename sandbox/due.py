"""What happens later: jobs that end, callbacks that go out. Run in time order, by the clock call or by a thread."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.state import Doc, State

log = logging.getLogger(__name__)


class Due:
    """A queue in the state file; an entry is removed only after it ran, so a killed sandbox runs it again."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._running = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self.runners: dict[str, Callable[[Doc], None]] = {}

    def add(self, at: float, kind: str, doc: Doc) -> None:
        """Queue an entry; one that is due already runs at the next turn."""
        self._state.insert("INSERT INTO due (at, kind, doc) VALUES (?,?,?)", (at, kind, json.dumps(doc)))
        self._wake.set()

    def run_until(self, target: float) -> int:
        """Run every entry due by then, oldest first, moving a virtual clock along; returns how many ran."""
        fired = 0
        with self._running:
            while rows := self._state.rows(
                "SELECT id, at, kind, doc FROM due WHERE at<=? ORDER BY at, id LIMIT 1", (target,)
            ):
                ((id, at, kind, text),) = rows
                if self._clock.virtual and at > self._clock.now():
                    self._clock.set(at)
                self._run_one(str(kind), json.loads(text))
                self._state.run("DELETE FROM due WHERE id=?", (id,))
                fired += 1
        return fired

    def _run_one(self, kind: str, doc: Doc) -> None:
        try:
            self.runners[kind](doc)
        except Exception:  # one broken entry must not stop the year
            log.exception("due entry failed", extra={"action": "due_failed", "kind": kind})

    def keep_running(self) -> None:
        """The background thread's loop for the real clock; a virtual one is run by the clock call."""
        while not self._stopped:
            self._wake.clear()
            if not self._clock.virtual:
                self.run_until(self._clock.now())
            next_at = self._state.one("SELECT min(at) FROM due")
            wait = 0.5 if next_at is None else max(0.01, min(0.5, float(next_at) - self._clock.now()))
            self._wake.wait(wait if not self._clock.virtual else 0.5)

    def stop(self) -> None:
        """Let the background thread end."""
        self._stopped = True
        self._wake.set()
