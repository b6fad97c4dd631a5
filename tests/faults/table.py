"""The one table of faults: the rows of every channel, what is missing in it, and the page for the office made of it.

A row is added by a file `tests/faults/rows/<kind>.py` with ROWS; nothing else names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec

from tests.faults.model import DELIVERED, Cell, Fault, Never, Row

HOW_TO = (
    "请照 tests/faults/rows/onebot.py 新建 tests/faults/rows/{kind}.py：ROWS 里每种用法一行，写明平台怎样布置（furnish）、"
    "怎样数平台的账（book），并为每种故障写一格 cell(…) 或 Never(…)，再用 GOLDEN=write 重写 docs/故障对照表.md"
)


def rows_of(kinds: Iterable[str]) -> dict[str, tuple[Row, ...]]:
    """The rows of each kind of channel; none where nobody has written them."""
    names = {kind: f"tests.faults.rows.{kind}" for kind in kinds}
    return {kind: import_module(name).ROWS if find_spec(name) else () for kind, name in names.items()}


def missing(table: Mapping[str, tuple[Row, ...]]) -> list[str]:
    """What the table lacks, in words for whoever has written the channel."""
    found = []
    for kind, rows in table.items():
        if not rows:
            found.append(f"渠道 {kind} 在故障对照表里没有一行。{HOW_TO.format(kind=kind)}")
        for row in rows:
            lacking = [fault.value for fault in Fault if fault not in row.cells]
            found += [f"{row.label}（tests/faults/rows/{kind}.py）缺：{'、'.join(lacking)}"] if lacking else []
    return found


def page(table: Mapping[str, tuple[Row, ...]]) -> str:
    """docs/故障对照表.md."""
    return "\n".join([*HEAD, *(line for rows in table.values() for row in rows for line in _section(row))]) + "\n"


HEAD = (
    "# 故障对照表（给办公室）",
    "",
    "平台、网络和本机可能出的故障，每个渠道各会怎样，办公室看到什么、要做什么。本页由测试所用的同一张表生成，每一格都在演练"
    "环境里真实走过一遍：没有一个接收人收到两次，也没有一个人悄悄漏掉。",
    "",
    "- 结果待定的，都列在 `python bot.py uncertain`；要人判断的会发提醒。",
    "- “进程被杀”指断电、关机、强行结束；重新启动后自动接着办，五分钟内查清中断的那一次。",
    "- 表里写“要人看一眼”的，公开达自己查不清，宁可不再发，也不发两次。",
)


def _section(row: Row) -> Iterator[str]:
    """What comes to the same is one line."""
    yield from ("", f"## {row.label}", "", "| 故障 | 结局 | 办公室看到什么、做什么 |", "|---|---|---|")
    lines: dict[tuple[str, str], list[str]] = {}
    for fault in Fault:
        lines.setdefault(_told(row, fault), []).append(fault.value)
    for (end, office), faults in lines.items():
        yield f"| {'；'.join(faults)} | {end} | {office} |"


def _told(row: Row, fault: Fault) -> tuple[str, str]:
    found = row.cells[fault]
    return ("不会发生", found.why) if isinstance(found, Never) else (_end(found), found.office)


def _end(found: Cell) -> str:
    """How it ends, in a few words."""
    ends = list(dict.fromkeys(ENDS[each] for each in found.ends))
    asked = {"": "", DELIVERED: "要人看一眼：已发出，不再发；"}.get(found.person, "要人看一眼：没发出，补发；")
    return asked + "，".join(ends)


#: A status as this page calls it.
ENDS = {
    "delivered": "发出一次", "accepted": "提交一次", "handed": "交到人手一份", "failed": "无效的记为失败",
}  # fmt: skip
