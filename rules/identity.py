"""What an item (条目) is recognised by, and when a new row may be an item that a clerk has mended."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Sequence
from datetime import date
from typing import Protocol

from rules.addresses import one_address, plain_address
from rules.item import Entry


class Row(Protocol):
    """What a row, or an item known already, is told apart by."""

    @property
    def number(self) -> str: ...
    @property
    def doc_no(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def formed_on(self) -> date | None: ...


def own_number(number: str) -> str:
    """A row's 编号, empty for a running number (1, 2, 3 …): it starts anew in each workbook and identifies nothing."""
    return "" if re.fullmatch(r"\d{1,4}", number) else number


def is_bare(row: Row) -> bool:
    """True if a row has neither a 编号 of its own nor a 文号."""
    return not own_number(row.number) and not row.doc_no


_BRACKETS = str.maketrans("[(【", "〔〔〔") | str.maketrans("])】", "〕〕〕")


def plain_doc_no(doc_no: str) -> str:
    """A 文号 as it is compared: one kind of bracket, no blanks, nothing full-width. 某政 [2020] 1号 is 某政〔2020〕1号."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", doc_no)).translate(_BRACKETS)


def keys_of(entry: Entry) -> tuple[str, ...]:
    """What an item is recognised by, strongest first; its title is never enough on the web.

    A sheet's row is its 编号, else its 文号, else (title, formed date, department).
    """
    keys: list[str] = []
    if entry.own_key:
        keys.append(f"web:{entry.own_key}")
    if own_number(entry.number):
        keys.append(f"no:{entry.number}")
    if entry.doc_no:
        keys.append(f"doc:{plain_doc_no(entry.doc_no)}")
    if not keys:
        keys.append(bare_key(entry))
    if entry.url:
        keys.append(address_key(entry.url))
    return tuple(map(_short, keys))


def _short(key: str) -> str:
    """A key as long as the store keeps it."""
    return key if len(key) <= 190 else f"{key[:120]}#{hashlib.sha256(key.encode()).hexdigest()}"


_ADDRESS = "url:"


def address_key(url: str) -> str:
    """The key of an address, however it is written and whichever of its article's addresses it is."""
    return _short(_ADDRESS + one_address(url))


def plain_key(url: str) -> str:
    """The key that an address had when each address of an article was one of its own."""
    return _short(_ADDRESS + plain_address(url))


def spelled_key(url: str) -> str:
    """The key that an address had when each way of writing it was one of its own."""
    return _short(_ADDRESS + url)


def older_keys(url: str) -> tuple[str, str]:
    """The keys that an address may still be kept by: where two items had what became one key, the second keeps its own."""
    return spelled_key(url), plain_key(url)


def as_kept(entry: Entry, keys: Sequence[str], kept: Container[str]) -> tuple[str, ...]:
    """The keys of a row as the store has them: its address by an older key if that is there."""
    older = next((key for key in older_keys(entry.url) if entry.url and key in kept), "")
    return tuple(older if older and key.startswith(_ADDRESS) else key for key in keys)


def keys_of_all(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """The keys of each of these rows; an address or a 文号 that several of them carry identifies none of them.

    Offices paste their column's address into every row, and give a notice and its annex one 文号.
    """
    keys = [keys_of(entry) for entry in entries]
    carried = Counter(key for each in keys for key in set(each))
    return [tuple(key for key in each if not (_is_alias(key) and key != each[0] and carried[key] > 1)) for each in keys]


def _is_alias(key: str) -> bool:
    return key.startswith(("doc:", _ADDRESS))


def names(key: str, number: str, known_number: str, *, same_source: bool) -> bool:
    """True if this key of a row really names the item it points at.

    Within one register two numbers (编号) are two items, whatever address or 文号 they share; between two sources one
    文号 or address is one item.
    """
    row, known = own_number(number), own_number(known_number)
    return not (_is_alias(key) and same_source and row and known and row != known)


def bare_key(entry: Entry) -> str:
    """What a row is recognised by that has neither 编号 nor 文号; by it the row is found again once it gains one."""
    triple = f"{entry.title}\n{entry.formed_on}\n{entry.department}"
    return f"row:{hashlib.sha256(triple.encode()).hexdigest()[:32]}"


def may_be(row: Row, lost: Row) -> bool:
    """True if a row that no item is known by may be one whose own row has gone from the same file.

    A clerk who mends what a row is recognised by leaves the rest: the title, the 文号, or department and formed date. A
    date left blank on either side speaks against nothing, unless each row has a 编号 of its own: then they are two.
    """
    if row.title == lost.title or (row.doc_no and plain_doc_no(row.doc_no) == plain_doc_no(lost.doc_no)):
        return True
    if row.department != lost.department:
        return False
    if row.formed_on and lost.formed_on:
        return row.formed_on == lost.formed_on
    return not (own_number(row.number) and own_number(lost.number))
