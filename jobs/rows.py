"""What a printed figure is opened into: its rows, each with what it adds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ITEMS, PLACEMENTS, PUSHES, PERSONS = "条", "条次", "次", "人次"


class NoFigure(ValueError):
    """No figure has this place, or it has no rows of its own; the message says which, in words for the office."""


@dataclass(frozen=True)
class Row:
    """One row behind a figure: its id, the item or the push it belongs to, and what it adds to the figure."""

    id: int
    item_id: int | None
    push_id: int | None
    words: str
    adds: float = 1


#: The unit of a figure, and its rows.
Found = tuple[str, Iterable[Row]]
