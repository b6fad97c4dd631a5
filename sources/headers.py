"""Which row of a sheet is its header, which column holds what, and what stands there that nobody knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

from rules.columns import ALIASES, CHANNELS, HINTS, PASSED_OVER, UNREAD
from sources.cells import Value, text_of

#: A title row, a row of who and when, a row of groups: the header stands within the first rows of a sheet.
DEEPEST = 15
FEWEST = 3
#: A row that names so many columns heads a register, even where another sheet of the file has been read.
MANY = 5
#: How much two headers must share to be called near (difflib's ratio).
NEAR = 0.75
#: A longer cell is a line of text and hints at nothing.
LONGEST_HINTED = 10

#: A school's own headers ([headers] in school.toml), squeezed, and the column each means.
Own = Mapping[str, str]
NONE: Own = MappingProxyType({})

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|〈[^〈〉]*〉|<[^<>]*>")
_NOISE = re.compile(r"[\s*＊:;,.、。?!\"'“”_\-—/|()\[\]【】〔〕★☆※●]+")


def _squeezed(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


_NAMES = {_squeezed(word): name for name, words in ALIASES.items() for word in (name, *words.split())}
_CHANNELS = "渠道"
#: Every header the bot knows, and what it is to it: a column's name, 不读取 or 渠道.
_KNOWN = {**dict.fromkeys(UNREAD.split(), PASSED_OVER), **dict.fromkeys(CHANNELS.split(), _CHANNELS), **_NAMES}


def own_headers(headers: Mapping[str, str]) -> Own:
    """The school's own headers as they are looked up."""
    return {_squeezed(text): name for text, name in headers.items()}


def name_of(value: Value, own: Own = NONE) -> str:
    """The name of a column from what stands above it, "" if it is none of ours: `受众范围（必填）` is 受众范围."""
    found = _meaning(value, own)
    return found if found in ALIASES else ""


def _meaning(value: Value, own: Own) -> str:
    """As in _KNOWN; the school's own word goes first. "" for what nobody knows."""
    text = unicodedata.normalize("NFKC", text_of(value))
    if not text or len(text) > 60:
        return ""
    key = _squeezed(text)
    found = own.get(key) or _KNOWN.get(key, "")
    if not found and (bare := _BRACKETS.sub("", text)) != text:
        key = _squeezed(bare)
        found = own.get(key) or _KNOWN.get(key, "")
    return found


@dataclass(frozen=True)
class Header:
    """Where the header stands (row as Excel counts), and which column (from 0) holds what."""

    row: int
    columns: dict[str, int]
    #: Name, and the headers of the first and of the later column that both mean it.
    twice: tuple[tuple[str, str, str], ...] = field(default=())
    #: As they are written: headers that nobody knows, those that tell of channels, those passed over.
    unknown: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    #: Later columns (from 0) that mean what an earlier one does.
    later: tuple[tuple[str, int], ...] = ()

    @property
    def weight(self) -> int:
        """How many cells of the row look like a header."""
        short = [text for text in self.unknown if len(text) <= LONGEST_HINTED]
        hinted = sum(any(word in text for word, _ in HINTS) for text in short)
        return len(self.columns) + len(self.channels) + len(self.passed_over) + hinted

    def nearest(self, unknown: str) -> str:
        """The column that this header most likely means and that the sheet has not yet; "" if none is near."""
        plain = _squeezed(_BRACKETS.sub("", unknown))
        free = {word: name for word, name in _NAMES.items() if name not in self.columns}
        close = get_close_matches(plain, free, n=1, cutoff=NEAR)
        hints = (name for word, name in HINTS if word in plain and name not in self.columns)
        return free[close[0]] if close else next(hints, "")


def header_of(rows: Sequence[Sequence[Value]], own: Own = NONE) -> Header | None:
    """The first row that names a title and at least two more columns, None if there is none."""
    for number, row in enumerate(rows[:DEEPEST], start=1):
        header = _header(number, row, own)
        if "标题" in header.columns and len(header.columns) >= FEWEST:
            return header
    return None


def nearly_header(rows: Sequence[Sequence[Value]], own: Own = NONE) -> Header | None:
    """The row that looks most like a header, though it is none; None if no row looks like one."""
    found = [_header(number, row, own) for number, row in enumerate(rows[:DEEPEST], start=1)]
    best = max(found, key=lambda header: header.weight, default=None)
    return best if best is not None and best.weight >= FEWEST else None


def _header(number: int, row: Sequence[Value], own: Own) -> Header:
    columns: dict[str, int] = {}
    twice: list[tuple[str, str, str]] = []
    later: list[tuple[str, int]] = []
    others: dict[str, list[str]] = {"": [], _CHANNELS: [], PASSED_OVER: []}
    for index, value in enumerate(row):
        name, text = (_meaning(value, own), text_of(value)) if isinstance(value, str) else ("", "")
        if name in columns:
            twice.append((name, text_of(row[columns[name]]), text))
            later.append((name, index))
        elif name in others:
            others[name] += [text] if text else []
        else:
            columns[name] = index
    unknown, channels, passed_over = (tuple(each) for each in others.values())
    return Header(number, columns, tuple(twice), unknown, channels, passed_over, tuple(later))
