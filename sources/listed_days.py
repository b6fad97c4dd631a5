"""The day that a list shows beside a title, in the ways that sites show it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

_FULL = re.compile(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_MONTH_DAY = re.compile(r"(?<![\d.-])(\d{1,2})\s?[-/月.]\s?(\d{1,2})(?![\d.-])")
_YEAR_MONTH = re.compile(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})(?!\d|\s?[-/.]\d)")
_LONE_DAY = re.compile(r"[\[(（【]?\s*(\d{1,2})\s*日?[\])）】]?")
_LONE_YEAR = re.compile(r"(20\d{2})年?")
_ONLY_A_DAY = re.compile(r"[\[(（【]?\s*(?:\d{4}\s?[-/.年]\s?)?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?\s*[\])）】]?")


def made(year: int, month: int, day: int) -> date | None:
    """The day, None if there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_day(text: str) -> date | None:
    """The first day with its year in a text."""
    found = _FULL.search(text)
    return made(*(int(part) for part in found.groups())) if found else None


def is_only_a_day(text: str) -> bool:
    """True if a piece of text is nothing but a day."""
    return _ONLY_A_DAY.fullmatch(text) is not None


def shown_day(pieces: Sequence[str], near: date | None, today: date) -> date | None:
    """The day in the pieces of text beside a title; a year that is not shown is the one nearest to `near`."""
    text = " ".join(pieces)
    return full_day(text) or _split_day(pieces, text) or _yearless(pieces, text, near, today)


def _split_day(pieces: Sequence[str], text: str) -> date | None:
    """Year and month in one box, the day in another."""
    found = _YEAR_MONTH.search(text)
    lone = next((day for piece in pieces if (day := _LONE_DAY.fullmatch(piece))), None)
    return made(int(found[1]), int(found[2]), int(lone[1])) if found and lone else None


def _yearless(pieces: Sequence[str], text: str, near: date | None, today: date) -> date | None:
    found = _MONTH_DAY.search(text)
    if not found:
        return None
    month, day = int(found[1]), int(found[2])
    year = next((lone for piece in pieces if (lone := _LONE_YEAR.fullmatch(piece))), None)
    if year:
        return made(int(year[1]), month, day)
    if near is None:
        return None
    days = (made(near.year + step, month, day) for step in (-1, 0, 1))
    return min((d for d in days if d and d <= today), key=lambda d: abs(d - near), default=None)


#: A list out of order by so much is still the same year's.
_DISORDER = timedelta(days=31)


def month_and_day(pieces: Sequence[str]) -> tuple[int, int] | None:
    """Month and day in the pieces of text beside a title that show no year."""
    found = _MONTH_DAY.search(" ".join(pieces))
    return (int(found[1]), int(found[2])) if found else None


def year_below(shown: tuple[int, int], above: date, today: date) -> date | None:
    """The day of a line that shows no year, under one of the day `above`: lists go back in time, so [12-28] after [3-19]
    is last year's. None where it may as well be a later day of the same year: the line above may be a pinned one.
    """
    days = [made(above.year + step, *shown) for step in (-1, 0, 1)]
    later = [day for day in days if day and above < day <= today]
    if later:
        return later[0] if later[0] - above <= _DISORDER else None
    return max((day for day in days if day and day <= above), default=None)
