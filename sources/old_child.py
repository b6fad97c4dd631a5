"""Reads one old office file in a process of its own: stdin the file, stdout its visible sheets as JSON.

A damaged .xls can make the reader (calamine, in Rust) end its whole process: it must not be the bot's. Run as a script,
it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from io import BytesIO
from typing import Any

#: What the process may take at most, where the system can say so.
MOST_MEMORY = 1024**3


def cell(value: Any) -> Any:
    """A cell as JSON can carry it: a day or an instant as {"day": ISO}."""
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def sheet(book: Any, name: str, most_rows: int) -> dict[str, Any]:
    """One sheet: its rows from the first on, how many it has, its merged ranges."""
    found = book.get_sheet_by_name(name)
    rows = found.to_python(skip_empty_area=False, nrows=most_rows + 1) if found.end else []
    return {
        "name": name,
        "rows": [[cell(value) for value in row] for row in rows],
        "height": found.end[0] + 1 if found.end else 0,
        "merged": found.merged_cell_ranges or [],
    }


def read(content: bytes, most_rows: int) -> dict[str, Any]:
    """The whole file; {"locked": true} for one with a password. Raises CalamineError."""
    from python_calamine import PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        book = load_workbook(BytesIO(content))
    except PasswordError:
        return {"locked": True}
    shown = [
        each.name
        for each in book.sheets_metadata
        if each.visible is SheetVisibleEnum.Visible and each.typ is SheetTypeEnum.WorkSheet
    ]
    return {"names": book.sheet_names, "sheets": [sheet(book, name, most_rows) for name in shown]}


def limit() -> None:
    """Keep a file that asks for much from taking the machine's memory."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit()
    json.dump(read(sys.stdin.buffer.read(), int(sys.argv[1])), sys.stdout)
