"""Texts: cut to a vendor's byte limit without breaking a character or losing the link; a number as it is typed."""

from __future__ import annotations

ELLIPSIS = "…"


def size(text: str) -> int:
    """Length in bytes of UTF-8, which is what the vendors count."""
    return len(text.encode("utf-8"))


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` bytes, cut on a whole character and ended with …; unchanged if it fits."""
    if size(text) <= limit:
        return text
    room = limit - size(ELLIPSIS)
    if room < 0:
        return ""
    return text.encode("utf-8")[:room].decode("utf-8", errors="ignore").rstrip() + ELLIPSIS


def row_number(text: str) -> int | None:
    """A row's number as a person types it; None if it is none, or has more digits than a database can hold."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= 18 else None


def cut_chars(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, ended with … if anything was left out."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + ELLIPSIS if limit > 0 else ""
