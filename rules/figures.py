"""The identities a report asserts before it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """One equation over counted figures: what it says, both sides, and the rows that break it."""

    name: str
    left: int
    right: int
    rows: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.left == self.right and not self.rows


def sums_to(name: str, parts: Mapping[str, int], total: int) -> Identity:
    """Σ parts = total."""
    return Identity(name, sum(parts.values()), total)
