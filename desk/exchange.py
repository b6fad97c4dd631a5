"""The 待审清单 beside the watched folder: written out as the queue stands, and what a clerk fills in is applied.

She saves it where it lies, or drops it back into the folder; either way the filled sheet is kept with what came of each row.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from desk import review, sheets
from desk.errors import DeskError
from jobs.office import Office
from rules.dates import SHANGHAI
from sources.problem_sheet import is_open
from store import facts

#: What a sheet is called that has been read.
READ = f"{review.SHEET}-已读-"
#: Under what the store keeps the hash of the queue as it was written last.
KEPT = "review_sheet"
_ROW = re.compile(r"第(\d+)行")


@dataclass
class Exchanged:
    """What one look came to, in rows; `note`: which sheet was not taken whole, and where it says why."""

    applied: int = 0
    refused: int = 0
    note: str = ""

    def tell(self, text: str) -> None:
        """One more for the note."""
        self.note = "；".join(filter(None, (self.note, text)))


def exchange(office: Office) -> Exchanged:
    """Apply what was filled in, then write the queue as it stands now."""
    done = Exchanged()
    folders = [Path(each.place) for each in office.school.columns if each.kind == "folder"]
    if not folders:  # the queue is then worked through at the command line
        return done
    home = folders[0].parent
    for path in _filled(home, folders):
        _apply(office, path, home, done)
    _write(office, home / f"{review.SHEET}.xlsx")
    return done


def _filled(home: Path, folders: Sequence[Path]) -> Iterator[Path]:
    """Sheets of ours that nobody has open, where they lie and where they were dropped."""
    for folder in dict.fromkeys((home, *folders)):
        for path in sorted(folder.glob(f"{review.SHEET}*.xlsx")):
            if not path.name.startswith(READ) and not is_open(path):
                yield path


def _apply(office: Office, path: Path, home: Path, done: Exchanged) -> None:
    """Each filled row by itself; the sheet is then put aside with the results. One without any is left where it is."""
    try:
        applied, wrong, _ = review.applied(office, path)
    except (DeskError, OSError) as error:
        done.tell(f"{path.name} 没有读取：{error}")
        with office.db.write() as conn:
            facts.raise_alarm(conn, f"待审清单:{path.name}"[:150], f"{path.name} 没有读取：{error}", office.now())
        return
    with office.db.write() as conn:
        facts.clear_alarm(conn, f"待审清单:{path.name}"[:150], office.now())
    if not applied and not wrong:
        if path.parent != home:
            path.unlink()
        return
    results = {int(found[1]): text for text in (*applied, *wrong) if (found := _ROW.search(text))}
    kept = home / f"{READ}{office.now().astimezone(SHANGHAI):%Y%m%d-%H%M%S}.xlsx"
    sheets.note_results(path, kept, results)
    path.unlink()
    _forget(office)
    done.applied += len(applied)
    done.refused += len(wrong)
    if wrong:
        done.tell(f"原因写在 {kept.name} 的“处理结果”列")
        with office.db.write() as conn:
            text = f"{path.name} 有 {len(wrong)} 行没有登记，原因写在 {kept.name} 的“处理结果”列：{wrong[0]}"
            facts.raise_alarm(conn, f"待审清单:{office.now():%Y%m%d%H%M%S}", text, office.now())


def _forget(office: Office) -> None:
    with office.db.write() as conn:
        facts.set_meta(conn, KEPT, "")


def _write(office: Office, path: Path) -> None:
    """Anew only when the queue has changed: a clerk may be about to fill it in."""
    rows = list(review.rows(office))
    mark = hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""
    with office.db.read() as conn:
        before = facts.get_meta(conn, KEPT) or ""
    if is_open(path) or (mark == before and path.exists() == bool(rows)):
        return
    try:
        if rows:
            path.parent.mkdir(parents=True, exist_ok=True)
            review.write_rows(path, rows)
        else:
            path.unlink(missing_ok=True)
    except OSError:  # open in a program that leaves no lock file: the next look tries again
        return
    with office.db.write() as conn:
        facts.set_meta(conn, KEPT, mark)
