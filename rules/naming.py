"""How a reminder names an item: by its title to whom the fence permits it, by its number to anybody else."""

from __future__ import annotations

import re
from collections.abc import Callable

from rules.text import cut_chars

#: A title of any length would fill the reminder.
TITLE = 40
#: Inner quotation marks become single ones, as they are set in print: the mark that closes a title is the first one.
_INNER = str.maketrans("“”", "‘’")
_NAMED = re.compile(r"条目 (\d+)“[^”]*”")


def named(item: int, title: str) -> str:
    """The item's number and its title, cut; `told` finds it again."""
    return f"条目 {item}“{cut_chars(title, TITLE).translate(_INNER)}”"


def items_in(text: str) -> set[int]:
    """The items that a text names by their titles."""
    return {int(number) for number in _NAMED.findall(text)}


def told(text: str, permitted: Callable[[int], bool]) -> str:
    """The text without the titles of the items that are not permitted; their numbers stay."""
    return _NAMED.sub(lambda found: found[0] if permitted(int(found[1])) else f"条目 {found[1]} ", text)
