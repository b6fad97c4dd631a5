"""The 问题清单: an .xlsx beside the watched folder with every problem a clerk must mend."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from rules.item import Problem

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = (("文件", 28), ("工作表", 14), ("行", 6), ("列", 14), ("问题", 60), ("怎么改", 60))
#: What XML cannot carry.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 2_000


def write_problems(path: Path, problems: Sequence[Problem]) -> bool:
    """Write the list, or remove it when there is nothing to mend; False if somebody has it open, then nothing changes."""
    if is_open(path):
        return False
    try:
        if problems:
            _replace(path, problems)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def is_open(path: Path) -> bool:
    """True if Excel (~$) or WPS (.~) has the file open."""
    return (path.parent / f"~${path.name}").exists() or (path.parent / f".~{path.name}").exists()


def _replace(path: Path, problems: Sequence[Problem]) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=".问题清单", suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            _workbook(problems).save(file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            file.close()
            temporary.unlink(missing_ok=True)
            raise
    try:
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _workbook(problems: Sequence[Problem]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "问题清单"
    for column, (name, width) in enumerate(COLUMNS, start=1):
        cell = sheet.cell(1, column, name)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for row, problem in enumerate(problems, start=2):
        _write_row(sheet, row, problem)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:F{len(problems) + 1}"
    return book


def _write_row(sheet: Worksheet, row: int, problem: Problem) -> None:
    place = problem.place
    sheet.cell(row, 3, place.row or None)
    for column, text in ((1, place.file), (2, place.sheet), (4, problem.column), (5, problem.text), (6, problem.fix)):
        cell = sheet.cell(row, column, _ILLEGAL.sub("", text)[:_LONGEST])
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if text:  # a text that begins with = stays a text, also after somebody has edited it
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(("=", "+", "-", "@", "\t"))
