"""Items that a clerk typed in (bot.py enter): one .json file per item in a folder, watched as a folder of registers is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import ClassVar

from sources.folder import Folder
from sources.grids import Book, Grid, Unreadable

ENDING = ".json"


def read_typed(content: bytes) -> Book:
    """The one row of a file, under its columns' names; raises Unreadable."""
    try:
        named = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("no JSON") from None
    if not isinstance(named, dict) or not all(isinstance(value, str) for value in named.values()):
        raise Unreadable("no columns with texts")
    return Book((Grid("", [list(named), list(named.values())]),), frozenset(("",)))


def typed(named: Mapping[str, str]) -> bytes:
    """The file of an item: the names of its columns (rules.columns) and what stands in them."""
    return json.dumps(named, ensure_ascii=False, indent=1).encode()


class Typed(Folder):
    """The folder into which desk/enter.py writes."""

    readers: ClassVar[Mapping[str, Callable[[bytes], Book]]] = {ENDING: read_typed}
    wanted = "手工登记的条目（运行  python bot.py enter）"
