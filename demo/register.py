"""The office's own sheets, growing row by row: each row appears in the watched folder on its approval day.

Rows keep their numbers: a row that is not due yet is blank, so that every problem names the row the clerk will find.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from openpyxl import load_workbook

from rules.item import Entry


class Growing(Protocol):
    """One file that grows."""

    def days(self) -> list[date]: ...
    def grow(self, until: date) -> None: ...


@dataclass
class GrowingWorkbook:
    """A workbook whose future rows are taken out and put back on their day."""

    source: Path
    to: Path
    due: dict[tuple[str, int], date]
    _book: Any = None
    _held: dict[date, list[tuple[str, int, list[Any]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._book = load_workbook(self.source)
        for (sheet, number), day in self.due.items():
            cells = self._book[sheet][number]
            self._held.setdefault(day, []).append((sheet, number, [cell.value for cell in cells]))
        for (sheet, number), _day in self.due.items():
            for cell in self._book[sheet][number]:
                if type(cell).__name__ != "MergedCell":
                    cell.value = None

    def days(self) -> list[date]:
        """The days on which it grows."""
        return sorted(self._held)

    def grow(self, until: date) -> None:
        """Write the file as it stood on that day."""
        for day in [day for day in self.days() if day <= until]:
            for sheet, number, values in self._held.pop(day):
                for cell, value in zip(self._book[sheet][number], values, strict=True):
                    if type(cell).__name__ != "MergedCell":
                        cell.value = value
        self._book.save(self.to)


@dataclass
class GrowingCsv:
    """A .csv whose future rows are blank lines; its encoding stays as the clerk's program wrote it."""

    source: Path
    to: Path
    due: dict[int, date]
    _rows: list[list[str]] = field(default_factory=list)
    _encoding: str = "utf-8-sig"

    def __post_init__(self) -> None:
        raw = self.source.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._encoding = "gb18030"
            text = raw.decode(self._encoding)
        self._rows = list(csv.reader(io.StringIO(text, newline="")))

    def days(self) -> list[date]:
        """The days on which it grows."""
        return sorted(set(self.due.values()))

    def grow(self, until: date) -> None:
        """Write the file as it stood on that day."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        for number, row in enumerate(self._rows, start=1):
            writer.writerow(row if self.due.get(number, until) <= until else [])
        self.to.write_bytes(out.getvalue().encode(self._encoding))


def growing(folder: Path, to: Path, entries: Iterable[Entry], start: date) -> list[GrowingWorkbook | GrowingCsv]:
    """Every sheet of a folder, with the day of each row: its approval day, else that of the row above it."""
    to.mkdir(parents=True, exist_ok=True)
    rows: dict[str, dict[tuple[str, int], date | None]] = {}
    for entry in entries:
        rows.setdefault(entry.place.file, {})[(entry.place.sheet, entry.place.row)] = entry.approved_on
    files: list[GrowingWorkbook | GrowingCsv] = []
    for name, found in sorted(rows.items()):
        due = _filled(found, start)
        if name.lower().endswith(".csv"):
            files.append(GrowingCsv(folder / name, to / name, {number: day for (_, number), day in due.items()}))
        else:
            files.append(GrowingWorkbook(folder / name, to / name, due))
    return files


def _filled(found: dict[tuple[str, int], date | None], start: date) -> dict[tuple[str, int], date]:
    due, last = {}, start
    for key in sorted(found):
        last = max(found[key] or last, start)
        due[key] = last
    return due
