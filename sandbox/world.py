"""The world the vendors' calls act on: state, clock, fault plan, and what is due."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.due import Due
from sandbox.faults import FaultPlan
from sandbox.state import State


@dataclass
class World:
    """One sandbox; `base` is its own address, known once it listens."""

    state: State
    clock: Clock
    due: Due
    faults: FaultPlan = field(default_factory=FaultPlan)
    base: str = ""
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
