"""旧报告体检 at the command line: reads last year's report and says what does not add up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from desk.errors import DeskError
from rules.checkup import check
from rules.guard import Part
from sources.contents import Unreadable, pieces_of

#: The kinds of file that are read.
KINDS = (".docx", ".txt", ".pdf", ".html", ".htm")


def run(path: Path, as_json: bool) -> int:
    """Print the findings; returns how many. Raises DeskError for a file that cannot be read."""
    found = check(read(path))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return len(found)
    for number, each in enumerate(found, start=1):
        click.echo(f"{number}. {each.kind}（第{each.paragraph}段）：应为 {each.expected}，现为 {each.found}")
        if each.quoted:
            click.echo(f"   原文：{each.quoted}")
        click.echo(f"   → {each.fix}")
    click.echo(f"\n{path.name}：共发现 {len(found)} 处" if found else f"{path.name}：没有发现问题")
    return len(found)


def read(path: Path) -> list[str]:
    """The report's paragraphs in order; raises DeskError."""
    if path.suffix.lower() not in KINDS:
        raise DeskError(f"{path.name} 不是可以体检的文件。可用：{'、'.join(KINDS)}；.doc 请先另存为 .docx")
    try:
        pieces = pieces_of(path.name, path.read_bytes())
    except Unreadable as error:
        raise DeskError(f"{path.name} 没有读取：{error}") from None
    lines = [
        line for piece in pieces for line in (piece.text.splitlines() if isinstance(piece, Part) else _rows(piece))
    ]
    return list(_joined(lines)) if path.suffix.lower() == ".pdf" else lines


def _rows(grid: object) -> Iterator[str]:
    for row in getattr(grid, "rows", ()):
        if text := "　".join(cell for cell in row if cell):
            yield text


#: What begins a paragraph of its own: a heading, a numbered line.
_BEGINS = re.compile(r"^\s*([一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}\s*[.、．]\s*\D)")


def _joined(lines: list[str]) -> Iterator[str]:
    """A page's lines as paragraphs: one goes on until it ends in a stop or another begins."""
    held = ""
    for line in lines:
        if held and (
            _BEGINS.match(line) or held.endswith(("。", "；", "：")) or (_BEGINS.match(held) and len(held) < 30)
        ):
            yield held
            held = ""
        held += line.strip()
    if held:
        yield held
