"""A watched folder of sheets: the clerk's own Excel or CSV, read again only when its content has changed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from rules.dates import SHANGHAI
from rules.item import Attachment, Entry, Place, Problem
from rules.school import Column
from sources.base import NO_SECRETS, Cursor, Fetched, Health, options_of
from sources.beside import Attached, Seen, opened, same, seen_of
from sources.delimited import read_csv
from sources.duplicates import mark_duplicates
from sources.excel import read_excel
from sources.grids import MOST_BYTES, Book, Refused, Unreadable
from sources.old_books import read_old
from sources.sheets import Reading, read_book

READERS: dict[str, Callable[[bytes], Book]] = {
    ".xlsx": read_excel, ".xlsm": read_excel, ".csv": read_csv,
    ".xls": read_old, ".et": read_old, ".ett": read_old, ".xlsb": read_old, ".ods": read_old,
}  # fmt: skip
#: Sheets all the same, but none the bot can open.
OLD_KINDS = frozenset((".numbers",))
#: What the bot itself writes beside a folder, and a clerk may drop into it: no registers of items.
OWN_SHEETS = ("问题清单", "待审清单")
#: A file that could not be opened on so many looks is a clerk's to mend.
LOOKS = 3
#: A file that rests for so long has a stat one may believe (FAT counts in steps of two seconds).
SETTLED_SECONDS = 2.0


@dataclass(frozen=True)
class Known:
    """What the cursor keeps of one file."""

    sha256: str = ""
    failed: int = 0
    #: Size and time, kept only once the file had come to rest; else (-1, -1).
    size: int = -1
    mtime_ns: int = -1
    sheets: tuple[str, ...] = ()
    #: Since when it could not be opened, in the office's time; "" while it can.
    since: str = ""
    #: The files that its rows name as attachments, as they were seen.
    attached: Mapping[str, Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Known:
        """From the cursor, where lists stand for tuples and what another version wrote is left out."""
        facts = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        return cls(
            **{**facts, "sheets": tuple(facts.get("sheets", ())), "attached": seen_of(facts.get("attached", {}))}
        )


@dataclass
class _Look:
    """What one look has found so far."""

    files: dict[str, Known] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    read: int = 0
    partial: bool = False

    def wait(self, name: str, why: str, known: Known | None) -> None:
        """Leave a file for the next round."""
        self.partial = True
        self.notes.append(f"{name}{why}")
        if known:
            self.files[name] = known


class Folder:
    """A directory whose sheets (READERS) are registers of items."""

    readers: ClassVar[Mapping[str, Callable[[bytes], Book]]] = READERS
    #: What to put there, in words for an empty folder.
    wanted = "登记表（.xlsx 或 .csv）"

    def __init__(self, column: Column, clock: Callable[[], datetime], env: Mapping[str, str] = NO_SECRETS) -> None:
        options_of(column, ())
        self._column = column
        self._clock = clock
        self._place = Path(column.place)
        self._settings = hashlib.sha256(repr(replace(column, every=timedelta())).encode()).hexdigest()[:16]

    def fetch(self, since: Cursor | None) -> Fetched:
        """Entries of the files that changed. What a file held is missing only if the file is in `whole`."""
        cursor = since or {}
        before = {name: Known.of(each) for name, each in cursor.get("files", {}).items()}
        if cursor.get("settings", self._settings) != self._settings:  # the same bytes mean something else now
            before = {name: replace(known, sha256="", size=-1, mtime_ns=-1) for name, known in before.items()}
        try:
            paths = sorted((p for p in self._place.iterdir() if self._is_register(p)), key=lambda path: path.name)
        except OSError as error:
            return _bad(cursor, f"文件夹{self._place}打不开（{_why(error)}），请检查路径、网络盘和权限")
        if not paths and not before:
            return Fetched(cursor=cursor, health=Health.UNCHANGED, note=f"文件夹还是空的，请放入{self.wanted}")
        if not paths:
            return _bad(cursor, f"文件夹{self._place}中没有文件了，请放入{self.wanted}")
        look = _Look()
        for path in paths:
            self._look_at(path, before.get(path.name), look)
        dropped = [name for name in before if name not in {path.name for path in paths}]
        look.notes.extend(f"{name}已不在文件夹中，其中的条目保留" for name in dropped)
        return _fetched(look, frozenset(path.name for path in paths), bool(dropped), self._settings)

    def open(self, entry_place: str, attachment: Attachment) -> bytes:
        """What an attachment beside the registers holds, if it still is what was read; raises Unread."""
        return opened(self._place, attachment)

    def _is_register(self, path: Path) -> bool:
        hidden = path.name.startswith(("~$", ".", *OWN_SHEETS))
        return not hidden and path.suffix.lower() in self.readers.keys() | OLD_KINDS and path.is_file()

    def _look_at(self, path: Path, known: Known | None, look: _Look) -> None:
        name = path.name
        try:
            stat = path.stat()
            if known and not known.failed and _same(stat, known) and same(self._place, known.attached):
                look.files[name] = known
                return
            if _locked(path):
                return look.wait(name, "正被打开，保存并关闭后再读取", known)
            self._read(path, stat, known or Known(), look)
        except (OSError, Unreadable) as error:
            self._failed(name, error, known or Known(), look)

    def _read(self, path: Path, stat: os.stat_result, known: Known, look: _Look) -> None:
        """Read a file that is not locked; raises OSError or Unreadable."""
        name = path.name
        try:
            content = _content(path, stat)
            if not _same(path.stat(), _with_stat(known, stat)):
                return look.wait(name, "正在写入，下次再读取", known)
            now = _with_stat(replace(known, sha256=hashlib.sha256(content).hexdigest(), failed=0, since=""), stat)
            if now.sha256 != known.sha256 or known.failed or not same(self._place, known.attached):
                attached = Attached(self._place, self.readers.keys(), known.attached, _rests)
                reading = self._reading(name, content, known, attached)
                sheets = tuple(sorted(reading.sheets)) if reading.whole else known.sheets
                now = replace(now, sheets=sheets, attached=attached.seen)
                _take(name, reading, look)
        except Refused as refused:
            now = replace(_with_stat(known, stat), sha256=_refused_hash(stat), failed=0, since="")
            if now.sha256 != known.sha256:
                look.partial = True
                look.notes.append(f"{name}未读取：{refused.text}")
                look.problems.append(Problem(Place(name), "", refused.text, refused.fix))
        look.files[name] = _settled(now, stat)

    def _reading(self, name: str, content: bytes, known: Known, attached: Attached) -> Reading:
        book = self.readers[Path(name).suffix.lower()](content)
        reading = read_book(name, book, self._column, frozenset(known.sheets))
        return replace(reading, entries=tuple(attached.entry(each) for each in reading.entries))

    def _failed(self, name: str, error: Exception, known: Known, look: _Look) -> None:
        """Told at once, as something that may pass; after LOOKS as a clerk's to mend."""
        since = known.since or f"{self._clock().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        failed = known.failed + 1
        look.wait(name, f"打不开（{_why(error)}），下次再读取", replace(known, failed=failed, since=since))
        tried = f"（{_why(error)}），自 {since} 起已试 {failed} 次"
        if failed < LOOKS:
            problem = Problem(Place(name), "", f"暂时打不开{tried}", "会自动再试；如正在保存或复制，请稍候")
        else:
            fix = "请确认文件完整、没有被占用、本程序有读取权限；在 Excel 或 WPS 中另存为新的 .xlsx 后重新放入"
            problem = Problem(Place(name), "", f"打不开{tried}", fix)
        look.problems.append(problem)


def _locked(path: Path) -> bool:
    """True if Excel (~$), WPS (.~) or LibreOffice has the file open."""
    names = (f"~${path.name}", f"~${path.name[2:]}", f".~{path.name}", f".~lock.{path.name}#")
    return any((path.parent / name).exists() for name in names)


def _content(path: Path, stat: os.stat_result) -> bytes:
    if path.suffix.lower() in OLD_KINDS:
        raise Refused(f"不能读取 {path.suffix} 格式", "请在 Excel 或 WPS 中另存为 .xlsx 后放入，并移走原文件")
    if stat.st_size > MOST_BYTES:
        raise Refused("文件超过30MB", "请按学年分成几个文件，并删除图片")
    return path.read_bytes()


def _same(stat: os.stat_result, known: Known) -> bool:
    return (stat.st_size, stat.st_mtime_ns) == (known.size, known.mtime_ns)


def _with_stat(known: Known, stat: os.stat_result) -> Known:
    return replace(known, size=stat.st_size, mtime_ns=stat.st_mtime_ns)


def _settled(known: Known, stat: os.stat_result) -> Known:
    """Forget the stat of a file that was written just now: it may change once more within the same tick."""
    return known if _rests(stat) else replace(known, size=-1, mtime_ns=-1)


def _rests(stat: os.stat_result) -> bool:
    return time.time() - stat.st_mtime > SETTLED_SECONDS


def _refused_hash(stat: os.stat_result) -> str:
    """Stands for the content of a file that is not read."""
    return f"refused:{stat.st_size}:{stat.st_mtime_ns}"


def _take(name: str, reading: Reading, look: _Look) -> None:
    look.read += 1
    look.entries.extend(reading.entries)
    look.problems.extend(reading.problems)
    if reading.whole:
        look.whole.add(name)


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "没有权限或被占用"
    if isinstance(error, FileNotFoundError):
        return "不存在"
    return "文件不完整或已损坏" if isinstance(error, Unreadable) else "读取出错"


def _bad(cursor: Cursor, note: str) -> Fetched:
    return Fetched(cursor=cursor, health=Health.BAD, note=note)


def _fetched(look: _Look, files: frozenset[str], dropped: bool, settings: str) -> Fetched:
    health = Health.GOOD if look.read or dropped else Health.UNCHANGED
    known = {name: {**asdict(each), "sheets": list(each.sheets)} for name, each in look.files.items()}
    return Fetched(
        entries=mark_duplicates(look.entries),
        problems=tuple(look.problems),
        cursor={"files": known, "settings": settings},
        health=Health.PARTIAL if look.partial else health,
        note="；".join(look.notes),
        whole=frozenset(look.whole),
        files=files,
    )
