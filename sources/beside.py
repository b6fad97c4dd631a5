"""Files that lie beside a register and are named in its 附件 column: found, hashed, and read again when one is replaced."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from rules.item import Attachment, Entry, Place, Problem
from sources.base import Unread

#: Where attachments lie, if not in the register's own folder.
BESIDE = "附件"
MOST_BYTES = 50 * 1024 * 1024
_MARK = "#sha256="

#: Of a path inside the folder: size, time of change (ns), sha256.
Seen = tuple[int, int, str]
NOT_THERE: Seen = (-1, -1, "")


class Outside(ValueError):
    """A name that leads out of the folder."""


class Wrong(ValueError):
    """A named file that cannot be taken: what is wrong, and what a clerk does about it."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.text = text
        self.fix = fix


@dataclass
class Attached:
    """The attachments of one register while it is read."""

    folder: Path
    #: Endings of registers: such a file beside a register would itself be read as one.
    registers: Collection[str]
    #: What the last look saw; hashes of files that have not changed since are taken from it.
    before: Mapping[str, Seen]
    #: Whether a file has come to rest: one written just now may change once more without its time telling.
    rests: Callable[[os.stat_result], bool]
    seen: dict[str, Seen] = field(default_factory=dict)

    def entry(self, entry: Entry) -> Entry:
        """The entry with what its 附件 column names; a file that is not there is a problem of its row."""
        problems: list[Problem] = []
        found: list[Attachment] = []
        for each in entry.attachments:
            found += [each] if each.url else self._files(entry.place, each.name, problems)
        return replace(entry, attachments=tuple(found), problems=(*entry.problems, *problems))

    def _files(self, place: Place, text: str, problems: list[Problem]) -> Iterator[Attachment]:
        """A name may itself hold 、: the whole is looked for first."""
        parts = [part.strip() for part in text.split("、") if part.strip()]
        for name in [text] if self._is_there(text) else parts:
            try:
                path = self._found(name)
                where = path.relative_to(self.folder).as_posix()
                self.seen[where] = self.seen.get(where) or self._hashed(path, where)
            except (Wrong, OSError) as error:
                wrong = (
                    error
                    if isinstance(error, Wrong)
                    else Wrong(f"附件“{_short(name)}”打不开", "请关闭占用它的程序，检查权限")
                )
                problems.append(Problem(place, "附件", wrong.text, wrong.fix))
            else:
                yield Attachment(path.name, f"{where}{_MARK}{self.seen[where][2]}")

    def _is_there(self, name: str) -> bool:
        try:
            return self._path(name) is not None
        except Outside:
            return False

    def _path(self, name: str) -> Path | None:
        """The file of that name in 附件/ or in the folder itself, None if there is none; raises Outside."""
        paths = [inside(self.folder, each) for each in _places(name)]
        return next((path for path in paths if path.is_file()), None)

    def _found(self, name: str) -> Path:
        """The same, fit to be taken; raises Wrong, OSError."""
        try:
            path = self._path(name)
        except Outside:
            fix = f"只写文件名，把文件放在“{BESIDE}”文件夹中；不读取快捷方式和其他位置的文件"
            raise Wrong(f"附件“{_short(name)}”不在登记表的文件夹内", fix) from None
        if path is None:
            self.seen.update(dict.fromkeys(_places(name), NOT_THERE))
            fix = f"请把文件放在登记表旁边的“{BESIDE}”文件夹中，文件名与这里写的一致"
            raise Wrong(f"找不到附件“{_short(name)}”", fix)
        if path.parent == self.folder and path.suffix.lower() in self.registers:
            self.seen[path.name] = NOT_THERE
            raise Wrong(f"附件“{_short(name)}”和登记表放在一起，会被当成登记表读取", f"请移到“{BESIDE}”文件夹中")
        if path.stat().st_size > MOST_BYTES:
            raise Wrong(f"附件“{_short(name)}”超过50MB", "请压缩或分成几个文件")
        return path

    def _hashed(self, path: Path, where: str) -> Seen:
        """Raises OSError."""
        stat = path.stat()
        known = self.before.get(where)
        if known and known[:2] == (stat.st_size, stat.st_mtime_ns):
            return known
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return stat.st_size, stat.st_mtime_ns if self.rests(stat) else -1, digest


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"


def _places(name: str) -> tuple[str, str]:
    return f"{BESIDE}/{name}", name


def inside(folder: Path, name: str) -> Path:
    """A path below the folder, by plain steps only; raises Outside for .., an absolute path, or any link on the way."""
    plain = PurePosixPath(name.replace("\\", "/"))
    if (
        not name
        or plain.is_absolute()
        or "\x00" in name
        or any(part in ("..", "") or ":" in part for part in plain.parts)
    ):
        raise Outside(name)
    path = folder
    for part in plain.parts:
        path = path / part
        if path.is_symlink():
            raise Outside(name)
    return path


def same(folder: Path, seen: Mapping[str, Seen]) -> bool:
    """True if every attachment is as it was seen: there with that size and time, or still not there."""
    return all(_stat(folder / name) == (size, mtime) for name, (size, mtime, _) in seen.items())


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = os.lstat(path)
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns


def seen_of(seen: Mapping[str, Any]) -> dict[str, Seen]:
    """From a cursor, where lists stand for tuples."""
    return {str(name): (int(size), int(mtime), str(digest)) for name, (size, mtime, digest) in seen.items()}


def opened(folder: Path, attachment: Attachment) -> bytes:
    """What an attachment holds, if it still is what was read; raises Unread."""
    name, mark, digest = attachment.url.partition(_MARK)
    if not mark:
        raise Unread(f"附件“{attachment.name}”不在登记表的文件夹中，无法打开")
    try:
        path = inside(folder, name)
        if path.stat().st_size > MOST_BYTES:
            raise Unread(f"附件“{attachment.name}”超过50MB，未打开")
        content = path.read_bytes()
    except Outside:
        raise Unread(f"附件“{attachment.name}”不在登记表的文件夹内，未打开") from None
    except OSError as error:
        why = "文件已不在" if isinstance(error, FileNotFoundError) else "没有权限或被占用"
        raise Unread(f"附件“{attachment.name}”打不开（{why}）") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise Unread(f"附件“{attachment.name}”已被替换，下一次监看之后再打开")
    return content
