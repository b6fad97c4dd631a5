"""A foreign row (of a database, of an interface) as an item: which of its columns is which, and what all rows have alike."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rules.columns import ALIASES
from rules.dates import SHANGHAI
from rules.finding import Finding
from rules.item import Entry, Place, Problem
from rules.school import Column
from sources.base import Cursor
from sources.cells import Value, text_of
from sources.sheets import entry_of

#: Not of an item but of its row: what it is recognised by, when it was last touched, whether it was taken back.
ID, UPDATED, WITHDRAWN = "唯一标识", "更新时间", "已撤回"
OPTIONS = ("columns", "fixed", "words")
#: The view that an office's database administrator is asked for, and what its columns mean.
CONTRACT: Mapping[str, str] = {
    ID: "id", "标题": "title", "责任部门": "dept", "大类": "category", "受众范围": "scope", "批准日期": "approved_at",
    "审查人": "reviewer", "链接": "url", UPDATED: "updated_at",
}  # fmt: skip
_TAKEN_BACK = frozenset(("1", "是", "y", "yes", "true", "t", "已撤回", "撤回", "已撤销", "撤销", "已作废", "作废"))
_IN_FORCE = frozenset(("", "0", "否", "n", "no", "false", "f", "正常", "有效", "未撤回"))
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZONED = re.compile(r"T\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$")
_DAYS = frozenset(("形成日期", "批准日期", "公开日期", "公示起", "公示止", "截止日期"))

#: Rows remembered beyond those of the last pass, so that a touched row without a change is not handed over again.
REMEMBERED = 5_000

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Mapped:
    """The options `columns`, `fixed` and `words` of a watch, checked."""

    column: Column
    #: The office's name of a column, and theirs.
    columns: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    #: By the office's column: what they write, and what it means.
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, column: Column, needed: Collection[str]) -> Mapped:
        """From a watch's options; raises ValueError that names the key and the fix."""
        columns = _texts(column, "columns") or CONTRACT
        fixed, words = _texts(column, "fixed"), column.options.get("words", {})
        _known(column, "columns", columns, (*ALIASES, ID, UPDATED, WITHDRAWN))
        _known(column, "fixed", fixed, ALIASES)
        if not isinstance(words, Mapping) or not all(isinstance(each, Mapping) for each in words.values()):
            raise ValueError(f'监看“{column.name}”的 words 应写成 {{ "受众范围" = {{ "1" = "社会" }} }}')
        _known(column, "words", words, ALIASES)
        lacking = [name for name in needed if name not in columns]
        if lacking:
            raise ValueError(f"监看“{column.name}”的 columns 缺少“{'、'.join(lacking)}”，请补上它对应的列名")
        both = [name for name in fixed if name in columns]
        if both:
            raise ValueError(f"监看“{column.name}”的“{'、'.join(both)}”在 columns 和 fixed 中都写了，请删去一处")
        return cls(column, columns, fixed, words)

    def key(self, row: Row) -> str:
        """What the row is recognised by; "" if it has nothing there."""
        return text_of(_plain(row.get(self.columns[ID])))[:100]

    def withdrawn(self, row: Row) -> bool:
        """True for a row that was taken back; raises ValueError for a word that says neither."""
        value = _plain(row.get(self.columns.get(WITHDRAWN, "")))
        word = text_of(value).lower()
        if isinstance(value, datetime) or _DAY.match(word) or word in _TAKEN_BACK:
            return True
        if word not in _IN_FORCE:
            raise ValueError(f"“{word[:40]}”看不出是否已撤回")
        return False

    def place(self, key: str) -> Place:
        """Where a person finds the row."""
        return Place(f"{self.column.name}（{ID} {key}）")

    def entry(self, key: str, row: Row, own: str) -> Entry:
        """The row as an item; `own` tells its place from every other, whatever the watch is called."""
        cells: dict[str, Value] = {
            name: self._cell(name, row.get(theirs)) for name, theirs in self.columns.items() if name in ALIASES
        }
        cells.update(self.fixed)
        return entry_of(self.place(key), cells, self.column, own_key=f"{own}:{key}")

    def findings(self) -> list[Finding]:
        """What a self-check says of the mapping alone."""
        key, found = f"watch.{self.column.name}", []
        has = self.columns.keys() | self.fixed.keys()
        held = [
            name for name, lacks in (("公开属性", True), ("审查结论", "审查人" in has)) if lacks and name not in has
        ]
        if held:
            text = f"没有“{'、'.join(held)}”列，每一条都会被拦下"
            fix = '来源中只有审查通过、主动公开的条目时，写 fixed = { "公开属性" = "主动公开", "审查结论" = "可以公开" }；否则请补上这些列'
            found.append(Finding(key=key, ok=False, text=text, fix=fix))
        elif "审查结论" not in has and self.column.review is None:
            found.append(Finding(key=key, ok=True, text="没有审查的列，每一条都等待审查（python bot.py review）"))
        if WITHDRAWN not in self.columns:
            fix = f'请来源系统保留撤回的条目并用一列标明，再在 columns 中写 "{WITHDRAWN}" = 列名'
            found.append(Finding(key=key, ok=True, text="没有“已撤回”列，来源中撤回的条目看不出来", fix=fix))
        return found

    def _cell(self, name: str, value: Any) -> Value:
        plain = _plain(_instant(value) if name in _DAYS else value)
        meant = self.words.get(name, {}).get(text_of(plain))
        return plain if meant is None else meant


@dataclass
class Gathered:
    """The rows of one look, by 唯一标识 the last that was read of each: what it holds, and the item unless taken back."""

    mapped: Mapped
    own: str
    rows: dict[str, tuple[str, Entry | None]] = field(default_factory=dict)

    @property
    def items(self) -> dict[str, Entry | None]:
        """The item of each row, None of one that was taken back."""
        return {key: entry for key, (_, entry) in self.rows.items()}

    def take(self, key: str, row: Row) -> None:
        """One row."""
        try:
            entry = None if self.mapped.withdrawn(row) else self.mapped.entry(key, row, self.own)
        except ValueError as error:
            entry = self.mapped.entry(key, row, self.own)
            entry = replace(entry, problems=(*entry.problems, self._unsure(key, error)))
        self.rows.pop(key, None)
        self.rows[key] = (_print(entry), entry)

    def news(self, known: dict[str, str]) -> tuple[tuple[Entry, ...], frozenset[str]]:
        """Items that hold something else than `known` says, and places of those taken back since; `known` is renewed.

        The rows of this look then stand at its end.
        """
        entries: list[Entry] = []
        withdrawn: set[str] = set()
        for key, (print_, entry) in self.rows.items():
            before = known.pop(key, None)
            known[key] = print_
            if before == print_:
                continue
            if entry is None:
                withdrawn.add(self.mapped.place(key).file)
            else:
                entries.append(entry)
        return tuple(entries), frozenset(withdrawn)

    def _unsure(self, key: str, error: ValueError) -> Problem:
        fix = "请来源系统的管理员写明：已撤回的写 1 或 是，未撤回的写 0 或留空"
        return Problem(self.mapped.place(key), WITHDRAWN, str(error), fix)


def forget(known: dict[str, str], most: int) -> None:
    """Leave the last `most`: what is forgotten is handed over once more when it is touched, and known to the store."""
    for key in list(known)[: max(len(known) - most, 0)]:
        del known[key]


def _print(entry: Entry | None) -> str:
    """What stands for the content of a row; of one that was taken back, the word."""
    if entry is None:
        return WITHDRAWN
    told = "\n".join(f"{each.column}{each.text}" for each in entry.problems)
    return hashlib.sha256(f"{entry.digest()}{told}".encode()).hexdigest()[:16]


def stored(names: Collection[str], cursor: Cursor | None, settings: str) -> dict[str, Any]:
    """The facts of these names in a stored cursor; under other settings only whether it ever had rows."""
    facts = {name: value for name, value in (cursor or {}).items() if name in names}
    if facts.get("settings") != settings:
        return {"settings": settings, "had": bool(facts.get("had"))}
    return {**facts, "known": dict(facts.get("known", {}))}


def settings_of(column: Column) -> str:
    """Stands for a watch's settings in a cursor: when they change, every row means something else."""
    return hashlib.sha256(repr(replace(column, every=timedelta())).encode()).hexdigest()[:16]


def _texts(column: Column, key: str) -> Mapping[str, str]:
    given = column.options.get(key, {})
    if not isinstance(given, Mapping) or not all(isinstance(each, str) and each for each in given.values()):
        raise ValueError(f'监看“{column.name}”的 {key} 应写成 {{ "标题" = "…" }}，右边是加引号的文字')
    return given


def _known(column: Column, key: str, given: Collection[str], names: Collection[str]) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(
            f"监看“{column.name}”的 {key} 中没有“{'、'.join(unknown)}”这一列，左边可写：{'、'.join(names)}"
        )


def _instant(value: Any) -> Any:
    """Seconds or milliseconds since 1970, and text with a zone, as the instant they mean; anything else as it is."""
    if isinstance(value, int) and 10**8 < value < 10**14:
        return datetime.fromtimestamp(value / 1000 if value > 10**11 else value, SHANGHAI)
    if isinstance(value, str) and _ZONED.search(value.strip()):
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            return value
    return value


def _plain(value: Any) -> Value:
    """What a driver or JSON gives, as a cell of a sheet would hold it; instants in the office's time."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(SHANGHAI).replace(tzinfo=None)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, list):
        return "、".join(text_of(_plain(each)) for each in value)
    return str(value) if isinstance(value, Mapping) else value
