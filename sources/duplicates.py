"""Rows that say the same thing twice, or two things under one number; told from what is in one look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rules.identity import keys_of
from rules.item import REPEATED, Entry, Problem

_WHAT = {"no": ("编号", "编号"), "doc": ("文号", "文号"), "url": ("链接", "链接")}
_ROW = ("标题", "标题、形成日期和责任部门")


def mark_duplicates(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries in their order; each row that doubles another carries a problem naming it."""
    groups: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.title or entry.number or entry.doc_no:
            groups.setdefault(keys_of(entry)[0], []).append(index)
    marked = list(entries)
    for key, indexes in groups.items():
        if len(indexes) > 1:
            for index, problem in _problems(key, [(i, entries[i]) for i in indexes]):
                marked[index] = replace(marked[index], problems=(*marked[index].problems, problem))
    return tuple(marked)


def _problems(key: str, same: Sequence[tuple[int, Entry]]) -> Iterable[tuple[int, Problem]]:
    column, words = _WHAT.get(key.split(":", 1)[0], _ROW)
    first = same[0][1]
    if len({entry.digest() for _, entry in same}) == 1:
        for index, entry in same[1:]:
            yield index, Problem(entry.place, column, f"{REPEATED}，与{first.place}完全相同", "请删除其中一行")
        return
    for index, entry in same:
        other = first if entry is not first else same[1][1]
        text = f"{words}重复、内容不同，另一处是{other.place}"
        yield index, Problem(entry.place, column, text, f"请核对后改正其中一行的{words}，或删除多余的一行")
