"""The world the vendors' calls act on: state, clock, fault plan, and what is due."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.due import Due
from sandbox.faults import FaultPlan
from sandbox.state import State


class Crowd:
    """How many calls of each caller are under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._here: Counter[str] = Counter()

    @contextmanager
    def joined(self, caller: str) -> Iterator[int]:
        """Count a call while it lasts; yields how many there are with it."""
        with self._lock:
            self._here[caller] += 1
            company = self._here[caller]
        try:
            yield company
        finally:
            with self._lock:
                self._here[caller] -= 1


@dataclass
class World:
    """One sandbox; `base` is its own address, known once it listens."""

    state: State
    clock: Clock
    due: Due
    faults: FaultPlan = field(default_factory=FaultPlan)
    crowd: Crowd = field(default_factory=Crowd)
    base: str = ""
    #: Its mail server's address: smtp://127.0.0.1:PORT.
    smtp: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        """Seconds since 1970 on the sandbox's clock."""
        return self.clock.now()

    def save_clock(self) -> None:
        """Remember a virtual time, so that a restarted sandbox does not go back."""
        if self.clock.virtual:
            self.state.put("meta", "", "clock", {"now": self.clock.now()})


def open_world(path: str, start: float | None) -> World:
    """Open or create a sandbox's state; a virtual clock goes on where it stood."""
    state = State(path)
    saved = state.get("meta", "", "clock")
    if saved is not None:
        start = max(float(saved["now"]), start or 0.0)
    clock = Clock(start)
    return World(state=state, clock=clock, due=Due(state, clock))
