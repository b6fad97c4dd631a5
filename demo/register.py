"""The office's own sheets, growing row by row: each row appears in the watched folder on its approval day.

Rows keep their numbers: a row that is not due yet is missing, so that every problem names the row the clerk will find.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from defusedxml.ElementTree import fromstring

from rules.item import Entry

_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"[^>]*?(?:/>|>.*?</row>)', re.DOTALL)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class GrowingWorkbook:
    """A workbook whose future rows are left out of its sheets' XML: all else stays as the clerk's program wrote it."""

    source: Path
    to: Path
    due: dict[tuple[str, int], date]
    #: Links that begin so begin otherwise here.
    moved: Mapping[str, str] = field(default_factory=dict)
    _parts: list[tuple[zipfile.ZipInfo, bytes]] = field(default_factory=list)
    _sheets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with zipfile.ZipFile(self.source) as book:
            self._sheets = _sheet_parts(book)
            self._parts = [(info, self._moved(info, book.read(info))) for info in book.infolist()]

    def _moved(self, info: zipfile.ZipInfo, raw: bytes) -> bytes:
        for old, new in self.moved.items() if info.filename in self._sheets else ():
            raw = raw.replace(old.encode(), new.encode())
        return raw

    def days(self) -> list[date]:
        """The days on which it grows."""
        return sorted(set(self.due.values()))

    def grow(self, until: date) -> None:
        """Write the file as it stood on that day, under a temporary name first, as a saving program does."""
        part = self.to.with_name(f"~${self.to.name}.part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
            for info, raw in self._parts:
                sheet = self._sheets.get(info.filename)
                book.writestr(info.filename, raw if sheet is None else self._grown(sheet, raw, until))
        part.replace(self.to)

    def _grown(self, sheet: str, raw: bytes, until: date) -> bytes:
        def keep(row: re.Match[bytes]) -> bytes:
            return row[0] if self.due.get((sheet, int(row[1])), until) <= until else b""

        return _ROW.sub(keep, raw)


def _sheet_parts(book: zipfile.ZipFile) -> dict[str, str]:
    """The name of each sheet by the part of the file that holds it."""
    rels = fromstring(book.read("xl/_rels/workbook.xml.rels"))
    links = {link.attrib["Id"]: link.attrib["Target"].lstrip("/") for link in rels}
    found = {}
    for sheet in fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
        target = links[sheet.attrib[_LINK]]
        found[target if target.startswith("xl/") else f"xl/{target}"] = sheet.attrib["name"]
    return found


@dataclass
class GrowingCsv:
    """A .csv whose future rows are blank lines; its encoding stays as the clerk's program wrote it."""

    source: Path
    to: Path
    due: dict[int, date]
    moved: Mapping[str, str] = field(default_factory=dict)
    _rows: list[list[str]] = field(default_factory=list)
    _encoding: str = "utf-8-sig"

    def __post_init__(self) -> None:
        raw = self.source.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._encoding = "gb18030"
            text = raw.decode(self._encoding)
        for old, new in self.moved.items():
            text = text.replace(old, new)
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


def growing(
    folder: Path, to: Path, entries: Iterable[Entry], start: date, moved: Mapping[str, str]
) -> list[GrowingWorkbook | GrowingCsv]:
    """Every sheet of a folder, with the day of each row: its approval day, else that of the row above it.

    `moved`: how some links begin, and how they begin where the demonstration has the pages.
    """
    to.mkdir(parents=True, exist_ok=True)
    for sheet in [each for each in folder.iterdir() if each.suffix.lower() in (".xlsx", ".csv")]:
        shutil.copy2(sheet, to / sheet.name)  # one without any item is there from the first day
    rows: dict[str, dict[tuple[str, int], date | None]] = {}
    for entry in entries:
        rows.setdefault(entry.place.file, {})[(entry.place.sheet, entry.place.row)] = entry.approved_on
    files: list[GrowingWorkbook | GrowingCsv] = []
    for name, found in sorted(rows.items()):
        due = _filled(found, start)
        if name.lower().endswith(".csv"):
            files.append(GrowingCsv(folder / name, to / name, {number: day for (_, number), day in due.items()}, moved))
        else:
            files.append(GrowingWorkbook(folder / name, to / name, due, moved))
    return files


def _filled(found: dict[tuple[str, int], date | None], start: date) -> dict[tuple[str, int], date]:
    due, last = {}, start
    for key in sorted(found):
        last = max(found[key] or last, start)
        due[key] = last
    return due
