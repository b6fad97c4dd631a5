"""One thing that two sources bring without a 文号 or 链接 to tell it by: known by its title, and held for a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

#: Two sources that bring one item bring it within so many days, or date it within so many.
TOGETHER = timedelta(days=30)


@dataclass(frozen=True)
class Titled:
    """An item of any source: what it is called, when it came and when it is of, and whether it has gone anywhere."""

    item_id: int
    watch: str
    title: str
    came_on: date
    day: date | None
    placed: bool


def plain_title(title: str) -> str:
    """A title as it is compared between two sources: full-width like half-width, without blanks and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", title))


def twin_of(mine: Titled, known: Iterable[Titled]) -> Titled | None:
    """Another source's item of the same title that came first or has gone somewhere already; None: there is none."""
    title = plain_title(mine.title)
    others = (each for each in known if each.watch != mine.watch and (each.placed or each.item_id < mine.item_id))
    return next((each for each in others if plain_title(each.title) == title and _near(mine, each)), None)


def _near(one: Titled, other: Titled) -> bool:
    if abs(one.came_on - other.came_on) <= TOGETHER:
        return True
    return one.day is not None and other.day is not None and abs(one.day - other.day) <= TOGETHER
