"""What a printed figure is opened into: its rows, each with what it adds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ITEMS, PLACEMENTS, PUSHES, PERSONS, TARGETS = "条", "条次", "次", "人次", "个目标"


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


#: Word's own limit for the name of a bookmark, and room for a number behind it where a figure stands twice.
_LONGEST, _AGAIN = 40, 4


def bookmark(place: str) -> str:
    """The name of a figure's bookmark in the .docx: only letters, digits and _ may stand in it."""
    return re.sub(r"\W", "_", place)[: _LONGEST - _AGAIN]


#: The unit of a figure, and its rows.
Found = tuple[str, Iterable[Row]]
