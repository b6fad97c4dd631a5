"""What a paper is made of: blocks of text, tables and charts; each figure in them says where it was counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: What a person must still write; printed on a yellow ground.
SLOT = "待填写"
#: Signs of no script, round a figure's place and value.
_OPEN, _THEN, _CLOSE = "\ue000", "\ue001", "\ue002"
_FIGURE = re.compile(f"{_OPEN}([^{_THEN}]*){_THEN}([^{_CLOSE}]*){_CLOSE}")
#: What no office file may hold: control characters, lone surrogates, and the two last signs of the plane.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Block:
    """One piece: title, h1, h2, p, slot, note, sign, sign_slot, attached, break, annex, caption, tablehead, table, small, chart.

    `rows`: of a table, the first one the header; of a chart, (name, value).
    """

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `figure`: the place in 统计数据.json of the number it is, empty for plain text."""

    text: str
    figure: str = ""


def fig(place: str, value: int | str | None) -> str:
    """A figure for a text, with its place in 统计数据.json; what nobody knows is —, never 0."""
    return "—" if value is None else f"{_OPEN}{clean(place)}{_THEN}{value}{_CLOSE}"


def pieces(text: str) -> Iterator[Piece]:
    """The text in order, figures apart from words."""
    at = 0
    for found in _FIGURE.finditer(text):
        if found.start() > at:
            yield Piece(text[at : found.start()])
        yield Piece(found[2], found[1])
        at = found.end()
    if at < len(text):
        yield Piece(text[at:])


def plain(text: str) -> str:
    """The text as it is read."""
    return _FIGURE.sub(r"\2", text)


def clean(text: str) -> str:
    """Without what no office file may hold, nor our own signs: for words that others wrote."""
    return re.sub(f"[{_OPEN}{_THEN}{_CLOSE}]", "", _FORBIDDEN.sub("", text))


def joined(parts: Iterable[str], sign: str = "、") -> str:
    """Those that are not empty."""
    return sign.join(part for part in parts if part)
