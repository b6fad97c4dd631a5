"""What a person types, found: an item by id, 编号, 文号 or part of its title."""

from __future__ import annotations

from desk.errors import DeskError
from store import items
from store.db import Db


def some_items(db: Db, text: str) -> list[int]:
    """Every item that fits; raises DeskError if none does."""
    with db.read() as conn:
        found = items.find(conn, text)
    if not found:
        raise DeskError(f"没有找到条目“{text}”。可用编号、文号或标题中的字查找：python bot.py items")
    return found


def one_item(db: Db, text: str) -> int:
    """The one item a person means; raises DeskError for none or several."""
    found = some_items(db, text)
    if len(found) > 1:
        raise DeskError(f"有 {len(found)} 条符合“{text}”：{'、'.join(map(str, found[:10]))}。请用其中的数字编号")
    return found[0]
