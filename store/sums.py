"""Sums: what a stretch of days came to in 条次, 次 and 人次, so that stretches can be kept and added up.

Distinct items (条) do not add up; of a stretch that is kept they are sets, one bit an item.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from rules.figures import ARRIVED
from store import figures
from store.span import Span
from store.standing import standings_of

WHO = ("channel", "target", "origin", "month", "audience")
#: By which words each kind of row is counted.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "placements": (*WHO, "standing"),
    "categories": ("category", "origin", "standing"),
    "purposes": ("purpose",),
    "pushes": (*WHO, "standing"),
    "deliveries": (*WHO, "status", "basis"),
    "carrying": ("origin", "category"),  # pushes that carried it and arrived
    "carried": ("origin", "category"),  # their deliveries that arrived
    "due": ("channel", "origin"),
    "pieces": ("of",),  # said | found
}
#: For each of these words: the distinct items that arrived there.
ITEMS_BY = ("channel", "target", "month", "audience", "category")

#: Key → how many, for each of COLUMNS.
Counts = Mapping[str, Mapping[tuple[Any, ...], int]]


@dataclass(frozen=True)
class Sums:
    """`items`: for each of ITEMS_BY, (origin, word) → 条."""

    counts: Counts
    items: Mapping[str, Mapping[tuple[str, str], int]]


@dataclass
class Part:
    """The sums of some days, fit to be added to those of others. `sets`: (column, origin, word) → items as bits."""

    counts: dict[str, Counter[tuple[Any, ...]]] = field(default_factory=lambda: {name: Counter() for name in COLUMNS})
    sets: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, other: Part) -> None:
        """The two have no day in common."""
        for name, found in other.counts.items():
            self.counts[name].update(found)
        for key, bits in other.sets.items():
            self.sets[key] = self.sets.get(key, 0) | bits

    def sums(self) -> Sums:
        items: dict[str, dict[tuple[str, str], int]] = {name: {} for name in ITEMS_BY}
        for (name, origin, word), bits in self.sets.items():
            items[name][origin, word] = bits.bit_count()
        return Sums(self.counts, items)

    def to_json(self) -> str:
        """A set is written from its first item on: those of one day lie close together."""
        counts = {name: [[*key, n] for key, n in sorted(found.items())] for name, found in self.counts.items()}
        sets = [[*key, *_written(bits)] for key, bits in sorted(self.sets.items())]
        return json.dumps({"counts": counts, "sets": sets}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Part:
        plain = json.loads(text)
        counts = {
            name: Counter({tuple(row[:-1]): row[-1] for row in plain["counts"].get(name, ())}) for name in COLUMNS
        }
        return cls(counts, {tuple(row[:3]): int(row[4], 16) << row[3] for row in plain["sets"]})


def _written(bits: int) -> tuple[int, str]:
    first = (bits & -bits).bit_length() - 1
    return first, f"{bits >> first:x}"


def merged(parts: Iterable[Part]) -> Part:
    """Stretches that have no day in common, as one."""
    whole = Part()
    for each in parts:
        whole.add(each)
    return whole


def from_rows(conn: Connection, span: Span) -> Sums:
    """Asked of the rows, the distinct items too: memory stays flat, however many rows there are."""
    items = figures.count_reached_items(conn, span, standings_of(ARRIVED), *ITEMS_BY)
    return Sums(_counts(conn, span), items)


def with_wholes(conn: Connection, span: Span, sums: Sums) -> Sums:
    """The same parts beside wholes that are asked of the rows now: rows that were changed by hand since contradict them."""
    return Sums({**sums.counts, **_wholes(conn, span)}, sums.items)


def part_from_rows(conn: Connection, span: Span) -> Part:
    """The same of a few days, fit to be kept."""
    found: dict[tuple[str, str, str], set[int]] = {}
    for origin, item, *words in figures.reached_items(conn, span, standings_of(ARRIVED), *ITEMS_BY):
        for name, word in zip(ITEMS_BY, words, strict=True):
            found.setdefault((name, origin, word), set()).add(item)
    counts = {name: Counter(each) for name, each in _counts(conn, span).items()}
    return Part(counts, {key: sum(1 << item for item in items) for key, items in found.items()})


def _wholes(conn: Connection, span: Span) -> dict[str, dict[tuple[Any, ...], int]]:
    """What the parts are held against, by questions of its own."""
    said, found = figures.count_pieces(conn, span)
    return {"due": figures.count_due(conn, span), "pieces": {("said",): said, ("found",): found}}


def _counts(conn: Connection, span: Span) -> dict[str, dict[tuple[Any, ...], int]]:
    placed = figures.count_placements(conn, span, *WHO, "purpose", "category", "standing")
    carrying = figures.count_carrying(conn, span, standings_of(ARRIVED))
    of = {name: n for n, name in enumerate((*WHO, "purpose", "category", "standing"))}
    return {
        **{
            name: _folded(placed, [of[each] for each in COLUMNS[name]])
            for name in ("placements", "categories", "purposes")
        },
        "pushes": figures.count_pushes(conn, span, *COLUMNS["pushes"]),
        "deliveries": figures.count_deliveries(conn, span, *COLUMNS["deliveries"]),
        "carrying": {key: pair[0] for key, pair in carrying.items()},
        "carried": {key: pair[1] for key, pair in carrying.items()},
        **_wholes(conn, span),
    }


def _folded(cells: Mapping[tuple[Any, ...], int], places: list[int]) -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = {}
    for key, n in cells.items():
        fewer = tuple(key[place] for place in places)
        found[fewer] = found.get(fewer, 0) + n
    return found
