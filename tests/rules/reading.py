"""A text looked through with the vocabulary that comes with the bot."""

from __future__ import annotations

from config import places
from config.ways import read_ways
from rules.checkup import Finding, Kind, check

WAYS = read_ways(places.CONFIG)


def found(text: str) -> list[Finding]:
    """What a text's check finds."""
    return check(text.split("\n"), WAYS)


def kinds(text: str) -> list[Kind]:
    """The kinds of what it finds."""
    return [each.kind for each in found(text)]
