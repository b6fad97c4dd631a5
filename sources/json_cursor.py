"""What is kept between two looks at an interface, and whether what it lists now is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from rules.item import Entry
from sources.base import Cursor
from sources.believed import came_since
from sources.mapped import WITHDRAWN, stored

#: So many rows may be gone between two looks without a doubt.
MOST_GONE = 2
#: Of a pass so many of its newest rows are remembered as such.
NEWEST = 3

ANOTHER = (
    "以前的条目一条也不在列表中，现在的多半在上次读取之前就已批准，可能换了列表，未读取。请来源系统的管理员检查接口；"
    "确是改版的，请给这个监看改一个名称，重新开始"
)
OLDER = (
    "列表中少了以前的{}条，连最新的也不在，又没有一条新的，可能恢复了旧备份，未读取。请来源系统的管理员检查接口；"
    "确是删除了这些条目的，下一条登记后自动恢复"
)

#: 唯一标识 → the item of a row; None: it was taken back.
Rows = Mapping[str, Entry | None]


@dataclass
class Kept:
    """The whole cursor."""

    settings: str = ""
    #: The page at which the next look goes on; None: it begins anew.
    page: Any = None
    #: Rows of the pass that is under way, or of the last whole one.
    seen: int = 0
    #: Rows without 唯一标识 in the last look: once they are gone their problem is too.
    nameless: int = 0
    #: True once it had rows, whatever the settings were: an empty list is bad from then on.
    had: bool = False
    #: The day of the last look that was believed.
    looked: str = ""
    #: Day and 唯一标识 of the newest rows of the pass.
    newest: list[list[str]] = field(default_factory=list)
    #: 唯一标识 → what was handed over last, the rows read last at the end.
    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, settings: str) -> Kept:
        """From the stored cursor; under other settings everything is handed over anew."""
        return cls(**stored(cls.__dataclass_fields__, cursor, settings))

    def cursor(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @property
    def listed(self) -> list[str]:
        """What the last whole pass showed, in its order, without what had been taken back."""
        there = list(self.known)[-self.seen :] if self.seen and self.page is None else []
        return [key for key in there if self.known[key] != WITHDRAWN]

    def doubt(self, rows: Rows, *, whole: bool) -> str:
        """Why a list that shows these rows is not believed, "" if it is. Not `whole`: it goes on in the next look.

        A list of the newest only loses a row for each that comes, a list of what is current loses its oldest; one that
        was put back to an earlier day loses its newest and brings none.
        """
        listed = self.listed if whole else self.listed[: len(rows)]
        lacking = [key for key in listed if key not in rows]
        if len(lacking) <= MOST_GONE:
            return ""
        if not any(key in rows for key in self.listed):
            return "" if came_since([day for day, _ in _dated(rows)], self._looked) else ANOTHER
        if any(key not in self.known for key in rows):
            return ""
        newest = [key for _, key in self.newest if key in listed]
        nobody_knows = not newest and (self.newest or not whole)
        return "" if nobody_knows or any(key in rows for key in newest) else OLDER.format(len(lacking))

    @property
    def _looked(self) -> date:
        return date.fromisoformat(self.looked) if self.looked else date.min

    def believe(self, rows: Rows, today: date, *, begins: bool) -> None:
        """These rows were read, `begins` as the first of a pass."""
        before = [] if begins else self.newest
        self.newest = sorted([*before, *([day.isoformat(), key] for day, key in _dated(rows))], reverse=True)[:NEWEST]
        self.looked, self.had = today.isoformat(), self.had or bool(rows)


def _dated(rows: Rows) -> Iterable[tuple[date, str]]:
    for key, entry in rows.items():
        if entry is not None and (day := entry.approved_on or entry.published_on):
            yield day, key
