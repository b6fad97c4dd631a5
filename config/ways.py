"""The words by which reports name the ways of disclosure: config/taxonomy/ways.csv, which the office edits."""

from __future__ import annotations

from pathlib import Path

from config import places
from config.tables import Wrong, rows, where
from rules.checkup import Way

FILE = "ways.csv"


def read_ways(folder: Path) -> dict[str, Way]:
    """Each way with its words, from the school's own taxonomy/ways.csv or the one that comes with the bot; raises Wrong."""
    own = folder / "taxonomy" / FILE
    found: dict[str, Way] = {}
    for number, row in rows(own if own.exists() else places.CONFIG / "taxonomy" / FILE, ("途径", "称呼"), ("不算",)):
        if not row["途径"] or not _words(row["称呼"]):
            raise Wrong(f"{where(f'taxonomy/{FILE}', number, '途径、称呼')}未填写。请补上，几种称呼用“、”隔开")
        found[row["途径"]] = Way(_words(row["称呼"]), _words(row["不算"]))
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split("、") if word)
