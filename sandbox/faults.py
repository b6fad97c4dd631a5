"""The fault plan: which call fails next, how, and how often it has done so."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

CALLBACK_KINDS = frozenset({"callback_dup", "callback_late", "callback_never", "callback_bad_signature"})
REQUEST_KINDS = frozenset({"before", "after", "slow", "502", "reset", "html", "error", "onebot_timeout"})


@dataclass
class Fault:
    """One line of the plan; `skip` matching calls pass first, then it fires `times` times (None = for ever)."""

    call: str
    kind: str
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    errcode: int = -1
    errmsg: str = "system error"
    code: str = ""  # for vendors whose codes are words
    delivered: bool = True
    when: str = "before"
    match: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    seen: int = 0
    fired: int = 0

    def covers(self, names: tuple[str, ...], params: Mapping[str, str]) -> bool:
        """Whether this fault is about such a call: by name or prefix, and by every value in `match`."""
        prefix = self.call[:-1] if self.call.endswith("*") else None
        named = any(name == self.call or (prefix is not None and name.startswith(prefix)) for name in names)
        return named and all(params.get(key) == str(value) for key, value in self.match.items())


def parse_fault(raw: Mapping[str, Any]) -> Fault:
    """Read a planned fault; a misspelt key would silently test nothing, so it is refused."""
    known = {f.name for f in fields(Fault)} - {"id", "seen", "fired"}
    if unknown := set(raw) - known:
        raise ValueError(f"unknown keys in fault: {sorted(unknown)}; known: {sorted(known)}")
    fault = Fault(**raw)
    if fault.kind not in CALLBACK_KINDS | REQUEST_KINDS:
        raise ValueError(f"unknown fault kind {fault.kind!r}; known: {sorted(CALLBACK_KINDS | REQUEST_KINDS)}")
    if fault.when not in ("before", "after"):
        raise ValueError(f"'when' is before or after, not {fault.when!r}")
    return fault


class FaultPlan:
    """The plan in order of planning; the first line that covers a call and is due fires."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._last = 0

    def add(self, fault: Fault) -> int:
        """Plan a fault; returns its number."""
        with self._lock:
            self._last += 1
            fault.id = self._last
            self._faults.append(fault)
            return fault.id

    def clear(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """The whole plan, with how often each line was seen and fired."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def pick(self, names: tuple[str, ...], params: Mapping[str, str], kinds: frozenset[str]) -> Fault | None:
        """Take the fault that this call must suffer, if any."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.kind not in kinds or not fault.covers(names, params):
                    continue
                if fault.times is not None and fault.fired >= fault.times:
                    continue
                fault.seen += 1
                if fault.seen > fault.skip:
                    fault.fired += 1
                    return fault
        return None
